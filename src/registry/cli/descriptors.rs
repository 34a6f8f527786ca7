//! How many files and connections the operating system lets this process have. Without a look at it, a server with too many connections
//! could not open its own database.

use std::num::NonZeroU32;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Descriptors that are no connections of clients: the database's, the log's, sources, and calls to others. Ours.
const OWN: u64 = 192;

/// Raises the limit of descriptors as far as the process may, and returns how many of `most` connections fit.
pub(super) fn connections_that_fit(most: NonZeroU32) -> NonZeroU32 {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit })
    {
        tracing::warn!(error = %error, "the limit of open files cannot be raised");
    }
    let allowed = getrlimit(Resource::Nofile).current;
    let fitting = fitting(most, allowed);
    if let (true, Some(allowed)) = (fitting < most, allowed) {
        tracing::warn!(
            max_connections = fitting,
            "the operating system allows this process {allowed} open files: at most {fitting} connections instead of {most}; raise \
             LimitNOFILE or `ulimit -n`, or lower --max-connections"
        );
    }
    fitting
}

/// Returns how many connections fit. `None` allows any number.
fn fitting(most: NonZeroU32, allowed: Option<u64>) -> NonZeroU32 {
    let Some(allowed) = allowed else { return most };
    // Of few descriptors half are for connections: a server that answers somebody is better than none.
    let left = allowed.saturating_sub(OWN).max(allowed / 2);
    let left = u32::try_from(left).ok().and_then(NonZeroU32::new).unwrap_or(if left == 0 { NonZeroU32::MIN } else { most });
    left.min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_room_for_what_else_is_open() {
        let fit = |most, allowed| fitting(NonZeroU32::new(most).unwrap(), allowed).get();

        assert_eq!([fit(10_000, None), fit(10_000, Some(65_536)), fit(10_000, Some(u64::MAX))], [10_000; 3]);
        assert_eq!([fit(10_000, Some(1_024)), fit(500, Some(1_024)), fit(10_000, Some(100)), fit(5, Some(0))], [832, 500, 50, 1]);
    }
}
