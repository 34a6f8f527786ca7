//! `/v1/objections`: anybody says that a published field is wrong, and reads how far the registry is with it.

use actix_web::HttpRequest;
use actix_web::http::StatusCode;
use actix_web::web::{Data, Path};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{ChallengeProgress, NewChallenge, challenged_record, evidence_page, open_challenge, read_challenge};
use crate::http::blocking::blocking;
use crate::http::permission::Anyone;
use crate::http::rare::Neighbours;
use crate::http::write::{Answer, reply};
use crate::http::{App, Caller, Json, Problem, Problems};
use crate::node::{ProblemCode, Refusal, ServiceError};
use vasp_record::challenge::{ChallengeState, ChallengedField};
use vasp_record::proposal::Reason;
use vasp_record::vasp_name::VaspName;
use vasp_routing::{get, post};
use vasp_words::ids::{ChallengeId, VaspId};
use vasp_words::time::UtcTime;

/// A challenge of a published field.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewChallenge)]
pub(crate) struct ChallengeInput {
    /// The id of a record, or an LEI that exactly one live record has.
    #[schema(value_type = String, example = "529900HNOAA1KXQJUQ27")]
    vasp: VaspName,
    field: ChallengedField,
    /// What is right. Only operators of the registry read it.
    #[schema(value_type = String, max_length = 4000, example = "The licence ended on 30 June 2026.")]
    right: Reason,
    /// A page that shows what is right, such as the authority's register. Only operators of the registry see it.
    #[schema(max_length = 2000, example = "https://register.example.org/firms/1")]
    evidence_url: String,
}

/// How far a challenge is.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Challenge)]
pub(crate) struct ChallengeView {
    /// Id of the challenge. Whoever knows it can read the state, and nothing else.
    #[schema(value_type = String, example = "chl_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    id: ChallengeId,
    /// Where the state can be read.
    #[schema(example = "/v1/objections/chl_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    href: String,
    /// Id of the record.
    vasp: VaspId,
    field: ChallengedField,
    state: ChallengeState,
    opened_at: UtcTime,
    /// When it should be decided.
    due_at: UtcTime,
    /// When it was decided; null if it is open.
    closed_at: Option<UtcTime>,
}

impl From<ChallengeProgress> for ChallengeView {
    fn from(progress: ChallengeProgress) -> Self {
        let ChallengeProgress { id, vasp, field, state, opened_at, due_at, closed_at } = progress;
        Self { id, href: format!("/v1/objections/{id}"), vasp, field, state, opened_at, due_at, closed_at }
    }
}

/// Challenge a published field.
///
/// Anybody may do this, without an account. An operator of the registry looks at it by the due date. What you say and the page that you name
/// are never published, and nothing about you is kept. One network address may challenge five fields at once and then one an hour; all
/// addresses of its network together, 20 fields of one record and then one a day. Others may have challenged the same field: each
/// challenge is read.
#[utoipa::path(
    tag = "vasps",
    request_body = ChallengeInput,
    security(()),
    responses((status = 201, description = "The challenge", body = ChallengeView), Problems)
)]
#[post("/v1/objections")]
pub(crate) async fn create_challenge(
    _who: Caller<Anyone>,
    request: HttpRequest,
    app: Data<App>,
    sent: Json<ChallengeInput>,
) -> Result<Answer, Problem> {
    let ChallengeInput { vasp, field, right, evidence_url } = sent.0;
    let (evidence, vasp) = (evidence_page(&evidence_url)?, challenged_record(&app.registry, vasp, app.clock.now())?);
    let network = app.throttle.caller_network(&request);
    let neighbours = network.map(|network| app.throttle.rare.charge(network, vasp)).transpose().map_err(|secs| {
        let detail = format!("Your network address has made as many challenges as it may; try again in {secs} s.");
        ServiceError::from(Refusal::new(ProblemCode::RateLimited, detail).retry_after_secs(secs))
    })?;
    let is_heard_beyond_limit = neighbours == Some(Neighbours::Silent);
    let new = NewChallenge { vasp, field, right, evidence, is_heard_beyond_limit };
    let opened = blocking(move || open_challenge(&app.registry, &new, app.clock.now(), &mut app.random.fork())).await?;
    Ok(Answer(reply(StatusCode::CREATED, None, ChallengeView::from(opened))))
}

/// Get the state of a challenge.
#[utoipa::path(
    tag = "vasps",
    params(("id" = String, Path, description = "Id of the challenge", example = "chl_01k2z8q4p8w0q6m4v3c1b5n7x9")),
    security(()),
    responses((status = 200, description = "The challenge", body = ChallengeView), Problems)
)]
#[get("/v1/objections/{id}")]
pub(crate) async fn get_challenge(
    _who: Caller<Anyone>,
    id: Path<String>,
    app: Data<App>,
) -> Result<Json<ChallengeView>, Problem> {
    let missing = |_| ServiceError::NotFound("There is no such challenge; its id begins with `chl_`.".to_owned());
    let id: ChallengeId = id.parse().map_err(missing)?;
    Ok(Json(blocking(move || read_challenge(&app.registry, id)).await?.into()))
}
