//! Answers with an `ETag`, made from the resource's version, the reader's visibility class and a hash of the body. `directory` and
//! `valid_until` change with every answer, so the hash leaves them out. Therefore it is a weak tag.

use std::sync::Arc;

use actix_http::Response;
use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, EntityTag, Header, HeaderName, HeaderValue, IfNoneMatch, TryIntoHeaderValue};
use actix_web::{HttpRequest, HttpResponse, Responder};
use aws_lc_rs::digest::{SHA256, digest};
use memchr::memmem;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::csv_list;
use super::headers::REVALIDATE;
use super::marked::marked;
use super::quick::found;
use super::{DirectoryView, Problem};
use crate::node::ValidUntil;
use vasp_record::claim::Reader;

/// A body with an `ETag`; a caller that already has this version gets 304.
#[derive(Debug)]
pub(crate) struct Tagged<T> {
    body: Body<T>,
    version: String,
}

#[derive(Debug)]
enum Body<T> {
    New(T),
    Shared(Arc<Shown>, Moving),
}

/// A rendered body up to `directory`, with its hash. Answers at different times can share it.
#[derive(Debug)]
pub(crate) struct Shown {
    text: Box<[u8]>,
    hash: String,
}

/// The last two members of an answer about the directory, which change with every answer.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Moving {
    /// The state of the directory.
    pub(crate) directory: DirectoryView,
    /// Until when the answer may be used.
    pub(crate) valid_until: ValidUntil,
}

impl Shown {
    /// Renders a body whose last members are those of [`Moving`].
    pub(crate) fn of(body: &impl Serialize) -> Result<Self, Problem> {
        let mut text = serde_json::to_vec(body).map_err(Problem::internal)?;
        let (shown, whole) = (what_is_shown(&text).len(), text.len());
        if shown == whole {
            return Err(Problem::internal("the answer does not end with `directory` and `valid_until`"));
        }
        text.truncate(shown);
        Ok(Self { hash: hash(&text), text: text.into() })
    }

    /// Returns its approximate size in bytes.
    pub(crate) fn size(&self) -> usize {
        self.text.len() + self.hash.len() + size_of::<Self>()
    }

    /// Returns the whole answer, for a caller that has no version of it.
    pub(crate) fn answer(&self, moving: &Moving, version: impl ToString, reader: Reader) -> Result<Response<BoxBody>, Problem> {
        let tag = tag(&version_for(version, reader), &self.hash).try_into_value().map_err(Problem::internal)?;
        let mut response = found(self.with(moving).map_err(Problem::internal)?, REVALIDATE);
        response.headers_mut().insert(header::ETAG, tag);
        let (name, value) = VARY;
        response.headers_mut().insert(name, value);
        Ok(response)
    }

    /// Returns the whole body.
    fn with(&self, moving: &Moving) -> Result<Vec<u8>, serde_json::Error> {
        let mut body = Vec::with_capacity(self.text.len() + MOVING_BYTES);
        body.extend_from_slice(&self.text);
        serde_json::to_writer(&mut body, moving)?;
        // The members follow those before them.
        if let Some(brace) = body.get_mut(self.text.len()) {
            *brace = b',';
        }
        Ok(body)
    }
}

/// A little more than the rendered length of [`Moving`].
const MOVING_BYTES: usize = 160;

impl<T: Serialize> Tagged<T> {
    /// Makes an answer from a body, the version of what it shows, and its reader.
    pub(crate) fn new(body: T, version: impl ToString, reader: Reader) -> Self {
        Self { body: Body::New(body), version: version_for(version, reader) }
    }

    /// Makes the same answer from a body that was rendered before.
    pub(crate) fn shared(shown: Arc<Shown>, moving: Moving, version: impl ToString, reader: Reader) -> Self {
        Self { body: Body::Shared(shown, moving), version: version_for(version, reader) }
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, serde_json::Error> {
        let (body, hash) = match &self.body {
            Body::New(body) => {
                let body = serde_json::to_vec(body)?;
                let hash = hash(what_is_shown(&body));
                (body, hash)
            }
            Body::Shared(shown, moving) => (shown.with(moving)?, shown.hash.clone()),
        };
        let body = marked(request, body);
        if let Some(rows) = csv_list::preferred(request, StatusCode::OK, &body) {
            return Ok(rows);
        }
        let tag = tag(&self.version, &hash);
        let known = match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
            Err(_) => false,
        };
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header(header::ETag(tag)).insert_header(REVALIDATE).insert_header(VARY);
        Ok(if known { response.finish() } else { response.content_type(header::ContentType::json()).body(body) })
    }
}

/// Another caller may get another answer.
const VARY: (HeaderName, HeaderValue) = (header::VARY, HeaderValue::from_static("Authorization"));

fn tag(version: &str, hash: &str) -> EntityTag {
    EntityTag::new_weak(format!("{version}-{hash}"))
}

/// Returns the version of a body with its reader's visibility class.
fn version_for(version: impl ToString, reader: Reader) -> String {
    let class = match reader {
        Reader::Public => "public",
        // Claims that name the organisation need no class of their own: they change the body, whose hash is in the tag.
        Reader::Gateway | Reader::Organisation(_) => "gateway",
    };
    format!("{}-{class}", version.to_string())
}

fn hash(shown: &[u8]) -> String {
    hex::encode(digest(&SHA256, shown)).chars().take(16).collect()
}

/// The last members of a body, which change with every answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Changing {
    #[serde(rename = "directory")]
    _directory: IgnoredAny,
    #[serde(rename = "valid_until")]
    _valid_until: IgnoredAny,
}

/// Returns a rendered body up to `directory` and `valid_until`, if these two are its last members; otherwise the whole body.
fn what_is_shown(body: &[u8]) -> &[u8] {
    // A text cannot contain this: its quotation marks are escaped. Searched from the front, for which there are vector instructions.
    let Some((shown, rest)) = memmem::find_iter(body, b",\"directory\":").last().and_then(|end| body.split_at_checked(end))
    else {
        return body;
    };
    let changing = [b"{", rest.strip_prefix(b",").unwrap_or(rest)].concat();
    if serde_json::from_slice::<Changing>(&changing).is_ok() { shown } else { body }
}

impl<T: Serialize> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.answer(request).unwrap_or_else(|cause| HttpResponse::from_error(Problem::internal(cause)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    /// The tag leaves out `directory` and `valid_until`.
    #[test]
    fn only_the_last_two_members_are_left_out() {
        let shown = |body: &'static str| std::str::from_utf8(what_is_shown(body.as_bytes())).unwrap();

        assert_eq!(shown(r#"{"a":1,"directory":{"g":7},"valid_until":null}"#), r#"{"a":1"#);
        assert_eq!(shown(r#"{"a":{"x":1,"directory":2,"valid_until":3}}"#), r#"{"a":{"x":1,"directory":2,"valid_until":3}}"#);
        assert_eq!(shown(r#"{"a":1,"directory":2,"valid_until":3,"b":4}"#), r#"{"a":1,"directory":2,"valid_until":3,"b":4}"#);
        assert_eq!(shown(r#"{"a":1}"#), r#"{"a":1}"#);
    }

    proptest! {
        /// Whatever a text says, what comes after it changes the tag.
        #[test]
        fn texts_do_not_end_what_is_shown(text: String, later: u8) {
            for text in [text, r#","directory":1,"valid_until":2}"#.to_owned()] {
                let frame = json!({"generation": 1}).to_string();
                let shown = json!([text, later]).to_string();
                let shown = format!(r#"{{"a":{shown}"#);
                let body = format!(r#"{shown},"directory":{frame},"valid_until":null}}"#);
                prop_assert_eq!(what_is_shown(body.as_bytes()), shown.as_bytes());
            }
        }
    }
}
