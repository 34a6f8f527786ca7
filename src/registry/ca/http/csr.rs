//! `/v1/vasps/{vasp}/certificates/csr`: certificates that the registry issues at a member's request. For members.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::acts::Reply;
use crate::ca::{CertificateAsked, IssuedCertificate, issue_certificate};
use crate::http::paths::VaspPath;
use crate::http::permission::MemberEdit;
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems};
use vasp_pki::ca::to_pem;
use vasp_record::ca::CertificatePurposes;
use vasp_record::certificate::CertificateUse;
use vasp_routing::post;
use vasp_words::host::Host;

/// What a certificate of the registry can be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = IdentityCertificateUse)]
pub(crate) enum IdentityUse {
    /// Connecting to others as a TLS client.
    TlsClient,
    /// Accepting connections as a TLS server.
    TlsServer,
}

/// A request for a certificate.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = CertificateRequest)]
pub(crate) struct CsrBody {
    /// A PKCS #10 request in PEM, with a key of RSA 2,048 to 8,192 bits, EC P-256 or P-384, or Ed25519. Its subject is ignored.
    #[schema(example = "-----BEGIN CERTIFICATE REQUEST-----\n…\n-----END CERTIFICATE REQUEST-----\n")]
    csr: String,
    /// What the certificate will be used for.
    r#use: Option<IdentityUse>,
    /// Several uses, instead of `use`.
    #[schema(max_items = 2)]
    uses: Option<Vec<IdentityUse>>,
    /// The names of the certificate: proven domains, and hosts below domains whose proof covers subdomains. All proven domains if you
    /// leave it out.
    #[schema(max_items = 20, example = json!(["travelrule.example.com"]))]
    dns_names: Option<Vec<String>>,
}

/// The id under which a certificate is published for one use.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IssuedCertificateId)]
pub(crate) struct IssuedIdView {
    #[schema(example = "crt_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: String,
    r#use: IdentityUse,
}

/// A certificate that was issued. It is published at once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NewIdentityCertificate)]
pub(crate) struct IssuedCertificateView {
    /// Ids under which it is published, one for each use. Revoking one of them revokes the certificate.
    certificates: Vec<IssuedIdView>,
    /// Serial number, hex.
    serial: String,
    /// SHA-256 of its DER, hex.
    sha256: String,
    /// The certificate, PEM.
    certificate: String,
    /// The issuing authority's certificate, PEM. A server or client sends it after its own certificate.
    chain: String,
    /// The root, PEM. Trust it by its fingerprint, and do not send it.
    root: String,
    dns_names: Vec<String>,
    #[schema(format = DateTime)]
    not_before: String,
    /// The last second of its validity.
    #[schema(format = DateTime)]
    not_after: String,
    /// URL of its CRL, as the certificate says; null if the registry's public URL is not configured.
    crl_url: Option<String>,
    /// Id of the credential that the certificate is for this API; null if it is none. It is revoked together with the certificate.
    #[schema(example = "ccr_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    credential: Option<String>,
    /// What that credential may do, which is no more than yours may do.
    #[schema(example = json!(["resolve", "precheck"]))]
    scopes: Vec<String>,
}

impl TryFrom<CsrBody> for CertificateAsked {
    type Error = Problem;

    fn try_from(body: CsrBody) -> Result<Self, Problem> {
        let uses = match (body.r#use, body.uses) {
            (Some(one), None) => vec![one],
            (None, Some(several)) if (1..=2).contains(&several.len()) => several,
            (Some(_), Some(_)) => {
                return Err(Problem::invalid("/uses", "one_of", "Send the uses in one member only: `use` or `uses`."));
            }
            _ => {
                return Err(Problem::invalid(
                    "/use",
                    "missing",
                    "State the use of the certificate: tls_client, tls_server or both.",
                ));
            }
        };
        let purposes = CertificatePurposes {
            client: uses.contains(&IdentityUse::TlsClient),
            server: uses.contains(&IdentityUse::TlsServer),
        };
        let host = |(place, text): (usize, String)| {
            text.parse::<Host>().map_err(|error| Problem::invalid(format!("/dns_names/{place}"), error.code(), error.to_string()))
        };
        let names = body.dns_names.map(|names| names.into_iter().enumerate().map(host).collect::<Result<_, _>>());
        Ok(Self { csr: body.csr, purposes, dns_names: names.transpose()? })
    }
}

fn rendered(issued: &IssuedCertificate) -> Reply {
    let first = issued.published.first();
    let id = |known: &vasp_record::certificate::PublishedCertificate| IssuedIdView {
        id: known.id.to_string(),
        r#use: if known.certificate_use == CertificateUse::TlsServer { IdentityUse::TlsServer } else { IdentityUse::TlsClient },
    };
    let view = IssuedCertificateView {
        certificates: issued.published.iter().map(id).collect(),
        serial: issued.row.serial.clone(),
        sha256: issued.row.sha256.to_string(),
        certificate: to_pem("CERTIFICATE", &issued.row.der),
        chain: to_pem("CERTIFICATE", &issued.issuing),
        root: to_pem("CERTIFICATE", &issued.root),
        dns_names: first.map(|known| known.dns_names.clone()).unwrap_or_default(),
        not_before: first.map(|known| known.not_before.to_string()).unwrap_or_default(),
        not_after: first.map(|known| known.not_after.to_string()).unwrap_or_default(),
        crl_url: issued.crl_url.clone(),
        credential: issued.credential.as_ref().map(|(id, _)| id.to_string()),
        scopes: issued.credential.iter().flat_map(|(_, scopes)| scopes).map(|scope| scope.as_str().to_owned()).collect(),
    };
    reply(StatusCode::CREATED, None, view)
}

/// Request a certificate from the registry's own authority.
///
/// The certificate is for mTLS between members. The signature of the request proves that you have the key. The subject is built from
/// your verified record, and the names are proven domains only. The certificate is valid for 90 days and is published at once.
#[utoipa::path(
    tag = "vasps",
    params(VaspPath),
    request_body = CsrBody,
    responses((status = 201, description = "The certificate", body = IssuedCertificateView), Problems)
)]
#[post("/v1/vasps/{vasp}/certificates/csr")]
pub(crate) async fn create_identity_certificate(
    who: Caller<MemberEdit>,
    path: Path<VaspPath>,
    sent: Sent<CsrBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let (identity, asked) = (who.known()?, CertificateAsked::try_from(sent.body)?);
    path.vasp.own(&app, &identity).await?;
    act(&app, identity, sent.once, rendered, move |act| issue_certificate(act, asked)).await
}
