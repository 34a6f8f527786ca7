//! Recorded pre-checks: request, answer and the versions they rest on, sealed under the data key of the organisation that
//! asked; nobody else can read them back.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{ENGINE, PrecheckAnswer};
use crate::domain::endpoint_health::HealthState;
use crate::domain::ids::{EndpointId, OrganisationId, PrecheckId};
use crate::domain::policy::HealthFloor;
use crate::domain::routes::Route;
use crate::domain::time::UtcTime;
use crate::pki::DataKey;
use crate::service::{Registry, ServiceError};
use crate::store::PrecheckRow;
use rand_core::RngCore;

/// A sealed pre-check, ready to be kept.
pub type SealedPrecheck = PrecheckRow;

/// What is kept of a pre-check.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// The request as it was read.
    pub request: Box<RawValue>,
    /// The answer as it was sent.
    pub answer: Box<RawValue>,
    /// The moment of asking.
    pub now: UtcTime,
    /// Sequence of the directory.
    pub sequence: i64,
    /// Program.
    pub engine: String,
    /// Policy, `name@version`.
    pub policy: String,
    /// Version of the rulebook.
    pub rulebook: String,
    /// Version of the jurisdiction lists.
    pub lists: String,
    /// Versions of the screening lists, `id@date`.
    pub screening: Vec<String>,
    /// Version of the document of protocols; empty in what was recorded before there was one.
    #[serde(default)]
    pub protocols: String,
    /// What the probes had seen of the endpoints that were judged.
    #[serde(default)]
    pub health: Vec<SampledHealth>,
}

/// What the probes had seen of an endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampledHealth {
    /// Which.
    pub endpoint: EndpointId,
    /// How it fared.
    pub state: HealthFloor,
    /// When it was looked at.
    pub sampled_at: Option<UtcTime>,
}

impl SampledHealth {
    fn of(route: &Route) -> Self {
        let state = match route.health.state {
            HealthState::Down => HealthFloor::Down,
            HealthState::Degraded => HealthFloor::Degraded,
            HealthState::Unknown => HealthFloor::Unknown,
            HealthState::Responsive => HealthFloor::Responsive,
        };
        Self { endpoint: route.endpoint, state, sampled_at: route.health.sampled_at }
    }
}

fn purpose(id: &str) -> String {
    format!("precheck:{id}")
}

/// Seals a pre-check for the organisation that asked.
///
/// # Errors
/// `ServiceError::Key`, `ServiceError::Unreadable` where it cannot be written as JSON.
pub fn seal_precheck(
    key: &DataKey,
    (id, organisation): (PrecheckId, OrganisationId),
    (request, answer): (Box<RawValue>, Box<RawValue>),
    judged: &PrecheckAnswer,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<PrecheckRow, ServiceError> {
    let generation = &judged.generation;
    let documents = generation.documents();
    let lists = documents.screen.iter().flat_map(|screen| screen.value.lists());
    let recording = Recording {
        request,
        answer,
        now,
        sequence: generation.sequence(),
        engine: ENGINE.to_owned(),
        policy: documents.policy.value.to_string(),
        rulebook: documents.rulebook.value.version.clone(),
        lists: documents.lists.value.version.clone(),
        screening: lists.map(|list| format!("{}@{}", list.id, list.as_of)).collect(),
        protocols: documents.protocols.value.version.clone(),
        health: judged.routes.iter().flat_map(|routes| &routes.items).map(SampledHealth::of).collect(),
    };
    let unreadable = |e: serde_json::Error| ServiceError::Unreadable { what: "pre-check", reason: e.to_string() };
    let plain = serde_json::to_vec(&recording).map_err(unreadable)?;
    let id = id.to_string();
    Ok(PrecheckRow {
        sealed: key.seal(&purpose(&id), &plain, rng).map_err(ServiceError::Key)?,
        id,
        organisation: organisation.to_string(),
        recorded_at: now.micros(),
        sequence: generation.sequence(),
    })
}

/// Reads a recorded pre-check back, for the organisation that asked only.
///
/// # Errors
/// `ServiceError::NotFound` for others and where there is none, `Key`, `Store`, `Unreadable`.
pub fn read_precheck(
    registry: &Registry,
    id: PrecheckId,
    organisation: OrganisationId,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Recording, ServiceError> {
    let (id, owner) = (id.to_string(), organisation.to_string());
    let row = registry.store().read::<_, crate::store::StoreError>(|conn| conn.precheck(&id, &owner))?;
    let row = row.ok_or_else(|| ServiceError::NotFound(format!("There is no pre-check {id}.")))?;
    let key = registry.data_key(organisation, now, rng)?;
    let plain = key.open(&purpose(&id), &row.sealed).map_err(ServiceError::Key)?;
    serde_json::from_slice(&plain).map_err(|error| ServiceError::Unreadable { what: "pre-check", reason: error.to_string() })
}
