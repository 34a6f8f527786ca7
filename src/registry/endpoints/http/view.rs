//! An endpoint: where a VASP speaks a Travel Rule protocol, on what terms, and whether it may be used now.

use serde::Serialize;
use utoipa::ToSchema;

use crate::directory::Generation;
use crate::endpoints::MemberEndpoint;
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

/// Where a VASP speaks a Travel Rule protocol.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = Endpoint)]
pub(crate) struct EndpointView {
    id: EndpointId,
    /// Which protocol; `GET /v1/protocols` lists them.
    protocol: ProtocolId,
    /// Versions that are spoken, oldest first; empty where the protocol has none.
    #[schema(example = json!(["3.2.1"]))]
    versions: Vec<String>,
    location: EndpointLocationView,
    /// Data that the VASP needs beside what the law asks for.
    required_fields: RequiredFields,
    /// CAIP-2 ids of the networks it is for; empty: all.
    #[schema(example = json!(["eip155:1"]))]
    networks: Vec<Caip2>,
    /// CAIP-19 ids of the assets it is for; empty: all.
    #[schema(example = json!(["eip155:1/slip44:60"]))]
    assets: Vec<Caip19>,
    /// Countries of counterparties it is for (ISO 3166-1 alpha-2); empty: all.
    #[schema(example = json!(["DE"]))]
    regions: Vec<Country>,
    /// Announced times in which it is not to be used, in order; those that are over are left out.
    maintenance: Vec<MaintenanceWindow>,
    status: EndpointStatus,
    /// Whether it may be used at this moment, as far as the VASP's word and proven domains go; certificates and health are
    /// judged apart.
    usable: bool,
    /// Why it may not be used; null where it may.
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
    /// The VASP's identifier inside a network that reaches its members itself.
    Identifier {
        #[schema(example = "did")]
        scheme: String,
        #[schema(example = "did:ethr:0x77167cd0ac7c9cb23f90fe3a2d2c47e3f1a9b5b2")]
        value: String,
    },
    /// An e-mail address: the last resort.
    Email {
        /// Null for readers without credentials.
        #[schema(example = "travelrule@example.com")]
        address: Option<String>,
    },
}

impl EndpointView {
    /// Returns the endpoints of a record that were not taken back: by protocol, oldest first, e-mail last of all.
    pub(crate) fn of_record(generation: &Generation, vasp: &Vasp, at: UtcTime, viewer: Viewer) -> Vec<Self> {
        let mut live: Vec<&Endpoint> =
            vasp.endpoints.iter().filter(|endpoint| endpoint.status != EndpointStatus::Withdrawn).collect();
        live.sort_by_key(|endpoint| (matches!(endpoint.location, Location::Email { .. }), &endpoint.protocol, endpoint.id));
        let standing = |endpoint: &Endpoint| generation.standing(endpoint, vasp, at);
        live.into_iter().map(|endpoint| Self::of(endpoint, standing(endpoint), at, viewer)).collect()
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

impl From<&MemberEndpoint> for EndpointView {
    fn from(own: &MemberEndpoint) -> Self {
        Self::of(&own.endpoint, own.standing, own.at, Viewer::Owner)
    }
}

impl EndpointLocationView {
    fn of(location: &Location, viewer: Viewer) -> Self {
        match location.clone() {
            Location::Url { url } => Self::Url { url },
            Location::HostPort { host, port } => Self::HostPort { host: host.to_string(), port },
            Location::Identifier { scheme, value } => Self::Identifier { scheme, value },
            Location::Email { address } => Self::Email { address: viewer.sees("EndpointLocation", "address").then_some(address) },
        }
    }
}
