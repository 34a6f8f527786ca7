//! Redeeming a link: the person sets the first password and is signed in.

use rand_core::RngCore;
use serde_json::json;

use super::secret_hash;
use crate::acts::CallerNetwork;
use crate::node::{Registry, ServiceError};
use crate::sign_in::attempts::{About, Attempt, Judged};
use crate::sign_in::password::{choose, hash};
use crate::sign_in::session::{Begun, begin, needs};
use vasp_record::bearer::EnrolmentSecret;
use vasp_record::role::UserState;
use vasp_store::{Transaction, UserRow};
use vasp_words::ids::UserId;
use vasp_words::time::UtcTime;

pub(crate) const WRONG: &str = "The enrolment link is unknown, was already used or replaced, or has expired; ask for a new one.";

/// Sets a user's first password by a link, makes the user active and begins a session.
///
/// # Errors
/// `ServiceError::Unauthenticated` for a link that does not work; `Invalid` for a password that cannot be chosen (the link still works
/// afterwards); `BackOff`, `Overloaded`, `Store`.
pub fn redeem(
    registry: &Registry,
    secret: &str,
    password: &str,
    from: Option<CallerNetwork>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Begun, ServiceError> {
    let attempt = Attempt::count(registry, None, from, now, rng)?;
    let link = secret.trim().parse::<EnrolmentSecret>().ok().map(|secret| secret_hash(&secret));
    let found = match &link {
        None => None,
        Some(link) => registry.store().read::<_, ServiceError>(|conn| {
            let Some((row, user)) = conn.enrolment(link)?.filter(|(row, _)| row.expires_at > now) else {
                return Ok(None);
            };
            let organisation = needs(conn, &user)?.0;
            Ok(Some((row.secret_sha256, user, organisation)))
        })?,
    };
    let Some((link, user, organisation)) = found else {
        let about = About { action: "user.enrol", user: None, credential: None };
        attempt.conclude::<()>(&about, rng, |_| Ok(Judged::Wrong("unknown_link")))?;
        return Err(ServiceError::Unauthenticated(WRONG));
    };
    let chosen = choose(password, "/password", &user, &organisation).and_then(|password| hash(registry, &password, rng));
    let phc = match chosen {
        Ok(phc) => phc,
        Err(error) => {
            attempt.take_back(rng)?;
            return Err(error);
        }
    };
    let about = About { action: "user.enrol", user: Some(&user), credential: None };
    let begun = attempt.conclude(&about, rng, |transaction| {
        let Some(user) = take(transaction, &link, user.id)? else { return Ok(Judged::Wrong("used_link")) };
        transaction.set_password(user.id, &phc)?;
        let begun = begin(transaction, &user, false, None)?;
        attempt.remember(transaction, &user)?;
        let session = begun.holder.credential.to_string();
        Ok(Judged::Right(begun, json!({"method": "password", "session": session})))
    })?;
    begun.ok_or(ServiceError::Unauthenticated(WRONG))
}

/// Uses a link up and makes its user active. Returns `None` if the link, or its user, can no longer be used.
pub(crate) fn take(transaction: &mut Transaction<'_>, link: &[u8], user: UserId) -> Result<Option<UserRow>, ServiceError> {
    let Some(user) = transaction.lock_user(user)? else { return Ok(None) };
    let at = transaction.now();
    let is_closed = needs(transaction.conn(), &user)?.0.closed_at.is_some();
    if is_closed || user.state == UserState::Disabled || !transaction.use_enrolment(link, at)? {
        return Ok(None);
    }
    activate(transaction, user).map(Some)
}

/// Makes an invited user of an open organisation active.
pub(crate) fn activate(transaction: &mut Transaction<'_>, mut user: UserRow) -> Result<UserRow, ServiceError> {
    if user.state == UserState::Invited && needs(transaction.conn(), &user)?.0.closed_at.is_none() {
        user.state = UserState::Active;
        user.version += 1;
        transaction.change_user(&user)?;
    }
    Ok(user)
}
