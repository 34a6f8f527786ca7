//! Forms that a page of this server sent: how they are read, that they come from a page of this server, and the script that puts the secret
//! of a link into its form. The secret comes after the link's `#`, so that no log has it.

use std::future::Future;
use std::pin::Pin;

use actix_web::body::BoxBody;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::web::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, dev};
use serde::de::DeserializeOwned;
use vasp_routing::get;

use super::caller::Paid;
use super::error::ProblemPages;
use super::extract::{limits, read_whole};
use super::headers::PAGE_POLICY;
use super::html::escaped;
use super::page::{Page, Width};
use super::{Problem, ProblemCode};

const SCRIPT: &str = include_str!("link.js");

/// The longest form, in bytes: a reason of 4,000 characters, each of up to four bytes that a form writes as twelve, and what is beside it.
const LONGEST: usize = 128 << 10;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// A form that a page of this server sent, or why it is refused.
pub(crate) struct Form<T>(pub(crate) Result<T, Problem>);

/// Whether a page of this server sent the request. Browsers say so in `Sec-Fetch-Site`; older ones name the page's origin.
///
/// Source: Fetch Metadata Request Headers (W3C), section 2.3; RFC 6454, section 7.
fn is_same_site(request: &HttpRequest) -> bool {
    let said = |name: HeaderName| request.headers().get(name).map(|value| value.to_str().unwrap_or_default());
    match (said(SEC_FETCH_SITE), said(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => origin.split_once("://").is_some_and(|(_, host)| said(header::HOST) == Some(host)),
        (None, None) => false,
    }
}

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let payload = Payload::from_request(&request, payload);
        Box::pin(async move {
            if !is_same_site(&request) {
                let detail = "The form must come from its own page. Open the page again, over HTTPS, and send it from there.";
                return Ok(Self(Err(Problem::new(ProblemCode::Forbidden, detail))));
            }
            if !request.content_type().eq_ignore_ascii_case("application/x-www-form-urlencoded") {
                return Ok(Self(Err(Problem::new(ProblemCode::UnsupportedMediaType, "The body is no form."))));
            }
            let read = read_whole(&request, payload.await, LONGEST, limits(&request)?.body_time).await;
            let unreadable =
                |_| Problem::new(ProblemCode::MalformedRequest, "The form lacks a field, or has one that it should not have.");
            Ok(Self(read.and_then(|body| serde_urlencoded::from_bytes(&body).map_err(unreadable))))
        })
    }
}

/// Returns the secret of a link that a person pasted or the script filled in: the part after the last `#`.
pub(crate) fn secret_of(link: &str) -> &str {
    link.rsplit('#').next().unwrap_or_default().trim()
}

/// Get the script that fills in the secret of a link. The forms work without it.
#[get("/link.js")]
pub(crate) async fn get_link_script(_paid: Paid) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, "text/javascript; charset=utf-8"))
        .insert_header((header::CACHE_CONTROL, "no-cache"));
    response.body(SCRIPT)
}

/// Answers with a problem in words, with its status and headers, and a link back to the form. Call it once only: it logs the cause.
pub(crate) fn problem_page(problem: &Problem, form: &str, back: &str) -> HttpResponse {
    let title = problem.code().title();
    let body = format!("<h1>{title}</h1><p>{}</p><p><a href=\"{form}\">{back}</a></p>", escaped(problem.words()));
    let page = Page { title, side: "", body: &body, width: Width::Narrow }.html();
    let mut response = problem.answer("", &ProblemPages::default()).set_body(BoxBody::new(page));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let (name, value) = PAGE_POLICY;
    headers.insert(name, value);
    response
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::is_same_site;

    #[test]
    fn only_pages_of_this_server_send_forms() {
        let sent = |headers: &[(&'static str, &'static str)]| {
            let request = headers.iter().fold(TestRequest::post(), |request, header| request.insert_header(*header));
            is_same_site(&request.to_http_request())
        };

        assert!(sent(&[("sec-fetch-site", "same-origin"), ("origin", "null")]));
        assert!(sent(&[("origin", "https://registry.example.org"), ("host", "registry.example.org")]));
        assert!(!sent(&[("sec-fetch-site", "cross-site"), ("origin", "https://a.example"), ("host", "a.example")]));
        assert!(!sent(&[("sec-fetch-site", "same-site")]));
        assert!(!sent(&[("sec-fetch-site", "none")]));
        assert!(!sent(&[("origin", "https://elsewhere.example"), ("host", "registry.example.org")]));
        assert!(!sent(&[("origin", "null"), ("host", "null")]));
        assert!(!sent(&[("host", "registry.example.org")]));
    }
}
