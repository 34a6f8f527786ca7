//! Recorded pre-checks: the request, the verdict, the evidence and the versions behind them. They are sealed under the data key of the organisation
//! that asked; nobody else can read them.

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::pack::{pack, unpack};
use super::reliance::reliance;
use super::{Digests, ENGINE, PrecheckAnswer};
use crate::directory::Documents;
use crate::node::{Registry, ServiceError};
use rand_core::RngCore;
use vasp_pki::DataKey;
use vasp_rules::endpoint_health::{EndpointHealth, HealthState};
use vasp_rules::policy::Circumstance;
use vasp_rules::precheck::CheckResult;
use vasp_rules::precheck_retention::PrecheckRetention;
use vasp_store::{NewPrecheck, PrecheckRecord, PrecheckRow};
use vasp_words::ids::{EndpointId, OrganisationId, PrecheckId, VaspId};
use vasp_words::time::UtcTime;

/// A sealed pre-check that is ready to be stored, with what the organisation relies on.
pub type SealedPrecheck = NewPrecheck;

/// The sealed content of a recorded pre-check.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recording {
    /// The request as it was sent.
    pub request: Box<RawValue>,
    /// The moment as of which the pre-check was judged.
    pub now: UtcTime,
    /// When it was asked, by the clock. `None` if that is the same moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asked_at: Option<UtcTime>,
    /// The directory's sequence.
    pub sequence: i64,
    /// The program version that computed the answer.
    pub engine: String,
    /// Policy, `name@version`.
    pub policy: String,
    /// Version of the rulebook.
    pub rulebook: String,
    /// Version of the jurisdiction lists.
    pub lists: String,
    /// Versions of the screening lists, `id@date`.
    pub screening: Vec<String>,
    /// Version of the protocols document. Empty if the recording is older than that document.
    #[serde(default)]
    pub protocols: String,
    /// The health of the endpoints that were judged, as the probes had seen it.
    #[serde(default)]
    pub health: Vec<SampledHealth>,
    /// The asker's VASP, on whose behalf the pre-check was made.
    #[serde(default)]
    pub own: Option<VaspId>,
    /// The organisation whose policies and relationships applied.
    #[serde(default)]
    pub whose: Option<OrganisationId>,
    /// The revision of that organisation's private state. 0 if it had none.
    #[serde(default)]
    pub revision: i64,
    /// The organisation that answered the questionnaire about the counterparty, and the revision of its private state.
    #[serde(default)]
    pub answered: Option<(OrganisationId, i64)>,
    /// The codes of all findings of all checks.
    #[serde(default)]
    pub codes: Vec<String>,
    /// Circumstances that held besides the findings.
    #[serde(default)]
    pub circumstances: Vec<Circumstance>,
    /// The verdict as it was sent. It and the evidence must be the last members, see `with_answer`.
    pub verdict: Box<RawValue>,
    /// The evidence, canonical JSON.
    pub evidence: Box<RawValue>,
}

/// The health of an endpoint, as the probes had seen it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SampledHealth {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The state of the endpoint.
    pub state: HealthState,
    /// When it was probed. `None` if it was not.
    pub sampled_at: Option<UtcTime>,
    /// The version of its protocol that it took after it refused the registry's. `None` if it took that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoken: Option<String>,
}

impl SampledHealth {
    /// Takes what the probes saw of an endpoint.
    pub(super) fn of(endpoint: EndpointId, health: &EndpointHealth) -> Self {
        Self { endpoint, state: health.state, sampled_at: health.sampled_at, spoken: health.spoken.clone() }
    }

    /// Returns the recorded health, with the parts that the choice of routes uses.
    pub(super) fn as_it_was(&self) -> EndpointHealth {
        let spoken = self.spoken.clone();
        EndpointHealth { state: self.state, sampled_at: self.sampled_at, spoken, ..EndpointHealth::default() }
    }
}

fn purpose(id: PrecheckId) -> String {
    format!("precheck:{id}")
}

/// Returns the versions of the screening lists that were searched, `id@date`.
pub(super) fn screening_versions(documents: &Documents) -> Vec<String> {
    let lists = documents.screen.iter().flat_map(|screen| screen.value.lists());
    lists.map(|list| format!("{}@{}", list.id, list.as_of)).collect()
}

/// The texts to keep: request, verdict and evidence, with their digests.
#[derive(Clone, Debug)]
pub struct Kept<'a> {
    /// The request as it was sent.
    pub request: &'a RawValue,
    /// The verdict as it is sent, in JSON.
    pub verdict: &'a str,
    /// The evidence, in canonical JSON.
    pub evidence: &'a str,
    /// Their digests.
    pub digests: Digests,
    /// How long the organisation keeps what it records now; `None` if the law alone decides.
    pub retention: Option<PrecheckRetention>,
}

/// Seals a pre-check for the organisation that asked. Addresses, amounts and names are only in the sealed part.
///
/// # Errors
/// `ServiceError::Key`; `ServiceError::Unreadable` if it cannot be written as JSON.
pub fn seal_precheck(
    key: &DataKey,
    id: PrecheckId,
    organisation: OrganisationId,
    kept: Kept<'_>,
    judged: &PrecheckAnswer,
    recorded_at: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<SealedPrecheck, ServiceError> {
    let (generation, outcome) = (&judged.generation, &judged.outcome);
    let documents = generation.documents();
    let policy = judged.policy.to_string();
    let recording = Recording {
        request: kept.request.to_owned(),
        now: judged.at,
        asked_at: Some(recorded_at).filter(|asked| *asked != judged.at),
        sequence: generation.sequence(),
        engine: ENGINE.to_owned(),
        policy: policy.clone(),
        rulebook: documents.rulebook.value.version.clone(),
        lists: documents.lists.value.version.clone(),
        screening: screening_versions(documents),
        protocols: documents.protocols.value.version.clone(),
        health: judged.health.clone(),
        own: judged.own,
        whose: judged.whose,
        revision: judged.revision,
        answered: judged.answered,
        codes: outcome.checks.iter().flat_map(CheckResult::codes).map(|code| code.as_str().to_owned()).collect(),
        circumstances: outcome.circumstances.iter().collect(),
        verdict: RawValue::NULL.to_owned(),
        evidence: RawValue::NULL.to_owned(),
    };
    let plain = pack(&with_answer(&recording, kept.verdict, kept.evidence)?).map_err(|error| unreadable(&error))?;
    let reliance = reliance(judged, id, organisation, key, recorded_at, rng)?;
    let record = PrecheckRecord {
        id,
        recorded_at,
        sequence: generation.sequence(),
        recommendation: Some(outcome.recommendation.as_str().to_owned()),
        codes: Some(outcome.reasons.iter().fold(" ".to_owned(), |all, reason| all + reason.code.as_str() + " ")),
        counterparty: outcome.counterparty,
        policy: Some(policy),
        request_digest: Some(kept.digests.request),
        verdict_digest: Some(kept.digests.verdict),
        evidence_digest: Some(kept.digests.evidence),
        erased_at: None,
        floor_days: i32::try_from(judged.floor.period.days()).unwrap_or(i32::MAX),
        floor_by: judged.floor.by.clone(),
        kept_until: judged.floor.kept_until(kept.retention, recorded_at),
    };
    let row = PrecheckRow {
        record,
        organisation,
        sealed: key.seal(&purpose(id), &plain, rng).map_err(ServiceError::Key)?,
        destination: reliance.destination.as_ref().map(|destination| destination.token.clone()),
    };
    Ok(NewPrecheck { row, reliance, once: None })
}

/// Reads a recorded pre-check. Only the organisation that asked can do this.
///
/// # Errors
/// `ServiceError::NotFound` if there is none, if another organisation asked, or if it was erased. Also `Key`, `Store`, `Unreadable`.
pub fn read_precheck(
    registry: &Registry,
    id: PrecheckId,
    organisation: OrganisationId,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<Recording, ServiceError> {
    let row = registry.store().read::<_, vasp_store::StoreError>(|conn| conn.precheck(id, organisation))?;
    opened(&present(row, id)?, &registry.data_key(organisation, now, rng)?)
}

/// Opens a pre-check that is not erased.
pub(super) fn opened(row: &PrecheckRow, key: &DataKey) -> Result<Recording, ServiceError> {
    let packed = key.open(&purpose(row.record.id), &row.sealed).map_err(ServiceError::Key)?;
    let plain = unpack(&packed).map_err(|error| unreadable(&error))?;
    serde_json::from_slice(&plain).map_err(|error| unreadable(&error))
}

/// Refuses a pre-check that the organisation does not have, or whose contents are gone.
pub(super) fn present(row: Option<PrecheckRow>, id: PrecheckId) -> Result<PrecheckRow, ServiceError> {
    let row = row.ok_or_else(|| missing(id))?;
    if row.record.erased_at.is_some() { Err(erased(id)) } else { Ok(row) }
}

/// Returns the error for a pre-check that the organisation does not have.
pub(super) fn missing(id: PrecheckId) -> ServiceError {
    ServiceError::NotFound(format!("There is no pre-check {id}."))
}

/// Returns the error for a pre-check whose contents are gone.
pub(crate) fn erased(id: PrecheckId) -> ServiceError {
    ServiceError::NotFound(format!("The request and answer of {id} were erased; GET /v1/prechecks lists what is kept."))
}

fn unreadable(error: &dyn std::fmt::Display) -> ServiceError {
    ServiceError::Unreadable { what: "pre-check", reason: error.to_string() }
}

/// Writes a recording with verdict and evidence inserted for its null members. They are long and already JSON, so they are not parsed again.
fn with_answer(recording: &Recording, verdict: &str, evidence: &str) -> Result<String, ServiceError> {
    const EMPTY: &str = "\"verdict\":null,\"evidence\":null}";
    let mut text = serde_json::to_string(recording)?;
    let open = text.strip_suffix(EMPTY).ok_or_else(|| unreadable(&"the recording has no members for its answer"))?.len();
    text.truncate(open);
    text.reserve(verdict.len() + evidence.len() + EMPTY.len());
    text.extend(["\"verdict\":", verdict, ",\"evidence\":", evidence, "}"]);
    Ok(text)
}
