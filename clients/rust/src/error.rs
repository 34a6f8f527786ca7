//! What can go wrong, one type for each way to act on it. No text here contains a whole address or a key: see `subjects::redacted`. Every
//! module of the client makes these errors; this file only says what they are.

use std::time::Duration;

use vasp_words::closed_list::closed_list;

use crate::verdict::Condition;

closed_list! {
    /// Why a client cannot be made.
    pub enum ConfigurationCode {
        /// No URL was given, and `VASP_REGISTRY_URL` is not set.
        NoUrl = "no_url",
        /// The URL is not `https://HOST[/PATH]`.
        InvalidUrl = "invalid_url",
        /// The URL leads to another machine without TLS.
        PlainHttp = "plain_http",
        /// Both the key and a file with the key are set.
        TwoKeys = "two_keys",
        /// The file with the key cannot be read.
        NoKeyFile = "no_key_file",
        /// The key is empty, or has characters that no key has.
        InvalidKey = "invalid_key",
        /// The system provides no random bytes.
        NoRandomness = "no_randomness",
        /// A path, header or idempotency key cannot be sent in HTTP.
        InvalidRequest = "invalid_request",
    }

    /// Why there is no answer that may be used.
    pub enum UnavailableCode {
        /// No answer came in time.
        Timeout = "timeout",
        /// The connection failed.
        Connection = "connection",
        /// The registry asks to come back later (429).
        RateLimited = "rate_limited",
        /// The same request is still being processed (409).
        InProgress = "in_progress",
        /// The registry or a proxy before it is down (502, 503, 504).
        Unavailable = "unavailable",
        /// Any other failure of the server.
        ServerError = "server_error",
        /// The answer lacks what every answer has.
        Malformed = "malformed",
        /// The pre-check was to be recorded, and has no receipt.
        Unsigned = "unsigned",
        /// The answer was no longer valid when it arrived.
        Expired = "expired",
        /// The receipt or the keys cannot be read.
        Unreadable = "unreadable",
        /// No known key signed the receipt.
        UnknownKey = "unknown_key",
        /// The key was not in use when the receipt was signed.
        KeyNotInUse = "key_not_in_use",
        /// The answer is not the one that was signed.
        Altered = "altered",
        /// A sandbox signed it.
        Sandbox = "sandbox",
    }

    /// Why a subject was refused before anything was sent.
    pub enum InvalidSubjectCode {
        /// The subject is empty.
        Empty = "empty",
        /// It has a character that cannot be seen.
        InvisibleCharacter = "invisible_character",
        /// It has a letter that looks like another one.
        LookAlike = "look_alike",
        /// An address needs its network; `candidates` has those that it can be on.
        NetworkNeeded = "network_needed",
    }

    /// Why a transfer may not go on.
    pub enum NotClearedCode {
        /// Somebody has to do something first.
        Hold = "hold",
        /// The transfer must not be made.
        Reject = "reject",
        /// Conditions are not met; `conditions` has them.
        ConditionsOpen = "conditions_open",
        /// The pre-check named no address, so it clears none.
        CounterpartyOnly = "counterparty_only",
        /// The pre-check was not recorded, so it has no receipt.
        Unsigned = "unsigned",
        /// The pre-check is about the past.
        AsOf = "as_of",
        /// The answer is no longer valid.
        Expired = "expired",
        /// The clearance let a transfer go on already.
        Used = "used",
        /// The transfer is not the one that was asked about.
        OtherTransfer = "other_transfer",
    }

    /// Why something signed does not hold.
    pub enum NotVerifiedCode {
        /// It cannot be read.
        Unreadable = "unreadable",
        /// No known key signed it.
        UnknownKey = "unknown_key",
        /// The key was not in use when it was signed.
        KeyNotInUse = "key_not_in_use",
        /// It is not what was signed.
        Altered = "altered",
        /// A sandbox signed it.
        Sandbox = "sandbox",
        /// The entry is not in the log of this checkpoint.
        NotIncluded = "not_included",
        /// It is too old, or older than what you keep.
        TooOld = "too_old",
    }
}

/// Any error of a call.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Error {
    /// The client or the request cannot be made.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// There is no answer that may be used.
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    /// The registry refused the request.
    #[error(transparent)]
    Problem(#[from] Box<ProblemError>),
    /// The request was refused before it was sent.
    #[error(transparent)]
    InvalidSubject(#[from] InvalidSubject),
    /// The transfer may not go on.
    #[error(transparent)]
    NotCleared(#[from] NotCleared),
    /// Something signed does not hold.
    #[error(transparent)]
    NotVerified(#[from] NotVerified),
}

/// The client cannot be made: no URL, no usable key, or plain HTTP to another machine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct ConfigurationError {
    /// The reason, for programs.
    pub code: ConfigurationCode,
    /// The reason, for people.
    pub detail: String,
}

/// There is no answer that may be used. Treat it as `hold`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct Unavailable {
    /// The reason, for programs.
    pub code: UnavailableCode,
    /// The reason, for people.
    pub detail: String,
    /// The id of the last attempt in the registry's log; `None` if there is none.
    pub request_id: Option<String>,
    /// When the server can be asked again; `None` if it did not say.
    pub retry_after: Option<Duration>,
}

/// The registry refused the request with a problem document. Asking again in the same way will not help.
///
/// Source: RFC 9457.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct ProblemError {
    /// The registry's code of the problem.
    pub code: String,
    /// What happened, with addresses in short form.
    pub detail: String,
    /// The HTTP status.
    pub status: u16,
    /// The id of the request in the registry's log.
    pub request_id: Option<String>,
    /// The code of each fault in the request.
    pub field_codes: Vec<String>,
    /// Where each fault is, as JSON Pointer; empty if it has no place.
    pub pointers: Vec<String>,
}

/// The request was refused before anything was sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct InvalidSubject {
    /// The reason, for programs.
    pub code: InvalidSubjectCode,
    /// The reason, for people.
    pub detail: String,
    /// With `network_needed`: the networks that the address can be on, most likely first.
    pub candidates: Vec<String>,
}

/// The transfer may not go on.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct NotCleared {
    /// The reason, for programs.
    pub code: NotClearedCode,
    /// The reason, for people.
    pub detail: String,
    /// With `conditions_open`: what is still to be met.
    pub conditions: Vec<Condition>,
}

/// Something signed does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{code}: {detail}")]
pub struct NotVerified {
    /// The reason, for programs.
    pub code: NotVerifiedCode,
    /// The reason, for people.
    pub detail: String,
}

impl ConfigurationError {
    pub(crate) fn new(code: ConfigurationCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

impl Unavailable {
    pub(crate) fn new(code: UnavailableCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), request_id: None, retry_after: None }
    }

    pub(crate) fn malformed() -> Self {
        Self::new(UnavailableCode::Malformed, "the answer lacks what every answer has")
    }
}

impl InvalidSubject {
    pub(crate) fn new(code: InvalidSubjectCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), candidates: Vec::new() }
    }
}

impl NotCleared {
    pub(crate) fn new(code: NotClearedCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), conditions: Vec::new() }
    }
}

impl NotVerified {
    pub(crate) fn new(code: NotVerifiedCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    pub(crate) fn unreadable(what: &str) -> Self {
        Self::new(NotVerifiedCode::Unreadable, format!("{what} cannot be read"))
    }
}

/// A receipt that does not hold means that there is no answer.
impl From<NotVerified> for Unavailable {
    fn from(NotVerified { code, detail }: NotVerified) -> Self {
        let code = match code {
            NotVerifiedCode::Unreadable => UnavailableCode::Unreadable,
            NotVerifiedCode::UnknownKey => UnavailableCode::UnknownKey,
            NotVerifiedCode::KeyNotInUse => UnavailableCode::KeyNotInUse,
            NotVerifiedCode::Altered | NotVerifiedCode::NotIncluded => UnavailableCode::Altered,
            NotVerifiedCode::Sandbox => UnavailableCode::Sandbox,
            NotVerifiedCode::TooOld => UnavailableCode::Expired,
        };
        Self::new(code, detail)
    }
}
