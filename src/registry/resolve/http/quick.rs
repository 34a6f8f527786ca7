//! Answers plain questions of `/v1/resolve` before the router (`http::quick`). Reading, resolving and rendering are those of the routes.

use std::num::NonZeroU32;

use actix_http::{Request, Response};
use actix_web::HttpMessage;
use actix_web::body::BoxBody;
use actix_web::web::Bytes;
use percent_encoding::percent_decode_str;

use super::asked::Asked;
use super::batch::{Batch, Subjects};
use super::resolution::{BatchView, ResolveItem};
use crate::acts::Asker;
use crate::http::PRIVATE;
use crate::http::quick::{Asking, Line, Quick, found};
use crate::resolve::{Effort, may_ask_store};
use vasp_words::time::UtcTime;

/// The route of these questions.
pub(crate) const ROUTE: &str = "/v1/resolve";

/// How a question in the query string is logged and counted.
pub(crate) const GET: Line = Line { method: "GET", route: ROUTE };

/// How questions in a body are logged and counted.
pub(crate) const POST: Line = Line { method: "POST", route: ROUTE };

/// Answers a question in the query string. Returns `None` if it is not plain; then nothing was charged or counted.
pub(crate) fn get(quick: &Quick, request: &Request) -> Option<Response<BoxBody>> {
    let item = read_query(request.uri().query()?)?;
    let asking = quick.asking(request)?;
    let asked = asked(quick, &asking, asking.now, Effort::Place);
    let read = asked.read(item, &|member| format!("?{member}")).ok()?;
    if may_ask_store(&quick.app.registry, asked.generation(), &read.subject) {
        return None;
    }
    quick.answer(&asking, GET, NonZeroU32::MIN, || asked.body(read).map(|body| found(body.0, PRIVATE)))
}

/// Reads a query of the usual parameters, each at most once. The result is that of the route.
fn read_query(query: &str) -> Option<ResolveItem> {
    let mut members: [Option<String>; 4] = Default::default();
    for pair in query.split('&') {
        let (name, value) = pair.split_once('=')?;
        let place = members.get_mut(["subject", "network", "kind", "memo"].iter().position(|known| *known == name)?)?;
        if place.is_some() || value.contains('+') {
            return None;
        }
        let is_plain = value.bytes().all(|byte| byte != b'%');
        *place = Some(if is_plain { value.to_owned() } else { percent_decode_str(value).decode_utf8().ok()?.into_owned() });
    }
    let [subject, network, kind, memo] = members;
    Some(ResolveItem { subject: subject?, kind, network, memo })
}

/// Returns whether the body of a POST may be a plain question, and who asks.
pub(crate) fn asks(quick: &Quick, request: &Request) -> Option<Asking> {
    let is_json = request.content_type().eq_ignore_ascii_case("application/json");
    (is_json && request.uri().query().is_none()).then(|| quick.asking(request))?
}

/// Answers a few questions in a body. Returns `None` if they are not plain; then nothing was charged or counted.
pub(crate) fn post(quick: &Quick, asking: &Asking, body: &Bytes) -> Option<Response<BoxBody>> {
    let subjects = Subjects::read(body).ok().filter(Subjects::are_few)?;
    let questions = u32::try_from(subjects.questions(body)).ok().and_then(NonZeroU32::new)?;
    // Not the moment at which the head arrived: the body came later.
    let asked = asked(quick, asking, quick.app.clock.now(), Effort::of_batch(subjects.len()));
    let batch = Batch::new(asked, subjects, BatchView::default(), asking.request_id.clone());
    if batch.may_ask_store() {
        return None;
    }
    quick.answer(asking, POST, questions, || batch.answer().map(|parts| found(parts.concat(), PRIVATE)))
}

fn asked(quick: &Quick, asking: &Asking, now: UtcTime, effort: Effort) -> Asked {
    let who = (Some(&asking.identity), Some(Asker::Organisation(asking.identity.organisation)));
    Asked::new(&quick.app, quick.app.registry.pin(now), who, now, effort)
}
