//! `/problems` and `/problems/{code}`: what `type` of a problem leads to. A page for people, JSON for machines.

use std::fmt::Write;

use actix_web::http::header;
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse, Responder, get};
use serde::Serialize;
use utoipa::ToSchema;

use super::headers::PAGE_POLICY;
use super::{Json, Problem, ProblemCode, Problems};

/// What a problem code means.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemCodeView {
    code: ProblemCode,
    /// The HTTP status of every such problem.
    #[schema(example = 404)]
    status: u16,
    /// A short title.
    title: &'static str,
    /// What the code means.
    meaning: &'static str,
    /// What the caller can do about it.
    remedy: &'static str,
}

/// Every problem code.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemCodeList {
    items: Vec<ProblemCodeView>,
    /// Always null: the list is whole.
    next_cursor: Option<String>,
}

impl From<ProblemCode> for ProblemCodeView {
    fn from(code: ProblemCode) -> Self {
        let (title, meaning, remedy) = (code.title(), code.meaning(), code.remedy());
        Self { code, status: code.status().as_u16(), title, meaning, remedy }
    }
}

/// Lists every problem code.
///
/// A page for people; JSON if `Accept` asks for it.
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "Every code", content((ProblemCodeList = "application/json"), (String = "text/html"))), Problems)
)]
#[get("/problems")]
pub(super) async fn list_problems(request: HttpRequest) -> HttpResponse {
    let items: Vec<_> = ProblemCode::ALL.iter().copied().map(ProblemCodeView::from).collect();
    if wants_json(&request) {
        return Json(ProblemCodeList { items, next_cursor: None }).respond_to(&request);
    }
    let mut body = String::from("<ul>");
    for item in &items {
        let code = item.code.as_str();
        // Writing to a string cannot fail.
        let _ = write!(body, "<li><a href=\"/problems/{code}\"><code>{code}</code></a> {} {}</li>", item.status, item.title);
    }
    page("Problems", &(body + "</ul>"))
}

/// Explains a problem code.
///
/// A page for people; JSON if `Accept` asks for it.
#[utoipa::path(
    tag = "service",
    params(("code" = String, Path, description = "The code", example = "not_found")),
    responses(
        (status = 200, description = "What the code means", content((ProblemCodeView = "application/json"), (String = "text/html"))),
        Problems
    )
)]
#[get("/problems/{code}")]
pub(super) async fn get_problem(code: Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let unknown = |_| Problem::new(ProblemCode::NotFound, "There is no problem of this code; /problems lists them all.");
    let view = ProblemCodeView::from(code.parse::<ProblemCode>().map_err(unknown)?);
    if wants_json(&request) {
        return Ok(Json(view).respond_to(&request));
    }
    let ProblemCodeView { code, status, title, meaning, remedy } = view;
    let body = format!(
        "<p><code>{}</code>, HTTP status {status}</p><p>{meaning}</p><h2>What to do</h2><p>{remedy}</p><p><a href=\"/problems\">All problems</a></p>",
        code.as_str()
    );
    Ok(page(title, &body))
}

fn wants_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("json") && !accept.contains("text/html")
}

/// A page around text of ours; nothing that a caller sent comes here.
fn page(title: &str, body: &str) -> HttpResponse {
    let page = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title}</title><style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:40rem;margin:3rem auto;padding:0 1rem}}\
         code{{background:#8882;padding:.1em .3em;border-radius:.2em}}:root{{color-scheme:light dark}}</style>\
         <h1>{title}</h1>{body}</html>"
    );
    let vary = (header::VARY, "Accept");
    HttpResponse::Ok().content_type(header::ContentType::html()).insert_header(vary).insert_header(PAGE_POLICY).body(page)
}
