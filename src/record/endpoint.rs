//! Endpoints: where a VASP speaks a Travel Rule protocol, and on what terms. Published by the VASP itself; whether one may be
//! used for a transfer is for `endpoint_rules` and `routes` to say, from the protocol, the certificates and the health beside it.

use vasp_words::closed_list::closed_list;

use serde::{Deserialize, Serialize};
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::country::Country;
use vasp_words::host::Host;
use vasp_words::ids::EndpointId;
use vasp_words::protocol_id::ProtocolId;
use vasp_words::rule_names::FieldCode;
use vasp_words::time::UtcTime;

/// One endpoint, as its VASP published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Public id.
    pub id: EndpointId,
    /// Rises with every change.
    pub version: i64,
    /// Which protocol is spoken.
    pub protocol: ProtocolId,
    /// Versions of it that are spoken, as the protocol writes them.
    pub versions: Vec<String>,
    /// Where.
    pub location: Location,
    /// Data that the VASP needs beside what the law asks for.
    pub required_fields: RequiredFields,
    /// Networks it is for; none: all.
    pub networks: Vec<Caip2>,
    /// Assets it is for; none: all.
    pub assets: Vec<Caip19>,
    /// Countries of counterparties it is for; none: all.
    pub regions: Vec<Country>,
    /// When it is not to be used, announced ahead.
    pub maintenance: Vec<MaintenanceWindow>,
    /// Where it stands.
    pub status: EndpointStatus,
    /// When it was published first.
    pub published_at: UtcTime,
    /// When it was changed last.
    pub changed_at: UtcTime,
}

/// Where an endpoint is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields, tag = "kind")]
pub enum Location {
    /// An HTTPS URL.
    Url {
        /// The URL, with its scheme.
        url: String,
    },
    /// A host and port that speak TLS.
    HostPort {
        /// Host.
        host: Host,
        /// Port.
        port: u16,
    },
    /// The VASP's identifier inside a network that reaches its members itself.
    Identifier {
        /// Scheme of the identifier, as the protocol names it.
        scheme: String,
        /// Identifier.
        value: String,
    },
    /// An e-mail address.
    Email {
        /// Address.
        address: String,
    },
}

/// Field codes of the rulebook, by direction as the VASP sees it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = EndpointRequiredFields))]
#[serde(deny_unknown_fields)]
pub struct RequiredFields {
    /// What others must send to it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub incoming: Vec<FieldCode>,
    /// What others must be able to take from it.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub outgoing: Vec<FieldCode>,
}

/// A time in which an endpoint is not to be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MaintenanceWindow {
    /// First moment.
    pub from: UtcTime,
    /// First moment no longer.
    pub to: UtcTime,
    /// Why, in the VASP's words.
    pub reason: Option<String>,
}

closed_list! {
    /// What the VASP said last of an endpoint, worst first.
    pub enum EndpointStatus {
        /// Taken back for good.
        Withdrawn = "withdrawn",
        /// Not to be used until its VASP says so.
        Paused = "paused",
        /// In use.
        Active = "active",
    }
}

impl Endpoint {
    /// Returns the maintenance that a moment lies in.
    #[must_use]
    pub fn maintenance_at(&self, now: UtcTime) -> Option<&MaintenanceWindow> {
        self.maintenance.iter().find(|window| window.from <= now && now < window.to)
    }
}

impl Location {
    /// Returns the host that is called; none where no host is.
    #[must_use]
    pub fn host(&self) -> Option<Host> {
        match self {
            Self::Url { url } => url
                .strip_prefix("https://")
                .and_then(|rest| vasp_addresses::inquiry_url::InquiryUrl::after_scheme(rest).ok())
                .map(|url| url.host().clone()),
            Self::HostPort { host, .. } => Some(host.clone()),
            Self::Identifier { .. } | Self::Email { .. } => None,
        }
    }

    /// Returns the host that must be the VASP's own: where it is called, or where its mail goes; none inside a network that
    /// admits its members itself.
    #[must_use]
    pub fn own_host(&self) -> Option<Host> {
        match self {
            Self::Email { address } => address.rsplit_once('@').and_then(|(_, host)| host.parse().ok()),
            Self::Identifier { .. } => None,
            Self::Url { .. } | Self::HostPort { .. } => self.host(),
        }
    }

    /// Returns whether two locations are equal, apart from a URL's last slash and the case of an e-mail address.
    #[must_use]
    pub fn is_same_place(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Url { url }, Self::Url { url: other }) => url.trim_end_matches('/') == other.trim_end_matches('/'),
            // What stands before the `@` belongs to the receiver; servers that tell `A` from `a` are not met.
            (Self::Email { address }, Self::Email { address: other }) => address.eq_ignore_ascii_case(other),
            _ => self == other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> UtcTime {
        text.parse().unwrap()
    }

    fn endpoint() -> Endpoint {
        let text = r#"{"id": "end_00000000000000000000000001", "version": 1, "protocol": "trp", "versions": ["3.2.1"],
            "location": {"kind": "url", "url": "https://Trp.Example.com/inquiries"}, "required_fields": {"incoming": ["originator.name"]},
            "networks": ["eip155:1"], "assets": [], "regions": ["DE"], "maintenance": [{"from": "2026-01-01T00:00:00Z",
            "to": "2026-01-01T01:00:00Z", "reason": null}], "status": "active", "published_at": "2026-01-01T00:00:00Z",
            "changed_at": "2026-01-01T00:00:00Z"}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn it_is_stored_as_it_is_read() {
        let text = serde_json::to_string(&endpoint()).unwrap();

        assert_eq!(serde_json::from_str::<Endpoint>(&text).unwrap(), endpoint());
        assert!(serde_json::from_str::<Endpoint>(&text.replace("\"versions\"", "\"version_list\"")).is_err());
    }

    #[test]
    fn maintenance_ends_at_its_last_moment() {
        let during = |text: &str| endpoint().maintenance_at(at(text)).is_some();

        assert!(during("2026-01-01T00:00:00Z") && during("2026-01-01T00:59:59.9Z"));
        assert!(!during("2026-01-01T01:00:00Z") && !during("2025-12-31T23:59:59Z"));
    }

    #[test]
    fn only_what_names_a_host_has_one() {
        let host = |location: &str| serde_json::from_str::<Location>(location).unwrap().host().map(|host| host.to_string());

        assert_eq!(endpoint().location.host().unwrap().as_str(), "trp.example.com");
        assert_eq!(
            host(r#"{"kind": "host_port", "host": "trisa.example.com", "port": 4435}"#).as_deref(),
            Some("trisa.example.com")
        );
        assert_eq!(host(r#"{"kind": "url", "url": "http://trp.example.com"}"#), None);
        assert_eq!(host(r#"{"kind": "email", "address": "a@example.com"}"#), None);
    }
}
