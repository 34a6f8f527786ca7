//! `/v1/sandbox/events`, `/v1/sandbox/trigger`: what can happen in a sandbox, and having it happen.

use actix_web::web::Data;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use vasp_routing::{get, post};

use super::super::http::sandbox;
use super::{Caused, EventView, NotCaused, Told, catalogue, cause};
use crate::http::blocking::away;
use crate::http::caller::Paid;
use crate::http::{App, Json, Problem, Problems};
use crate::node::ProblemCode;
use crate::webhooks::alert_kinds;
use vasp_words::ids::{AlertId, VaspId};
use vasp_words::text::sentence;

/// Everything that an organisation can be alerted about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SandboxEvents)]
pub(crate) struct EventsView {
    /// The kinds of alerts, ordered by name.
    items: Vec<EventView>,
}

/// An event to cause.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trigger {
    /// The kind of the alert that is to come of it.
    #[schema(example = "licence.withdrawn")]
    event: String,
    /// Whom it happens to: an LEI, a VASP's id, or a legal name. The first subject of `GET /v1/sandbox/events` if left out.
    #[schema(example = "ZZZZ00SANDBOX0000138")]
    subject: Option<String>,
}

/// What happened.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Triggered {
    /// The kind of the alert.
    #[schema(example = "licence.withdrawn")]
    event: String,
    /// The VASP that it happened to.
    #[schema(value_type = String, pattern = "^vasp_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "vasp_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    subject: VaspId,
    /// Its legal name.
    #[schema(example = "Elbe Example AG")]
    legal_name: String,
    /// What was done, in this order.
    changed: Vec<String>,
    /// Who got the alert. Webhooks of this organisation get it, too, if they take its kind.
    told: Told,
    /// The alert's id.
    #[schema(value_type = String, pattern = "^alr_[0-7][0-9a-hjkmnp-tv-z]{25}$", example = "alr_01k2z8q4p8w0q6m4v3c1b5n7x9")]
    alert: AlertId,
    /// Sequence of the directory at which the change was found.
    #[schema(example = 214)]
    sequence: i64,
}

impl Triggered {
    /// Renders what was caused; `None` if the alert is not of the form that alerts have.
    fn of(event: String, caused: Caused) -> Option<Self> {
        let Caused { subject, legal_name, told, changed, alert } = caused;
        let id = alert.get("id")?.as_str()?.parse().ok()?;
        let sequence = alert.get("sequence").and_then(Value::as_i64)?;
        Some(Self { event, subject, legal_name, changed, told, alert: id, sequence })
    }
}

fn problem(error: NotCaused) -> Problem {
    match &error {
        NotCaused::Unknown { .. } => {
            let valid: Vec<&str> = catalogue().map_or_else(|_| vec![], |all| all.events.iter().map(|one| &*one.event).collect());
            let detail = format!("{error}; the sandbox causes {}", valid.join(", "));
            Problem::invalid("/event", "invalid_value", detail)
        }
        NotCaused::Never { .. } => Problem::invalid("/event", "unsupported", error.to_string()),
        NotCaused::Subject { .. } => Problem::invalid("/subject", "invalid_value", error.to_string()),
        NotCaused::State { .. } => Problem::new(ProblemCode::IllegalStep, sentence(&error.to_string())),
        NotCaused::Failed(_) => Problem::internal(error),
    }
}

/// List what can happen in a sandbox.
#[utoipa::path(tag = "sandbox", responses((status = 200, description = "The events", body = EventsView), Problems))]
#[get("/v1/sandbox/events")]
pub(crate) async fn list_sandbox_events(_paid: Paid, app: Data<App>) -> Result<Json<EventsView>, Problem> {
    let facts = &sandbox(&app)?.filled().facts;
    let all = catalogue().map_err(Problem::internal)?;
    let mut items = vec![];
    for kind in alert_kinds() {
        items.push(match all.find(kind) {
            Some(event) => {
                let subjects = event.subjects.iter().map(|subject| facts.fill(subject)).collect::<Result<_, _>>();
                let subjects = subjects.map_err(Problem::internal)?;
                EventView {
                    event: kind.to_owned(),
                    about: Some(event.about.clone()),
                    subjects,
                    told: Some(event.told),
                    why_not: None,
                }
            }
            None => {
                let why_not = Some(all.why_not(kind).to_owned());
                EventView { event: kind.to_owned(), about: None, subjects: vec![], told: None, why_not }
            }
        });
    }
    items.sort_by(|one, other| one.event.cmp(&other.event));
    Ok(Json(EventsView { items }))
}

/// Cause an event in a sandbox.
///
/// What the event is about really changes: files are imported, or invented people act. The alert, and the messages to webhooks, come of that
/// as in a registry.
#[utoipa::path(tag = "sandbox", request_body = Trigger, responses((status = 200, description = "What happened", body = Triggered), Problems))]
#[post("/v1/sandbox/trigger")]
pub(crate) async fn trigger_sandbox_event(_paid: Paid, body: Json<Trigger>, app: Data<App>) -> Result<Json<Triggered>, Problem> {
    sandbox(&app)?;
    let Trigger { event, subject } = body.0;
    let (acting, kind) = (app.clone(), event.clone());
    let work = move || {
        let world = sandbox(&acting)?;
        cause(&acting.registry, world, &kind, subject.as_deref()).map_err(problem)
    };
    let caused = away(work).await??;
    Triggered::of(event, caused).map(Json).ok_or_else(|| Problem::internal("an alert has no id"))
}
