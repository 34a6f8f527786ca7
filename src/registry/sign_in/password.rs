//! Signing in with e-mail address, password and second factor, and changing the password. A failed sign-in does not reveal what was wrong,
//! nor whether the user exists: the steps and the text of the error are the same.

use rand_core::RngCore;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::attempts::{About, Attempt, Judged, account_name};
use super::second_factor::{Found, SecondFactor, look_at, use_up};
use super::session::{Begun, begin, needs, own_user};
use super::session_keys::{RevokedKey, revoke_made_by_sessions};
use super::{SignIn, session_keys};
use crate::acts::{CallerNetwork, Identity, may_act};
use crate::node::{Registry, ServiceError, invalid};
use vasp_log::audit::AuditOutcome;
use vasp_pki::{Match, PasswordHashError};
use vasp_record::password::{LEAST_ALONE, LEAST_WITH_SECOND_FACTOR, Password, PasswordError};
use vasp_record::role::{OrganisationKind, UserKind};
use vasp_store::{OidcLinkRow, Organisation, Transaction, UserRow};
use vasp_words::ids::{CredentialId, SessionId, UserId};
use vasp_words::time::UtcTime;

/// The credentials of a sign-in.
#[derive(Clone)]
pub struct PasswordSignIn {
    /// E-mail address.
    pub email: String,
    /// Password.
    pub password: String,
    /// The second factor; `None` if none was sent.
    pub second: Option<SecondFactor>,
}

const WRONG: &str = "The e-mail address, password or code is wrong, or the code was already used.";

/// The data of an account, read before the attempt is decided.
struct Account {
    user: Option<UserRow>,
    phc: Option<String>,
    found: Found,
}

/// Begins a session for a caller with the right password and, if the user has an app, the right second factor.
///
/// # Errors
/// `ServiceError::Unauthenticated` if anything is wrong, always with the same text; `BackOff`, `Overloaded`, `Store`, `Key`.
pub fn sign_in(
    registry: &Registry,
    sent: &PasswordSignIn,
    from: Option<CallerNetwork>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Begun, ServiceError> {
    let email: String = sent.email.trim().chars().take(255).collect::<String>().to_lowercase();
    let attempt = Attempt::count(registry, Some(&email), from, now, rng)?;
    let account = account(registry, &email, sent.second.as_ref(), now)?;
    // A password that nobody can have chosen is compared too, so that it takes as long.
    let password = Password::given(&sent.password);
    let is_possible = password.is_some();
    let password = password.or_else(|| Password::given("")).ok_or(ServiceError::Unauthenticated(WRONG))?;
    let matched = compare(registry, &attempt, &password, account.phc.as_deref(), rng)?;
    let matched = if is_possible { matched } else { Match::No };
    let about = About { action: "session.begin", user: account.user.as_ref(), credential: None };
    let begun = attempt.conclude(&about, rng, |transaction| judge(transaction, &attempt, &account, matched))?;
    if let (Match::Outdated, Some(_), Some(user), Some(before)) = (matched, &begun, &account.user, &account.phc) {
        rehash(registry, user, before, &password, now, rng)?;
    }
    begun.ok_or(ServiceError::Unauthenticated(WRONG))
}

fn account(registry: &Registry, email: &str, second: Option<&SecondFactor>, now: UtcTime) -> Result<Account, ServiceError> {
    registry.store().read(|conn| {
        let user = conn.user_with_email(email)?.filter(|user| user.kind == UserKind::Person);
        // No user has this id, so that a search without result takes as long.
        let id = user.as_ref().map_or(UserId::first_at(UtcTime::EPOCH), |user| user.id);
        let phc = conn.password_of(id)?;
        let found = look_at(registry.part::<SignIn>(), conn, id, second, now)?;
        Ok(Account { user, phc, found })
    })
}

fn judge(
    transaction: &mut Transaction<'_>,
    attempt: &Attempt<'_>,
    account: &Account,
    matched: Match,
) -> Result<Judged<Begun>, ServiceError> {
    let Some(user) = &account.user else { return Ok(Judged::Wrong("unknown_account")) };
    // Decided before any lock that others wait for, so that whoever guesses passwords delays nobody.
    if matched == Match::No || account.phc.is_none() {
        return Ok(Judged::Wrong("wrong_password"));
    }
    let Some(user) = transaction.lock_user(user.id)? else { return Ok(Judged::Wrong("not_active")) };
    if !may_act(transaction.conn(), &user)? {
        return Ok(Judged::Wrong("not_active"));
    }
    // The password may have changed since it was compared.
    if transaction.conn().password_of(user.id)? != account.phc {
        return Ok(Judged::Wrong("wrong_password"));
    }
    let (_, has_totp) = needs(transaction.conn(), &user)?;
    if has_totp && !use_up(transaction, user.id, &account.found)? {
        return Ok(Judged::Wrong(if account.found == Found::Wrong { "wrong_code" } else { "used_code" }));
    }
    let begun = begin(transaction, &user, has_totp, None)?;
    attempt.remember(transaction, &user)?;
    let details = json!({"method": "password", "second_factor": second_name(has_totp, &account.found),
        "session": begun.holder.credential.to_string()});
    Ok(Judged::Right(begun, details))
}

fn second_name(has_totp: bool, found: &Found) -> &'static str {
    match found {
        Found::Step(_) if has_totp => "totp",
        Found::Code(_) if has_totp => "recovery_code",
        _ => "none",
    }
}

/// Compares a password. If the hasher is busy, the attempt does not count.
pub(super) fn compare(
    registry: &Registry,
    attempt: &Attempt<'_>,
    password: &Password,
    phc: Option<&str>,
    rng: &mut dyn RngCore,
) -> Result<Match, ServiceError> {
    let compared = registry.part::<SignIn>().hashes.compare(password, phc);
    if compared == Err(PasswordHashError::Busy) {
        attempt.take_back(rng)?;
    }
    compared.map_err(hash_error)
}

fn rehash(
    registry: &Registry,
    user: &UserRow,
    before: &str,
    password: &Password,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(), ServiceError> {
    // If the hasher is busy, the next sign-in rehashes.
    let Ok(phc) = registry.part::<SignIn>().hashes.hash(password, rng) else { return Ok(()) };
    registry.store().write::<_, ServiceError>(now, rng, |transaction| Ok(transaction.rehash_password(user.id, before, &phc)?))?;
    Ok(())
}

/// The result of a password change.
#[derive(Clone, PartialEq, Eq)]
pub struct PasswordChanged {
    /// The session that replaces all earlier ones.
    pub begun: Begun,
    /// The keys and client certificates that those sessions, and earlier ones, had created; they are revoked now.
    pub revoked: Vec<RevokedKey>,
    /// The accounts at OpenID providers that those sessions, and earlier ones, had linked. Nobody can sign in with them any more.
    pub unlinked: Vec<Unlinked>,
}

/// An account at an OpenID provider with which its user can no longer sign in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = UnlinkedAccount)]
pub struct Unlinked {
    /// The provider's issuer URL.
    #[schema(example = "https://login.example.org")]
    pub issuer: String,
    /// The provider's name for the account.
    pub subject: String,
}

/// Changes the caller's password. All its sessions end, the keys that they created are revoked, the accounts that they linked are
/// unlinked, and one new session begins.
///
/// # Errors
/// `ServiceError::Invalid` if the current password is wrong (`wrong_password`) or the new one cannot be chosen; `IllegalStep`
/// for a user without a password; `Changed`, `BackOff`, `Overloaded`, `Store`.
pub fn change_password(
    registry: &Registry,
    identity: &Identity,
    current: &str,
    new: &str,
    from: Option<CallerNetwork>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<PasswordChanged, ServiceError> {
    let (user, organisation, phc) = registry.store().read::<_, ServiceError>(|conn| {
        let user = own_user(conn, identity)?;
        let organisation = needs(conn, &user)?.0;
        let phc = conn.password_of(user.id)?;
        Ok((user, organisation, phc))
    })?;
    let phc = phc.ok_or_else(|| ServiceError::IllegalStep("The user has no password and signs in at a provider.".to_owned()))?;
    let new = choose(new, "/new", &user, &organisation)?;
    let attempt = Attempt::count(registry, Some(&account_name(&user)), from, now, rng)?;
    let matched = match Password::given(current) {
        Some(current) => compare(registry, &attempt, &current, Some(&phc), rng)?,
        None => Match::No,
    };
    let hash = if matched == Match::No { String::new() } else { hash(registry, &new, rng)? };
    let about = About { action: "password.change", user: Some(&user), credential: Some(identity.credential.to_string()) };
    let changed = attempt.conclude(&about, rng, |transaction| {
        if matched == Match::No {
            return Ok(Judged::Wrong("wrong_password"));
        }
        let gone = || ServiceError::Changed("The user is no longer allowed to sign in.".to_owned());
        let user = transaction.lock_user(user.id)?.ok_or_else(gone)?;
        if !may_act(transaction.conn(), &user)? {
            return Err(gone());
        }
        if transaction.conn().password_of(user.id)?.as_ref() != Some(&phc) || open_session(transaction, identity)?.is_none() {
            return Err(ServiceError::Changed("The password was changed in the meantime; sign in again.".to_owned()));
        }
        transaction.set_password(user.id, &hash)?;
        let ended = transaction.end_sessions_of(user.id, None)?;
        // Somebody who knew the old password may have signed in from another address.
        transaction.forget_signed_in_from(&registry.part::<SignIn>().account(&user))?;
        attempt.remember(transaction, &user)?;
        // The asking session had its second factor: a session that lacks it cannot ask.
        let begun = begin(transaction, &user, true, None)?;
        let revoked = revoke_made_by_sessions(transaction, user.id, &about.event(AuditOutcome::Done, Value::Null))?;
        let links = transaction.drop_oidc_links_of_sessions(user.id)?.into_iter();
        let unlinked: Vec<Unlinked> = links.map(|OidcLinkRow { issuer, subject, .. }| Unlinked { issuer, subject }).collect();
        let details = json!({"sessions_ended": ended, "session": begun.holder.credential, "keys_revoked": session_keys::ids(&revoked),
            "unlinked": unlinked});
        Ok(Judged::Right(PasswordChanged { begun, revoked, unlinked }, details))
    })?;
    changed.ok_or_else(|| invalid("/current", "wrong_password", "this is not the current password".to_owned()))
}

/// Returns the caller's session if it still exists. The user's row is locked.
pub(super) fn open_session(transaction: &mut Transaction<'_>, identity: &Identity) -> Result<Option<SessionId>, ServiceError> {
    let sessions = transaction.conn().sessions_of(identity.user)?;
    Ok(sessions.iter().map(|session| session.id).find(|id| identity.credential == CredentialId::Session(*id)))
}

/// Checks a password that a user chooses.
pub(crate) fn choose(text: &str, pointer: &str, user: &UserRow, organisation: &Organisation) -> Result<Password, ServiceError> {
    let least = match organisation.kind {
        OrganisationKind::Operator => LEAST_WITH_SECOND_FACTOR,
        OrganisationKind::Member | OrganisationKind::Gateway => LEAST_ALONE,
    };
    let own = [user.name.as_str(), user.email.as_deref().unwrap_or_default(), organisation.name.as_str()];
    Password::chosen(text, least, &own).map_err(|error: PasswordError| invalid(pointer, error.code(), error.to_string()))
}

/// Hashes a password.
pub(crate) fn hash(registry: &Registry, password: &Password, rng: &mut dyn RngCore) -> Result<String, ServiceError> {
    registry.part::<SignIn>().hashes.hash(password, rng).map_err(hash_error)
}

fn hash_error(error: PasswordHashError) -> ServiceError {
    match error {
        PasswordHashError::Busy => ServiceError::Overloaded,
        PasswordHashError::Refused => ServiceError::Unreadable { what: "password hash", reason: error.to_string() },
    }
}
