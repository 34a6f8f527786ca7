//! `/v1/session`, `/v1/sessions`, `/v1/enrolment`: signing in and out, and who the caller is. No answer is stored under an
//! Idempotency-Key, because the answers contain secrets.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::Data;
use serde::Deserialize;
use utoipa::ToSchema;

use super::second_factor::second_factor;
use super::{NewSessionView, PasswordChangedView, SessionView};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::permission::{Anyone, Known, OwnSession, SignedIn};
use crate::http::write::{Answer, reply};
use crate::http::{App, Caller, Json, Problem, Problems};
use crate::sign_in;
use crate::sign_in::enrolment;
use vasp_routing::{delete, get, post};

/// The credentials of a sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignInRequest {
    #[schema(example = "anna@example.org")]
    email: String,
    #[schema(format = Password)]
    password: String,
    /// The current code of the user's authenticator app.
    #[schema(example = "287082")]
    totp: Option<String>,
    /// A recovery code instead of `totp`.
    recovery_code: Option<String>,
}

/// A new password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    /// The current password.
    #[schema(format = Password)]
    current: String,
    /// The new password: at least 15 characters (12 for operators), at most 128, not easy to guess.
    #[schema(format = Password)]
    new: String,
}

/// The request that redeems an enrolment link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Enrolment {
    /// The part of the link after the `#`, `ve_…`.
    secret: String,
    /// The password to sign in with from now on: at least 15 characters (12 for operators), at most 128, not easy to guess.
    #[schema(format = Password)]
    password: String,
}

/// Sign in.
///
/// Users with an app also send its code or a recovery code. Every wrong sign-in gets the same 401. From the fifth failure on, an account
/// and a network address must wait before the next attempt is checked (429, up to 15 minutes). An operator's user without an app gets a
/// session that can only set one up.
#[utoipa::path(tag = "session", request_body = SignInRequest, security(()), responses((status = 201, description = "A session; its token is shown this once.", body = NewSessionView), Problems))]
#[post("/v1/session")]
pub(crate) async fn create_session(
    _who: Caller<Anyone>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<SignInRequest>,
) -> Result<Answer, Problem> {
    let SignInRequest { email, password, totp, recovery_code } = sent.0;
    let sent = sign_in::PasswordSignIn { email, password, second: second_factor(totp, recovery_code)? };
    let from = app.throttle.caller_network(&request);
    let begun = blocking(move || sign_in::sign_in(&app.registry, &sent, from, app.clock.now(), &mut app.random.fork())).await?;
    Ok(Answer(reply(StatusCode::CREATED, None, NewSessionView::from(begun))))
}

/// Get your own user, organisation, roles and scopes.
#[utoipa::path(tag = "session", security(("api_key" = [])), responses((status = 200, description = "The caller.", body = SessionView), Problems))]
#[get("/v1/session")]
pub(crate) async fn get_session(who: Caller<Known>, app: Data<App>) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let holder = blocking(move || sign_in::read_holder(&app.registry, &identity)).await?;
    Ok(Answer(reply(StatusCode::OK, None, SessionView::from(&holder))))
}

/// Sign out.
#[utoipa::path(tag = "session", security(("api_key" = [])), responses((status = 204, description = "The session has ended."), Problems))]
#[delete("/v1/session")]
pub(crate) async fn delete_session(who: Caller<OwnSession>, app: Data<App>) -> Result<Answer, Problem> {
    end(who, app, false).await
}

/// Sign out everywhere.
///
/// Ends every session of the caller's user, including this one. API keys stay.
#[utoipa::path(tag = "session", security(("api_key" = [])), responses((status = 204, description = "All sessions have ended."), Problems))]
#[delete("/v1/sessions")]
pub(crate) async fn delete_sessions(who: Caller<OwnSession>, app: Data<App>) -> Result<Answer, Problem> {
    end(who, app, true).await
}

async fn end(who: Caller<OwnSession>, app: Data<App>, everywhere: bool) -> Result<Answer, Problem> {
    let identity = who.known()?;
    let (now, random) = (app.clock.now(), Arc::clone(&app.random));
    blocking(move || sign_in::end_sessions(&app.registry, &identity, everywhere, now, &mut random.fork())).await?;
    Ok(Answer(Reply::new(StatusCode::NO_CONTENT.as_u16(), None, serde_json::Value::Null)))
}

/// Change the password.
///
/// Every session of the user ends, including this one, and the answer contains a new one. The API keys and client certificates that
/// sessions of the user created are revoked, and also the keys and certificates created with those. Accounts at providers that sessions
/// linked are unlinked. The answer lists all of them. Credentials created in other ways stay.
#[utoipa::path(tag = "session", request_body = PasswordChange, security(("api_key" = [])), responses((status = 201, description = "A session in place of all before it; its token is shown this once.", body = PasswordChangedView), Problems))]
#[post("/v1/session/password")]
pub(crate) async fn update_password(
    who: Caller<SignedIn>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<PasswordChange>,
) -> Result<Answer, Problem> {
    let (identity, PasswordChange { current, new }, from) = (who.known()?, sent.0, app.throttle.caller_network(&request));
    let changed = blocking(move || {
        let (now, mut rng) = (app.clock.now(), app.random.fork());
        sign_in::change_password(&app.registry, &identity, &current, &new, from, now, &mut rng)
    });
    Ok(Answer(reply(StatusCode::CREATED, None, PasswordChangedView::from(changed.await?))))
}

/// Redeem an enrolment link.
///
/// Sets the password, makes the user active, and signs in. The link works once.
#[utoipa::path(tag = "session", request_body = Enrolment, security(()), responses((status = 201, description = "A session; its token is shown this once.", body = NewSessionView), Problems))]
#[post("/v1/enrolment")]
pub(crate) async fn redeem_enrolment(
    _who: Caller<Anyone>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<Enrolment>,
) -> Result<Answer, Problem> {
    let (Enrolment { secret, password }, from) = (sent.0, app.throttle.caller_network(&request));
    let begun = blocking(move || {
        let (now, mut rng) = (app.clock.now(), app.random.fork());
        enrolment::redeem(&app.registry, &secret, &password, from, now, &mut rng)
    });
    Ok(Answer(reply(StatusCode::CREATED, None, NewSessionView::from(begun.await?))))
}
