//! Options of outgoing calls: the DNS resolvers that check members' domains, and the mail server that sends enrolment links.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

use serde::Deserialize;
use vasp_outbound::{MailSender, SmtpUrl};

/// The port of DNS.
const DNS_PORT: u16 = 53;

/// Public resolvers of three operators: a member's domain is accepted only if they agree.
///
/// Source: the operators' own pages: Quad9, Cloudflare, Google Public DNS.
const DEFAULT_RESOLVERS: [Ipv4Addr; 3] = [Ipv4Addr::new(9, 9, 9, 9), Ipv4Addr::new(1, 1, 1, 1), Ipv4Addr::new(8, 8, 8, 8)];

/// The address of a DNS resolver; the port is 53 if the text has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct DnsResolver(SocketAddr);

/// The error for a text that is not a resolver's address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a DNS resolver must be an IP address, with a port if it is not 53: 9.9.9.9, 192.0.2.1:5353, [2620:fe::fe]:53")]
pub struct DnsResolverError;

/// Options of outgoing calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, clap::Args, Deserialize)]
pub struct OutboundOptions {
    /// A DNS resolver that checks members' domains; give at least two, which must agree [default: 9.9.9.9,1.1.1.1,8.8.8.8]
    #[arg(long, value_name = "ADDR", env = "VASP_REGISTRY_DNS_RESOLVER", value_delimiter = ',')]
    pub dns_resolver: Option<Vec<DnsResolver>>,
    /// The URL of the mail server that sends invited people their links, with name and password; without it, a second admin hands out
    /// the links
    #[arg(long, value_name = "URL", env = "VASP_REGISTRY_SMTP_URL", hide_env_values = true)]
    pub smtp_url: Option<SmtpUrl>,
    /// The sender of that mail; required with a mail server
    #[arg(long, value_name = "ADDRESS", env = "VASP_REGISTRY_MAIL_FROM")]
    pub mail_from: Option<MailSender>,
}

/// The settings of outgoing calls in effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutboundSettings {
    /// The resolvers, in order.
    pub dns_resolvers: Vec<SocketAddr>,
    /// The mail server; `None` if no mail is sent.
    pub smtp_url: Option<SmtpUrl>,
    /// The sender of mail; `None` if no mail is sent.
    pub mail_from: Option<MailSender>,
}

impl OutboundOptions {
    /// Combines these options with those of a file and the defaults; these win.
    #[must_use]
    pub fn settle(self, file: &Self) -> OutboundSettings {
        let named = self.dns_resolver.or_else(|| file.dns_resolver.clone());
        let named = named.map(|named| named.into_iter().map(|resolver| resolver.0).collect());
        let default = || DEFAULT_RESOLVERS.map(|address| SocketAddr::from((address, DNS_PORT))).into();
        OutboundSettings {
            dns_resolvers: named.unwrap_or_else(default),
            smtp_url: self.smtp_url.or_else(|| file.smtp_url.clone()),
            mail_from: self.mail_from.or_else(|| file.mail_from.clone()),
        }
    }
}

impl FromStr for DnsResolver {
    type Err = DnsResolverError;
    fn from_str(text: &str) -> Result<Self, DnsResolverError> {
        let with_port = text.parse::<SocketAddr>().ok();
        let without = || text.parse::<IpAddr>().ok().map(|address| SocketAddr::from((address, DNS_PORT)));
        with_port.or_else(without).filter(|address| address.port() != 0).map(Self).ok_or(DnsResolverError)
    }
}

impl TryFrom<String> for DnsResolver {
    type Error = DnsResolverError;
    fn try_from(text: String) -> Result<Self, DnsResolverError> {
        text.parse()
    }
}

impl fmt::Display for DnsResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn resolvers_are_addresses_with_or_without_a_port() {
        for (text, address) in [
            ("9.9.9.9", "9.9.9.9:53"),
            ("127.0.0.1:5353", "127.0.0.1:5353"),
            ("2620:fe::fe", "[2620:fe::fe]:53"),
            ("[2620:fe::fe]:853", "[2620:fe::fe]:853"),
        ] {
            assert_eq!(text.parse::<DnsResolver>().unwrap().to_string(), address);
        }
        for text in ["", "dns.example.com", "9.9.9.9:0", "9.9.9.9:99999", "9.9.9", " 9.9.9.9"] {
            assert_eq!(text.parse::<DnsResolver>(), Err(DnsResolverError), "{text}");
        }
    }

    #[test]
    fn three_operators_are_asked_by_default_and_named_ones_take_their_place() {
        let file = OutboundOptions { dns_resolver: Some(vec!["192.0.2.1".parse().unwrap()]), ..OutboundOptions::default() };
        let resolvers = vec!["192.0.2.2:5".parse().unwrap(), "192.0.2.3".parse().unwrap()];
        let given = OutboundOptions { dns_resolver: Some(resolvers), ..OutboundOptions::default() };

        assert_eq!(OutboundOptions::default().settle(&OutboundOptions::default()).dns_resolvers.len(), 3);
        assert_eq!(OutboundOptions::default().settle(&file).dns_resolvers, ["192.0.2.1:53".parse().unwrap()]);
        assert_eq!(given.settle(&file).dns_resolvers, ["192.0.2.2:5".parse().unwrap(), "192.0.2.3:53".parse().unwrap()]);
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_so_that_it_reads_back(text in "\\PC*", like in "[0-9a-f.:\\[\\]]{0,24}") {
            for text in [text, like] {
                if let Ok(resolver) = text.parse::<DnsResolver>() {
                    prop_assert_eq!(resolver.to_string().parse(), Ok(resolver));
                }
            }
        }
    }
}
