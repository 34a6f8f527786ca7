//! What a member sends about an endpoint. Read here as far as form goes; what may be published is the domain's to say.

use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

use crate::endpoints::EndpointPatch;
use vasp_record::endpoint::MaintenanceWindow;
use vasp_rules::endpoint_rules::LocationText;
use vasp_rules::endpoint_rules::check::EndpointDraft;
use vasp_rules::protocol::ProtocolId;
use vasp_words::country::Country;
use vasp_words::time::UtcTime;

/// Where an endpoint is reached; which kinds a protocol allows: `GET /v1/protocols`.
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
    /// The VASP's identifier inside a network that reaches its members itself.
    Identifier {
        /// The protocol's own without.
        #[serde(default)]
        #[schema(example = "did")]
        scheme: Option<String>,
        #[schema(example = "did:ethr:0x77167cd0ac7c9cb23f90fe3a2d2c47e3f1a9b5b2")]
        value: String,
    },
    /// An e-mail address on a proven domain: the last resort.
    Email {
        #[schema(example = "travelrule@example.com")]
        address: String,
    },
}

/// Field codes of the rulebook, by direction as the VASP sees it.
#[derive(Clone, Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEndpointRequiredFields)]
pub(crate) struct RequiredFieldsInput {
    /// What others must send to it.
    #[serde(default)]
    #[schema(example = json!(["originator.name"]))]
    incoming: Vec<String>,
    /// What others must be able to take from it.
    #[serde(default)]
    outgoing: Vec<String>,
}

/// A time in which an endpoint is not to be used: at most 30 days, not over yet.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMaintenanceWindow)]
pub(crate) struct MaintenanceInput {
    /// First moment.
    from: UtcTime,
    /// First moment no longer.
    to: UtcTime,
    /// Why; everybody reads it.
    #[serde(default)]
    reason: Option<String>,
}

/// An endpoint to be published.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewEndpoint)]
pub(crate) struct NewEndpointBody {
    /// Which protocol; `GET /v1/protocols` lists them.
    protocol: ProtocolId,
    /// Versions that are spoken; none where the protocol has none.
    #[serde(default)]
    #[schema(example = json!(["3.2.1"]))]
    versions: Vec<String>,
    location: LocationInput,
    #[serde(default)]
    #[schema(inline)]
    required_fields: RequiredFieldsInput,
    /// Networks it is for, CAIP-2 or an alias; none: all.
    #[serde(default)]
    #[schema(example = json!(["eip155:1"]))]
    networks: Vec<String>,
    /// Assets it is for, CAIP-19; none: all.
    #[serde(default)]
    #[schema(example = json!(["eip155:1/slip44:60"]))]
    assets: Vec<String>,
    /// Countries of counterparties it is for (ISO 3166-1 alpha-2); none: all.
    #[serde(default)]
    #[schema(example = json!(["DE"]))]
    regions: Vec<Country>,
    /// Announced maintenance; windows that overlap become one.
    #[serde(default)]
    maintenance: Vec<MaintenanceInput>,
}

/// What is to be otherwise about required fields; a direction that is absent stays.
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

/// What is to be otherwise about an endpoint. Members that are absent stay as they are; lists are replaced, and null empties them;
/// the location is replaced as a whole. Another protocol is another endpoint.
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
    /// All maintenance that is not over: what is left out is called off.
    #[serde(default, deserialize_with = "emptied")]
    #[schema(value_type = Option<Vec<MaintenanceInput>>)]
    maintenance: Option<Vec<MaintenanceInput>>,
}

/// Reads a list that null empties. Source: RFC 7396 (null removes; what is removed here is empty).
fn emptied<'de, D: Deserializer<'de>, T: Deserialize<'de>>(value: D) -> Result<Option<Vec<T>>, D::Error> {
    Ok(Some(Option::<Vec<T>>::deserialize(value)?.unwrap_or_default()))
}

/// Reads a member that may be absent and not null: an endpoint is somewhere.
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
