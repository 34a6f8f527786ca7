//! Routes: by which protocols two VASPs can exchange the data of a transfer now, best first, and why the others cannot be used.
//! Pure: the records, the protocols, the policy and what the probes saw come in. Where no protocol is common, the nearest way
//! there is. Callers: the pre-check's `protocol` and `certificate` checks and its view.

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

use super::endpoint_health::{EndpointHealth, HealthState};
use super::policy::ProtocolPolicy;
use super::protocol::{ProbeKind, Protocol, ProtocolId, ProtocolState, Protocols};
use super::rulebook::FieldCode;
use vasp_record::endpoint::{Endpoint, EndpointStatus, Location};
use vasp_record::vasp::Vasp;
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::country::Country;
use vasp_words::ids::EndpointId;
use vasp_words::time::UtcTime;

/// How long before announced maintenance a route is no longer simply good, in seconds: an hour, in which a transfer's data must
/// have been exchanged.
pub const MAINTENANCE_SOON_SECS: i64 = 3_600;

/// Which way the transfer's data goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DataDirection {
    /// We send.
    ToThem,
    /// They send.
    ToUs,
}

/// The transfer, as far as endpoints turn on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RouteTransfer {
    /// Which way its data goes.
    pub direction: DataDirection,
    /// Its network, if known.
    pub network: Option<Caip2>,
    /// Its asset, if known.
    pub asset: Option<Caip19>,
    /// Country of our side.
    pub our_country: Option<Country>,
    /// Country of their side.
    pub their_country: Option<Country>,
}

/// Everything that routes depend on.
#[derive(Clone, Copy)]
pub struct RouteInput<'a> {
    /// Our record; none where the asker has none.
    pub ours: Option<&'a Vasp>,
    /// The counterparty's record.
    pub theirs: &'a Vasp,
    /// What is known of protocols.
    pub protocols: &'a Protocols,
    /// What the policy says of them.
    pub policy: &'a ProtocolPolicy,
    /// The transfer.
    pub transfer: &'a RouteTransfer,
    /// The data at hand; none where that was not said.
    pub provided_fields: Option<&'a BTreeSet<FieldCode>>,
    /// What the probes saw of an endpoint.
    pub health: &'a dyn Fn(EndpointId) -> EndpointHealth,
    /// Why the place of an endpoint does not count as its VASP's own; none where it does.
    pub unproven: &'a dyn Fn(&Vasp, &Endpoint) -> Option<RouteReason>,
    /// The moment.
    pub now: UtcTime,
}

/// What a usable route is worth, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Caution {
    /// Whether we speak the protocol is not on record.
    OursUnknown,
    /// Only for want of anything better.
    LastResort,
    /// The endpoint does not answer as it should.
    Degraded,
    /// Nobody looked at the endpoint, or too long ago.
    HealthUnknown,
    /// Maintenance begins soon.
    MaintenanceSoon,
    /// Another protocol took its place.
    Superseded,
    /// Nothing to look out for; nobody can look at the endpoint from outside.
    NotProbed,
    /// Nothing to look out for.
    None,
}

/// One way to the counterparty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// By this protocol.
    pub protocol: ProtocolId,
    /// To this endpoint of theirs.
    pub endpoint: EndpointId,
    /// The newest version that both speak, where versions matter.
    pub version: Option<String>,
    /// Why it cannot be used, the first reason first; none: it can.
    pub obstacles: Vec<Obstacle>,
    /// What to look out for.
    pub caution: Caution,
    /// What the probes saw.
    pub health: EndpointHealth,
    /// Their certificates for it.
    pub certificates: CertificateJudgement,
    /// The next moment at which its maintenance or its certificates change it.
    pub next_change: Option<UtcTime>,
}

/// Whether our own endpoints are on record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OurSide {
    /// They are not: routes are ranked by the counterparty's side alone.
    Unknown,
    /// They are.
    Known,
}

/// The routes, best first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Routes {
    /// Whether our own endpoints are on record.
    pub ours: OurSide,
    /// One for each endpoint that they did not take back, best first.
    pub items: Vec<Route>,
    /// The nearest way where none can be used.
    pub nearest: Option<Nearest>,
}

impl Route {
    /// Tells whether it can be used now.
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

    /// Returns the route that certificates are judged for: the best one, or the one that the nearest way leads to, or the first.
    #[must_use]
    pub fn decisive(&self) -> Option<&Route> {
        let near = self.nearest.as_ref().and_then(|near| self.items.iter().find(|route| route.endpoint == near.endpoint()));
        self.best().or(near).or(self.items.first())
    }

    /// Returns the next moment at which any of them changes by itself.
    #[must_use]
    pub fn next_change(&self) -> Option<UtcTime> {
        self.items.iter().filter_map(|route| route.next_change).min()
    }
}

/// Returns the routes to a counterparty.
#[must_use]
pub fn routes(input: &RouteInput<'_>) -> Routes {
    // Who published none ever has not said that it speaks nothing.
    let known = input.ours.is_some_and(|ours| !ours.endpoints.is_empty());
    let ours = if known { OurSide::Known } else { OurSide::Unknown };
    let offered = input.theirs.endpoints.iter().filter(|endpoint| endpoint.status != EndpointStatus::Withdrawn);
    let mut items: Vec<Route> = offered.map(|endpoint| route(input, ours, endpoint)).collect();
    items.sort_by_cached_key(|route| rank(input, route));
    let usable = items.first().is_some_and(Route::is_usable);
    let nearest = if usable { None } else { nearest::nearest(input, &items) };
    Routes { ours, items, nearest }
}

fn route(input: &RouteInput<'_>, ours: OurSide, endpoint: &Endpoint) -> Route {
    let protocol = input.protocols.get(&endpoint.protocol);
    let health = (input.health)(endpoint.id);
    let certificates = certificate::of_endpoint(input.theirs, endpoint, protocol, input.now);
    let (mut obstacles, version) = endpoint::obstacles(input, ours, endpoint, protocol, (&health, &certificates));
    obstacles.sort();
    let changes = endpoint.maintenance.iter().flat_map(|window| [window.from, window.to]).chain(certificates.next_end);
    Route {
        protocol: endpoint.protocol.clone(),
        endpoint: endpoint.id,
        version,
        obstacles,
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
    if ours == OurSide::Unknown && endpoint::needs_our_own(endpoint) {
        return Caution::OursUnknown;
    }
    if is_last_resort(input, endpoint) {
        return Caution::LastResort;
    }
    match health {
        HealthState::Down | HealthState::Degraded => return Caution::Degraded,
        HealthState::Unknown if probed => return Caution::HealthUnknown,
        HealthState::Unknown | HealthState::Responsive => {}
    }
    if endpoint.maintenance.iter().any(|window| input.now < window.from && window.from <= soon) {
        return Caution::MaintenanceSoon;
    }
    if protocol.is_some_and(|protocol| protocol.status == ProtocolState::Superseded) {
        return Caution::Superseded;
    }
    if health == HealthState::Responsive { Caution::None } else { Caution::NotProbed }
}

fn is_last_resort(input: &RouteInput<'_>, endpoint: &Endpoint) -> bool {
    matches!(endpoint.location, Location::Email { .. }) || input.policy.last_resort.contains(&endpoint.protocol)
}

/// Usable ones first; then whatever asks for no caution, so that the best route is one that both checks think best of; then the
/// policy's order. The id settles the rest: no coincidence decides.
fn rank(input: &RouteInput<'_>, route: &Route) -> impl Ord + use<> {
    let endpoint = input.theirs.endpoints.iter().find(|endpoint| endpoint.id == route.endpoint);
    let last = endpoint.is_some_and(|endpoint| is_last_resort(input, endpoint));
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
