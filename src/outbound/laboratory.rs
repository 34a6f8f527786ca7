//! What tests put in the place of the Internet: servers of their own on one loopback address, with their own roots of trust.
//! Nothing of this can be reached by an option, a variable or a build's feature: `tests/architecture.rs` sees to it that no
//! other room of `src/` names it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hickory_resolver::proto::dnssec::TrustAnchors;

use super::address_policy::AddressPolicy;

/// A stand-in for the Internet.
#[derive(Clone)]
pub struct Laboratory {
    /// The one address that may be called besides public ones; none to have the rule as it is.
    pub callable: Option<IpAddr>,
    /// The port that stands for 443 at that address.
    pub https_port: u16,
    /// The port that stands for 80 there; none where nothing is called by HTTP.
    pub http_port: Option<u16>,
    /// The certificates that TLS trusts, in DER.
    pub tls_roots: Vec<Vec<u8>>,
    /// The keys that sign the root of names.
    pub dns_roots: Arc<TrustAnchors>,
}

impl Laboratory {
    /// Returns which addresses may be called here.
    pub(super) fn policy(&self) -> AddressPolicy {
        self.callable.map_or(AddressPolicy::public_only(), AddressPolicy::excepting)
    }

    /// Returns where a checked address is called here.
    pub(super) fn place_of(&self, address: SocketAddr) -> SocketAddr {
        let port = match address.port() {
            _ if self.callable != Some(address.ip()) => None,
            super::https::HTTPS_PORT => Some(self.https_port),
            super::https::HTTP_PORT => self.http_port,
            _ => None,
        };
        port.map_or(address, |port| SocketAddr::new(address.ip(), port))
    }
}
