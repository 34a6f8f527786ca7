//! The second factor: a code of the user's app, or one of the user's recovery codes. The app's secret is sealed for its user, under a key
//! that the master key wraps.

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;

use super::SignIn;
use super::recovery_code::RecoveryCode;
use super::totp_code::TotpSecret;
use crate::node::{ServiceError, invalid};
use vasp_store::{Conn, Transaction};
use vasp_words::ids::UserId;
use vasp_words::time::UtcTime;

/// The second factor that a caller sends.
#[derive(Clone, PartialEq, Eq)]
pub enum SecondFactor {
    /// A code of the app.
    Totp(String),
    /// A recovery code.
    RecoveryCode(String),
}

/// The result of looking at a second factor, before it is used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The caller sent none, and the user has no app.
    NotAsked,
    /// The caller sent none or a wrong one; or it sent one although the user has no app.
    Wrong,
    /// A right code of the app: its time step.
    Step(i64),
    /// A recovery code: its hash.
    Code(Vec<u8>),
}

impl SecondFactor {
    /// Takes the second factor of a request, at most one.
    ///
    /// # Errors
    /// `ServiceError::Invalid` if the request contains both.
    pub fn of(totp: Option<String>, recovery_code: Option<String>) -> Result<Option<Self>, ServiceError> {
        if totp.is_some() && recovery_code.is_some() {
            let detail = "send either a code of the app or a recovery code, not both".to_owned();
            return Err(invalid("/recovery_code", "invalid_value", detail));
        }
        Ok(totp.map(Self::Totp).or(recovery_code.map(Self::RecoveryCode)))
    }
}

impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecondFactor(…)")
    }
}

/// Looks at a second factor without using it up. For a user who does not exist or has no app, it does the same work with a dummy secret,
/// so that the duration reveals nothing.
pub(crate) fn look_at(
    sign_in: &SignIn,
    conn: &mut Conn,
    user: UserId,
    sent: Option<&SecondFactor>,
    now: UtcTime,
) -> Result<Found, ServiceError> {
    let totp = conn.totp_of(user)?;
    let sealed = totp.filter(|totp| totp.confirmed_at.is_some()).and_then(|totp| totp.sealed);
    let secret = match &sealed {
        Some(sealed) => open(sign_in, user, sealed)?,
        None => TotpSecret::NOBODYS,
    };
    let found = match sent {
        None => None,
        Some(SecondFactor::Totp(code)) => secret.step_of(code, now).map(Found::Step),
        Some(SecondFactor::RecoveryCode(text)) => text.parse().ok().map(|code| Found::Code(code_hash(&code))),
    };
    Ok(match (sealed, found) {
        (Some(_), Some(found)) => found,
        (None, None) if sent.is_none() => Found::NotAsked,
        _ => Found::Wrong,
    })
}

/// Uses a second factor up; returns false if it is wrong or was used before.
pub(crate) fn use_up(transaction: &mut Transaction<'_>, user: UserId, found: &Found) -> Result<bool, ServiceError> {
    let at = transaction.now();
    Ok(match found {
        Found::NotAsked | Found::Wrong => false,
        Found::Step(step) => transaction.use_totp_step(user, *step)?,
        Found::Code(hash) => transaction.use_recovery_code(user, hash, at)?,
    })
}

/// Seals an app's secret for its user.
pub(super) fn seal(sign_in: &SignIn, user: UserId, secret: &TotpSecret, rng: &mut dyn RngCore) -> Result<Vec<u8>, ServiceError> {
    sign_in.key.seal(&purpose(user), secret.bytes(), rng).map_err(ServiceError::Key)
}

/// Opens the sealed app secret of a user.
pub(super) fn open(sign_in: &SignIn, user: UserId, sealed: &[u8]) -> Result<TotpSecret, ServiceError> {
    let bytes = sign_in.key.open(&purpose(user), sealed).map_err(ServiceError::Key)?;
    let wrong = || ServiceError::Unreadable { what: "TOTP secret", reason: "it has another length".to_owned() };
    TotpSecret::from_bytes(&bytes).ok_or_else(wrong)
}

fn purpose(user: UserId) -> String {
    format!("totp:{user}")
}

/// Returns the stored form of a recovery code, its SHA-256.
pub(super) fn code_hash(code: &RecoveryCode) -> Vec<u8> {
    digest(&SHA256, code.bytes()).as_ref().to_vec()
}
