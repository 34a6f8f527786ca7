//! The report that every import ends with.

use serde::Serialize;
use vasp_record::register::{FlaggedRow, HeldRow, RejectedRow};
use vasp_words::time::Date;

/// What an import did, in a form for people and machines.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ImportReport {
    /// Name of the format.
    pub format: String,
    /// Name of the file.
    pub file: String,
    /// Day of the facts in the file; `None` if unknown.
    pub observed_on: Option<Date>,
    /// For an incomplete screening list: its file, and what is missing. `None` for a complete list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub partial: Option<String>,
    /// For a screening list: its addresses that no network reads, so that no address can match them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unmatchable: Vec<UnmatchableAddress>,
    /// Whether it was a dry run, which stores nothing.
    pub dry_run: bool,
    /// Rows read.
    pub read: u64,
    /// Rows with something new.
    pub taken: u64,
    /// Rows that only confirmed known facts.
    pub unchanged: u64,
    /// Rows that are in the file twice.
    pub repeated: u64,
    /// New records.
    pub new: u64,
    /// Known records that changed.
    pub changed: u64,
    /// Known records that are no longer in the file.
    pub vanished: u64,
    /// For a screening list: what it lost in 30 days, if that is much; otherwise `None`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shrunk: Option<String>,
    /// Cases opened or joined because the file contradicts the directory.
    pub cases: u64,
    /// The search for links from brands to firms after the import; `None` if the import needs none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub brands: Option<BrandSearch>,
    /// A new rulebook or table of authorities that waits for the approval of two people; `None` if there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposal: Option<ProposalReport>,
    /// Changes appended to the log.
    pub log_changes: u64,
    /// Sequence after the import.
    pub sequence: i64,
    /// Rows that an earlier import of the same file had finished when it was killed.
    #[serde(skip_serializing_if = "is_none")]
    pub resumed_at: u64,
    /// Rows that were refused, each with line, column and reason.
    pub rejected: Vec<RejectedRow>,
    /// Number of further refused rows that are not in `rejected`, which has a maximum length.
    #[serde(skip_serializing_if = "is_none")]
    pub rejected_more: u64,
    /// Rows of a register that are kept aside, because the registry cannot name their authority yet.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held: Vec<HeldRow>,
    /// Ids of the cases about the authorities of held rows. Empty if no row is held.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waiting: Vec<String>,
    /// Rows that were accepted although something about them is unusual.
    pub flagged: Vec<FlaggedRow>,
}

/// An address of a screening list that no network reads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UnmatchableAddress {
    /// Number of its entry.
    pub uid: String,
    /// Name of its entry.
    pub name: String,
    /// The address as published.
    pub text: String,
}

/// What a search for links from brands to firms did after an import.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BrandSearch {
    /// New links from brands to firms. Each is a proposal until two people accept it.
    pub proposed: u64,
    /// Cases opened or joined because of links.
    pub cases: u64,
    /// Why the search failed; `None` if it did not. The import itself is done.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
}

/// A proposed rulebook, or amendment of the table of authorities, with its changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProposalReport {
    /// Id.
    pub id: String,
    /// Whether it was proposed now. False if it was waiting already.
    pub is_new: bool,
    /// Version of the document in force.
    pub replaces: String,
    /// The route under which two people decide.
    pub decide_at: String,
    /// The changes, one per line: what changes, member, old value, new value.
    pub changes: Vec<String>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks so")]
fn is_none(count: &u64) -> bool {
    *count == 0
}

impl ImportReport {
    /// Returns the number of refused rows.
    #[must_use]
    pub fn rejected_count(&self) -> u64 {
        u64::try_from(self.rejected.len()).unwrap_or(u64::MAX).saturating_add(self.rejected_more)
    }

    /// Returns the exit code of the command line: 0 if every row was taken, 1 if some were rejected or held, or if the search for
    /// brands failed.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        let has_failed = self.brands.as_ref().is_some_and(|search| search.failed.is_some());
        u8::from(!self.rejected.is_empty() || !self.held.is_empty() || has_failed)
    }
}
