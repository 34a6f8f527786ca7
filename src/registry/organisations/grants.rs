//! Roles: given at once, or proposed for a second person if they can vouch for records of the registry.
//!
//! Source: docs/organisations.md, "Four eyes".

use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{Reach, RoleGrant, User, tell, view};
use crate::acts::Identity;
use crate::node::{ProblemCode, Refusal, ServiceError};
use crate::proposals::four_eyes::makers_behind;
use crate::proposals::{Decision, Scene, Step, Taken, begin, require_session};
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_record::role::{GrantState, OrganisationKind, Role, UserState};
use vasp_rules::four_eyes::{Actor, Tie, tie};
use vasp_store::{RoleGrantRow, Transaction, UserRow};
use vasp_words::ids::{GrantId, OrganisationId, UserId};

/// The content of a proposal: a role for a user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleContent {
    user: UserId,
    role: Role,
}

/// What the digest also covers: who the user is.
#[derive(Debug, Serialize)]
pub struct RoleGround {
    organisation: OrganisationId,
    name: String,
    email: Option<String>,
}

/// A grant with its user, read under the lock on credentials.
pub struct HeldGrant {
    row: RoleGrantRow,
    user: UserRow,
}

/// A decision about a role.
#[derive(Debug)]
pub struct GrantDecision {
    /// The grant.
    pub id: GrantId,
}

/// Gives roles to a user, or proposes those that need two people.
pub(super) fn give(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    user: &UserRow,
    kind: OrganisationKind,
    roles: impl IntoIterator<Item = Role>,
) -> Result<(), ServiceError> {
    let why = Reason::stated("The role was requested together with the user.");
    for role in roles {
        require_session(identity)?;
        let (now, waits) = (transaction.now(), role.takes_two_people(kind));
        let state = if waits { GrantState::Pending } else { GrantState::Active };
        let id = GrantId::new(now, transaction.conn_and_rng().1);
        let row = RoleGrantRow { id, user_id: user.id, role, state, ended_at: None };
        if transaction.add_role_grant(&row)? && waits {
            let (decision, content) = (GrantDecision { id }, RoleContent { user: user.id, role });
            let held = HeldGrant { row, user: user.clone() };
            begin(&mut Scene { transaction, identity }, &decision, &held, &content, &why)?;
        }
    }
    Ok(())
}

/// Takes roles from a user at once; waiting roles are declined.
pub(super) fn take(transaction: &mut Transaction<'_>, roles: &[RoleGrant]) -> Result<(), ServiceError> {
    for RoleGrant { row: held, .. } in roles {
        let Some(row) = transaction.conn().role_grant(held.id)? else { continue };
        let now = transaction.now();
        let ended = match held.state {
            GrantState::Active => RoleGrantRow { state: GrantState::Ended, ended_at: Some(now), ..row },
            _ => {
                transaction.supersede_proposal(ProposalKind::RoleGrant, &row.id.to_string())?;
                RoleGrantRow { state: GrantState::Declined, ..row }
            }
        };
        transaction.move_role_grant(&ended, held.state)?;
    }
    Ok(())
}

impl Decision for GrantDecision {
    const KIND: ProposalKind = ProposalKind::RoleGrant;
    type Content = RoleContent;
    type Ground = RoleGround;
    type Held = HeldGrant;

    fn hold(&self, scene: &mut Scene<'_, '_>, _: Step) -> Result<HeldGrant, ServiceError> {
        let Scene { transaction, identity } = scene;
        transaction.lock_credentials()?;
        let missing = || ServiceError::NotFound("There is no such role grant.".to_owned());
        let row = transaction.conn().role_grant(self.id)?.ok_or_else(missing)?;
        // A grant out of reach looks like a missing one, whether it waits or not.
        let found = Reach::of(identity).user(transaction.conn(), identity, row.user_id).map_err(|error| match error {
            ServiceError::NotFound(_) => missing(),
            other => other,
        })?;
        if row.state != GrantState::Pending {
            return Err(ServiceError::IllegalStep(format!("The role grant is no longer pending: it is {}.", row.state)));
        }
        Ok(HeldGrant { row, user: found.0 })
    }

    fn subject(&self, held: &HeldGrant) -> String {
        held.row.id.to_string()
    }

    fn organisation(&self, held: &HeldGrant, _: &Identity) -> OrganisationId {
        held.user.organisation
    }

    fn says(&self, held: &HeldGrant, content: &RoleContent) -> String {
        // The text goes into the audit chain, which names no person.
        format!("Give the user {} the role {}.", held.user.id, content.role)
    }

    fn ground(&self, _: &mut Scene<'_, '_>, held: &HeldGrant, _: &RoleContent) -> Result<RoleGround, ServiceError> {
        let UserRow { organisation, name, email, .. } = held.user.clone();
        Ok(RoleGround { organisation, name, email })
    }

    fn take(&self, scene: &mut Scene<'_, '_>, held: &mut HeldGrant, taken: &Taken<'_, RoleContent>) -> Result<(), ServiceError> {
        let Scene { transaction, identity } = scene;
        let state = if taken.step == Step::Approve { GrantState::Active } else { GrantState::Declined };
        if taken.step == Step::Approve {
            refuse_own(transaction, held.row.user_id, identity)?;
            if held.user.state == UserState::Disabled {
                held.user.state = held.user.disabled_from.take().unwrap_or(UserState::Active);
            }
        }
        held.row.state = state;
        if !transaction.move_role_grant(&held.row, GrantState::Pending)? {
            // This transaction has held the lock on credentials since it read the grant.
            return Err(ServiceError::Changed("The role grant was decided in the meantime.".to_owned()));
        }
        held.user = touch(transaction, held.user.clone())?;
        let action = format!("{}.{}", Self::KIND, taken.step.as_str());
        let details = json!({"user": held.row.user_id, "role": held.row.role,
                             "proposed_by": taken.proposal.map(|proposal| proposal.proposed_by)});
        tell(transaction, identity, held.user.organisation, &action, held.row.id, &details);
        Ok(())
    }
}

/// Refuses deciders who would get the role themselves, or whose user or credential goes back to the role's user. Refuses them too if one
/// person held the enrolment links of both.
fn refuse_own(transaction: &mut Transaction<'_>, user: UserId, identity: &Identity) -> Result<(), ServiceError> {
    let (grantee, decider) = (Actor { user, credential: None }, identity.actor());
    let makers = makers_behind(transaction.conn(), [grantee, decider])?;
    match tie(&makers, grantee, decider) {
        Some(Tie::OneUser | Tie::MadeByProposer | Tie::HeldByOne) => {
            let detail = "This role would go to you, or to a user that may be yours; another person must decide.";
            Err(Refusal::new(ProblemCode::SamePerson, detail).into())
        }
        // Whoever created the user may approve what another person proposed.
        Some(Tie::MadeByDecider) | None => Ok(()),
    }
}

/// Writes the next version of a user. A change of roles is a change of the user.
pub(super) fn touch(transaction: &mut Transaction<'_>, user: UserRow) -> Result<UserRow, ServiceError> {
    let next = UserRow { version: user.version.saturating_add(1), ..user };
    transaction.change_user(&next)?;
    Ok(next)
}

/// Returns a user with its roles, as the transaction sees them.
pub(super) fn held(transaction: &mut Transaction<'_>, identity: &Identity, user: &UserRow) -> Result<User, ServiceError> {
    view::one_user(transaction.conn(), identity, user.clone())
}
