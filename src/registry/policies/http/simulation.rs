//! `POST /v1/policies/simulate`: what another policy would have recommended.

use actix_web::web::Data;
use actix_web::{HttpRequest, Responder};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::http::blocking::about_the_past;
use crate::http::caller::Past;
use crate::http::permission::PolicyRead;
use crate::http::{App, Caller, Json, PRIVATE, Problem, Problems};
use crate::policies::{SimulatedChange, Simulation, SimulationAsked, simulate};
use crate::precheck::http::replay::recorded_question;
use vasp_routing::post;
use vasp_rules::policy::{PolicyReferenceError, Recommendation};

/// The maximum number of pre-checks of one simulation, and the default number.
const LAST_MAX: usize = 1_000;
const LAST: usize = 100;

/// A request for a simulation.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Simulate {
    /// A policy, `name` or `name@version`, or the document of a policy that is not stored.
    #[schema(value_type = serde_json::Value, example = "strict@2")]
    policy: Box<RawValue>,
    /// How many of the newest recorded pre-checks to replay, 1 to 1,000; 100 by default.
    #[serde(default)]
    last: Option<usize>,
}

/// The result of a simulation.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicySimulation)]
pub(crate) struct SimulationView {
    /// `name@version`.
    policy: String,
    /// The number of replayed pre-checks.
    replayed: usize,
    /// The number of pre-checks left out: erased meanwhile, impossible to replay, or beyond the number of past directories to load.
    left_out: usize,
    /// The number of pre-checks with another recommendation under this policy.
    changed: usize,
    /// The number of pre-checks for each pair of recorded and new recommendation, including unchanged ones.
    counts: Vec<SimulationCountView>,
    /// The pre-checks with another recommendation under this policy, newest first; at most 100.
    items: Vec<SimulatedChangeView>,
}

/// The number of pre-checks that went from one recommendation to another.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicySimulationCount)]
pub(crate) struct SimulationCountView {
    from: Recommendation,
    to: Recommendation,
    prechecks: usize,
}

/// A pre-check with another recommendation under the simulated policy.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = PolicySimulationChange)]
pub(crate) struct SimulatedChangeView {
    /// The pre-check's id.
    id: String,
    from: Recommendation,
    to: Recommendation,
    /// Codes of the reasons why it would not be `proceed`, worst first.
    reasons: Vec<&'static str>,
}

impl From<Simulation> for SimulationView {
    fn from(found: Simulation) -> Self {
        let changed = found.counts.iter().filter(|((from, to), _)| from != to).map(|(_, count)| count).sum();
        let count = |(from, to): (Recommendation, Recommendation), prechecks| SimulationCountView { from, to, prechecks };
        Self {
            policy: found.policy.to_string(),
            replayed: found.replayed,
            left_out: found.left_out,
            changed,
            counts: found.counts.iter().map(|(pair, prechecks)| count(*pair, *prechecks)).collect(),
            items: found.changed.into_iter().map(SimulatedChangeView::from).collect(),
        }
    }
}

impl From<SimulatedChange> for SimulatedChangeView {
    fn from(one: SimulatedChange) -> Self {
        let reasons = one.reasons.iter().map(|code| code.as_str()).collect();
        Self { id: one.id, from: one.from, to: one.to, reasons }
    }
}

fn read_asked(policy: &RawValue) -> Result<SimulationAsked, Problem> {
    match serde_json::from_str::<String>(policy.get()) {
        Ok(text) => text
            .parse()
            .map(SimulationAsked::Kept)
            .map_err(|error: PolicyReferenceError| Problem::invalid_value("/policy", error.to_string())),
        Err(_) => Ok(SimulationAsked::Document(policy.get().to_owned())),
    }
}

/// Simulate a policy on the newest recorded pre-checks.
///
/// Each pre-check is replayed with what the registry knew at its time. Nothing is recorded.
#[utoipa::path(tag = "policies", request_body = Simulate, responses((status = 200, description = "What would have come out otherwise.", body = SimulationView), Problems))]
#[post("/v1/policies/simulate")]
pub(crate) async fn simulate_policy(
    who: Caller<PolicyRead>,
    body: Json<Simulate>,
    request: HttpRequest,
    app: Data<App>,
) -> Result<impl Responder, Problem> {
    who.charge_past(&app, &request, Past::Whole)?;
    let identity = who.known()?;
    let last = body.0.last.unwrap_or(LAST);
    if !(1..=LAST_MAX).contains(&last) {
        return Err(Problem::invalid_value("/last", format!("a simulation can replay 1 to {LAST_MAX} pre-checks, not {last}")));
    }
    let asked = read_asked(&body.0.policy)?;
    let asking = app.clone();
    let found = about_the_past(&app, Past::Whole, move || {
        let (now, mut rng) = (asking.clock.now(), asking.random.fork());
        simulate(&asking.registry, &identity, &asked, last, &recorded_question, now, &mut rng)
    });
    let found = found.await?;
    Ok(Json(SimulationView::from(found)).customize().insert_header(PRIVATE))
}
