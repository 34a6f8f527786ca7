//! The routes of a pre-check: which facts `domain::routes` is given. Health comes from the probes' memory, the owner of a host from
//! the directory's proofs and delegations.

use std::cell::RefCell;

use super::gather::Gathered;
use super::record::SampledHealth;
use super::{Asking, PrecheckQuestion, Way};
use crate::directory::Generation;
use crate::service::Registry;
use crate::service::host_owner::HostOwner;
use vasp_record::endpoint::{Endpoint, Location};
use vasp_record::resolution::{Parties, ResolutionStatus};
use vasp_record::vasp::Vasp;
use vasp_rules::endpoint_rules::standing::Unusable;
use vasp_rules::obligations::ObligationsRequest;
use vasp_rules::policy::Policy;
use vasp_rules::precheck::Attribution;
use vasp_rules::routes::{DataDirection, RouteInput, RouteTransfer, Routes, routes};
use vasp_words::time::UtcTime;

/// What judges the routes beside the facts: who asks, by which policy, when.
pub(super) type Judging<'a> = (&'a Asking, &'a Policy, UtcTime);

/// Returns the routes to the counterparty, if one legal entity is settled, and what was seen of the endpoints.
pub(super) fn routes_to(
    registry: &Registry,
    generation: &Generation,
    question: &PrecheckQuestion,
    gathered: &Gathered,
    attribution: &Attribution<'_>,
    request: &ObligationsRequest,
    (asking, policy, now): Judging<'_>,
) -> (Option<Routes>, Vec<SampledHealth>) {
    let Some(theirs) = attribution.entity() else { return (None, vec![]) };
    let seen = RefCell::new(Vec::new());
    let health = |endpoint| {
        let health = asking.health(registry, endpoint, now);
        seen.borrow_mut().push(SampledHealth::of(endpoint, &health));
        health
    };
    let documents = generation.documents();
    let ours = gathered.own.and_then(|own| generation.records().get(own)).filter(|own| own.id != theirs.id);
    let network = match gathered.accounts.as_slice() {
        [account] => Some(account.caip2.clone()),
        _ => question.transfer.asset.as_ref().map(|asset| asset.chain().clone()),
    };
    let transfer = RouteTransfer {
        direction: match question.way {
            Way::Outgoing(_) => DataDirection::ToThem,
            Way::Incoming(..) => DataDirection::ToUs,
        },
        network,
        asset: question.transfer.asset.clone(),
        our_country: ours.and_then(|own| own.country).or(Some(gathered.own_country)),
        their_country: theirs.country,
    };
    let found = routes(&RouteInput {
        ours: ours.map(AsRef::as_ref),
        theirs,
        protocols: &documents.protocols.value,
        policy: policy.protocols(),
        transfer: &transfer,
        provided_fields: question.provided_fields.as_ref().map(|_| &request.provided_fields),
        health: &health,
        host_proven: &|vasp, endpoint| place_proven(generation, vasp, endpoint, now),
        now,
    });
    (Some(found), seen.into_inner())
}

/// Whether the place of an endpoint is its VASP's, by a domain that it proved or a delegated path of a platform, and nobody else
/// proved one nearer to its host.
fn place_proven(generation: &Generation, vasp: &Vasp, endpoint: &Endpoint, now: UtcTime) -> bool {
    if generation.standing(endpoint, vasp, now).reason() == Some(Unusable::DomainNotProven) {
        return false;
    }
    let Some(host) = endpoint.location.host() else { return true };
    let path = match &endpoint.location {
        Location::Url { url } => path_of(url),
        Location::HostPort { .. } | Location::Identifier { .. } | Location::Email { .. } => "",
    };
    let (found, records) = (HostOwner::find(generation, &host, path).resolution, generation.records());
    let is_theirs = |owner: vasp_words::ids::VaspId| records.party(owner) == records.party(vasp.id);
    found.status == ResolutionStatus::Owned && found.owners.iter().all(|owner| is_theirs(owner.vasp))
}

/// The path of a URL, without query.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("");
    path.split(['?', '#']).next().unwrap_or("")
}
