//! What a verification came to.

use std::fmt;

use super::Place;

/// Something stored that is not as the log says that it was written.
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

/// So many are named; the verification ends there.
const NAMED: usize = 100;

/// What was recomputed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// What is altered; empty where all is as the log says.
    pub altered: Vec<Altered>,
    /// Numbers of the batches that are altered.
    pub altered_batches: Vec<i64>,
    /// Documents whose file is not in the folder.
    pub missing_files: Vec<String>,
    /// Where it began, where not at the beginning.
    pub begun_at: Option<Place>,
    /// Whether only some batches of claims were read.
    pub is_sample: bool,
    /// Whether it was told to stop before its end.
    pub is_stopped: bool,
    /// Why claims, or documents, were not recomputed.
    pub not_covered: Vec<&'static str>,
    /// Entries of the log.
    pub entries: i64,
    /// Payloads that were erased.
    pub erased: u64,
    /// Root over all entries, base64.
    pub root: String,
    /// How many entries the newest checkpoint covers.
    pub signed: Option<i64>,
    /// Events of the audit chain.
    pub audit_events: u64,
    /// VASPs, and versions of facts about them.
    pub vasps: u64,
    /// Versions of facts.
    pub facts: u64,
    /// Batches of claims.
    pub batches: u64,
    /// Claims.
    pub claims: u64,
    /// Files of documents.
    pub documents: u64,
}

impl Report {
    /// Tells whether everything that was read is as the log says.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.altered.is_empty()
    }

    pub(super) fn note(&mut self, altered: Altered) {
        if !self.is_full() {
            self.altered.push(altered);
        }
    }

    /// Notes what is not recomputed, and why.
    pub(super) fn not_cover(&mut self, what: &'static str) {
        if !self.not_covered.contains(&what) {
            self.not_covered.push(what);
        }
    }

    /// Tells whether as many are named as ever are.
    pub(super) fn is_full(&self) -> bool {
        self.altered.len() >= NAMED
    }
}
