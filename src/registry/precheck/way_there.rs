//! The routes of a pre-check: collects the facts for `vasp_rules::routes`. Health comes from the probes' memory. The owner of a host
//! comes from the directory's proofs and delegations.

use std::cell::RefCell;

use super::gather::Gathered;
use super::record::SampledHealth;
use super::{Asking, PrecheckQuestion, Way};
use crate::directory::Generation;
use crate::node::Registry;
use crate::resolve::host_owner::HostOwner;
use vasp_record::endpoint::{Endpoint, Location};
use vasp_record::resolution::{Parties, ResolutionStatus};
use vasp_record::vasp::Vasp;
use vasp_rules::endpoint_rules::standing::Unusable;
use vasp_rules::obligations::ObligationsRequest;
use vasp_rules::policy::Policy;
use vasp_rules::precheck::Attribution;
use vasp_rules::routes::{DataDirection, RouteInput, RouteReason, RouteTransfer, Routes, routes};
use vasp_words::time::UtcTime;

/// What judges the routes besides the facts: the asker, the policy, and the moment.
pub(super) type Judging<'a> = (&'a Asking, &'a Policy, UtcTime);

/// Returns the routes to the counterparty, or `None` if no legal entity is settled. Also returns the health of the endpoints.
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
    let transfer = RouteTransfer {
        direction: match question.way {
            Way::Outgoing(_) => DataDirection::ToThem,
            Way::Incoming(..) => DataDirection::ToUs,
        },
        network: gathered.network(question),
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
        unproven: &|vasp, endpoint| unproven(generation, vasp, endpoint),
        now,
    });
    (Some(found), seen.into_inner())
}

/// Returns why an endpoint's location is not accepted as its VASP's own. The VASP proved no domain for it, and it has no delegated
/// platform path and no confirmed identifier. Or somebody else proved a name nearer to its host.
fn unproven(generation: &Generation, vasp: &Vasp, endpoint: &Endpoint) -> Option<RouteReason> {
    match generation.unproven(endpoint, vasp) {
        None => {}
        Some(Unusable::Declared) => return Some(RouteReason::Declared),
        Some(Unusable::IdentifierConflicted) => return Some(RouteReason::IdentifierConflicted),
        Some(_) => return Some(RouteReason::DomainNotProven),
    }
    let host = endpoint.location.host()?;
    let path = match &endpoint.location {
        Location::Url { url } => path_of(url),
        Location::HostPort { .. } | Location::Identifier { .. } | Location::Email { .. } => "",
    };
    let (found, records) = (HostOwner::find(generation, &host, path).resolution, generation.records());
    let is_theirs = |owner: vasp_words::ids::VaspId| records.party(owner) == records.party(vasp.id);
    let owned = found.status == ResolutionStatus::Owned && found.owners.iter().all(|owner| is_theirs(owner.vasp));
    (!owned).then_some(RouteReason::DomainNotProven)
}

/// Returns the path of a URL without the query.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or("");
    path.split(['?', '#']).next().unwrap_or("")
}
