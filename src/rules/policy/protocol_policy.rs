//! The part of a policy about Travel Rule protocols: the order of preference, the protocols of last resort, and what an endpoint must show.
//! Routes apply it.

use crate::endpoint_health::HealthState;
use crate::protocol::ProtocolId;
use serde::{Deserialize, Serialize};

/// The part of a policy about protocols.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtocolPolicy {
    /// The protocols, preferred first. Protocols that are not named follow in the order of their names.
    pub order: Vec<ProtocolId>,
    /// The protocols that are used only if no other is possible; their use gives a warning.
    pub last_resort: Vec<ProtocolId>,
    /// The minimum health of an endpoint: an endpoint with worse health is not used. Endpoints that nobody can probe from outside are
    /// exempt.
    pub min_health: HealthState,
    /// Whether an endpoint is refused if its VASP has published no certificate for it.
    pub require_certificate: bool,
    /// The reason, for the reader.
    pub why: String,
}

impl ProtocolPolicy {
    /// Returns the place of a protocol in the order.
    #[must_use]
    pub fn place_of(&self, protocol: &ProtocolId) -> usize {
        self.order.iter().position(|one| one == protocol).unwrap_or(self.order.len())
    }

    /// Returns the shipped part, for policies that are older than this part.
    pub(super) fn shipped() -> Self {
        #[derive(Deserialize)]
        struct Shipped {
            protocols: ProtocolPolicy,
        }
        let bare = || Self {
            order: vec![],
            last_resort: vec![],
            min_health: HealthState::Degraded,
            require_certificate: false,
            why: String::new(),
        };
        // A test reads the shipped file.
        serde_json::from_str::<Shipped>(include_str!("../data/policy.json")).map_or_else(|_| bare(), |file| file.protocols)
    }

    /// Returns where this part asks for less than another does. The order is a preference only, so it is not compared.
    pub(super) fn looser_than(&self, other: &Self) -> Vec<String> {
        // This names every part, so that nobody forgets a new part.
        let Self { order: _, last_resort, min_health, require_certificate, why: _ } = self;
        let lost = other.last_resort.iter().filter(|id| !last_resort.contains(id));
        let mut found: Vec<String> = lost.map(|id| format!("protocols: {id} is no longer a last resort")).collect();
        if min_health < &other.min_health {
            found.push("protocols: endpoints with worse health are allowed".to_owned());
        }
        if other.require_certificate && !require_certificate {
            found.push("protocols: endpoints without a certificate are allowed".to_owned());
        }
        found
    }

    /// Returns a protocol that is named twice.
    pub(super) fn repeated(&self) -> Option<&ProtocolId> {
        let twice = |list: &[ProtocolId]| {
            list.iter()
                .enumerate()
                .find(|(place, id)| list.iter().take(*place).any(|before| before == *id))
                .map(|(place, _)| place)
        };
        twice(&self.order)
            .and_then(|place| self.order.get(place))
            .or_else(|| twice(&self.last_resort).and_then(|place| self.last_resort.get(place)))
    }
}
