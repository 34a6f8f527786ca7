//! The credentials of this moment, by id (API keys and sessions), and who may act for whom. Small and read at every request, so
//! kept whole in memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::DirectoryError;
use crate::domain::ids::{CredentialId, OrganisationId, UserId, VaspId};
use crate::domain::role::{OrganisationKind, Role, Scope};
use crate::domain::time::UtcTime;
use crate::store::{Conn, CredentialRow, LiveSessionRow, OrganisationRow, StoreError, UserRow};

/// What an API key or a session speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// SHA-256 of its secret.
    pub secret_sha256: Vec<u8>,
    /// What it may do; nothing where a session still lacks its second factor.
    pub scopes: Arc<[Scope]>,
    /// When it stops working, microseconds since the epoch.
    pub expires_at: Option<i64>,
    /// When a session was used last as far as that was written, microseconds since the epoch.
    pub last_used_at: Option<i64>,
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

impl Credential {
    /// Reads a credential as it stands in the database; none where it was revoked or has ended, or its user may not act.
    ///
    /// # Errors
    /// `StoreError`.
    pub fn read(conn: &mut Conn, id: CredentialId) -> Result<Option<Self>, StoreError> {
        let roles = |conn: &mut Conn, user: &str| {
            let words = conn.roles_in_force_of(user)?.into_iter();
            words
                .map(|word| word.parse().map_err(|_| inconsistent("role_grants", "role", user)))
                .collect::<Result<Vec<Role>, _>>()
        };
        match id {
            CredentialId::Key(id) => match conn.live_credential(&id.to_string())? {
                None => Ok(None),
                Some(row) => key(&row, &roles(conn, &row.user.id)?).map(Some),
            },
            CredentialId::Session(id) => match conn.live_session(&id.to_string())? {
                None => Ok(None),
                Some(row) => session(&row, &roles(conn, &row.user.id)?).map(Some),
            },
        }
    }
}

/// All keys that were not revoked, all sessions that were not ended, and all delegations that were not taken back.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    revision: i64,
    by_id: HashMap<CredentialId, Credential>,
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
        let roles_of = |user: &str| roles.get(user).map_or(&[][..], Vec::as_slice);
        let mut by_id = HashMap::new();
        for row in conn.live_credentials()? {
            let credential = key(&row, roles_of(&row.user.id))?;
            by_id.insert(credential.id, credential);
        }
        for row in conn.live_sessions()? {
            let credential = session(&row, roles_of(&row.user.id))?;
            by_id.insert(credential.id, credential);
        }
        let mut delegated: HashMap<_, Vec<Delegated>> = HashMap::new();
        for (row, vasp) in conn.live_delegations()? {
            let wrong = |column| inconsistent("delegations", column, &row.id);
            let pair = (row.grantee.parse().map_err(|_| wrong("grantee"))?, vasp.parse().map_err(|_| wrong("grantor"))?);
            let scopes = row.scopes.split(' ').map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong("scopes"))?;
            delegated.entry(pair).or_default().push(Delegated { scopes, expires_at: row.expires_at });
        }
        Ok(Self { revision, by_id, delegated })
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

    /// Returns the credential of an id.
    #[must_use]
    pub fn get(&self, id: CredentialId) -> Option<&Credential> {
        self.by_id.get(&id)
    }
}

fn inconsistent(table: &'static str, column: &'static str, id: &str) -> StoreError {
    StoreError::Inconsistent { table, column, id: id.to_owned() }
}

fn key(CredentialRow { key, user, organisation }: &CredentialRow, roles: &[Role]) -> Result<Credential, StoreError> {
    let id = key.id.parse().map(CredentialId::Key).map_err(|_| inconsistent("api_keys", "id", &key.id))?;
    let scopes: Result<Vec<Scope>, _> = key.scopes.split(' ').map(str::parse).collect();
    let scopes = scopes.map_err(|_| inconsistent("api_keys", "scopes", &key.id))?;
    let of_user = credential(id, &key.secret_sha256, (user, organisation), roles)?;
    Ok(Credential { scopes: scopes.into(), expires_at: key.expires_at, ..of_user })
}

fn session(LiveSessionRow { session, user, organisation }: &LiveSessionRow, roles: &[Role]) -> Result<Credential, StoreError> {
    let id = session.id.parse().map(CredentialId::Session).map_err(|_| inconsistent("sessions", "id", &session.id))?;
    let is_whole = session.limited == 0;
    let of_user = credential(id, &session.secret_sha256, (user, organisation), if is_whole { roles } else { &[] })?;
    let scopes = Scope::ALL.iter().copied().filter(|scope| is_whole && scope.exists_in(of_user.kind)).collect();
    let (expires_at, last_used_at) = (Some(session.expires_at), Some(session.last_used_at));
    Ok(Credential { scopes, expires_at, last_used_at, ..of_user })
}

/// What a credential has of its user.
fn credential(
    id: CredentialId,
    secret_sha256: &[u8],
    (user, organisation): (&UserRow, &OrganisationRow),
    roles: &[Role],
) -> Result<Credential, StoreError> {
    let wrong = |column| inconsistent("organisations", column, &organisation.id);
    Ok(Credential {
        id,
        secret_sha256: secret_sha256.to_vec(),
        scopes: Arc::default(),
        expires_at: None,
        last_used_at: None,
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
