//! Errors of use cases.

use super::refusal::{Fault, Refusal};
use vasp_ingest::IngestError;
use vasp_store::StoreError;

/// Why an import was refused or failed; nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The store failed.
    #[error("the database operation failed")]
    Store(#[source] StoreError),
    /// The file cannot be read.
    #[error(transparent)]
    Ingest(IngestError),
    /// Too many entities of the register's previous snapshot are missing.
    #[error(
        "{file} no longer contains {missing} of the register's {listed} entities (more than {limit_percent} %); if the register really shrank so much, import it with --accept-shrink"
    )]
    Shrink {
        /// Name of the file.
        file: String,
        /// Number of entities that are missing.
        missing: usize,
        /// Number of entities in the previous snapshot.
        listed: usize,
        /// The limit, in percent.
        limit_percent: usize,
    },
    /// Too few rows could be read.
    #[error(
        "only {taken} of {read} rows of {file} could be read (less than {limit_percent} %), the first failed because of {first}; correct the file, or import it with --accept-shrink"
    )]
    Unreadable {
        /// Name of the file.
        file: String,
        /// Number of rows that could be read.
        taken: u64,
        /// Number of rows in the file.
        read: u64,
        /// The limit, in percent.
        limit_percent: u64,
        /// The first rejected row, in words.
        first: String,
    },
    /// The document is not valid.
    #[error("{file} is refused: {reason}")]
    Document {
        /// Name of the file.
        file: String,
        /// Why it is not valid.
        reason: String,
    },
    /// A file of a source could not be used before anything was read from it. Why, in words.
    #[error("{0}")]
    Unusable(String),
    /// A key of the registry could not be used.
    #[error(transparent)]
    Key(vasp_pki::KeyError),
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

/// Why a use case failed. Failures that only one capability knows are [`Refusal`]s.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The store failed.
    #[error("the database operation failed")]
    Store(#[source] StoreError),
    /// The directory failed.
    #[error("the directory failed")]
    Directory(#[source] crate::directory::DirectoryError),
    /// A key could not be used.
    #[error(transparent)]
    Key(vasp_pki::KeyError),
    /// The operating system could not start a thread.
    #[error("a thread could not be started")]
    Thread {
        /// The operating system's error.
        #[source]
        source: std::io::Error,
    },
    /// A stored record cannot be read.
    #[error("a stored {what} cannot be read: {reason}")]
    Unreadable {
        /// Kind of the record.
        what: &'static str,
        /// Why it cannot be read.
        reason: String,
    },
    /// A record or an answer cannot be written.
    #[error("a record or an answer has no JSON form")]
    Unwritable(#[from] serde_json::Error),
    /// This process was started without the means to make outgoing calls.
    #[error("this process makes no outgoing calls")]
    CallsNobody,
    /// Something else in the server failed.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
    /// Too many callers do the same at this moment.
    #[error("too many callers do the same at the moment")]
    Overloaded,
    /// Credentials are missing or wrong.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The credentials do not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such record.
    #[error("{0}")]
    NotFound(String),
    /// A member of the request is not valid.
    #[error("{}", .0.detail)]
    Invalid(Fault),
    /// What the caller wants to change is no longer what it has seen.
    #[error("{0}")]
    Changed(String),
    /// The step is not possible in the current state.
    #[error("{0}")]
    IllegalStep(String),
    /// It exists already, or is in use.
    #[error("{}", .0.detail)]
    Conflict(Fault),
    /// Any other refusal.
    #[error(transparent)]
    Refused(Box<Refusal>),
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<crate::directory::DirectoryError> for ServiceError {
    fn from(error: crate::directory::DirectoryError) -> Self {
        Self::Directory(error)
    }
}

impl ServiceError {
    /// Returns the first part of the request that is wrong; `None` if it is not about the request.
    #[must_use]
    pub fn fault(&self) -> Option<&Fault> {
        match self {
            Self::Invalid(fault) | Self::Conflict(fault) => Some(fault),
            Self::Refused(refusal) => refusal.faults.first(),
            _ => None,
        }
    }

    /// Returns what makes the error of a stored record from its reader's error.
    pub(crate) fn unreadable<E: ToString>(what: &'static str) -> impl Fn(E) -> Self {
        move |error| Self::Unreadable { what, reason: error.to_string() }
    }

    /// Returns whether the same request may succeed later, because the database is away or busy.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        use crate::directory::DirectoryError;
        let error = match self {
            Self::Store(error) | Self::Directory(DirectoryError::Store(error)) => error,
            Self::Directory(DirectoryError::PastBusy) => return true,
            _ => return false,
        };
        error.is_unavailable()
    }

    /// Returns whether nothing is written because the clock is wrong.
    #[must_use]
    pub(crate) fn is_of_the_clock(&self) -> bool {
        matches!(self.of_store(), Some(StoreError::Clock(_)))
    }

    /// Returns whether the database is away, damaged, or takes no writes, which the condition of the node tells.
    #[must_use]
    pub(crate) fn is_of_the_database(&self) -> bool {
        self.refusal().is_some() && !matches!(self.of_store(), Some(StoreError::Files(_)))
    }

    /// Returns one word for why the database refused a write; `None` if it did not.
    #[must_use]
    pub fn refusal(&self) -> Option<&'static str> {
        self.of_store().and_then(StoreError::refusal)
    }

    /// Returns whether the write may have been kept although it failed.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        self.of_store().is_some_and(StoreError::is_undecided)
    }

    fn of_store(&self) -> Option<&StoreError> {
        match self {
            Self::Store(error) | Self::Directory(crate::directory::DirectoryError::Store(error)) => Some(error),
            _ => None,
        }
    }
}
