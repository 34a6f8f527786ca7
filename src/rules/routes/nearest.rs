//! The nearest way to a counterparty without a common protocol: a bridge between one of our protocols and one of theirs,
//! otherwise one of their protocols that our side could join.

use super::super::protocol::{Bridge, ProtocolId};
use super::super::rulebook::FieldCode;
use super::endpoint::{both_in, lacking, names};
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
        /// Data that the way needs and that are not available; empty if the request does not say which are.
        missing_fields: Vec<FieldCode>,
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

    /// Returns the data that the way also needs and that are not available.
    #[must_use]
    pub fn missing_fields(&self) -> &[FieldCode] {
        match self {
            Self::Bridge { missing_fields, .. } => missing_fields,
            Self::Join { .. } => &[],
        }
    }

    /// Returns the obstacle that describes this way.
    #[must_use]
    pub fn obstacle(&self) -> Obstacle {
        match self {
            Self::Bridge { from, to, source, missing_fields, .. } => {
                let lacks: Vec<&str> = missing_fields.iter().map(FieldCode::as_str).collect();
                let lacks = if lacks.is_empty() { String::new() } else { format!(" It also needs {}.", lacks.join(", ")) };
                let detail = format!("The easiest way: use the bridge between {from} and {to} ({source}).{lacks}");
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
    let open = |route: &&Route| route.obstacles.iter().all(foreign) && ours(input).all(|own| *own != route.protocol);
    let bridged = items.iter().filter(open).find_map(|route| {
        let (from, bridge) = bridges(input, &route.protocol).find(|(_, bridge)| crosses(input, bridge))?;
        let lacks = |provided| lacking(bridge.required_fields.iter(), provided, &input.transfer.told);
        Some(Nearest::Bridge {
            from,
            to: route.protocol.clone(),
            endpoint: route.endpoint,
            source: bridge.source.clone(),
            missing_fields: input.provided_fields.map(lacks).unwrap_or_default(),
        })
    });
    let joined = || {
        let route = items.iter().find(open)?;
        Some(Nearest::Join { protocol: route.protocol.clone(), endpoint: route.endpoint })
    };
    bridged.or_else(joined)
}

/// Returns whether a bridge is open to both sides.
pub(super) fn crosses(input: &RouteInput<'_>, bridge: &Bridge) -> bool {
    bridge.countries.is_empty() || both_in(input, &bridge.countries)
}

/// Returns the protocols that our side speaks.
fn ours<'a>(input: &RouteInput<'a>) -> impl Iterator<Item = &'a ProtocolId> {
    let endpoints = input.ours.into_iter().flat_map(|ours| &ours.endpoints);
    let published = endpoints.filter(|endpoint| endpoint.status == EndpointStatus::Active).map(|endpoint| &endpoint.protocol);
    published.chain(input.spoken)
}

/// Returns the bridges from our protocols to one of theirs, in the order of ours. Which way a bridge leads, its entry says.
fn bridges<'a>(input: &RouteInput<'a>, theirs: &ProtocolId) -> impl Iterator<Item = (ProtocolId, &'a Bridge)> {
    let mut ours: Vec<&ProtocolId> = ours(input).collect();
    ours.sort_by_key(|id| (input.policy.place_of(id), (*id).clone()));
    ours.dedup();
    let theirs = theirs.clone();
    let protocols = input.protocols;
    ours.into_iter().flat_map(move |own| {
        let there = protocols.get(own).into_iter().flat_map(|protocol| &protocol.bridges).filter(|bridge| bridge.to == theirs);
        there.map(|bridge| (own.clone(), bridge)).collect::<Vec<_>>()
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
