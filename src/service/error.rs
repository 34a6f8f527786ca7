//! What can go wrong in a use case.

use crate::ingest::IngestError;
use crate::store::StoreError;

/// Why an import was refused or failed. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The store.
    #[error("the store refused: {0}")]
    Store(#[source] StoreError),
    /// The file.
    #[error("{0}")]
    Ingest(#[source] IngestError),
    /// Too many entities of the register's last snapshot are missing.
    #[error(
        "{file} shows {missing} of the register's {listed} entities no longer (more than {limit_percent} %); if the register really shrank so, import it with --accept-shrink"
    )]
    Shrink {
        /// File.
        file: String,
        /// How many are missing.
        missing: usize,
        /// How many the snapshot before showed.
        listed: usize,
        /// The limit.
        limit_percent: usize,
    },
    /// Too few rows could be read.
    #[error(
        "only {taken} of {read} rows of {file} could be read (less than {limit_percent} %), the first because of {first}; mend the file, or import it with --accept-shrink"
    )]
    Unreadable {
        /// File.
        file: String,
        /// Rows that could be read.
        taken: u64,
        /// Rows.
        read: u64,
        /// The limit.
        limit_percent: u64,
        /// The first rejected row in words.
        first: String,
    },
    /// The document is not valid.
    #[error("{file} is refused: {reason}")]
    Document {
        /// File.
        file: String,
        /// Why.
        reason: String,
    },
    /// A key of the registry could not be used.
    #[error("{0}")]
    Key(#[source] crate::pki::KeyError),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<IngestError> for ImportError {
    fn from(error: IngestError) -> Self {
        Self::Ingest(error)
    }
}
