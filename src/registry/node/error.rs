//! What can go wrong in a use case.

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

/// What is wrong with one member of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer of the member (`/subjects/3/network`), `?name` of a query parameter, `{name}` of a path part.
    pub pointer: String,
    /// Closed code.
    pub code: &'static str,
    /// What is wrong and what would be right.
    pub detail: String,
}

/// Refuses a member of a request: where it is, which kind of fault it is, and what would be right.
pub(crate) fn invalid(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Invalid(Fault { pointer: pointer.into(), code, detail: detail.into() })
}

/// Refuses the value of a member of a request.
pub(crate) fn invalid_value(pointer: impl Into<String>, detail: impl Into<String>) -> ServiceError {
    invalid(pointer, "invalid_value", detail)
}

/// Why a use case gave no answer.
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
    /// The registry's certificate authority could not sign.
    #[error(transparent)]
    Authority(vasp_pki::ca::CaError),
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
    /// No credentials, or none that are right.
    #[error("{0}")]
    Unauthenticated(&'static str),
    /// Too many attempts were wrong: the next is looked at later.
    #[error("too many attempts were wrong; the next is looked at in {secs} s")]
    BackOff {
        /// In how many seconds.
        secs: u32,
    },
    /// Claims of the member that contradict others' wait for a reviewer, and more would be too many.
    #[error("{most} claims and more wait for a reviewer")]
    TooManyWaiting {
        /// How many may.
        most: u32,
    },
    /// Too many people sign in at this moment.
    #[error("too many people sign in at this moment")]
    Overloaded,
    /// An OpenID provider does not answer.
    #[error("an OpenID provider does not answer")]
    Provider(#[source] vasp_outbound::OpenIdError),
    /// A link did not go by mail.
    #[error("a link did not go by mail")]
    Mail(#[source] vasp_outbound::MailError),
    /// The credentials do not allow it.
    #[error("{0}")]
    Forbidden(String),
    /// A person is to sign in: a key or certificate will not do.
    #[error("a person is to sign in")]
    SessionNeeded,
    /// Acting for a VASP that the caller may not act for.
    #[error("{0}")]
    NotDelegated(String),
    /// There is no such record.
    #[error("{0}")]
    NotFound(String),
    /// Several live records have this LEI.
    #[error("{0}")]
    AmbiguousLei(String),
    /// What is asked about cannot be read as such.
    #[error("{}", .0.detail)]
    InvalidSubject(Fault),
    /// What is asked about can be read in several ways.
    #[error("{}", .0.detail)]
    AmbiguousSubject(Fault),
    /// The asset lies on another network than the address.
    #[error("{}", .0.detail)]
    AssetNetworkMismatch(Fault),
    /// A kind of subject that is not answered.
    #[error("{}", .0.detail)]
    UnsupportedKind(Fault),
    /// An option that is not answered.
    #[error("{}", .0.detail)]
    UnsupportedOption(Fault),
    /// A member that is not valid.
    #[error("{}", .0.detail)]
    Invalid(Fault),
    /// What was sent is refused for several reasons.
    #[error("{detail}")]
    InvalidMany {
        /// What is refused.
        detail: String,
        /// Each reason.
        faults: Vec<Fault>,
    },
    /// What was to be changed is not what the caller has seen.
    #[error("{0}")]
    Changed(String),
    /// The first request under the same idempotency key is not done yet.
    #[error("the first request under this Idempotency-Key is not done yet")]
    InProgress,
    /// Another request was made under the same idempotency key.
    #[error("another request was made under this Idempotency-Key")]
    KeyReused,
    /// The same person proposed it, or made whoever approves it.
    #[error("{0}")]
    SamePerson(String),
    /// The step does not follow from where the thing stands.
    #[error("{0}")]
    IllegalStep(String),
    /// It is there already, or in use.
    #[error("{}", .0.detail)]
    Conflict(Fault),
    /// Neither method proves a domain.
    #[error("{detail}")]
    NotProven {
        /// What is not proven.
        detail: String,
        /// What each method saw.
        faults: Vec<Fault>,
    },
    /// This process was started without the means to call out.
    #[error("this process does not call out")]
    CallsNobody,
    /// Records that may be the same VASP.
    #[error("{} records may be the same VASP", .0.len())]
    PossibleDuplicate(Vec<DuplicateCandidate>),
    /// It is, or names, records that wait for their owner, and their domain is not proven.
    #[error("{} is another record's: {}", .fault.pointer, .fault.detail)]
    Duplicate {
        /// What would be right.
        fault: Fault,
        /// The records.
        candidates: Vec<DuplicateCandidate>,
    },
}

/// A record that may be the same VASP as a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateCandidate {
    /// Its id.
    pub vasp: vasp_words::ids::VaspId,
    /// Its name.
    pub legal_name: String,
    /// How alike, in percent.
    pub score_percent: u8,
    /// What is alike.
    pub because: String,
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
