//! What an answer of a pre-check asks of whoever sends or credits: reasons, conditions, next steps and notes.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_rules::policy::{Actor, Before, ConditionCode, Consequence, MetBy, StepCode};
use vasp_rules::precheck::{Asks, CheckCode, CheckName, CheckOutcome, Condition, NextStep, Note, Reason};
use vasp_words::ids::VaspId;

/// Why the recommendation is not `proceed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonView {
    /// What was found; `docs/reasons.md` says of each code what it means and what to do.
    code: CheckCode,
    check: CheckName,
    outcome: CheckOutcome,
    /// What the policy makes of it: `reject`, `hold` or `condition`.
    consequence: Consequence,
    detail: String,
    /// Checks that cannot be answered because of this.
    silenced: Vec<CheckName>,
    /// Show it to your compliance people only: nobody may warn the customer.
    confidential: bool,
}

/// What has to be met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Condition)]
pub(crate) struct ConditionView {
    code: ConditionCode,
    detail: String,
    /// Before what it must be met.
    before: Before,
    /// Who acts.
    fulfilled_by: Actor,
    /// Where the registry would see that it is met: in the next request, in your relationship with the counterparty, or nowhere.
    met_by: MetBy,
    /// Fields of data that it is about.
    #[schema(value_type = Vec<String>, example = json!(["originator.name"]))]
    fields: Vec<String>,
    /// Sources or lists that it is about.
    sources: Vec<String>,
    asked_by: AskedByView,
}

/// What asks for a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AskedBy)]
pub(crate) struct AskedByView {
    /// `rule`: your own jurisdiction's; `policy`: the policy that judged; `relationship`: what you decided about the counterparty.
    kind: AskedByKind,
    /// Version of the rule, or the policy; null of a relationship.
    #[schema(example = "DE@2024-12-30")]
    id: Option<String>,
    /// The clause of your own jurisdiction's law; null where the rulebook names none, and of a policy or relationship.
    #[schema(example = "Regulation (EU) 2023/1113 Art. 14(5)")]
    clause: Option<String>,
}

/// Kinds of what asks for a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AskedByKind {
    /// Your own jurisdiction's rule.
    Rule,
    /// The policy that judged.
    Policy,
    /// What you decided about the counterparty.
    Relationship,
}

/// What would lead on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NextStep)]
pub(crate) struct NextStepView {
    code: StepCode,
    detail: String,
    /// Who takes it.
    who: Actor,
    /// Where to begin, a path of this registry; null where it is done elsewhere.
    #[schema(example = "/v1/member/relationships/vasp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    href: Option<String>,
}

/// A finding from which nothing follows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Note)]
pub(crate) struct NoteView {
    code: CheckCode,
    check: CheckName,
    detail: String,
}

/// What was asked about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = PrecheckScope)]
pub(crate) enum Scope {
    /// A VASP or a jurisdiction, and no address.
    Counterparty,
    /// An address or Travel Address.
    Transfer,
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        Self {
            code: reason.code,
            check: reason.code.check(),
            outcome: reason.code.outcome(),
            consequence: reason.consequence,
            detail: reason.detail.clone(),
            silenced: reason.silenced.clone(),
            confidential: reason.confidential,
        }
    }
}

impl From<&Condition> for ConditionView {
    fn from(condition: &Condition) -> Self {
        Self {
            code: condition.code,
            detail: condition.detail.clone(),
            before: condition.before,
            fulfilled_by: condition.fulfilled_by,
            met_by: condition.met_by,
            fields: condition.fields.iter().map(ToString::to_string).collect(),
            sources: condition.sources.clone(),
            asked_by: AskedByView::from(&condition.asked_by),
        }
    }
}

impl From<&Asks> for AskedByView {
    fn from(asks: &Asks) -> Self {
        let (kind, id, clause) = match asks {
            Asks::Rule { id, clause } => (AskedByKind::Rule, Some(id.clone()), clause.clone()),
            Asks::Policy(id) => (AskedByKind::Policy, Some(id.clone()), None),
            Asks::Relationship => (AskedByKind::Relationship, None, None),
        };
        Self { kind, id, clause }
    }
}

impl NextStepView {
    /// Renders a step towards a counterparty, where one is settled.
    pub(crate) fn of(step: &NextStep, counterparty: Option<VaspId>) -> Self {
        let relationship = counterparty.map(|vasp| format!("/v1/member/relationships/{vasp}"));
        let href = match step.code {
            StepCode::DoDueDiligence => relationship,
            _ => None,
        };
        Self { code: step.code, detail: step.detail.clone(), who: step.code.who(), href }
    }
}

impl From<&Note> for NoteView {
    fn from(note: &Note) -> Self {
        Self { code: note.code, check: note.code.check(), detail: note.detail.clone() }
    }
}
