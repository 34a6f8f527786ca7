//! Routes: the protocols by which two VASPs can exchange the data of a transfer now, best first, and why others cannot be used.
//! The module is pure: its input is the records, the protocols, the policy and the results of the probes. If both sides have no
//! protocol in common, it gives the nearest way. Callers: the pre-check's `protocol` and `certificate` checks and its view.

mod certificate;
mod endpoint;
#[cfg(test)]
pub(crate) mod examples;
mod nearest;
mod obstacle;
#[cfg(test)]
mod properties;
#[cfg(test)]
mod tests;

pub use certificate::{CertificateJudgement, CertificateStanding, judge_all_certificates, judge_certificates};
pub use nearest::Nearest;
pub use obstacle::{Obstacle, RouteReason};

use std::collections::BTreeSet;

use self::endpoint::Found;
use super::endpoint_health::{EndpointHealth, HealthState};
use super::policy::ProtocolPolicy;
use super::protocol::{ProbeKind, Protocol, ProtocolId, ProtocolState, Protocols};
use super::rulebook::{FieldCode, PersonType};
use super::vasp_list::{ListedBy, Over};
use vasp_record::endpoint::{Endpoint, EndpointStatus, Location};
use vasp_record::vasp::Vasp;
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::country::Country;
use vasp_words::ids::EndpointId;
use vasp_words::time::{Date, UtcTime};

/// The time before announced maintenance from which a route gets a warning, in seconds: one hour. The data of a transfer must
/// have been exchanged within that time.
pub const MAINTENANCE_SOON_SECS: i64 = 3_600;

/// The direction of the transfer's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataDirection {
    /// Our side sends.
    ToThem,
    /// The other side sends.
    ToUs,
}

/// The transfer, as far as endpoints depend on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTransfer {
    /// The direction of its data.
    pub direction: DataDirection,
    /// Its network, if known.
    pub network: Option<Caip2>,
    /// Its asset, if known.
    pub asset: Option<Caip19>,
    /// The country of our side.
    pub our_country: Option<Country>,
    /// The country of the other side.
    pub their_country: Option<Country>,
    /// What the originator is.
    pub originator: PersonType,
    /// What the transfer itself tells, beside the data of persons, such as `transfer.network`.
    pub told: BTreeSet<FieldCode>,
}

/// A place of the counterparty in a list that a provider hands out. The provider vouches for the place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPlace {
    /// The place, in the form of an endpoint. Its id is unique among the counterparty's routes, and nobody can look it up.
    pub endpoint: Endpoint,
    /// Over which network the list's protocol reaches it.
    pub over: Over,
    /// Where the route comes from.
    pub listing: Listing,
}

/// The list that a route comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listing {
    /// The file.
    pub source: String,
    /// The day on which the provider handed it out.
    pub as_of: Date,
    /// By what the counterparty was found in it.
    pub by: ListedBy,
}

/// Everything that routes depend on.
#[derive(Clone, Copy)]
pub struct RouteInput<'a> {
    /// Our record; `None` if the asker has none.
    pub ours: Option<&'a Vasp>,
    /// The counterparty's record.
    pub theirs: &'a Vasp,
    /// The known protocols.
    pub protocols: &'a Protocols,
    /// The policy's lines about protocols.
    pub policy: &'a ProtocolPolicy,
    /// The counterparty's places in lists of providers.
    pub listed: &'a [ListedPlace],
    /// The protocols that our side speaks because it has the list of its own provider.
    pub spoken: &'a BTreeSet<ProtocolId>,
    /// The transfer.
    pub transfer: &'a RouteTransfer,
    /// The data that is available; `None` if the request does not say.
    pub provided_fields: Option<&'a BTreeSet<FieldCode>>,
    /// Returns the results of the probes of an endpoint.
    pub health: &'a dyn Fn(EndpointId) -> EndpointHealth,
    /// Returns why the location of an endpoint is not proven to be its VASP's own; `None` if it is.
    pub unproven: &'a dyn Fn(&Vasp, &Endpoint) -> Option<RouteReason>,
    /// The current time.
    pub now: UtcTime,
}

/// The quality of a usable route, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caution {
    /// It is not on record whether our side speaks the protocol.
    OursUnknown,
    /// Used only if there is nothing better.
    LastResort,
    /// The endpoint does not answer properly.
    Degraded,
    /// The endpoint was never probed, or too long ago.
    HealthUnknown,
    /// Maintenance begins soon.
    MaintenanceSoon,
    /// Another protocol replaced it.
    Superseded,
    /// There is no warning, but nobody can probe the endpoint from outside.
    NotProbed,
    /// There is no warning.
    None,
}

/// One route to the counterparty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The protocol.
    pub protocol: ProtocolId,
    /// The counterparty's endpoint. Of a listed route nobody can look it up.
    pub endpoint: EndpointId,
    /// Where the counterparty is reached.
    pub location: Location,
    /// The list that the route comes from; `None` if the counterparty published its endpoint.
    pub listing: Option<Listing>,
    /// The newest version that both sides speak, if versions matter.
    pub version: Option<String>,
    /// Why the route cannot be used, the first reason first; empty if it can be used.
    pub obstacles: Vec<Obstacle>,
    /// The data that the receiver needs and that are not available; empty if the request does not say which are.
    pub missing_fields: Vec<FieldCode>,
    /// The warning about the route.
    pub caution: Caution,
    /// The results of the probes.
    pub health: EndpointHealth,
    /// The counterparty's certificates for the route.
    pub certificates: CertificateJudgement,
    /// The next time at which its maintenance or its certificates change it.
    pub next_change: Option<UtcTime>,
}

/// Whether our own endpoints are on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OurSide {
    /// They are not on record: routes are ranked only by the counterparty's side.
    Unknown,
    /// They are on record.
    Known,
}

/// The routes, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routes {
    /// Whether our own endpoints are on record.
    pub ours: OurSide,
    /// One route for each endpoint that the counterparty did not withdraw, best first.
    pub items: Vec<Route>,
    /// The nearest way if no route can be used.
    pub nearest: Option<Nearest>,
}

impl Route {
    /// Returns whether the route can be used now.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.obstacles.is_empty()
    }
}

impl Routes {
    /// Returns the best route that can be used.
    #[must_use]
    pub fn best(&self) -> Option<&Route> {
        self.items.first().filter(|route| route.is_usable())
    }

    /// Returns the route for which certificates are judged: the best one, otherwise the one of the nearest way, otherwise the first.
    #[must_use]
    pub fn decisive(&self) -> Option<&Route> {
        let near = self.nearest.as_ref().and_then(|near| self.items.iter().find(|route| route.endpoint == near.endpoint()));
        self.best().or(near).or(self.items.first())
    }

    /// Returns the next time at which any route changes without an action of its VASP.
    #[must_use]
    pub fn next_change(&self) -> Option<UtcTime> {
        self.items.iter().filter_map(|route| route.next_change).min()
    }
}

/// Returns the routes to a counterparty.
#[must_use]
pub fn routes(input: &RouteInput<'_>) -> Routes {
    // A VASP that never published an endpoint has not said that it speaks no protocol.
    let known = input.ours.is_some_and(|ours| !ours.endpoints.is_empty());
    let ours = if known { OurSide::Known } else { OurSide::Unknown };
    let offered = input.theirs.endpoints.iter().filter(|endpoint| endpoint.status != EndpointStatus::Withdrawn);
    let mut items: Vec<Route> = offered.map(|endpoint| route(input, ours, endpoint, None)).collect();
    // A place that the counterparty published itself, and that can be used, is not shown a second time.
    let is_new = |place: &&ListedPlace| {
        let same =
            |route: &Route| route.protocol == place.endpoint.protocol && route.location.is_same_place(&place.endpoint.location);
        !items.iter().any(|route| route.is_usable() && same(route))
    };
    let listed: Vec<Route> = input.listed.iter().filter(is_new).map(|one| route(input, ours, &one.endpoint, Some(one))).collect();
    items.extend(listed);
    items.sort_by_cached_key(|route| rank(input, route));
    let usable = items.first().is_some_and(Route::is_usable);
    let nearest = if usable { None } else { nearest::nearest(input, &items) };
    Routes { ours, items, nearest }
}

fn route(input: &RouteInput<'_>, ours: OurSide, endpoint: &Endpoint, listed: Option<&ListedPlace>) -> Route {
    let protocol = input.protocols.get(&endpoint.protocol);
    let health = if listed.is_some() { EndpointHealth::default() } else { (input.health)(endpoint.id) };
    let certificates = certificate::of_endpoint(input.theirs, endpoint, protocol, input.now);
    let Found { mut obstacles, version, missing_fields } =
        endpoint::obstacles(input, ours, endpoint, listed, protocol, &health, &certificates);
    obstacles.sort();
    let changes = endpoint.maintenance.iter().flat_map(|window| [window.from, window.to]).chain(certificates.next_end);
    Route {
        protocol: endpoint.protocol.clone(),
        endpoint: endpoint.id,
        location: endpoint.location.clone(),
        listing: listed.map(|listed| listed.listing.clone()),
        version,
        obstacles,
        missing_fields,
        caution: caution(input, ours, endpoint, protocol, health.state),
        next_change: changes.filter(|at| *at > input.now).min(),
        health,
        certificates,
    }
}

fn caution(
    input: &RouteInput<'_>,
    ours: OurSide,
    endpoint: &Endpoint,
    protocol: Option<&Protocol>,
    health: HealthState,
) -> Caution {
    let soon = input.now.plus_secs(MAINTENANCE_SOON_SECS);
    let probed = protocol.is_some_and(|protocol| protocol.probe != ProbeKind::None);
    if ours == OurSide::Unknown && endpoint::needs_our_own(endpoint) && !input.spoken.contains(&endpoint.protocol) {
        return Caution::OursUnknown;
    }
    if is_last_resort(input, &endpoint.location, &endpoint.protocol) {
        return Caution::LastResort;
    }
    match health {
        HealthState::Down | HealthState::Degraded => return Caution::Degraded,
        HealthState::Unknown if probed => return Caution::HealthUnknown,
        HealthState::Unknown | HealthState::Present | HealthState::Responsive => {}
    }
    if endpoint.maintenance.iter().any(|window| input.now < window.from && window.from <= soon) {
        return Caution::MaintenanceSoon;
    }
    if protocol.is_some_and(|protocol| protocol.status == ProtocolState::Superseded) {
        return Caution::Superseded;
    }
    if health == HealthState::Responsive { Caution::None } else { Caution::NotProbed }
}

fn is_last_resort(input: &RouteInput<'_>, location: &Location, protocol: &ProtocolId) -> bool {
    matches!(location, Location::Email { .. }) || input.policy.last_resort.contains(protocol)
}

/// Usable routes come first. Then come routes without warnings, so that both checks judge the best route well. Then the
/// policy's order decides. The id decides the rest, so that the order never depends on chance.
fn rank(input: &RouteInput<'_>, route: &Route) -> impl Ord + use<> {
    let last = is_last_resort(input, &route.location, &route.protocol);
    let calm = u8::from(route.caution < Caution::NotProbed) + u8::from(route.certificates.standing < CertificateStanding::Valid);
    let place = input.policy.place_of(&route.protocol);
    let version = input.protocols.get(&route.protocol).and_then(|protocol| protocol.place_of(route.version.as_deref()?));
    let state = (std::cmp::Reverse(route.caution), std::cmp::Reverse(route.certificates.standing));
    (
        (!route.is_usable(), route.obstacles.len(), last, calm > 0),
        (place, route.protocol.clone(), state),
        (std::cmp::Reverse(version), route.endpoint),
    )
}
