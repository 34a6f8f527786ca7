//! `/v1/client-certificates`: client certificates as credentials. Callers see their own, in any kind of organisation; admins also
//! see those of their organisation.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};

use super::api_keys::KeyQuery;
use super::people::views::ClientCertificateListView;
use crate::acts::Reply;
use crate::http::blocking::blocking;
use crate::http::caller::shown;
use crate::http::listing::{id_in_path, page};
use crate::http::permission::OwnKeys;
use crate::http::write::{Answer, Bare, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use crate::organisations;
use crate::organisations::{HeldCertificate, NewCertificate};
use vasp_routing::{delete, get, post};
use vasp_words::ids::ClientCertificateId;

const MISSING: &str = "There is no such client certificate.";

fn made(held: &HeldCertificate) -> Reply {
    reply(StatusCode::CREATED, None, held)
}

fn ended(held: &HeldCertificate) -> Reply {
    reply(StatusCode::OK, None, held)
}

/// List client certificates, oldest first, including revoked ones.
#[utoipa::path(tag = "member", params(KeyQuery), responses((status = 200, description = "A page of certificates.", body = ClientCertificateListView), Problems))]
#[get("/v1/client-certificates")]
pub(crate) async fn list_client_certificates(
    who: Caller<OwnKeys>,
    query: Query<KeyQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, (owner, after, limit)) = (who.known()?, query.0.part());
    let now = app.clock.now();
    let found = blocking(move || organisations::list_certificates(&app.registry, &identity, owner, &after, limit, now)).await?;
    Ok(page::<_, HeldCertificate>(found))
}

/// Enrol a client certificate as a credential.
///
/// Send the request over a connection that uses the certificate (`curl --cert … --key …`), together with an API key or session: this
/// proves that you hold its private key. From then on, a connection with the certificate acts for the user if no API key or session is
/// sent. Any certificate is accepted, also a self-signed one, if it is valid now and has a strong key (RSA of at least 2048 bits, EC,
/// Ed25519). A user of an operator signs in and sends a fresh code.
#[utoipa::path(tag = "member", request_body = NewCertificate, responses((status = 201, description = "The certificate.", body = HeldCertificate), Problems))]
#[post("/v1/client-certificates")]
pub(crate) async fn create_client_certificate(
    who: Caller<OwnKeys>,
    request: HttpRequest,
    sent: Sent<NewCertificate>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let new = sent.body;
    let (shown, from) = (shown(&request), app.throttle.caller_network(&request));
    let create = move |act: crate::acts::Act<'_, _>| organisations::create_certificate(act, new, shown.as_deref(), from);
    act(&app, who.known()?, sent.once, made, create).await
}

/// Revoke a client certificate.
///
/// The certificate stops working at once on this node, also on open connections, and within a second on other nodes. Admins also revoke
/// those of others in their organisation.
#[utoipa::path(tag = "member", params(("id" = String, Path, description = "The certificate's id.")), responses((status = 200, description = "The certificate, with its end.", body = HeldCertificate), Problems))]
#[delete("/v1/client-certificates/{id}")]
pub(crate) async fn delete_client_certificate(
    who: Caller<OwnKeys>,
    path: Path<String>,
    sent: Bare,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<ClientCertificateId>(&path, MISSING)?);
    act(&app, identity, sent.once, ended, move |act| organisations::revoke_certificate(act, id)).await
}
