//! Response headers that are the same for many routes. There are no CORS headers at all: browsers of other sites may not
//! read this API.

use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// The request's id, echoed on every answer.
pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// `Cache-Control: private, no-store`, for answers about addresses and about the caller.
pub const PRIVATE: (HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));

/// `Cache-Control: private, no-cache`, for answers about the directory. A caller may keep them, and revalidates them with their `ETag`.
pub const REVALIDATE: (HeaderName, HeaderValue) = (header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));

/// `Content-Security-Policy` of pages: text, and the style sheet and pictures of this server.
pub const PAGE_POLICY: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
);

/// `Content-Security-Policy` of pages with a form, which goes to this server only.
pub const FORM_POLICY: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    ),
);

/// `Content-Security-Policy` of the form that reads the secret of its link, which takes one script of this server.
pub const LINK_FORM_POLICY: (HeaderName, HeaderValue) = (
    header::CONTENT_SECURITY_POLICY,
    HeaderValue::from_static(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; \
         frame-ancestors 'none'",
    ),
);

/// `Content-Security-Policy` of the console: forms to this server, and its script, which no page needs.
pub const CONSOLE_POLICY: (HeaderName, HeaderValue) = LINK_FORM_POLICY;

const EVERYWHERE: [(HeaderName, HeaderValue); 2] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'")),
];

/// Headers of pages. An answer that is no page has no links, and its content security policy already keeps it out of frames.
const PAGES: [(HeaderName, HeaderValue); 2] = [
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
];

/// Adds the request's id and the headers that every answer has. A header that the handler set stays as it is.
pub fn complete(headers: &mut HeaderMap, request_id: &str) {
    let is_page = headers.get(header::CONTENT_TYPE).is_some_and(|media| media.as_bytes().starts_with(b"text/html"));
    for (name, value) in EVERYWHERE.into_iter().chain(PAGES.into_iter().filter(|_| is_page)) {
        if !headers.contains_key(&name) {
            headers.insert(name, value);
        }
    }
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(X_REQUEST_ID, id);
    }
}
