//! The report that every import ends with.

use serde::Serialize;
use vasp_record::register::{FlaggedRow, RejectedRow};
use vasp_words::time::Date;

/// What an import did, for people and machines.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ImportReport {
    /// Format.
    pub format: String,
    /// File.
    pub file: String,
    /// Day of the facts in it.
    pub observed_on: Option<Date>,
    /// Of a screening list that is not whole: its file, and what is missing. None of a whole one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
    /// Whether it was only a rehearsal.
    pub dry_run: bool,
    /// Rows read.
    pub read: u64,
    /// Rows that brought something new.
    pub taken: u64,
    /// Rows that only confirmed what was known.
    pub unchanged: u64,
    /// Rows that stand in the file twice.
    pub repeated: u64,
    /// Records made new.
    pub new: u64,
    /// Known records that changed.
    pub changed: u64,
    /// Known records that the file no longer shows.
    pub vanished: u64,
    /// Cases opened or joined, because it contradicts what stands here.
    pub cases: u64,
    /// A new rulebook that waits for two people.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<ProposalReport>,
    /// Changes appended to the log.
    pub log_changes: u64,
    /// Sequence after the import.
    pub sequence: i64,
    /// Rows that an import of the same file had done when it was killed.
    #[serde(skip_serializing_if = "is_none")]
    pub resumed_at: u64,
    /// Rows that were refused, each with line, column and reason.
    pub rejected: Vec<RejectedRow>,
    /// Rows that were refused beyond those: a list has an end.
    #[serde(skip_serializing_if = "is_none")]
    pub rejected_more: u64,
    /// Rows that were taken although something is odd about them.
    pub flagged: Vec<FlaggedRow>,
}

/// A new rulebook, with what it changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposalReport {
    /// Id.
    pub id: String,
    /// Whether it was proposed now, or waited already.
    pub is_new: bool,
    /// Version of the rulebook in force.
    pub replaces: String,
    /// A line each: version, member, from what to what.
    pub changes: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl ImportReport {
    /// Returns how many rows were refused.
    #[must_use]
    pub fn rejected_count(&self) -> u64 {
        u64::try_from(self.rejected.len()).unwrap_or(u64::MAX).saturating_add(self.rejected_more)
    }

    /// Returns the exit code of the command line: 0 no row rejected, 1 some rejected.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(!self.rejected.is_empty())
    }
}
