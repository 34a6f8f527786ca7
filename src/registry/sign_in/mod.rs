//! People sign in with a password and a second factor, with an account at an OpenID provider, or for the first time with an enrolment
//! link. Each way ends in a session, whose token works wherever an API key does. The rules are in `vasp_record`, the rows in `vasp_store`.
//!
//! How a password is checked: `attempts` first counts the attempt against the account and the network address, in a transaction of its own.
//! So many attempts at the same time cannot exceed the limit. The password is compared outside any transaction, at most two at a time, and
//! against a dummy hash if there is no such user. Then one transaction decides, uses up the code, takes the count back and begins the
//! session. Secrets are tokens of 256 bits, of which only the SHA-256 is stored. TOTP secrets are sealed for their user. `oidc` stores each
//! flow sealed under the hash of its state.

pub(crate) mod session_keys;
pub use session_keys::RevokedKey;
pub(crate) mod attempts;
pub mod enrolment;
pub(crate) mod http;
mod oidc;
pub(crate) mod password;
mod person;
pub mod recovery_code;
pub(crate) mod second_factor;
pub(crate) mod session;
mod totp;
pub mod totp_code;

use aws_lc_rs::hmac;

use crate::node::Registry;
use vasp_outbound::{BaseUrl, Provider};
use vasp_pki::{DataKey, PasswordHashes};

pub use oidc::{OidcStart, Started, finish as finish_oidc, start as start_oidc, unlink as unlink_oidc};
pub use password::{PasswordChanged, PasswordSignIn, Unlinked, change_password, sign_in};
pub use person::Proof;
pub use second_factor::SecondFactor;
pub use session::{Begun, Holder, Missing, end_sessions, read_holder, sweep_sign_ins};
pub use totp::{NewTotp, Stepped};

/// The parts that signing in needs, in one process.
pub struct SignIn {
    /// Seals and opens the stored values that must be read again: TOTP secrets and unfinished OpenID sign-ins.
    pub(crate) key: DataKey,
    /// The key of the digest that hides the accounts and addresses against which attempts are counted.
    attempts: hmac::Key,
    /// Computes and compares password hashes.
    pub(crate) hashes: PasswordHashes,
    /// The OpenID providers at which people may sign in.
    pub(crate) providers: Vec<Provider>,
    /// The public address of the registry, for links.
    pub(crate) public_url: BaseUrl,
}

/// The names of the two keys.
pub(crate) const KEY: &str = "sign-in";
pub(crate) const ATTEMPTS_KEY: &str = "sign-in-attempts";

impl SignIn {
    /// Makes the sign-in state from its two keys.
    pub(crate) fn new(key: DataKey, attempts: &DataKey) -> Self {
        let attempts = hmac::Key::new(hmac::HMAC_SHA256, attempts.bytes());
        Self { key, attempts, hashes: PasswordHashes::default(), providers: Vec::new(), public_url: BaseUrl::default() }
    }
}

/// Returns the issuer of a provider, by the provider's name in this registry.
pub(crate) fn issuer_of<'a>(registry: &'a Registry, name: &str) -> Option<&'a str> {
    registry.part::<SignIn>().providers.iter().find(|provider| provider.name() == name).map(Provider::issuer)
}

/// Returns the OpenID providers whose accounts people may use: name and issuer.
pub fn providers(registry: &Registry) -> impl Iterator<Item = (&str, &str)> {
    registry.part::<SignIn>().providers.iter().map(|provider| (provider.name(), provider.issuer()))
}
