//! `/v1/resolve`: who owns an address, Travel Address, URL, domain, LEI or VASP id. Addresses in a body stay out of logs of
//! proxies, so gateways are told to prefer POST.

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

/// Most subjects of one batch.
///
/// Source: wire contract, `POST /v1/resolve`.
const BATCH_MAX: usize = 1_000;

/// Subjects that are answered where the request was read. More are up to milliseconds of work: the other requests of this
/// worker do not wait for them. Going to another thread costs as much as a few subjects.
const INLINE_MAX: usize = 16;

/// What is asked, in the query string.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ResolveQuery {
    /// VASP id, LEI, CAIP-10 account, Travel Address, LNURL, URL, address or domain; with `kind` also what a VASP published.
    subject: String,
    /// How to read it: `vasp`, `lei`, `caip10`, `travel_address`, `lnurl`, `url`, `address`, `domain`; without it each of these is
    /// tried. Only when named: `certificate_sha256` (hex, colons or not), `common_name` (of a certificate; whole, the case of ASCII
    /// letters aside) and `identifier:<scheme>` (whole).
    kind: Option<String>,
    /// Network of an address, CAIP-2 or an alias. Refused beside a subject that lies on none.
    network: Option<String>,
    /// Memo of the transfer.
    memo: Option<String>,
    /// What the directory knew then: `seq:N` or an RFC 3339 time.
    as_of: Option<String>,
}

/// One subject of a batch.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ResolveItem {
    /// VASP id, LEI, CAIP-10 account, Travel Address, LNURL, URL, address or domain.
    subject: String,
    /// How to read it.
    #[serde(default)]
    kind: Option<String>,
    /// Network of an address, CAIP-2 or an alias. Refused beside a subject that lies on none.
    #[serde(default)]
    network: Option<String>,
    /// Memo of the transfer.
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
        /// The problem, as a single question would have had it.
        #[schema(value_type = ProblemView<'static>)]
        problem: serde_json::Value,
    },
}

/// The answers, in the order of the subjects.
#[derive(Serialize, ToSchema)]
pub(crate) struct ResolveResults<'a> {
    /// One answer or problem a subject.
    #[schema(value_type = Vec<ResolveResult>)]
    results: InTurn<'a>,
}

/// Results that are found when their turn to be written comes: a thousand of them beside each other would not stay in the
/// processor's caches until they are.
struct InTurn<'a>(Cell<Option<Box<dyn Iterator<Item = ResolveResult> + 'a>>>);

impl Serialize for InTurn<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.take().into_iter().flatten())
    }
}

/// Get the owner of a subject.
///
/// An answer `not_found` says how much the directory knows of the network (`coverage`). Prefer POST: addresses stay out
/// of URLs.
///
/// A Travel Address, LNURL or URL is told by its form; a plain URL needs no `t=i`. All must be `https`, with a public host and
/// without user and fragment. Who proved the host, or the nearest name above it that covers it, is the owner.
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
/// Every subject is answered from the same state of the directory; one that is not valid does not hurt the others.
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
            format!("a batch has 1 to {BATCH_MAX} subjects, this has {}", subjects.len()),
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

/// What the questions of one call share: all are answered from one state of the directory.
struct Asked {
    app: Data<App>,
    generation: Arc<Generation>,
    reader: Reader,
    asker: Option<Asker>,
    /// The asker's VASP, if it has one.
    own: Option<VaspId>,
    now: UtcTime,
    /// For how long nothing was heard of the database.
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

    /// Reads a subject; a fault names its member at `pointer`.
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

    /// Tells whether the store may have to be asked about any of a few subjects.
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
