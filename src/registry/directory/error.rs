//! Errors of the directory.

use vasp_store::StoreError;

/// The reason why the directory could not be read or brought up to date.
#[derive(Debug, thiserror::Error)]
pub enum DirectoryError {
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(#[source] StoreError),
    /// A stored document can no longer be read.
    #[error("the stored {kind} cannot be read: {reason}")]
    Document {
        /// Kind of the document.
        kind: &'static str,
        /// Why it cannot be read.
        reason: String,
    },
    /// A compiled-in table cannot be read.
    #[error("the built-in {table} cannot be read: {reason}")]
    Embedded {
        /// Name of the table.
        table: &'static str,
        /// Why it cannot be read.
        reason: String,
    },
    /// Too many questions about the past at the same time.
    #[error("too many questions about the past are running at the same time; try again later")]
    PastBusy,
    /// The store was restored or replaced under the running process.
    #[error(
        "the log is not the one that this process has followed: it has another change at sequence {sequence}, or none. The \
         database was restored or replaced; restart the process"
    )]
    OtherHistory {
        /// The last sequence that this process followed.
        sequence: i64,
    },
    /// More kinds of claims than the index can number; memory would run out long before.
    #[error("the claims have more different combinations of properties than the index can hold; lower claim_index_limit")]
    IndexFull,
}

impl From<StoreError> for DirectoryError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
