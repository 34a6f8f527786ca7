//! The closed list of reasons why a route cannot be used, in the order in which they are reported.

use vasp_words::closed_list::closed_list;

closed_list! {
    /// Why a route cannot be used.
    pub enum RouteReason {
        /// The protocol is not in the document of protocols.
        ProtocolUnknown = "protocol_unknown",
        /// The protocol is no longer in use.
        ProtocolRetired = "protocol_retired",
        /// The protocol is limited to certain countries, and one of the sides is in another country.
        ProtocolCountryLimited = "protocol_country_limited",
        /// A bridge leads there from one of our protocols, but only for VASPs of other countries.
        BridgeCountryLimited = "bridge_country_limited",
        /// A list names a network over which the VASP is reached, and no public document says that the protocol leads there.
        BridgeNotDocumented = "bridge_not_documented",
        /// The VASP is neither verified nor listed in the registry.
        VaspHeldBack = "vasp_held_back",
        /// Our side has no endpoint of the protocol.
        NotSpokenByUs = "not_spoken_by_us",
        /// Both sides have no compatible version in common.
        NoCommonVersion = "no_common_version",
        /// The VASP paused the endpoint.
        EndpointPaused = "endpoint_paused",
        /// Announced maintenance is in progress.
        Maintenance = "maintenance",
        /// The VASP has not proven that the host is its own.
        DomainNotProven = "domain_not_proven",
        /// Another VASP has the identifier: its identifier was confirmed, or published earlier.
        IdentifierConflicted = "identifier_conflicted",
        /// The VASP published the identifier, but no case has confirmed it.
        Declared = "declared",
        /// The endpoint does not serve counterparties of that country.
        RegionNotServed = "region_not_served",
        /// The endpoint does not serve that network.
        NetworkNotServed = "network_not_served",
        /// The endpoint does not serve that asset.
        AssetNotServed = "asset_not_served",
        /// The certificate that the route needs was revoked.
        CertificateRevoked = "certificate_revoked",
        /// The certificate that the route needs has expired.
        CertificateExpired = "certificate_expired",
        /// The certificate that the route needs has findings that forbid its use.
        CertificateFindings = "certificate_findings",
        /// The certificate that the route needs is not valid yet.
        CertificateNotYetValid = "certificate_not_yet_valid",
        /// The certificate that the route needs is not published, and the policy requires it.
        CertificateMissing = "certificate_missing",
        /// The probes found it down.
        EndpointDown = "endpoint_down",
        /// The probes found it degraded, and the policy requires better.
        EndpointDegraded = "endpoint_degraded",
        /// It was not probed recently, and the policy requires that.
        HealthUnknown = "health_unknown",
        /// Data that the receiver needs is not available.
        RequiredDataMissing = "required_data_missing",
        /// The nearest way: through a bridge from one of our protocols.
        OverBridge = "over_bridge",
        /// The nearest way: one of the counterparty's protocols, which our side could join.
        JoinProtocol = "join_protocol",
    }
}

/// One reason, as a sentence.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Obstacle {
    /// The reason.
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
