//! What a policy says of Travel Rule protocols: which are taken first, which only for want of anything better, and what an
//! endpoint must show. A part of the policy's document; routes apply it.

use crate::endpoint_health::HealthState;
use crate::protocol::ProtocolId;
use serde::{Deserialize, Serialize};

/// The part of a policy about protocols.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProtocolPolicy {
    /// Protocols, the preferred first; those not named come after, by name.
    pub order: Vec<ProtocolId>,
    /// Those that are taken only where no other can be; they warn.
    pub last_resort: Vec<ProtocolId>,
    /// The worst health that an endpoint may have: below this it is not used. What cannot be looked at from outside is left out of it.
    pub min_health: HealthState,
    /// Whether an endpoint is refused whose VASP has published no certificate for it.
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

    /// Returns what the registry ships with, for policies that were written before this part was.
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

    /// Returns where it asks for less than another does. The order prefers, and asks for nothing.
    pub(super) fn looser_than(&self, other: &Self) -> Vec<String> {
        // Every part is named here, so that a new one is not forgotten.
        let Self { order: _, last_resort, min_health, require_certificate, why: _ } = self;
        let lost = other.last_resort.iter().filter(|id| !last_resort.contains(id));
        let mut found: Vec<String> = lost.map(|id| format!("protocols: {id} is not of last resort any more")).collect();
        if min_health < &other.min_health {
            found.push("protocols: endpoints of worse health are used".to_owned());
        }
        if other.require_certificate && !require_certificate {
            found.push("protocols: endpoints without a certificate are used".to_owned());
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
