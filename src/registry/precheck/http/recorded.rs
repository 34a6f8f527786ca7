//! `/v1/prechecks/{id}` and `/v1/prechecks/{id}/evidence`: the verdict and the evidence of a recorded pre-check, byte for byte as they were
//! recorded. Only the organisation that asked can read them. Also the parameter that asks for the evidence at once.

use actix_web::Responder;
use actix_web::web::{Data, Path};
use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::IntoParams;

use super::records::MISSING;
use crate::http::blocking::blocking;
use crate::http::listing::id_in_path;
use crate::http::permission::PrecheckRecord;
use crate::http::{App, Caller, Json, PRIVATE, Problem, Problems};
use crate::precheck::evidence::PrecheckEvidence;
use crate::precheck::verdict::Verdict;
use crate::precheck::{Extent, Recording};
use vasp_routing::get;
use vasp_words::ids::PrecheckId;

/// How much of an answer is wanted.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum View {
    /// The verdict alone.
    #[default]
    Verdict,
    /// The verdict with the evidence inside.
    Full,
}

/// Chooses how much of an answer is sent.
#[derive(Clone, Copy, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ViewQuery {
    /// `full` adds the evidence as the member `evidence`; `verdict` is the default. An answer with `alternatives` or `explanation` always
    /// has it.
    #[serde(default)]
    #[param(value_type = Option<String>, example = "full")]
    view: View,
}

impl ViewQuery {
    /// Returns how much is sent.
    pub(super) fn extent(self) -> Extent {
        match self.view {
            View::Verdict => Extent::Verdict,
            View::Full => Extent::Full,
        }
    }
}

/// Get a recorded pre-check.
///
/// Returns the verdict as it was sent. Only the organisation that asked can read it. Others get 404, as if it did not exist.
#[utoipa::path(params(("id" = String, Path, description = "The pre-check's id.")), security(("api_key" = [])), tag = "prechecks", responses((status = 200, description = "The verdict as it was sent.", body = Verdict), Problems))]
#[get("/v1/prechecks/{id}")]
pub(crate) async fn get_precheck(
    who: Caller<PrecheckRecord>,
    path: Path<String>,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    read(who, path, app, |recording| recording.verdict).await
}

/// Get the evidence of a recorded pre-check.
///
/// The verdict has the SHA-256 of this text as its `evidence_digest`. Only the organisation that asked can read it.
#[utoipa::path(params(("id" = String, Path, description = "The pre-check's id.")), security(("api_key" = [])), tag = "prechecks", responses((status = 200, description = "The evidence, canonical JSON (RFC 8785).", body = PrecheckEvidence), Problems))]
#[get("/v1/prechecks/{id}/evidence")]
pub(crate) async fn get_precheck_evidence(
    who: Caller<PrecheckRecord>,
    path: Path<String>,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    read(who, path, app, |recording| recording.evidence).await
}

async fn read(
    who: Caller<PrecheckRecord>,
    path: Path<String>,
    app: Data<App>,
    part: fn(Recording) -> Box<RawValue>,
) -> Result<impl Responder, Problem> {
    let (identity, id) = (who.known()?, id_in_path::<PrecheckId>(&path, MISSING)?);
    let read =
        move || crate::precheck::read_precheck(&app.registry, id, identity.organisation, app.clock.now(), &mut app.random.fork());
    let recording = blocking(read).await?;
    Ok(Json(part(recording)).customize().insert_header(PRIVATE))
}
