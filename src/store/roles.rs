//! Roles of users, and permissions of one organisation to act for another.

use super::backend::written;
use super::edge::*;
use super::schema::{delegations, organisations, role_grants, users};
use super::{Conn, StoreError, Transaction};
use vasp_record::role::{GrantState, OrganisationKind, Role, Scopes, UserState};
use vasp_words::ids::{DelegationId, GrantId, OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// The grant of a role to a user, pending or decided.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = role_grants, treat_none_as_default_value = false)]
pub struct RoleGrantRow {
    /// Public id.
    pub id: GrantId,
    /// The user.
    pub user_id: UserId,
    /// The role.
    pub role: Role,
    /// State: pending, active, or its outcome.
    pub state: GrantState,
    /// When it ended; `None` if it has not.
    pub ended_at: Option<UtcTime>,
}

/// A permission of one organisation to act for another.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = delegations, treat_none_as_default_value = false)]
pub struct Delegation {
    /// Public id.
    pub id: DelegationId,
    /// The organisation that gives the permission.
    pub grantor: OrganisationId,
    /// The organisation that may act.
    pub grantee: OrganisationId,
    /// The permitted scopes.
    pub scopes: Scopes,
    /// The user who gave the permission.
    pub created_by: UserId,
    /// When it was given.
    pub created_at: UtcTime,
    /// When it expires; `None` if it does not.
    pub expires_at: Option<UtcTime>,
    /// When it was revoked; `None` if it was not.
    pub revoked_at: Option<UtcTime>,
}

impl Conn {
    /// Returns the pending and active grants of some users, in order of user.
    pub fn open_grants_of(&mut self, users: &[UserId]) -> Result<Vec<RoleGrantRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in users.chunks(500) {
            let query = role_grants::table
                .filter(role_grants::user_id.eq_any(chunk))
                .filter(role_grants::state.eq_any([GrantState::Pending, GrantState::Active]))
                .order((role_grants::user_id, role_grants::id))
                .select(RoleGrantRow::as_select());
            rows.extend(query.load::<RoleGrantRow>(self).map_err(StoreError::on("role_grants"))?);
        }
        Ok(rows)
    }

    /// Returns every active grant: user and role.
    pub fn roles_in_force(&mut self) -> Result<Vec<(UserId, Role)>, StoreError> {
        role_grants::table
            .filter(role_grants::state.eq(GrantState::Active))
            .order((role_grants::user_id, role_grants::role))
            .select((role_grants::user_id, role_grants::role))
            .load(self)
            .map_err(StoreError::on("role_grants"))
    }

    /// Returns the active roles of a user.
    pub fn roles_in_force_of(&mut self, user: UserId) -> Result<Vec<Role>, StoreError> {
        role_grants::table
            .filter(role_grants::user_id.eq(user))
            .filter(role_grants::state.eq(GrantState::Active))
            .order(role_grants::role)
            .select(role_grants::role)
            .load(self)
            .map_err(StoreError::on("role_grants"))
    }

    /// Returns the users who may act as an operator's admin: active users of an open organisation.
    pub fn operator_admins(&mut self) -> Result<Vec<UserId>, StoreError> {
        role_grants::table
            .inner_join(users::table.inner_join(organisations::table))
            .filter(role_grants::state.eq(GrantState::Active))
            .filter(role_grants::role.eq(Role::Admin))
            .filter(users::state.eq(UserState::Active))
            .filter(organisations::kind.eq(OrganisationKind::Operator))
            .filter(organisations::closed_at.is_null())
            .order(users::id)
            .select(users::id)
            .load(self)
            .map_err(StoreError::on("role_grants"))
    }

    /// Returns a grant.
    pub fn role_grant(&mut self, id: GrantId) -> Result<Option<RoleGrantRow>, StoreError> {
        let query = role_grants::table.find(id).select(RoleGrantRow::as_select());
        query.first(self).optional().map_err(StoreError::on("role_grants"))
    }

    /// Returns the delegations that were not revoked, each with the VASP for which the grantee may act. Leaves out those of closed
    /// organisations and of organisations without a VASP.
    pub fn live_delegations(&mut self) -> Result<Vec<(Delegation, VaspId)>, StoreError> {
        delegations::table
            .inner_join(organisations::table.on(organisations::id.eq(delegations::grantor)))
            .filter(delegations::revoked_at.is_null())
            .filter(organisations::closed_at.is_null())
            .filter(organisations::vasp.is_not_null())
            .order(delegations::id)
            .select((Delegation::as_select(), organisations::vasp.assume_not_null()))
            .load(self)
            .map_err(StoreError::on("delegations"))
    }

    /// Returns a delegation.
    pub fn delegation(&mut self, id: DelegationId) -> Result<Option<Delegation>, StoreError> {
        let query = delegations::table.find(id).select(Delegation::as_select());
        query.first(self).optional().map_err(StoreError::on("delegations"))
    }

    /// Returns the delegations of an organisation after `after`, newest last, including revoked ones.
    pub fn delegations_by(&mut self, grantor: OrganisationId, after: &str, limit: i64) -> Result<Vec<Delegation>, StoreError> {
        delegations::table
            .filter(delegations::grantor.eq(grantor))
            .filter(delegations::id.gt(after))
            .order(delegations::id)
            .limit(limit)
            .select(Delegation::as_select())
            .load(self)
            .map_err(StoreError::on("delegations"))
    }
}

impl Transaction<'_> {
    /// Adds a grant; `false` if the user has an active or pending grant of the role already.
    pub fn add_role_grant(&mut self, row: &RoleGrantRow) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        let insert = diesel::insert_into(role_grants::table).values(row);
        written(self.conn(), "role_grants", insert.unless_there()).map(|rows| rows == 1)
    }

    /// Moves a grant from one state to another; `false` if it is not in the first state.
    pub fn move_role_grant(&mut self, row: &RoleGrantRow, from: GrantState) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        let place = role_grants::table.find(row.id).filter(role_grants::state.eq(from));
        let update = diesel::update(place).set((role_grants::state.eq(row.state), role_grants::ended_at.eq(row.ended_at)));
        written(self.conn(), "role_grants", update).map(|rows| rows == 1)
    }

    /// Adds a delegation.
    pub fn add_delegation(&mut self, row: &Delegation) -> Result<(), StoreError> {
        self.lock_credentials()?;
        written(self.conn(), "delegations", diesel::insert_into(delegations::table).values(row)).map(drop)
    }

    /// Revokes an organisation's delegation; `false` if it does not exist or is revoked already.
    pub fn revoke_delegation(&mut self, id: DelegationId, grantor: OrganisationId, at: UtcTime) -> Result<bool, StoreError> {
        self.lock_credentials()?;
        let place =
            delegations::table.find(id).filter(delegations::grantor.eq(grantor)).filter(delegations::revoked_at.is_null());
        let update = diesel::update(place).set(delegations::revoked_at.eq(at));
        written(self.conn(), "delegations", update).map(|rows| rows == 1)
    }
}
