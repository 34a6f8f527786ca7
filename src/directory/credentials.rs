//! The API keys of this moment, by id, and who may act for whom. Small and read at every request, so kept whole in memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::DirectoryError;
use crate::domain::ids::{CredentialId, OrganisationId, UserId, VaspId};
use crate::domain::role::{OrganisationKind, Role, Scope};
use crate::domain::time::UtcTime;
use crate::store::{Conn, CredentialRow, StoreError};

/// What an API key speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Id of the key.
    pub id: CredentialId,
    /// SHA-256 of its secret.
    pub secret_sha256: Vec<u8>,
    /// What it may do.
    pub scopes: Arc<[Scope]>,
    /// When it stops working, microseconds since the epoch.
    pub expires_at: Option<i64>,
    /// Its user.
    pub user: UserId,
    /// What the user may do.
    pub roles: Arc<[Role]>,
    /// Organisation.
    pub organisation: OrganisationId,
    /// What the organisation is to the registry.
    pub kind: OrganisationKind,
    /// The organisation's own VASP.
    pub vasp: Option<VaspId>,
}

/// All keys that were not revoked, and all delegations that were not taken back.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    revision: i64,
    by_key: HashMap<String, Credential>,
    delegated: HashMap<(OrganisationId, VaspId), Vec<Delegated>>,
}

/// What an organisation may do for another one's VASP.
#[derive(Clone, Debug)]
struct Delegated {
    scopes: Vec<Scope>,
    expires_at: Option<i64>,
}

impl Credentials {
    pub(super) fn load(conn: &mut Conn) -> Result<Self, DirectoryError> {
        let revision = conn.credentials_revision()?;
        let mut roles: HashMap<String, Vec<Role>> = HashMap::new();
        for (user, role) in conn.roles_in_force()? {
            let role = role.parse().map_err(|_| inconsistent("role_grants", "role", &user))?;
            roles.entry(user).or_default().push(role);
        }
        let mut by_key = HashMap::new();
        for row in conn.live_credentials()? {
            let (id, roles) = (row.key.id.clone(), roles.get(&row.user.id).map_or(&[][..], Vec::as_slice));
            by_key.insert(id, credential(row, roles)?);
        }
        let mut delegated: HashMap<_, Vec<Delegated>> = HashMap::new();
        for (row, vasp) in conn.live_delegations()? {
            let wrong = |column| inconsistent("delegations", column, &row.id);
            let pair = (row.grantee.parse().map_err(|_| wrong("grantee"))?, vasp.parse().map_err(|_| wrong("grantor"))?);
            let scopes = row.scopes.split(' ').map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong("scopes"))?;
            delegated.entry(pair).or_default().push(Delegated { scopes, expires_at: row.expires_at });
        }
        Ok(Self { revision, by_key, delegated })
    }

    /// Tells whether an organisation may use a scope for a VASP that is not its own, by leave of that VASP's organisation.
    #[must_use]
    pub fn may_act_for(&self, organisation: OrganisationId, vasp: VaspId, scope: Scope, now: UtcTime) -> bool {
        let given = self.delegated.get(&(organisation, vasp)).map_or(&[][..], Vec::as_slice);
        let counts = |one: &Delegated| one.scopes.contains(&scope) && one.expires_at.is_none_or(|at| now.micros() < at);
        given.iter().any(counts)
    }

    /// Returns the number that rises with every change.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Returns the credential of a key id.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Credential> {
        self.by_key.get(key)
    }
}

fn inconsistent(table: &'static str, column: &'static str, id: &str) -> StoreError {
    StoreError::Inconsistent { table, column, id: id.to_owned() }
}

fn credential(row: CredentialRow, roles: &[Role]) -> Result<Credential, StoreError> {
    let CredentialRow { key, user, organisation } = row;
    let id = key.id.parse().map(CredentialId::Key).map_err(|_| inconsistent("api_keys", "id", &key.id))?;
    let scopes: Result<Vec<Scope>, _> = key.scopes.split(' ').map(str::parse).collect();
    let wrong = |column| inconsistent("organisations", column, &organisation.id);
    Ok(Credential {
        id,
        secret_sha256: key.secret_sha256,
        scopes: scopes.map_err(|_| inconsistent("api_keys", "scopes", &key.id))?.into(),
        expires_at: key.expires_at,
        user: user.id.parse().map_err(|_| inconsistent("users", "id", &user.id))?,
        roles: roles.into(),
        organisation: organisation.id.parse().map_err(|_| wrong("id"))?,
        kind: organisation.kind.parse().map_err(|_| wrong("kind"))?,
        vasp: match &organisation.vasp {
            None => None,
            Some(id) => Some(id.parse().map_err(|_| wrong("vasp"))?),
        },
    })
}
