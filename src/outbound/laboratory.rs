//! The test laboratory, which replaces the Internet in tests: servers on one loopback address, with their own roots of trust. No option,
//! environment variable or build feature can switch it on. `tests/architecture.rs` checks that no other module of `src/` uses it.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hickory_resolver::proto::dnssec::TrustAnchors;

use super::address_policy::AddressPolicy;

/// A replacement for the Internet in tests.
#[derive(Clone)]
pub struct Laboratory {
    /// The one address that may be called besides public addresses; `None` if only public addresses may be called.
    pub callable: Option<IpAddr>,
    /// The port that replaces 443 at that address.
    pub https_port: u16,
    /// The port that replaces 80 at that address; `None` if nothing is called by HTTP.
    pub http_port: Option<u16>,
    /// The root certificates that TLS trusts, in DER.
    pub tls_roots: Vec<Vec<u8>>,
    /// The keys that sign the DNS root.
    pub dns_roots: Arc<TrustAnchors>,
}

impl Laboratory {
    /// Returns which addresses may be called.
    pub(super) fn policy(&self) -> AddressPolicy {
        self.callable.map_or(AddressPolicy::public_only(), AddressPolicy::excepting)
    }

    /// Returns the address and port to connect to instead of a checked address.
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
