//! The OpenAPI document and its reader (Swagger UI). Both come from the binary; nothing is fetched from elsewhere.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, PoisonError, RwLock};

use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue, LOCATION};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use utoipa_swagger_ui::Config;

use super::document::document_json;
use super::fixed::FixedBody;
use crate::http::caller::Paid;
use crate::http::headers::DOCS_POLICY;
use crate::http::{Problem, ProblemCode, Problems};
use vasp_routing::get;

/// Get the OpenAPI document.
#[utoipa::path(tag = "service", responses((status = 200, description = "This document", body = Object), (status = 304, description = "Unchanged"), Problems))]
#[get("/openapi.json")]
pub(crate) async fn get_openapi(_paid: Paid, request: HttpRequest) -> Result<HttpResponse, Problem> {
    static JSON: LazyLock<Option<FixedBody>> = LazyLock::new(|| {
        let json = document_json().ok()?;
        FixedBody::new(HeaderValue::from_static("application/json"), json.into()).ok()
    });
    let json = JSON.as_ref().ok_or_else(|| Problem::internal("the OpenAPI document cannot be generated"))?;
    Ok(json.answer(&request, ACCEPT_ENCODING.as_str(), None))
}

/// Redirect to the first page of the documentation.
#[utoipa::path(tag = "service", responses((status = 308, description = "To the first page"), Problems))]
#[get("/docs")]
pub(crate) async fn get_docs(_paid: Paid) -> HttpResponse {
    HttpResponse::PermanentRedirect().insert_header((LOCATION, "/docs/index.html")).finish()
}

/// Get a file of the documentation.
#[utoipa::path(
    tag = "service",
    params(("file" = String, Path, description = "The file's name", example = "index.html")),
    responses(
        (status = 200, description = "The file", content((String = "text/html"), (String = "text/css"), (String = "text/javascript"), (String = "image/png"))),
        (status = 304, description = "Unchanged"),
        Problems
    )
)]
#[get("/docs/{file}")]
pub(crate) async fn get_docs_file(_paid: Paid, file: Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let missing = || Problem::new(ProblemCode::NotFound, "The documentation has no such file.");
    let body = kept_file(&file)?.ok_or_else(missing)?;
    Ok(body.answer(&request, ACCEPT_ENCODING.as_str(), Some(DOCS_POLICY)))
}

/// Returns a file of the documentation, made once and then kept. `None` if there is no such file; nothing is kept for it.
fn kept_file(name: &str) -> Result<Option<Arc<FixedBody>>, Problem> {
    static CONFIG: LazyLock<Arc<Config<'static>>> =
        LazyLock::new(|| Arc::new(Config::from("/openapi.json").validator_url("none")));
    static FILES: RwLock<BTreeMap<String, Arc<FixedBody>>> = RwLock::new(BTreeMap::new());

    if let Some(kept) = FILES.read().unwrap_or_else(PoisonError::into_inner).get(name) {
        return Ok(Some(Arc::clone(kept)));
    }
    let served = utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG)).map_err(|cause| Problem::internal(cause.to_string()))?;
    let Some(file) = served else { return Ok(None) };
    let content_type = HeaderValue::from_str(&file.content_type).map_err(Problem::internal)?;
    let body = Arc::new(FixedBody::new(content_type, file.bytes.into_owned()).map_err(Problem::internal)?);
    FILES.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::clone(&body));
    Ok(Some(body))
}
