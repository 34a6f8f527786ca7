//! Which directory a question is about: the current one, or that of an earlier time or sequence (`as_of`).

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use super::{Registry, ServiceError};
use crate::directory::Generation;
use crate::node::invalid;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_record::vasp_name::VaspName;
use vasp_store::Conn;
use vasp_words::time::{Date, UtcTime, serde_as_text};

/// A point in record time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AsOf {
    /// After this sequence.
    Sequence(i64),
    /// At this time.
    Time(UtcTime),
}

impl fmt::Display for AsOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sequence(sequence) => write!(f, "seq:{sequence}"),
            Self::Time(time) => time.fmt(f),
        }
    }
}

serde_as_text!(AsOf);

impl FromStr for AsOf {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{}` is neither `seq:N` nor an RFC 3339 time", text.chars().take(40).collect::<String>());
        match text.strip_prefix("seq:") {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().map(Self::Sequence).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
            None => text.parse().map(Self::Time).map_err(|_| wrong()),
        }
    }
}

/// Pins the whole directory of `as_of`, with the records of that day. Asks the store; only a few such directories may be in memory at the
/// same time.
///
/// # Errors
/// `ServiceError::Invalid` for a point in the future; `ServiceError::NotFound` before the first change; `Directory`.
pub fn pin_at(registry: &Registry, as_of: AsOf, now: UtcTime) -> Result<Arc<Generation>, ServiceError> {
    let (present, sequence, day) = settle(registry, as_of, now)?;
    let directory = registry.directory();
    Ok(if sequence >= present.sequence() { directory.on_day(&present, day) } else { directory.at(sequence, day) }?)
}

/// Pins just the part of the directory that shows the records of one name on `day`. Without `as_of` it uses the current directory; without
/// `day`, the day of that directory. Asks the store.
pub fn pin_around(
    registry: &Registry,
    name: VaspName,
    as_of: Option<AsOf>,
    day: Option<Date>,
    now: UtcTime,
) -> Result<Arc<Generation>, ServiceError> {
    let (present, sequence, then) = match as_of {
        Some(as_of) => settle(registry, as_of, now)?,
        None => {
            let present = registry.pin(now);
            let (sequence, today) = (present.sequence(), present.day());
            (present, sequence, today)
        }
    };
    Ok(registry.directory().around(name, sequence.min(present.sequence()), day.unwrap_or(then))?)
}

/// Returns the current directory, the sequence that `as_of` means, and its day.
fn settle(registry: &Registry, as_of: AsOf, now: UtcTime) -> Result<(Arc<Generation>, i64, Date), ServiceError> {
    let present = registry.pin(now);
    let future = match as_of {
        AsOf::Sequence(sequence) => sequence > present.sequence(),
        AsOf::Time(time) => time > now.max(present.as_of()),
    };
    if future {
        let detail = format!("`as_of` is in the future; the directory is at seq:{}", present.sequence());
        return Err(invalid("?as_of", "in_the_future", detail));
    }
    let pinned = |conn: &mut Conn| match as_of {
        AsOf::Sequence(sequence) => conn.pinnable_sequence(sequence),
        AsOf::Time(time) => conn.sequence_at(time),
    };
    // Record times only rise. So this directory already has everything recorded until then, and that part changes no more.
    let is_past = match as_of {
        AsOf::Sequence(_) => true,
        AsOf::Time(time) => time <= present.as_of(),
    };
    let store = registry.store();
    let (sequence, recorded_at) = if is_past { store.read_at(present.sequence(), pinned) } else { store.read(pinned) }?;
    let Some(recorded_at) = recorded_at else {
        return Err(ServiceError::NotFound("The directory had no record at that point.".to_owned()));
    };
    let asked_at = match as_of {
        AsOf::Sequence(_) => recorded_at,
        AsOf::Time(time) => time,
    };
    // The store may briefly be ahead of this node's directory. Catch up first, so that the index is not asked about changes it has not
    // applied.
    let present = if sequence > present.sequence() {
        registry.directory().catch_up()?;
        registry.pin(now)
    } else {
        present
    };
    Ok((present, sequence, asked_at.date()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn both_spellings_are_read_and_others_refused() {
        assert_eq!("seq:12".parse(), Ok(AsOf::Sequence(12)));
        assert_eq!("2026-01-01T00:00:00Z".parse(), Ok(AsOf::Time("2026-01-01T00:00:00Z".parse().unwrap())));
        for text in ["seq:", "seq:-1", "seq:1x", "12", "2026-01-01", "seq:99999999999999999999"] {
            assert!(text.parse::<AsOf>().is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics(text in "\\PC*") {
            let _ = text.parse::<AsOf>();
        }
    }
}
