//! Endpoints: the places at which a VASP accepts a Travel Rule protocol, with their terms. The VASP itself publishes them.
//! `endpoint_rules` and `routes` decide from protocol, certificates and health whether one may be used for a transfer.

use vasp_words::closed_list::closed_list;

use serde::{Deserialize, Serialize};
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::country::Country;
use vasp_words::host::Host;
use vasp_words::ids::EndpointId;
use vasp_words::protocol_id::ProtocolId;
use vasp_words::rule_names::FieldCode;
use vasp_words::time::UtcTime;

/// One endpoint as its VASP published it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Endpoint {
    /// Public id.
    pub id: EndpointId,
    /// Version number; it increases with every change.
    pub version: i64,
    /// The protocol of the endpoint.
    pub protocol: ProtocolId,
    /// The supported protocol versions, as the protocol writes them.
    pub versions: Vec<String>,
    /// The location.
    pub location: Location,
    /// Data that the VASP requires in addition to the legal requirements.
    pub required_fields: RequiredFields,
    /// Networks that it accepts; empty for all.
    pub networks: Vec<Caip2>,
    /// Assets that it accepts; empty for all.
    pub assets: Vec<Caip19>,
    /// Countries of counterparties that it accepts; empty for all.
    pub regions: Vec<Country>,
    /// Announced times in which it must not be used.
    pub maintenance: Vec<MaintenanceWindow>,
    /// The status of the endpoint.
    pub status: EndpointStatus,
    /// When it was first published.
    pub published_at: UtcTime,
    /// When it was last changed.
    pub changed_at: UtcTime,
}

/// The location of an endpoint.
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
    /// The VASP's identifier in a network that delivers to its own members.
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

/// Field codes of the rulebook, by direction from the VASP's point of view.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema), schema(as = EndpointRequiredFields))]
#[serde(deny_unknown_fields)]
pub struct RequiredFields {
    /// Fields that others must send to the VASP.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub incoming: Vec<FieldCode>,
    /// Fields that others must be able to receive from the VASP.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schema(required = true))]
    pub outgoing: Vec<FieldCode>,
}

/// A time in which an endpoint must not be used.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct MaintenanceWindow {
    /// Start of the maintenance.
    pub from: UtcTime,
    /// End of the maintenance (exclusive).
    pub to: UtcTime,
    /// The VASP's own reason; null if it gives none.
    pub reason: Option<String>,
}

closed_list! {
    /// The last status that the VASP gave to an endpoint, worst first.
    pub enum EndpointStatus {
        /// Permanently withdrawn.
        Withdrawn = "withdrawn",
        /// It must not be used until its VASP activates it again.
        Paused = "paused",
        /// In use.
        Active = "active",
    }
}

impl Endpoint {
    /// Returns the maintenance window that contains this time.
    #[must_use]
    pub fn maintenance_at(&self, now: UtcTime) -> Option<&MaintenanceWindow> {
        self.maintenance.iter().find(|window| window.from <= now && now < window.to)
    }
}

impl Location {
    /// Returns the host to call; `None` if the location has no such host.
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

    /// Returns the host that must belong to the VASP: the host to call, or the host of its e-mail address. `None` in a network
    /// that admits its own members.
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
            // The receiver defines the part before the `@`, but servers that treat `A` and `a` as different do not occur in
            // practice.
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
