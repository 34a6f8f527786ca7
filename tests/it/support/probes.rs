//! Routes that only tests have, beside the real ones: each provokes something that a good handler never does.

use actix_web::rt::time::sleep;
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpResponse, get, post};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use vasp_registry::http::{App, Json, Problem, Query};

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Letter {
    to: String,
    #[serde(default)]
    pages: Vec<Page>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Page {
    number: u8,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Paging {
    limit: u16,
}

/// Registers the real routes and the probes.
pub(crate) fn routes(app: &Data<App>, config: &mut ServiceConfig) {
    vasp_registry::serve::routes(app, config);
    config.service(echo_body).service(echo_query).service(echo_path).service(panic_at_once).service(fail);
    config.service(answer_slowly).service(refuse_bare);
}

#[post("/probe/body")]
async fn echo_body(letter: Json<Letter>) -> Json<Letter> {
    letter
}

#[get("/probe/query")]
async fn echo_query(paging: Query<Paging>) -> Json<Paging> {
    Json(paging.0)
}

#[get("/probe/path/{number}")]
async fn echo_path(number: web::Path<u8>) -> Json<u8> {
    Json(*number)
}

#[get("/probe/panic")]
async fn panic_at_once() -> HttpResponse {
    panic!("secret words")
}

#[get("/probe/fail")]
async fn fail() -> Result<HttpResponse, Problem> {
    Err(Problem::internal("secret words"))
}

#[get("/probe/slow")]
async fn answer_slowly() -> &'static str {
    sleep(Duration::from_millis(300)).await;
    "done"
}

#[get("/probe/bare")]
async fn refuse_bare() -> HttpResponse {
    HttpResponse::NotFound().body("bare")
}
