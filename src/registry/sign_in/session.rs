//! Sessions: how they begin, what they can do, and how they end. The token is shown only once.

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;
use serde_json::json;
use vasp_words::closed_list::closed_list;

use crate::acts::{Identity, event};
use crate::node::{Registry, ServiceError};
use vasp_log::audit::AuditOutcome;
use vasp_record::back_off::KNOWN_SECS;
use vasp_record::bearer::{BearerToken, draw_secret};
use vasp_record::environment::Environment;
use vasp_record::role::{GrantState, OrganisationKind, Role, Scope};
use vasp_store::{Conn, Organisation, SessionRow, StoreError, Transaction, UserRow};
use vasp_words::ids::{CredentialId, SessionId};
use vasp_words::sql::Flag;
use vasp_words::time::UtcTime;

/// How long a session lasts, however often it is used, in seconds.
///
/// Source: NIST SP 800-63B-4 section 2.2.3 (AAL2): at most 24 hours; half of it here, a working day.
pub(super) const SESSION_SECS: i64 = 12 * 3_600;

closed_list! {
    /// Which second factor is missing: a code of the user's app, or the app itself.
    pub enum Missing as "MissingFactor" {
        /// A code of the user's app, or a recovery code.
        Code = "code",
        /// The user has no app yet and must set one up.
        Enrolment = "enrolment",
    }
}

/// The holder of a credential.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The credential.
    pub credential: CredentialId,
    /// When it ends, however often it is used; `None` if it never does.
    pub expires_at: Option<UtcTime>,
    /// The user.
    pub user: UserRow,
    /// The user's organisation.
    pub organisation: Organisation,
    /// The roles that the user has in it.
    pub roles: Vec<Role>,
    /// The scopes of the credential; empty while a second factor is missing.
    pub scopes: Vec<Scope>,
    /// The missing second factor; `None` if nothing is missing.
    pub missing: Option<Missing>,
    /// Whether the user has an authenticator app.
    pub has_totp: bool,
    /// The number of unused recovery codes.
    pub recovery_codes_left: i64,
}

/// A new session.
#[derive(Clone, PartialEq, Eq)]
pub struct Begun {
    /// Its token, shown only once.
    pub token: String,
    /// The holder of the session.
    pub holder: Holder,
}

/// Begins a session of a user in the running transaction. `second_factor` is true if one was given. `authenticated_at` is when the provider
/// asked the person to sign in, if it reports that.
pub(crate) fn begin(
    transaction: &mut Transaction<'_>,
    user: &UserRow,
    second_factor: bool,
    authenticated_at: Option<UtcTime>,
) -> Result<Begun, ServiceError> {
    let now = transaction.now();
    let (_, rng) = transaction.conn_and_rng();
    let (id, secret) = (SessionId::new(now, rng), draw_secret(rng));
    let credential = CredentialId::Session(id);
    let (organisation, has_totp) = needs(transaction.conn(), user)?;
    let needs_second = has_totp || organisation.kind == OrganisationKind::Operator;
    let limited = needs_second && !second_factor;
    let expires_at = now.plus_secs(SESSION_SECS);
    transaction.add_session(&SessionRow {
        id,
        user_id: user.id,
        secret_sha256: digest(&SHA256, &secret).as_ref().to_vec(),
        limited: Flag(limited),
        expires_at,
        last_used_at: now,
        authenticated_at,
    })?;
    let holder = holder(transaction.conn(), user, credential, Some(expires_at), limited)?;
    Ok(Begun { token: BearerToken { environment: Environment::Live, credential, secret }.to_string(), holder })
}

/// Returns the user's organisation, and whether the user has an authenticator app.
pub(crate) fn needs(conn: &mut Conn, user: &UserRow) -> Result<(Organisation, bool), ServiceError> {
    let organisation = conn.organisation(user.organisation)?.ok_or_else(|| StoreError::missing("organisations"))?;
    let totp = conn.totp_of(user.id)?;
    Ok((organisation, totp.is_some_and(|totp| totp.confirmed_at.is_some())))
}

fn holder(
    conn: &mut Conn,
    user: &UserRow,
    credential: CredentialId,
    expires_at: Option<UtcTime>,
    limited: bool,
) -> Result<Holder, ServiceError> {
    let (organisation, has_totp) = needs(conn, user)?;
    let grants = conn.open_grants_of(&[user.id])?;
    let mut roles: Vec<Role> = grants.iter().filter(|grant| grant.state == GrantState::Active).map(|grant| grant.role).collect();
    roles.sort();
    let missing = if has_totp { Missing::Code } else { Missing::Enrolment };
    Ok(Holder {
        credential,
        expires_at,
        user: user.clone(),
        roles,
        scopes: Scope::ALL.iter().copied().filter(|scope| !limited && scope.exists_in(organisation.kind)).collect(),
        missing: limited.then_some(missing),
        has_totp,
        recovery_codes_left: conn.recovery_codes_left(user.id)?,
        organisation,
    })
}

/// Returns who the caller is.
pub fn read_holder(registry: &Registry, identity: &Identity) -> Result<Holder, ServiceError> {
    registry.store().read(|conn| holder_of(conn, registry, identity))
}

pub(super) fn holder_of(conn: &mut Conn, registry: &Registry, identity: &Identity) -> Result<Holder, ServiceError> {
    let user = own_user(conn, identity)?;
    let credentials = registry.directory().credentials();
    let expires_at = credentials.get(identity.credential).and_then(|credential| credential.expires_at);
    let mut holder = holder(conn, &user, identity.credential, expires_at, identity.is_limited())?;
    holder.scopes = identity.scopes.to_vec();
    Ok(holder)
}

/// Returns the caller's user row.
pub(super) fn own_user(conn: &mut Conn, identity: &Identity) -> Result<UserRow, ServiceError> {
    conn.user(identity.user)?.ok_or_else(|| ServiceError::NotFound("There is no such user.".to_owned()))
}

/// Ends the caller's session, or all sessions of its user: at once on this node, within a second on others.
pub fn end_sessions(
    registry: &Registry,
    identity: &Identity,
    everywhere: bool,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(), ServiceError> {
    registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        let ended = match (everywhere, identity.credential) {
            (false, CredentialId::Session(id)) => usize::from(transaction.end_session(id)?),
            _ => transaction.end_sessions_of(identity.user, None)?,
        };
        let (subject, details) = (Some(identity.credential.to_string()), json!({"everywhere": everywhere, "ended": ended}));
        transaction.audit(event(identity, "session.end", subject, AuditOutcome::Done, details));
        Ok(())
    })?;
    registry.let_others_know();
    Ok(())
}

/// Deletes expired sessions, counts of old attempts, and addresses from which accounts signed in long ago.
pub fn sweep_sign_ins(registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
    registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        transaction.forget_sessions(now)?;
        transaction.forget_sign_in_addresses(now.plus_secs(-KNOWN_SECS))?;
        Ok(transaction.forget_attempts(now.plus_secs(-86_400))?)
    })?;
    Ok(())
}
