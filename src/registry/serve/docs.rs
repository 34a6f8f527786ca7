//! The OpenAPI document. `reference` shows it to people.

use std::sync::LazyLock;

use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue};
use actix_web::{HttpRequest, HttpResponse};

use super::document::document_json;
use super::fixed::FixedBody;
use crate::http::caller::Paid;
use crate::http::{Problem, Problems};
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
    json.answer(&request, ACCEPT_ENCODING.as_str(), None)
}
