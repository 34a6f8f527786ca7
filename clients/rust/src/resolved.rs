//! Who owns a subject, as the registry answered. Reads only what every answer has; the rest is in `answer`.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use vasp_record::resolution::ResolutionStatus;
use vasp_words::lei::Lei;
use vasp_words::time::UtcTime;

use crate::error::Unavailable;
use crate::subjects::redacted;

/// Who owns a subject.
#[derive(Clone, PartialEq)]
pub struct Resolved {
    answer: Arc<Value>,
    status: ResolutionStatus,
    candidates: Vec<String>,
    subject: String,
    valid_until: UtcTime,
}

/// The owner of a subject: a VASP, or a group or brand of VASPs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Owner<'a>(&'a Value);

impl Resolved {
    /// Reads an answer; it must have what every answer has.
    pub(crate) fn of(answer: &Value) -> Result<Self, Unavailable> {
        Self::read(answer).ok_or_else(Unavailable::malformed)
    }

    fn read(answer: &Value) -> Option<Self> {
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let owners = answer.get("owners")?.as_array()?;
        owners.iter().all(|owner| owner.pointer("/vasp/id").is_some_and(Value::is_string)).then_some(())?;
        let candidates = answer.get("candidates")?.as_array()?.iter().map(text).collect::<Option<_>>()?;
        let status = ResolutionStatus::from_text(answer.get("status")?.as_str()?).unwrap_or(ResolutionStatus::Conflicted);
        let valid_until = answer.get("valid_until")?.as_str()?.parse().ok()?;
        let subject = answer.pointer("/subject/value")?.as_str()?.to_owned();
        Some(Self { answer: Arc::new(answer.clone()), status, candidates, subject, valid_until })
    }

    /// Returns what the registry said, whole. It has whole addresses: it is for you, not for a log.
    #[must_use]
    pub fn answer(&self) -> &Value {
        &self.answer
    }

    /// Returns the status. A status that this client does not know counts as `conflicted`.
    #[must_use]
    pub fn status(&self) -> ResolutionStatus {
        self.status
    }

    /// Returns the owner, if there is exactly one and nobody contradicts; else `None`.
    #[must_use]
    pub fn owner(&self) -> Option<Owner<'_>> {
        let owners = self.answer.get("owners").and_then(Value::as_array).filter(|_| self.status == ResolutionStatus::Owned)?;
        if let [owner] = owners.as_slice() { owner.get("vasp").map(Owner) } else { None }
    }

    /// Returns the networks that an address without a network can be on, most likely first.
    #[must_use]
    pub fn candidates(&self) -> &[String] {
        &self.candidates
    }

    /// Returns the time from which the answer may no longer be used.
    #[must_use]
    pub fn valid_until(&self) -> UtcTime {
        self.valid_until
    }
}

impl<'a> Owner<'a> {
    fn text(self, name: &str) -> Option<&'a str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Returns the id of its record.
    #[must_use]
    pub fn id(self) -> &'a str {
        self.text("id").unwrap_or_default()
    }

    /// Returns its legal name; `None` if the registry gave none.
    #[must_use]
    pub fn legal_name(self) -> Option<&'a str> {
        self.text("legal_name")
    }

    /// Returns its LEI; `None` if it has none.
    #[must_use]
    pub fn lei(self) -> Option<Lei> {
        self.text("lei").and_then(|lei| lei.parse().ok())
    }

    /// Returns what the registry said of it, whole.
    #[must_use]
    pub fn answer(self) -> &'a Value {
        self.0
    }
}

impl fmt::Debug for Resolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Resolved {} {}>", self.status, redacted(&self.subject))
    }
}
