//! A capability's refusal: a code of the closed list, what happened, and which part of the request is wrong. `http::error` renders it.

use std::borrow::Cow;
use std::error::Error;

use super::{ProblemCode, ServiceError};

/// What is wrong with one member of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// JSON pointer of the member (`/subjects/3/network`), `?name` of a query parameter, `{name}` of a path part.
    pub pointer: String,
    /// Closed code of the kind of fault.
    pub code: &'static str,
    /// What is wrong and what would be right.
    pub detail: String,
}

/// A record that may be the same VASP as a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DuplicateCandidate {
    /// Id of that record.
    pub vasp: vasp_words::ids::VaspId,
    /// Its legal name.
    pub legal_name: String,
    /// How similar it is, in percent.
    pub score_percent: u8,
    /// What the two records have in common.
    pub because: String,
}

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
#[error("{detail}")]
pub struct Refusal {
    pub(crate) code: ProblemCode,
    pub(crate) detail: Cow<'static, str>,
    pub(crate) faults: Vec<Fault>,
    pub(crate) candidates: Vec<DuplicateCandidate>,
    pub(crate) retry_after_secs: Option<u32>,
    #[source]
    pub(crate) cause: Option<Box<dyn Error + Send + Sync>>,
}

impl Refusal {
    /// Makes a refusal with a description of what happened, for people.
    pub(crate) fn new(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), faults: vec![], candidates: vec![], retry_after_secs: None, cause: None }
    }

    /// Makes a refusal with the code's own meaning as its description.
    pub(crate) fn of(code: ProblemCode) -> Self {
        Self::new(code, code.meaning())
    }

    /// Makes a refusal for a fault at one place of the request.
    pub(crate) fn at(code: ProblemCode, fault: Fault) -> Self {
        Self { faults: vec![fault.clone()], ..Self::new(code, fault.detail) }
    }

    /// Adds the parts of the request that are wrong.
    pub(crate) fn with_faults(self, faults: Vec<Fault>) -> Self {
        Self { faults, ..self }
    }

    /// Adds the records that may be the same VASP, most similar first.
    pub(crate) fn with_candidates(self, candidates: Vec<DuplicateCandidate>) -> Self {
        Self { candidates, ..self }
    }

    /// Sets after how many seconds the same request may succeed.
    pub(crate) fn retry_after_secs(self, secs: u32) -> Self {
        Self { retry_after_secs: Some(secs), ..self }
    }

    /// Adds the cause, for the log.
    pub(crate) fn because(self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self { cause: Some(cause.into()), ..self }
    }
}

impl From<Refusal> for ServiceError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

/// Returns an error for one member of a request: its place, the kind of fault, and what would be right.
pub(crate) fn invalid(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Invalid(Fault { pointer: pointer.into(), code, detail: detail.into() })
}

/// Returns an error for a member whose value is not valid.
pub(crate) fn invalid_value(pointer: impl Into<String>, detail: impl Into<String>) -> ServiceError {
    invalid(pointer, "invalid_value", detail)
}
