//! Users and API keys as they are shown.

use std::collections::HashMap;

use super::{instant, word};
use crate::service::proposals::{Proposal, last};
use crate::service::{Identity, ServiceError};
use vasp_record::proposal::ProposalKind;
use vasp_record::role::{GrantState, Role, Scope, UserKind, UserState};
use vasp_store::{ApiKeyRow, Conn, RoleGrantRow, UserRow};
use vasp_words::time::{Date, UtcTime};

/// A user of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Id.
    pub id: String,
    /// Id of its organisation.
    pub organisation: String,
    /// Name.
    pub name: String,
    /// E-mail address of a person.
    pub email: Option<String>,
    /// Person or program.
    pub kind: UserKind,
    /// Whether it may act.
    pub state: UserState,
    /// Its roles, those that wait for a second person too.
    pub roles: Vec<HeldRole>,
    /// Who made it; none for the command line and, for members, for the registry's people.
    pub created_by: Option<String>,
    /// When.
    pub created_at: UtcTime,
    /// Rises with every change.
    pub version: i64,
}

/// A role of a user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRole {
    /// The role.
    pub role: Role,
    /// Whether it counts or waits.
    pub state: GrantState,
    /// Id of the grant.
    pub grant: String,
    /// What waits for a second person.
    pub proposal: Option<Proposal>,
}

/// An API key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// Id.
    pub id: String,
    /// What its user calls it.
    pub name: String,
    /// Id of its user.
    pub owner: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
    /// Who made it; none for the command line and, for members, for the registry's people.
    pub created_by: Option<String>,
    /// When.
    pub created_at: UtcTime,
    /// When it stops working by itself.
    pub expires_at: Option<UtcTime>,
    /// When it was revoked.
    pub revoked_at: Option<UtcTime>,
    /// Id of the key that takes its place.
    pub replaced_by: Option<String>,
    /// When it was used last, as far as noted.
    pub last_used_on: Option<Date>,
    /// The client certificate without which it is not good, as SHA-256 in hex.
    pub certificate_sha256: Option<String>,
}

/// Makes views of users of one organisation, with one query of their roles.
pub(super) fn users(conn: &mut Conn, identity: &Identity, rows: Vec<UserRow>) -> Result<Vec<User>, ServiceError> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut grants: HashMap<String, Vec<RoleGrantRow>> = HashMap::new();
    let open = conn.open_grants_of(&ids)?;
    let waiting = open.iter().filter(|grant| grant.state == GrantState::Pending.as_str()).map(|grant| grant.id.clone());
    let mut proposals = last(conn, ProposalKind::RoleGrant, &waiting.collect::<Vec<_>>(), None)?;
    for grant in open {
        grants.entry(grant.user_id.clone()).or_default().push(grant);
    }
    let makers = known_makers(conn, identity, rows.iter().filter_map(|row| row.created_by.clone()))?;
    let mut view = |row: UserRow| {
        let roles = grants.remove(&row.id).unwrap_or_default();
        user(row, &roles, (&makers, &mut proposals))
    };
    rows.into_iter().map(&mut view).collect()
}

/// Makes the view of a user.
pub(super) fn one_user(conn: &mut Conn, identity: &Identity, row: UserRow) -> Result<User, ServiceError> {
    let missing = || ServiceError::NotFound(super::NO_USER.to_owned());
    users(conn, identity, vec![row])?.pop().ok_or_else(missing)
}

fn user(
    row: UserRow,
    grants: &[RoleGrantRow],
    (makers, proposals): (&Makers, &mut HashMap<String, Proposal>),
) -> Result<User, ServiceError> {
    let mut held = |grant: &RoleGrantRow| {
        Ok::<_, ServiceError>(HeldRole {
            role: word("role_grants", "role", (&grant.id, &grant.role))?,
            state: word("role_grants", "state", (&grant.id, &grant.state))?,
            grant: grant.id.clone(),
            proposal: proposals.remove(&grant.id),
        })
    };
    let mut roles = grants.iter().map(&mut held).collect::<Result<Vec<_>, _>>()?;
    roles.sort_by_key(|held| held.role);
    Ok(User {
        kind: word("users", "kind", (&row.id, &row.kind))?,
        state: word("users", "state", (&row.id, &row.state))?,
        created_at: instant("users", &row.id, row.created_at)?,
        created_by: makers.shown(row.created_by),
        roles,
        id: row.id,
        organisation: row.organisation,
        name: row.name,
        email: row.email,
        version: row.version,
    })
}

/// Makes views of keys, with one query of their uses.
pub(super) fn keys(conn: &mut Conn, identity: &Identity, rows: Vec<ApiKeyRow>) -> Result<Vec<ApiKey>, ServiceError> {
    let ids: Vec<String> = rows.iter().map(|row| row.id.clone()).collect();
    let mut uses: HashMap<String, String> = conn.uses_of(&ids)?.into_iter().collect();
    let makers = known_makers(conn, identity, rows.iter().filter_map(|row| row.created_by.clone()))?;
    let view = |row: ApiKeyRow| {
        let used = uses.remove(&row.id);
        key(row, used, &makers)
    };
    rows.into_iter().map(view).collect()
}

/// Makes the view of a key that was just made.
pub(super) fn one_key(conn: &mut Conn, identity: &Identity, row: ApiKeyRow) -> Result<ApiKey, ServiceError> {
    let missing = || ServiceError::NotFound(super::api_keys::NO_KEY.to_owned());
    keys(conn, identity, vec![row])?.pop().ok_or_else(missing)
}

fn key(row: ApiKeyRow, used: Option<String>, makers: &Makers) -> Result<ApiKey, ServiceError> {
    let at = |micros: Option<i64>| micros.map(|micros| instant("api_keys", &row.id, micros)).transpose();
    let scopes = row.scopes.split(' ').map(|scope| word("api_keys", "scopes", (&row.id, scope)));
    Ok(ApiKey {
        scopes: scopes.collect::<Result<_, _>>()?,
        created_at: instant("api_keys", &row.id, row.created_at)?,
        expires_at: at(row.expires_at)?,
        revoked_at: at(row.revoked_at)?,
        last_used_on: used.map(|day| word("credential_uses", "used_on", (&row.id, &day))).transpose()?,
        created_by: makers.shown(row.created_by),
        id: row.id,
        name: row.name,
        owner: row.owner,
        replaced_by: row.replaced_by,
        certificate_sha256: row.certificate_sha256.map(hex::encode),
    })
}

/// Whose ids the caller may see: those of its own organisation's users, or, as an operator, everybody's.
pub(super) enum Makers {
    Everybody,
    These(Vec<String>),
}

impl Makers {
    pub(super) fn shown(&self, maker: Option<String>) -> Option<String> {
        maker.filter(|maker| match self {
            Self::Everybody => true,
            Self::These(known) => known.contains(maker),
        })
    }
}

pub(super) fn known_makers(
    conn: &mut Conn,
    identity: &Identity,
    makers: impl Iterator<Item = String>,
) -> Result<Makers, ServiceError> {
    if identity.kind == vasp_record::role::OrganisationKind::Operator {
        return Ok(Makers::Everybody);
    }
    let makers: Vec<String> = makers.collect();
    Ok(Makers::These(conn.members_among(&identity.organisation.to_string(), &makers)?))
}
