//! The documentation as a site: the pages of `docs/`, compiled in, with a menu by role, and each also as Markdown. It needs no script and no
//! other server. `reference` has the pages of the API.

pub(crate) mod markdown;
pub(crate) mod navigation;
mod reasons;
pub(crate) mod sources;

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, PoisonError, RwLock};

use actix_web::http::header::{ACCEPT_ENCODING, HeaderValue};
use actix_web::web::Path;
use actix_web::{HttpRequest, HttpResponse};
use serde::Deserialize;
use vasp_routing::get;

use super::fixed::FixedBody;
use super::reference;
use crate::http::caller::Paid;
use crate::http::headers::{FORM_POLICY, PAGE_POLICY, PRIVATE};
use crate::http::page::{Page, STYLE, Width};
use crate::http::{Problem, ProblemCode, Query};
use sources::{ATTACHED, SOURCES};

const HTML: &str = "text/html; charset=utf-8";
const MARKDOWN: &str = "text/markdown; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// The picture in a browser's tab: a link between two parties.
const ICON: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 32 32\"><rect width=\"32\" height=\"32\" rx=\"7\" fill=\"#0b57a4\"/>\
    <g fill=\"none\" stroke=\"#fff\" stroke-width=\"3\"><circle cx=\"10\" cy=\"16\" r=\"4.5\"/><circle cx=\"22\" cy=\"16\" r=\"4.5\"/></g></svg>\n";

/// Which operations the reference shows.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Search {
    /// Words that an operation must have in its path, name or description. Without it, all operations are listed.
    #[serde(default)]
    q: String,
}

/// Get the index of the documentation.
#[get("/docs")]
pub(crate) async fn get_docs(_paid: Paid, request: HttpRequest) -> Result<HttpResponse, Problem> {
    kept("docs/index", &request)
}

/// Get the index of the documentation, at its address with a slash.
#[get("/docs/")]
pub(crate) async fn get_docs_index(_paid: Paid, request: HttpRequest) -> Result<HttpResponse, Problem> {
    kept("docs/index", &request)
}

/// List the operations of the API.
///
/// A page for people, which can be searched. Each operation has a page of its own.
#[get("/docs/api")]
pub(crate) async fn get_api_reference(_paid: Paid, search: Query<Search>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response.insert_header(("content-type", HTML)).insert_header(FORM_POLICY).insert_header(PRIVATE);
    response.body(reference::list_page(&search.0.q))
}

/// Explain an operation of the API.
#[get("/docs/api/{operation}")]
pub(crate) async fn get_api_operation(
    _paid: Paid,
    operation: Path<String>,
    request: HttpRequest,
) -> Result<HttpResponse, Problem> {
    kept(&format!("api/{operation}"), &request)
}

/// Get a page of the documentation.
///
/// With `.md` at the end of its name, the page comes as Markdown. Files that pages show are here, too.
#[get("/docs/{page}")]
pub(crate) async fn get_docs_page(_paid: Paid, page: Path<String>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    kept(&format!("docs/{page}"), &request)
}

/// List the documentation for language models.
///
/// Every page with its address as Markdown, as llmstxt.org describes it.
#[get("/llms.txt")]
pub(crate) async fn get_llms(_paid: Paid, request: HttpRequest) -> Result<HttpResponse, Problem> {
    kept("llms.txt", &request)
}

/// Get the style sheet of the pages.
#[get("/style.css")]
pub(crate) async fn get_style(_paid: Paid, request: HttpRequest) -> Result<HttpResponse, Problem> {
    kept("style.css", &request)
}

/// Get the icon of the pages.
#[get("/icon.svg")]
pub(crate) async fn get_icon(_paid: Paid, request: HttpRequest) -> Result<HttpResponse, Problem> {
    kept("icon.svg", &request)
}

/// Answers with what has a name: made at the first request, and then kept. Nothing is kept for a name that there is not.
fn kept(name: &str, request: &HttpRequest) -> Result<HttpResponse, Problem> {
    static KEPT: RwLock<BTreeMap<String, Arc<FixedBody>>> = RwLock::new(BTreeMap::new());

    let found = KEPT.read().unwrap_or_else(PoisonError::into_inner).get(name).map(Arc::clone);
    let body = match found {
        Some(body) => body,
        None => {
            let missing = || Problem::new(ProblemCode::NotFound, "The documentation has no such page; /docs/ lists all pages.");
            let body = Arc::new(make(name).ok_or_else(missing)?.map_err(Problem::internal)?);
            KEPT.write().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), Arc::clone(&body));
            body
        }
    };
    body.answer(request, ACCEPT_ENCODING.as_str(), body.is_page().then_some(PAGE_POLICY))
}

fn make(name: &str) -> Option<io::Result<FixedBody>> {
    let (content_type, bytes) = match name.split_once('/') {
        Some(("docs", name)) => in_docs(name)?,
        Some(("api", operation)) => (HTML, reference::operation_page(operation)?.into_bytes()),
        _ => match name {
            "style.css" => ("text/css; charset=utf-8", STYLE.as_bytes().to_vec()),
            "icon.svg" => ("image/svg+xml", ICON.as_bytes().to_vec()),
            "llms.txt" => (TEXT, navigation::llms().into_bytes()),
            _ => return None,
        },
    };
    Some(FixedBody::new(HeaderValue::from_static(content_type), bytes))
}

fn in_docs(name: &str) -> Option<(&'static str, Vec<u8>)> {
    if let Some(file) = ATTACHED.iter().find(|file| file.name == name) {
        return Some((file.content_type, file.bytes.to_vec()));
    }
    if let Some(slug) = name.strip_suffix(".md") {
        let source = SOURCES.iter().find(|source| source.slug == slug)?;
        return Some((MARKDOWN, source.twin().into_bytes()));
    }
    let source = SOURCES.iter().find(|source| source.slug == name)?;
    let body = format!(
        "{}<p class=\"soft\">This page as Markdown: <a href=\"/docs/{slug}.md\">{slug}.md</a></p>",
        markdown::page(source),
        slug = source.slug
    );
    let title = format!("{}: VASP registry", markdown::title(source));
    let page = Page { title: &title, side: &navigation::menu(&source.address()), body: &body, width: Width::Text };
    Some((HTML, page.html().into_bytes()))
}
