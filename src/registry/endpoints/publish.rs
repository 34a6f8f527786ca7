//! Publishes an endpoint. It takes effect at once, and people look at it afterwards.

use super::{Ground, SOURCE, SeenEndpoint, check_single, details, have_place_looked_at};
use crate::acts::{Act, Deed, Reply};
use crate::node::{Fault, ServiceError};
use crate::publishing::Publisher;
use vasp_record::endpoint::{Endpoint, EndpointStatus};
use vasp_rules::endpoint_rules::check::{ENDPOINTS_MAX, EndpointDraft, LIVE_ENDPOINTS_MAX};
use vasp_words::ids::EndpointId;

/// Publishes an endpoint.
///
/// # Errors
/// `ServiceError::Invalid` with the field that is not allowed; `IllegalStep` if the VASP is not verified; `Conflict` if the endpoint
/// exists already or there are too many; `Store`.
pub fn publish_endpoint(act: Act<'_, SeenEndpoint>, draft: EndpointDraft) -> Result<Reply, ServiceError> {
    let ground = Ground::of(act.registry, act.now);
    act.run("endpoint.publish", |transaction, identity| {
        let own = Publisher::of(transaction, identity)?;
        let record = ground.record(own.vasp)?;
        let checked = draft.check(&ground.check_by(record), ground.now)?;
        check_room(&own.items())?;
        let id = EndpointId::new(ground.now, transaction.conn_and_rng().1);
        let endpoint = checked.begin(id, ground.now);
        check_single(&own, &endpoint)?;
        own.tell(transaction, &endpoint, SOURCE);
        have_place_looked_at(&ground, record, &own, transaction, identity, &endpoint, "published an endpoint")?;
        let details = details(&own, &endpoint);
        Ok(Deed::new(ground.seen(endpoint, record), id, details))
    })
}

fn check_room(known: &[Endpoint]) -> Result<(), ServiceError> {
    let live = known.iter().filter(|endpoint| endpoint.status != EndpointStatus::Withdrawn).count();
    let detail = if live >= LIVE_ENDPOINTS_MAX {
        format!("a VASP may have at most {LIVE_ENDPOINTS_MAX} endpoints in use; withdraw one first")
    } else if known.len() >= ENDPOINTS_MAX {
        format!("a VASP may have at most {ENDPOINTS_MAX} endpoints, including withdrawn ones; change an existing one instead")
    } else {
        return Ok(());
    };
    Err(ServiceError::Conflict(Fault { pointer: String::new(), code: "too_many_endpoints", detail }))
}
