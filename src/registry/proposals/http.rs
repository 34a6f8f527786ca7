//! The API of proposals. Requests, views and the routes that approve, decline and withdraw are the same for every kind. The proposed
//! content, and the answer around the proposal, differ by kind.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Proposal;
use vasp_record::proposal::{ProposalState, Reason};
use vasp_words::time::UtcTime;

/// A proposal of one person, for another person to decide.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Proposal)]
pub(crate) struct ProposalView {
    #[schema(example = "prp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    /// The digest of the exact content and its basis. Send it to approve the proposal.
    digest: String,
    state: ProposalState,
    /// A description of what is proposed.
    says: String,
    /// The proposer's reason.
    reason: String,
    /// Id of the proposer.
    proposed_by: String,
    proposed_at: UtcTime,
    /// Id of the user who approved, declined or withdrew it; null while it waits and if it was superseded.
    decided_by: Option<String>,
    decided_at: Option<UtcTime>,
    /// The reason for declining it; null if it was not declined.
    decline_reason: Option<String>,
    /// True if the two people who decided are the founders of one organisation: its first two, whose enrolment links one person may have
    /// held.
    founders: bool,
}

/// The digest of the proposal to approve.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalInput {
    /// The `proposal.digest` that you read.
    pub(crate) proposal_digest: String,
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
    /// The subject's id.
    pub(crate) id: String,
}

impl From<&Proposal> for ProposalView {
    fn from(of: &Proposal) -> Self {
        Self {
            id: of.id.to_string(),
            digest: of.told.digest.clone(),
            state: of.state,
            says: of.told.says.clone(),
            reason: of.told.reason.to_string(),
            proposed_by: of.proposed_by.to_string(),
            proposed_at: of.proposed_at,
            decided_by: of.decided_by.map(|id| id.to_string()),
            decided_at: of.decided_at,
            decline_reason: of.told.declined.as_ref().map(ToString::to_string),
            founders: of.told.founders,
        }
    }
}

/// Makes the routes that approve, decline and withdraw. `decision` makes the kind's decision from the path, `render` makes the answer.
macro_rules! proposal_routes {
    (
        $tag:literal, $params:ident, $decision:ident, $render:ident, $view:ident, $approver:ident, $proposer:ident;
        $approve:ident at $approve_at:literal,
        $decline:ident at $decline_at:literal,
        $withdraw:ident at $withdraw_at:literal $(,)?
    ) => {
        /// Approve exactly what another person proposed.
        ///
        /// The answer is 409 `same_person` for the proposer, for a person who created the proposer's user or credential, and for a person
        /// whose user or credential the proposer created. It is 412 if the content or its basis changed after the proposal, and 409
        /// `illegal_step` if nothing is proposed.
        #[utoipa::path(tag = $tag, params($params), request_body = $crate::proposals::http::ApprovalInput, responses((status = 200, description = "The resource after this step.", body = $view), Problems))]
        #[post($approve_at)]
        pub(crate) async fn $approve(
            who: Caller<$approver>,
            path: Path<$params>,
            sent: Sent<$crate::proposals::http::ApprovalInput>,
            app: Data<App>,
        ) -> Result<Answer, Problem> {
            let digest = sent.body.proposal_digest;
            let service = move |mut act: $crate::acts::Act<'_, _>| {
                let decision = $decision(&mut act, path.into_inner())?;
                $crate::proposals::approve(act, &decision, &digest)
            };
            // One approval may end 100,000 claims, which takes long.
            $crate::http::write::act_at_length(&app, who.known()?, sent.once, $render, service).await
        }

        /// Decline what another person proposed.
        ///
        /// Every person who may approve the proposal may decline it. The proposer withdraws it instead.
        #[utoipa::path(tag = $tag, params($params), request_body = $crate::proposals::http::ReasonInput, responses((status = 200, description = "The resource after this step.", body = $view), Problems))]
        #[post($decline_at)]
        pub(crate) async fn $decline(
            who: Caller<$approver>,
            path: Path<$params>,
            sent: Sent<$crate::proposals::http::ReasonInput>,
            app: Data<App>,
        ) -> Result<Answer, Problem> {
            let reason = sent.body.reason;
            let service = move |mut act: $crate::acts::Act<'_, _>| {
                let decision = $decision(&mut act, path.into_inner())?;
                $crate::proposals::decline(act, &decision, &reason)
            };
            act(&app, who.known()?, sent.once, $render, service).await
        }

        /// Withdraw what you proposed.
        ///
        /// You can also withdraw the proposal of a user who may no longer act.
        #[utoipa::path(tag = $tag, params($params), responses((status = 200, description = "The resource after this step.", body = $view), Problems))]
        #[post($withdraw_at)]
        pub(crate) async fn $withdraw(
            who: Caller<$proposer>,
            path: Path<$params>,
            bare: Bare,
            app: Data<App>,
        ) -> Result<Answer, Problem> {
            let service = move |mut act: $crate::acts::Act<'_, _>| {
                let decision = $decision(&mut act, path.into_inner())?;
                $crate::proposals::withdraw(act, &decision)
            };
            act(&app, who.known()?, bare.once, $render, service).await
        }
    };
}
pub(crate) use proposal_routes;
