//! Request bodies about an endpoint. This module checks only their form; `vasp_rules::endpoint_rules` decides what may be published.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::endpoints::EndpointPatch;
use vasp_record::endpoint::MaintenanceWindow;
use vasp_rules::endpoint_rules::LocationText;
use vasp_rules::endpoint_rules::check::EndpointDraft;
use vasp_rules::protocol::ProtocolId;
use vasp_words::country::Country;
use vasp_words::time::UtcTime;

/// Where an endpoint is reached. `GET /v1/protocols` says which kinds a protocol allows.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields, tag = "kind")]
#[schema(as = NewEndpointLocation)]
pub(crate) enum LocationInput {
    /// An HTTPS URL on a proven domain.
    Url {
        #[schema(example = "https://travelrule.example.com/trp")]
        url: String,
    },
    /// A host on a proven domain, and a port that speaks TLS.
    HostPort {
        #[schema(example = "trisa.example.com")]
        host: String,
        #[schema(example = 443)]
        port: u16,
    },
    /// The VASP's identifier in a network that delivers messages to its members itself.
    Identifier {
        /// The protocol's own scheme if you leave it out.
        #[serde(default)]
        #[schema(example = "did")]
        scheme: Option<String>,
        #[schema(example = "did:ethr:0x77167cd0ac7c9cb23f90fe3a2d2c47e3f1a9b5b2")]
        value: String,
    },
    /// An e-mail address on a proven domain, as the last resort.
    Email {
        #[schema(example = "travelrule@example.com")]
        address: String,
    },
}

/// Field codes of the rulebook. The direction is the VASP's own.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEndpointRequiredFields)]
pub(crate) struct RequiredFieldsInput {
    /// Fields that others must send to the VASP.
    #[serde(default)]
    #[schema(example = json!(["originator.name"]))]
    incoming: Vec<String>,
    /// Fields that others must be able to receive from the VASP.
    #[serde(default)]
    outgoing: Vec<String>,
}

/// A time in which others must not use an endpoint. It has at most 30 days and must not have ended.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMaintenanceWindow)]
pub(crate) struct MaintenanceInput {
    /// Start of the maintenance.
    from: UtcTime,
    /// End of the maintenance: the first moment after it.
    to: UtcTime,
    /// The reason, which everybody can read.
    #[serde(default)]
    reason: Option<String>,
}

/// An endpoint to publish.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEndpoint)]
pub(crate) struct NewEndpointBody {
    /// The protocol; `GET /v1/protocols` lists them.
    protocol: ProtocolId,
    /// Versions of the protocol that the endpoint supports; empty if the protocol has no versions.
    #[serde(default)]
    #[schema(example = json!(["3.2.1"]))]
    versions: Vec<String>,
    location: LocationInput,
    #[serde(default)]
    #[schema(inline)]
    required_fields: RequiredFieldsInput,
    /// Networks that the endpoint is for, as CAIP-2 id or another name; empty for all.
    #[serde(default)]
    #[schema(example = json!(["eip155:1"]))]
    networks: Vec<String>,
    /// Assets that the endpoint is for, as CAIP-19; empty for all.
    #[serde(default)]
    #[schema(example = json!(["eip155:1/slip44:60"]))]
    assets: Vec<String>,
    /// Countries of the counterparties that the endpoint is for (ISO 3166-1 alpha-2); empty for all.
    #[serde(default)]
    #[schema(example = json!(["DE"]))]
    regions: Vec<Country>,
    /// Announced maintenance. Windows that overlap become one.
    #[serde(default)]
    maintenance: Vec<MaintenanceInput>,
}

/// Changes to required fields. A direction that you leave out stays as it is.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EndpointRequiredFieldsChange)]
pub(crate) struct RequiredFieldsChange {
    #[serde(default, deserialize_with = "emptied")]
    #[schema(value_type = Option<Vec<String>>)]
    incoming: Option<Vec<String>>,
    #[serde(default, deserialize_with = "emptied")]
    #[schema(value_type = Option<Vec<String>>)]
    outgoing: Option<Vec<String>>,
}

/// Changes to an endpoint. Fields that you leave out stay as they are. Lists are replaced, and null empties them. The location is
/// replaced as a whole. The protocol cannot change: publish another endpoint instead.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = EndpointChange)]
pub(crate) struct EndpointChangeBody {
    #[serde(default, deserialize_with = "emptied")]
    #[schema(value_type = Option<Vec<String>>, example = json!(["3.2.1"]))]
    versions: Option<Vec<String>>,
    #[serde(default, deserialize_with = "there")]
    #[schema(value_type = LocationInput)]
    location: Option<LocationInput>,
    #[serde(default, deserialize_with = "fields")]
    #[schema(value_type = Option<RequiredFieldsChange>)]
    required_fields: Option<RequiredFieldsChange>,
    #[serde(default, deserialize_with = "emptied")]
    #[schema(value_type = Option<Vec<String>>, example = json!(["eip155:1"]))]
    networks: Option<Vec<String>>,
    #[serde(default, deserialize_with = "emptied")]
    #[schema(value_type = Option<Vec<String>>, example = json!(["eip155:1/slip44:60"]))]
    assets: Option<Vec<String>>,
    #[serde(default, deserialize_with = "emptied")]
    #[schema(example = json!(["DE"]))]
    regions: Option<Vec<Country>>,
    /// All maintenance that has not ended. What you leave out is cancelled.
    #[serde(default, deserialize_with = "emptied")]
    #[schema(value_type = Option<Vec<MaintenanceInput>>)]
    maintenance: Option<Vec<MaintenanceInput>>,
}

/// Reads a list that null empties. Source: RFC 7396 (null removes; what is removed here is empty).
fn emptied<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<Vec<T>>, D::Error> {
    Ok(Some(Option::<Vec<T>>::deserialize(value)?.unwrap_or_default()))
}

/// Reads a value that may be absent but not null, because an endpoint always has a location.
fn there<'de, D: Deserializer<'de>>(value: D) -> Result<Option<LocationInput>, D::Error> {
    LocationInput::deserialize(value).map(Some)
}

/// Reads a change of required fields; null empties both directions.
fn fields<'de, D: Deserializer<'de>>(value: D) -> Result<Option<RequiredFieldsChange>, D::Error> {
    let empty = RequiredFieldsChange { incoming: Some(vec![]), outgoing: Some(vec![]) };
    Ok(Some(Option::deserialize(value)?.unwrap_or(empty)))
}

impl From<LocationInput> for LocationText {
    fn from(sent: LocationInput) -> Self {
        match sent {
            LocationInput::Url { url } => Self::Url(url),
            LocationInput::HostPort { host, port } => Self::HostPort(host, port),
            LocationInput::Identifier { scheme, value } => Self::Identifier(scheme, value),
            LocationInput::Email { address } => Self::Email(address),
        }
    }
}

impl From<MaintenanceInput> for MaintenanceWindow {
    fn from(MaintenanceInput { from, to, reason }: MaintenanceInput) -> Self {
        Self { from, to, reason }
    }
}

impl From<NewEndpointBody> for EndpointDraft {
    fn from(sent: NewEndpointBody) -> Self {
        Self {
            protocol: sent.protocol,
            versions: sent.versions,
            location: sent.location.into(),
            incoming: sent.required_fields.incoming,
            outgoing: sent.required_fields.outgoing,
            networks: sent.networks,
            assets: sent.assets,
            regions: sent.regions,
            maintenance: sent.maintenance.into_iter().map(MaintenanceWindow::from).collect(),
        }
    }
}

impl From<EndpointChangeBody> for EndpointPatch {
    fn from(sent: EndpointChangeBody) -> Self {
        let RequiredFieldsChange { incoming, outgoing } = sent.required_fields.unwrap_or_default();
        Self {
            versions: sent.versions,
            location: sent.location.map(LocationText::from),
            incoming,
            outgoing,
            networks: sent.networks,
            assets: sent.assets,
            regions: sent.regions,
            maintenance: sent.maintenance.map(|windows| windows.into_iter().map(MaintenanceWindow::from).collect()),
        }
    }
}
