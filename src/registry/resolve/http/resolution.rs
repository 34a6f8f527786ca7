//! `/v1/resolve`: who owns an address, Travel Address, URL, domain, LEI or VASP id. The documentation tells gateways to prefer POST,
//! because proxies do not log addresses in a body.

use actix_web::http::header::ContentType;
use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse, Responder};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::ResolutionView;
use super::asked::Asked;
use super::batch::{Batch, Subjects};
use super::compact::CompactView;
use crate::http::blocking::{about_the_past, away};
use crate::http::caller::Past;
use crate::http::edge::id_of;
use crate::http::error::{Problem, ProblemView, Problems};
use crate::http::extract::UnreadJson;
use crate::http::parts::Parts;
use crate::http::{App, Caller, DirectoryView, PRIVATE, Query, Resolve};
use crate::node::{AsOf, ValidUntil, Written};
use crate::resolve::Effort;
use crate::vasps::http::VaspSummaryView;
use vasp_record::environment::Environment;
use vasp_routing::{get, post};

/// A question in the query string.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ResolveQuery {
    /// VASP id, LEI, CAIP-10 account, Travel Address, LNURL, URL, address, domain, or a payment URI such as `bitcoin:…`, which is read as
    /// the address in it. With `kind` it can also be a certificate, common name or identifier that a VASP published.
    subject: String,
    /// How to read the subject: `vasp`, `lei`, `caip10`, `travel_address`, `lnurl`, `url`, `address` or `domain`. If you leave it out,
    /// each of these is tried. Three other kinds must be named: `certificate_sha256` (hex, with or without colons), `common_name` (of a
    /// certificate; the whole name, ASCII case ignored) and `identifier:<scheme>` (the whole identifier).
    kind: Option<String>,
    /// Network of an address: its CAIP-2 id, or a ticker or name such as `BTC`. Refused if the subject is of a kind without a network.
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
    /// VASP id, LEI, CAIP-10 account, Travel Address, LNURL, URL, address, domain, or a payment URI such as `bitcoin:…`, which is read as
    /// the address in it.
    pub(super) subject: String,
    /// How to read the subject, as in `GET /v1/resolve`.
    #[serde(default)]
    pub(super) kind: Option<String>,
    /// Network of an address, CAIP-2 id or another name. Refused if the subject is of a kind without a network.
    #[serde(default)]
    pub(super) network: Option<String>,
    /// The memo of the transfer.
    #[serde(default)]
    pub(super) memo: Option<String>,
}

/// Several subjects.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveBatch<'a> {
    /// 1 to 1,000 subjects.
    #[serde(borrow)]
    #[schema(value_type = Vec<ResolveItem>, min_items = 1, max_items = 1000)]
    pub(super) subjects: Vec<&'a RawValue>,
}

/// How to answer a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BatchView {
    /// Each subject as for a single question.
    #[default]
    Full,
    /// For each subject the status, the owner's id and the strength of its claim, and each owner's summary once.
    Compact,
}

/// Query of a batch.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct BatchQuery {
    /// How to answer; `full` if left out.
    #[serde(default)]
    #[param(inline)]
    view: BatchView,
}

/// The answer to one subject of a batch: what was found, or the problem.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum ResolveResult<'a> {
    /// What was found.
    #[schema(value_type = ResolutionView)]
    Answer(&'a ResolutionView<'a>),
    /// What was found, with `view=compact`.
    Compact(CompactView),
    /// Why there is no answer.
    Refused {
        /// The problem, the same as for a single question.
        #[schema(value_type = ProblemView<'static>)]
        problem: Written,
    },
}

/// The answers to a batch, in the order of the subjects.
#[derive(ToSchema)]
#[expect(dead_code, reason = "declares the answer, which `batch` writes")]
pub(crate) struct ResolveResults {
    /// One answer or problem for each subject.
    #[schema(value_type = Vec<ResolveResult>)]
    results: (),
    /// `sandbox` in a sandbox, where everything is invented; a live registry leaves this member out. Only with `view=compact`; each full
    /// result has its own.
    environment: Option<Environment>,
    /// The owners that the results name, each once, ordered by id. Only with `view=compact`.
    vasps: Option<Vec<VaspSummaryView>>,
    /// The directory generation that answered. Only with `view=compact`.
    directory: Option<DirectoryView>,
    /// Until when all results may be used. Only with `view=compact`.
    valid_until: Option<ValidUntil>,
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
    let body = if let Some(as_of) = as_of {
        who.charge_past(&app, &request, Past::Whole)?;
        let asking = app.clone();
        let answer = move || {
            let generation = crate::node::pin_at(&asking.registry, as_of, now)?;
            let asked = Asked::new(&asking, generation, who.asks(), now, Effort::Place);
            asked.body(asked.read(item, &pointer)?)
        };
        about_the_past(&app, Past::Whole, answer).await
    } else {
        let asked = Asked::new(&app, app.registry.pin(now), who.asks(), now, Effort::Place);
        let read = asked.read(item, &pointer)?;
        if crate::resolve::may_ask_store(&app.registry, asked.generation(), &read.subject) {
            away(move || asked.body(read)).await?
        } else {
            asked.body(read)
        }
    };
    Ok(body?.customize().insert_header(PRIVATE))
}

/// Get the owner of each of several subjects.
///
/// All subjects are answered from the same generation of the directory. An invalid subject does not affect the others. Each costs one question
/// of the rate limit, an address without its network one for each network listed in `candidates`, and a body at least one for each 4 KiB.
///
/// `view=compact` is for gateways with many transfers: it says who the owner is and how strong its claim, and no more. Ask in full about
/// a subject that is not `owned`.
#[utoipa::path(params(BatchQuery), request_body = ResolveBatch, tag = "resolve", responses((status = 200, description = "One answer or problem a subject, in order.", body = ResolveResults), Problems))]
#[post("/v1/resolve")]
pub(crate) async fn resolve_batch(
    who: Caller<Resolve>,
    query: Query<BatchQuery>,
    request: HttpRequest,
    body: UnreadJson,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    let subjects = Subjects::read(&body.0)?;
    who.charge_batch(&app, &request, subjects.questions(&body.0))?;
    let (is_small, effort, now) = (subjects.are_few(), Effort::of_batch(subjects.len()), app.clock.now());
    let asked = Asked::new(&app, app.registry.pin(now), who.asks(), now, effort);
    let batch = Batch::new(asked, subjects, query.0.view, id_of(&request));
    let answered = if is_small && !batch.may_ask_store() { batch.answer()? } else { batch.answer_at_once().await? };
    Ok(HttpResponse::Ok().content_type(ContentType::json()).insert_header(PRIVATE).body(Parts::from(answered)))
}
