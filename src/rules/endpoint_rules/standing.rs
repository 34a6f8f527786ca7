//! Whether an endpoint may be used at a moment, from what its VASP states and has proven, worst reason first. It is computed on every
//! request, so that the loss of a domain stops everything under it at once. Other modules judge health and certificates.

use super::place::{bears, is_of_host, is_proven_by};
use crate::protocol::{ProtocolId, ProtocolState, Protocols};
use vasp_record::endpoint::{Endpoint, EndpointStatus, Location};
use vasp_record::platform::PlatformHosts;
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// The reason why an endpoint may not be used, worst first.
    pub enum Unusable as "EndpointUnusable" {
        /// Its VASP withdrew it.
        Withdrawn = "withdrawn",
        /// Its VASP is not verified.
        VaspNotVerified = "vasp_not_verified",
        /// The protocol is retired, or the registry no longer knows it.
        ProtocolRetired = "protocol_retired",
        /// Its VASP has not proven that the location is its own, or the proof was lost.
        DomainNotProven = "domain_not_proven",
        /// The identifier belongs to another VASP: a case confirmed it for that VASP, or that VASP published it earlier.
        IdentifierConflicted = "identifier_conflicted",
        /// Its VASP published the identifier, but no case has confirmed it.
        Declared = "declared",
        /// Its VASP paused it.
        Paused = "paused",
        /// Announced maintenance is in progress.
        Maintenance = "maintenance",
    }
}

/// Whether an endpoint may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It may not be used.
    NotUsable(Unusable),
    /// It may be used.
    Usable,
}

/// The reference documents that the decision needs.
#[derive(Clone, Copy, Debug)]
pub struct StandingGround<'a> {
    /// The protocols that are known.
    pub protocols: &'a Protocols,
    /// Hosts that many VASPs share.
    pub platforms: &'a PlatformHosts,
    /// The VASPs that have an identifier.
    pub bearers: &'a dyn Bearers,
}

/// Finds the VASPs that have an identifier of a network that reaches its members itself.
pub trait Bearers: std::fmt::Debug {
    /// Returns the records with this identifier, confirmed or not, that matter for conflicts.
    fn bearers(&self, scheme: &str, value: &str) -> Vec<&Vasp>;
}

impl Standing {
    /// Tells whether the endpoint may be used.
    #[must_use]
    pub fn is_usable(self) -> bool {
        self == Self::Usable
    }

    /// Returns why it may not be used; `None` if it may be used.
    #[must_use]
    pub fn reason(self) -> Option<Unusable> {
        match self {
            Self::Usable => None,
            Self::NotUsable(reason) => Some(reason),
        }
    }
}

impl StandingGround<'_> {
    /// Tells whether an endpoint of a VASP may be used at a moment.
    #[must_use]
    pub fn standing(&self, endpoint: &Endpoint, vasp: &Vasp, now: UtcTime) -> Standing {
        let holds = |reason: &Unusable| match reason {
            Unusable::Withdrawn => endpoint.status == EndpointStatus::Withdrawn,
            Unusable::VaspNotVerified => vasp.status != VaspStatus::Verified,
            Unusable::ProtocolRetired => {
                self.protocols.get(&endpoint.protocol).is_none_or(|known| known.status == ProtocolState::Retired)
            }
            Unusable::DomainNotProven | Unusable::IdentifierConflicted | Unusable::Declared => {
                self.unproven(endpoint, vasp) == Some(*reason)
            }
            Unusable::Paused => endpoint.status == EndpointStatus::Paused,
            Unusable::Maintenance => endpoint.maintenance_at(now).is_some(),
        };
        Unusable::ALL.into_iter().find(holds).map_or(Standing::Usable, Standing::NotUsable)
    }

    /// Returns what a VASP has not proven about the location of an endpoint; `None` if the location is its own.
    ///
    /// Source: docs/endpoints.md, "Publish" and "Identifiers".
    #[must_use]
    pub fn unproven(&self, endpoint: &Endpoint, vasp: &Vasp) -> Option<Unusable> {
        if is_proven_by(&endpoint.location, vasp, self.platforms) {
            return None;
        }
        let Location::Identifier { scheme, value } = &endpoint.location else { return Some(Unusable::DomainNotProven) };
        if is_of_host(&endpoint.location) {
            return Some(Unusable::DomainNotProven);
        }
        // Use the time of the last change: an older endpoint that moves to the identifier does not come first.
        let own = (endpoint.changed_at, vasp.id);
        let precedes = |other: &Vasp| {
            let same = other.endpoints.iter().filter(|theirs| theirs.status != EndpointStatus::Withdrawn);
            let same = same.filter(|theirs| theirs.location == endpoint.location);
            let first = same.map(|theirs| (theirs.changed_at, other.id)).min();
            bears(other, scheme, value, self.platforms) || first.is_some_and(|first| first < own)
        };
        let others = self.bearers.bearers(scheme, value);
        let conflicts = others.into_iter().any(|other| other.id != vasp.id && precedes(other));
        Some(if conflicts { Unusable::IdentifierConflicted } else { Unusable::Declared })
    }

    /// Returns the protocols of the usable endpoints of a VASP, each once, sorted by name.
    #[must_use]
    pub fn usable_protocols(&self, vasp: &Vasp, now: UtcTime) -> Vec<ProtocolId> {
        let usable = vasp.endpoints.iter().filter(|endpoint| self.standing(endpoint, vasp, now).is_usable());
        let mut protocols: Vec<ProtocolId> = usable.map(|endpoint| endpoint.protocol.clone()).collect();
        protocols.sort();
        protocols.dedup();
        protocols
    }
}
