//! Request and response bodies of cases.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::brands::BrandsView;
use super::evidence_view::CaseEvidenceView;
use crate::cases::{CaseEntry, CaseTrigger};
use crate::claims::RevokedClaims;
use crate::node::Page;
use crate::proposals::http::ProposalView;
use crate::review::{CaseRecord, NameLookAlike, ShownChecklist};
use vasp_record::case::{CaseStatus, Decision, TriggerKind};
use vasp_record::proposal::Reason;
use vasp_rules::checklist::ChecklistItem;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// Why a case was opened or joined.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseTrigger)]
pub(crate) struct TriggerView {
    kind: TriggerKind,
    /// What happened. Its `summary` is meant for people.
    #[schema(value_type = Object)]
    detail: Value,
    at: UtcTime,
}

/// One entry in the history of a case.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseEntry)]
pub(crate) struct EntryView {
    /// Position in the case, from 1.
    number: i32,
    /// `trigger:…`, `taken`, `note`, `message` (to the member), `reply` (by the member), `evidence`, `proposed`, `approved`,
    /// `declined`, `closed`.
    kind: String,
    /// Id of the user; null if the registry itself did it.
    actor: Option<String>,
    at: UtcTime,
    #[schema(value_type = Object)]
    body: Value,
}

/// A case: one piece of operator work about one VASP, or about an authority that a register names.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Case)]
pub(crate) struct CaseView {
    id: String,
    /// Id of the VASP; null for a case about an authority that the registry does not know.
    vasp: Option<String>,
    status: CaseStatus,
    /// From 0 to 100. Cases with a higher risk come first.
    #[schema(minimum = 0, maximum = 100)]
    risk: i16,
    /// Version number, which rises with every change; also the `ETag`.
    version: i64,
    opened_at: UtcTime,
    due_at: UtcTime,
    /// Id of the reviewer who took it; null if nobody did.
    assignee: Option<String>,
    /// The decision that is proposed or was made; null if there is neither.
    decision: Option<Decision>,
    /// Id of another record that the decision is about; null if there is none.
    target: Option<String>,
    /// Which of the VASP's claims end with its revocation; null for any other decision.
    claims: Option<RevokedClaims>,
    /// The proposal that waits for another person, or that was decided; null if there is neither.
    proposal: Option<ProposalView>,
    /// What opened or joined the case after that proposal was made, in words, so its proposer did not know it. Empty in lists.
    since_proposed: Vec<String>,
    closed_at: Option<UtcTime>,
    /// How the case ended; null while it is open.
    outcome: Option<String>,
    triggers: Vec<TriggerView>,
    /// The history of the case, oldest first; empty in lists.
    entries: Vec<EntryView>,
}

/// A page of cases.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseList)]
pub(crate) struct CaseListView {
    items: Vec<CaseView>,
    /// Send it as `cursor` for the next page; null on the last page.
    next_cursor: Option<String>,
}

/// What a reviewer still has to look at.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseChecklist)]
pub(crate) struct ChecklistView {
    case: String,
    vasp: String,
    items: Vec<ChecklistItem>,
    /// Attributes that prevent the verification of the record.
    blocking: Vec<String>,
    /// The evidence about the VASP that has not been replaced, oldest first.
    evidence: Vec<CaseEvidenceView>,
    /// Names of the record that resemble names of other records, and values that other records have too. They block nothing; a
    /// person must look at them.
    look_alikes: Vec<NameLookAlike>,
    /// The group that the VASP belongs to by decision, and the groups that are proposed for it.
    brands: BrandsView,
}

/// A decision to propose.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ProposalInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProposalInput {
    /// `verify`, `reject`, `suspend`, `revoke`, `reinstate`, `request_information`, or `keep` if nothing is to change; `dismiss` closes
    /// a case that has only public challenges.
    pub(crate) decision: ProposableDecision,
    /// Which of the VASP's claims end. Required with `revoke`, and refused with any other decision. Claims that wait for a reviewer
    /// end in any case.
    #[serde(default)]
    pub(crate) claims: Option<RevokedClaims>,
    /// The reason for the decision.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    pub(crate) reason: Reason,
}

/// The decisions that can be proposed here. Merging has a route of its own.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ProposableDecision {
    Revoke,
    Suspend,
    Reject,
    RequestInformation,
    Keep,
    Dismiss,
    Reinstate,
    Verify,
}

/// The text of a note or a message.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = TextInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct TextInput {
    /// The text, 1 to 10,000 characters.
    pub(crate) text: String,
}

/// Two records to merge into one.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = MergeInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct MergeInput {
    /// Id of the record that stays. The other id stays usable and leads to this record.
    pub(crate) into: VaspId,
    /// The reason for the merge.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    pub(crate) reason: Reason,
}

impl From<ProposableDecision> for Decision {
    fn from(decision: ProposableDecision) -> Self {
        match decision {
            ProposableDecision::Revoke => Self::Revoke,
            ProposableDecision::Suspend => Self::Suspend,
            ProposableDecision::Reject => Self::Reject,
            ProposableDecision::RequestInformation => Self::RequestInformation,
            ProposableDecision::Keep => Self::Keep,
            ProposableDecision::Dismiss => Self::Dismiss,
            ProposableDecision::Reinstate => Self::Reinstate,
            ProposableDecision::Verify => Self::Verify,
        }
    }
}

impl From<&CaseTrigger> for TriggerView {
    fn from(trigger: &CaseTrigger) -> Self {
        Self { kind: trigger.kind, detail: trigger.detail.0.clone(), at: trigger.at }
    }
}

impl From<&CaseEntry> for EntryView {
    fn from(entry: &CaseEntry) -> Self {
        Self {
            number: entry.number,
            kind: entry.kind.clone(),
            actor: entry.actor.map(|id| id.to_string()),
            at: entry.at,
            body: entry.body.0.clone(),
        }
    }
}

impl From<&CaseRecord> for CaseView {
    fn from(record: &CaseRecord) -> Self {
        let case = &record.case;
        Self {
            id: case.id.to_string(),
            vasp: case.vasp.map(|id| id.to_string()),
            status: case.status,
            risk: case.risk,
            version: case.version,
            opened_at: case.opened_at,
            due_at: case.due_at,
            assignee: case.assignee.map(|id| id.to_string()),
            decision: record.proposed.as_ref().map(|proposed| proposed.decision),
            target: record.proposed.as_ref().and_then(|proposed| proposed.target).map(|id| id.to_string()),
            claims: record.proposed.as_ref().and_then(|proposed| proposed.claims.clone()),
            proposal: record.proposal.as_ref().map(ProposalView::from),
            since_proposed: record.since_proposed().map(str::to_owned).collect(),
            closed_at: case.closed_at,
            outcome: case.outcome.clone(),
            triggers: record.triggers.iter().map(TriggerView::from).collect(),
            entries: record.entries.iter().map(EntryView::from).collect(),
        }
    }
}

impl From<Page<CaseRecord, u32>> for CaseListView {
    fn from(page: Page<CaseRecord, u32>) -> Self {
        Self {
            items: page.items.iter().map(CaseView::from).collect(),
            next_cursor: page.next.as_ref().map(crate::http::paging::cursor),
        }
    }
}

impl From<ShownChecklist> for ChecklistView {
    fn from(shown: ShownChecklist) -> Self {
        let ShownChecklist { list, look_alikes, brand } = shown;
        Self {
            brands: BrandsView::from(&brand),
            look_alikes,
            blocking: list.blocking().into_iter().map(str::to_owned).collect(),
            case: list.case.to_string(),
            vasp: list.vasp.to_string(),
            items: list.items,
            evidence: list.evidence.into_iter().map(CaseEvidenceView::from).collect(),
        }
    }
}
