//! Which registry a database is of: the first entry of its log says it. That entry's commitment is salted, so no two logs begin alike.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Text};
use vasp_words::time::UtcTime;

/// The first entry of a log.
#[derive(Clone, Debug, PartialEq, Eq, QueryableByName)]
pub(super) struct FirstEntry {
    #[diesel(sql_type = BigInt)]
    recorded_at: i64,
    #[diesel(sql_type = Text)]
    commitment: String,
}

/// The first entries of the log that a backup brings and of the one that it replaces; `None` if the log is empty or cannot be read.
#[derive(Clone, Debug, Default)]
pub(super) struct Beginnings {
    pub(super) brought: Option<FirstEntry>,
    pub(super) replaced: Option<FirstEntry>,
}

impl Beginnings {
    /// Says that the two are different registries; `None` if they are one, or nothing is replaced.
    pub(super) fn difference(&self) -> Option<String> {
        let replaced = self.replaced.as_ref().filter(|replaced| self.brought.as_ref() != Some(*replaced))?;
        let brought = self.brought.as_ref().map_or_else(|| "is empty".to_owned(), FirstEntry::shown);
        Some(format!(
            "the backup is of another registry than the one in its place: the backup's log {brought}, the other's {}",
            replaced.shown()
        ))
    }
}

impl FirstEntry {
    fn shown(&self) -> String {
        let begun = UtcTime::from_micros(self.recorded_at).map_or_else(|_| self.recorded_at.to_string(), |time| time.to_string());
        format!("began at {begun} (entry 1: {}…)", self.commitment.get(..12).unwrap_or(&self.commitment))
    }
}
