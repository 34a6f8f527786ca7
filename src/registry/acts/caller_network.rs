//! The network from which somebody without credentials asks, and the wider ones in which it is counted too. Whoever rents a server gets a
//! /64 of IPv6 or many of them, so limits on a /64 alone would be limits on nobody.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;

/// A network of callers: an IPv4 address, an IPv6 /64, or a wider one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallerNetwork {
    first: IpAddr,
    bits: u8,
}

/// The IPv6 networks in which a caller is counted, narrowest first.
///
/// Source: RFC 6177, section 2: one subscriber has at least a /64, a home often a /56, a site at most a /48.
const IPV6_BITS: [u8; CallerNetwork::ALLOWANCES.len()] = [64, 56, 48];

impl CallerNetwork {
    /// How many subscribers' allowances the networks have in which a caller is counted, narrowest first: 1, 4 and 16. An IPv4 address has
    /// only the first. The numbers are ours.
    pub const ALLOWANCES: [NonZeroU32; 3] =
        [NonZeroU32::MIN, NonZeroU32::MIN.saturating_add(3), NonZeroU32::MIN.saturating_add(15)];

    /// Returns the network that one subscriber usually has.
    #[must_use]
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            v4 @ IpAddr::V4(_) => Self { first: v4, bits: 32 },
            v6 @ IpAddr::V6(_) => Self { first: v6, bits: 128 }.within(64),
        }
    }

    /// Iterates over the networks in which the caller is counted, narrowest first, each with the number of subscribers whose allowance it
    /// has.
    pub fn counted(self) -> impl Iterator<Item = (Self, NonZeroU32)> {
        let bits = if self.first.is_ipv4() { &[32][..] } else { &IPV6_BITS[..] };
        bits.iter().zip(Self::ALLOWANCES).map(move |(bits, allowance)| (self.within(*bits), allowance))
    }

    /// Returns the network that one provider or site has, for what must not depend on who has many addresses: an IPv4 /16, an IPv6 /48.
    #[must_use]
    pub fn neighbourhood(self) -> Self {
        self.within(if self.first.is_ipv4() { 16 } else { 48 })
    }

    fn within(self, bits: u8) -> Self {
        let first = match self.first {
            IpAddr::V4(address) => {
                let mask = u32::MAX.checked_shl(32_u32.saturating_sub(bits.into())).unwrap_or(0);
                IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
            }
            IpAddr::V6(address) => {
                let mask = u128::MAX.checked_shl(128_u32.saturating_sub(bits.into())).unwrap_or(0);
                IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
            }
        };
        Self { first, bits }
    }
}

impl fmt::Display for CallerNetwork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(text: &str) -> Vec<String> {
        let found = CallerNetwork::of(text.parse().unwrap()).counted();
        found.map(|(network, allowance)| format!("{network} x{allowance}")).collect()
    }

    #[test]
    fn an_address_of_ipv6_is_counted_in_three_networks_and_one_of_ipv4_alone() {
        let networks = ["2001:db8:1:203::/64 x1", "2001:db8:1:200::/56 x4", "2001:db8:1::/48 x16"];
        assert_eq!(counted("2001:db8:1:203:4:5:6:7"), networks);
        assert_eq!(counted("::ffff:192.0.2.7"), ["192.0.2.7/32 x1"]);
        assert_eq!(CallerNetwork::ALLOWANCES.map(NonZeroU32::get), [1, 4, 16]);
    }

    #[test]
    fn a_neighbourhood_is_what_a_provider_has() {
        let of = |text: &str| CallerNetwork::of(text.parse().unwrap()).neighbourhood().to_string();

        assert_eq!([of("198.51.100.7"), of("2001:db8:1:203::7")], ["198.51.0.0/16", "2001:db8:1::/48"]);
    }
}
