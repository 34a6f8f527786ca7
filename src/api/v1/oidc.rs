//! `/v1/session/oidc`: signing in with an account at an OpenID provider that the operator chose. The page that people come back
//! to sends code and state here.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, get, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::views::NewSessionView;
use crate::api::blocking::blocking;
use crate::api::permission::Anyone;
use crate::api::write::{Answer, reply};
use crate::api::{App, Caller, Json, Problem, Problems};
use crate::domain::time::UtcTime;
use crate::service::sign_in;

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
    /// Its name here.
    #[schema(example = "example")]
    name: String,
    #[schema(example = "https://login.example.org")]
    issuer: String,
}

/// What the sign-in is for.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StartOidc {
    /// The secret of an enrolment link, to redeem it with an account at the provider and without a password.
    enrolment_secret: Option<String>,
}

/// A sign-in that has begun.
#[derive(Serialize, ToSchema)]
#[schema(as = OidcStarted)]
pub(crate) struct OidcStartedView {
    /// Where the person goes.
    url: String,
    /// What comes back with the person; whoever sends the person there keeps it and compares.
    state: String,
    #[schema(value_type = String, format = DateTime)]
    expires_at: UtcTime,
}

/// What the person came back with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct FinishOidc {
    code: String,
    state: String,
}

/// Lists the OpenID providers whose accounts people may use.
#[utoipa::path(tag = "session", security(()), responses((status = 200, description = "The providers.", body = OidcProvidersView), Problems))]
#[get("/v1/session/oidc")]
pub(crate) async fn list_oidc_providers(_who: Caller<Anyone>, app: Data<App>) -> Result<Answer, Problem> {
    let providers = sign_in::providers(&app.registry);
    let items = providers.map(|(name, issuer)| OidcProviderView { name: name.to_owned(), issuer: issuer.to_owned() }).collect();
    Ok(Answer(reply(StatusCode::OK, None, OidcProvidersView { items })))
}

/// Begins to sign in at a provider.
///
/// With a session, the account there is linked to its user, who can sign in with it from then on. With the secret of an enrolment
/// link it redeems the link. Accounts are never matched by e-mail address.
#[utoipa::path(tag = "session", params(("provider" = String, Path, description = "The provider's name.")), request_body = StartOidc, security((), ("api_key" = [])), responses((status = 201, description = "Where the person goes.", body = OidcStartedView), Problems))]
#[post("/v1/session/oidc/{provider}/start")]
pub(crate) async fn start_oidc(
    who: Caller<Anyone>,
    provider: Path<String>,
    app: Data<App>,
    sent: Json<StartOidc>,
) -> Result<Answer, Problem> {
    let started = blocking(move || {
        let (now, mut rng) = (app.clock.now(), app.random.fork());
        let secret = sent.0.enrolment_secret.as_deref();
        sign_in::start_oidc(&app.registry, &provider, who.identity.as_ref(), secret, now, &mut rng)
    });
    let sign_in::Started { url, state, expires_at } = started.await?;
    Ok(Answer(reply(StatusCode::CREATED, None, OidcStartedView { url, state, expires_at })))
}

/// Ends signing in at a provider.
///
/// Takes the session that began it, where one did. Users of operators, and whoever has an app, give their second factor after it
/// unless the provider says that it asked for one.
#[utoipa::path(tag = "session", params(("provider" = String, Path, description = "The provider's name.")), request_body = FinishOidc, security((), ("api_key" = [])), responses((status = 201, description = "A session; its token is shown this once.", body = NewSessionView), Problems))]
#[post("/v1/session/oidc/{provider}/finish")]
pub(crate) async fn finish_oidc(
    who: Caller<Anyone>,
    provider: Path<String>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<FinishOidc>,
) -> Result<Answer, Problem> {
    let from = app.throttle.network_address(&request);
    let begun = blocking(move || {
        let (now, mut rng) = (app.clock.now(), app.random.fork());
        let came = (sent.0.code.as_str(), sent.0.state.as_str());
        sign_in::finish_oidc(&app.registry, &provider, came, who.identity.as_ref(), from, now, &mut rng)
    });
    Ok(Answer(reply(StatusCode::CREATED, None, NewSessionView::from(begun.await?))))
}
