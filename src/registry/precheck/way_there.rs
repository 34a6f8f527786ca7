//! The routes of a pre-check: collects the facts for `vasp_rules::routes`. Health comes from the probes' memory. The owner of a host
//! comes from the directory's proofs and delegations.

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::gather::Gathered;
use super::record::SampledHealth;
use super::{Asking, PrecheckQuestion, Way};
use crate::directory::Generation;
use crate::node::{Registry, ServiceError};
use crate::resolve::host_owner::HostOwner;
use crate::vasp_lists::Reach;
use vasp_addresses::address::{Account, MemoPresence};
use vasp_addresses::network::NetworkTable;
use vasp_record::endpoint::{Endpoint, Location};
use vasp_record::resolution::{Parties, ResolutionStatus};
use vasp_record::vasp::Vasp;
use vasp_rules::endpoint_rules::standing::Unusable;
use vasp_rules::obligations::ObligationsRequest;
use vasp_rules::policy::Policy;
use vasp_rules::precheck::Attribution;
use vasp_rules::routes::{DataDirection, RouteInput, RouteReason, RouteTransfer, Routes, routes};
use vasp_rules::rulebook::FieldCode;
use vasp_words::time::UtcTime;

/// What judges the routes besides the facts: the asker, the policy, the lists of providers, and the moment.
pub(super) type Judging<'a> = (&'a Asking, &'a Policy, &'a Reach, UtcTime);

/// Returns the routes to the counterparty, or `None` if no legal entity is settled. Also returns the health of the endpoints.
pub(super) fn routes_to(
    registry: &Registry,
    generation: &Generation,
    question: &PrecheckQuestion,
    gathered: &Gathered,
    attribution: &Attribution<'_>,
    request: &ObligationsRequest,
    (asking, policy, reach, now): Judging<'_>,
) -> Result<(Option<Routes>, Vec<SampledHealth>), ServiceError> {
    let Some(theirs) = attribution.entity() else { return Ok((None, vec![])) };
    let (listed, spoken) = reach.places(generation, theirs)?;
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
        originator: request.originator_type,
        told: told(question, gathered),
    };
    let found = routes(&RouteInput {
        ours: ours.map(AsRef::as_ref),
        theirs,
        protocols: &documents.protocols.value,
        policy: policy.protocols(),
        listed: &listed,
        spoken: &spoken,
        transfer: &transfer,
        provided_fields: question.provided_fields.as_ref().map(|_| &request.provided_fields),
        health: &health,
        unproven: &|vasp, endpoint| unproven(generation, vasp, endpoint),
        now,
    });
    Ok((Some(found), seen.into_inner()))
}

/// Returns what the question tells beside the data of persons. Both institutions are known: routes lead to a settled entity. A question about
/// no address is about no transfer yet, so nothing of one is missing. A memo is needed only where custodians require one.
fn told(question: &PrecheckQuestion, gathered: &Gathered) -> BTreeSet<FieldCode> {
    let lacks_memo = |account: &Account| {
        let network = NetworkTable::embedded().by_number(account.network);
        account.memo.is_none() && network.is_some_and(|network| network.memo_rule.presence == MemoPresence::RequiredByCustodians)
    };
    let has_network = gathered.accounts.is_empty() || gathered.network(question).is_some();
    let codes = [
        Some("originator.institution"),
        Some("beneficiary.institution"),
        has_network.then_some("transfer.network"),
        (!gathered.accounts.iter().any(lacks_memo)).then_some("transfer.memo"),
    ];
    codes.into_iter().flatten().filter_map(|code| code.parse().ok()).collect()
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
