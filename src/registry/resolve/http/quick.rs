//! Answers plain questions of `/v1/resolve` before the router (`http::quick`). Reading, resolving and rendering are those of the routes.

use std::num::NonZeroU32;

use actix_http::{Request, Response};
use actix_web::HttpMessage;
use actix_web::body::BoxBody;

use super::asked::Asked;
use super::resolution::{INLINE_MAX, ResolveBatch, ResolveQuery};
use crate::acts::Asker;
use crate::http::RawJson;
use crate::http::extract::{parse_json, parse_query};
use crate::http::quick::{Asking, Line, Quick};
use crate::resolve::{Effort, may_ask_store};

/// The route of these questions.
pub(crate) const ROUTE: &str = "/v1/resolve";

/// Answers a question in the query string. Returns `None` if it is not plain; then nothing was charged or counted.
pub(crate) fn get(quick: &Quick, request: &Request) -> Option<Response<BoxBody>> {
    let query: ResolveQuery = parse_query(request.uri().query()?).ok()?;
    let (item, None) = query.parts() else { return None };
    let asking = quick.asking(request)?;
    let asked = asked(quick, &asking, Effort::Place);
    let subject = asked.read(item, &|member| format!("?{member}")).ok()?;
    if may_ask_store(&quick.app.registry, asked.generation(), &subject) {
        return None;
    }
    let line = Line { method: "GET", route: ROUTE };
    quick.answer(&asking, (line, NonZeroU32::MIN), || RawJson::of(&asked.answer(subject)?, 1).map(|body| body.0))
}

/// Returns whether the body of a POST may be a plain question, and who asks.
pub(crate) fn asks(quick: &Quick, request: &Request) -> Option<Asking> {
    let is_json = request.content_type().eq_ignore_ascii_case("application/json");
    (is_json && request.uri().query().is_none()).then(|| quick.asking(request))?
}

/// Answers a few questions in a body. Returns `None` if they are not plain; then nothing was charged or counted.
pub(crate) fn post(quick: &Quick, asking: &Asking, body: &[u8]) -> Option<Response<BoxBody>> {
    let ResolveBatch { subjects } = parse_json(body).ok()?;
    let questions = u32::try_from(subjects.len()).ok().and_then(NonZeroU32::new).filter(|_| subjects.len() <= INLINE_MAX)?;
    let effort = Effort::of_batch(subjects.len());
    let batch = asked(quick, asking, effort).about(subjects, asking.request_id.clone());
    if batch.may_ask_store() {
        return None;
    }
    quick.answer(asking, (Line { method: "POST", route: ROUTE }, questions), || batch.answer().map(|body| body.0))
}

fn asked(quick: &Quick, asking: &Asking, effort: Effort) -> Asked {
    let who = (Some(&asking.identity), Some(Asker::Organisation(asking.identity.organisation)));
    Asked::new(&quick.app, quick.app.registry.pin(asking.now), who, asking.now, effort)
}
