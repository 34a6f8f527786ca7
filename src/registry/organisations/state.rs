//! Disabling a user takes effect at once, also for its keys. Enabling a user with the registry's own roles takes two people: its roles wait
//! again, and the user may act when the first of them is approved.

use serde_json::json;

use super::{Reach, RoleGrant, User, grants, require_an_admin, tell, users};
use crate::acts::{Act, Deed, Reply};
use crate::node::ServiceError;
use vasp_record::proposal::ProposalKind;
use vasp_record::role::{GrantState, Role, UserState};
use vasp_words::ids::UserId;

/// Disables a user at once; waiting roles are declined.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if it is disabled already, and for the last admin; and those of [`Act::run`].
pub fn disable_user(act: Act<'_, User>, id: UserId) -> Result<Reply, ServiceError> {
    act.run("user.disable", |transaction, identity| {
        transaction.lock_credentials()?;
        let (mut row, organisation) = Reach::of(identity).user(transaction.conn(), identity, id)?;
        if row.state == UserState::Disabled {
            return Err(ServiceError::IllegalStep("The user is already disabled.".to_owned()));
        }
        let user = grants::held(transaction, identity, &row)?;
        let waiting: Vec<RoleGrant> = user.roles.into_iter().filter(|held| held.row.state == GrantState::Pending).collect();
        grants::take(transaction, &waiting)?;
        if row.state == UserState::Invited {
            // The user was never active. Without the address, the person can be invited again, by somebody else too.
            row.email = None;
            transaction.supersede_proposal(ProposalKind::Enrolment, &id.to_string())?;
        }
        row.disabled_from = Some(std::mem::replace(&mut row.state, UserState::Disabled));
        let row = grants::touch(transaction, row)?;
        require_an_admin(transaction, &organisation)?;
        tell(transaction, identity, organisation.id, "user.disable", id, &json!({}));
        Ok(Deed::new(grants::held(transaction, identity, &row)?, id, json!({})))
    })
}

/// Enables a user: at once, or, if one of its roles takes two people, when another person approves.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if it is not disabled, if it never redeemed its link, or if its roles wait
/// already; and those of [`Act::run`].
pub fn enable_user(act: Act<'_, User>, id: UserId) -> Result<Reply, ServiceError> {
    act.run("user.enable", |transaction, identity| {
        transaction.lock_credentials()?;
        let (mut row, organisation) = Reach::of(identity).user(transaction.conn(), identity, id)?;
        if row.state != UserState::Disabled {
            return Err(ServiceError::IllegalStep(format!("The user is not disabled: the user is {}.", row.state)));
        }
        if row.disabled_from == Some(UserState::Invited) {
            let detail = "The user never used the enrolment link and cannot be enabled again; invite the person again.";
            return Err(ServiceError::IllegalStep(detail.to_owned()));
        }
        let (user, kind) = (grants::held(transaction, identity, &row)?, organisation.kind);
        if user.roles.iter().any(|held| held.row.state == GrantState::Pending) {
            return Err(ServiceError::IllegalStep("This was already requested and waits for another person.".to_owned()));
        }
        let vouching: Vec<RoleGrant> =
            users::in_force(&user).filter(|held| held.row.role.takes_two_people(kind)).cloned().collect();
        let roles: Vec<Role> = vouching.iter().map(|held| held.row.role).collect();
        if roles.is_empty() {
            row.state = row.disabled_from.take().unwrap_or(UserState::Active);
        }
        grants::take(transaction, &vouching)?;
        grants::give(transaction, identity, &row, kind, roles.iter().copied())?;
        let row = grants::touch(transaction, row)?;
        let details = json!({"waits": roles});
        tell(transaction, identity, organisation.id, "user.enable", id, &details);
        Ok(Deed::new(grants::held(transaction, identity, &row)?, id, details))
    })
}
