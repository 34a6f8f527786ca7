//! Bodies that are the same for every caller while the program runs: the OpenAPI document, its reader, the problem pages. Each is
//! compressed and digested once, then answered from memory. Reading one costs questions of the caller's rate by its bytes; an answer that
//! the caller has already costs one.

use std::io::{self, Write};

use actix_web::http::header::{self, AcceptEncoding, Encoding, EntityTag, Header, HeaderName, HeaderValue, IfNoneMatch};
use actix_web::web::Bytes;
use actix_web::{HttpRequest, HttpResponse};
use aws_lc_rs::digest::{SHA256, digest};
use flate2::Compression;
use flate2::write::GzEncoder;

use crate::http::Problem;
use crate::http::caller::charge_bytes;
use crate::http::headers::REVALIDATE;

/// A body, plain and compressed.
#[derive(Debug)]
pub(crate) struct FixedBody {
    content_type: HeaderValue,
    plain: Bytes,
    gzip: Bytes,
    digest: String,
}

impl FixedBody {
    /// Compresses a body.
    ///
    /// # Errors
    /// If it cannot be compressed in memory, which does not happen.
    pub(crate) fn new(content_type: HeaderValue, plain: Vec<u8>) -> io::Result<Self> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(&plain)?;
        let digest = hex::encode(digest(&SHA256, &plain).as_ref()).chars().take(32).collect();
        Ok(Self { content_type, plain: plain.into(), gzip: encoder.finish()?.into(), digest })
    }

    /// Whether the body is an HTML page.
    pub(crate) fn is_page(&self) -> bool {
        self.content_type.as_bytes().starts_with(b"text/html")
    }

    /// Answers with the body in the encoding that the caller accepts; 304 if the caller already has it. `vary` names the headers that
    /// decided this; a page also has a `policy`.
    ///
    /// # Errors
    /// `Problem` 429 if the caller's rate has no room for the body's bytes.
    pub(crate) fn answer(
        &self,
        request: &HttpRequest,
        vary: &str,
        policy: Option<(HeaderName, HeaderValue)>,
    ) -> Result<HttpResponse, Problem> {
        let is_gzip = takes_gzip(request);
        let tag = EntityTag::new_strong(format!("{}{}", self.digest, if is_gzip { "-gzip" } else { "" }));
        let is_known = match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
            Err(_) => false,
        };
        let mut response = if is_known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header(header::ETag(tag)).insert_header(REVALIDATE).insert_header((header::VARY, vary));
        if let Some(policy) = policy {
            response.insert_header(policy);
        }
        if is_known {
            return Ok(response.finish());
        }
        response.content_type(self.content_type.clone());
        if is_gzip {
            response.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip")));
        }
        let body = if is_gzip { &self.gzip } else { &self.plain };
        charge_bytes(request, body.len())?;
        Ok(response.body(body.clone()))
    }
}

/// Returns whether a caller asks for gzip and does not prefer the plain body.
///
/// Source: RFC 9110, section 12.5.3; without the header the plain body is sent.
fn takes_gzip(request: &HttpRequest) -> bool {
    let offered = [Encoding::gzip(), Encoding::identity()];
    let asked = request.headers().contains_key(header::ACCEPT_ENCODING).then(|| AcceptEncoding::parse(request));
    asked.and_then(Result::ok).and_then(|asked| asked.negotiate(offered.iter())) == Some(Encoding::gzip())
}
