//! The credentials of this moment, by id (API keys, sessions, client certificates), and who may act for whom. Small and read at every request, so
//! kept whole in memory.

use std::collections::HashMap;
use std::sync::Arc;

use super::DirectoryError;
use vasp_record::client_certificate::Sha256;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_store::{
    ClientCertificateRow, Conn, CredentialRow, HeldCertificateRow, LiveSessionRow, OrganisationRow, StoreError, UserRow,
};
use vasp_words::ids::{CredentialId, OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// What an API key, a session or a client certificate speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// Its id.
    pub id: CredentialId,
    /// SHA-256 of its secret; empty where it has none, as a certificate.
    pub secret_sha256: Vec<u8>,
    /// The client certificate without which it is not good: a key's binding, a certificate's own.
    pub certificate: Option<Sha256>,
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
            CredentialId::Certificate(id) => match conn.held_client_certificate(&id.to_string())?.filter(|row| row.is_live()) {
                None => Ok(None),
                Some(row) => {
                    let sha256 = digest("client_certificates", &row.certificate.id, &row.certificate.sha256)?;
                    certificate(&row, sha256, &roles(conn, &row.user.id)?).map(Some)
                }
            },
        }
    }
}

/// All keys and certificates that were not revoked, all sessions that were not ended, and all delegations that were not taken back.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    revision: i64,
    by_id: HashMap<CredentialId, Credential>,
    /// By SHA-256; none where it was revoked, or its user may not act.
    certificates: HashMap<Sha256, Option<CredentialId>>,
    delegated: HashMap<(OrganisationId, VaspId), Vec<Delegated>>,
}

/// What an organisation may do for another one's VASP.
#[derive(Clone, Debug)]
struct Delegated {
    grantor: OrganisationId,
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
        let mut certificates = HashMap::new();
        for row in conn.held_client_certificates()? {
            let sha256 = digest("client_certificates", &row.certificate.id, &row.certificate.sha256)?;
            let known: &mut Option<CredentialId> = certificates.entry(sha256).or_default();
            if row.is_live() {
                let credential = certificate(&row, sha256, roles_of(&row.user.id))?;
                *known = Some(credential.id);
                by_id.insert(credential.id, credential);
            }
        }
        let mut delegated: HashMap<_, Vec<Delegated>> = HashMap::new();
        for (row, vasp) in conn.live_delegations()? {
            let wrong = |column| inconsistent("delegations", column, &row.id);
            let pair = (row.grantee.parse().map_err(|_| wrong("grantee"))?, vasp.parse().map_err(|_| wrong("grantor"))?);
            let scopes = row.scopes.split(' ').map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong("scopes"))?;
            let grantor = row.grantor.parse().map_err(|_| wrong("grantor"))?;
            delegated.entry(pair).or_default().push(Delegated { grantor, scopes, expires_at: row.expires_at });
        }
        Ok(Self { revision, by_id, certificates, delegated })
    }

    /// Returns the organisation by whose leave another one may use a scope for its VASP; none where it may not.
    #[must_use]
    pub fn acts_for(&self, organisation: OrganisationId, vasp: VaspId, scope: Scope, now: UtcTime) -> Option<OrganisationId> {
        let given = self.delegated.get(&(organisation, vasp)).map_or(&[][..], Vec::as_slice);
        let counts = |one: &Delegated| one.scopes.contains(&scope) && one.expires_at.is_none_or(|at| now.micros() < at);
        given.iter().find(|one| counts(one)).map(|one| one.grantor)
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

    /// Returns the credential that a client certificate is: none where it is nobody's, `Some(None)` where it was revoked or its
    /// user may not act any more.
    #[must_use]
    pub fn of_certificate(&self, sha256: &Sha256) -> Option<Option<&Credential>> {
        let known = self.certificates.get(sha256)?;
        Some(known.and_then(|id| self.by_id.get(&id)))
    }
}

fn digest(table: &'static str, id: &str, bytes: &[u8]) -> Result<Sha256, StoreError> {
    Sha256::try_from(bytes).map_err(|_| inconsistent(table, "sha256", id))
}

fn inconsistent(table: &'static str, column: &'static str, id: &str) -> StoreError {
    StoreError::Inconsistent { table, column, id: id.to_owned() }
}

fn key(CredentialRow { key, user, organisation }: &CredentialRow, roles: &[Role]) -> Result<Credential, StoreError> {
    let id = key.id.parse().map(CredentialId::Key).map_err(|_| inconsistent("api_keys", "id", &key.id))?;
    let scopes: Result<Vec<Scope>, _> = key.scopes.split(' ').map(str::parse).collect();
    let scopes = scopes.map_err(|_| inconsistent("api_keys", "scopes", &key.id))?;
    let of_user = credential(id, &key.secret_sha256, (user, organisation), roles)?;
    let certificate = key.certificate_sha256.as_ref().map(|bound| digest("api_keys", &key.id, bound)).transpose()?;
    Ok(Credential { scopes: scopes.into(), expires_at: key.expires_at, certificate, ..of_user })
}

fn certificate(held: &HeldCertificateRow, sha256: Sha256, roles: &[Role]) -> Result<Credential, StoreError> {
    let HeldCertificateRow { certificate, user, organisation } = held;
    let ClientCertificateRow { id, scopes, expires_at, .. } = certificate;
    let wrong = |column| inconsistent("client_certificates", column, id);
    let scopes: Result<Vec<Scope>, _> = scopes.split(' ').map(str::parse).collect();
    let scopes = scopes.map_err(|_| wrong("scopes"))?.into();
    let id = id.parse().map(CredentialId::Certificate).map_err(|_| wrong("id"))?;
    let of_user = credential(id, &[], (user, organisation), roles)?;
    Ok(Credential { scopes, expires_at: Some(*expires_at), certificate: Some(sha256), ..of_user })
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
        certificate: None,
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
