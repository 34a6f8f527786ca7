//! The report of a verification.

use std::fmt;

use super::{Place, Suspects};

/// Something stored that differs from what the log recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Altered {
    /// The table.
    pub table: &'static str,
    /// Which row, by its key.
    pub row: String,
    /// What is wrong with it.
    pub what: String,
}

impl fmt::Display for Altered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}: {}", self.table, self.row, self.what)
    }
}

/// Maximum number of altered rows in a report. The verification then ends.
const NAMED: usize = 100;

/// What a verification recomputed and found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What is altered; empty if everything is as the log says.
    pub altered: Vec<Altered>,
    /// What a later check reads again.
    pub suspects: Suspects,
    /// Documents whose file is not in the folder.
    pub missing_files: Vec<String>,
    /// Where the verification began; `None` if at the beginning.
    pub begun_at: Option<Place>,
    /// Whether only some batches of claims and some days of pre-checks were read.
    pub is_sample: bool,
    /// Whether the verification was stopped before its end.
    pub is_stopped: bool,
    /// Why claims or documents were not recomputed.
    pub not_covered: Vec<&'static str>,
    /// Number of entries of the log.
    pub entries: i64,
    /// Number of erased payloads.
    pub erased: u64,
    /// Root over all entries, base64.
    pub root: String,
    /// Number of entries that the newest checkpoint covers; `None` if there is none.
    pub signed: Option<i64>,
    /// Number of events of the audit chain.
    pub audit_events: u64,
    /// Number of VASPs.
    pub vasps: u64,
    /// Number of versions of facts.
    pub facts: u64,
    /// Number of batches of claims.
    pub batches: u64,
    /// Number of claims.
    pub claims: u64,
    /// Number of files of documents.
    pub documents: u64,
}

impl Report {
    /// Returns whether everything that was read is as the log says.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.altered.is_empty()
    }

    pub(super) fn note(&mut self, altered: Altered) {
        if !self.is_full() {
            self.altered.push(altered);
        }
    }

    /// Records what was not recomputed, and why.
    pub(super) fn not_cover(&mut self, what: &'static str) {
        if !self.not_covered.contains(&what) {
            self.not_covered.push(what);
        }
    }

    /// Returns whether the report has its maximum number of altered rows.
    pub(super) fn is_full(&self) -> bool {
        self.altered.len() >= NAMED
    }
}
