//! Authentication: reads an API key, a session token or the client certificate of the connection, and returns its user. The registry knows
//! only the SHA-256 of a secret. The client proved that it holds the certificate's private key when it connected.

use std::cell::RefCell;

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
use vasp_record::environment::Environment;
use vasp_record::role::{OrganisationKind, Role, Scope, UserState};
use vasp_rules::four_eyes::Actor;
use vasp_store::{Conn, StoreError, UserRow};
use vasp_words::ids::{ApiKeyId, CredentialId};
use vasp_words::time::UtcTime;

impl Identity {
    /// Returns which claims this caller may see.
    #[must_use]
    pub fn reader(identity: Option<&Self>) -> Reader {
        identity.map_or(Reader::Public, |identity| Reader::Organisation(identity.organisation))
    }

    /// Returns the user and credential, for the four-eyes rule.
    #[must_use]
    pub fn actor(&self) -> Actor {
        Actor { user: self.user, credential: Some(self.credential) }
    }

    /// Returns whether the credential has a scope.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&scope)
    }

    /// Returns whether the user has one of the roles.
    #[must_use]
    pub fn has_any(&self, roles: &[Role]) -> bool {
        roles.iter().any(|role| self.roles.contains(role))
    }

    /// Returns whether this is a session of a person, and not an API key or client certificate, which a program may hold.
    #[must_use]
    pub fn is_signed_in(&self) -> bool {
        matches!(self.credential, CredentialId::Session(_))
    }

    /// Returns whether the caller sees and records what is confidential: a signed-in person of a member or gateway with the role compliance.
    #[must_use]
    pub fn is_compliance_person(&self) -> bool {
        self.is_signed_in()
            && self.kind != OrganisationKind::Operator
            && self.may(Scope::Compliance)
            && self.has_any(&[Role::Compliance])
    }

    /// Returns whether this is a session that lacks its second factor, and can do nothing but provide it.
    #[must_use]
    pub fn is_limited(&self) -> bool {
        self.scopes.is_empty()
    }
}

const WRONG: &str = "The API key or session is unknown, was revoked or has expired.";

const PUBLISHABLE_KEY: &str = "This is a publishable key (vr_pub_…). It opens only GET /v1/picker, as the parameter `key`; use a secret key for everything else.";

const KEY_OF_A_SANDBOX: &str =
    "This API key (vr_test_…) belongs to a sandbox and works nowhere else; use a key of this registry.";

/// Returns whether a user may act: it is active, and its organisation is open.
pub(crate) fn may_act(conn: &mut Conn, user: &UserRow) -> Result<bool, ServiceError> {
    let organisation = conn.organisation(user.organisation)?.ok_or_else(|| StoreError::missing("organisations"))?;
    Ok(user.state == UserState::Active && organisation.closed_at.is_none())
}

/// Writes an API key from its id and secret: `vr_<26 characters of the id>_<64 hex digits>`, in a sandbox `vr_test_…`.
#[must_use]
pub fn api_key_text(environment: Environment, id: ApiKeyId, secret: &[u8; 32]) -> String {
    BearerToken { environment, credential: CredentialId::Key(id), secret: *secret }.to_string()
}

/// The user of a key or session, before it is checked whether the credential may be used over this connection.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use = "a key may be bound to a certificate"]
pub struct Claimed {
    identity: Identity,
    bound_to: Option<Sha256>,
}

/// A correct key over a connection on which it may not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WrongConnection {
    /// The key's user.
    pub identity: Identity,
    /// The reason why the connection is refused.
    pub refusal: CertificateRefusal,
}

/// Returns the user of the key or session in an `Authorization` header, and records a use of the session.
///
/// # Errors
/// `ServiceError::Unauthenticated`; it never reveals whether the key is unknown or its secret is wrong.
pub fn authenticate(registry: &Registry, header: &str, now: UtcTime) -> Result<Claimed, ServiceError> {
    let (scheme, token) = header.split_once(' ').unwrap_or((header, ""));
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(ServiceError::Unauthenticated(
            "Send `Authorization: Bearer` with an API key (vr_…) or the token of a session (vs_…).",
        ));
    }
    let credential = credential_of(registry, token, now)?;
    if credential.origins.is_some() {
        return Err(ServiceError::Unauthenticated(PUBLISHABLE_KEY));
    }
    if let (CredentialId::Session(session), Some(stored)) = (credential.identity.credential, credential.last_used_at)
        && !registry.part::<Activity>().touch(session, stored, now)
    {
        return Err(ServiceError::Unauthenticated(WRONG));
    }
    Ok(Claimed { identity: credential.identity, bound_to: credential.certificate })
}

/// Returns the user of a publishable key, for a page of one of its origins, and records the use.
///
/// # Errors
/// `ServiceError::Unauthenticated` if it is no publishable key; `Forbidden` if it is not for pages of the origin.
pub fn authenticate_publishable(
    registry: &Registry,
    key: &str,
    origin: Option<&str>,
    now: UtcTime,
) -> Result<Identity, ServiceError> {
    let credential = credential_of(registry, key, now)?;
    let Some(origins) = &credential.origins else { return Err(ServiceError::Unauthenticated(WRONG)) };
    if !origin.is_some_and(|origin| origins.iter().any(|known| known.as_str() == origin)) {
        let page = origin.map_or_else(|| "a request that names no origin".to_owned(), |origin| format!("pages of {origin}"));
        return Err(ServiceError::Forbidden(format!("This publishable key is not for {page}.")));
    }
    registry.part::<KeyUses>().note(credential.identity.credential, now.date());
    Ok(credential.identity)
}

/// What a token says, which is checked against the registry each time.
#[derive(Clone, Copy)]
struct ReadToken {
    environment: Environment,
    credential: CredentialId,
    secret_sha256: Sha256,
}

thread_local! {
    /// The last token that this thread read: a gateway sends the same with each question, and reading it costs more than all checks.
    static LAST: RefCell<Option<(String, ReadToken)>> = const { RefCell::new(None) };
}

impl ReadToken {
    fn of(text: &str) -> Option<Self> {
        let is_same = |last: &str| verify_slices_are_equal(last.as_bytes(), text.as_bytes()).is_ok();
        if let Some(last) = LAST.with_borrow(|last| last.as_ref().filter(|(last, _)| is_same(last)).map(|(_, read)| *read)) {
            return Some(last);
        }
        let BearerToken { environment, credential, secret } = text.parse().ok()?;
        let secret_sha256 = digest(&SHA256, &secret).as_ref().try_into().ok()?;
        let read = Self { environment, credential, secret_sha256 };
        LAST.set(Some((text.to_owned(), read)));
        Some(read)
    }
}

/// Returns the credential of a key or session that has not ended.
fn credential_of(registry: &Registry, token: &str, now: UtcTime) -> Result<Credential, ServiceError> {
    let wrong = || ServiceError::Unauthenticated(WRONG);
    let token = ReadToken::of(token.trim()).ok_or_else(wrong)?;
    if token.environment == Environment::Sandbox && registry.environment() != Environment::Sandbox {
        return Err(ServiceError::Unauthenticated(KEY_OF_A_SANDBOX));
    }
    let credentials = registry.directory().credentials();
    let credential = credentials.get(token.credential).ok_or_else(wrong)?;
    verify_slices_are_equal(&token.secret_sha256, &credential.secret_sha256).map_err(|_| wrong())?;
    if credential.expires_at.is_some_and(|at| at <= now) {
        return Err(wrong());
    }
    Ok(credential.clone())
}

impl Claimed {
    /// Returns the caller, if the key may be used over this connection. An unbound key may be used over any connection.
    ///
    /// # Errors
    /// `WrongConnection` if the key is bound to a certificate that the connection does not use, or that is no longer valid.
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
    // A certificate that was revoked as a credential here may have lost its private key, so no key bound to it works.
    if registry.directory().credentials().is_revoked(bound) {
        return Err(CertificateRefusal::Revoked);
    }
    shown.check_time(now)
}

/// Returns the user for whom the client certificate of a connection acts.
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

/// Refuses a caller that has lost a scope or role since authentication. A request body can take minutes to arrive, and a power withdrawn
/// meanwhile must not be used.
///
/// # Errors
/// `ServiceError::Unauthenticated` if the credential was revoked or has ended; `Forbidden` if a role or scope is gone; `Store`.
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
    Err(ServiceError::Forbidden(
        "The rights of these credentials changed while the request was running; send it again.".to_owned(),
    ))
}
