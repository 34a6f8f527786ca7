//! The four steps, the same for every kind: each in one transaction that locks what it is about, changes the proposal and the thing,
//! and leaves one line in the audit chain.

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

/// The line in the audit chain, the same for every kind and step; what is about the proposal is null where one person was enough.
#[derive(Serialize)]
struct Line<'a, C> {
    proposal: Option<ProposalId>,
    proposal_digest: Option<&'a str>,
    proposed_by: Option<UserId>,
    says: Option<&'a str>,
    content: &'a C,
    reason: Option<&'a Reason>,
    /// The two are the founders of one organisation.
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

/// What was done, to be told.
struct Done<C> {
    content: C,
    proposal: Option<Proposal>,
}

/// Takes a step: holds what it is about, does what `settle` does to the proposal, and tells it.
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
        // Made of texts and numbers: it always has a JSON form.
        let (subject, details) = (decision.subject(&held), serde_json::to_value(line).unwrap_or_default());
        Ok(Deed::new(decision.show(&mut scene, held, proposal)?, subject, details))
    };
    if D::IS_PRIVATE { act.run_privately(&action, deed) } else { act.run(&action, deed) }
}

/// Proposes something, or does it at once where one person is enough; what waited about the same thing waits no more. `content` makes
/// what is proposed of what it is about.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep`, and what the kind refuses; what [`Act::run`] returns.
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

/// Has something wait for a second person, as a part of another step, and leaves a line in the audit chain as [`propose`] does; what
/// waited about the same thing waits no more.
///
/// # Errors
/// `ServiceError::Store`, `Unreadable` where the content has no JSON form.
pub(crate) fn begin<D: Decision>(
    scene: &mut Scene<'_, '_>,
    (decision, held): (&D, &D::Held),
    (content, reason): (&D::Content, &Reason),
) -> Result<Proposal, ServiceError> {
    require_session(scene.identity)?;
    let proposal = wait(scene, (decision, held), (content, reason))?;
    let action = format!("{}.{}", D::KIND, Step::Propose.as_str());
    let line = serde_json::to_value(Line::of(content, Some(&proposal), Some(reason))).unwrap_or_default();
    let Scene { transaction, identity } = scene;
    transaction.audit(event(identity, &action, Some(decision.subject(held)), AuditOutcome::Done, line));
    Ok(proposal)
}

const SESSION_NEEDED: &str = "A person does this, who signed in: an API key or client certificate will not do.";

/// Refuses an API key or client certificate, which may be stolen or shared: two people decide, each signed in.
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

/// Approves what another person proposed, by its digest.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` where nothing waits; `Changed` where the digest is not that of what is proposed on what there
/// is; `SamePerson`; `Forbidden` for programs; what the kind refuses; what [`Act::run`] returns.
pub fn approve<D: Decision>(act: Act<'_, D::Shown>, decision: &D, approved: &str) -> Result<Reply, ServiceError> {
    run(act, (decision, Step::Approve, None), |scene, held, last| {
        let proposal = of_another(scene, last)?;
        let ground = decision.ground(scene, held, &proposal.content()?)?;
        if proposal.told.digest != approved || !proposal.stands_on(D::KIND, &ground)? {
            let detail = "What is proposed, or what it is about, is not what this digest stands for; read it again.";
            return Err(ServiceError::Changed(detail.to_owned()));
        }
        settle(scene, decision, (proposal, ProposalState::Approved, None))
    })
}

/// Declines what another person proposed.
///
/// # Errors
/// As [`approve`], but for the digest.
pub fn decline<D: Decision>(act: Act<'_, D::Shown>, decision: &D, reason: &Reason) -> Result<Reply, ServiceError> {
    run(act, (decision, Step::Decline, Some(reason)), |scene, _, last| {
        let proposal = of_another(scene, last)?;
        settle(scene, decision, (proposal, ProposalState::Declined, Some(reason)))
    })
}

/// Takes back what one proposed oneself, or what a user proposed who may not act any more: nobody else could, and it would wait for ever.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` where nothing waits, or another person proposed it who may act; what [`Act::run`] returns.
pub fn withdraw<D: Decision>(act: Act<'_, D::Shown>, decision: &D) -> Result<Reply, ServiceError> {
    run(act, (decision, Step::Withdraw, None), |scene, _, last| {
        let proposal = waiting(last)?;
        let conn = scene.transaction.conn();
        let others = match conn.user(proposal.proposed_by)? {
            Some(proposer) => proposer.id != scene.identity.user && may_act(conn, &proposer)?,
            None => false,
        };
        if others {
            return Err(ServiceError::IllegalStep("Another person proposed it: decline it.".to_owned()));
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

/// Returns the proposal that waits.
fn waiting(last: Option<Proposal>) -> Result<Proposal, ServiceError> {
    match last {
        Some(proposal) if proposal.is_pending() => Ok(proposal),
        Some(proposal) if proposal.state == ProposalState::Superseded => {
            let detail = "What was proposed waits no more: what it is about changed since; read it again.";
            Err(ServiceError::Changed(detail.to_owned()))
        }
        Some(proposal) => Err(ServiceError::IllegalStep(format!("What was proposed is {}: nothing waits.", proposal.state))),
        None => Err(ServiceError::IllegalStep("Nothing is proposed.".to_owned())),
    }
}

/// Returns the proposal that waits, where the caller is a person and another one than its proposer.
fn of_another(Scene { transaction, identity }: &mut Scene<'_, '_>, last: Option<Proposal>) -> Result<Proposal, ServiceError> {
    let mut proposal = waiting(last)?;
    let user = transaction.conn().user(identity.user)?;
    if user.is_none_or(|user| user.kind != UserKind::Person) {
        let detail = "A program is no second person: somebody decides with credentials of their own.";
        return Err(ServiceError::Forbidden(detail.to_owned()));
    }
    require_session(identity)?;
    let proposer = Actor { user: proposal.proposed_by, credential: Some(proposal.proposed_with) };
    proposal.told.founders = check_two_people(transaction.conn(), proposer, identity)?;
    Ok(proposal)
}
