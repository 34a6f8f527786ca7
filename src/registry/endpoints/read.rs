//! A member's endpoints as the member sees them, including those that may not be used, with the reason.

use std::sync::Arc;

use super::{Ground, MemberEndpoint, not_found};
use crate::acts::Identity;
use crate::node::{Page, Registry, ServiceError};
use vasp_record::endpoint::EndpointStatus;
use vasp_record::vasp::Vasp;
use vasp_words::ids::EndpointId;
use vasp_words::time::UtcTime;

/// Returns the caller's own record; `None` if it has none, or if the record was merged into another.
fn own_record<'a>(ground: &'a Ground, identity: &Identity) -> Option<&'a Arc<Vasp>> {
    identity.vasp.and_then(|vasp| ground.record(vasp).ok())
}

/// Returns one page of the endpoints, oldest first, without withdrawn ones.
#[must_use]
pub fn list_endpoints(
    registry: &Registry,
    identity: &Identity,
    after: Option<EndpointId>,
    limit: usize,
    now: UtcTime,
) -> Page<MemberEndpoint, EndpointId> {
    let ground = Ground::of(registry, now);
    let Some(record) = own_record(&ground, identity) else { return Page { items: vec![], next: None } };
    let mut live: Vec<_> = record.endpoints.iter().filter(|known| known.status != EndpointStatus::Withdrawn).collect();
    live.sort_by_key(|known| known.id);
    let rest = live.into_iter().filter(|known| after.is_none_or(|last| known.id > last));
    Page::of(rest.map(|known| ground.seen(known.clone(), record)), limit, |seen| seen.endpoint.id)
}

/// Returns one endpoint, even if it is withdrawn.
///
/// # Errors
/// `ServiceError::NotFound`, also for another VASP's endpoint.
pub fn read_endpoint(
    registry: &Registry,
    identity: &Identity,
    id: EndpointId,
    now: UtcTime,
) -> Result<MemberEndpoint, ServiceError> {
    let ground = Ground::of(registry, now);
    let record = own_record(&ground, identity).ok_or_else(not_found)?;
    let known = record.endpoints.iter().find(|known| known.id == id).ok_or_else(not_found)?;
    Ok(ground.seen(known.clone(), record))
}
