//! The four steps of a proposal, the same for every kind. Each runs in one transaction that locks the subject, changes the proposal and
//! the subject, and leaves one line in the audit chain.

use serde::Serialize;

use super::four_eyes::check_two_people;
use super::record::{Proposal, last_one, open};
use super::{Decision, Scene, Step, Taken, Wish};
use crate::acts::{Act, Deed, Identity, Reply, event, may_act};
use crate::node::{ProblemCode, Refusal, ServiceError};
use vasp_log::audit::AuditOutcome;
use vasp_record::proposal::{ProposalState, Reason};
use vasp_record::role::UserKind;
use vasp_rules::four_eyes::Actor;
use vasp_words::ids::{CredentialId, ProposalId, UserId};

/// The line in the audit chain, the same for every kind and step. The members about the proposal are null if one person was enough.
#[derive(Serialize)]
struct Line<'a, C> {
    proposal: Option<ProposalId>,
    proposal_digest: Option<&'a str>,
    proposed_by: Option<UserId>,
    says: Option<&'a str>,
    content: &'a C,
    reason: Option<&'a Reason>,
    /// Whether the two people are the founders of one organisation.
    founders: bool,
}

impl<'a, C> Line<'a, C> {
    fn of(content: &'a C, proposal: Option<&'a Proposal>, reason: Option<&'a Reason>) -> Self {
        Self {
            proposal: proposal.map(|proposal| proposal.id),
            proposal_digest: proposal.map(|proposal| proposal.told.digest.as_str()),
            proposed_by: proposal.map(|proposal| proposal.proposed_by),
            says: proposal.map(|proposal| proposal.told.says.as_str()),
            content,
            reason,
            founders: proposal.is_some_and(|proposal| proposal.told.founders),
        }
    }
}

/// The content and proposal of a finished step, for the audit line.
struct Done<C> {
    content: C,
    proposal: Option<Proposal>,
}

/// Runs a step: locks the subject, applies `settle` to the proposal, and writes the audit line.
fn run<D: Decision>(
    act: Act<'_, D::Shown>,
    (decision, step, reason): (&D, Step, Option<&Reason>),
    settle: impl FnOnce(&mut Scene<'_, '_>, &mut D::Held, Option<Proposal>) -> Result<Done<D::Content>, ServiceError>,
) -> Result<Reply, ServiceError> {
    let action = format!("{}.{}", D::KIND, step.as_str());
    let deed = |transaction: &mut vasp_store::Transaction<'_>, identity: &Identity| {
        let mut scene = Scene { transaction, identity };
        let mut held = decision.hold(&mut scene, step)?;
        let last = last_one(scene.transaction.conn(), D::KIND, &decision.subject(&held), decision.key())?;
        let Done { content, proposal } = settle(&mut scene, &mut held, last)?;
        decision.take(&mut scene, &mut held, &Taken { step, content: &content, proposal: proposal.as_ref(), reason })?;
        let line = Line::of(&content, proposal.as_ref(), reason);
        let (subject, details) = (decision.subject(&held), serde_json::to_value(line)?);
        Ok(Deed::new(decision.show(&mut scene, held, proposal)?, subject, details))
    };
    if D::IS_PRIVATE { act.run_privately(&action, deed) } else { act.run(&action, deed) }
}

/// Proposes something, or does it at once if one person is enough. It supersedes a waiting proposal about the same subject. `content`
/// makes the proposed content from the subject.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep`, and the refusals of the kind; and those of [`Act::run`].
pub fn propose<D: Decision>(
    act: Act<'_, D::Shown>,
    decision: &D,
    content: impl FnOnce(&D::Held) -> Result<D::Content, ServiceError>,
    reason: &Reason,
) -> Result<Reply, ServiceError> {
    run(act, (decision, Step::Propose, Some(reason)), |scene, held, last| {
        require_session(scene.identity)?;
        let (content, waiting) = (content(held)?, last.filter(Proposal::is_pending));
        let wanted = Taken { step: Step::Propose, content: &content, proposal: waiting.as_ref(), reason: Some(reason) };
        let proposal = match decision.consider(scene, held, &wanted)? {
            Wish::Acted => {
                scene.transaction.supersede_proposal(D::KIND, &decision.subject(held))?;
                None
            }
            Wish::Waits => Some(wait(scene, (decision, held), (&content, reason))?),
        };
        Ok(Done { content, proposal })
    })
}

/// Begins a proposal as a part of another step, and leaves a line in the audit chain as [`propose`] does. It supersedes a waiting proposal
/// about the same subject.
///
/// # Errors
/// `ServiceError::Store`, `Unwritable` if the content has no JSON form.
pub(crate) fn begin<D: Decision>(
    scene: &mut Scene<'_, '_>,
    (decision, held): (&D, &D::Held),
    (content, reason): (&D::Content, &Reason),
) -> Result<Proposal, ServiceError> {
    require_session(scene.identity)?;
    let proposal = wait(scene, (decision, held), (content, reason))?;
    let action = format!("{}.{}", D::KIND, Step::Propose.as_str());
    let line = serde_json::to_value(Line::of(content, Some(&proposal), Some(reason)))?;
    let Scene { transaction, identity } = scene;
    transaction.audit(event(identity, &action, Some(decision.subject(held)), AuditOutcome::Done, line));
    Ok(proposal)
}

const SESSION_NEEDED: &str = "A person who signed in must do this; an API key or client certificate is not accepted.";

/// Refuses an API key or client certificate, which may be stolen or shared: two people decide, and each must be signed in.
///
/// # Errors
/// `ServiceError::Refused` with `session_needed`.
pub(crate) fn require_session(identity: &Identity) -> Result<(), ServiceError> {
    match identity.credential {
        CredentialId::Session(_) => Ok(()),
        CredentialId::Key(_) | CredentialId::Certificate(_) => {
            Err(Refusal::new(ProblemCode::SessionNeeded, SESSION_NEEDED).into())
        }
    }
}

fn wait<D: Decision>(
    scene: &mut Scene<'_, '_>,
    (decision, held): (&D, &D::Held),
    (content, reason): (&D::Content, &Reason),
) -> Result<Proposal, ServiceError> {
    let ground = decision.ground(scene, held, content)?;
    let (subject, says) = (decision.subject(held), decision.says(held, content));
    open(scene, decision.key(), (D::KIND, &subject), (content, says, reason), &ground)
}

/// Approves what another person proposed; `approved` is its digest.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if nothing waits; `Changed` if the digest is not that of the proposal on its current basis;
/// `SamePerson`; `Forbidden` for programs; the refusals of the kind; and those of [`Act::run`].
pub fn approve<D: Decision>(act: Act<'_, D::Shown>, decision: &D, approved: &str) -> Result<Reply, ServiceError> {
    run(act, (decision, Step::Approve, None), |scene, held, last| {
        let proposal = of_another(scene, last)?;
        let ground = decision.ground(scene, held, &proposal.content()?)?;
        if proposal.told.digest != approved || !proposal.stands_on(D::KIND, &ground)? {
            let detail =
                "This digest does not match the proposal: the proposal or its subject has changed. Read the proposal again.";
            return Err(ServiceError::Changed(detail.to_owned()));
        }
        settle(scene, decision, (proposal, ProposalState::Approved, None))
    })
}

/// Declines what another person proposed.
///
/// # Errors
/// Those of [`approve`], except for the digest.
pub fn decline<D: Decision>(act: Act<'_, D::Shown>, decision: &D, reason: &Reason) -> Result<Reply, ServiceError> {
    run(act, (decision, Step::Decline, Some(reason)), |scene, _, last| {
        let proposal = of_another(scene, last)?;
        settle(scene, decision, (proposal, ProposalState::Declined, Some(reason)))
    })
}

/// Withdraws the caller's own proposal, or that of a user who may no longer act. Nobody else could withdraw the latter: it would wait for
/// ever.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if nothing waits, or if the proposer is another person who may act; and those of [`Act::run`].
pub fn withdraw<D: Decision>(act: Act<'_, D::Shown>, decision: &D) -> Result<Reply, ServiceError> {
    run(act, (decision, Step::Withdraw, None), |scene, _, last| {
        let proposal = waiting(last)?;
        let conn = scene.transaction.conn();
        let others = match conn.user(proposal.proposed_by)? {
            Some(proposer) => proposer.id != scene.identity.user && may_act(conn, &proposer)?,
            None => false,
        };
        if others {
            return Err(ServiceError::IllegalStep(
                "Another person made this proposal, so you cannot withdraw it; decline it instead.".to_owned(),
            ));
        }
        settle(scene, decision, (proposal, ProposalState::Withdrawn, None))
    })
}

fn settle<D: Decision>(
    scene: &mut Scene<'_, '_>,
    decision: &D,
    (proposal, state, declined): (Proposal, ProposalState, Option<&Reason>),
) -> Result<Done<D::Content>, ServiceError> {
    let (content, proposal) = (proposal.content()?, proposal.settle(scene, state, (declined, decision.key()))?);
    Ok(Done { content, proposal: Some(proposal) })
}

/// Returns the waiting proposal.
fn waiting(last: Option<Proposal>) -> Result<Proposal, ServiceError> {
    match last {
        Some(proposal) if proposal.is_pending() => Ok(proposal),
        Some(proposal) if proposal.state == ProposalState::Superseded => {
            let detail = "The proposal is no longer pending, because its subject changed. Read it again.";
            Err(ServiceError::Changed(detail.to_owned()))
        }
        Some(proposal) => {
            Err(ServiceError::IllegalStep(format!("The proposal is {}, so it is no longer pending.", proposal.state)))
        }
        None => Err(ServiceError::IllegalStep("There is no proposal.".to_owned())),
    }
}

/// Returns the waiting proposal, if the caller is a person other than its proposer.
fn of_another(Scene { transaction, identity }: &mut Scene<'_, '_>, last: Option<Proposal>) -> Result<Proposal, ServiceError> {
    let mut proposal = waiting(last)?;
    let user = transaction.conn().user(identity.user)?;
    if user.is_none_or(|user| user.kind != UserKind::Person) {
        let detail = "A program cannot be the second person; another person must decide with their own credentials.";
        return Err(ServiceError::Forbidden(detail.to_owned()));
    }
    require_session(identity)?;
    let proposer = Actor { user: proposal.proposed_by, credential: Some(proposal.proposed_with) };
    proposal.told.founders = check_two_people(transaction.conn(), proposer, identity)?;
    Ok(proposal)
}
