//! `/v1/vasps/{vasp}/certificates`: the certificates of a VASP. Everybody reads; a member publishes its own.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::CertificateView;
use crate::acts::Reply;
use crate::certificates;
use crate::certificates::{KeptCertificate, NewCertificate, Proof, publish_certificate, read_certificate, take_revocation_list};
use crate::http::blocking::blocking;
use crate::http::paths::{NamedVasp, VaspPath};
use crate::http::permission::{MemberEdit, OfVasp};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Json, Problem, Problems};
use crate::node::{ServiceError, find_vasp, invalid};
use vasp_record::certificate::parsed::ParsedCertificate;
use vasp_record::certificate::revocation::RevocationReason;
use vasp_record::certificate::{CertificateUse, RootSet};
use vasp_routing::{get, post};
use vasp_words::ids::{CertificateId, EndpointId};
use vasp_words::time::UtcTime;

/// A signature by the certificate's key.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CertificateProof)]
pub(crate) struct CertificateProofBody {
    /// The time in the text that was signed; at most an hour from now.
    signed_at: UtcTime,
    /// The signature in base64: ECDSA (DER) or RSA (PKCS #1 v1.5 or PSS) with SHA-256, SHA-384 or SHA-512, or Ed25519.
    signature: String,
}

/// A certificate to publish.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewCertificate)]
pub(crate) struct NewCertificateBody {
    /// What the certificate is used for.
    r#use: CertificateUse,
    /// The certificate as PEM, then its issuers. Each issuer certifies the certificate before it. At most 10 certificates and no
    /// private key.
    pem: String,
    /// The set of roots that the certificate is to be validated against. If you leave it out, the first of `web_pki`, `trisa`,
    /// `registry_ca` and `private` that validates it. With `pinned`, no root is used: whoever uses the certificate compares it.
    #[serde(default)]
    root_set: Option<RootSet>,
    /// Your endpoint that a server's certificate is for. Its host is compared with the certificate's names.
    #[serde(default)]
    endpoint: Option<EndpointId>,
    /// Proof that you hold the key. You need none for a `tls_server` certificate if all its names are on your proven domains.
    #[serde(default)]
    proof: Option<CertificateProofBody>,
}

/// Why a certificate is revoked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RevokeCertificate)]
pub(crate) struct RevokeCertificateBody {
    /// One of the reasons of RFC 5280, section 5.3.1.
    #[schema(example = "superseded")]
    reason: RevocationReason,
}

/// A revocation list.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CertificateRevocationList)]
pub(crate) struct RevocationListBody {
    /// The list (X.509 CRL) as PEM, or its DER in base64; at most 1 MiB.
    crl: String,
}

/// One certificate of a VASP.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct CertificatePath {
    /// The id of a record, an LEI that only one live record has, or `mine`.
    #[param(value_type = String, example = "529900HNOAA1KXQJUQ27")]
    vasp: NamedVasp,
    /// Id of the certificate.
    #[param(example = "crt_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    certificate: String,
}

/// A certificate of a chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ChainCertificate)]
pub(crate) struct ChainCertificateView {
    subject: String,
    issuer: String,
    serial: String,
    /// SHA-256 of its DER, hex.
    sha256: String,
    key: String,
    not_before: UtcTime,
    not_after: UtcTime,
    /// URLs at which its issuer publishes revocation lists.
    crl_urls: Vec<String>,
}

/// A certificate with its chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CertificateDocument)]
pub(crate) struct CertificateDocumentView {
    certificate: CertificateView,
    /// The certificate, followed by its issuers.
    chain: Vec<ChainCertificateView>,
    pem: String,
}

/// The certificates of a VASP.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CertificateList)]
pub(crate) struct CertificateListView {
    /// In order of id, including revoked and expired ones.
    items: Vec<CertificateView>,
    /// Always null, because the answer has all certificates.
    next_cursor: Option<String>,
}

impl CertificatePath {
    /// Reads the id. A text that is no id gets the same answer as an unknown certificate.
    fn certificate(&self) -> Result<CertificateId, Problem> {
        let missing = |_| Problem::from(ServiceError::NotFound("This VASP has published no such certificate.".to_owned()));
        self.certificate.parse().map_err(missing)
    }
}

fn decoded(pointer: &str, text: &str) -> Result<Vec<u8>, Problem> {
    STANDARD.decode(text.trim()).map_err(|_| {
        let detail = "This is not base64 (RFC 4648, section 4, with padding).".to_owned();
        Problem::from(invalid(pointer, "not_base64", detail))
    })
}

impl TryFrom<NewCertificateBody> for NewCertificate {
    type Error = Problem;
    fn try_from(body: NewCertificateBody) -> Result<Self, Problem> {
        let NewCertificateBody { r#use: certificate_use, pem, root_set, endpoint, proof } = body;
        let proof = proof.map(|proof| {
            Ok::<_, Problem>(Proof { signed_at: proof.signed_at, signature: decoded("/proof/signature", &proof.signature)? })
        });
        Ok(Self { certificate_use, pem, root_set, endpoint, proof: proof.transpose()? })
    }
}

impl From<&ParsedCertificate> for ChainCertificateView {
    fn from(read: &ParsedCertificate) -> Self {
        Self {
            subject: read.subject.text.clone(),
            issuer: read.issuer.text.clone(),
            serial: read.serial.clone(),
            sha256: read.sha256.clone(),
            key: read.key.to_string(),
            not_before: read.not_before,
            not_after: read.not_after,
            crl_urls: read.crl_urls.clone(),
        }
    }
}

impl From<&KeptCertificate> for CertificateDocumentView {
    fn from(own: &KeptCertificate) -> Self {
        Self {
            certificate: CertificateView::with(&own.certificate, &own.findings, own.at),
            chain: own.chain.iter().map(ChainCertificateView::from).collect(),
            pem: own.pem.clone(),
        }
    }
}

fn answer(status: StatusCode) -> impl FnOnce(&KeptCertificate) -> Reply + Send + 'static {
    move |own| reply(status, Some(own.certificate.version.to_string()), CertificateDocumentView::from(own))
}

/// List the certificates of a VASP.
#[utoipa::path(tag = "vasps", params(VaspPath), responses((status = 200, description = "The certificates", body = CertificateListView), Problems))]
#[get("/v1/vasps/{vasp}/certificates")]
pub(crate) async fn list_certificates(
    who: Caller<OfVasp>,
    path: Path<VaspPath>,
    app: Data<App>,
) -> Result<Json<CertificateListView>, Problem> {
    let now = app.clock.now();
    let record = find_vasp(app.registry.pin(now).records(), path.vasp.name(who.identity.as_ref())?)?;
    Ok(Json(CertificateListView {
        items: record.certificates.iter().map(|known| CertificateView::at(known, now)).collect(),
        next_cursor: None,
    }))
}

/// Publish a certificate.
///
/// The certificate is judged for its use. If it cannot be used, it is refused, and `errors` has every reason (`docs/certificates.md`
/// lists the codes). You must prove that you hold the key. For a `tls_server` certificate, names on your proven domains are enough.
/// For any other, send `proof`, a signature over a text. A request without `proof` is refused, and the refusal gives you the text.
/// A key belongs to one VASP: another's is 409 `key_in_use`, and one that was compromised 409 `key_compromised`.
#[utoipa::path(
    tag = "vasps",
    params(VaspPath),
    request_body = NewCertificateBody,
    responses((status = 201, description = "The certificate", body = CertificateDocumentView), Problems)
)]
#[post("/v1/vasps/{vasp}/certificates")]
pub(crate) async fn create_certificate(
    who: Caller<MemberEdit>,
    path: Path<VaspPath>,
    sent: Sent<NewCertificateBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, new) = (who.known()?, NewCertificate::try_from(sent.body)?);
    path.vasp.own(&app, &identity).await?;
    act(&app, identity, sent.once, answer(StatusCode::CREATED), move |act| publish_certificate(act, new)).await
}

/// Get a certificate of a VASP with its chain and its present findings, even if it is revoked or expired.
#[utoipa::path(tag = "vasps", params(CertificatePath), responses((status = 200, description = "The certificate", body = CertificateDocumentView), Problems))]
#[get("/v1/vasps/{vasp}/certificates/{certificate}")]
pub(crate) async fn get_certificate(who: Caller<OfVasp>, path: Path<CertificatePath>, app: Data<App>) -> Result<Answer, Problem> {
    let (registry, id, now) = (app.registry.clone(), path.certificate()?, app.clock.now());
    let vasp = path.vasp.name(who.identity.as_ref())?;
    let own = blocking(move || read_certificate(&registry, vasp, id, now)).await?;
    Ok(Answer(answer(StatusCode::OK)(&own)))
}

/// Revoke a certificate of your VASP.
///
/// This takes effect at once, needs no `If-Match`, and cannot be undone. The certificate stays in the public list, as revoked.
#[utoipa::path(
    tag = "vasps",
    params(CertificatePath),
    request_body = RevokeCertificateBody,
    responses((status = 200, description = "The certificate", body = CertificateDocumentView), Problems)
)]
#[post("/v1/vasps/{vasp}/certificates/{certificate}/revoke")]
pub(crate) async fn revoke_certificate(
    who: Caller<MemberEdit>,
    path: Path<CertificatePath>,
    sent: Sent<RevokeCertificateBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id, reason) = (who.known()?, path.certificate()?, sent.body.reason);
    path.vasp.own(&app, &identity).await?;
    act(&app, identity, sent.once, answer(StatusCode::OK), move |act| certificates::revoke_certificate(act, id, reason)).await
}

/// Upload a revocation list of a certificate's issuer.
///
/// The issuer must have signed the list, and it must not be older than the known one: otherwise 409 `crl_older`. A list that names
/// the certificate revokes it for every reader at once.
#[utoipa::path(
    tag = "vasps",
    params(CertificatePath),
    request_body = RevocationListBody,
    responses((status = 200, description = "The certificate", body = CertificateDocumentView), Problems)
)]
#[post("/v1/vasps/{vasp}/certificates/{certificate}/crl")]
pub(crate) async fn upload_revocation_list(
    who: Caller<MemberEdit>,
    path: Path<CertificatePath>,
    sent: Sent<RevocationListBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, id, text) = (who.known()?, path.certificate()?, sent.body.crl);
    path.vasp.own(&app, &identity).await?;
    let list = if text.contains("-----BEGIN ") { text.into_bytes() } else { decoded("/crl", &text)? };
    act(&app, identity, sent.once, answer(StatusCode::OK), move |act| take_revocation_list(act, id, &list)).await
}
