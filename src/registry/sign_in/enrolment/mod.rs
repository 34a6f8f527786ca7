//! One-time links. Only the person who holds the link sets the password, so whoever creates a user never knows it. `invite` creates them
//! for users (member routes, operator routes, the command line), and the person redeems them.

mod redeem;

use aws_lc_rs::digest::{SHA256, digest};

use crate::node::{Fault, ServiceError, invalid_value};
use vasp_record::bearer::EnrolmentSecret;
use vasp_record::role::{UserKind, UserState};
use vasp_store::{EnrolmentRow, Transaction, UserRow};
use vasp_words::time::UtcTime;

pub(crate) use redeem::{WRONG, activate, take};

pub use redeem::redeem;

/// How long a link works, in seconds.
pub const LINK_SECS: i64 = 72 * 3_600;

/// A link to give to its user; the secret is shown only once.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrolmentLink {
    /// The secret that the user sends back, `ve_…`.
    pub secret: String,
    /// When it stops working.
    pub expires_at: UtcTime,
}

impl EnrolmentLink {
    /// Returns the address to open. The secret is in the fragment, which browsers do not send to servers and logs do not contain.
    #[must_use]
    pub fn url(&self, public_url: &str) -> String {
        format!("{}/enrol#{}", public_url.trim_end_matches('/'), self.secret)
    }
}

impl std::fmt::Debug for EnrolmentLink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EnrolmentLink").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

/// Gives a person a link, which replaces any earlier one.
///
/// # Errors
/// `ServiceError::Invalid` for a machine user; `IllegalStep` for a disabled one; `Conflict` (`enrolled`) for one who can sign
/// in already, because with a link its creator could sign in as that person; `Store`.
pub fn invite(transaction: &mut Transaction<'_>, user: &UserRow) -> Result<EnrolmentLink, ServiceError> {
    if user.kind != UserKind::Person {
        let detail = "a machine user cannot sign in; create an API key for it".to_owned();
        return Err(invalid_value("/kind", detail));
    }
    if user.state == UserState::Disabled {
        return Err(ServiceError::IllegalStep("The user is disabled; enable it first.".to_owned()));
    }
    let conn = transaction.conn();
    if conn.password_of(user.id)?.is_some() || !conn.oidc_links_of(user.id)?.is_empty() {
        let detail =
            "the user can already sign in; the person who runs the server can reset the user with `user reset`".to_owned();
        return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "enrolled", detail }));
    }
    let now = transaction.now();
    let secret = EnrolmentSecret::draw(transaction.conn_and_rng().1);
    let expires_at = now.plus_secs(LINK_SECS);
    transaction.replace_enrolment(&EnrolmentRow { user_id: user.id, secret_sha256: secret_hash(&secret), expires_at })?;
    Ok(EnrolmentLink { secret: secret.to_string(), expires_at })
}

/// Returns the stored form of a link's secret, its SHA-256.
pub(crate) fn secret_hash(secret: &EnrolmentSecret) -> Vec<u8> {
    digest(&SHA256, secret.bytes()).as_ref().to_vec()
}
