//! What a pre-check says, and the only way from there to a transfer: `Verdict::proceed`. Whatever is not a clear, signed and current yes is
//! a no.

use std::fmt;
use std::sync::Arc;

use serde_json::Value;
use vasp_rules::policy::{ConditionCode, Recommendation};
use vasp_words::time::UtcTime;

use crate::ask::in_short;
use crate::clearance::Clearance;
use crate::error::{NotCleared, NotClearedCode, Unavailable};
use crate::receipts::Receipt;
use crate::world::World;

/// What a pre-check recommends.
#[derive(Clone)]
pub struct Verdict {
    request: Arc<Value>,
    answer: Arc<Value>,
    receipt: Option<Receipt>,
    recommendation: Recommendation,
    conditions: Vec<Condition>,
    reasons: Vec<String>,
    valid_until: UtcTime,
    world: Arc<dyn World>,
}

/// A condition that must be met before a transfer goes on.
#[derive(Clone, PartialEq)]
pub struct Condition {
    code: String,
    answer: Value,
}

impl Condition {
    fn of(answer: &Value) -> Option<Self> {
        Some(Self { code: answer.get("code")?.as_str()?.to_owned(), answer: answer.clone() })
    }

    /// Returns its code as the registry wrote it.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Returns its code; `None` if this client does not know it. Such a condition must be met, too.
    #[must_use]
    pub fn known(&self) -> Option<ConditionCode> {
        ConditionCode::from_text(&self.code)
    }

    /// Returns what the registry said of it, whole.
    #[must_use]
    pub fn answer(&self) -> &Value {
        &self.answer
    }
}

impl Verdict {
    /// Reads an answer; it must have what every answer has.
    pub(crate) fn of(
        request: &Value,
        answer: &Value,
        receipt: Option<Receipt>,
        world: Arc<dyn World>,
    ) -> Result<Self, Unavailable> {
        Self::read(request, answer, receipt, world).ok_or_else(Unavailable::malformed)
    }

    fn read(request: &Value, answer: &Value, receipt: Option<Receipt>, world: Arc<dyn World>) -> Option<Self> {
        let list = |name: &str| answer.get(name).and_then(Value::as_array);
        let reasons = list("reasons")?.iter().map(|reason| Some(reason.get("code")?.as_str()?.to_owned()));
        let conditions = list("conditions")?.iter().map(Condition::of);
        answer.get("scope")?.as_str()?;
        Some(Self {
            recommendation: Recommendation::from_text(answer.get("recommendation")?.as_str()?).unwrap_or(Recommendation::Hold),
            valid_until: answer.get("valid_until")?.as_str()?.parse().ok()?,
            reasons: reasons.collect::<Option<_>>()?,
            conditions: conditions.collect::<Option<_>>()?,
            request: Arc::new(request.clone()),
            answer: Arc::new(answer.clone()),
            receipt,
            world,
        })
    }

    /// Returns what the registry said, whole. It has whole addresses: it is for you, not for a log.
    #[must_use]
    pub fn answer(&self) -> &Value {
        &self.answer
    }

    /// Returns the request as it was sent. Keep it beside the answer, to check the receipt later.
    #[must_use]
    pub fn request(&self) -> &Value {
        &self.request
    }

    /// Returns what the registry signed; `None` if the pre-check was not recorded.
    #[must_use]
    pub fn receipt(&self) -> Option<&Receipt> {
        self.receipt.as_ref()
    }

    /// Returns the recommendation. One that this client does not know counts as `hold`.
    #[must_use]
    pub fn recommendation(&self) -> Recommendation {
        self.recommendation
    }

    /// Returns the conditions that the registry named.
    #[must_use]
    pub fn conditions(&self) -> &[Condition] {
        &self.conditions
    }

    /// Returns the time from which the answer may no longer be used.
    #[must_use]
    pub fn valid_until(&self) -> UtcTime {
        self.valid_until
    }

    /// Returns what lets this transfer go on. `met` is asked about every condition: has it been met?
    ///
    /// # Errors
    /// `NotCleared` unless the transfer may go on.
    pub fn proceed(&self, mut met: impl FnMut(&Condition) -> bool) -> Result<Clearance, NotCleared> {
        let refused = |code, detail: &str| Err(NotCleared::new(code, detail));
        let code = match self.recommendation {
            Recommendation::Reject => Some(NotClearedCode::Reject),
            Recommendation::Hold => Some(NotClearedCode::Hold),
            Recommendation::ProceedWithConditions | Recommendation::Proceed => None,
        };
        if let Some(code) = code {
            let reasons = self.reasons.join(", ");
            return refused(code, if reasons.is_empty() { "the registry gave no reason" } else { &reasons });
        }
        if self.recommendation == Recommendation::ProceedWithConditions && self.conditions.is_empty() {
            return refused(NotClearedCode::Hold, "conditions are asked for and none is named");
        }
        let conditions: Vec<Condition> = self.conditions.iter().filter(|condition| !met(condition)).cloned().collect();
        if !conditions.is_empty() {
            let detail = conditions.iter().map(Condition::code).collect::<Vec<_>>().join(", ");
            return Err(NotCleared { code: NotClearedCode::ConditionsOpen, detail, conditions });
        }
        let word = |from: &Value, name: &str, wanted: &str| from.get(name).and_then(Value::as_str) == Some(wanted);
        if !word(&self.answer, "scope", "transfer") && !word(&self.request, "direction", "incoming") {
            return refused(NotClearedCode::CounterpartyOnly, "the pre-check named no address, so it clears none");
        }
        if self.request.get("as_of").is_some_and(|as_of| !as_of.is_null()) {
            return refused(NotClearedCode::AsOf, "the pre-check is about the past");
        }
        let Some(receipt) = &self.receipt else {
            return refused(NotClearedCode::Unsigned, "the pre-check was not recorded, so it has no receipt");
        };
        Ok(Clearance::of((&*self.request, &*self.answer), receipt.clone(), self.valid_until, self.world.clone()))
    }
}

impl fmt::Debug for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.answer.get("id").and_then(Value::as_str).unwrap_or("unrecorded");
        write!(f, "<Verdict {} {id} {}>", self.recommendation, in_short(&self.request))
    }
}

impl fmt::Debug for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Condition {}>", self.code)
    }
}
