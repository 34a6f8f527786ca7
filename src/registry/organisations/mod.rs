//! Organisations, their users, roles, delegations, API keys and client certificates, changed through the API. Giving a power over the
//! registry takes two people. Taking something away takes effect at once. The callers are the member routes and the operator routes:
//! `Reach` says which organisations they may see.
//!
//! `Act::run` runs each change. The change takes `lock_credentials` first, as does every writer of credentials. So a decision based on
//! users, roles and keys still holds at the commit. Then come the rule, the rows and the audit line. The directory catches up before the
//! answer is sent, so that a revoked key stops working at once. Users and credentials record who created them. A second person must not
//! have created the proposer, nor the proposer them, over any number of steps (`vasp_rules::four_eyes`).

pub mod credentials;
pub(crate) mod http;
pub(crate) mod roles_and_scopes;
pub use credentials::{NewUser, create_api_key, create_organisation, create_user, reset_user, revoke_api_key};
mod address_budget;
mod api_keys;
mod change;
pub(crate) mod client_certificates;
mod delegations;
mod fresh_code;
mod grants;
mod hand_out;
mod invite;
mod links;
mod rotate;
mod state;
mod stored;
mod users;
mod view;
pub(crate) mod written;

use serde_json::Value;

use crate::acts::{Identity, event};
use crate::node::ServiceError;
use vasp_log::audit::AuditOutcome;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_store::{Conn, Transaction};
use vasp_words::ids::{OrganisationId, UserId};

pub use address_budget::{AddressBudget, BudgetDecision, BudgetGround};
pub use api_keys::{KeyOwner, NewKey, create_own_key, list_keys, revoke_key};
pub use change::{
    NewOrganisation, OrganisationChange, change_organisation, list_organisations, open_organisation, read_organisation,
};
pub use client_certificates::{
    CertificateTerms, HeldCertificate, NewCertificate, create_certificate, enrol, list_certificates, revoke_by_key,
    revoke_by_sha256, revoke_certificate,
};
pub use delegations::{NewDelegation, delegate, list_delegations, withdraw_delegation};
pub use fresh_code::FreshCode;
pub use grants::{GrantDecision, HeldGrant, RoleContent, RoleGround};
pub use hand_out::{HeldLink, LinkContent, LinkDecision, LinkGround};
pub use invite::{Invitation, Invited, InvitedAccount, MachineMade, NewMachine, add_machine, invite_again, invite_user};
pub use links::{WaitingLink, list_links};
pub use rotate::{Rotated, rotate_key};
pub use state::{disable_user, enable_user};
pub use stored::{stored_keys, stored_organisations, stored_users};
pub use users::{UserChange, change_user, list_users, read_user};
pub use vasp_store::{Delegation, Organisation, RoleGrantRow, UserRow};
pub use view::{ApiKey, RoleGrant, User};

/// Which organisations a caller may see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Its own organisation.
    Own,
    /// Every organisation.
    Every,
}

const NO_ORGANISATION: &str = "There is no such organisation.";
const NO_USER: &str = "There is no such user.";

impl Reach {
    /// Returns what a caller may see: an admin of the registry every organisation, anybody else their own.
    #[must_use]
    pub fn of(identity: &Identity) -> Self {
        let is_admin = identity.kind == OrganisationKind::Operator && identity.has_any(&[Role::Admin]);
        if is_admin && identity.may(Scope::Admin) { Self::Every } else { Self::Own }
    }

    fn covers(self, identity: &Identity, organisation: OrganisationId) -> bool {
        self == Self::Every || identity.organisation == organisation
    }

    /// Returns an organisation. One out of reach is reported as missing.
    fn organisation(self, conn: &mut Conn, identity: &Identity, id: OrganisationId) -> Result<Organisation, ServiceError> {
        let found = if self.covers(identity, id) { conn.organisation(id)? } else { None };
        found.ok_or_else(|| ServiceError::NotFound(NO_ORGANISATION.to_owned()))
    }

    /// Returns an organisation to which the caller wants to add something; refuses a closed one.
    fn open_organisation(self, conn: &mut Conn, identity: &Identity, id: OrganisationId) -> Result<Organisation, ServiceError> {
        let found = self.organisation(conn, identity, id)?;
        match found.closed_at {
            None => Ok(found),
            Some(_) => Err(ServiceError::IllegalStep("The organisation is closed; open it again first.".to_owned())),
        }
    }

    /// Returns a user with its organisation. A user out of reach is reported as missing.
    fn user(self, conn: &mut Conn, identity: &Identity, id: UserId) -> Result<(UserRow, Organisation), ServiceError> {
        let missing = || ServiceError::NotFound(NO_USER.to_owned());
        let user = conn.user(id)?.filter(|user| self.covers(identity, user.organisation)).ok_or_else(missing)?;
        let organisation = conn.organisation(user.organisation)?.ok_or_else(missing)?;
        Ok((user, organisation))
    }
}

/// Writes an audit line for another organisation too, if the registry's own people did something there.
pub(crate) fn tell(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    organisation: impl ToString,
    action: &str,
    subject: impl ToString,
    details: &Value,
) {
    let organisation = organisation.to_string();
    if identity.organisation.to_string() != organisation {
        let told = event(identity, action, Some(subject.to_string()), AuditOutcome::Done, details.clone());
        let told = vasp_log::audit::AuditEvent { organisation: Some(organisation), ..told };
        transaction.audit(told);
    }
}

/// Refuses a change of an operator's users that would leave the registry without an admin, who alone can give roles.
fn require_an_admin(transaction: &mut Transaction<'_>, changed: &Organisation) -> Result<(), ServiceError> {
    if changed.kind == OrganisationKind::Operator && transaction.conn().operator_admins()?.is_empty() {
        let detail = "The registry would have no admin after this change; another admin must be approved first.";
        return Err(ServiceError::IllegalStep(detail.to_owned()));
    }
    Ok(())
}
