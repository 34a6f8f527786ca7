//! A file as the body of a request. Its media type must be an accepted one, and it may be as large as a document.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use actix_web::http::header;
use actix_web::web::{Bytes, Payload};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev};
use aws_lc_rs::digest::{Context, SHA256};

use super::blocking::away;
use super::extract::{limits, read_whole};
use super::write::{IDEMPOTENCY_KEY, once_for};
use super::{Problem, ProblemCode};
use crate::acts::Once;
use vasp_record::document::MediaType;

/// How many times longer than another body a file may take to arrive, because it is about that many times larger.
const TIMES_LONGER: u32 = 6;

/// A file that was sent.
#[derive(Debug)]
pub(crate) struct Upload {
    /// The announced media type.
    pub media_type: MediaType,
    /// The content of the file.
    pub content: Bytes,
    /// The idempotency key; `None` if none was sent. Its digest also covers the query and the media type, because both say what the file
    /// is.
    pub once: Option<Once>,
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut dev::Payload) -> Self::Future {
        let request = request.clone();
        let payload = Payload::from_request(&request, payload);
        Box::pin(async move {
            let media_type = announced(&request)?;
            let limits = limits(&request)?;
            let time: Duration = limits.body_time.saturating_mul(TIMES_LONGER);
            let content = read_whole(&request, payload.await, limits.document_bytes, time).await?;
            let once = match request.headers().contains_key(&IDEMPOTENCY_KEY) {
                true => {
                    let digest = digested(&request, media_type, content.clone()).await?;
                    once_for(&request, || digest)?
                }
                false => None,
            };
            Ok(Self { media_type, content, once })
        })
    }
}

/// Computes the digest of the request on a thread that may block.
async fn digested(request: &HttpRequest, media_type: MediaType, content: Bytes) -> Result<[u8; 32], Problem> {
    let about = format!("{}\n{media_type}\n", request.query_string());
    away(move || {
        let mut hash = Context::new(&SHA256);
        hash.update(about.as_bytes());
        hash.update(&content);
        let mut digest = [0; 32];
        digest.copy_from_slice(hash.finish().as_ref());
        digest
    })
    .await
}

fn announced(request: &HttpRequest) -> Result<MediaType, Problem> {
    let taken = MediaType::ALL.iter().map(|media| media.as_str()).collect::<Vec<_>>().join(", ");
    let refuse =
        |detail: String| Problem::new(ProblemCode::UnsupportedMediaType, detail).with_header(header::ACCEPT, taken.clone());
    if request.headers().get(header::CONTENT_ENCODING).is_some_and(|value| value != "identity") {
        return Err(refuse("The body is compressed; send it uncompressed, without Content-Encoding.".to_owned()));
    }
    MediaType::of_header(request.content_type()).map_err(|error| refuse(format!("Content-Type {error}.")))
}
