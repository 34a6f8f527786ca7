//! Signing in at an OpenID provider. An account there must first be linked to a user here: by the person's own session, or by the
//! person's enrolment link. It is never linked by an e-mail address, which a provider may give to somebody else.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use rand_core::RngCore;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::attempts::{About, Attempt, Judged};
use super::enrolment::secret_hash;
use super::password::open_session;
use super::person::Proof;
use super::second_factor::SecondFactor;
use super::session::{Begun, begin};
use super::totp::Stepped;
use super::{SignIn, enrolment};
use crate::acts::{CallerNetwork, Identity, may_act};
use crate::node::{Fault, ProblemCode, Refusal, Registry, ServiceError};
use vasp_log::audit::AuditOutcome;
use vasp_outbound::{Account, OpenIdError, Provider};
use vasp_record::bearer::{EnrolmentSecret, draw_secret};
use vasp_record::role::UserKind;
use vasp_store::{Conn, OidcFlowRow, OidcLinkRow, Transaction, UserRow};
use vasp_words::ids::{CredentialId, SessionId, UserId};
use vasp_words::time::UtcTime;

/// How long a sign-in at a provider may take, in seconds.
const FLOW_SECS: i64 = 600;

const WRONG: &str = "The sign-in at the provider failed or took too long, or no user of the registry has this account.";

/// A started sign-in at a provider.
#[derive(Clone, PartialEq, Eq)]
pub struct Started {
    /// The address to which the person goes.
    pub url: String,
    /// The state that comes back with the person. The client sends it with the code.
    pub state: String,
    /// When the started sign-in expires.
    pub expires_at: UtcTime,
}

/// The sealed record of an unfinished sign-in.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Flow {
    nonce: String,
    verifier: String,
    goal: Goal,
}

/// The purpose of the sign-in.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Goal {
    /// To sign in.
    SignIn,
    /// To link the account to the user of a session.
    Link { session: SessionId },
    /// To redeem an enrolment link, of which this is the hash in hex.
    Enrol { link: String },
}

/// The inputs that start a sign-in at a provider.
#[derive(Clone, Default)]
pub struct OidcStart {
    /// The secret of an enrolment link, to redeem it.
    pub enrolment_secret: Option<String>,
    /// The password and the second factor that the user of a session has, to link the account to that user.
    pub proof: Proof,
    /// Whether the provider asks the person to sign in even if the person has a session there.
    pub fresh: bool,
}

/// Starts a sign-in at a provider: with a session, to link the account to its user; with the secret of an enrolment link, to redeem it.
/// A linked account outlasts the session. So a user with a password or an app must send them again, and nobody who finds an open session
/// can use it to keep access.
///
/// # Errors
/// `ServiceError::NotFound` for an unknown provider; `Unauthenticated` for a malformed enrolment secret; `Forbidden` for an API key
/// or a session without its second factor; `Invalid` (`wrong_password`, `wrong_code`); `BackOff`, `Overloaded`, `Provider`, `Key`, `Store`.
pub fn start(
    registry: &Registry,
    name: &str,
    identity: Option<&Identity>,
    sent: &OidcStart,
    from: Option<CallerNetwork>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Started, ServiceError> {
    let sign_in = registry.part::<SignIn>();
    let provider = provider(registry, name)?;
    let goal = match (&sent.enrolment_secret, identity) {
        (Some(secret), _) => {
            let secret: EnrolmentSecret = secret.trim().parse().map_err(|_| ServiceError::Unauthenticated(enrolment::WRONG))?;
            Goal::Enrol { link: hex::encode(secret_hash(&secret)) }
        }
        (None, None) => Goal::SignIn,
        (None, Some(identity)) => Goal::Link { session: own_session(identity)? },
    };
    let links = matches!(goal, Goal::Link { .. });
    let [state, nonce, verifier] = [(); 3].map(|()| BASE64URL_NOPAD.encode(&draw_secret(rng)));
    let url = provider.authorize(&state, &nonce, &verifier, sent.fresh, now).map_err(unavailable)?;
    let flow = serde_json::to_vec(&Flow { nonce, verifier, goal });
    let flow = flow.map_err(|e| ServiceError::Unreadable { what: "sign-in", reason: e.to_string() })?;
    let (state_sha256, expires_at) = (hash(&state), now.plus_secs(FLOW_SECS));
    let row = OidcFlowRow {
        sealed: sign_in.key.seal(&purpose(&state_sha256), &flow, rng).map_err(ServiceError::Key)?,
        state_sha256,
        provider: provider.name().to_owned(),
        expires_at,
    };
    let keep = |transaction: &mut Transaction<'_>| Ok::<_, ServiceError>(transaction.add_oidc_flow(&row, now)?);
    match (links, identity) {
        (true, Some(identity)) => {
            let mut step = Stepped { registry, identity, from, now, rng };
            step.step_as_person("oidc.link.begin", &sent.proof, false, |transaction, _| keep(transaction))?;
        }
        _ => {
            registry.store().write(now, rng, keep)?;
        }
    }
    Ok(Started { url, state, expires_at })
}

/// Finishes a sign-in with the code and state that came back with the person, and begins a session.
///
/// # Errors
/// `ServiceError::Unauthenticated` if it failed, always with the same text (the audit chain has the reason); `Conflict`
/// (`linked`) if the account, or the user, is linked to another; `NotFound`, `Provider`, `BackOff`, `Key`, `Store`.
pub fn finish(
    registry: &Registry,
    name: &str,
    (code, state): (&str, &str),
    identity: Option<&Identity>,
    from: Option<CallerNetwork>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Begun, ServiceError> {
    let provider = provider(registry, name)?;
    let attempt = Attempt::count(registry, None, from, now, rng)?;
    let about = About { action: "session.begin", user: None, credential: None };
    let state_sha256 = hash(state);
    let taken = registry.store().write::<_, ServiceError>(now, rng, |transaction| {
        Ok(transaction.take_oidc_flow(&state_sha256, now)?.filter(|flow| flow.provider == provider.name()))
    })?;
    let Some(row) = taken.value else { return refuse(&attempt, &about, rng, "unknown_state") };
    let flow = open(registry, &row)?;
    let account = match provider.finish(code, &flow.nonce, &flow.verifier, now) {
        Ok(account) => account,
        Err(OpenIdError::Refused(reason)) => return refuse(&attempt, &about, rng, reason),
        Err(error) => {
            attempt.take_back(rng)?;
            return Err(unavailable(error));
        }
    };
    let user = registry.store().read(|conn| user_of(conn, &flow.goal, &account))?;
    let about = About { user: user.as_ref(), ..about };
    let begun = attempt.conclude(&about, rng, |transaction| {
        let Some(user) = &user else { return Ok(Judged::Wrong("unknown_subject")) };
        let (user, second_factor) = match settle(transaction, &flow.goal, user, &account, identity)? {
            Ok(settled) => settled,
            Err(reason) => return Ok(Judged::Wrong(reason)),
        };
        let begun = begin(transaction, &user, second_factor, account.authenticated_at)?;
        if !matches!(flow.goal, Goal::Link { .. }) {
            attempt.remember(transaction, &user)?;
        }
        let details = json!({"method": "oidc", "provider": provider.name(), "second_factor": second_factor,
            "session": begun.holder.credential.to_string()});
        Ok(Judged::Right(begun, details))
    })?;
    begun.ok_or(ServiceError::Unauthenticated(WRONG))
}

/// Returns the user of the sign-in, as far as it can be known before anything is locked.
fn user_of(conn: &mut Conn, goal: &Goal, account: &Account) -> Result<Option<UserRow>, ServiceError> {
    let user: Option<UserId> = match goal {
        Goal::SignIn => conn.oidc_link(&account.issuer, &account.subject)?.map(|link| link.user_id),
        Goal::Link { session } => conn.session_user(*session)?,
        Goal::Enrol { link } => conn.enrolment(&hex::decode(link).unwrap_or_default())?.map(|(row, _)| row.user_id),
    };
    Ok(match user {
        Some(id) => conn.user(id)?.filter(|user| user.kind == UserKind::Person),
        None => None,
    })
}

/// Does what the sign-in is for. Returns the user and whether a second factor was given, or the reason of a failure.
fn settle(
    transaction: &mut Transaction<'_>,
    goal: &Goal,
    user: &UserRow,
    account: &Account,
    identity: Option<&Identity>,
) -> Result<Result<(UserRow, bool), &'static str>, ServiceError> {
    let user = match goal {
        Goal::Enrol { link } => enrolment::take(transaction, &hex::decode(link).unwrap_or_default(), user.id)?,
        Goal::SignIn | Goal::Link { .. } => transaction.lock_user(user.id)?,
    };
    let Some(mut user) = user else { return Ok(Err("not_active")) };
    if let Goal::SignIn = goal
        && holds(transaction.conn(), account, user.id)?
    {
        // A user who was invited with this account signs in for the first time.
        user = enrolment::activate(transaction, user)?;
    }
    if !may_act(transaction.conn(), &user)? {
        return Ok(Err("not_active"));
    }
    match goal {
        Goal::SignIn => Ok(if holds(transaction.conn(), account, user.id)? {
            Ok((user, account.second_factor))
        } else {
            Err("unknown_subject")
        }),
        Goal::Enrol { .. } => {
            link(transaction, &user, account, None)?;
            Ok(Ok((user, account.second_factor)))
        }
        Goal::Link { session } => {
            let open = identity.map(|identity| open_session(transaction, identity)).transpose()?.flatten();
            if open != Some(*session) {
                return Ok(Err("other_session"));
            }
            link(transaction, &user, account, Some(CredentialId::Session(*session)))?;
            // The new session replaces the old one, which already had its second factor.
            transaction.end_session(*session)?;
            Ok(Ok((user, true)))
        }
    }
}

fn holds(conn: &mut Conn, account: &Account, user: UserId) -> Result<bool, ServiceError> {
    Ok(conn.oidc_link(&account.issuer, &account.subject)?.is_some_and(|link| link.user_id == user))
}

fn link(
    transaction: &mut Transaction<'_>,
    user: &UserRow,
    account: &Account,
    linked_with: Option<CredentialId>,
) -> Result<(), ServiceError> {
    let about = About { action: "oidc.link", user: Some(user), credential: linked_with.map(|session| session.to_string()) };
    let row = OidcLinkRow { issuer: account.issuer.clone(), subject: account.subject.clone(), user_id: user.id, linked_with };
    if transaction.add_oidc_link(&row)? {
        let details = json!({"issuer": row.issuer, "subject": row.subject});
        transaction.audit(about.event(AuditOutcome::Done, details));
        return Ok(());
    }
    let detail = "this account is already linked to another user, or this user to another account at the provider".to_owned();
    Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "linked", detail }))
}

/// Unlinks the caller's account at a provider. Open sessions stay.
///
/// # Errors
/// `ServiceError::NotFound` for an unknown provider and if no account is linked there; `IllegalStep` if the user could no longer sign
/// in; `Invalid` (`wrong_code`) if the user has an app and its code is missing or wrong; `BackOff`, `Store`.
pub fn unlink(mut step: Stepped<'_>, name: &str, second: Option<&SecondFactor>) -> Result<(), ServiceError> {
    let issuer = provider(step.registry, name)?.issuer().to_owned();
    let user = step.identity.user;
    let may_go = |conn: &mut Conn| {
        let links = conn.oidc_links_of(user)?;
        if !links.iter().any(|link| link.issuer == issuer) {
            return Err(ServiceError::NotFound("The user has no linked account at this provider.".to_owned()));
        }
        if links.len() == 1 && conn.password_of(user)?.is_none() {
            let detail = "The user has no password and no other linked account, so the user could no longer sign in.";
            return Err(ServiceError::IllegalStep(detail.to_owned()));
        }
        Ok(())
    };
    // Checked before the attempt is counted, and again in the transaction, where nobody else can change it.
    step.registry.store().read(may_go)?;
    step.step("oidc.unlink", second, false, |transaction, user| {
        may_go(transaction.conn())?;
        Ok(transaction.drop_oidc_link(user.id, &issuer).map(drop)?)
    })
}

fn provider<'a>(registry: &'a Registry, name: &str) -> Result<&'a Provider, ServiceError> {
    let found = registry.part::<SignIn>().providers.iter().find(|provider| provider.name() == name);
    found.ok_or_else(|| ServiceError::NotFound("There is no such provider.".to_owned()))
}

fn own_session(identity: &Identity) -> Result<SessionId, ServiceError> {
    match identity.credential {
        CredentialId::Session(session) if !identity.is_limited() => Ok(session),
        CredentialId::Session(_) => Err(ServiceError::Forbidden(
            "The session still requires a second factor; GET /v1/session shows which one.".to_owned(),
        )),
        CredentialId::Key(_) | CredentialId::Certificate(_) => {
            Err(ServiceError::Forbidden("An API key or certificate cannot be linked to an account; sign in first.".to_owned()))
        }
    }
}

fn refuse<T>(attempt: &Attempt<'_>, about: &About<'_>, rng: &mut dyn RngCore, reason: &'static str) -> Result<T, ServiceError> {
    attempt.conclude::<()>(about, rng, |_| Ok(Judged::Wrong(reason)))?;
    Err(ServiceError::Unauthenticated(WRONG))
}

fn open(registry: &Registry, row: &OidcFlowRow) -> Result<Flow, ServiceError> {
    let flow = registry.part::<SignIn>().key.open(&purpose(&row.state_sha256), &row.sealed).map_err(ServiceError::Key)?;
    serde_json::from_slice(&flow).map_err(|e| ServiceError::Unreadable { what: "sign-in", reason: e.to_string() })
}

fn purpose(state_sha256: &[u8]) -> String {
    format!("oidc:{}", hex::encode(state_sha256))
}

fn hash(state: &str) -> Vec<u8> {
    digest(&SHA256, state.as_bytes()).as_ref().to_vec()
}

/// Returns the error for a provider that does not answer as expected.
fn unavailable(error: OpenIdError) -> ServiceError {
    Refusal::of(ProblemCode::ProviderUnavailable).retry_after_secs(30).because(error).into()
}
