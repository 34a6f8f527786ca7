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
use crate::review::{CaseRecord, NameLookAlike, ResembledRecord, ShownChecklist};
use vasp_record::case::{CaseStatus, Decision, TriggerKind};
use vasp_record::proposal::Reason;
use vasp_record::vasp::VaspStatus;
use vasp_rules::checklist::{ChecklistItem, EvidenceState};
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

/// A case: one piece of operator work about one VASP.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = Case)]
pub(crate) struct CaseView {
    id: String,
    /// Id of the VASP.
    vasp: String,
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
    /// The proposal that waits for another person, or that two people decided; null if there is neither.
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

/// A source that contradicts the record.
#[derive(ToSchema)]
#[schema(as = OtherVoice)]
#[expect(dead_code, reason = "only its description is used; the line itself is shown")]
pub(crate) struct OtherVoiceView {
    origin: String,
    value: String,
}

/// One line of a checklist.
#[derive(ToSchema)]
#[schema(as = ChecklistItem)]
#[expect(dead_code, reason = "only its description is used; the line itself is shown")]
pub(crate) struct ChecklistItemView {
    /// Attribute of the record, such as `legal_name` or `licences/lic_…`.
    attribute: String,
    /// The submitted value; null if the attribute is to be emptied.
    #[schema(value_type = Object)]
    value: Option<Value>,
    /// The value that was approved last; null if there is none.
    #[schema(value_type = Object)]
    approved: Option<Value>,
    /// Whether the two values differ.
    changed: bool,
    /// Whether the record cannot be verified without evidence for this attribute.
    required: bool,
    state: EvidenceState,
    /// Ids of the valid evidence.
    evidence: Vec<String>,
    /// Sources that contradict the value.
    contradicted_by: Vec<OtherVoiceView>,
}

/// The checklist of a case: what a reviewer still has to look at.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = CaseChecklist)]
pub(crate) struct ChecklistView {
    case: String,
    vasp: String,
    #[schema(value_type = Vec<ChecklistItemView>)]
    items: Vec<ChecklistItem>,
    /// Attributes that prevent the verification of the record.
    blocking: Vec<String>,
    /// The evidence about the VASP that has not been replaced, oldest first.
    evidence: Vec<CaseEvidenceView>,
    /// Names of the record that may be mistaken for others, and values that other records have too. They have no effect except that a
    /// person looks at them.
    look_alikes: Vec<NameLookAlikeView>,
    /// The group of labels that the VASP belongs to by decision, and groups that it may belong to.
    brands: BrandsView,
}

/// A name or value that a reviewer should look at.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = NameLookAlike)]
pub(crate) struct NameLookAlikeView {
    /// Attribute of the record: `legal_name`, `other_names`, `lei`, `identifiers` or `website`.
    attribute: &'static str,
    /// The name, or the value: an LEI, an identifier's scheme and value, or the host of a website.
    name: String,
    /// `mixed_script` (scripts that are not written together), `latin_look_alike` (other letters that look like Latin ones),
    /// `resembles_record` (looks the same as a name of a live record) or `same_value` (a live record has it too).
    code: &'static str,
    /// Explanation in words.
    detail: String,
    /// The live record that the name looks like, or that has the value; null with the other codes.
    record: Option<ResembledRecordView>,
}

/// A live record with a similar name or the same value.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(as = ResembledRecord)]
pub(crate) struct ResembledRecordView {
    /// Id of the record.
    vasp: VaspId,
    /// Its registered name.
    legal_name: String,
    /// The name of that record that looks similar.
    name: String,
    /// Status of the record.
    status: VaspStatus,
}

impl From<NameLookAlike> for NameLookAlikeView {
    fn from(found: NameLookAlike) -> Self {
        let NameLookAlike { attribute, name, code, detail, record } = found;
        let record = record.map(|ResembledRecord { vasp, legal_name, name, status }| ResembledRecordView {
            vasp,
            legal_name,
            name,
            status,
        });
        Self { attribute, name, code, detail, record }
    }
}

/// A decision to propose.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ProposalInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProposalInput {
    /// `verify`, `reject`, `suspend`, `revoke`, `reinstate`, `request_information`, or `keep` if nothing is to change.
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
            vasp: case.vasp.to_string(),
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
            look_alikes: look_alikes.into_iter().map(NameLookAlikeView::from).collect(),
            blocking: list.blocking().into_iter().map(str::to_owned).collect(),
            case: list.case.to_string(),
            vasp: list.vasp.to_string(),
            items: list.items,
            evidence: list.evidence.into_iter().map(CaseEvidenceView::from).collect(),
        }
    }
}
