//! Proposals as the API sends them, and what it takes about them. Only the content differs by kind.

use actix_web::http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};

use crate::acts::Reply;
use crate::http::listing::pages;
use crate::http::write::reply;
use crate::proposals::{Decided, Proposal};
use vasp_record::proposal::{ProposalKind, ProposalState, Reason};
use vasp_words::time::UtcTime;

/// A proposal of one person, for another person to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Proposal)]
pub(crate) struct ProposalView {
    #[schema(example = "prp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    kind: ProposalKind,
    /// Id of what it is about.
    subject: String,
    /// The digest of the exact content and its basis. Send it to approve the proposal.
    digest: String,
    state: ProposalState,
    /// A description of what is proposed.
    says: String,
    /// What is proposed, in the kind's own form.
    content: Value,
    /// The proposer's reason.
    reason: String,
    /// Id of the proposer; null if that is one of the registry's people and you are not, and if the registry itself proposed it.
    proposed_by: Option<String>,
    proposed_at: UtcTime,
    /// Id of the user who approved, declined or withdrew it: the proposer's if one person was enough. Null while it waits, if it was
    /// superseded, and if that is one of the registry's people and you are not.
    decided_by: Option<String>,
    decided_at: Option<UtcTime>,
    /// The reason for declining it; null if it was not declined.
    decline_reason: Option<String>,
    /// True if the two people who decided are the founders of one organisation: its first two, whose enrolment links one person may have
    /// held.
    founders: bool,
}

/// A proposal after its approval.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ApprovedProposal)]
pub(crate) struct ApprovedView {
    #[serde(flatten)]
    proposal: ProposalView,
    /// The secret of the enrolment link that the approval made, for the admin who hands it out. Null for other kinds, and when a request is
    /// repeated. The link for the person is `<the registry's public address>/enrol#<secret>`.
    secret: Option<String>,
    secret_already_shown: bool,
    /// When that link stops working.
    link_expires_at: Option<UtcTime>,
}

pages! {
    /// A page of proposals.
    ProposalListView as ProposalList of ProposalView;
}

/// The digest of the proposal to approve.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalInput {
    /// The `digest` of the proposal that you read.
    pub(crate) digest: String,
}

/// A reason.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ReasonInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonInput {
    /// The reason, for the other person and the audit chain.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    pub(crate) reason: Reason,
}

/// The subject of a proposal.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct SubjectPath {
    /// The id.
    pub(crate) id: String,
}

impl From<&Proposal> for ProposalView {
    fn from(of: &Proposal) -> Self {
        Self {
            id: of.id.to_string(),
            kind: of.kind,
            subject: of.subject.clone(),
            digest: of.told.digest.clone(),
            state: of.state,
            says: of.told.says.clone(),
            content: of.told.content.clone(),
            reason: of.told.reason.to_string(),
            proposed_by: of.shown(of.proposed_by).map(|id| id.to_string()),
            proposed_at: of.proposed_at,
            decided_by: of.decided_by.and_then(|id| of.shown(id)).map(|id| id.to_string()),
            decided_at: of.decided_at,
            decline_reason: of.told.declined.as_ref().map(ToString::to_string),
            founders: of.told.founders,
        }
    }
}

impl From<Proposal> for ProposalView {
    fn from(of: Proposal) -> Self {
        Self::from(&of)
    }
}

/// Renders a proposal that was just made.
pub(crate) fn proposed(decided: &Decided) -> Reply {
    reply(StatusCode::CREATED, None, ProposalView::from(&decided.proposal))
}

/// Renders a proposal that was declined or withdrawn.
pub(crate) fn settled(decided: &Decided) -> Reply {
    reply(StatusCode::OK, None, ProposalView::from(&decided.proposal))
}

/// Renders a proposal that was approved.
pub(crate) fn approved(Decided { proposal, handed }: &Decided) -> Reply {
    let (secret, link_expires_at) = handed.as_ref().map(|link| (link.secret.clone(), link.expires_at)).unzip();
    let view = ApprovedView { proposal: proposal.into(), secret, secret_already_shown: false, link_expires_at };
    reply(StatusCode::OK, None, view)
}
