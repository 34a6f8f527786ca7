//! Users and API keys as they are shown.

use std::collections::HashMap;

use crate::service::proposals::{Proposal, last};
use crate::service::{Identity, ServiceError};
use vasp_record::proposal::ProposalKind;
use vasp_record::role::{GrantState, OrganisationKind};
use vasp_store::{ApiKeyRow, Conn, RoleGrantRow, UserRow};
use vasp_words::ids::{CredentialId, UserId};
use vasp_words::time::Date;

/// A user of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// What is kept of it; who made it is none for members where that is one of the registry's people.
    pub row: UserRow,
    /// Its roles, those that wait for a second person too.
    pub roles: Vec<RoleGrant>,
}

/// A role of a user's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleGrant {
    /// The grant.
    pub row: RoleGrantRow,
    /// What waits for a second person, or was decided.
    pub proposal: Option<Proposal>,
}

/// An API key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiKey {
    /// What is kept of it; who made it is none for members where that is one of the registry's people.
    pub row: ApiKeyRow,
    /// When it was used last, as far as noted.
    pub last_used_on: Option<Date>,
}

/// Makes views of users of one organisation, with one query of their roles.
pub(super) fn users(conn: &mut Conn, identity: &Identity, rows: Vec<UserRow>) -> Result<Vec<User>, ServiceError> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
    let open = conn.open_grants_of(&ids)?;
    let waiting = open.iter().filter(|grant| grant.state == GrantState::Pending).map(|grant| grant.id.to_string());
    let mut proposals = last(conn, ProposalKind::RoleGrant, &waiting.collect::<Vec<_>>(), None)?;
    let mut grants: HashMap<UserId, Vec<RoleGrant>> = HashMap::new();
    for row in open {
        let proposal = proposals.remove(&row.id.to_string());
        grants.entry(row.user_id).or_default().push(RoleGrant { row, proposal });
    }
    let makers = known_makers(conn, identity, rows.iter().filter_map(|row| row.created_by))?;
    let view = |mut row: UserRow| {
        row.created_by = makers.shown(row.created_by);
        let mut roles = grants.remove(&row.id).unwrap_or_default();
        roles.sort_by_key(|held| held.row.role);
        User { row, roles }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Makes the view of a user.
pub(super) fn one_user(conn: &mut Conn, identity: &Identity, row: UserRow) -> Result<User, ServiceError> {
    let missing = || ServiceError::NotFound(super::NO_USER.to_owned());
    users(conn, identity, vec![row])?.pop().ok_or_else(missing)
}

/// Makes views of keys, with one query of their uses.
pub(super) fn keys(conn: &mut Conn, identity: &Identity, rows: Vec<ApiKeyRow>) -> Result<Vec<ApiKey>, ServiceError> {
    let ids: Vec<CredentialId> = rows.iter().map(|row| CredentialId::Key(row.id)).collect();
    let uses: HashMap<CredentialId, Date> = conn.uses_of(&ids)?.into_iter().collect();
    let makers = known_makers(conn, identity, rows.iter().filter_map(|row| row.created_by))?;
    let view = |mut row: ApiKeyRow| {
        row.created_by = makers.shown(row.created_by);
        ApiKey { last_used_on: uses.get(&CredentialId::Key(row.id)).copied(), row }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Makes the view of a key that was just made.
pub(super) fn one_key(conn: &mut Conn, identity: &Identity, row: ApiKeyRow) -> Result<ApiKey, ServiceError> {
    let missing = || ServiceError::NotFound(super::api_keys::NO_KEY.to_owned());
    keys(conn, identity, vec![row])?.pop().ok_or_else(missing)
}

/// Whose ids the caller may see: those of its own organisation's users, or, as an operator, everybody's.
pub(super) enum Makers {
    Everybody,
    These(Vec<UserId>),
}

impl Makers {
    pub(super) fn shown(&self, maker: Option<UserId>) -> Option<UserId> {
        maker.filter(|maker| match self {
            Self::Everybody => true,
            Self::These(known) => known.contains(maker),
        })
    }
}

pub(super) fn known_makers(
    conn: &mut Conn,
    identity: &Identity,
    makers: impl Iterator<Item = UserId>,
) -> Result<Makers, ServiceError> {
    if identity.kind == OrganisationKind::Operator {
        return Ok(Makers::Everybody);
    }
    let makers: Vec<UserId> = makers.collect();
    Ok(Makers::These(conn.members_among(identity.organisation, &makers)?))
}
