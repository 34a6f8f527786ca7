//! The one place that turns an error into an HTTP answer: RFC 9457 `application/problem+json`. Handlers return `Result<_, Problem>`.
//! `http::edge` renders the problem, because only `edge` knows the request id, and logs its cause once.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue, TryIntoHeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::DirectoryError;
use crate::node::{DuplicateCandidate, Fault, ProblemCode, Refusal, ServiceError, Written, invalid, invalid_value};
use crate::telemetry::seldom;
use vasp_record::client_certificate::CertificateRefusal;
use vasp_words::error_chain::error_chain;

/// The media type of problem documents. Source: RFC 9457 §6.1, July 2023.
pub const PROBLEM_JSON: &str = "application/problem+json";

/// An error on its way to the caller.
#[derive(Debug)]
pub struct Problem {
    code: ProblemCode,
    detail: Cow<'static, str>,
    pub(super) errors: Vec<FieldError>,
    candidates: Box<[CandidateView]>,
    headers: Vec<(HeaderName, HeaderValue)>,
    cause: Option<Box<dyn Error + Send + Sync>>,
}

/// One fault in a request: its place, its kind, and what is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldError {
    /// Place of the fault: a JSON Pointer (RFC 6901) into the body, `?name` for a query parameter, or `{name}` for a part of the path.
    /// Empty if the connection's client certificate is at fault.
    #[schema(example = "/beneficiary/network")]
    pub pointer: String,
    /// Kind of fault, in snake_case.
    #[schema(example = "unknown_member")]
    pub code: Cow<'static, str>,
    /// What is wrong and what would be right, in words for people.
    pub detail: String,
}

/// A record that may be the same VASP as a new one.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
#[schema(as = DuplicateCandidate)]
pub struct CandidateView {
    /// Id of that record.
    vasp: String,
    legal_name: String,
    /// How similar it is, from 0 to 1.
    score: f64,
    /// What the two records have in common.
    because: String,
}

/// Where the pages are that explain problems: below the server's public URL, if it is known.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProblemPages(String);

impl ProblemPages {
    /// The pages below a public URL; `None` if it is not known, and then readers resolve a relative reference.
    #[must_use]
    pub fn below(public_url: Option<&str>) -> Self {
        Self(public_url.map(|url| url.trim_end_matches('/').to_owned()).unwrap_or_default())
    }

    fn of(&self, code: ProblemCode) -> String {
        format!("{}/problems/{}", self.0, code.as_str())
    }
}

/// A problem document (RFC 9457).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct ProblemView<'a> {
    /// `/problems/{code}`, a page that explains the problem; an absolute URL if the server knows its public one.
    #[schema(example = "/problems/not_found")]
    r#type: String,
    code: ProblemCode,
    /// A short title, always the same for one code.
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 404)]
    status: u16,
    /// What happened this time, in words for people.
    detail: &'a str,
    /// Id of the request, as in the header `X-Request-Id`.
    request_id: &'a str,
    /// Whether the same request may succeed later: wait the seconds of `Retry-After`, and send it again under the same `Idempotency-Key`.
    retryable: bool,
    /// The faults of the request; empty if no single place is at fault.
    errors: &'a [FieldError],
    /// Records that may be the same VASP, most similar first; present only with `possible_duplicate` and `duplicate`.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    #[schema(required = false)]
    candidates: &'a [CandidateView],
}

impl Problem {
    /// Makes a problem from a code and what happened this time. For a 5xx code, fixed text replaces the detail.
    #[must_use]
    pub fn new(code: ProblemCode, detail: impl Into<Cow<'static, str>>) -> Self {
        let detail = if code.status() >= 500 { Cow::Borrowed(code.meaning()) } else { detail.into() };
        Self { code, detail, errors: Vec::new(), candidates: Box::default(), headers: Vec::new(), cause: None }
    }

    /// Makes a 500 problem whose cause goes to the log and never to the caller.
    #[must_use]
    pub fn internal(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::new(ProblemCode::InternalError, "").with_cause(cause)
    }

    /// Makes a problem for one member of a request: its place, the kind of fault, and what would be right.
    #[must_use]
    pub fn invalid(pointer: impl Into<String>, code: &'static str, detail: impl Into<String>) -> Self {
        invalid(pointer, code, detail).into()
    }

    /// Makes a problem for a member whose value is not valid.
    #[must_use]
    pub fn invalid_value(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        invalid_value(pointer, detail).into()
    }

    /// Returns the faults of the request that it names.
    #[must_use]
    pub fn errors(&self) -> &[FieldError] {
        &self.errors
    }

    /// Adds a fault at one place of the request.
    #[must_use]
    pub fn with_error(mut self, error: FieldError) -> Self {
        self.errors.push(error);
        self
    }

    /// Returns the problem with `place`, such as `/subjects/3`, put before the place of each fault.
    #[must_use]
    pub fn inside(mut self, place: &str) -> Self {
        for error in &mut self.errors {
            error.pointer.insert_str(0, place);
        }
        self
    }

    /// Adds a header to the answer; a header that HTTP does not allow is left out.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName, value: impl TryIntoHeaderValue) -> Self {
        if let Ok(value) = value.try_into_value() {
            self.headers.push((name, value));
        }
        self
    }

    /// Adds a `Retry-After` header of `secs` seconds.
    #[must_use]
    pub fn retry_after_secs(self, secs: u32) -> Self {
        self.with_header(header::RETRY_AFTER, secs.to_string())
    }

    /// Adds what caused the problem, for the log.
    #[must_use]
    pub fn with_cause(mut self, cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Returns the [`Problem`] inside an error, if it is one.
    #[must_use]
    pub fn of(error: &actix_web::Error) -> Option<&Self> {
        error.as_error::<Self>()
    }

    /// Returns one word for why the database refused a write; `None` if it did not.
    #[must_use]
    pub fn refusal(&self) -> Option<&'static str> {
        let known = self.cause.as_ref()?.downcast_ref::<ServiceError>().and_then(ServiceError::refusal);
        known.or_else(|| (self.code == ProblemCode::OutcomeUnknown).then_some("out_of_touch"))
    }

    /// Returns the code.
    #[must_use]
    pub fn code(&self) -> ProblemCode {
        self.code
    }

    /// Returns what happened this time, in words for people: the first fault's words, or the detail.
    #[must_use]
    pub fn words(&self) -> &str {
        self.errors.first().map_or(&self.detail, |error| &error.detail)
    }

    /// Returns what distinguishes this refusal from others of its code: the first fault's kind, or the code itself.
    #[must_use]
    pub fn reason(&self) -> &str {
        self.errors.first().map_or(self.code.as_str(), |error| &error.code)
    }

    /// Returns the problem document for the request `request_id`.
    #[must_use]
    pub fn view<'a>(&'a self, request_id: &'a str, pages: &ProblemPages) -> ProblemView<'a> {
        ProblemView {
            r#type: pages.of(self.code),
            retryable: self.code.is_retryable(),
            code: self.code,
            title: self.code.title(),
            status: self.code.status(),
            detail: &self.detail,
            request_id,
            errors: &self.errors,
            candidates: &self.candidates,
        }
    }

    /// Returns the answer to the request `request_id`, and logs the chain of causes if there is one. Call it once only.
    #[must_use]
    pub fn answer(&self, request_id: &str, pages: &ProblemPages) -> HttpResponse {
        self.log_cause("a request failed");
        let mut response = HttpResponse::build(self.status_code());
        for header in &self.headers {
            response.append_header(header.clone());
        }
        // RFC 9110, 11.6.1: every 401 says how to authenticate.
        if self.code == ProblemCode::Unauthenticated {
            response.insert_header((header::WWW_AUTHENTICATE, "Bearer"));
        }
        response.insert_header((header::CACHE_CONTROL, "no-store")).insert_header((header::CONTENT_TYPE, PROBLEM_JSON));
        match serde_json::to_vec(&self.view(request_id, pages)) {
            Ok(body) => response.body(body),
            Err(_) => response.finish(),
        }
    }
}

impl Problem {
    /// Logs the chain of causes if there is one. While the database is away or takes no writes, few lines say so for all requests.
    fn log_cause(&self, words: &'static str) {
        let Some(cause) = &self.cause else { return };
        let held_back = match self.code.status() {
            503 => match seldom(self.refusal().unwrap_or(self.code.as_str())) {
                Some(held_back) => Some(held_back).filter(|count| *count > 0),
                None => return,
            },
            _ => None,
        };
        let (code, chain) = (self.code.as_str(), error_chain(cause.as_ref()));
        tracing::error!(problem.code = code, error.chain = chain, lines.held_back = held_back, "{words}");
    }

    /// Returns what a request that only reads is told: that nothing can be written is of no use to it.
    #[must_use]
    pub(super) fn to_reader(&self) -> Option<Self> {
        let cause = self.cause.as_ref().map_or_else(String::new, |cause| error_chain(cause.as_ref()).to_string());
        let problem = || Self::new(ProblemCode::NotReady, "").retry_after_secs(5).with_cause(cause);
        (self.code == ProblemCode::NoWrites).then(problem)
    }

    /// Returns the document's text, for a problem that is part of a larger answer. Logs its cause.
    #[must_use]
    pub(crate) fn document(&self, request_id: &str, pages: &ProblemPages) -> Written {
        self.log_cause("a part of a request failed");
        Written::of(&self.view(request_id, pages))
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let Refusal { code, detail, faults, candidates, retry_after_secs, cause } = refusal;
        let fault = |Fault { pointer, code, detail }| FieldError { pointer, code: code.into(), detail };
        let candidate = |candidate: DuplicateCandidate| CandidateView {
            vasp: candidate.vasp.to_string(),
            legal_name: candidate.legal_name,
            score: f64::from(candidate.score_percent) / 100.0,
            because: candidate.because,
        };
        let mut problem = Self::new(code, detail);
        problem.errors = faults.into_iter().map(fault).collect();
        problem.candidates = candidates.into_iter().map(candidate).collect();
        problem.cause = cause;
        match retry_after_secs {
            Some(secs) => problem.retry_after_secs(secs),
            None => problem,
        }
    }
}

/// The refusals that hold for every write, until somebody mends their cause.
const NOTHING_IS_WRITTEN: &[&str] = &[
    "clock_behind",
    "clock_jumped",
    "data_damaged",
    "disk_failed",
    "disk_full",
    "log_ahead",
    "not_durable",
    "read_only",
    "standby",
];

/// Returns the code and the seconds to wait, for an error after which a retry may succeed.
fn when_unavailable(error: &ServiceError) -> (ProblemCode, u32) {
    match error {
        ServiceError::Directory(DirectoryError::PastBusy) => (ProblemCode::PastBusy, 3),
        error if error.is_undecided() => (ProblemCode::OutcomeUnknown, 5),
        error if error.refusal().is_some_and(|cause| NOTHING_IS_WRITTEN.contains(&cause)) => (ProblemCode::NoWrites, 5),
        _ => (ProblemCode::NotReady, 1),
    }
}

impl From<ServiceError> for Problem {
    fn from(error: ServiceError) -> Self {
        if error.is_unavailable() {
            let (code, secs) = when_unavailable(&error);
            return Self::new(code, "").retry_after_secs(secs).with_cause(error);
        }
        match error {
            ServiceError::Store(_)
            | ServiceError::Directory(_)
            | ServiceError::Key(_)
            | ServiceError::Thread { .. }
            | ServiceError::CallsNobody
            | ServiceError::Failed(_)
            | ServiceError::Unwritable(_)
            | ServiceError::Unreadable { .. } => Self::internal(error),
            ServiceError::Unauthenticated(detail) => Self::new(ProblemCode::Unauthenticated, detail),
            ServiceError::Overloaded => Self::new(ProblemCode::NotReady, "").retry_after_secs(1),
            ServiceError::Forbidden(detail) => Self::new(ProblemCode::Forbidden, detail),
            ServiceError::NotFound(detail) => Self::new(ProblemCode::NotFound, detail),
            ServiceError::Invalid(fault) => Refusal::at(ProblemCode::InvalidRequest, fault).into(),
            ServiceError::Changed(detail) => Self::new(ProblemCode::StaleVersion, detail),
            ServiceError::IllegalStep(detail) => Self::new(ProblemCode::IllegalStep, detail),
            ServiceError::Conflict(fault) => Refusal::at(ProblemCode::Conflict, fault).into(),
            ServiceError::Refused(refusal) => (*refusal).into(),
        }
    }
}

impl From<CertificateRefusal> for Problem {
    fn from(refusal: CertificateRefusal) -> Self {
        // The connection is at fault, not a member of the request.
        let fault = FieldError { pointer: String::new(), code: refusal.code().into(), detail: refusal.to_string() };
        Self::new(ProblemCode::Unauthenticated, refusal.to_string()).with_error(fault)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl Error for Problem {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        let cause: &(dyn Error + 'static) = self.cause.as_deref()?;
        Some(cause)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// The problem answers that every operation can give.
#[derive(Debug)]
pub enum Problems {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn detail_of_a_server_error_is_fixed_text() {
        let problem = Problem::new(ProblemCode::InternalError, "password is hunter2");

        assert_eq!(problem.view("req_1", &ProblemPages::default()).detail, ProblemCode::InternalError.meaning());
    }

    #[test]
    fn document_has_the_members_of_the_contract() {
        let fault = FieldError { pointer: "/a".to_owned(), code: "unknown_member".into(), detail: "no".to_owned() };
        let problem = Problem::new(ProblemCode::InvalidRequest, "one member is unknown").with_error(fault);

        let document = serde_json::to_value(problem.view("req_1", &ProblemPages::default())).unwrap();

        let expected = serde_json::json!({
            "type": "/problems/invalid_request", "code": "invalid_request", "title": "The request is not valid", "status": 422,
            "detail": "one member is unknown", "request_id": "req_1", "retryable": false,
            "errors": [{"pointer": "/a", "code": "unknown_member", "detail": "no"}]
        });
        assert_eq!(document, expected);
    }

    #[test]
    fn type_is_absolute_if_the_public_url_is_known() {
        let problem = Problem::new(ProblemCode::NotReady, "");

        let [plain, known] = [None, Some("https://registry.example.org/")].map(|url| {
            let pages = ProblemPages::below(url);
            serde_json::to_value(problem.view("", &pages)).unwrap()
        });

        assert_eq!((&plain["type"], &plain["retryable"]), (&"/problems/not_ready".into(), &true.into()));
        assert_eq!(known["type"], "https://registry.example.org/problems/not_ready");
    }

    #[test]
    fn problem_stays_small_enough_to_return() {
        assert!(size_of::<Problem>() <= 128);
    }
}
