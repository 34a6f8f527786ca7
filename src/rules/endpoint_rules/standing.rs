//! Whether an endpoint may be used at a moment, from what its VASP says and has shown, worst reason first. Worked out when
//! somebody asks, so that a domain that is lost stops everything under it at once. Health and certificates are judged elsewhere.

use super::place::{bears, is_of_host, is_proven_by};
use crate::protocol::{ProtocolId, ProtocolState, Protocols};
use vasp_record::endpoint::{Endpoint, EndpointStatus, Location};
use vasp_record::platform::PlatformHosts;
use vasp_record::vasp::{Vasp, VaspStatus};
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// Why an endpoint may not be used, worst first.
    pub enum Unusable as "EndpointUnusable" {
        /// Its VASP took it back.
        Withdrawn = "withdrawn",
        /// Its VASP is not verified, or no longer.
        VaspNotVerified = "vasp_not_verified",
        /// Nobody speaks the protocol any more, or the registry no longer knows it.
        ProtocolRetired = "protocol_retired",
        /// Its VASP has not shown, or no longer, that the place is its own.
        DomainNotProven = "domain_not_proven",
        /// Another VASP bears the identifier: it was confirmed, or published it before.
        IdentifierConflicted = "identifier_conflicted",
        /// Its VASP published the identifier, and no case has confirmed it.
        Declared = "declared",
        /// Its VASP paused it.
        Paused = "paused",
        /// Announced maintenance is under way.
        Maintenance = "maintenance",
    }
}

/// Whether an endpoint may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Standing {
    /// It may not.
    NotUsable(Unusable),
    /// It may.
    Usable,
}

/// The reference documents that a standing rests on.
#[derive(Clone, Copy, Debug)]
pub struct StandingGround<'a> {
    /// The protocols that are known.
    pub protocols: &'a Protocols,
    /// Hosts that many VASPs share.
    pub platforms: &'a PlatformHosts,
    /// Who else bears an identifier.
    pub bearers: &'a dyn Bearers,
}

/// Who bears an identifier of a network that reaches its members itself.
pub trait Bearers: std::fmt::Debug {
    /// Returns the records, confirmed or not, that count.
    fn bearers(&self, scheme: &str, value: &str) -> Vec<&Vasp>;
}

impl Standing {
    /// Tells whether the endpoint may be used.
    #[must_use]
    pub fn is_usable(self) -> bool {
        self == Self::Usable
    }

    /// Returns why it may not be used.
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

    /// Returns what a VASP has not shown of the place of an endpoint; none where it is its own.
    ///
    /// Source: wire contract, "Identifiers".
    #[must_use]
    pub fn unproven(&self, endpoint: &Endpoint, vasp: &Vasp) -> Option<Unusable> {
        if is_proven_by(&endpoint.location, vasp, self.platforms) {
            return None;
        }
        let Location::Identifier { scheme, value } = &endpoint.location else { return Some(Unusable::DomainNotProven) };
        if is_of_host(&endpoint.location) {
            return Some(Unusable::DomainNotProven);
        }
        // When it was changed: whoever moves an older endpoint to the identifier was not there before.
        let own = (endpoint.changed_at, vasp.id);
        let precedes = |other: &Vasp| {
            let same = other.endpoints.iter().filter(|theirs| theirs.status != EndpointStatus::Withdrawn);
            let same = same.filter(|theirs| theirs.location == endpoint.location);
            let first = same.map(|theirs| (theirs.changed_at, other.id)).min();
            bears(other, (scheme, value), self.platforms) || first.is_some_and(|first| first < own)
        };
        let others = self.bearers.bearers(scheme, value);
        let conflicts = others.into_iter().any(|other| other.id != vasp.id && precedes(other));
        Some(if conflicts { Unusable::IdentifierConflicted } else { Unusable::Declared })
    }

    /// Returns the protocols of a VASP's usable endpoints, each once, in order of name.
    #[must_use]
    pub fn usable_protocols(&self, vasp: &Vasp, now: UtcTime) -> Vec<ProtocolId> {
        let usable = vasp.endpoints.iter().filter(|endpoint| self.standing(endpoint, vasp, now).is_usable());
        let mut protocols: Vec<ProtocolId> = usable.map(|endpoint| endpoint.protocol.clone()).collect();
        protocols.sort();
        protocols.dedup();
        protocols
    }
}
