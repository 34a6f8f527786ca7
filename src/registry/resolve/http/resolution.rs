//! `/v1/resolve`: who owns an address, Travel Address, URL, domain, LEI or VASP id. The documentation tells gateways to prefer POST,
//! because proxies do not log addresses in a body.

use std::cell::Cell;
use std::sync::Arc;

use actix_web::web::{self, Data};
use actix_web::{HttpRequest, Responder, get, post};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::ResolutionView;
use crate::acts::Asker;
use crate::directory::Generation;
use crate::harvest::http as harvest;
use crate::http::blocking::about_the_past;
use crate::http::caller::Past;
use crate::http::edge::id_of;
use crate::http::error::{Problem, ProblemView, Problems};
use crate::http::extract::read_item;
use crate::http::{App, Caller, Json, PRIVATE, Query, RawJson, Resolve};
use crate::node::{AsOf, Fault, ProblemCode, Refusal, Silence};
use crate::resolve::{Effort, ResolveQuestion};
use vasp_addresses::subject::{Subject, SubjectKind};
use vasp_record::claim::Reader;
use vasp_words::ids::VaspId;
use vasp_words::time::UtcTime;

/// Largest number of subjects in one batch.
///
/// Source: wire contract, `POST /v1/resolve`.
const BATCH_MAX: usize = 1_000;

/// Largest number of subjects that the request's own worker answers. A larger batch can take milliseconds, and other requests of the
/// worker must not wait for it. Handing it to another thread costs as much as a few subjects.
const INLINE_MAX: usize = 16;

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

/// One subject of a batch.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveItem {
    /// VASP id, LEI, CAIP-10 account, Travel Address, LNURL, URL, address or domain.
    subject: String,
    /// How to read the subject, as in `GET /v1/resolve`.
    #[serde(default)]
    kind: Option<String>,
    /// Network of an address, CAIP-2 or an alias. Refused if the subject is of a kind without a network.
    #[serde(default)]
    network: Option<String>,
    /// The memo of the transfer.
    #[serde(default)]
    memo: Option<String>,
}

/// Several subjects.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveBatch {
    /// 1 to 1,000 subjects.
    #[schema(value_type = Vec<ResolveItem>, min_items = 1, max_items = 1000)]
    subjects: Vec<Box<RawValue>>,
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
    results: InTurn<'a>,
}

/// Results that are computed one by one while they are written. A thousand of them in memory together would not stay in the processor's
/// caches.
struct InTurn<'a>(Cell<Option<Box<dyn Iterator<Item = ResolveResult> + 'a>>>);

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
    let Query(ResolveQuery { subject, kind, network, memo, as_of }) = query;
    let item = ResolveItem { subject, kind, network, memo };
    let as_of = as_of.map(|text| text.parse::<AsOf>().map_err(|detail| Problem::invalid_value("?as_of", detail))).transpose()?;
    let pointer = |member: &str| format!("?{member}");
    let now = app.clock.now();
    let view = if let Some(as_of) = as_of {
        who.charge_past(&app, &request, Past::Whole)?;
        let asking = app.clone();
        let answer = move || {
            let generation = crate::node::pin_at(&asking.registry, as_of, now)?;
            let asked = Asked::new(&asking, generation, &who, now, Effort::Place);
            asked.answer(asked.read(item, &pointer)?)
        };
        about_the_past(&app, Past::Whole, answer).await
    } else {
        let asked = Asked::new(&app, app.registry.pin(now), &who, now, Effort::Place);
        let subject = asked.read(item, &pointer)?;
        if crate::resolve::may_ask_store(&app.registry, &asked.generation, &subject) {
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
        Asked::new(&app, app.registry.pin(now), &who, now, Effort::of_batch(subjects.len())).about(subjects, request_id)
    };
    let answered = if is_small {
        let asked = ask();
        if asked.may_ask_store() { web::block(move || asked.answer()).await.map_err(Problem::internal)? } else { asked.answer() }
    } else {
        web::block(move || ask().answer()).await.map_err(Problem::internal)?
    };
    Ok(answered?.customize().insert_header(PRIVATE))
}

/// The shared context of one call's questions. All are answered from one generation of the directory.
struct Asked {
    app: Data<App>,
    generation: Arc<Generation>,
    reader: Reader,
    asker: Option<Asker>,
    /// The asker's VASP. `None` if it has none.
    own: Option<VaspId>,
    now: UtcTime,
    /// How long this node has heard nothing from the database.
    silence: Silence,
    effort: Effort,
}

impl Asked {
    fn new(app: &Data<App>, generation: Arc<Generation>, who: &Caller<Resolve>, now: UtcTime, effort: Effort) -> Self {
        let silence = app.registry.silence();
        let own = who.identity.as_ref().and_then(|identity| identity.vasp);
        Self { app: app.clone(), generation, reader: who.reader(), asker: who.asker, own, now, silence, effort }
    }

    fn about(self, subjects: Vec<Box<RawValue>>, request_id: String) -> AskedBatch {
        AskedBatch { asked: self, subjects, request_id }
    }

    /// Reads a subject. `pointer` turns a member's name into the JSON Pointer that an error reports.
    fn read(&self, item: ResolveItem, pointer: &dyn Fn(&str) -> String) -> Result<Subject, Problem> {
        let ResolveItem { subject, kind, network, memo } = item;
        let kind = kind.as_deref().map(str::parse::<SubjectKind>).transpose().map_err(|error| {
            let fault = Fault { pointer: pointer("kind"), code: "unknown_kind", detail: error.to_string() };
            Problem::from(Refusal::at(ProblemCode::InvalidSubject, fault))
        })?;
        let question = ResolveQuestion { subject, kind, network, memo };
        let subject = crate::resolve::read_question(&question, self.effort, pointer)?;
        crate::resolve::known_scheme(&self.generation, &subject, pointer)?;
        Ok(subject)
    }

    fn answer(&self, subject: Subject) -> Result<ResolutionView, Problem> {
        if harvest::is_address(&subject) {
            harvest::refuse_spent(&self.app, self.asker, self.now)?;
        }
        let registry = &self.app.registry;
        let found = crate::resolve::resolve(registry, &self.generation, subject, self.reader, self.now)?;
        harvest::note(&self.app, self.asker, &found.subject, found.spends_as(self.own), self.now);
        Ok(ResolutionView::of(&found, registry.directory().claim_ids(), self.silence))
    }
}

/// A batch of questions.
struct AskedBatch {
    asked: Asked,
    subjects: Vec<Box<RawValue>>,
    request_id: String,
}

impl AskedBatch {
    fn subjects(&self) -> impl Iterator<Item = Result<Subject, Problem>> {
        self.subjects.iter().enumerate().map(|(index, item)| {
            let place = || format!("/subjects/{index}");
            let item = read_item(item, "").map_err(|problem| problem.inside(&place()))?;
            self.asked.read(item, &|member| format!("{}/{member}", place()))
        })
    }

    /// Returns whether any subject of a small batch may need the store.
    fn may_ask_store(&self) -> bool {
        let (registry, generation) = (&self.asked.app.registry, &self.asked.generation);
        let may_ask = |subject: Result<Subject, Problem>| {
            subject.is_ok_and(|subject| crate::resolve::may_ask_store(registry, generation, &subject))
        };
        registry.directory().claims_may_block() && self.subjects().any(may_ask)
    }

    fn answer(&self) -> Result<RawJson, Problem> {
        let answered = self.subjects().map(|subject| match subject.and_then(|subject| self.asked.answer(subject)) {
            Ok(view) => ResolveResult::Answer(Box::new(view)),
            Err(problem) => ResolveResult::Refused { problem: problem.document(&self.request_id) },
        });
        RawJson::of(&ResolveResults { results: InTurn(Cell::new(Some(Box::new(answered)))) }, self.subjects.len())
    }
}
