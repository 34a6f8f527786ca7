//! Sessions as the API sends them: who signed in, and with which credential.

use crate::acts::IDLE_SECS;
use crate::sign_in::{Begun, Holder, Missing, PasswordChanged, RevokedKey, Unlinked};
use serde::Serialize;
use utoipa::ToSchema;

use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_words::time::UtcTime;

/// The holder of the credential that you sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Session)]
pub(crate) struct SessionView {
    /// Id of the session or API key.
    #[schema(example = "ses_01jz0000000000000000000000")]
    id: String,
    /// When it ends, however often it is used; null for an API key that does not expire.
    expires_at: Option<UtcTime>,
    /// After how many seconds without a request the session ends; null for an API key.
    idle_after_secs: Option<i64>,
    user: SessionUserView,
    organisation: SessionOrganisationView,
    /// What the user may do in its organisation.
    roles: Vec<Role>,
    /// The scopes of this credential; empty while a second factor is missing.
    scopes: Vec<Scope>,
    /// `code`: send one to `POST /v1/session/second-factor`. `enrolment`: set up an app with `POST /v1/session/totp`. Null: nothing is
    /// missing.
    missing_second_factor: Option<Missing>,
}

/// The user who holds the credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SessionUser)]
pub(crate) struct SessionUserView {
    #[schema(example = "usr_01jz0000000000000000000000")]
    id: String,
    name: String,
    /// The address with which a person signs in; null for programs.
    email: Option<String>,
    /// Whether the user has an authenticator app.
    has_totp: bool,
    /// The number of unused recovery codes.
    recovery_codes_left: i64,
}

/// An organisation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SessionOrganisation)]
pub(crate) struct SessionOrganisationView {
    #[schema(example = "org_01jz0000000000000000000000")]
    id: String,
    name: String,
    kind: OrganisationKind,
}

/// A new session.
#[derive(Serialize, ToSchema)]
#[schema(as = NewSession)]
pub(crate) struct NewSessionView {
    /// The token to send as `Authorization: Bearer vs_…`. It is shown only once.
    secret: String,
    #[serde(flatten)]
    session: SessionView,
}

/// The session after a change of the password.
#[derive(Serialize, ToSchema)]
#[schema(as = PasswordChanged)]
pub(crate) struct PasswordChangedView {
    #[serde(flatten)]
    session: NewSessionView,
    /// The API keys and client certificates that sessions of the user had created and that worked until now, oldest first. All are now
    /// revoked.
    revoked: Vec<RevokedKey>,
    /// The accounts at OpenID providers that sessions of the user had linked. Nobody can sign in with them any more.
    unlinked: Vec<Unlinked>,
}

/// Recovery codes, each valid for one sign-in without the app.
#[derive(Serialize, ToSchema)]
#[schema(as = RecoveryCodes)]
pub(crate) struct RecoveryCodesView {
    /// The codes. They are shown only once.
    #[schema(example = json!(["mzxw-6ytb-mzxw-6ytb"]))]
    pub recovery_codes: Vec<String>,
}

impl From<&Holder> for SessionView {
    fn from(holder: &Holder) -> Self {
        let is_session = matches!(holder.credential, vasp_words::ids::CredentialId::Session(_));
        Self {
            id: holder.credential.to_string(),
            expires_at: holder.expires_at,
            idle_after_secs: is_session.then_some(IDLE_SECS),
            user: SessionUserView {
                id: holder.user.id.to_string(),
                name: holder.user.name.clone(),
                email: holder.user.email.clone(),
                has_totp: holder.has_totp,
                recovery_codes_left: holder.recovery_codes_left,
            },
            organisation: SessionOrganisationView {
                id: holder.organisation.id.to_string(),
                name: holder.organisation.name.clone(),
                kind: holder.organisation.kind,
            },
            roles: holder.roles.to_vec(),
            scopes: holder.scopes.clone(),
            missing_second_factor: holder.missing,
        }
    }
}

impl From<Begun> for NewSessionView {
    fn from(begun: Begun) -> Self {
        Self { session: SessionView::from(&begun.holder), secret: begun.token }
    }
}

impl From<PasswordChanged> for PasswordChangedView {
    fn from(PasswordChanged { begun, revoked, unlinked }: PasswordChanged) -> Self {
        Self { session: begun.into(), revoked, unlinked }
    }
}
