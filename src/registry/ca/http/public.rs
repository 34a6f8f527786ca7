//! `/v1/ca`: the registry's certificate authority, for everybody: its certificates, and the CRLs of the certificates that it revoked.

use actix_web::http::StatusCode;
use actix_web::http::header::{self, EntityTag, Header, IfNoneMatch};
use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::ca::{PublishedAuthority, published_authorities, published_authority, published_crl};
use crate::http::blocking::blocking;
use crate::http::permission::Anyone;
use crate::http::{App, Caller, Problem, Problems};
use crate::node::ServiceError;
use vasp_pki::ca::to_pem;
use vasp_record::ca::{AuthorityKind, AuthorityState};
use vasp_routing::get;
use vasp_words::ids::AuthorityId;
use vasp_words::time::UtcTime;

/// How long a client may cache a CRL, in seconds. This is short, because a revoked certificate is on the CRL at once.
const CRL_KEPT_SECS: i64 = 60;

/// One of the registry's certificate authorities.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CertificateAuthority)]
pub(crate) struct AuthorityView {
    id: AuthorityId,
    /// Whether it is the root. The root's key is not on the network, and the root signs no CRL.
    is_root: bool,
    state: AuthorityState,
    /// The certificate, PEM.
    certificate: String,
    /// SHA-256 of its DER, hex.
    sha256: String,
    not_before: UtcTime,
    /// The last second of its validity.
    not_after: UtcTime,
    /// Number of its newest CRL; null if it has none.
    crl_number: Option<i64>,
    /// When a newer CRL will have been published at the latest; null if it has none.
    crl_next_update: Option<UtcTime>,
    /// Path of its CRL; null if it has none.
    #[schema(example = "/v1/ca/ca_01k2z8q4p8w0q6m4v3c1b5n7x9.crl")]
    crl: Option<String>,
}

/// The registry's certificate authorities.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CertificateAuthorityList)]
pub(crate) struct AuthorityListView {
    /// The root first, then the authorities below it in the order in which they were made; empty if the registry issues no
    /// certificates.
    items: Vec<AuthorityView>,
    /// Always null, because the answer has all authorities.
    next_cursor: Option<String>,
}

/// An authority.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct AuthorityPath {
    /// Id of the authority.
    #[param(example = "ca_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    authority: String,
}

impl From<PublishedAuthority> for AuthorityView {
    fn from(authority: PublishedAuthority) -> Self {
        let (sha256, PublishedAuthority { row, crl }) = (authority.sha256(), authority);
        Self {
            id: row.id,
            is_root: row.kind == AuthorityKind::Root,
            state: row.state,
            certificate: to_pem("CERTIFICATE", &row.certificate),
            sha256,
            not_before: row.not_before,
            not_after: row.not_after,
            crl_number: crl.as_ref().map(|crl| crl.number),
            crl_next_update: crl.as_ref().map(|crl| crl.next_update),
            crl: crl.map(|crl| format!("/v1/ca/{}.crl", crl.issuer)),
        }
    }
}

impl AuthorityPath {
    /// Reads the id. A text that is no id gets the same answer as an unknown authority.
    fn id(&self) -> Result<AuthorityId, Problem> {
        let missing = |_| Problem::from(ServiceError::NotFound("This registry has no such authority.".to_owned()));
        self.authority.parse().map_err(missing)
    }
}

/// List the registry's certificate authorities.
///
/// Trust the root by its fingerprint, which the registry's operator gives you. Send the chain below the root together with your
/// certificate.
#[utoipa::path(tag = "ca", responses((status = 200, description = "All of them", body = AuthorityListView), Problems))]
#[get("/v1/ca")]
pub(crate) async fn list_authorities(_who: Caller<Anyone>, app: Data<App>) -> Result<HttpResponse, Problem> {
    let (registry, now) = (app.registry.clone(), app.clock.now());
    let all = blocking(move || published_authorities(&registry, now)).await?;
    let list = AuthorityListView { items: all.into_iter().map(AuthorityView::from).collect(), next_cursor: None };
    Ok(HttpResponse::Ok().insert_header((header::CACHE_CONTROL, format!("public, max-age={CRL_KEPT_SECS}"))).json(list))
}

/// Get the newest CRL of an authority.
///
/// The CRL is DER (RFC 5280) and is valid for 24 hours. A new one is made after twelve hours, and at once when a certificate is
/// revoked.
#[utoipa::path(
    tag = "ca",
    params(AuthorityPath),
    responses((status = 200, description = "The CRL", body = Vec<u8>, content_type = "application/pkix-crl"), (status = 304, description = "Unchanged"), Problems)
)]
#[get("/v1/ca/{authority}.crl")]
pub(crate) async fn get_crl(
    _who: Caller<Anyone>,
    path: Path<AuthorityPath>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (registry, id, now) = (app.registry.clone(), path.id()?, app.clock.now());
    let crl = blocking(move || published_crl(&registry, id)).await?;
    let left = crl.next_update.micros().saturating_sub(now.micros()).div_euclid(1_000_000);
    let kept = left.clamp(0, CRL_KEPT_SECS);
    Ok(file(&request, "application/pkix-crl", (format!("{id}-{}", crl.number), kept), crl.der))
}

/// Get the certificate of an authority, DER.
#[utoipa::path(
    tag = "ca",
    params(AuthorityPath),
    responses((status = 200, description = "The certificate", body = Vec<u8>, content_type = "application/pkix-cert"), (status = 304, description = "Unchanged"), Problems)
)]
#[get("/v1/ca/{authority}.crt")]
pub(crate) async fn get_authority_certificate(
    _who: Caller<Anyone>,
    path: Path<AuthorityPath>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<HttpResponse, Problem> {
    let (registry, id) = (app.registry.clone(), path.id()?);
    let der = blocking(move || published_authority(&registry, id)).await?;
    Ok(file(&request, "application/pkix-cert", (id.to_string(), 86_400), der))
}

/// Answers with a file of bytes, or with 304 if the caller has it already.
fn file(request: &HttpRequest, media_type: &str, (tag, kept_secs): (String, i64), body: Vec<u8>) -> HttpResponse {
    let tag = EntityTag::new_strong(tag);
    let known = match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
        Err(_) => false,
    };
    let mut response = HttpResponse::build(if known { StatusCode::NOT_MODIFIED } else { StatusCode::OK });
    response.insert_header(header::ETag(tag));
    response.insert_header((header::CACHE_CONTROL, format!("public, max-age={kept_secs}")));
    if known { response.finish() } else { response.content_type(media_type).body(body) }
}
