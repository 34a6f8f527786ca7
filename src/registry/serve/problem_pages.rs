//! `/problems` and `/problems/{code}`: the pages to which a problem's `type` leads. HTML for people, JSON for machines.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::io;
use std::sync::LazyLock;

use actix_web::http::header::{self, HeaderValue};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde::Serialize;
use utoipa::ToSchema;

use super::fixed::FixedBody;
use crate::http::caller::Paid;
use crate::http::headers::PAGE_POLICY;
use crate::http::page::{Page, Width};
use crate::http::{Problem, ProblemCode, Problems};
use vasp_routing::get;

/// The explanation of a problem code.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProblemCodeView {
    code: ProblemCode,
    /// The HTTP status of every such problem.
    #[schema(example = 404)]
    status: u16,
    /// A short title, always the same for one code.
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
    /// Always null: the list is complete.
    next_cursor: Option<String>,
}

impl From<ProblemCode> for ProblemCodeView {
    fn from(code: ProblemCode) -> Self {
        let (title, meaning, remedy) = (code.title(), code.meaning(), code.remedy());
        Self { code, status: code.status(), title, meaning, remedy }
    }
}

/// List all problem codes.
///
/// A page for people; JSON if `Accept` asks for it.
#[utoipa::path(
    tag = "service",
    responses((status = 200, description = "Every code", content((ProblemCodeList = "application/json"), (String = "text/html"))), (status = 304, description = "Unchanged"), Problems)
)]
#[get("/problems")]
pub(crate) async fn list_problems(_paid: Paid, request: HttpRequest) -> Result<HttpResponse, Problem> {
    answer(&request, None)
}

/// Returns the list as an HTML page.
fn list_page() -> String {
    let mut body = String::from("<ul>");
    for code in ProblemCode::ALL {
        let (name, status, title) = (code.as_str(), code.status(), code.title());
        // Writing to a string cannot fail.
        let _ = write!(body, "<li><a href=\"/problems/{name}\"><code>{name}</code></a> {status} {title}</li>");
    }
    page("Problems", &(body + "</ul>"))
}

/// Explain a problem code.
///
/// A page for people; JSON if `Accept` asks for it.
#[utoipa::path(
    tag = "service",
    params(("code" = String, Path, description = "The code", example = "not_found")),
    responses(
        (status = 200, description = "What the code means", content((ProblemCodeView = "application/json"), (String = "text/html"))),
        (status = 304, description = "Unchanged"),
        Problems
    )
)]
#[get("/problems/{code}")]
pub(crate) async fn get_problem(_paid: Paid, code: Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let unknown = |_| Problem::new(ProblemCode::NotFound, "No problem has this code; /problems lists all problems.");
    answer(&request, Some(code.parse::<ProblemCode>().map_err(unknown)?))
}

/// Returns one code as an HTML page.
fn code_page(code: ProblemCode) -> String {
    let ProblemCodeView { code, status, title, meaning, remedy } = ProblemCodeView::from(code);
    let body = format!(
        "<p><code>{}</code>, HTTP status {status}</p><p>{meaning}</p><h2>What to do</h2><p>{remedy}</p><p><a href=\"/problems\">All problems</a></p>",
        code.as_str()
    );
    page(title, &body)
}

/// The explanation of one code or of all codes, as a page and as JSON.
type Said = (FixedBody, FixedBody);

/// Answers from bodies that are made for all codes at the first request.
fn answer(request: &HttpRequest, code: Option<ProblemCode>) -> Result<HttpResponse, Problem> {
    static SAID: LazyLock<Option<BTreeMap<Option<&'static str>, Said>>> = LazyLock::new(|| said_of_all().ok());
    let said = SAID.as_ref().and_then(|said| said.get(&code.map(ProblemCode::as_str)));
    let (page, json) = said.ok_or_else(|| Problem::internal("the problem pages cannot be generated"))?;
    match wants_json(request) {
        true => json.answer(request, VARY, None),
        false => page.answer(request, VARY, Some(PAGE_POLICY)),
    }
}

const VARY: &str = "Accept, Accept-Encoding";

fn said_of_all() -> io::Result<BTreeMap<Option<&'static str>, Said>> {
    let said = |page: String, json: Vec<u8>| -> io::Result<Said> {
        let page = FixedBody::new(HeaderValue::from_static("text/html; charset=utf-8"), page.into())?;
        Ok((page, FixedBody::new(HeaderValue::from_static("application/json"), json)?))
    };
    let items = ProblemCode::ALL.iter().copied().map(ProblemCodeView::from).collect();
    let list = said(list_page(), serde_json::to_vec(&ProblemCodeList { items, next_cursor: None })?)?;
    let mut all = BTreeMap::from([(None, list)]);
    for code in ProblemCode::ALL {
        let json = serde_json::to_vec(&ProblemCodeView::from(code))?;
        all.insert(Some(code.as_str()), said(code_page(code), json)?);
    }
    Ok(all)
}

fn wants_json(request: &HttpRequest) -> bool {
    let accept = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("json") && !accept.contains("text/html")
}

/// Returns a page around our own text; it must not contain anything that a caller sent.
fn page(title: &str, body: &str) -> String {
    let body = format!("<h1>{title}</h1>{body}");
    Page { title, side: "", body: &body, width: Width::Text }.html()
}
