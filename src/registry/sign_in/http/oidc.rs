//! `/v1/session/oidc`: signing in with an account at an OpenID provider that the operator chose. The provider sends people back to a page,
//! which sends code and state to these routes.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::NewSessionView;
use super::second_factor::{CodeRequest, second_factor, step};
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::permission::{Anyone, SignedIn};
use crate::http::write::{Answer, reply};
use crate::http::{App, Caller, Json, Problem, Problems};
use crate::sign_in;
use crate::sign_in::{OidcStart, Proof};
use vasp_routing::{get, post};
use vasp_words::time::UtcTime;

/// The providers.
#[derive(Serialize, ToSchema)]
#[schema(as = OidcProviders)]
pub(crate) struct OidcProvidersView {
    items: Vec<OidcProviderView>,
}

/// A provider.
#[derive(Serialize, ToSchema)]
#[schema(as = OidcProvider)]
pub(crate) struct OidcProviderView {
    /// The provider's name in this registry.
    #[schema(example = "example")]
    name: String,
    #[schema(example = "https://login.example.org")]
    issuer: String,
}

/// The purpose of the sign-in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartOidc {
    /// The secret of an enrolment link: redeems the link with an account at the provider, without a password.
    enrolment_secret: Option<String>,
    /// Your password, if you are signed in and have one: linking an account requires it again. Null otherwise.
    #[schema(format = Password)]
    password: Option<String>,
    /// The current code of your authenticator app, if you are signed in and have one: linking an account requires it again. Null otherwise.
    #[schema(example = "287082")]
    totp: Option<String>,
    /// A recovery code, instead of the app's code.
    #[schema(example = "mzxw-6ytb-mzxw-6ytb")]
    recovery_code: Option<String>,
    /// Whether the provider asks the person to sign in even if the person has a session there. Steps that need a fresh sign-in need this.
    /// False by default.
    #[serde(default)]
    #[schema(required = false)]
    fresh: bool,
}

/// A started sign-in at a provider.
#[derive(Serialize, ToSchema)]
#[schema(as = OidcStarted)]
pub(crate) struct OidcStartedView {
    /// The address to which you send the person.
    url: String,
    /// The state that comes back with the person. Keep it when you send the person there, and compare it afterwards.
    state: String,
    expires_at: UtcTime,
}

/// The parameters with which the provider sent the person back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FinishOidc {
    code: String,
    state: String,
}

/// List the OpenID providers whose accounts people may use.
#[utoipa::path(tag = "session", security(()), responses((status = 200, description = "The providers.", body = OidcProvidersView), Problems))]
#[get("/v1/session/oidc")]
pub(crate) async fn list_oidc_providers(_who: Caller<Anyone>, app: Data<App>) -> Result<Answer, Problem> {
    let providers = sign_in::providers(&app.registry);
    let items = providers.map(|(name, issuer)| OidcProviderView { name: name.to_owned(), issuer: issuer.to_owned() }).collect();
    Ok(Answer(reply(StatusCode::OK, None, OidcProvidersView { items })))
}

/// Start signing in at a provider.
///
/// With a session, it links the account there to its user, who can sign in with it from then on. A user with a password sends the
/// password; a user with an app sends its code or a recovery code. With the secret of an enrolment link, it redeems the link. The
/// registry never matches accounts by e-mail address.
#[utoipa::path(tag = "session", params(("provider" = String, Path, description = "The provider's name.")), request_body = StartOidc, security((), ("api_key" = [])), responses((status = 201, description = "Where the person goes.", body = OidcStartedView), Problems))]
#[post("/v1/session/oidc/{provider}/start")]
pub(crate) async fn start_oidc(
    who: Caller<Anyone>,
    provider: Path<String>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<StartOidc>,
) -> Result<Answer, Problem> {
    let StartOidc { enrolment_secret, password, totp, recovery_code, fresh } = sent.0;
    let proof = Proof { password, second: second_factor(totp, recovery_code)? };
    let sent = OidcStart { enrolment_secret, proof, fresh };
    let from = app.throttle.caller_network(&request);
    let started = blocking(move || {
        let (now, mut rng) = (app.clock.now(), app.random.fork());
        sign_in::start_oidc(&app.registry, &provider, who.identity.as_ref(), &sent, from, now, &mut rng)
    });
    let sign_in::Started { url, state, expires_at } = started.await?;
    Ok(Answer(reply(StatusCode::CREATED, None, OidcStartedView { url, state, expires_at })))
}

/// Finish signing in at a provider.
///
/// If a session started it, send the same session. Users of operators, and everyone with an app, give their second factor afterwards,
/// unless the provider reports that it asked for one.
#[utoipa::path(tag = "session", params(("provider" = String, Path, description = "The provider's name.")), request_body = FinishOidc, security((), ("api_key" = [])), responses((status = 201, description = "A session; its token is shown this once.", body = NewSessionView), Problems))]
#[post("/v1/session/oidc/{provider}/finish")]
pub(crate) async fn finish_oidc(
    who: Caller<Anyone>,
    provider: Path<String>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<FinishOidc>,
) -> Result<Answer, Problem> {
    let from = app.throttle.caller_network(&request);
    let begun = blocking(move || {
        let (now, mut rng) = (app.clock.now(), app.random.fork());
        let came = (sent.0.code.as_str(), sent.0.state.as_str());
        sign_in::finish_oidc(&app.registry, &provider, came, who.identity.as_ref(), from, now, &mut rng)
    });
    Ok(Answer(reply(StatusCode::CREATED, None, NewSessionView::from(begun.await?))))
}

/// Unlink an account at a provider.
///
/// If you have an app, send its code or a recovery code. You cannot unlink your last way to sign in.
#[utoipa::path(tag = "session", params(("provider" = String, Path, description = "The provider's name.")), request_body = CodeRequest, security(("api_key" = [])), responses((status = 204, description = "The account signs nobody in any more."), Problems))]
#[post("/v1/session/oidc/{provider}/unlink")]
pub(crate) async fn delete_oidc_link(
    who: Caller<SignedIn>,
    provider: Path<String>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<CodeRequest>,
) -> Result<Answer, Problem> {
    let (identity, second) = (who.known()?, sent.0.second_factor()?);
    step(identity, &request, app, move |step| sign_in::unlink_oidc(step, &provider, second.as_ref())).await?;
    Ok(Answer(Reply::new(StatusCode::NO_CONTENT.as_u16(), None, serde_json::Value::Null)))
}
