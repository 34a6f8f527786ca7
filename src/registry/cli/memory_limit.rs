//! Names the limits on memory and threads under which this process runs. The system's own errors say only that something is not available.

use rustix::process::{Resource, getrlimit};

/// What the system and SQLite say when a limit is reached.
///
/// Source: errno(3), EAGAIN and ENOMEM on Linux; SQLite, `SQLITE_NOMEM`.
const REACHED: [&str; 3] = ["(os error 11)", "(os error 12)", "out of memory"];

/// Returns the limit on the address space in words; `None` if there is none.
pub(super) fn address_space() -> Option<String> {
    let bytes = getrlimit(Resource::As).current?;
    Some(format!("the address space of this process is limited to {} MiB (`ulimit -v`)", bytes >> 20_u32))
}

/// Warns if the address space is limited.
pub(super) fn warn() {
    if let Some(limit) = address_space() {
        tracing::warn!("{limit}: without more room than the data and some 2 GiB for threads, work fails with `out of memory`");
    }
}

/// Returns what may have caused a failure, in words; `None` if it does not look like a limit that was reached.
pub(super) fn behind(failure: &str) -> Option<String> {
    if !REACHED.iter().any(|words| failure.contains(words)) {
        return None;
    }
    let threads = || getrlimit(Resource::Nproc).current.map(|most| format!("its user may have {most} threads (`ulimit -u`)"));
    let limits: Vec<String> = address_space().into_iter().chain(threads()).collect();
    Some(limits.join("; ")).filter(|limits| !limits.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refused_connection_has_no_limit_behind_it() {
        assert_eq!(behind("io: Connection refused (os error 111)"), None);
    }
}
