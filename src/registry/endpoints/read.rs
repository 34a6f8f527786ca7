//! Reads the endpoints of a record, including those that may not be used, with the reason.

use super::{Ground, SeenEndpoint, not_found};
use crate::node::{Page, Registry, ServiceError, find_vasp};
use vasp_record::endpoint::EndpointStatus;
use vasp_record::vasp_name::VaspName;
use vasp_words::ids::{EndpointId, VaspId};
use vasp_words::time::UtcTime;

/// Returns a record's id and one page of its endpoints, oldest first, without withdrawn ones.
///
/// # Errors
/// Those of `find_vasp`.
pub fn list_endpoints(
    registry: &Registry,
    vasp: VaspName,
    after: Option<EndpointId>,
    limit: usize,
    now: UtcTime,
) -> Result<(VaspId, Page<SeenEndpoint, EndpointId>), ServiceError> {
    let ground = Ground::of(registry, now);
    let record = find_vasp(ground.generation.records(), vasp)?;
    let mut live: Vec<_> = record.endpoints.iter().filter(|known| known.status != EndpointStatus::Withdrawn).collect();
    live.sort_by_key(|known| known.id);
    let rest = live.into_iter().filter(|known| after.is_none_or(|last| known.id > last));
    let page = Page::of(rest.map(|known| ground.seen(known.clone(), &record)), limit, |seen| seen.endpoint.id);
    Ok((record.id, page))
}

/// Returns a record's id and one of its endpoints, even if it is withdrawn.
///
/// # Errors
/// Those of `find_vasp`; `ServiceError::NotFound`, also for another VASP's endpoint.
pub fn read_endpoint(
    registry: &Registry,
    vasp: VaspName,
    id: EndpointId,
    now: UtcTime,
) -> Result<(VaspId, SeenEndpoint), ServiceError> {
    let ground = Ground::of(registry, now);
    let record = find_vasp(ground.generation.records(), vasp)?;
    let known = record.endpoints.iter().find(|known| known.id == id).ok_or_else(not_found)?;
    Ok((record.id, ground.seen(known.clone(), &record)))
}
