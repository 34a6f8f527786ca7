//! Who is asking: reads an API key or the token of a session, or looks at the certificate that the connection's client showed,
//! and tells whose it is. Only the SHA-256 of a secret is known here; that a client holds its certificate's key was proved when it
//! connected.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};

use super::activity::Activity;
use super::key_uses::KeyUses;
use crate::directory::Credential;
use crate::node::{Registry, ServiceError};

pub use crate::directory::Identity;
use vasp_record::bearer::BearerToken;
use vasp_record::claim::Reader;
use vasp_record::client_certificate::{CertificateRefusal, ClientCertificate, Sha256};
use vasp_record::role::{Role, Scope, UserState};
use vasp_rules::four_eyes::Actor;
use vasp_store::{Conn, StoreError, UserRow};
use vasp_words::ids::{ApiKeyId, CredentialId};
use vasp_words::time::UtcTime;

impl Identity {
    /// Tells how far this caller may see claims.
    #[must_use]
    pub fn reader(identity: Option<&Self>) -> Reader {
        identity.map_or(Reader::Public, |identity| Reader::Organisation(identity.organisation))
    }

    /// Returns who acts, for the rule of four eyes.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { user: self.user, credential: Some(self.credential) }
    }

    /// Tells whether the credential has a scope.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Tells whether the user has one of the roles.
    #[must_use]
    pub fn has_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }

    /// Tells whether this is a session that still lacks its second factor, and may do nothing else.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.scopes.is_empty()
    }
}

const WRONG: &str = "The API key or session is not known, was revoked or has ended.";

/// Tells whether a user may act: active, of an organisation that is open.
pub(crate) fn may_act(conn: &mut Conn, user: &UserRow) -> Result<bool, ServiceError> {
    let organisation = conn.organisation(user.organisation)?.ok_or_else(|| StoreError::missing("organisations"))?;
    Ok(user.state == UserState::Active && organisation.closed_at.is_none())
}

/// Writes an API key from its id and secret: `vr_<26 characters of the id>_<64 hex digits>`.
#[must_use]
pub fn api_key_text(id: ApiKeyId, secret: &[u8; 32]) -> String {
    BearerToken { credential: CredentialId::Key(id), secret: *secret }.to_string()
}

/// Whose key or session was sent, before it is known whether it may come over this connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a key may be bound to a certificate"]
pub struct Claimed {
    identity: Identity,
    bound_to: Option<Sha256>,
}

/// A key that was right, over a connection that is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongConnection {
    /// Whose key it is.
    pub identity: Identity,
    /// What is wrong with the connection.
    pub refusal: CertificateRefusal,
}

/// Returns whose key or session the value of an `Authorization` header carries. A session is in use from now.
///
/// # Errors
/// `ServiceError::Unauthenticated`; never tells an unknown key from a wrong secret.
pub fn authenticate(registry: &Registry, header: &str, now: UtcTime) -> Result<Claimed, ServiceError> {
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ServiceError::Unauthenticated("Send `Authorization: Bearer vr_…` with an API key, or vs_… of a session."));
    }
    let wrong = || ServiceError::Unauthenticated(WRONG);
    let token: BearerToken = token.trim().parse().map_err(|_| wrong())?;
    let credentials = registry.directory().credentials();
    let credential = credentials.get(token.credential).ok_or_else(wrong)?;
    let hash = digest(&SHA256, &token.secret);
    verify_slices_are_equal(hash.as_ref(), &credential.secret_sha256).map_err(|_| wrong())?;
    if credential.expires_at.is_some_and(|at| at <= now) {
        return Err(wrong());
    }
    if let (CredentialId::Session(session), Some(stored)) = (credential.identity.credential, credential.last_used_at)
        && !registry.part::<Activity>().touch(session, stored, now)
    {
        return Err(wrong());
    }
    Ok(Claimed { identity: credential.identity.clone(), bound_to: credential.certificate })
}

impl Claimed {
    /// Returns who it is, where the key may come over this connection. What is bound to nothing may come over any.
    ///
    /// # Errors
    /// `WrongConnection` where the key is bound to a certificate that the connection does not show, or that counts no more.
    ///
    /// Source: RFC 8705, section 3: the holder of a bound token proves the key of its certificate at every use.
    pub fn over(
        self,
        registry: &Registry,
        shown: Option<&ClientCertificate>,
        now: UtcTime,
    ) -> Result<Identity, Box<WrongConnection>> {
        let Self { identity, bound_to } = self;
        if let Some(bound) = bound_to
            && let Err(refusal) = check_binding(registry, &bound, shown, now)
        {
            return Err(Box::new(WrongConnection { identity, refusal }));
        }
        if matches!(identity.credential, CredentialId::Key(_)) {
            registry.part::<KeyUses>().note(identity.credential, now.date());
        }
        Ok(identity)
    }
}

fn check_binding(
    registry: &Registry,
    bound: &Sha256,
    shown: Option<&ClientCertificate>,
    now: UtcTime,
) -> Result<(), CertificateRefusal> {
    let shown = shown.ok_or(CertificateRefusal::Required)?;
    if shown.sha256 != *bound {
        return Err(CertificateRefusal::Mismatch);
    }
    // One that was a credential here and was revoked has lost its key, perhaps: then no key of ours is good with it.
    if registry.directory().credentials().of_certificate(bound) == Some(None) {
        return Err(CertificateRefusal::Revoked);
    }
    shown.check_time(now)
}

/// Returns for whom the certificate speaks that a connection's client showed.
pub fn authenticate_certificate(
    registry: &Registry,
    shown: &ClientCertificate,
    now: UtcTime,
) -> Result<Identity, CertificateRefusal> {
    let credentials = registry.directory().credentials();
    let credential = credentials.of_certificate(&shown.sha256).ok_or(CertificateRefusal::Unknown)?;
    let credential = credential.ok_or(CertificateRefusal::Revoked)?;
    shown.check_time(now)?;
    if credential.expires_at.is_some_and(|at| at <= now) {
        return Err(CertificateRefusal::Expired);
    }
    registry.part::<KeyUses>().note(credential.identity.credential, now.date());
    Ok(credential.identity.clone())
}

/// Refuses a caller that may no longer do all that it might when it was asked who it is: a body can come for minutes, and what
/// was withdrawn meanwhile is not to be used up.
///
/// # Errors
/// `ServiceError::Unauthenticated` where the credential was revoked or has ended; `Forbidden` where a role or scope is gone; `Store`.
pub(crate) fn check_still_holds(conn: &mut Conn, identity: &Identity, now: UtcTime) -> Result<(), ServiceError> {
    let in_force = |credential: &Credential| credential.expires_at.is_none_or(|at| now < at);
    let Some(credential) = Credential::read(conn, identity.credential)?.filter(in_force) else {
        return Err(ServiceError::Unauthenticated(WRONG));
    };
    let may_all = identity.scopes.iter().all(|scope| credential.identity.may(*scope))
        && identity.roles.iter().all(|role| credential.identity.roles.contains(role));
    if may_all {
        return Ok(());
    }
    Err(ServiceError::Forbidden("What the credentials allow was changed while the request came; send it again.".to_owned()))
}
