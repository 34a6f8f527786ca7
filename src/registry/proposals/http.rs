//! The wire of whatever two people decide: what is sent and shown is the same for every kind, and so are the routes that approve,
//! decline and withdraw. What is proposed, and the answer around the proposal, are each kind's own.

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::Proposal;
use vasp_record::proposal::{ProposalState, Reason};
use vasp_words::time::UtcTime;

/// What one person proposed and another decides.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Proposal)]
pub(crate) struct ProposalView {
    #[schema(example = "prp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    /// Digest of exactly what is proposed, on what it is proposed; an approval names it.
    digest: String,
    state: ProposalState,
    /// What is proposed, in words.
    says: String,
    /// Why.
    reason: String,
    /// Id of the user.
    proposed_by: String,
    proposed_at: UtcTime,
    /// Id of the user who approved, declined or withdrew it; null while it waits and where it was superseded.
    decided_by: Option<String>,
    decided_at: Option<UtcTime>,
    /// Why it was declined.
    decline_reason: Option<String>,
    /// True if the two people who decided are the founders of one organisation: its first two, whose enrolment links one person may
    /// have held.
    founders: bool,
}

/// The digest of what is approved.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ApprovalInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ApprovalInput {
    /// `proposal.digest`, as it was read.
    pub(crate) proposal_digest: String,
}

/// Why.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[schema(as = ReasonInput)]
#[serde(deny_unknown_fields)]
pub(crate) struct ReasonInput {
    /// For the other person and the audit chain.
    #[schema(value_type = String, min_length = 1, max_length = 4000)]
    pub(crate) reason: Reason,
}

/// What is decided about.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct SubjectPath {
    /// Its id.
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

/// Makes the routes that approve, decline and withdraw: `decision` makes the kind's decision of the path, `render` the answer.
macro_rules! proposal_routes {
    (
        $tag:literal, $params:ident, $decision:ident, $render:ident, $view:ident, $approver:ident, $proposer:ident;
        $approve:ident at $approve_at:literal,
        $decline:ident at $decline_at:literal,
        $withdraw:ident at $withdraw_at:literal $(,)?
    ) => {
        /// Approve exactly what another person proposed.
        ///
        /// The answer is 409 `same_person` for the proposer, and for a person who created the proposer's user or credential or whose own
        /// the proposer created. It is 412 if the content or its basis changed after the proposal, and 409 `illegal_step` if nothing is
        /// proposed.
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
            // One approval may end 100,000 claims.
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
        /// Also what a user proposed who may no longer act.
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
