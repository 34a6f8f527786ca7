//! `/v1/ca/certificates`: the certificates that the registry's certificate authority issued, and their revocation. For people of the
//! registry.

use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::acts::Reply;
use crate::ca::{IssuedRow, Revoked, list_issued, revoke_by_serial};
use crate::http::blocking::blocking;
use crate::http::listing::{after, id_in_path, page, pages};
use crate::http::paging::{Cursor, Limit};
use crate::http::permission::{OperatorRead, Review};
use crate::http::write::{Answer, Sent, act, reply};
use crate::http::{App, Caller, Problem, Problems, Query};
use vasp_pki::ca::{Serial, to_pem};
use vasp_record::ca::RevocationReason;
use vasp_record::client_certificate::Sha256Hex;
use vasp_routing::{get, post};
use vasp_words::ids::{AuthorityId, CertificateId, OrganisationId, UserId, VaspId};
use vasp_words::time::UtcTime;

/// A certificate that the registry issued.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = IssuedCertificate)]
pub(crate) struct IssuedView {
    /// Serial number, hex.
    serial: String,
    /// Id of the authority.
    authority: AuthorityId,
    /// Ids under which it is published, one for each use.
    certificates: Vec<CertificateId>,
    vasp: VaspId,
    organisation: OrganisationId,
    /// Id of the user who requested it.
    user: UserId,
    /// SHA-256 of its DER, hex.
    #[schema(value_type = String)]
    sha256: Sha256Hex,
    /// The certificate, PEM.
    certificate: String,
    not_before: UtcTime,
    /// The last second of its validity.
    not_after: UtcTime,
    issued_at: UtcTime,
    revoked_at: Option<UtcTime>,
    revocation_reason: Option<RevocationReason>,
}

pages! {
    /// A page of certificates, oldest first.
    IssuedListView as IssuedCertificateList of IssuedView;
}

/// Filters for issued certificates.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct IssuedQuery {
    /// Only certificates of the VASP with this id.
    vasp: Option<VaspId>,
    /// Items per page; 50 if you leave it out.
    #[param(value_type = Option<u16>, minimum = 1, maximum = 1000)]
    limit: Option<Limit>,
    /// `next_cursor` of the previous page.
    #[param(value_type = Option<String>)]
    cursor: Option<Cursor<String>>,
}

/// A revocation by the registry.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = OperatorRevocation)]
pub(crate) struct RevocationBody {
    /// The reason for the revocation.
    reason: RevocationReason,
}

impl From<IssuedRow> for IssuedView {
    fn from(row: IssuedRow) -> Self {
        Self {
            certificate: to_pem("CERTIFICATE", &row.der),
            serial: row.serial,
            authority: row.issuer,
            certificates: [row.client_certificate, row.server_certificate].into_iter().flatten().collect(),
            vasp: row.vasp,
            organisation: row.organisation,
            user: row.user_id,
            sha256: row.sha256,
            not_before: row.not_before,
            not_after: row.not_after,
            issued_at: row.created_at,
            revoked_at: row.revoked_at,
            revocation_reason: row.reason,
        }
    }
}

fn rendered(revoked: &Revoked) -> Reply {
    reply(StatusCode::OK, None, IssuedView::from(revoked.row.clone()))
}

/// List the certificates that the registry issued.
#[utoipa::path(tag = "operator", params(IssuedQuery), responses((status = 200, description = "A page", body = IssuedListView), Problems))]
#[get("/v1/ca/certificates")]
pub(crate) async fn list_issued_certificates(
    _who: Caller<OperatorRead>,
    query: Query<IssuedQuery>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let IssuedQuery { vasp, limit, cursor } = query.0;
    let (after, limit) = (after(cursor), Limit::or_default(limit));
    let found = blocking(move || list_issued(&app.registry, vasp, &after, limit)).await?;
    Ok(page::<_, IssuedView>(found))
}

/// Revoke a certificate that the registry issued.
///
/// The revocation takes effect at once and for good: the certificate is on the CRL before you get the answer. A certificate that is
/// revoked already stays as it is. `key_compromise` ends all certificates and credentials with the key, also if it is learned later.
#[utoipa::path(
    tag = "operator",
    params(("serial" = String, Path, description = "Serial number, 40 hex digits.")),
    request_body = RevocationBody,
    responses((status = 200, description = "The certificate", body = IssuedView), Problems)
)]
#[post("/v1/ca/certificates/{serial}/revoke")]
pub(crate) async fn revoke_issued_certificate(
    who: Caller<Review>,
    path: Path<String>,
    sent: Sent<RevocationBody>,
    app: Data<App>,
) -> Result<Answer, Problem> {
    let missing = "The registry issued no certificate with this serial number.";
    let (identity, serial) = (who.known()?, id_in_path::<Serial>(&path, missing)?);
    let reason = sent.body.reason;
    act(&app, identity, sent.once, rendered, move |act| revoke_by_serial(act, serial, reason)).await
}
