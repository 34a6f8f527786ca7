//! What the directory knows and what it does not: by country of the firms and by network of the addresses. It shows what "not found" means
//! there.

pub mod http;
mod networks;

pub use networks::{NetworkCoverage, NotFound, networks};

use std::collections::BTreeMap;

use crate::directory::Generation;
use serde::Serialize;
use utoipa::ToSchema;
use vasp_record::endpoint::EndpointStatus;
use vasp_record::licence::LicenceStatus;
use vasp_record::message_key::KeyStatus;
use vasp_record::vasp::{Vasp, VaspKind, VaspStatus};
use vasp_words::country::Country;
use vasp_words::time::{Date, UtcTime};

/// What the directory knows about the legal entities of one country.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct CountryCoverage {
    /// Country of incorporation (ISO 3166-1 alpha-2); null for the entities whose country is not known.
    pub country: Option<Country>,
    /// Legal entities. Those that ended or were merged into other records are left out.
    pub entities: usize,
    /// Those of them that are members whose identity was verified here.
    pub verified: usize,
    /// Those of them with a licence in force.
    pub licensed: usize,
    /// Those of the licensed whose licences in force were all last seen so long ago that they confirm nothing any more (`limit_days` of
    /// `GET /v1/sources`).
    pub licence_stale: usize,
    /// How many of them have an endpoint that is usable now: on a proven domain, active and not in maintenance.
    pub reachable: usize,
    /// How many of them have an endpoint, but none that is usable now.
    pub endpoint_unproven: usize,
    /// Those of them with a message key in use.
    pub with_key: usize,
    /// The last day on which a register showed the licence that was seen least lately; null without licences in force.
    pub oldest_seen: Option<Date>,
    /// The last day on which a register showed any of their licences; null without licences in force.
    pub newest_seen: Option<Date>,
}

/// Returns the coverage of all countries, in the order of their codes. The entities without a known country come first.
#[must_use]
pub fn countries(generation: &Generation, now: UtcTime) -> Vec<CountryCoverage> {
    let mut found: BTreeMap<Option<Country>, CountryCoverage> = BTreeMap::new();
    for vasp in generation.records().iter().filter(|vasp| vasp.kind == VaspKind::Entity && vasp.status.is_live()) {
        let line =
            found.entry(vasp.country).or_insert_with(|| CountryCoverage { country: vasp.country, ..CountryCoverage::default() });
        add(line, vasp, generation, now);
    }
    found.into_values().collect()
}

fn add(line: &mut CountryCoverage, vasp: &Vasp, generation: &Generation, now: UtcTime) {
    let limit = generation.documents().policy.value.freshness().register;
    let today = now.date();
    let is_stale =
        |seen: Option<Date>| seen.map_or(limit.unknown_after.is_some(), |seen| limit.is_passed(today.days_since(seen)));
    let in_force = || vasp.licences.iter().filter(|licence| licence.status_on(today) == LicenceStatus::InForce);
    let seen = || in_force().filter_map(|licence| licence.last_seen);
    let is_licensed = in_force().next().is_some();
    let is_reachable = !generation.usable_protocols(vasp, now).is_empty();
    line.entities += 1;
    line.verified += usize::from(vasp.status == VaspStatus::Verified);
    line.licensed += usize::from(is_licensed);
    line.licence_stale += usize::from(is_licensed && in_force().all(|licence| is_stale(licence.last_seen)));
    line.reachable += usize::from(is_reachable);
    line.endpoint_unproven +=
        usize::from(!is_reachable && vasp.endpoints.iter().any(|endpoint| endpoint.status != EndpointStatus::Withdrawn));
    line.with_key += usize::from(vasp.keys.iter().any(|key| key.status_at(now) == KeyStatus::Active));
    line.oldest_seen = line.oldest_seen.into_iter().chain(seen().min()).min();
    line.newest_seen = line.newest_seen.into_iter().chain(seen().max()).max();
}
