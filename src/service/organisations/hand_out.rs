//! Enrolment links on their way to an invited person, never by way of the inviter: whoever holds two links may act as two people. A link
//! goes to the invited address by mail; without mail a second admin hands it out, as one decides on a proposal; an invitation that
//! binds an account at a provider needs none.
//!
//! Source: wire contract, "Operator", `organisations/{id}/users`, and "Proposals".

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Invited, Reach, grants, tell};
use crate::service::enrolment::{self, EnrolmentLink};
use crate::service::proposals::{Decision, Proposal, Scene, Step, Taken, begin};
use crate::service::{Identity, ServiceError};
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_record::role::UserState;
use vasp_store::{Transaction, UserRow};
use vasp_words::ids::{OrganisationId, UserId};

/// What is proposed: that a user gets a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkContent {
    user: UserId,
}

/// What the digest covers besides: who the user is.
#[derive(Debug, Serialize)]
pub struct LinkGround {
    organisation: OrganisationId,
    name: String,
    email: Option<String>,
}

/// An invited user under the lock on credentials, with the link that is handed out.
pub struct HeldLink {
    user: UserRow,
    link: Option<EnrolmentLink>,
}

/// A decision about the link of an invited person.
#[derive(Debug)]
pub struct LinkDecision {
    /// How far the caller may look.
    pub reach: Reach,
    /// The invited person.
    pub user: UserId,
}

/// Has the link of an invited person wait for a second admin; one that was handed out before stops working.
pub(super) fn wait_for_another(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    (reach, user): (Reach, &UserRow),
) -> Result<(), ServiceError> {
    transaction.drop_enrolment(user.id)?;
    let (decision, held) = (LinkDecision { reach, user: user.id }, HeldLink { user: user.clone(), link: None });
    let why = Reason::stated("The person was invited.");
    begin(&mut Scene { transaction, identity }, (&decision, &held), (&LinkContent { user: user.id }, &why)).map(drop)
}

impl Decision for LinkDecision {
    const KIND: ProposalKind = ProposalKind::Enrolment;
    type Content = LinkContent;
    type Ground = LinkGround;
    type Held = HeldLink;
    type Shown = Invited;

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<HeldLink, ServiceError> {
        let Scene { transaction, identity } = scene;
        transaction.lock_credentials()?;
        let (user, _) = self.reach.user(transaction.conn(), identity, self.user)?;
        if user.state != UserState::Invited {
            return Err(ServiceError::IllegalStep(format!("The user waits for no link: it is {}.", user.state)));
        }
        Ok(HeldLink { user, link: None })
    }

    fn subject(&self, _: &HeldLink) -> String {
        self.user.to_string()
    }

    fn says(&self, _: &HeldLink, content: &LinkContent) -> String {
        // The words go into the audit chain, which names no person.
        format!("Hand the enrolment link of the user {} out.", content.user)
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &HeldLink, _: &LinkContent) -> Result<LinkGround, ServiceError> {
        let UserRow { organisation, name, email, .. } = held.user.clone();
        Ok(LinkGround { organisation, name, email })
    }

    fn take(&self, scene: &mut Scene<'_, '_>, held: &mut HeldLink, taken: &Taken<'_, LinkContent>) -> Result<(), ServiceError> {
        let Scene { transaction, identity } = scene;
        if taken.step == Step::Approve {
            held.link = Some(enrolment::invite(transaction, &held.user)?);
            held.user.link_held_by = Some(identity.user);
            held.user = grants::touch(transaction, held.user.clone())?;
        }
        let action = format!("{}.{}", Self::KIND, taken.step.as_str());
        let details = json!({"proposed_by": taken.proposal.map(|proposal| proposal.proposed_by)});
        tell(transaction, identity, held.user.organisation, (&action, self.user, &details));
        Ok(())
    }

    fn show(&self, scene: &mut Scene<'_, '_>, held: HeldLink, _: Option<Proposal>) -> Result<Invited, ServiceError> {
        let user = grants::held(scene.transaction, scene.identity, &held.user)?;
        Ok(Invited { user, link: held.link, mailed: false })
    }
}
