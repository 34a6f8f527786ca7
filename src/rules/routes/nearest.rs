//! The nearest way to a counterparty without a common protocol: a bridge between one of our protocols and one of theirs,
//! otherwise one of their protocols that our side could join.

use super::super::protocol::{Bridge, ProtocolId};
use super::endpoint::{both_in, names};
use super::obstacle::{Obstacle, RouteReason};
use super::{Route, RouteInput};
use vasp_record::endpoint::EndpointStatus;
use vasp_words::ids::EndpointId;

/// A way without a common protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Nearest {
    /// Through the bridge between two protocols.
    Bridge {
        /// Our protocol.
        from: ProtocolId,
        /// Their protocol.
        to: ProtocolId,
        /// Their endpoint.
        endpoint: EndpointId,
        /// The source that says that the bridge exists.
        source: String,
    },
    /// By joining one of their protocols.
    Join {
        /// The protocol.
        protocol: ProtocolId,
        /// Their endpoint.
        endpoint: EndpointId,
    },
}

impl Nearest {
    /// Returns their endpoint.
    #[must_use]
    pub fn endpoint(&self) -> EndpointId {
        match self {
            Self::Bridge { endpoint, .. } | Self::Join { endpoint, .. } => *endpoint,
        }
    }

    /// Returns their protocol.
    #[must_use]
    pub fn protocol(&self) -> &ProtocolId {
        match self {
            Self::Bridge { to, .. } => to,
            Self::Join { protocol, .. } => protocol,
        }
    }

    /// Returns the obstacle that describes this way.
    #[must_use]
    pub fn obstacle(&self) -> Obstacle {
        match self {
            Self::Bridge { from, to, source, .. } => {
                let detail = format!("The easiest way: use the bridge between {from} and {to} ({source}).");
                Obstacle::new(RouteReason::OverBridge, detail)
            }
            Self::Join { protocol, .. } => Obstacle::new(
                RouteReason::JoinProtocol,
                format!("The easiest way: join {protocol}, which the counterparty speaks."),
            ),
        }
    }
}

/// Returns the nearest way among routes, best first, if none of them can be used.
pub(super) fn nearest(input: &RouteInput<'_>, items: &[Route]) -> Option<Nearest> {
    // Only a route whose sole obstacle is that our side does not speak its protocol leads anywhere.
    let foreign = |obstacle: &Obstacle| matches!(obstacle.reason, RouteReason::NotSpokenByUs | RouteReason::BridgeCountryLimited);
    let open = |route: &&Route| route.obstacles.iter().all(foreign);
    let bridged = items.iter().filter(open).find_map(|route| {
        let (from, bridge) = bridges(input, &route.protocol).find(|(_, bridge)| crosses(input, bridge))?;
        Some(Nearest::Bridge { from, to: route.protocol.clone(), endpoint: route.endpoint, source: bridge.source.clone() })
    });
    let joined = || {
        let route = items.iter().find(open)?;
        Some(Nearest::Join { protocol: route.protocol.clone(), endpoint: route.endpoint })
    };
    bridged.or_else(joined)
}

/// Returns whether a bridge is open to both sides.
fn crosses(input: &RouteInput<'_>, bridge: &Bridge) -> bool {
    bridge.countries.is_empty() || both_in(input, &bridge.countries)
}

/// Returns the bridges between our protocols and one of theirs, in the order of ours. Either protocol's entry may contain the bridge.
fn bridges<'a>(input: &RouteInput<'a>, theirs: &ProtocolId) -> impl Iterator<Item = (ProtocolId, &'a Bridge)> {
    let spoken = input.ours.into_iter().flat_map(|ours| &ours.endpoints);
    let mut ours: Vec<&ProtocolId> =
        spoken.filter(|endpoint| endpoint.status == EndpointStatus::Active).map(|endpoint| &endpoint.protocol).collect();
    ours.sort_by_key(|id| (input.policy.place_of(id), (*id).clone()));
    ours.dedup();
    let theirs = theirs.clone();
    let protocols = input.protocols;
    ours.into_iter().flat_map(move |own| {
        let there = protocols.get(own).into_iter().flat_map(|protocol| &protocol.bridges).filter(|bridge| bridge.to == theirs);
        let back = protocols.get(&theirs).into_iter().flat_map(|protocol| &protocol.bridges).filter(|bridge| bridge.to == *own);
        there.chain(back).map(|bridge| (own.clone(), bridge)).collect::<Vec<_>>()
    })
}

/// Returns the obstacle for a bridge that exists but is not open to both sides.
pub(super) fn limited(input: &RouteInput<'_>, theirs: &ProtocolId) -> Option<Obstacle> {
    let all: Vec<(ProtocolId, &Bridge)> = bridges(input, theirs).collect();
    if all.iter().any(|(_, bridge)| crosses(input, bridge)) {
        return None;
    }
    let (from, bridge) = all.first()?;
    let detail = format!("The bridge between {from} and {theirs} is open only to VASPs of {}.", names(&bridge.countries));
    Some(Obstacle::new(RouteReason::BridgeCountryLimited, detail))
}
