//! The verdict of a pre-check: what was decided and what to do, without the evidence. Everything that this type writes is signed; what is
//! sent with it and not signed has the type `NotSigned`. It borrows from the answer, so that rendering copies each text once.

mod actions;
mod parts;
mod text;
mod transfer;

use serde::{Serialize, Serializer};
use utoipa::ToSchema;

use super::evidence::PrecheckEvidence;
use super::rendering::Rendering;
use super::{ENGINE, PrecheckAnswer};
use crate::http::DirectoryView;
use crate::node::ValidUntil;
pub(crate) use actions::{ConditionView, NextStepView, NoteView, ReasonView};
use parts::{BestRouteView, CandidateView, CounterpartyView, DataView, OwnerView, Scope};
pub(crate) use text::{VerdictText, unsigned_text};
use transfer::TransferView;
use vasp_record::environment::Environment;
use vasp_rules::policy::{Circumstance, QuestionMember, Recommendation};
use vasp_rules::precheck::{CheckCode, NextStep};
use vasp_words::ids::PrecheckId;

/// Most candidates that a verdict names.
const CANDIDATES_MAX: usize = 5;

/// The answer of a pre-check: the verdict.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = Precheck)]
pub(crate) struct Verdict<'a> {
    /// Id of the recorded pre-check; null if it was not recorded.
    #[schema(example = "pre_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: Option<String>,
    recommendation: Recommendation,
    /// Whether you asked about an address or Travel Address. A `proceed` about a counterparty alone does not approve any address.
    scope: Scope,
    /// Whether the outcome of any check is unknown.
    incomplete: bool,
    /// Why the recommendation is not `proceed`, worst first.
    #[schema(value_type = Vec<ReasonView>)]
    reasons: Vec<ReasonView<'a>>,
    /// What must be met before you send data or assets, or credit the customer. At least one for `proceed_with_conditions`, none for
    /// `reject`.
    #[schema(value_type = Vec<ConditionView>)]
    conditions: Vec<ConditionView<'a>>,
    /// Steps that would help to go ahead. At least one for `hold` and `reject`.
    #[schema(value_type = Vec<NextStepView>)]
    next_steps: Vec<NextStepView<'a>>,
    /// Codes of findings for information only; they have no consequences. The evidence has them with sentences.
    notes: Vec<CheckCode>,
    /// The counterparty's legal entity; null if none is settled.
    #[schema(value_type = Option<CounterpartyView>)]
    counterparty: Option<CounterpartyView<'a>>,
    /// Other entities that the counterparty may be, instead of or besides the settled one; at most five.
    #[schema(value_type = Vec<CandidateView>)]
    candidates: Vec<CandidateView<'a>>,
    /// How many more candidates there are; absent if `candidates` has all.
    #[serde(skip_serializing_if = "Option::is_none")]
    candidates_more: Option<usize>,
    /// The member of the request to ask again with, to settle the counterparty; null if nothing is open, or if you gave it.
    #[schema(example = "beneficiary.customer_country")]
    question: Option<&'static str>,
    /// The claim that decided who owns the address; null if nobody is known to own it, if parties disagree, or if you asked about no
    /// address.
    #[schema(value_type = Option<OwnerView>)]
    owner: Option<OwnerView<'a>>,
    #[schema(value_type = DataView)]
    data: DataView<'a>,
    /// The best route that you can use; null if there is none.
    #[schema(value_type = Option<BestRouteView>)]
    route: Option<BestRouteView<'a>>,
    #[schema(value_type = TransferView)]
    transfer: TransferView<'a>,
    /// The policy that judged, `name@version`.
    #[schema(example = "default@6")]
    policy: String,
    /// Version of the rulebook.
    rulebook: &'a str,
    /// The program version that computed the answer.
    engine: &'static str,
    directory: DirectoryView,
    valid_until: ValidUntil,
    /// `sandbox` where everything is invented, `demo` where the policy is that of a demonstration; null in a live registry.
    environment: Option<Environment>,
    /// SHA-256 of the evidence's canonical JSON (RFC 8785); null if the pre-check was not recorded and you did not ask for the evidence.
    #[schema(example = "sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b")]
    evidence_digest: Option<&'a str>,
    /// The signed receipt (compact JWS); null if the pre-check was not recorded. It signs all members but itself and `evidence`.
    #[serde(skip_serializing_if = "NotSigned::is_left_out")]
    #[schema(required, value_type = Option<String>, example = "eyJhbGciOiJFZERTQSIsImtpZCI6Ii4uLiJ9.eyJpc3MiOiIuLi4ifQ.c2lnbmF0dXJl")]
    receipt: NotSigned,
    /// The evidence; absent unless you asked for it with `?view=full`, `alternatives` or `explanation`.
    #[serde(skip_serializing_if = "NotSigned::is_left_out")]
    #[schema(value_type = Option<PrecheckEvidence>)]
    evidence: NotSigned,
}

/// A member that is sent with a verdict and not signed. The verdict itself never writes it; `text` adds it behind what is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct NotSigned;

impl NotSigned {
    fn is_left_out(&self) -> bool {
        true
    }
}

impl Serialize for NotSigned {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_unit()
    }
}

impl<'a> Verdict<'a> {
    /// Renders the verdict of an answer.
    pub(super) fn of(from: &Rendering<'a>, id: Option<PrecheckId>, evidence_digest: Option<&'a str>) -> Self {
        let (answer, generation) = (from.answer, from.answer.generation.as_ref());
        let outcome = &answer.outcome;
        let left_out = answer.candidates.len().saturating_sub(CANDIDATES_MAX);
        Self {
            id: id.map(|id| id.to_string()),
            recommendation: outcome.recommendation,
            scope: if from.question.asks_of_transfer() { Scope::Transfer } else { Scope::Counterparty },
            incomplete: outcome.incomplete,
            reasons: outcome.reasons.iter().map(ReasonView::from).collect(),
            conditions: outcome.conditions.iter().zip(1..).map(ConditionView::of).collect(),
            next_steps: outcome.next_steps.iter().map(|step| NextStepView::of(step, outcome.counterparty)).collect(),
            notes: note_codes(answer),
            counterparty: answer.counterparty.as_deref().map(CounterpartyView::from),
            candidates: answer.candidates.iter().take(CANDIDATES_MAX).map(|vasp| CandidateView::from(vasp.as_ref())).collect(),
            candidates_more: Some(left_out).filter(|left_out| *left_out > 0),
            question: asks_customer_country(answer).then(|| customer_country(answer)),
            owner: answer.resolution.as_ref().and_then(OwnerView::of),
            data: DataView::of(answer),
            route: answer.routes.as_ref().and_then(BestRouteView::of),
            transfer: TransferView::of(from.question, answer),
            policy: answer.policy.to_string(),
            rulebook: &generation.documents().rulebook.value.version,
            engine: ENGINE,
            directory: DirectoryView::from(generation),
            valid_until: from.silence.shortens(answer.holds),
            environment: from.environment().said(),
            evidence_digest,
            receipt: NotSigned,
            evidence: NotSigned,
        }
    }
}

/// Returns the codes of the notes, each once.
fn note_codes(answer: &PrecheckAnswer) -> Vec<CheckCode> {
    let mut codes: Vec<CheckCode> = Vec::with_capacity(answer.outcome.notes.len());
    for note in &answer.outcome.notes {
        if !codes.contains(&note.code) {
            codes.push(note.code);
        }
    }
    codes
}

/// Returns whether the customer's country would help: it tells the candidates of a brand apart, or a step asks for it.
fn asks_customer_country(answer: &PrecheckAnswer) -> bool {
    let by_step = |step: &NextStep| step.asks.contains(&QuestionMember::CustomerCountry);
    answer.brand.as_ref().is_some_and(|brand| brand.asks_customer_country) || answer.outcome.next_steps.iter().any(by_step)
}

/// Returns the member of the request that names the country of the counterparty's customer.
pub(super) fn customer_country(answer: &PrecheckAnswer) -> &'static str {
    let incoming = answer.outcome.circumstances.iter().any(|one| one == Circumstance::Incoming);
    if incoming { "originator.customer_country" } else { "beneficiary.customer_country" }
}
