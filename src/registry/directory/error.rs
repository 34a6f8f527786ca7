//! What can go wrong in the directory.

use vasp_store::StoreError;

/// Why the directory could not be read or brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The store.
    #[error("the store refused: {0}")]
    Store(#[source] StoreError),
    /// A stored document no longer reads.
    #[error("the stored {kind} does not read: {reason}")]
    Document {
        /// Kind of the document.
        kind: &'static str,
        /// Why.
        reason: String,
    },
    /// A table that is compiled in does not read.
    #[error("the compiled-in {table} does not read: {reason}")]
    Embedded {
        /// Which.
        table: &'static str,
        /// Why.
        reason: String,
    },
    /// As many ask about the past as may at once.
    #[error("as many ask about the past as may at once")]
    PastBusy,
    /// The store was put back, or replaced, under the running process.
    #[error(
        "the log is not the one that this process has followed: another change stands at sequence {sequence}, or none. The database \
         was put back or replaced; start the process again"
    )]
    OtherHistory {
        /// The last sequence that was followed.
        sequence: i64,
    },
    /// More kinds of claims than the index can number, far beyond what fits into memory.
    #[error("the claims differ in more ways than the index can number: lower claim_index_limit")]
    IndexFull,
}

impl From<StoreError> for DirectoryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
