//! `/v1/vasps/{id}/certificates/{certificate}`: a published certificate with its PEM. For gateways, and for the public if the server
//! allows public reading.

use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::CertificateView;
use crate::certificates::read_published_certificate;
use crate::http::blocking::blocking;
use crate::http::{App, Caller, Json, Problem, Problems, Resolve};
use crate::node::ServiceError;
use vasp_record::vasp_name::VaspName;
use vasp_routing::get;
use vasp_words::ids::CertificateId;

/// A certificate of a VASP.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Path)]
pub(crate) struct VaspCertificatePath {
    /// The id of a record, or an LEI that only one live record has.
    #[param(value_type = String, example = "529900HNOAA1KXQJUQ27")]
    id: VaspName,
    /// Id of the certificate.
    #[param(example = "crt_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    certificate: String,
}

/// A published certificate with its chain.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = CertificateDocument)]
pub(crate) struct CertificateDocumentView {
    certificate: CertificateView,
    /// The certificate, followed by the chain that was published with it.
    pem: String,
}

/// Get a published certificate of a VASP with its PEM, even if it is revoked or expired.
#[utoipa::path(tag = "vasps", params(VaspCertificatePath), responses((status = 200, description = "The certificate", body = CertificateDocumentView), Problems))]
#[get("/v1/vasps/{id}/certificates/{certificate}")]
pub(crate) async fn get_vasp_certificate(
    _caller: Caller<Resolve>,
    path: Path<VaspCertificatePath>,
    app: Data<App>,
) -> Result<Json<CertificateDocumentView>, Problem> {
    let (registry, now, vasp) = (app.registry.clone(), app.clock.now(), path.id);
    let absent = |_| Problem::from(ServiceError::NotFound("This VASP has published no such certificate.".to_owned()));
    let id: CertificateId = path.certificate.parse().map_err(absent)?;
    let document = blocking(move || read_published_certificate(&registry, vasp, id, now)).await?;
    Ok(Json(CertificateDocumentView { certificate: CertificateView::at(&document.certificate, document.at), pem: document.pem }))
}
