//! How an enrolment link reaches an invited person. It never reaches the inviter, because a person with two links could act as two people.
//! The link goes to the invited address by mail. Without mail, a second admin hands it out by approving a proposal. An invitation that
//! binds an account at a provider needs no link.
//!
//! Source: docs/organisations.md, "First users".

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Invited, InvitedAccount, Reach, grants, tell};
use crate::acts::Identity;
use crate::node::{Fault, Registry, ServiceError, invalid};
use crate::proposals::{Decision, Handed, Scene, Step, Taken, begin, require_session};
use crate::sign_in::enrolment::EnrolmentLink;
use crate::sign_in::{SignIn, enrolment, issuer_of};
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_record::role::UserState;
use vasp_store::{OidcLinkRow, Transaction, UserRow};
use vasp_words::ids::{OrganisationId, UserId};

/// The content of a proposal: a user gets a link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkContent {
    user: UserId,
}

/// What the digest also covers: who the user is.
#[derive(Debug, Serialize)]
pub struct LinkGround {
    organisation: OrganisationId,
    name: String,
    email: Option<String>,
}

/// An invited user, read under the lock on credentials, with the link that is handed out.
pub struct HeldLink {
    user: UserRow,
    link: Option<EnrolmentLink>,
}

/// A decision about the link of an invited person.
#[derive(Debug)]
pub struct LinkDecision {
    /// The invited person.
    pub user: UserId,
}

/// The address and the link of a mail to send after the transaction is committed.
pub(super) type Mail = (String, EnrolmentLink);

/// How the link of an invited person is delivered.
pub(super) struct Way<'a> {
    pub registry: &'a Registry,
    /// Receives the mail to send.
    pub mail: &'a mut Option<Mail>,
}

impl Way<'_> {
    /// Prepares a mail with a new link; without mail, the link waits for a second admin. An earlier link stops working. A person with an
    /// account at a provider gets no link.
    pub(super) fn send(
        self,
        transaction: &mut Transaction<'_>,
        identity: &Identity,
        user: &UserRow,
    ) -> Result<Invited, ServiceError> {
        require_session(identity)?;
        let is_bound = !transaction.conn().oidc_links_of(user.id)?.is_empty();
        let mailed = !is_bound && self.registry.outbound().is_ok_and(|outbound| outbound.mailer().is_some());
        if mailed {
            transaction.supersede_proposal(ProposalKind::Enrolment, &user.id.to_string())?;
            let unheld = UserRow { link_held_by: None, ..user.clone() };
            *self.mail = user.email.clone().zip(Some(enrolment::invite(transaction, user)?));
            let user = if user.link_held_by.is_some() { grants::touch(transaction, unheld)? } else { unheld };
            return Ok(Invited { user: grants::held(transaction, identity, &user)?, link: None, mailed });
        }
        if !is_bound {
            transaction.drop_enrolment(user.id)?;
            let decision = LinkDecision { user: user.id };
            let (held, why) = (HeldLink { user: user.clone(), link: None }, Reason::stated("The person was invited."));
            begin(&mut Scene { transaction, identity }, &decision, &held, &LinkContent { user: user.id }, &why)?;
        }
        Ok(Invited { user: grants::held(transaction, identity, user)?, link: None, mailed })
    }
}

/// Binds an account at a provider to an invited user, who becomes active at the first sign-in with it.
pub(super) fn bind(
    registry: &Registry,
    transaction: &mut Transaction<'_>,
    user: UserId,
    account: &InvitedAccount,
) -> Result<(), ServiceError> {
    let issuer = issuer_of(registry, &account.provider)
        .ok_or_else(|| invalid("/account/provider", "invalid_value", "there is no such provider".to_owned()))?;
    let subject = account.subject.clone();
    if subject.is_empty() || subject.chars().count() > 255 || subject.chars().any(char::is_control) {
        let detail = "an account's name must have 1 to 255 characters and no control characters".to_owned();
        return Err(invalid("/account/subject", "invalid_value", detail));
    }
    if transaction.add_oidc_link(&OidcLinkRow { issuer: issuer.to_owned(), subject, user_id: user, linked_with: None })? {
        return Ok(());
    }
    let detail = "another user signs in with this account".to_owned();
    Err(ServiceError::Conflict(Fault { pointer: "/account/subject".to_owned(), code: "linked", detail }))
}

/// Mails a link, if there is one to mail. It runs after the transaction, which must not wait for a mail server.
pub(super) fn deliver(registry: &Registry, mail: Option<Mail>) -> Result<(), ServiceError> {
    let Some((to, link)) = mail else { return Ok(()) };
    let url = link.url(registry.part::<SignIn>().public_url.as_str());
    let text = format!(
        "You are invited to the VASP registry. Open this link and choose a password:\n\n{url}\n\nThe link works only once, \
         until {}. Do not share it.\n",
        link.expires_at
    );
    registry.mail(&to, "Your invitation to the VASP registry", text)
}

impl Decision for LinkDecision {
    const KIND: ProposalKind = ProposalKind::Enrolment;
    type Content = LinkContent;
    type Ground = LinkGround;
    type Held = HeldLink;

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<HeldLink, ServiceError> {
        let Scene { transaction, identity } = scene;
        transaction.lock_credentials()?;
        let (user, _) = Reach::of(identity).user(transaction.conn(), identity, self.user)?;
        if user.state != UserState::Invited {
            return Err(ServiceError::IllegalStep(format!("The user does not need a link: the user is {}.", user.state)));
        }
        Ok(HeldLink { user, link: None })
    }

    fn subject(&self, _: &HeldLink) -> String {
        self.user.to_string()
    }

    fn organisation(&self, held: &HeldLink, _: &Identity) -> OrganisationId {
        held.user.organisation
    }

    fn says(&self, _: &HeldLink, content: &LinkContent) -> String {
        // The text goes into the audit chain, which names no person.
        format!("Hand out the enrolment link of the user {}.", content.user)
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
        tell(transaction, identity, held.user.organisation, &action, self.user, &details);
        Ok(())
    }

    fn handed(&self, held: HeldLink) -> Option<Handed> {
        held.link.map(|EnrolmentLink { secret, expires_at }| Handed { secret, expires_at })
    }
}
