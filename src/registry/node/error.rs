//! What can go wrong in a use case.

use super::refusal::{Fault, Refusal};
use vasp_ingest::IngestError;
use vasp_store::StoreError;

/// Why an import was refused or failed. Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The store.
    #[error("the store refused")]
    Store(#[source] StoreError),
    /// The file.
    #[error(transparent)]
    Ingest(IngestError),
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

/// Why there is no answer. What only one capability says is [`Refusal`]s of its own.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    /// The store.
    #[error("the store refused")]
    Store(#[source] StoreError),
    /// The directory.
    #[error("the directory refused")]
    Directory(#[source] crate::directory::DirectoryError),
    /// A key could not be used.
    #[error(transparent)]
    Key(vasp_pki::KeyError),
    /// No thread.
    #[error("a thread could not be started")]
    Thread {
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A stored record does not read.
    #[error("a recorded {what} does not read: {reason}")]
    Unreadable {
        /// What.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// This process was started without the means to call out.
    #[error("this process does not call out")]
    CallsNobody,
    /// Something else in the server failed.
    #[error(transparent)]
    Failed(Box<dyn std::error::Error + Send + Sync>),
    /// Too many do the same at this moment.
    #[error("too many do the same at this moment")]
    Overloaded,
    /// No credentials, or none that are right.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// The credentials do not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// There is no such record.
    #[error("{0}")]
    NotFound(String),
    /// A member that is not valid.
    #[error("{}", .0.detail)]
    Invalid(Fault),
    /// What was to be changed is not what the caller has seen.
    #[error("{0}")]
    Changed(String),
    /// The step does not follow from where the thing stands.
    #[error("{0}")]
    IllegalStep(String),
    /// It is there already, or in use.
    #[error("{}", .0.detail)]
    Conflict(Fault),
    /// Anything else.
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
    /// Tells whether the same request may succeed later: the database is away or busy.
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

    /// Says in one word why the database refused a write; `None` where it did not.
    #[must_use]
    pub fn refusal(&self) -> Option<&'static str> {
        self.of_store().and_then(StoreError::refusal)
    }

    /// Tells whether the write may be kept although it failed.
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
