//! People sign in: with a password and a second factor, with an account at an OpenID provider, or for the first time with an
//! enrolment link. All end in a session, whose token works wherever an API key does. Rules are in `domain`, rows in `store`.

mod activity;

use aws_lc_rs::hmac;

use crate::pki::{DataKey, PasswordHashes};

pub use activity::{IDLE_SECS, keep_session_stamps};

/// What signing in works with, in one process.
pub struct SignIn {
    /// Opens and seals what must be read again: TOTP secrets and sign-ins under way.
    pub(super) key: DataKey,
    /// Hides accounts and addresses that attempts are counted against.
    attempts: hmac::Key,
    /// Makes and compares password hashes.
    pub(super) hashes: PasswordHashes,
    /// When sessions were used last.
    pub(super) activity: activity::Activity,
}

/// Names of the keys.
pub(super) const KEY: &str = "sign-in";
pub(super) const ATTEMPTS_KEY: &str = "sign-in-attempts";

impl SignIn {
    /// Makes the state of two keys.
    pub(super) fn new(key: DataKey, attempts: &DataKey) -> Self {
        let attempts = hmac::Key::new(hmac::HMAC_SHA256, attempts.bytes());
        Self { key, attempts, hashes: PasswordHashes::default(), activity: activity::Activity::default() }
    }
}
