//! Restricts the use of an endpoint: pausing it, announcing maintenance, withdrawing it. Each takes effect at once, whatever the
//! endpoint's version and the record's status, and opens no case.

use super::{Ground, SOURCE, SeenEndpoint, details, live, not_found};
use crate::acts::{Act, Deed, Reply};
use crate::node::ServiceError;
use crate::publishing::Publisher;
use vasp_record::endpoint::{Endpoint, EndpointStatus, MaintenanceWindow};
use vasp_rules::endpoint_rules::maintenance::{check_window, merge_checked, not_over};
use vasp_words::ids::EndpointId;

/// The result of a step.
enum Step {
    /// The endpoint changed and gets a new version.
    Changed(Endpoint),
    /// Nothing changed: the endpoint is in that state already.
    Same(Endpoint),
}

/// Takes one restrictive step.
fn restrict(
    act: Act<'_, SeenEndpoint>,
    action: &str,
    step: impl FnOnce(&Publisher) -> Result<Step, ServiceError>,
) -> Result<Reply, ServiceError> {
    let ground = Ground::of(act.registry, act.now);
    act.run(action, |transaction, identity| {
        let own = Publisher::restricting(transaction, identity)?;
        let record = ground.record(own.vasp)?;
        let endpoint = match step(&own)? {
            Step::Changed(next) => Endpoint { version: next.version + 1, changed_at: ground.now, ..next },
            Step::Same(same) => same,
        };
        own.tell(transaction, &endpoint, SOURCE);
        let (id, details) = (endpoint.id, details(&own, &endpoint));
        Ok(Deed::new(ground.seen(endpoint, record), id, details))
    })
}

/// Pauses an endpoint until it is resumed.
///
/// # Errors
/// `ServiceError::NotFound`; `IllegalStep` if it is withdrawn; `Store`.
pub fn pause_endpoint(act: Act<'_, SeenEndpoint>, id: EndpointId) -> Result<Reply, ServiceError> {
    restrict(act, "endpoint.pause", |own| {
        let known = live(own, id)?;
        Ok(match known.status {
            EndpointStatus::Active => Step::Changed(Endpoint { status: EndpointStatus::Paused, ..known }),
            EndpointStatus::Paused | EndpointStatus::Withdrawn => Step::Same(known),
        })
    })
}

/// Withdraws an endpoint for good.
pub fn withdraw_endpoint(act: Act<'_, SeenEndpoint>, id: EndpointId) -> Result<Reply, ServiceError> {
    restrict(act, "endpoint.withdraw", |own| {
        let known: Endpoint = own.item(&id.to_string()).ok_or_else(not_found)?;
        Ok(match known.status {
            EndpointStatus::Withdrawn => Step::Same(known),
            EndpointStatus::Paused | EndpointStatus::Active => {
                Step::Changed(Endpoint { status: EndpointStatus::Withdrawn, ..known })
            }
        })
    })
}

/// Announces maintenance, in addition to what was announced before. Maintenance that has ended is removed.
///
/// # Errors
/// `ServiceError::NotFound`; `Invalid` if the window is not allowed, with the reason; `IllegalStep` if the endpoint is withdrawn;
/// `Store`.
pub fn announce_maintenance(
    act: Act<'_, SeenEndpoint>,
    id: EndpointId,
    window: MaintenanceWindow,
) -> Result<Reply, ServiceError> {
    let now = act.now;
    restrict(act, "endpoint.maintenance", |own| {
        let known = live(own, id)?;
        check_window(&window, now, "")?;
        let windows = not_over(&known.maintenance, now).cloned().chain([window]).collect();
        let maintenance = merge_checked(windows, "")?;
        Ok(if maintenance == known.maintenance { Step::Same(known) } else { Step::Changed(Endpoint { maintenance, ..known }) })
    })
}
