//! The current credentials by id (API keys, sessions, client certificates), and who may act for whom. They are small and read at every
//! request, so all are kept in memory.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use super::DirectoryError;
use vasp_record::client_certificate::Sha256;
use vasp_record::origin::{Origin, stored_origins};
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind, UserState};
use vasp_store::{ApiKeyRow, ClientCertificateRow, Conn, Delegation, Held, Organisation, SessionRow, StoreError, UserRow};
use vasp_words::ids::{CredentialId, OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// A caller that proved its identity with a key, session or certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The credential that proved it.
    pub credential: CredentialId,
    /// The user.
    pub user: UserId,
    /// Whether the user is a person or a program.
    pub user_kind: UserKind,
    /// The user's roles.
    pub roles: Arc<[Role]>,
    /// The organisation that the user belongs to.
    pub organisation: OrganisationId,
    /// The organisation's kind.
    pub kind: OrganisationKind,
    /// The organisation's own VASP; `None` if it has none.
    pub vasp: Option<VaspId>,
    /// The scopes of the credential; empty while a session lacks its second factor.
    pub scopes: Arc<[Scope]>,
    /// How many different addresses that it claims without proof the organisation may ask about in a day; `None` if the registry's
    /// default holds.
    pub own_address_budget: Option<NonZeroU32>,
}

/// An API key, a session or a client certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Credential {
    /// The identity that it proves.
    pub identity: Identity,
    /// SHA-256 of its secret; empty for a certificate, which has no secret.
    pub secret_sha256: Vec<u8>,
    /// The client certificate that it needs: the one a key is bound to, or the certificate itself. `None` if it needs none.
    pub certificate: Option<Sha256>,
    /// Of a publishable key: the origins of the pages on which it works; `None` if the credential is secret.
    pub origins: Option<Arc<[Origin]>>,
    /// When it stops working; `None` if never.
    pub expires_at: Option<UtcTime>,
    /// When a session was last used, as far as this was written; `None` if unknown.
    pub last_used_at: Option<UtcTime>,
}

impl Credential {
    /// Reads a credential from the database; `None` if it was revoked or has ended, or its user may not act.
    pub fn read(conn: &mut Conn, id: CredentialId) -> Result<Option<Self>, StoreError> {
        Ok(match id {
            CredentialId::Key(id) => match conn.live_credential(id)? {
                None => None,
                Some(row) => Some(key(&conn.roles_in_force_of(row.user.id)?, row)),
            },
            CredentialId::Session(id) => match conn.live_session(id)? {
                None => None,
                Some(row) => Some(session(&conn.roles_in_force_of(row.user.id)?, row)),
            },
            CredentialId::Certificate(id) => match conn.held_client_certificate(id)?.filter(Held::is_live) {
                None => None,
                Some(row) => Some(certificate(&conn.roles_in_force_of(row.user.id)?, row)),
            },
        })
    }
}

/// All keys and certificates that are not revoked, all sessions that have not ended, and all delegations that are not withdrawn.
#[derive(Clone, Debug, Default)]
pub struct Credentials {
    revision: i64,
    by_id: HashMap<CredentialId, Credential>,
    /// Certificates by SHA-256; the value is `None` if the certificate was revoked or its user may not act.
    certificates: HashMap<Sha256, Option<CredentialId>>,
    delegated: HashMap<(OrganisationId, VaspId), Vec<Delegation>>,
}

impl Credentials {
    pub(super) fn load(conn: &mut Conn) -> Result<Self, DirectoryError> {
        let revision = conn.credentials_revision()?;
        let mut roles: HashMap<UserId, Vec<Role>> = HashMap::new();
        for (user, role) in conn.roles_in_force()? {
            roles.entry(user).or_default().push(role);
        }
        let roles_of = |user: &UserRow| roles.get(&user.id).map_or(&[][..], Vec::as_slice);
        let keys = conn.live_credentials()?.into_iter().map(|row| key(roles_of(&row.user), row));
        let mut by_id: HashMap<_, _> = keys.map(|credential| (credential.identity.credential, credential)).collect();
        let sessions = conn.live_sessions()?.into_iter().map(|row| session(roles_of(&row.user), row));
        by_id.extend(sessions.map(|credential| (credential.identity.credential, credential)));
        let mut certificates = HashMap::new();
        for row in conn.held_client_certificates()? {
            let known: &mut Option<CredentialId> = certificates.entry(row.credential.sha256.0).or_default();
            if row.is_live() {
                let credential = certificate(roles_of(&row.user), row);
                *known = Some(credential.identity.credential);
                by_id.insert(credential.identity.credential, credential);
            }
        }
        let mut delegated: HashMap<_, Vec<Delegation>> = HashMap::new();
        for (row, vasp) in conn.live_delegations()? {
            delegated.entry((row.grantee, vasp)).or_default().push(row);
        }
        Ok(Self { revision, by_id, certificates, delegated })
    }

    /// Returns the organisation that allowed another one to use a scope for its VASP; `None` if there is no such delegation.
    #[must_use]
    pub fn acts_for(&self, organisation: OrganisationId, vasp: VaspId, scope: Scope, now: UtcTime) -> Option<OrganisationId> {
        let given = self.delegated.get(&(organisation, vasp)).map_or(&[][..], Vec::as_slice);
        let counts = |one: &Delegation| one.scopes.contains(scope) && one.expires_at.is_none_or(|at| now < at);
        given.iter().find(|one| counts(one)).map(|one| one.grantor)
    }

    /// Returns the revision, which rises with every change.
    #[must_use]
    pub fn revision(&self) -> i64 {
        self.revision
    }

    /// Returns the credential of an id.
    #[must_use]
    pub fn get(&self, id: CredentialId) -> Option<&Credential> {
        self.by_id.get(&id)
    }

    /// Returns the credential of a client certificate. `None` if nobody registered the certificate; `Some(None)` if it was revoked or its
    /// user may no longer act.
    #[must_use]
    pub fn of_certificate(&self, sha256: &Sha256) -> Option<Option<&Credential>> {
        let known = self.certificates.get(sha256)?;
        Some(known.and_then(|id| self.by_id.get(&id)))
    }

    /// Returns whether a certificate was revoked, or its user may no longer act. No key that is bound to it works then.
    #[must_use]
    pub fn is_revoked(&self, sha256: &Sha256) -> bool {
        self.of_certificate(sha256) == Some(None)
    }
}

fn key(roles: &[Role], Held { credential: key, user, organisation }: Held<ApiKeyRow>) -> Credential {
    Credential {
        identity: identity(CredentialId::Key(key.id), &user, roles, &organisation, key.scopes.to_vec()),
        secret_sha256: key.secret_sha256,
        certificate: key.certificate_sha256.map(|bound| bound.0),
        origins: key.origins.as_deref().map(|text| stored_origins(text).into()),
        expires_at: key.expires_at,
        last_used_at: None,
    }
}

fn certificate(roles: &[Role], Held { credential: held, user, organisation }: Held<ClientCertificateRow>) -> Credential {
    Credential {
        identity: identity(CredentialId::Certificate(held.id), &user, roles, &organisation, held.scopes.to_vec()),
        secret_sha256: Vec::new(),
        certificate: Some(held.sha256.0),
        origins: None,
        expires_at: Some(held.expires_at),
        last_used_at: None,
    }
}

impl Identity {
    /// Returns the identity that a user has who signs in now; `None` if the user may not act.
    pub fn signed_in(conn: &mut Conn, user: UserId, session: CredentialId) -> Result<Option<Self>, StoreError> {
        let Some(user) = conn.user(user)?.filter(|user| user.state == UserState::Active) else { return Ok(None) };
        let organisation = conn.organisation(user.organisation)?.filter(|organisation| organisation.closed_at.is_none());
        let roles = conn.roles_in_force_of(user.id)?;
        Ok(organisation.map(|organisation| identity(session, &user, &roles, &organisation, scopes_of(&organisation))))
    }
}

/// Returns the scopes of a session.
fn scopes_of(organisation: &Organisation) -> Vec<Scope> {
    Scope::ALL.into_iter().filter(|scope| scope.exists_in(organisation.kind)).collect()
}

fn session(roles: &[Role], Held { credential: session, user, organisation }: Held<SessionRow>) -> Credential {
    let is_whole = !session.limited.0;
    let roles = if is_whole { roles } else { &[] };
    let scopes = if is_whole { scopes_of(&organisation) } else { vec![] };
    Credential {
        identity: identity(CredentialId::Session(session.id), &user, roles, &organisation, scopes),
        secret_sha256: session.secret_sha256,
        certificate: None,
        origins: None,
        expires_at: Some(session.expires_at),
        last_used_at: Some(session.last_used_at),
    }
}

fn identity(
    credential: CredentialId,
    user: &UserRow,
    roles: &[Role],
    organisation: &Organisation,
    scopes: Vec<Scope>,
) -> Identity {
    Identity {
        credential,
        user: user.id,
        user_kind: user.kind,
        roles: roles.into(),
        organisation: organisation.id,
        kind: organisation.kind,
        vasp: organisation.vasp,
        scopes: scopes.into(),
        own_address_budget: organisation
            .own_address_budget
            .and_then(|budget| u32::try_from(budget).ok().and_then(NonZeroU32::new)),
    }
}
