//! Checks that the person sends the request, and not somebody with a stolen session: these changes outlast a session. The request must
//! contain the password. People without a password must have signed in at their provider a moment ago. After the change, the person is
//! notified.
//!
//! Source: NIST SP 800-63B-4 section 4.1.2 (binding of an additional authenticator): the subscriber authenticates anew, and is notified.

use super::second_factor::SecondFactor;
use crate::acts::Identity;
use crate::alerts::{NewAlert, raise};
use crate::node::{Registry, ServiceError, invalid};
use vasp_record::alert::{AlertBody, Severity};
use vasp_record::role::OrganisationKind;
use vasp_store::{StoreError, Transaction};
use vasp_words::ids::CredentialId;
use vasp_words::time::UtcTime;

/// How long a sign-in at a provider counts as fresh, in seconds.
pub(super) const FRESH_SECS: i64 = 300;

/// The proof that the person sends the request.
#[derive(Clone, Default)]
pub struct Proof {
    /// The password; `None` for people who sign in at a provider only.
    pub password: Option<String>,
    /// The second factor; `None` if none was sent.
    pub second: Option<SecondFactor>,
}

/// The password in the request, and the hash to compare it with.
pub(super) struct Asked<'a> {
    pub phc: String,
    pub sent: &'a str,
}

/// Returns the password to compare; `None` if the person has none and signed in at the provider a moment ago.
///
/// # Errors
/// `ServiceError::Invalid` without the password of a person who has one; `Forbidden` if the last sign-in at the provider is too old,
/// or the provider did not report its time; `Store`.
pub(super) fn asked<'a>(
    registry: &Registry,
    identity: &Identity,
    proof: &'a Proof,
    now: UtcTime,
) -> Result<Option<Asked<'a>>, ServiceError> {
    let (phc, sessions) = registry
        .store()
        .read::<_, StoreError>(|conn| Ok((conn.password_of(identity.user)?, conn.sessions_of(identity.user)?)))?;
    let own = sessions.iter().find(|session| identity.credential == CredentialId::Session(session.id));
    match (phc, &proof.password) {
        (Some(phc), Some(sent)) => Ok(Some(Asked { phc, sent })),
        (Some(_), None) => {
            let detail = "send the password too; a session alone cannot change how a person signs in".to_owned();
            Err(invalid("/password", "missing_member", detail))
        }
        (None, _) if own.and_then(|own| own.authenticated_at).is_some_and(|at| now <= at.plus_secs(FRESH_SECS)) => Ok(None),
        (None, _) => {
            let detail = "Sign in at the provider again with `\"fresh\": true`; then repeat the request with the new session \
                          within 5 minutes.";
            Err(ServiceError::Forbidden(detail.to_owned()))
        }
    }
}

/// Ends the other sessions of the caller's user, and alerts its organisation to the change. Operators read it in the audit chain.
pub(super) fn changed(
    transaction: &mut Transaction<'_>,
    registry: &Registry,
    identity: &Identity,
    what: What,
) -> Result<(), ServiceError> {
    let own = match identity.credential {
        CredentialId::Session(own) => Some(own),
        CredentialId::Key(_) | CredentialId::Certificate(_) => None,
    };
    transaction.end_sessions_of(identity.user, own)?;
    if identity.kind == OrganisationKind::Operator {
        return Ok(());
    }
    let detail = format!("The user {} {}. The user's other sessions were ended.", identity.user, what.says());
    let body = AlertBody { detail, ..AlertBody::default() };
    let kind = format!("second_factor.{}", what.word());
    let alert = NewAlert { kind, severity: Severity::Medium, vasp: None, body, not_to: None };
    raise(transaction, registry, identity.organisation, alert)
}

/// The change of how a person signs in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    SetUp,
    Removed,
}

impl What {
    fn word(self) -> &'static str {
        match self {
            Self::SetUp => "set_up",
            Self::Removed => "removed",
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::SetUp => "set up an app for codes, which replaces any earlier app",
            Self::Removed => "removed the app for codes; signing in now requires only the password",
        }
    }
}

/// Mails the person about the change, if mail is configured. The change is already made, so a failed mail is only logged.
pub(super) fn mail(registry: &Registry, email: Option<&str>, what: What, now: UtcTime) {
    let Some(email) = email else { return };
    let text = format!(
        "At {now}, a session of your account at the VASP registry {}.\nYour other sessions were ended.\n\nIf you did not do \
         this, change your password immediately and inform an admin of your organisation.\n",
        what.says()
    );
    if let Err(error) = registry.mail(email, "How you sign in to the VASP registry changed", text) {
        tracing::warn!(error = %error, "the mail about a changed second factor was not sent");
    }
}
