//! Users and API keys in the form in which they are shown.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use crate::acts::Identity;
use crate::node::ServiceError;
use crate::proposals::{Proposal, last};
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::origin::{Origin, stored_origins};
use vasp_record::proposal::ProposalKind;
use vasp_record::role::{GrantState, OrganisationKind, Scopes, UserState};
use vasp_store::{ApiKeyRow, Conn, RoleGrantRow, UserRow};
use vasp_words::ids::{ApiKeyId, CredentialId, UserId};
use vasp_words::time::{Date, UtcTime};

/// A user of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The stored row. Members see no creator (`None`) if the creator is one of the registry's people.
    pub row: UserRow,
    /// Its roles, including those that wait for a second person.
    pub roles: Vec<RoleGrant>,
    /// The proposal about its enrolment link, while that waits until a second admin hands it out; else `None`.
    pub enrolment: Option<Proposal>,
}

/// A role of a user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RoleGrant {
    /// The grant.
    pub row: RoleGrantRow,
    /// The proposal that waits for a second person, or its outcome; `None` if there is none.
    pub proposal: Option<Proposal>,
}

/// An API key, without its secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ApiKey {
    pub(crate) id: ApiKeyId,
    pub(crate) name: String,
    /// Id of the user whose key it is.
    pub(crate) owner: UserId,
    /// Any of `resolve`, `precheck`, `member`, `compliance`, `operator`, `admin`.
    #[schema(value_type = Vec<String>, example = json!(["resolve", "precheck"]))]
    pub(crate) scopes: Scopes,
    /// Id of the user who created it; null if the command line did, or if that user belongs to another organisation.
    pub(crate) created_by: Option<UserId>,
    pub(crate) created_at: UtcTime,
    /// When it expires; null if it never does.
    pub(crate) expires_at: Option<UtcTime>,
    pub(crate) revoked_at: Option<UtcTime>,
    /// Id of the key that replaces it; null if none does.
    pub(crate) replaced_by: Option<ApiKeyId>,
    /// The day of its last use; null if there is none. Uses are recorded in batches, so a crash may lose the last minute.
    pub(crate) last_used_on: Option<Date>,
    /// SHA-256 of the client certificate (DER, hex) without which the key does not work; null if it works over any connection.
    #[schema(value_type = Option<String>)]
    pub(crate) certificate_sha256: Option<Sha256Hex>,
    /// Of a publishable key: the origins of the pages on which it works; null for a secret key.
    #[schema(value_type = Option<Vec<String>>, example = json!(["https://shop.example.com"]))]
    pub(crate) origins: Option<Vec<Origin>>,
}

/// Makes views of users of one organisation, with one query for their roles and one for the proposals about them.
pub(super) fn users(conn: &mut Conn, identity: &Identity, rows: Vec<UserRow>) -> Result<Vec<User>, ServiceError> {
    let ids: Vec<UserId> = rows.iter().map(|row| row.id).collect();
    let open = conn.open_grants_of(&ids)?;
    let waiting = open.iter().filter(|grant| grant.state == GrantState::Pending).map(|grant| grant.id.to_string());
    let mut proposals = last(conn, ProposalKind::RoleGrant, &waiting.collect::<Vec<_>>(), None)?;
    let invited = rows.iter().filter(|row| row.state == UserState::Invited).map(|row| row.id.to_string());
    let mut links = last(conn, ProposalKind::Enrolment, &invited.collect::<Vec<_>>(), None)?;
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
        let enrolment = links.remove(&row.id.to_string()).filter(Proposal::is_pending);
        User { row, roles, enrolment }
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Makes the view of a user.
pub(super) fn one_user(conn: &mut Conn, identity: &Identity, row: UserRow) -> Result<User, ServiceError> {
    let missing = || ServiceError::NotFound(super::NO_USER.to_owned());
    users(conn, identity, vec![row])?.pop().ok_or_else(missing)
}

/// Makes views of keys, with one query for their last uses.
pub(super) fn keys(conn: &mut Conn, identity: &Identity, rows: Vec<ApiKeyRow>) -> Result<Vec<ApiKey>, ServiceError> {
    let ids: Vec<CredentialId> = rows.iter().map(|row| CredentialId::Key(row.id)).collect();
    let uses: HashMap<CredentialId, Date> = conn.uses_of(&ids)?.into_iter().collect();
    let makers = known_makers(conn, identity, rows.iter().filter_map(|row| row.created_by))?;
    let view = |row: ApiKeyRow| ApiKey {
        id: row.id,
        name: row.name,
        owner: row.owner,
        scopes: row.scopes,
        created_by: makers.shown(row.created_by),
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        replaced_by: row.replaced_by,
        last_used_on: uses.get(&CredentialId::Key(row.id)).copied(),
        certificate_sha256: row.certificate_sha256,
        origins: row.origins.as_deref().map(stored_origins),
    };
    Ok(rows.into_iter().map(view).collect())
}

/// Makes the view of a new key.
pub(super) fn one_key(conn: &mut Conn, identity: &Identity, row: ApiKeyRow) -> Result<ApiKey, ServiceError> {
    let missing = || ServiceError::NotFound(super::api_keys::NO_KEY.to_owned());
    keys(conn, identity, vec![row])?.pop().ok_or_else(missing)
}

/// Which creators' ids the caller may see: users of its own organisation, or, as an operator, everybody.
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
