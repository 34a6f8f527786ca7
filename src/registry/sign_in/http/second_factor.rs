//! `/v1/session/totp`, `/v1/session/second-factor`, `/v1/session/recovery-codes`: the authenticator app, and the recovery codes for when it
//! is lost.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{RecoveryCodesView, SessionView};
use crate::acts::{Identity, Reply};
use crate::http::blocking::blocking;
use crate::http::permission::{OwnSession, SignedIn};
use crate::http::write::{Answer, reply};
use crate::http::{App, Caller, Json, Problem, Problems};
use crate::node::ServiceError;
use crate::sign_in::{NewTotp, Proof, SecondFactor, Stepped};
use vasp_routing::post;

/// A code of the app or a recovery code. If you have no app, send neither.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct CodeRequest {
    /// The current code of your authenticator app.
    #[schema(example = "287082")]
    totp: Option<String>,
    /// A recovery code instead of `totp`.
    #[schema(example = "mzxw-6ytb-mzxw-6ytb")]
    recovery_code: Option<String>,
}

impl CodeRequest {
    /// Reads the second factor that was sent.
    pub(crate) fn second_factor(self) -> Result<Option<SecondFactor>, Problem> {
        second_factor(self.totp, self.recovery_code)
    }
}

/// The proof that the person, and not only an open session, sends the request.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ProofRequest {
    /// Your password; null if you sign in at a provider only, within 5 minutes after a fresh sign-in there.
    #[schema(format = Password)]
    password: Option<String>,
    /// The current code of your authenticator app; null if you have no app.
    #[schema(example = "287082")]
    totp: Option<String>,
    /// A recovery code instead of `totp`.
    #[schema(example = "mzxw-6ytb-mzxw-6ytb")]
    recovery_code: Option<String>,
}

impl ProofRequest {
    fn proof(self) -> Result<Proof, Problem> {
        Ok(Proof { password: self.password, second: second_factor(self.totp, self.recovery_code)? })
    }
}

/// The first code of a new app.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FirstCode {
    #[schema(example = "287082")]
    code: String,
}

/// Reads a second factor; refuses two at the same time.
pub(crate) fn second_factor(totp: Option<String>, recovery_code: Option<String>) -> Result<Option<SecondFactor>, Problem> {
    Ok(SecondFactor::of(totp, recovery_code)?)
}

/// Runs a step of the caller on a thread that may block.
pub(crate) async fn step<T: Send + 'static>(
    identity: Identity,
    request: &HttpRequest,
    app: Data<App>,
    then: impl FnOnce(Stepped<'_>) -> Result<T, ServiceError> + Send + 'static,
) -> Result<T, Problem> {
    let from = app.throttle.caller_network(request);
    blocking(move || {
        let (now, mut rng) = (app.clock.now(), app.random.fork());
        then(Stepped { registry: &app.registry, identity: &identity, from, now, rng: &mut rng })
    })
    .await
}

/// Start to set up an authenticator app.
///
/// The new secret takes effect when you confirm its first code; until then the previous app stays in effect. Send your password. A wrong
/// password counts as a failed sign-in. If you have an app, also send its code or a recovery code. If you have no password, first sign in
/// at the provider with `"fresh": true`, at most 5 minutes before.
#[utoipa::path(tag = "session", request_body = ProofRequest, security(("api_key" = [])), responses((status = 201, description = "A secret, shown this once.", body = NewTotp), Problems))]
#[post("/v1/session/totp")]
pub(crate) async fn start_totp(
    who: Caller<OwnSession>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<ProofRequest>,
) -> Result<Answer, Problem> {
    let (identity, proof) = (who.known()?, sent.0.proof()?);
    let totp = step(identity, &request, app, move |step| step.begin_totp(&proof)).await?;
    Ok(Answer(reply(StatusCode::CREATED, None, totp)))
}

/// Confirm a new authenticator app by its first code.
///
/// From now on signing in needs a code. The answer contains ten recovery codes, which replace all earlier ones. A session that lacked
/// its second factor may now do everything that its user may. The user's other sessions end. The organisation gets an alert, and the user
/// a mail if mail is configured.
#[utoipa::path(tag = "session", request_body = FirstCode, security(("api_key" = [])), responses((status = 200, description = "Recovery codes, shown this once.", body = RecoveryCodesView), Problems))]
#[post("/v1/session/totp/confirm")]
pub(crate) async fn confirm_totp(
    who: Caller<OwnSession>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<FirstCode>,
) -> Result<Answer, Problem> {
    let (identity, FirstCode { code }) = (who.known()?, sent.0);
    let recovery_codes = step(identity, &request, app, move |step| step.confirm_totp(&code)).await?;
    Ok(Answer(reply(StatusCode::OK, None, RecoveryCodesView { recovery_codes })))
}

/// Remove the authenticator app.
///
/// This removes the recovery codes too. Send your password too, as for setting the app up. The user's other sessions end. The organisation
/// gets an alert, and the user a mail if mail is configured. Users of operators cannot remove it.
#[utoipa::path(tag = "session", request_body = ProofRequest, security(("api_key" = [])), responses((status = 204, description = "Signing in takes the password alone."), Problems))]
#[post("/v1/session/totp/remove")]
pub(crate) async fn delete_totp(
    who: Caller<SignedIn>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<ProofRequest>,
) -> Result<Answer, Problem> {
    let (identity, proof) = (who.known()?, sent.0.proof()?);
    step(identity, &request, app, move |step| step.remove_totp(&proof)).await?;
    Ok(Answer(Reply::new(StatusCode::NO_CONTENT.as_u16(), None, serde_json::Value::Null)))
}

/// Give the second factor that a session lacks.
///
/// For sessions that began without one: at a provider that did not ask for it, or before the user's app was set up.
#[utoipa::path(tag = "session", request_body = CodeRequest, security(("api_key" = [])), responses((status = 200, description = "The session, which may now do all that its user may.", body = SessionView), Problems))]
#[post("/v1/session/second-factor")]
pub(crate) async fn give_second_factor(
    who: Caller<OwnSession>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<CodeRequest>,
) -> Result<Answer, Problem> {
    let (identity, second) = (who.known()?, sent.0.second_factor()?);
    let holder = step(identity, &request, app, move |step| step.give_second_factor(second.as_ref())).await?;
    Ok(Answer(reply(StatusCode::OK, None, SessionView::from(&holder))))
}

/// Create new recovery codes.
///
/// Creates ten codes, which replace all earlier ones.
#[utoipa::path(tag = "session", request_body = CodeRequest, security(("api_key" = [])), responses((status = 200, description = "Recovery codes, shown this once.", body = RecoveryCodesView), Problems))]
#[post("/v1/session/recovery-codes")]
pub(crate) async fn rotate_recovery_codes(
    who: Caller<SignedIn>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<CodeRequest>,
) -> Result<Answer, Problem> {
    let (identity, second) = (who.known()?, sent.0.second_factor()?);
    let recovery_codes = step(identity, &request, app, move |step| step.renew_recovery_codes(second.as_ref())).await?;
    Ok(Answer(reply(StatusCode::OK, None, RecoveryCodesView { recovery_codes })))
}
