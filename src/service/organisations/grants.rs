//! Roles: given at once, or proposed for a second person where they are those with which the registry's word is given.
//!
//! Source: design, "Four eyes cannot be faked": granting reviewer, approver and admin takes two people.

use serde_json::json;

use super::{HeldRole, Reach, User, instant, tell, view, word};
use crate::service::four_eyes::makers_behind;
use crate::service::{Act, Deed, Identity, Registry, Reply, ServiceError, check_two_people, read_actor};
use vasp_record::role::{GrantState, OrganisationKind, Role, UserState};
use vasp_rules::four_eyes::{Actor, Tie, tie};
use vasp_store::{RoleGrantRow, Transaction, UserRow};
use vasp_words::ids::{GrantId, UserId};
use vasp_words::time::UtcTime;

/// A role that waits for a second person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingGrant {
    /// Id.
    pub id: String,
    /// Id of the user who is to have it.
    pub user: String,
    /// The role.
    pub role: Role,
    /// Whether it waits or what became of it.
    pub state: GrantState,
    /// Who proposed it.
    pub proposed_by: Option<String>,
    /// When.
    pub proposed_at: UtcTime,
    /// Who decided.
    pub decided_by: Option<String>,
}

impl TryFrom<RoleGrantRow> for PendingGrant {
    type Error = ServiceError;
    fn try_from(row: RoleGrantRow) -> Result<Self, ServiceError> {
        Ok(Self {
            role: word("role_grants", "role", (&row.id, &row.role))?,
            state: word("role_grants", "state", (&row.id, &row.state))?,
            proposed_at: instant("role_grants", &row.id, row.proposed_at)?,
            id: row.id,
            user: row.user_id,
            proposed_by: row.proposed_by,
            decided_by: row.decided_by,
        })
    }
}

/// Gives roles to a user, or proposes those that take two people.
pub(super) fn give(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    (user, kind): (&str, OrganisationKind),
    roles: impl IntoIterator<Item = Role>,
) -> Result<(), ServiceError> {
    for role in roles {
        let (now, waits) = (transaction.now(), role.takes_two_people(kind));
        let state = if waits { GrantState::Pending } else { GrantState::Active };
        let row = RoleGrantRow {
            id: GrantId::new(now, transaction.conn_and_rng().1).to_string(),
            user_id: user.to_owned(),
            role: role.to_string(),
            state: state.to_string(),
            proposed_by: Some(identity.user.to_string()),
            proposed_at: now.micros(),
            decided_by: None,
            decided_at: (!waits).then_some(now.micros()),
            ended_at: None,
            proposed_with: Some(identity.credential.to_string()),
        };
        transaction.add_role_grant(&row)?;
    }
    Ok(())
}

/// Takes roles from a user at once; those that waited are declined.
pub(super) fn take(transaction: &mut Transaction<'_>, identity: &Identity, roles: &[HeldRole]) -> Result<(), ServiceError> {
    for held in roles {
        let Some(row) = transaction.conn().role_grant(&held.grant)? else { continue };
        let now = transaction.now().micros();
        let ended = match held.state {
            GrantState::Active => RoleGrantRow { state: GrantState::Ended.to_string(), ended_at: Some(now), ..row },
            _ => decided(row, GrantState::Declined, identity, now),
        };
        transaction.move_role_grant(&ended, held.state.as_str())?;
    }
    Ok(())
}

fn decided(row: RoleGrantRow, state: GrantState, identity: &Identity, now: i64) -> RoleGrantRow {
    RoleGrantRow { state: state.to_string(), decided_by: Some(identity.user.to_string()), decided_at: Some(now), ..row }
}

/// Lists the roles that wait for a second person, oldest first; of one's own organisation, those that its own people decide on.
///
/// # Errors
/// `ServiceError::Store`.
pub fn pending_grants(registry: &Registry, (identity, reach): (&Identity, Reach)) -> Result<Vec<PendingGrant>, ServiceError> {
    let own = identity.organisation.to_string();
    let rows = registry.store().read::<_, ServiceError>(|conn| {
        let mut rows = conn.pending_grants()?;
        if reach == Reach::Own {
            let users: Vec<String> = rows.iter().map(|row| row.user_id.clone()).collect();
            let ours = conn.members_among(&own, &users)?;
            rows.retain(|row| ours.contains(&row.user_id));
        }
        Ok(rows)
    })?;
    rows.into_iter().map(PendingGrant::try_from).collect()
}

/// Has a role count that another person proposed; where its user was disabled, it may act again.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` where it does not wait any more, `SamePerson`; what [`Act::run`] returns.
pub fn approve_grant(act: Act<'_, PendingGrant>, reach: Reach, id: &str) -> Result<Reply, ServiceError> {
    act.run("role_grant.approve", |transaction, identity| {
        let (row, user) = waiting(transaction, (identity, reach), id)?;
        if let Some(proposer) = &row.proposed_by {
            let proposer = read_actor(proposer, row.proposed_with.as_deref())?;
            check_two_people(transaction.conn(), proposer, identity)?;
        }
        refuse_own(transaction, &row, identity)?;
        let row = decided(row, GrantState::Active, identity, transaction.now().micros());
        settle(transaction, &row)?;
        let mut user = user;
        if user.state == UserState::Disabled.as_str() {
            user.state = user.disabled_from.take().unwrap_or_else(|| UserState::Active.to_string());
        }
        touch(transaction, user)?;
        deed(transaction, identity, row, "role_grant.approve")
    })
}

/// Declines a role that waits. Whoever proposed it may also think again.
///
/// # Errors
/// `ServiceError::NotFound`, `IllegalStep` where it does not wait any more; what [`Act::run`] returns.
pub fn decline_grant(act: Act<'_, PendingGrant>, reach: Reach, id: &str) -> Result<Reply, ServiceError> {
    act.run("role_grant.decline", |transaction, identity| {
        let (row, user) = waiting(transaction, (identity, reach), id)?;
        let row = decided(row, GrantState::Declined, identity, transaction.now().micros());
        settle(transaction, &row)?;
        touch(transaction, user)?;
        deed(transaction, identity, row, "role_grant.decline")
    })
}

fn waiting(
    transaction: &mut Transaction<'_>,
    (identity, reach): (&Identity, Reach),
    id: &str,
) -> Result<(RoleGrantRow, UserRow), ServiceError> {
    transaction.lock_credentials()?;
    let missing = || ServiceError::NotFound("There is no such role grant.".to_owned());
    let row = transaction.conn().role_grant(id)?.ok_or_else(missing)?;
    // Out of reach is as absent as what is not there, whether it waits or not.
    reach.user(transaction.conn(), identity, &row.user_id).map_err(|error| match error {
        ServiceError::NotFound(_) => missing(),
        other => other,
    })?;
    if row.state != GrantState::Pending.as_str() {
        return Err(ServiceError::IllegalStep(format!("The role grant does not wait any more: it is {}.", row.state)));
    }
    let (user, _) = Reach::Every.user(transaction.conn(), identity, &row.user_id)?;
    Ok((row, user))
}

/// Nobody approves a role of their own, nor of whoever made them a user or gave them the key they use.
fn refuse_own(transaction: &mut Transaction<'_>, row: &RoleGrantRow, identity: &Identity) -> Result<(), ServiceError> {
    let id: UserId = word("role_grants", "user_id", (&row.id, &row.user_id))?;
    let (grantee, decider) = (Actor { user: id, credential: None }, identity.actor());
    let makers = makers_behind(transaction.conn(), [grantee, decider])?;
    match tie(&makers, grantee, decider) {
        Some(Tie::OneUser | Tie::MadeByProposer) => Err(ServiceError::SamePerson(
            "The role is for whoever decides, or for whoever made that user or credential: somebody else decides.".to_owned(),
        )),
        // Whoever made the user may approve what another person proposed.
        Some(Tie::MadeByDecider) | None => Ok(()),
    }
}

fn settle(transaction: &mut Transaction<'_>, row: &RoleGrantRow) -> Result<(), ServiceError> {
    let moved = transaction.move_role_grant(row, GrantState::Pending.as_str())?;
    // The lock on credentials is held since it was read.
    if moved { Ok(()) } else { Err(ServiceError::Changed("The role grant was decided meanwhile.".to_owned())) }
}

/// Writes the next version of a user, whose roles are part of it.
pub(super) fn touch(transaction: &mut Transaction<'_>, user: UserRow) -> Result<UserRow, ServiceError> {
    let next = UserRow { version: user.version.saturating_add(1), ..user };
    transaction.change_user(&next)?;
    Ok(next)
}

fn deed(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    row: RoleGrantRow,
    action: &str,
) -> Result<Deed<PendingGrant>, ServiceError> {
    let details = json!({"user": row.user_id, "role": row.role, "proposed_by": row.proposed_by});
    let (user, _) = Reach::Every.user(transaction.conn(), identity, &row.user_id)?;
    tell(transaction, identity, &user.organisation, (action, &row.id, &details));
    let id = row.id.clone();
    Ok(Deed::new(row.try_into()?, id, details))
}

/// Returns the roles of a user as they stand in the transaction.
pub(super) fn held(transaction: &mut Transaction<'_>, identity: &Identity, user: &UserRow) -> Result<User, ServiceError> {
    view::one_user(transaction.conn(), identity, user.clone())
}
