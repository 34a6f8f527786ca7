//! An endpoint: where a VASP supports a Travel Rule protocol, on which terms, and whether it may be used now.

use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::Generation;
use crate::endpoints::SeenEndpoint;
use crate::http::visibility::Viewer;
use vasp_record::endpoint::{Endpoint, EndpointStatus, Location, MaintenanceWindow, RequiredFields};
use vasp_record::vasp::Vasp;
use vasp_rules::endpoint_rules::maintenance::not_over;
use vasp_rules::endpoint_rules::standing::{Standing, Unusable};
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::country::Country;
use vasp_words::ids::EndpointId;
use vasp_words::protocol_id::ProtocolId;
use vasp_words::time::UtcTime;

/// A place where a VASP supports a Travel Rule protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Endpoint)]
pub(crate) struct EndpointView {
    id: EndpointId,
    /// The protocol; `GET /v1/protocols` lists them.
    protocol: ProtocolId,
    /// Versions of the protocol that the endpoint supports, oldest first; empty if the protocol has no versions.
    #[schema(example = json!(["3.2.1"]))]
    versions: Vec<String>,
    location: EndpointLocationView,
    /// Data that the VASP needs in addition to what the law requires.
    required_fields: RequiredFields,
    /// CAIP-2 ids of the networks that the endpoint is for; empty for all.
    #[schema(example = json!(["eip155:1"]))]
    networks: Vec<Caip2>,
    /// CAIP-19 ids of the assets that the endpoint is for; empty for all.
    #[schema(example = json!(["eip155:1/slip44:60"]))]
    assets: Vec<Caip19>,
    /// Countries of the counterparties that the endpoint is for (ISO 3166-1 alpha-2); empty for all.
    #[schema(example = json!(["DE"]))]
    regions: Vec<Country>,
    /// Announced times in which others must not use it, in order, without those that have ended.
    maintenance: Vec<MaintenanceWindow>,
    status: EndpointStatus,
    /// Whether it may be used at this moment. This depends on what the VASP says and on its proven domains. Certificates and health
    /// are judged separately.
    usable: bool,
    /// Why it may not be used; null if it may.
    reason: Option<Unusable>,
    published_at: UtcTime,
    changed_at: UtcTime,
}

/// Where an endpoint is reached.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[schema(as = EndpointLocation)]
pub(crate) enum EndpointLocationView {
    /// An HTTPS URL.
    Url {
        #[schema(example = "https://travelrule.example.com/trp")]
        url: String,
    },
    /// A host and port that speak TLS.
    HostPort {
        #[schema(example = "trisa.example.com")]
        host: String,
        #[schema(example = 443)]
        port: u16,
    },
    /// The VASP's identifier in a network that delivers messages to its members itself.
    Identifier {
        #[schema(example = "did")]
        scheme: String,
        #[schema(example = "did:ethr:0x77167cd0ac7c9cb23f90fe3a2d2c47e3f1a9b5b2")]
        value: String,
    },
    /// An e-mail address, as the last resort.
    Email {
        /// Null for readers without credentials.
        #[schema(example = "travelrule@example.com")]
        address: Option<String>,
    },
}

impl EndpointView {
    /// Returns the endpoints of a record without withdrawn ones: by protocol, oldest first, and e-mail endpoints last.
    pub(crate) fn of_record(generation: &Generation, vasp: &Vasp, at: UtcTime, viewer: Viewer) -> Vec<Self> {
        let mut live: Vec<&Endpoint> =
            vasp.endpoints.iter().filter(|endpoint| endpoint.status != EndpointStatus::Withdrawn).collect();
        live.sort_by_key(|endpoint| (matches!(endpoint.location, Location::Email { .. }), &endpoint.protocol, endpoint.id));
        let standing = |endpoint: &Endpoint| generation.standing(endpoint, vasp, at);
        live.into_iter().map(|endpoint| Self::of(endpoint, standing(endpoint), at, viewer)).collect()
    }

    /// Returns an endpoint of a record.
    pub(crate) fn seen(seen: &SeenEndpoint, viewer: Viewer) -> Self {
        Self::of(&seen.endpoint, seen.standing, seen.at, viewer)
    }

    fn of(endpoint: &Endpoint, standing: Standing, at: UtcTime, viewer: Viewer) -> Self {
        Self {
            id: endpoint.id,
            protocol: endpoint.protocol.clone(),
            versions: endpoint.versions.clone(),
            location: EndpointLocationView::of(&endpoint.location, viewer),
            required_fields: endpoint.required_fields.clone(),
            networks: endpoint.networks.clone(),
            assets: endpoint.assets.clone(),
            regions: endpoint.regions.clone(),
            maintenance: not_over(&endpoint.maintenance, at).cloned().collect(),
            status: endpoint.status,
            usable: standing.is_usable(),
            reason: standing.reason(),
            published_at: endpoint.published_at,
            changed_at: endpoint.changed_at,
        }
    }
}

impl EndpointLocationView {
    fn of(location: &Location, viewer: Viewer) -> Self {
        match location.clone() {
            Location::Url { url } => Self::Url { url },
            Location::HostPort { host, port } => Self::HostPort { host: host.to_string(), port },
            Location::Identifier { scheme, value } => Self::Identifier { scheme, value },
            Location::Email { address } => {
                Self::Email { address: viewer.sees("EndpointLocationEmail", "address").then_some(address) }
            }
        }
    }
}
