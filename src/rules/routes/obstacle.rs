//! The closed list of reasons for which a route cannot be used, in the order in which they are told.

use vasp_words::closed_list::closed_list;

closed_list! {
    /// Why a route cannot be used.
    pub enum RouteReason {
        /// The protocol is not in the document of protocols.
        ProtocolUnknown = "protocol_unknown",
        /// Nobody answers the protocol any more.
        ProtocolRetired = "protocol_retired",
        /// A limit of countries excludes one of the sides.
        ProtocolCountryLimited = "protocol_country_limited",
        /// A bridge leads there from a protocol of ours, for VASPs of other countries.
        BridgeCountryLimited = "bridge_country_limited",
        /// The registry holds the VASP back, or vouches for it no more.
        VaspHeldBack = "vasp_held_back",
        /// We have no endpoint of the protocol.
        NotSpokenByUs = "not_spoken_by_us",
        /// No version of theirs understands one of ours.
        NoCommonVersion = "no_common_version",
        /// Its VASP paused it.
        EndpointPaused = "endpoint_paused",
        /// Announced maintenance is under way.
        Maintenance = "maintenance",
        /// Its VASP has not proven the host.
        DomainNotProven = "domain_not_proven",
        /// Another VASP bears the identifier: it was confirmed, or published it before.
        IdentifierConflicted = "identifier_conflicted",
        /// Its VASP published the identifier, and no case has confirmed it.
        Declared = "declared",
        /// It is not for counterparties of that country.
        RegionNotServed = "region_not_served",
        /// It is not for that network.
        NetworkNotServed = "network_not_served",
        /// It is not for that asset.
        AssetNotServed = "asset_not_served",
        /// The certificate needed was revoked.
        CertificateRevoked = "certificate_revoked",
        /// The certificate needed is over.
        CertificateExpired = "certificate_expired",
        /// The certificate needed has findings that forbid its use.
        CertificateFindings = "certificate_findings",
        /// The certificate needed is not valid yet.
        CertificateNotYetValid = "certificate_not_yet_valid",
        /// The certificate needed is not published, and the policy wants it.
        CertificateMissing = "certificate_missing",
        /// The probes found it down.
        EndpointDown = "endpoint_down",
        /// The probes found it degraded, and the policy wants better.
        EndpointDegraded = "endpoint_degraded",
        /// Nobody looked at it lately, and the policy wants that.
        HealthUnknown = "health_unknown",
        /// Data that the receiver needs is not at hand.
        RequiredDataMissing = "required_data_missing",
        /// The nearest way: through a bridge from a protocol of ours.
        OverBridge = "over_bridge",
        /// The nearest way: a protocol of theirs that we could join.
        JoinProtocol = "join_protocol",
    }
}

/// One reason, in words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// Which.
    pub reason: RouteReason,
    /// One sentence for people.
    pub detail: String,
}

impl Obstacle {
    pub(super) fn new(reason: RouteReason, detail: impl Into<String>) -> Self {
        Self { reason, detail: detail.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_snake_case() {
        let mut codes: Vec<&str> = RouteReason::ALL.iter().map(|reason| reason.as_str()).collect();
        assert!(codes.iter().all(|code| code.bytes().all(|b| b.is_ascii_lowercase() || b == b'_')));
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), RouteReason::ALL.len());
    }
}
