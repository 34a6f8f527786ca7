//! `/v1/sandbox/…`: routes that only a sandbox has.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;

use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vasp_routing::{get, patch, post};

use super::people::SignInCard;
use super::{Sandbox, Scenario, scenarios};
use crate::http::caller::Paid;
use crate::http::{App, Json, Problem, Problems};
use crate::node::ProblemCode;
use vasp_clock::Clock;
use vasp_words::time::UtcTime;

/// How far the clock can be moved at once, in seconds: ten years.
const MOST_SECS: u64 = 10 * 366 * 86_400;

/// The catalogue of a sandbox.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Catalogue {
    /// The scenarios, in an order in which all of them can be sent one after the other.
    items: Vec<Scenario>,
    /// The invented people, with what they need to sign in.
    people: Vec<SignInCard>,
}

/// How far to move the clock: by some seconds, or to a time. Exactly one of the two is given. At most ten years; the clock cannot go back.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Advance {
    /// Seconds to move by; null if `at` is given.
    #[serde(default)]
    #[schema(required = false, example = 86_400, minimum = 1)]
    advance_secs: Option<u64>,
    /// The time to move to, later than the sandbox's time; null if `advance_secs` is given.
    #[serde(default)]
    #[schema(required = false, value_type = Option<String>, format = DateTime)]
    at: Option<UtcTime>,
}

/// The sandbox's clock.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct ClockView {
    /// The time in the sandbox.
    #[schema(value_type = String, format = DateTime, example = "2026-06-01T12:00:00Z")]
    now: UtcTime,
}

/// The names under `.test` that the sandbox knows.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TestNamesBody {
    /// TXT records by name. A name with an empty list no longer exists.
    #[serde(default)]
    #[schema(required = false)]
    records: BTreeMap<String, BTreeSet<String>>,
    /// Where on this machine the servers of names listen, for probes of their endpoints. Null for a name whose server is gone. Kept until
    /// the sandbox stops.
    #[serde(default)]
    #[schema(required = false, value_type = BTreeMap<String, Option<String>>, example = json!({"mine.test": "127.0.0.1:8443"}))]
    servers: BTreeMap<String, Option<SocketAddr>>,
}

pub(super) fn sandbox(app: &App) -> Result<&Sandbox, Problem> {
    let sandbox = app.registry.sandbox();
    sandbox.ok_or_else(|| Problem::new(ProblemCode::NotFound, "Only a sandbox (`vasp-registry sandbox`) has this route."))
}

/// List what a sandbox can be asked, with the answers.
#[utoipa::path(tag = "sandbox", responses((status = 200, description = "The scenarios", body = Catalogue), Problems))]
#[get("/v1/sandbox/scenarios")]
pub(crate) async fn list_scenarios(_paid: Paid, app: Data<App>) -> Result<Json<Catalogue>, Problem> {
    let sandbox = sandbox(&app)?;
    let filled = &sandbox.filled;
    Ok(Json(Catalogue {
        items: scenarios(filled, sandbox.clock.now()).map_err(Problem::internal)?,
        people: filled.people.iter().map(|person| person.sign_in.clone()).collect(),
    }))
}

/// Read the sandbox's clock.
#[utoipa::path(tag = "sandbox", responses((status = 200, description = "The time", body = ClockView), Problems))]
#[get("/v1/sandbox/clock")]
pub(crate) async fn get_sandbox_clock(_paid: Paid, app: Data<App>) -> Result<Json<ClockView>, Problem> {
    Ok(Json(ClockView { now: sandbox(&app)?.clock.now() }))
}

/// Move the sandbox's clock forward.
#[utoipa::path(tag = "sandbox", request_body = Advance, responses((status = 200, description = "The time now", body = ClockView), Problems))]
#[post("/v1/sandbox/clock")]
pub(crate) async fn update_sandbox_clock(_paid: Paid, body: Json<Advance>, app: Data<App>) -> Result<Json<ClockView>, Problem> {
    let clock = &sandbox(&app)?.clock;
    match (body.0.advance_secs, body.0.at) {
        (Some(secs), None) if (1..=MOST_SECS).contains(&secs) => clock.advance(Duration::from_secs(secs)),
        (Some(_), None) => {
            let detail = format!("it must be between 1 and {MOST_SECS}; the clock can only be moved forward");
            return Err(Problem::invalid_value("/advance_secs", detail));
        }
        (None, Some(at)) if at <= clock.now().plus_secs(MOST_SECS.cast_signed()) => {
            let detail = |now| format!("the sandbox's time is {now}, and the clock can only be moved forward");
            clock.advance_to(at).map_err(|now| Problem::invalid_value("/at", detail(now)))?;
        }
        (None, Some(_)) => return Err(Problem::invalid_value("/at", "the clock can be moved by at most ten years at once")),
        _ => {
            let detail = "Send either `advance_secs`, a number of seconds, or `at`, a time; not both.";
            return Err(Problem::new(ProblemCode::InvalidRequest, detail));
        }
    }
    Ok(Json(ClockView { now: clock.now() }))
}

/// Publish TXT records and servers of names under .test.
///
/// The sandbox finds the records when it looks for the proof of a domain, and the servers when it probes an endpoint.
#[utoipa::path(tag = "sandbox", request_body = TestNamesBody, responses((status = 200, description = "All records", body = TestNamesBody), Problems))]
#[patch("/v1/sandbox/names")]
pub(crate) async fn update_test_names(
    _paid: Paid,
    body: Json<TestNamesBody>,
    app: Data<App>,
) -> Result<Json<TestNamesBody>, Problem> {
    let sandbox = sandbox(&app)?;
    for (name, texts) in body.0.records {
        let published = sandbox.names.publish(&name, texts);
        published.map_err(|error| Problem::new(ProblemCode::InvalidRequest, format!("{error}.")))?;
    }
    for (name, address) in body.0.servers {
        let listens = sandbox.names.listen(&name, address);
        listens.map_err(|error| Problem::new(ProblemCode::InvalidRequest, format!("{error}.")))?;
    }
    sandbox.keep_names().map_err(Problem::internal)?;
    let servers = sandbox.names.all_servers().into_iter().map(|(name, address)| (name, Some(address))).collect();
    Ok(Json(TestNamesBody { records: sandbox.names.all(), servers }))
}

/// Begin the sandbox anew. It answers again after some seconds, with new keys.
#[utoipa::path(tag = "sandbox", responses((status = 200, description = "The sandbox begins anew", body = ClockView), Problems))]
#[post("/v1/sandbox/reset")]
pub(crate) async fn reset_sandbox(_paid: Paid, app: Data<App>) -> Result<Json<ClockView>, Problem> {
    let sandbox = sandbox(&app)?;
    sandbox.ask_for_reset();
    Ok(Json(ClockView { now: sandbox.clock.now() }))
}
