//! Changes an endpoint or resumes it, based on the version that the caller has seen. If the place is new, people look at it
//! afterwards.

use super::{Ground, SOURCE, SeenEndpoint, check_single, details, have_place_looked_at, seen_by_caller};
use crate::acts::{Act, Deed, Reply};
use crate::node::ServiceError;
use crate::publishing::Publisher;
use vasp_record::endpoint::{Endpoint, EndpointStatus, MaintenanceWindow};
use vasp_rules::endpoint_rules::LocationText;
use vasp_rules::endpoint_rules::check::EndpointDraft;
use vasp_rules::endpoint_rules::maintenance::not_over;
use vasp_words::country::Country;
use vasp_words::ids::EndpointId;

/// The changes to an endpoint. `None` leaves a value as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EndpointPatch {
    /// Versions of the protocol.
    pub versions: Option<Vec<String>>,
    /// Where the endpoint is reached.
    pub location: Option<LocationText>,
    /// Field codes that others must send.
    pub incoming: Option<Vec<String>>,
    /// Field codes that others must be able to receive.
    pub outgoing: Option<Vec<String>>,
    /// Networks.
    pub networks: Option<Vec<String>>,
    /// Assets.
    pub assets: Option<Vec<String>>,
    /// Countries of counterparties.
    pub regions: Option<Vec<Country>>,
    /// All maintenance that has not ended.
    pub maintenance: Option<Vec<MaintenanceWindow>>,
}

impl EndpointPatch {
    fn apply(self, to: EndpointDraft) -> EndpointDraft {
        let Self { versions, location, incoming, outgoing, networks, assets, regions, maintenance } = self;
        EndpointDraft {
            protocol: to.protocol,
            versions: versions.unwrap_or(to.versions),
            location: location.unwrap_or(to.location),
            incoming: incoming.unwrap_or(to.incoming),
            outgoing: outgoing.unwrap_or(to.outgoing),
            networks: networks.unwrap_or(to.networks),
            assets: assets.unwrap_or(to.assets),
            regions: regions.unwrap_or(to.regions),
            maintenance: maintenance.unwrap_or(to.maintenance),
        }
    }
}

/// Changes an endpoint.
///
/// # Errors
/// `ServiceError::NotFound`; `Changed`; `Invalid` with the field that is not allowed; `IllegalStep` if the VASP is not verified or
/// the endpoint is withdrawn; `Conflict` if another endpoint is at the same place; `Store`.
pub fn change_endpoint(
    act: Act<'_, SeenEndpoint>,
    id: EndpointId,
    patch: EndpointPatch,
    expected: &dyn Fn(&str) -> bool,
) -> Result<Reply, ServiceError> {
    let ground = Ground::of(act.registry, act.now);
    act.run("endpoint.change", |transaction, identity| {
        let own = Publisher::of(transaction, identity)?;
        let known = seen_by_caller(&own, id, expected)?;
        let record = ground.record(own.vasp)?;
        let before = EndpointDraft::from(&known);
        let before = EndpointDraft { maintenance: not_over(&known.maintenance, ground.now).cloned().collect(), ..before };
        let checked = patch.apply(before).check(&ground.check_by(record), ground.now)?;
        let endpoint = checked.replace(&known, ground.now);
        check_single(&own, &endpoint)?;
        own.tell(transaction, &endpoint, SOURCE);
        if endpoint.location != known.location {
            have_place_looked_at(&ground, record, &own, transaction, identity, &endpoint, "moved its endpoint")?;
        }
        let details = details(&own, &endpoint);
        Ok(Deed::new(ground.seen(endpoint, record), id, details))
    })
}

/// Resumes an endpoint.
///
/// # Errors
/// `ServiceError::NotFound`; `Changed`; `IllegalStep` if the VASP is not verified or the endpoint is withdrawn; `Store`.
pub fn resume_endpoint(
    act: Act<'_, SeenEndpoint>,
    id: EndpointId,
    expected: &dyn Fn(&str) -> bool,
) -> Result<Reply, ServiceError> {
    let ground = Ground::of(act.registry, act.now);
    act.run("endpoint.resume", |transaction, identity| {
        let own = Publisher::of(transaction, identity)?;
        let known = seen_by_caller(&own, id, expected)?;
        let record = ground.record(own.vasp)?;
        let endpoint = match known.status {
            EndpointStatus::Paused => {
                Endpoint { status: EndpointStatus::Active, version: known.version + 1, changed_at: ground.now, ..known }
            }
            EndpointStatus::Active | EndpointStatus::Withdrawn => known,
        };
        own.tell(transaction, &endpoint, SOURCE);
        let details = details(&own, &endpoint);
        Ok(Deed::new(ground.seen(endpoint, record), id, details))
    })
}
