//! Users of an organisation: lists and reads them, and changes their names and roles. Taking a role away takes effect at once.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::roles_and_scopes::check_roles;
use super::written::plain_name;
use super::{NewUser, Reach, RoleGrant, User, grants, require_an_admin, tell, view};
use crate::acts::{Act, Deed, Identity, Reply};
use crate::node::{Page, Registry, ServiceError};
use vasp_record::role::{GrantState, Role, UserKind, UserState};
use vasp_store::{Organisation, Transaction, UserRow};
use vasp_words::ids::{OrganisationId, UserId};

/// A change of a user.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ChangeUser)]
pub struct UserChange {
    /// 1 to 200 characters.
    pub name: Option<String>,
    /// The complete list of roles that the user is to have; roles left out end at once.
    #[schema(value_type = Option<Vec<String>>, example = json!(["editor"]))]
    pub roles: Option<Vec<Role>>,
}

/// Lists the users of some kinds in an organisation, oldest first.
///
/// # Errors
/// `ServiceError::NotFound` for an organisation out of reach, `ServiceError::Store`.
pub fn list_users(
    registry: &Registry,
    identity: &Identity,
    organisation: Option<OrganisationId>,
    kinds: &[UserKind],
    after: &str,
    limit: usize,
) -> Result<Page<User, UserId>, ServiceError> {
    let wanted = Page::wanted(limit);
    let users = registry.store().read::<_, ServiceError>(|conn| {
        if let Some(organisation) = organisation {
            Reach::of(identity).organisation(conn, identity, organisation)?;
        }
        let rows = conn.users_of(organisation, kinds, after, wanted)?;
        view::users(conn, identity, rows)
    })?;
    Ok(Page::of(users.into_iter(), limit, |user| user.row.id))
}

/// Returns a user.
pub fn read_user(registry: &Registry, identity: &Identity, id: UserId) -> Result<User, ServiceError> {
    registry.store().read(|conn| {
        let (row, _) = Reach::of(identity).user(conn, identity, id)?;
        view::one_user(conn, identity, row)
    })
}

/// Renames a user, or changes its roles. Removed roles end at once. New roles take effect at once or wait for a second person.
///
/// # Errors
/// `ServiceError::NotFound`, `Changed`, `Invalid`; `IllegalStep` for new roles of a disabled user and for the last admin; and
/// those of [`Act::run`].
pub fn change_user(
    act: Act<'_, User>,
    id: UserId,
    change: UserChange,
    is_current: impl Fn(&str) -> bool,
) -> Result<Reply, ServiceError> {
    act.run("user.change", |transaction, identity| {
        transaction.lock_credentials()?;
        let (mut row, organisation) = Reach::of(identity).user(transaction.conn(), identity, id)?;
        if !is_current(&row.version.to_string()) {
            return Err(ServiceError::Changed("The user changed since you read it; read it again.".to_owned()));
        }
        if let Some(name) = &change.name {
            if row.organisation != identity.organisation {
                let detail = "Only admins of the user's own organisation change the name.";
                return Err(ServiceError::Forbidden(detail.to_owned()));
            }
            row.name = plain_name(name)?;
        }
        if let Some(roles) = &change.roles {
            change_roles(transaction, identity, &row, &organisation, roles)?;
        }
        let row = grants::touch(transaction, row)?;
        require_an_admin(transaction, &organisation)?;
        let details = json!({"roles": change.roles, "renamed": change.name.is_some()});
        tell(transaction, identity, organisation.id, "user.change", id, &details);
        Ok(Deed::new(grants::held(transaction, identity, &row)?, id, details))
    })
}

fn change_roles(
    transaction: &mut Transaction<'_>,
    identity: &Identity,
    row: &UserRow,
    organisation: &Organisation,
    roles: &[Role],
) -> Result<(), ServiceError> {
    let user = grants::held(transaction, identity, row)?;
    let wanted = NewUser { name: row.name.clone(), email: None, kind: row.kind, roles: roles.to_vec() };
    check_roles(organisation, &wanted)?;
    let wanted: BTreeSet<Role> = roles.iter().copied().collect();
    let held: BTreeSet<Role> = user.roles.iter().map(|held| held.row.role).collect();
    if row.state == UserState::Disabled && !wanted.is_subset(&held) {
        return Err(ServiceError::IllegalStep("A disabled user cannot get more roles; enable the user first.".to_owned()));
    }
    let too_many: Vec<RoleGrant> = user.roles.into_iter().filter(|held| !wanted.contains(&held.row.role)).collect();
    grants::take(transaction, &too_many)?;
    grants::give(transaction, identity, row, organisation.kind, wanted.difference(&held).copied())
}

/// Returns the user's roles that are in force.
pub(super) fn in_force(user: &User) -> impl Iterator<Item = &RoleGrant> {
    user.roles.iter().filter(|held| held.row.state == GrantState::Active)
}
