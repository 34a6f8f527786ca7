//! `/v1/prechecks`: may you deal with this counterparty, on this date, for this transfer? If the caller sent credentials, the server
//! records the answer before it sends it. `recorded` has the routes that read it back.

use std::collections::BTreeSet;

use actix_web::web::Data;
use actix_web::{HttpRequest, Responder};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::desk::{Answered, Desk};
use super::recorded::ViewQuery;
use super::request::{PrecheckBatch, PrecheckRequest};
use crate::acts::{Identity, Once};
use crate::http::blocking::{about_the_past, away};
use crate::http::caller::{Caller, Past, charge_past_in_batch};
use crate::http::edge::id_of;
use crate::http::error::{Problem, ProblemView, Problems};
use crate::http::extract::{parse_body, read_item};
use crate::http::permission::Precheck;
use crate::http::write::{KeyHeader, REPLAYED};
use crate::http::{App, Json, PRIVATE, Query, RawJson};
use crate::node::{AsOf, Written, invalid};
use crate::precheck::verdict::Verdict;
use vasp_routing::post;

/// Most pre-checks of one batch.
const BATCH_MAX: usize = 1_000;

/// Path of the batch route. It separates the idempotency keys of a batch's pre-checks from those of single ones.
const BATCH_PATH: &str = "/v1/prechecks/batch";

/// Largest number of points of the past in one batch. Each one makes the server load a directory.
const PASTS_MAX: usize = 4;

fn too_many_pasts(pointer: String) -> Problem {
    let detail = format!("one batch may have at most {PASTS_MAX} different values of `as_of`");
    invalid(pointer, "too_many", detail).into()
}

/// The answer to one pre-check of a batch, or the problem with it.
#[derive(Debug, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum PrecheckResult {
    /// The answer.
    // The text is JSON already; `into_json` inserts it unchanged.
    #[schema(value_type = Verdict)]
    Answer(String),
    /// Why there is no answer.
    Refused {
        /// The problem, the same as for a single pre-check.
        #[schema(value_type = ProblemView<'static>)]
        problem: Written,
    },
}

impl PrecheckResult {
    fn into_json(self) -> Result<String, Problem> {
        match self {
            Self::Answer(text) => Ok(text),
            refused @ Self::Refused { .. } => serde_json::to_string(&refused).map_err(Problem::internal),
        }
    }
}

/// The answers, in the order of the pre-checks.
#[derive(Debug, ToSchema)]
pub(crate) struct PrecheckResults {
    /// One answer or problem for each pre-check.
    results: Vec<PrecheckResult>,
}

impl PrecheckResults {
    /// Joins the rendered answers into one JSON document.
    fn into_json(self) -> Result<RawJson, Problem> {
        let results: Vec<String> = self.results.into_iter().map(PrecheckResult::into_json).collect::<Result<_, _>>()?;
        Ok(RawJson(format!("{{\"results\":[{}]}}", results.join(",")).into_bytes()))
    }
}

/// Check a transfer before it goes out.
///
/// Answers with the verdict: who owns the destination, whether you may deal with them, and which data must travel. `?view=full` adds the
/// evidence of every check. If you send credentials, the pre-check is recorded before you get the answer; see `record`. If you send it again
/// under the same `Idempotency-Key` within 24 hours, you get the recorded answer, and nothing more is recorded.
#[utoipa::path(params(ViewQuery), request_body = PrecheckRequest, tag = "prechecks", responses((status = 200, description = "The recommendation with its reasons.", body = Verdict), Problems))]
#[post("/v1/prechecks")]
pub(crate) async fn create_precheck(
    who: Caller<Precheck>,
    http: HttpRequest,
    key: KeyHeader,
    view: Query<ViewQuery>,
    body: Json<Box<RawValue>>,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    let mut desk = Desk::open(&app, who.identity.as_ref(), who.asker, view.0.extent()).await?;
    let request: PrecheckRequest = parse_body(&http, body.0.get().as_bytes())?;
    if request.key.is_some() {
        return Err(Problem::invalid_value(
            "/key".to_owned(),
            "this is allowed only in a batch; for a single pre-check, send the Idempotency-Key header".to_owned(),
        ));
    }
    let once = key.over(|| Once::digest_of(body.0.get().as_bytes()))?;
    let is_past = request.as_of.is_some();
    if is_past {
        who.charge_past(&app, &http, Past::Whole)?;
    }
    // What is not recorded is not kept under its key, either.
    let is_keyed = once.is_some() && request.record != Some(false);
    let may_block = is_keyed || request.may_block() || app.registry.directory().claims_may_block();
    let (worker, app_of, identity) = (desk.clone(), app.clone(), who.identity);
    let work = move || worker.answer_once(&app_of, identity.as_ref(), &request, &body.0, once, &|member| format!("/{member}"));
    let answered = if is_past {
        about_the_past(&app, Past::Whole, work).await
    } else if is_keyed {
        // What is kept under the key must be read, and the database may not answer.
        desk.in_time(async { away(work).await? }).await
    } else if may_block {
        away(work).await?
    } else {
        work()
    }?;
    let Answered { text, replayed, row, keyed } = answered;
    desk.keep(&app, row.into_iter().collect(), keyed.into_iter().collect()).await?;
    let answer = RawJson(text.into_bytes()).customize().insert_header(PRIVATE);
    Ok(if replayed { answer.insert_header(REPLAYED) } else { answer })
}

/// Check several transfers.
///
/// An invalid pre-check does not affect the others. Those that are recorded are recorded together. Each pre-check may have its own
/// `key`, which works like `Idempotency-Key` for a single pre-check. This route does not read that header.
#[utoipa::path(params(ViewQuery), request_body = PrecheckBatch, tag = "prechecks", responses((status = 200, description = "One answer or problem a pre-check, in order.", body = PrecheckResults), Problems))]
#[post("/v1/prechecks/batch")]
pub(crate) async fn create_prechecks(
    who: Caller<Precheck>,
    http: HttpRequest,
    view: Query<ViewQuery>,
    body: Json<PrecheckBatch>,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    let prechecks = body.0.prechecks;
    if prechecks.is_empty() || prechecks.len() > BATCH_MAX {
        let detail = format!("a batch must have 1 to {BATCH_MAX} pre-checks; this one has {}", prechecks.len());
        return Err(Problem::invalid_value("/prechecks".to_owned(), detail));
    }
    who.charge_batch(&app, &http, prechecks.len())?;
    let desk = Desk::open(&app, who.identity.as_ref(), who.asker, view.0.extent()).await?;
    let (worker, app_of, identity, request_id) = (desk.clone(), app.clone(), who.identity, id_of(&http));
    let answered = away(move || {
        let mut batch =
            Batch { desk: &worker, app: &app_of, identity: identity.as_ref(), pasts: BTreeSet::new(), keys: BTreeSet::new() };
        let answered = prechecks.iter().enumerate().map(|(index, item)| batch.answer(index, item));
        answered
            .map(|answered| answered.map_err(|problem| problem.document(&request_id, app_of.problem_pages())))
            .collect::<Vec<_>>()
    })
    .await?;
    let (mut results, mut rows, mut held) = (Vec::with_capacity(answered.len()), Vec::new(), Vec::new());
    for answered in answered {
        results.push(match answered {
            Ok(Answered { text, replayed: _, row, keyed }) => {
                rows.extend(row);
                held.extend(keyed);
                PrecheckResult::Answer(text)
            }
            Err(problem) => PrecheckResult::Refused { problem },
        });
    }
    desk.keep(&app, rows, held).await?;
    Ok(PrecheckResults { results }.into_json()?.customize().insert_header(PRIVATE))
}

/// The pre-checks of one call while they are answered.
struct Batch<'a> {
    desk: &'a Desk,
    app: &'a Data<App>,
    identity: Option<&'a Identity>,
    /// The points of the past that the batch asked about so far.
    pasts: BTreeSet<AsOf>,
    /// The idempotency keys that the batch used so far.
    keys: BTreeSet<String>,
}

impl Batch<'_> {
    fn answer(&mut self, index: usize, item: &RawValue) -> Result<Answered, Problem> {
        let place = format!("/prechecks/{index}");
        let pointer = |member: &str| format!("{place}/{member}");
        let form = (self.app.as_ref(), "PrecheckRequest");
        let request: PrecheckRequest = read_item(item.get().as_bytes(), form, || place.clone())?;
        if let Some(past) = request.as_of
            && !self.pasts.contains(&past)
        {
            if self.pasts.len() == PASTS_MAX {
                return Err(too_many_pasts(pointer("as_of")));
            }
            charge_past_in_batch(self.app, self.identity)?;
            self.pasts.insert(past);
        }
        let once =
            request.key.as_ref().map(|key| self.once(key, item).map_err(|detail| Problem::invalid_value(pointer("key"), detail)));
        self.desk.answer_once(self.app, self.identity, &request, item, once.transpose()?, &pointer)
    }

    fn once(&mut self, key: &str, item: &RawValue) -> Result<Once, String> {
        let once = Once::of("POST", BATCH_PATH, key, Once::digest_of(item.get().as_bytes()))?;
        if self.keys.insert(key.to_owned()) {
            Ok(once)
        } else {
            Err("this key is used twice in this batch; give each pre-check a different key".to_owned())
        }
    }
}
