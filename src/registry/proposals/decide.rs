//! The four steps of a proposal, the same for every kind. Each runs in one transaction that locks the subject, changes the proposal and
//! the subject, and leaves one line in the audit chain.

use serde::Serialize;

use super::four_eyes::check_two_people;
use super::record::{Proposal, by_id, last_one, open};
use super::{Decided, Decision, Scene, Step, Taken, Wish};
use crate::acts::sealed_traces::tell_privately;
use crate::acts::{Act, Deed, Identity, Reply, event, may_act};
use crate::node::{ProblemCode, Refusal, ServiceError};
use vasp_log::audit::AuditOutcome;
use vasp_pki::DataKey;
use vasp_record::proposal::{ProposalKind, ProposalState, Reason};
use vasp_record::role::UserKind;
use vasp_rules::four_eyes::Actor;
use vasp_store::Conn;
use vasp_words::ids::{ProposalId, UserId};

/// The line in the audit chain, the same for every kind and step.
#[derive(Serialize)]
struct Line<'a, C> {
    proposal: ProposalId,
    proposal_digest: &'a str,
    proposed_by: UserId,
    says: &'a str,
    content: Option<&'a C>,
    reason: Option<&'a Reason>,
    /// Whether the two people are the founders of one organisation.
    founders: bool,
}

impl<'a, C> Line<'a, C> {
    fn of(content: &'a C, proposal: &'a Proposal, reason: Option<&'a Reason>) -> Self {
        // An override is erased with its pre-check, so the chain, which keeps everything, has only its digest.
        let stays = proposal.kind != ProposalKind::Override;
        Self {
            proposal: proposal.id,
            proposal_digest: &proposal.told.digest,
            proposed_by: proposal.proposed_by,
            says: &proposal.told.says,
            content: stays.then_some(content),
            reason: reason.filter(|_| stays),
            founders: proposal.told.founders,
        }
    }
}

/// Whether the proposer, as they are now, may still stand behind a proposal.
pub type ProposerMay<'a> = &'a dyn Fn(&Identity) -> bool;

/// How a proposal is settled.
#[derive(Debug)]
pub enum Settling {
    /// It is approved; the digest of exactly what the approver saw.
    Approve(String),
    /// It is declined, for a reason.
    Decline(Reason),
    /// It is withdrawn.
    Withdraw,
}

impl Settling {
    fn step(&self) -> Step {
        match self {
            Self::Approve(_) => Step::Approve,
            Self::Decline(_) => Step::Decline,
            Self::Withdraw => Step::Withdraw,
        }
    }

    fn state(&self) -> ProposalState {
        match self {
            Self::Approve(_) => ProposalState::Approved,
            Self::Decline(_) => ProposalState::Declined,
            Self::Withdraw => ProposalState::Withdrawn,
        }
    }
}

/// Makes a proposal. If one person is enough, its proposer approves it in the same act. A new proposal supersedes a pending one about
/// the same subject. `content` makes the proposed content from the subject.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep`, and the refusals of the kind; and those of [`Act::run`].
pub fn propose<D: Decision>(
    act: Act<'_, Decided>,
    decision: &D,
    content: impl FnOnce(&D::Held) -> Result<D::Content, ServiceError>,
    reason: &Reason,
) -> Result<Reply, ServiceError> {
    let (step, action) = (Step::Propose, format!("{}.{}", D::KIND, Step::Propose.as_str()));
    let deed = |transaction: &mut vasp_store::Transaction<'_>, identity: &Identity| {
        let mut scene = Scene { transaction, identity };
        let mut held = decision.hold(&mut scene, step)?;
        require_session(identity)?;
        let last = last_one(scene.transaction.conn(), D::KIND, &decision.subject(&held), decision.key())?;
        let (content, waiting) = (content(&held)?, last.filter(Proposal::is_pending));
        let wanted = Taken { step, content: &content, proposal: waiting.as_ref(), reason: Some(reason) };
        let acted = decision.consider(&mut scene, &mut held, &wanted)? == Wish::Acted;
        let mut proposal = wait(&mut scene, decision, &held, &content, reason)?;
        if acted {
            proposal = proposal.settle(&mut scene, ProposalState::Approved, (None, decision.key()))?;
        }
        let waited = (!acted).then_some(&proposal);
        decision.take(&mut scene, &mut held, &Taken { step, content: &content, proposal: waited, reason: Some(reason) })?;
        let line = serde_json::to_value(Line::of(&content, &proposal, Some(reason)))?;
        let subject = decision.subject(&held);
        Ok(Deed::new(Decided { proposal, handed: None }, subject, line))
    };
    if D::IS_PRIVATE { act.run_privately(&action, deed) } else { act.run(&action, deed) }
}

/// Begins a proposal as a part of another step, and leaves a line in the audit chain as [`propose`] does. It supersedes a waiting proposal
/// about the same subject.
///
/// # Errors
/// `ServiceError::Store`, `Unwritable` if the content has no JSON form.
pub(crate) fn begin<D: Decision>(
    scene: &mut Scene<'_, '_>,
    decision: &D,
    held: &D::Held,
    content: &D::Content,
    reason: &Reason,
) -> Result<Proposal, ServiceError> {
    require_session(scene.identity)?;
    let proposal = wait(scene, decision, held, content, reason)?;
    let action = format!("{}.{}", D::KIND, Step::Propose.as_str());
    let line = serde_json::to_value(Line::of(content, &proposal, Some(reason)))?;
    let Scene { transaction, identity } = scene;
    transaction.audit(event(identity, &action, Some(decision.subject(held)), AuditOutcome::Done, line));
    Ok(proposal)
}

/// Makes a proposal of the registry itself about private data. Nobody signed it, so two people must: who approves it first proposes it.
///
/// # Errors
/// `ServiceError::Store`, `Key`, `Unwritable` if the content has no JSON form.
pub(crate) fn begin_by_registry<D: Decision>(
    scene: &mut Scene<'_, '_>,
    decision: &D,
    held: &D::Held,
    content: &D::Content,
    reason: &Reason,
    key: &DataKey,
) -> Result<Proposal, ServiceError> {
    let proposal = wait(scene, decision, held, content, reason)?;
    let (action, subject) = (format!("{}.{}", D::KIND, Step::Propose.as_str()), decision.subject(held));
    let line = serde_json::to_value(Line::of(content, &proposal, Some(reason)))?;
    let organisation = scene.identity.organisation.to_string();
    tell_privately(scene.transaction, &organisation, key, &action, Some(&subject), &line)?;
    Ok(proposal)
}

const SESSION_NEEDED: &str = "A person who signed in must do this; an API key or client certificate is not accepted.";

/// Refuses an API key or client certificate, which may be stolen or shared: two people decide, and each must be signed in.
///
/// # Errors
/// `ServiceError::Refused` with `session_needed`.
pub(crate) fn require_session(identity: &Identity) -> Result<(), ServiceError> {
    if identity.is_signed_in() { Ok(()) } else { Err(Refusal::new(ProblemCode::SessionNeeded, SESSION_NEEDED).into()) }
}

fn wait<D: Decision>(
    scene: &mut Scene<'_, '_>,
    decision: &D,
    held: &D::Held,
    content: &D::Content,
    reason: &Reason,
) -> Result<Proposal, ServiceError> {
    let ground = decision.ground(scene, held, content)?;
    let (subject, says) = (decision.subject(held), decision.says(held, content));
    let organisation = decision.organisation(held, scene.identity);
    open(scene, decision.key(), D::KIND, &subject, organisation, (content, says, reason), &ground)
}

/// Settles a proposal that waits: another person approves or declines it, or the proposer withdraws it. A proposal whose subject is gone
/// can still be declined and withdrawn.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if it waits no more, or if its proposer may no longer propose it; `Changed` if the digest is
/// not that of the proposal on its current basis; `SamePerson`; `Forbidden` for programs; the refusals of the kind; and those of [`Act::run`].
pub fn settle<D: Decision>(
    act: Act<'_, Decided>,
    decision: &D,
    (id, settling): (ProposalId, &Settling),
    proposer_may: ProposerMay<'_>,
) -> Result<Reply, ServiceError> {
    let (step, state) = (settling.step(), settling.state());
    let reason = if let Settling::Decline(reason) = settling { Some(reason) } else { None };
    let action = format!("{}.{}", D::KIND, step.as_str());
    let deed = |transaction: &mut vasp_store::Transaction<'_>, identity: &Identity| {
        let mut scene = Scene { transaction, identity };
        waiting(by_id(scene.transaction.conn(), id, decision.key())?)?;
        let mut held = match decision.hold(&mut scene, step) {
            Ok(held) => Some(held),
            Err(ServiceError::NotFound(_) | ServiceError::IllegalStep(_)) if step != Step::Approve => None,
            Err(error) => return Err(error),
        };
        // It is read again: the subject is locked now.
        let proposal = waiting(by_id(scene.transaction.conn(), id, decision.key())?)?;
        let proposal = match step {
            Step::Withdraw => of_own(&mut scene, proposal)?,
            Step::Propose | Step::Approve | Step::Decline => of_another(&mut scene, proposal)?,
        };
        if step == Step::Approve && !proposal.is_of_registry() {
            check_proposer(scene.transaction.conn(), &proposal, proposer_may)?;
        }
        let content = proposal.content()?;
        if let (Settling::Approve(digest), Some(held)) = (settling, &held) {
            check_digest(&mut scene, decision, held, &proposal, &content, digest)?;
        }
        if let (Step::Approve, Some(held), true) = (step, &held, proposal.is_of_registry()) {
            // Nobody signed it yet: who approves it first proposes it, and another person decides.
            let reason = proposal.told.reason.clone();
            let signed = wait(&mut scene, decision, held, &content, &reason)?;
            let line = serde_json::to_value(Line::of(&content, &signed, None))?;
            let signed = signed.seen_by(scene.transaction.conn(), identity)?;
            let subject = signed.subject.clone();
            return Ok(Deed::new(Decided { proposal: signed, handed: None }, subject, line));
        }
        let proposal = proposal.settle(&mut scene, state, (reason, decision.key()))?;
        if let Some(held) = &mut held {
            decision.take(&mut scene, held, &Taken { step, content: &content, proposal: Some(&proposal), reason })?;
        }
        let line = serde_json::to_value(Line::of(&content, &proposal, reason))?;
        let proposal = proposal.seen_by(scene.transaction.conn(), identity)?;
        let (subject, handed) = (proposal.subject.clone(), held.and_then(|held| decision.handed(held)));
        Ok(Deed::new(Decided { proposal, handed }, subject, line))
    };
    if D::IS_PRIVATE { act.run_privately(&action, deed) } else { act.run(&action, deed) }
}

/// Refuses an approval of anything but exactly what was proposed, on the basis on which it was proposed.
fn check_digest<D: Decision>(
    scene: &mut Scene<'_, '_>,
    decision: &D,
    held: &D::Held,
    proposal: &Proposal,
    content: &D::Content,
    approved: &str,
) -> Result<(), ServiceError> {
    let ground = decision.ground(scene, held, content)?;
    if proposal.told.digest == approved && proposal.stands_on(D::KIND, &ground)? {
        return Ok(());
    }
    let detail = "This digest does not match the proposal: the proposal or its subject has changed. Read the proposal again.";
    Err(ServiceError::Changed(detail.to_owned()))
}

/// Returns the proposal if it is pending, and refuses it otherwise.
fn waiting(proposal: Proposal) -> Result<Proposal, ServiceError> {
    match proposal.state {
        ProposalState::Pending => Ok(proposal),
        ProposalState::Superseded => {
            let detail = "The proposal is no longer pending, because its subject changed. Read it again.";
            Err(ServiceError::Changed(detail.to_owned()))
        }
        state => Err(ServiceError::IllegalStep(format!("The proposal is {state}, so it is no longer pending."))),
    }
}

/// Returns the proposal if it is the caller's own, or that of a user who may no longer act: nobody else could withdraw the latter, and it
/// would wait for ever.
fn of_own(scene: &mut Scene<'_, '_>, proposal: Proposal) -> Result<Proposal, ServiceError> {
    let conn = scene.transaction.conn();
    let others = match conn.user(proposal.proposed_by)? {
        Some(proposer) => proposer.id != scene.identity.user && may_act(conn, &proposer)?,
        None => false,
    };
    if others {
        let detail = "Another person made this proposal, so you cannot withdraw it; decline it instead.";
        return Err(ServiceError::IllegalStep(detail.to_owned()));
    }
    Ok(proposal)
}

/// Refuses a proposal whose proposer may no longer propose it. Otherwise one remaining person would decide alone.
fn check_proposer(conn: &mut Conn, proposal: &Proposal, may: ProposerMay<'_>) -> Result<(), ServiceError> {
    let proposer = Identity::signed_in(conn, proposal.proposed_by, proposal.proposed_with)?;
    if proposer.is_some_and(|proposer| may(&proposer)) {
        return Ok(());
    }
    let detail = "Whoever proposed this was disabled, lost the role for it, or belongs to a closed organisation: decline the proposal, and \
                  let another person propose it.";
    Err(ServiceError::IllegalStep(detail.to_owned()))
}

/// Returns the proposal if the caller is a person other than its proposer.
fn of_another(Scene { transaction, identity }: &mut Scene<'_, '_>, mut proposal: Proposal) -> Result<Proposal, ServiceError> {
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
