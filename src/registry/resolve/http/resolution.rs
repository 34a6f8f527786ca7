//! `/v1/resolve`: who owns an address, Travel Address, URL, domain, LEI or VASP id. The documentation tells gateways to prefer POST,
//! because proxies do not log addresses in a body.

use std::cell::Cell;

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, Responder, get, post};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::ResolutionView;
use super::asked::Asked;
use crate::http::blocking::about_the_past;
use crate::http::caller::Past;
use crate::http::edge::id_of;
use crate::http::error::{Problem, ProblemView, Problems};
use crate::http::{App, Caller, Json, PRIVATE, Query, Resolve};
use crate::node::AsOf;
use crate::resolve::Effort;

/// Largest number of subjects in one batch.
///
/// Source: wire contract, `POST /v1/resolve`.
const BATCH_MAX: usize = 1_000;

/// Largest number of subjects that the request's own worker answers. A larger batch can take milliseconds, and other requests of the
/// worker must not wait for it. Handing it to another thread costs as much as a few subjects.
pub(super) const INLINE_MAX: usize = 16;

/// A question in the query string.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ResolveQuery {
    /// VASP id, LEI, CAIP-10 account, Travel Address, LNURL, URL, address or domain. With `kind` it can also be a certificate, common
    /// name or identifier that a VASP published.
    subject: String,
    /// How to read the subject: `vasp`, `lei`, `caip10`, `travel_address`, `lnurl`, `url`, `address` or `domain`. If you leave it out,
    /// each of these is tried. Three other kinds must be named: `certificate_sha256` (hex, with or without colons), `common_name` (of a
    /// certificate; the whole name, ASCII case ignored) and `identifier:<scheme>` (the whole identifier).
    kind: Option<String>,
    /// Network of an address, CAIP-2 or an alias. Refused if the subject is of a kind without a network.
    network: Option<String>,
    /// The memo of the transfer.
    memo: Option<String>,
    /// Answer with what the directory knew then: `seq:N` or an RFC 3339 time. The default is now.
    as_of: Option<String>,
}

impl ResolveQuery {
    /// Returns the question, and as of when it is asked.
    pub(super) fn parts(self) -> (ResolveItem, Option<String>) {
        let Self { subject, kind, network, memo, as_of } = self;
        (ResolveItem { subject, kind, network, memo }, as_of)
    }
}

/// One subject of a batch.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveItem {
    /// VASP id, LEI, CAIP-10 account, Travel Address, LNURL, URL, address or domain.
    pub(super) subject: String,
    /// How to read the subject, as in `GET /v1/resolve`.
    #[serde(default)]
    pub(super) kind: Option<String>,
    /// Network of an address, CAIP-2 or an alias. Refused if the subject is of a kind without a network.
    #[serde(default)]
    pub(super) network: Option<String>,
    /// The memo of the transfer.
    #[serde(default)]
    pub(super) memo: Option<String>,
}

/// Several subjects.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveBatch {
    /// 1 to 1,000 subjects.
    #[schema(value_type = Vec<ResolveItem>, min_items = 1, max_items = 1000)]
    pub(super) subjects: Vec<Box<RawValue>>,
}

/// The answer to one subject of a batch: what was found, or the problem.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ResolveResult {
    /// What was found.
    Answer(Box<ResolutionView>),
    /// Why there is no answer.
    Refused {
        /// The problem, the same as for a single question.
        #[schema(value_type = ProblemView<'static>)]
        problem: serde_json::Value,
    },
}

/// The answers, in the order of the subjects.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResolveResults<'a> {
    /// One answer or problem for each subject.
    #[schema(value_type = Vec<ResolveResult>)]
    pub(super) results: InTurn<'a>,
}

/// Results that are computed one by one while they are written. A thousand of them in memory together would not stay in the processor's
/// caches.
pub(super) struct InTurn<'a>(pub(super) Cell<Option<Box<dyn Iterator<Item = ResolveResult> + 'a>>>);

impl Serialize for InTurn<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.take().into_iter().flatten())
    }
}

/// Get the owner of a subject.
///
/// A `not_found` answer says how much the directory knows about the network (`coverage`). Prefer POST, which keeps addresses out of
/// URLs.
///
/// The form of the text shows whether it is a Travel Address, LNURL or URL; a plain URL needs no `t=i`. All must be `https`, with a
/// public host and without user and fragment. The owner is the VASP that proved the host, or the nearest name above it that covers it.
#[utoipa::path(params(ResolveQuery), tag = "resolve", responses((status = 200, description = "What was found.", body = ResolutionView), Problems))]
#[get("/v1/resolve")]
pub(crate) async fn get_resolution(
    who: Caller<Resolve>,
    query: Query<ResolveQuery>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    let (item, as_of) = query.0.parts();
    let as_of = as_of.map(|text| text.parse::<AsOf>().map_err(|detail| Problem::invalid_value("?as_of", detail))).transpose()?;
    let pointer = |member: &str| format!("?{member}");
    let now = app.clock.now();
    let view = if let Some(as_of) = as_of {
        who.charge_past(&app, &request, Past::Whole)?;
        let asking = app.clone();
        let answer = move || {
            let generation = crate::node::pin_at(&asking.registry, as_of, now)?;
            let asked = Asked::new(&asking, generation, who.asks(), now, Effort::Place);
            asked.answer(asked.read(item, &pointer)?)
        };
        about_the_past(&app, Past::Whole, answer).await
    } else {
        let asked = Asked::new(&app, app.registry.pin(now), who.asks(), now, Effort::Place);
        let subject = asked.read(item, &pointer)?;
        if crate::resolve::may_ask_store(&app.registry, asked.generation(), &subject) {
            web::block(move || asked.answer(subject)).await.map_err(Problem::internal)?
        } else {
            asked.answer(subject)
        }
    };
    Ok(Json(view?).customize().insert_header(PRIVATE))
}

/// Get the owner of each of several subjects.
///
/// All subjects are answered from the same generation of the directory. An invalid subject does not affect the others.
#[utoipa::path(request_body = ResolveBatch, tag = "resolve", responses((status = 200, description = "One answer or problem a subject, in order.", body = ResolveResults), Problems))]
#[post("/v1/resolve")]
pub(crate) async fn resolve_batch(
    who: Caller<Resolve>,
    request: HttpRequest,
    body: Json<ResolveBatch>,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    let Json(ResolveBatch { subjects }) = body;
    if subjects.is_empty() || subjects.len() > BATCH_MAX {
        return Err(Problem::invalid_value(
            "/subjects",
            format!("a batch must have 1 to {BATCH_MAX} subjects; this one has {}", subjects.len()),
        ));
    }
    who.charge_batch(&app, &request, subjects.len())?;
    let request_id = id_of(&request);
    let is_small = subjects.len() <= INLINE_MAX;
    let ask = move || {
        let now = app.clock.now();
        Asked::new(&app, app.registry.pin(now), who.asks(), now, Effort::of_batch(subjects.len())).about(subjects, request_id)
    };
    let answered = if is_small {
        let asked = ask();
        if asked.may_ask_store() { web::block(move || asked.answer()).await.map_err(Problem::internal)? } else { asked.answer() }
    } else {
        web::block(move || ask().answer()).await.map_err(Problem::internal)?
    };
    Ok(answered?.customize().insert_header(PRIVATE))
}
