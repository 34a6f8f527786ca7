//! `POST /v1/prechecks/{id}/replay`: asks the same question again with what was known then. It shows that the recorded answer follows
//! from the facts of that time and from nothing else.

use actix_web::web::{Data, Path};
use actix_web::{HttpRequest, Responder};
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::records::MISSING;
use super::request::PrecheckRequest;
use crate::acts::Identity;
use crate::http::blocking::about_the_past;
use crate::http::caller::Past;
use crate::http::extract::parse_json;
use crate::http::listing::id_in_path;
use crate::http::permission::PrecheckRecord;
use crate::http::{App, Caller, Json, PRIVATE, Problem, Problems};
use crate::node::{ServiceError, Silence};
use crate::precheck::verdict::Verdict;
use crate::precheck::{ENGINE, Extent, PrecheckQuestion, Recording, Rendering};
use vasp_routing::post;
use vasp_words::difference::{Difference, differences};
use vasp_words::ids::PrecheckId;

/// A recorded pre-check, answered again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PrecheckReplay)]
pub(crate) struct ReplayView {
    id: String,
    /// Whether verdict and evidence are the same, apart from the receipt; null if the request and answer were erased.
    same: Option<bool>,
    /// Whether something that was recorded is no longer available.
    replay_incomplete: bool,
    /// The things that are no longer available.
    missing: Vec<String>,
    /// The program versions that gave the two answers. The same version gives the same answer.
    engine: EnginesView,
    /// The verdict as it was sent, with its evidence inside; null if it was erased.
    #[schema(value_type = Option<Verdict>)]
    then: Option<Box<RawValue>>,
    /// The new verdict, with its evidence inside; null if the request was erased.
    #[schema(value_type = Option<Verdict>)]
    now: Option<Box<RawValue>>,
    /// The differences between the two answers.
    differences: Vec<DifferenceView>,
}

/// The program versions that gave the two answers.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ReplayEngines)]
pub(crate) struct EnginesView {
    /// The program that answered then; null if that was erased.
    then: Option<String>,
    /// The program that answers now.
    now: &'static str,
}

/// One place where two documents differ.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Difference)]
pub(crate) struct DifferenceView {
    /// JSON Pointer (RFC 6901).
    #[schema(example = "/evidence/checks/2/code")]
    pointer: String,
    /// The value there in the first document; null if there is none.
    from: Value,
    /// The value there in the second document; null if there is none.
    to: Value,
}

impl From<Difference> for DifferenceView {
    fn from(difference: Difference) -> Self {
        Self { pointer: difference.pointer, from: difference.from, to: difference.to }
    }
}

/// Reads a recorded request again, as of its own moment.
pub(crate) fn recorded_question(recording: &Recording) -> Result<PrecheckQuestion, ServiceError> {
    let request = recording.request.get().as_bytes();
    let request: PrecheckRequest = parse_json(request).map_err(ServiceError::unreadable("pre-check"))?;
    request.question(recording.now.date(), &|member| format!("/{member}"))
}

/// Replay a recorded pre-check with what was known then.
///
/// The replay uses the recorded question, directory sequence, moment, policy, rulebook, lists and screening lists. It also uses the
/// policies, relationships and endpoint health of that time. Nothing is recorded.
#[utoipa::path(params(("id" = String, Path, description = "The pre-check's id.")), security(("api_key" = [])), tag = "prechecks", responses((status = 200, description = "Both answers, and where they differ.", body = ReplayView), Problems))]
#[post("/v1/prechecks/{id}/replay")]
pub(crate) async fn replay_precheck(
    who: Caller<PrecheckRecord>,
    path: Path<String>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    who.charge_past(&app, &request, Past::Whole)?;
    let identity = who.known()?;
    let id: PrecheckId = id_in_path(&path, MISSING)?;
    let asking = app.clone();
    let view = about_the_past(&app, Past::Whole, move || replay(&asking, &identity, id)).await?;
    Ok(Json(view).customize().insert_header(PRIVATE))
}

fn replay(app: &App, identity: &Identity, id: PrecheckId) -> Result<ReplayView, Problem> {
    let mut rng = app.random.fork();
    let (_, recording) = crate::precheck::read_recording(&app.registry, identity.organisation, id, app.clock.now(), &mut rng)?;
    let Some(recording) = recording else { return Ok(erased(id)) };
    let question = recorded_question(&recording)?;
    let replay = crate::precheck::replay_precheck(&app.registry, identity.organisation, &recording, &question, None)?;
    let (registry, silence) = (&app.registry, Silence::NONE);
    let again = Rendering { registry, question: &question, answer: &replay.answer, silence }.again(id)?;
    let [then, again] = [recording.sent(Extent::Full), again].map(RawValue::from_string);
    let (then, again) = (then.map_err(Problem::internal)?, again.map_err(Problem::internal)?);
    let (from, to) = (compared(&then)?, compared(&again)?);
    let differences = differences(&from, &to);
    Ok(ReplayView {
        id: id.to_string(),
        same: Some(differences.is_empty()),
        replay_incomplete: !replay.missing.is_empty(),
        missing: replay.missing,
        engine: EnginesView { then: Some(recording.engine), now: ENGINE },
        then: Some(then),
        now: Some(again),
        differences: differences.into_iter().map(DifferenceView::from).collect(),
    })
}

/// Returns what is compared of an answer. The receipts differ: each is signed with the key and checkpoint of its own time. The evidence itself
/// is compared, so its digest is not.
fn compared(answer: &RawValue) -> Result<Value, Problem> {
    let mut answer: Value = serde_json::from_str(answer.get()).map_err(Problem::internal)?;
    if let Some(members) = answer.as_object_mut() {
        members.remove("receipt");
        members.remove("evidence_digest");
    }
    Ok(answer)
}

fn erased(id: PrecheckId) -> ReplayView {
    ReplayView {
        id: id.to_string(),
        same: None,
        replay_incomplete: true,
        missing: vec!["request and answer, because they were erased".to_owned()],
        engine: EnginesView { then: None, now: ENGINE },
        then: None,
        now: None,
        differences: vec![],
    }
}
