//! What the sender or receiver must do after a pre-check: the views of reasons, conditions, next steps and notes.

use serde::Serialize;
use utoipa::ToSchema;

use vasp_rules::policy::{Actor, Before, ConditionCode, Consequence, MetBy, StepCode};
use vasp_rules::precheck::{Asks, CheckCode, CheckName, CheckOutcome, Condition, NextStep, Note, Reason};
use vasp_rules::rulebook::FieldCode;
use vasp_words::ids::VaspId;
use vasp_words::text::Text;

/// Why the recommendation is not `proceed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Reason)]
pub(crate) struct ReasonView<'a> {
    check: CheckName,
    /// The code of the finding. `docs/reasons.md` explains each code and what to do.
    code: CheckCode,
    /// Whether only your compliance staff may see it, because nobody may warn the customer.
    confidential: bool,
    /// The consequence under the policy: `reject`, `hold` or `condition`.
    consequence: Consequence,
    detail: &'a str,
    outcome: CheckOutcome,
    /// Checks that cannot be answered because of this finding.
    #[schema(value_type = Vec<CheckName>)]
    silenced: &'a [CheckName],
}

/// A condition that must be met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Condition)]
pub(crate) struct ConditionView<'a> {
    /// Id of the condition, which stays the same within its verdict.
    #[schema(example = "c1")]
    id: String,
    #[schema(value_type = AskedByView)]
    asked_by: AskedByView<'a>,
    /// The step before which it must be met.
    before: Before,
    code: ConditionCode,
    detail: &'a str,
    /// The data fields that the condition is about.
    #[schema(value_type = Vec<String>, example = json!(["originator.name"]))]
    fields: &'a [FieldCode],
    /// Who must act.
    fulfilled_by: Actor,
    /// Where the registry would see that it is met: in the next request, in your relationship with the counterparty, or, if `outside`, only
    /// in the outcome that you record.
    met_by: MetBy,
    /// The sources or lists that the condition is about.
    #[schema(value_type = Vec<String>)]
    sources: &'a [Text],
}

/// Who or what demands a condition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = AskedBy)]
pub(crate) struct AskedByView<'a> {
    /// The clause of your own jurisdiction's law; null if the clause was not looked up, and for a policy or relationship.
    #[schema(example = "Regulation (EU) 2023/1113 Art. 14(5)")]
    clause: Option<&'a str>,
    /// The version of the rule, or the policy; null for a relationship.
    #[schema(example = "DE@2024-12-30")]
    id: Option<&'a str>,
    /// `rule`: the rule of your own jurisdiction; `policy`: the policy that judged; `relationship`: your decision about the
    /// counterparty.
    kind: AskedByKind,
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
pub(crate) struct NextStepView<'a> {
    code: StepCode,
    detail: &'a str,
    /// Path of this registry's route that does the step; null if the step is done elsewhere.
    #[schema(example = "/v1/relationships/vasp_01k2z8q4p8w0q6m4v3c1b5n7x9/propose")]
    href: Option<String>,
    /// Who takes the step.
    who: Actor,
}

/// A finding without consequences.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Note)]
pub(crate) struct NoteView<'a> {
    check: CheckName,
    code: CheckCode,
    detail: &'a str,
}

impl<'a> From<&'a Reason> for ReasonView<'a> {
    fn from(reason: &'a Reason) -> Self {
        Self {
            check: reason.code.check(),
            code: reason.code,
            confidential: reason.confidential,
            consequence: reason.consequence,
            detail: &reason.detail,
            outcome: reason.code.outcome(),
            silenced: &reason.silenced,
        }
    }
}

impl<'a> ConditionView<'a> {
    /// Renders a condition with its number in the verdict.
    pub(super) fn of((condition, number): (&'a Condition, usize)) -> Self {
        Self {
            id: format!("c{number}"),
            asked_by: AskedByView::from(&condition.asked_by),
            before: condition.before,
            code: condition.code,
            detail: &condition.detail,
            fields: &condition.fields,
            fulfilled_by: condition.fulfilled_by,
            met_by: condition.met_by,
            sources: &condition.sources,
        }
    }
}

impl<'a> From<&'a Asks> for AskedByView<'a> {
    fn from(asks: &'a Asks) -> Self {
        let (kind, id, clause) = match asks {
            Asks::Rule { id, clause } => (AskedByKind::Rule, Some(id.as_str()), clause.as_deref()),
            Asks::Policy(id) => (AskedByKind::Policy, Some(id.as_str()), None),
            Asks::Relationship => (AskedByKind::Relationship, None, None),
        };
        Self { clause, id, kind }
    }
}

impl<'a> NextStepView<'a> {
    /// Renders a step, with the path of the relationship if a counterparty is settled.
    pub(crate) fn of(step: &'a NextStep, counterparty: Option<VaspId>) -> Self {
        let href = match step.code {
            StepCode::DoDueDiligence => Some(match counterparty {
                Some(vasp) => format!("/v1/relationships/{vasp}/propose"),
                None => "/v1/relationships".to_owned(),
            }),
            StepCode::NameEntity | StepCode::CorrectAddress => Some("/v1/prechecks".to_owned()),
            StepCode::DecideHit => Some(match counterparty {
                Some(vasp) => format!("/v1/screening/hits?vasp={vasp}"),
                None => "/v1/screening/hits".to_owned(),
            }),
            _ => None,
        };
        Self { code: step.code, detail: &step.detail, href, who: step.code.who() }
    }
}

impl<'a> From<&'a Note> for NoteView<'a> {
    fn from(note: &'a Note) -> Self {
        Self { check: note.code.check(), code: note.code, detail: &note.detail }
    }
}
