//! A member requests a probe of its own endpoint, for example after a repair, so that it need not wait for the next planned one. The
//! answer is the health before the probe, which follows within seconds.

use super::sync::due;
use super::targets::{is_probed, target};
use crate::acts::{Act, Deed, Reply};
use crate::node::{Fault, ServiceError};
use serde_json::json;
use vasp_rules::endpoint_health::EndpointHealth;
use vasp_words::ids::EndpointId;

/// Shortest time between two requests for one endpoint, in seconds.
pub const ASK_SECS: i64 = 30;

/// An endpoint of the caller's VASP, with its health.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnHealth {
    /// Id of the endpoint.
    pub endpoint: EndpointId,
    /// Its health.
    pub health: EndpointHealth,
}

/// Schedules a probe of an endpoint of the caller's VASP within seconds.
///
/// # Errors
/// `ServiceError::NotFound` if the endpoint is another VASP's or is not probed, `Conflict` if a probe was requested just now,
/// `Store`.
pub fn ask_for_probe(act: Act<'_, OwnHealth>, endpoint: EndpointId) -> Result<Reply, ServiceError> {
    let (registry, now) = (act.registry, act.now);
    act.run("endpoint.probe", |transaction, identity| {
        let own = identity.vasp.map(|vasp| vasp.to_string());
        let generation = registry.pin(now);
        let record = identity.vasp.and_then(|vasp| generation.records().get(vasp)).filter(|record| is_probed(record));
        let published = record.and_then(|record| Some((record, record.endpoints.iter().find(|one| one.id == endpoint)?)));
        let target = published.and_then(|(record, published)| target(record, published, &generation.documents().protocols.value));
        let target = target.ok_or_else(|| {
            let detail = "Your VASP has no such endpoint that can be probed. The endpoint must be in use and have a host.";
            ServiceError::NotFound(detail.to_owned())
        })?;
        // What was published just now may not be planned yet.
        transaction.add_endpoint_probes(&[due(&target, now)])?;
        let since = now.plus_secs(-ASK_SECS).micros();
        if !transaction.ask_endpoint_probe(&endpoint.to_string(), since, now.micros())? {
            let detail = format!("A probe of this endpoint was requested less than {ASK_SECS} seconds ago; try again later.");
            return Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "probed_just_now", detail }));
        }
        let health = registry.directory().health().of(endpoint, now);
        Ok(Deed::new(OwnHealth { endpoint, health }, endpoint, json!({"vasp": own})))
    })
}
