//! What the sender or receiver must do after a pre-check: the views of reasons, conditions, next steps and notes.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_rules::policy::{Actor, Before, ConditionCode, Consequence, MetBy, StepCode};
use vasp_rules::precheck::{Asks, CheckCode, CheckName, CheckOutcome, Condition, NextStep, Note, Reason};
use vasp_words::ids::VaspId;

/// Why the recommendation is not `proceed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonView {
    /// The code of the finding. `docs/reasons.md` explains each code and what to do.
    code: CheckCode,
    check: CheckName,
    outcome: CheckOutcome,
    /// The consequence under the policy: `reject`, `hold` or `condition`.
    consequence: Consequence,
    detail: String,
    /// Checks that cannot be answered because of this finding.
    silenced: Vec<CheckName>,
    /// Whether only your compliance staff may see it, because nobody may warn the customer.
    confidential: bool,
}

/// A condition that must be met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Condition)]
pub(crate) struct ConditionView {
    code: ConditionCode,
    detail: String,
    /// The step before which it must be met.
    before: Before,
    /// Who must act.
    fulfilled_by: Actor,
    /// Where the registry would see that it is met: in the next request, in your relationship with the counterparty, or nowhere.
    met_by: MetBy,
    /// The data fields that the condition is about.
    #[schema(value_type = Vec<String>, example = json!(["originator.name"]))]
    fields: Vec<String>,
    /// The sources or lists that the condition is about.
    sources: Vec<String>,
    asked_by: AskedByView,
}

/// Who or what demands a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AskedBy)]
pub(crate) struct AskedByView {
    /// `rule`: the rule of your own jurisdiction; `policy`: the policy that judged; `relationship`: your decision about the
    /// counterparty.
    kind: AskedByKind,
    /// The version of the rule, or the policy; null for a relationship.
    #[schema(example = "DE@2024-12-30")]
    id: Option<String>,
    /// The clause of your own jurisdiction's law; null if the rulebook names none, and for a policy or relationship.
    #[schema(example = "Regulation (EU) 2023/1113 Art. 14(5)")]
    clause: Option<String>,
}

/// The kinds of sources that demand a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AskedByKind {
    /// The rule of your own jurisdiction.
    Rule,
    /// The policy that judged.
    Policy,
    /// Your decision about the counterparty.
    Relationship,
}

/// A step that would help to go ahead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NextStep)]
pub(crate) struct NextStepView {
    code: StepCode,
    detail: String,
    /// Who takes the step.
    who: Actor,
    /// Where to begin, a path of this registry; null if the step is done elsewhere.
    #[schema(example = "/v1/member/relationships/vasp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    href: Option<String>,
}

/// A finding without consequences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Note)]
pub(crate) struct NoteView {
    code: CheckCode,
    check: CheckName,
    detail: String,
}

/// What the pre-check asked about.
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
    /// Renders a step, with the path of the relationship if a counterparty is settled.
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
