//! Answers with an `ETag`, made from the resource's version, the reader's visibility class and a hash of the body. `directory` and
//! `valid_until` change with every answer, so the hash leaves them out. Therefore it is a weak tag.

use actix_web::body::BoxBody;
use actix_web::http::header::{self, EntityTag, Header, IfNoneMatch};
use actix_web::{HttpRequest, HttpResponse, Responder};
use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;
use serde_json::Value;

use super::Problem;
use super::headers::REVALIDATE;
use vasp_record::claim::Reader;

/// A body with an `ETag`; a caller that already has this version gets 304.
#[derive(Debug)]
pub(crate) struct Tagged<T> {
    body: T,
    version: String,
}

impl<T: Serialize> Tagged<T> {
    /// Makes an answer from a body, the version of what it shows, and its reader.
    pub(crate) fn new(body: T, version: impl ToString, reader: Reader) -> Self {
        let class = match reader {
            Reader::Public => "public",
            // Claims that name the organisation need no class of their own: they change the body, whose hash is in the tag.
            Reader::Gateway | Reader::Organisation(_) => "gateway",
        };
        Self { body, version: format!("{}-{class}", version.to_string()) }
    }

    fn tag(&self) -> Result<EntityTag, serde_json::Error> {
        let mut shown = serde_json::to_value(&self.body)?;
        if let Value::Object(members) = &mut shown {
            members.remove("directory");
            members.remove("valid_until");
        }
        let hash = digest(&SHA256, &serde_json::to_vec(&shown)?);
        let hash: String = hex::encode(hash.as_ref()).chars().take(16).collect();
        Ok(EntityTag::new_weak(format!("{}-{hash}", self.version)))
    }

    fn answer(&self, request: &HttpRequest) -> Result<HttpResponse, serde_json::Error> {
        let tag = self.tag()?;
        let known = match IfNoneMatch::parse(request) {
            Ok(IfNoneMatch::Any) => true,
            Ok(IfNoneMatch::Items(tags)) => tags.iter().any(|known| known.weak_eq(&tag)),
            Err(_) => false,
        };
        let mut response = if known { HttpResponse::NotModified() } else { HttpResponse::Ok() };
        response.insert_header(header::ETag(tag)).insert_header(REVALIDATE).insert_header((header::VARY, "Authorization"));
        if known {
            return Ok(response.finish());
        }
        let body = serde_json::to_vec(&self.body)?;
        Ok(response.content_type(header::ContentType::json()).body(body))
    }
}

impl<T: Serialize> Responder for Tagged<T> {
    type Body = BoxBody;

    fn respond_to(self, request: &HttpRequest) -> HttpResponse {
        self.answer(request).unwrap_or_else(|cause| HttpResponse::from_error(Problem::internal(cause)))
    }
}
