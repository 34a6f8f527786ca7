//! Decides which IP addresses the registry may call: public Internet addresses only. A member chooses the domain name, and so also the
//! address that the name resolves to. Without this check, an attacker could make the registry call machines in its own network. The
//! registry checks the addresses after every look-up.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use vasp_words::closed_list::closed_list;

closed_list! {
    /// The purpose of an address that is not a public Internet address.
    pub enum AddressKind {
        /// This machine.
        Loopback = "loopback",
        /// A private network.
        Private = "private",
        /// The local network segment only. On cloud machines, the metadata service has such an address.
        LinkLocal = "link-local",
        /// A carrier's network between the carrier and its customers.
        Carrier = "carrier's shared",
        /// No address, or "this network".
        Unspecified = "unspecified",
        /// A group of machines (multicast).
        Multicast = "multicast",
        /// All machines of a network (broadcast).
        Broadcast = "broadcast",
        /// Examples in documentation.
        Documentation = "documentation",
        /// Benchmark tests.
        Benchmarking = "benchmarking",
        /// An IPv4 address inside an IPv6 address, or a tunnel to one.
        Translated = "translated IPv4",
        /// Protocol assignments, anycast services, or unassigned.
        Reserved = "reserved",
    }
}

/// The address may not be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{address} is not an address of the public Internet ({})", kind.as_str())]
pub struct AddressRefused {
    /// The address.
    pub address: IpAddr,
    /// The purpose of the address.
    pub kind: AddressKind,
}

/// The rule that says which addresses may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AddressPolicy {
    /// The address of a test's own servers; `None` outside tests.
    excepted: Option<IpAddr>,
}

use AddressKind::{
    Benchmarking, Broadcast, Carrier, Documentation, LinkLocal, Loopback, Multicast, Private, Reserved, Translated, Unspecified,
};

/// IPv4 blocks that are not public, each with its prefix length. The first matching block decides.
///
/// Source: IANA IPv4 Special-Purpose Address Registry (RFC 6890, RFC 8190) and IPv4 Multicast Address Space (RFC 5771), as of
/// 2025-10. This list also refuses blocks that the registry calls globally reachable but that contain no web servers: AS112, AMT, and the
/// protocol anycast addresses of 192.0.0.0/24.
const IPV4: &[([u8; 4], u32, AddressKind)] = &[
    ([0, 0, 0, 0], 8, Unspecified),         // RFC 791, "this network"
    ([10, 0, 0, 0], 8, Private),            // RFC 1918
    ([100, 64, 0, 0], 10, Carrier),         // RFC 6598
    ([127, 0, 0, 0], 8, Loopback),          // RFC 1122
    ([169, 254, 0, 0], 16, LinkLocal),      // RFC 3927
    ([172, 16, 0, 0], 12, Private),         // RFC 1918
    ([192, 0, 0, 0], 24, Reserved),         // RFC 6890
    ([192, 0, 2, 0], 24, Documentation),    // RFC 5737
    ([192, 31, 196, 0], 24, Reserved),      // RFC 7535
    ([192, 52, 193, 0], 24, Reserved),      // RFC 7450
    ([192, 88, 99, 0], 24, Translated),     // RFC 7526
    ([192, 168, 0, 0], 16, Private),        // RFC 1918
    ([192, 175, 48, 0], 24, Reserved),      // RFC 7534
    ([198, 18, 0, 0], 15, Benchmarking),    // RFC 2544
    ([198, 51, 100, 0], 24, Documentation), // RFC 5737
    ([203, 0, 113, 0], 24, Documentation),  // RFC 5737
    ([224, 0, 0, 0], 4, Multicast),         // RFC 5771
    ([255, 255, 255, 255], 32, Broadcast),  // RFC 919
    ([240, 0, 0, 0], 4, Reserved),          // RFC 1112
];

/// IPv6 blocks that are not public, in the same form.
///
/// Source: IANA IPv6 Special-Purpose Address Registry (RFC 6890, RFC 8190) and IPv6 Address Space, as of 2025-10.
const IPV6: &[([u16; 8], u32, AddressKind)] = &[
    ([0, 0, 0, 0, 0, 0, 0, 0], 128, Unspecified),           // RFC 4291
    ([0, 0, 0, 0, 0, 0, 0, 1], 128, Loopback),              // RFC 4291
    ([0, 0, 0, 0, 0, 0, 0, 0], 96, Translated),             // RFC 4291, IPv4-compatible
    ([0, 0, 0, 0, 0, 0xffff, 0, 0], 96, Translated),        // RFC 4291, IPv4-mapped
    ([0, 0, 0, 0, 0xffff, 0, 0, 0], 96, Translated),        // RFC 2765, IPv4-translated
    ([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96, Translated),     // RFC 6052, NAT64
    ([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48, Translated),     // RFC 8215, NAT64
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 32, Translated),        // RFC 4380, Teredo
    ([0x2001, 2, 0, 0, 0, 0, 0, 0], 48, Benchmarking),      // RFC 5180
    ([0x2001, 0, 0, 0, 0, 0, 0, 0], 23, Reserved),          // RFC 2928, protocols and ORCHID
    ([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32, Documentation), // RFC 3849
    ([0x2002, 0, 0, 0, 0, 0, 0, 0], 16, Translated),        // RFC 3056, 6to4
    ([0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0], 48, Reserved),  // RFC 7534, AS112
    ([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20, Documentation),     // RFC 9637
    ([0x3ffe, 0, 0, 0, 0, 0, 0, 0], 16, Reserved),          // RFC 3701, 6bone
    ([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7, Private),            // RFC 4193
    ([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10, LinkLocal),         // RFC 4291
    ([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10, Private),           // RFC 3879
    ([0xff00, 0, 0, 0, 0, 0, 0, 0], 8, Multicast),          // RFC 4291
];

/// The block from which IANA assigns unicast IPv6 addresses; all other addresses are unassigned. Source: RFC 4291, section 2.4; RFC 3587.
const GLOBAL_UNICAST: ([u16; 8], u32) = ([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

impl AddressPolicy {
    /// Returns the rule that allows public addresses only.
    #[must_use]
    pub const fn public_only() -> Self {
        Self { excepted: None }
    }

    /// Returns the rule that also allows one other address, on which a test's servers listen.
    pub(super) const fn excepting(address: IpAddr) -> Self {
        Self { excepted: Some(address) }
    }

    /// Checks that an address may be called.
    ///
    /// # Errors
    /// `AddressRefused`, with the purpose of the address.
    pub fn check(self, address: IpAddr) -> Result<(), AddressRefused> {
        match kind(address) {
            Some(kind) if self.excepted != Some(address) => Err(AddressRefused { address, kind }),
            _ => Ok(()),
        }
    }
}

/// Returns the purpose of an address; `None` for a public Internet address.
fn kind(address: IpAddr) -> Option<AddressKind> {
    match address {
        IpAddr::V4(address) => kind_of_v4(address),
        IpAddr::V6(address) => kind_of_v6(address),
    }
}

fn kind_of_v4(address: Ipv4Addr) -> Option<AddressKind> {
    let within = |block: [u8; 4], length: u32| {
        let differing = u32::from(address) ^ u32::from_be_bytes(block);
        differing.leading_zeros() >= length
    };
    IPV4.iter().find(|(block, length, _)| within(*block, *length)).map(|(_, _, kind)| *kind)
}

/// An IPv4 address inside an IPv6 address is always refused: no public server is reachable only at such an address.
fn kind_of_v6(address: Ipv6Addr) -> Option<AddressKind> {
    let within = |block: [u16; 8], length: u32| {
        let differing = u128::from(address) ^ u128::from(Ipv6Addr::from(block));
        differing.leading_zeros() >= length
    };
    let found = IPV6.iter().find(|(block, length, _)| within(*block, *length)).map(|(_, _, kind)| *kind);
    let (block, length) = GLOBAL_UNICAST;
    found.or_else(|| (!within(block, length)).then_some(Reserved))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refusal(text: &str) -> Option<AddressKind> {
        AddressPolicy::public_only().check(text.parse().unwrap()).err().map(|refused| refused.kind)
    }

    /// The first and last address of each block, and the addresses next to them. Source: the registries named above.
    #[test]
    fn blocks_end_where_the_registries_say() {
        for (first, last, kind) in [
            ("0.0.0.0", "0.255.255.255", Unspecified),
            ("10.0.0.0", "10.255.255.255", Private),
            ("100.64.0.0", "100.127.255.255", Carrier),
            ("127.0.0.0", "127.255.255.255", Loopback),
            ("169.254.0.0", "169.254.255.255", LinkLocal),
            ("172.16.0.0", "172.31.255.255", Private),
            ("192.0.0.0", "192.0.0.255", Reserved),
            ("192.0.2.0", "192.0.2.255", Documentation),
            ("192.88.99.0", "192.88.99.255", Translated),
            ("192.168.0.0", "192.168.255.255", Private),
            ("198.18.0.0", "198.19.255.255", Benchmarking),
            ("198.51.100.0", "198.51.100.255", Documentation),
            ("203.0.113.0", "203.0.113.255", Documentation),
            ("224.0.0.0", "239.255.255.255", Multicast),
            ("240.0.0.0", "255.255.255.254", Reserved),
            ("255.255.255.255", "255.255.255.255", Broadcast),
            ("::", "::", Unspecified),
            ("::1", "::1", Loopback),
            ("::2", "::ffff:ffff", Translated),
            ("::ffff:0.0.0.0", "::ffff:255.255.255.255", Translated),
            ("64:ff9b::", "64:ff9b::ffff:ffff", Translated),
            ("64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", Translated),
            ("100::", "100::ffff:ffff:ffff:ffff", Reserved),
            ("2001::", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", Translated),
            ("2001:1::", "2001:1:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
            ("2001:2::", "2001:2:0:ffff:ffff:ffff:ffff:ffff", Benchmarking),
            ("2001:10::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
            ("2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", Documentation),
            ("2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Translated),
            ("3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", Documentation),
            ("5f00::", "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Reserved),
            ("fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Private),
            ("fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", LinkLocal),
            ("fec0::", "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Private),
            ("ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", Multicast),
        ] {
            assert_eq!(refusal(first), Some(kind), "{first}");
            assert_eq!(refusal(last), Some(kind), "{last}");
        }
    }

    #[test]
    fn neighbours_of_the_blocks_are_public() {
        for address in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "93.184.215.14",
            "2000::",
            "2001:200::1",
            "2001:db7:ffff::1",
            "2001:db9::",
            "2003::",
            "2606:2800:21f:cb07:6820:80da:af6b:8b2c",
            "3ffd:ffff::",
        ] {
            assert_eq!(refusal(address), None, "{address}");
        }
    }

    #[test]
    fn metadata_addresses_are_refused_in_every_dress() {
        // Source: the providers' documentation; AWS also answers at fd00:ec2::254, Alibaba at 100.100.100.200.
        for address in [
            "169.254.169.254",
            "::ffff:169.254.169.254",
            "::169.254.169.254",
            "::ffff:0:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::a9fe:a9fe",
            "2002:a9fe:a9fe::",
            "fd00:ec2::254",
            "100.100.100.200",
        ] {
            assert!(refusal(address).is_some(), "{address}");
        }
    }

    #[test]
    fn a_laboratory_lets_its_own_address_in_and_no_other() {
        let policy = AddressPolicy::excepting("127.0.0.1".parse().unwrap());

        assert_eq!(policy.check("127.0.0.1".parse().unwrap()), Ok(()));
        for address in ["127.0.0.2", "::ffff:127.0.0.1", "::1", "10.0.0.1"] {
            assert!(policy.check(address.parse().unwrap()).is_err(), "{address}");
        }
        assert_eq!(
            AddressPolicy::public_only().check("127.0.0.1".parse().unwrap()).unwrap_err().to_string(),
            "127.0.0.1 is not an address of the public Internet (loopback)"
        );
    }

    proptest! {
        /// The policy refuses every address that the standard library classifies as special.
        #[test]
        fn whatever_the_standard_library_calls_special_is_refused(bits: u32, wide: u128) {
            let v4 = Ipv4Addr::from(bits);
            let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_broadcast()
                || v4.is_documentation() || v4.is_multicast() || v4.is_unspecified();
            prop_assert!(!special || kind_of_v4(v4).is_some(), "{}", v4);
            let v6 = Ipv6Addr::from(wide);
            let special = v6.is_loopback() || v6.is_multicast() || v6.is_unspecified() || v6.is_unique_local()
                || v6.is_unicast_link_local() || v6.to_ipv4().is_some();
            prop_assert!(!special || kind_of_v6(v6).is_some(), "{}", v6);
        }

        /// An IPv4 address does not become callable inside an IPv6 address.
        #[test]
        fn no_dress_makes_an_address_callable(bits: u32) {
            let v4 = u128::from(bits);
            let six_to_four = (0x2002_u128 << 112) | (v4 << 80);
            for wide in [v4, v4 | (0xffff << 32), v4 | (0xffff << 48), v4 | (0x0064_ff9b_u128 << 96), six_to_four] {
                prop_assert!(kind_of_v6(Ipv6Addr::from(wide)).is_some(), "{}", Ipv6Addr::from(wide));
            }
        }

        #[test]
        fn nothing_outside_what_was_given_out_is_public(wide: u128) {
            let first = wide >> 125;
            prop_assert!(first == 1 || kind_of_v6(Ipv6Addr::from(wide)).is_some());
        }
    }
}
