//! Reads the health of a VASP's endpoints from memory, without the store.

use std::sync::Arc;

use crate::directory::Generation;
use crate::node::{Holds, Registry, ServiceError, ValidUntil, find_vasp};
use vasp_record::endpoint::EndpointStatus;
use vasp_record::vasp_name::VaspName;
use vasp_rules::endpoint_health::EndpointHealth;
use vasp_rules::protocol::ProtocolId;
use vasp_words::ids::{EndpointId, VaspId};
use vasp_words::time::UtcTime;

/// The health of one endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointReading {
    /// Id of the endpoint.
    pub endpoint: EndpointId,
    /// Its protocol.
    pub protocol: ProtocolId,
    /// Its health.
    pub health: EndpointHealth,
}

/// The health of a VASP's endpoints.
#[derive(Clone, Debug)]
pub struct HealthAnswer {
    /// Id of the VASP.
    pub vasp: VaspId,
    /// The health of each endpoint, in order of id.
    pub endpoints: Vec<EndpointReading>,
    /// The directory that was asked.
    pub generation: Arc<Generation>,
    /// Until when the answer may be used.
    pub valid_until: ValidUntil,
}

/// Returns the health of a VASP's endpoints, without withdrawn ones.
pub fn read_health(registry: &Registry, vasp: VaspName, now: UtcTime) -> Result<HealthAnswer, ServiceError> {
    let generation = registry.pin(now);
    let record = find_vasp(generation.records(), vasp)?;
    let kept = record.endpoints.iter().filter(|endpoint| endpoint.status != EndpointStatus::Withdrawn);
    let mut endpoints: Vec<_> = kept
        .map(|endpoint| {
            let health = registry.directory().health().of(endpoint.id, now);
            let in_maintenance = endpoint.maintenance_at(now).is_some();
            let health = if in_maintenance { health.during_maintenance() } else { health };
            EndpointReading { endpoint: endpoint.id, protocol: endpoint.protocol.clone(), health }
        })
        .collect();
    endpoints.sort_by_key(|reading| reading.endpoint);
    let valid_until = registry.valid_until(Holds::before(now, []));
    Ok(HealthAnswer { vasp: record.id, endpoints, generation, valid_until })
}
