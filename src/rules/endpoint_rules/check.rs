//! What an endpoint may contain: one pure rule for publishing and changing. A refusal names the member, what is wrong and what would be
//! right. The service decides whether the caller may publish at all.

use super::maintenance::{check_window, merge_checked};
use super::place::{LocationText, is_proven_by};
use crate::protocol::{Protocol, ProtocolId, ProtocolState, Protocols, VersionRule};
use crate::rulebook::{FieldCode, Rulebook};
use vasp_addresses::network::NetworkTable;
use vasp_record::endpoint::{Endpoint, EndpointStatus, Location, MaintenanceWindow, RequiredFields};
use vasp_record::platform::PlatformHosts;
use vasp_record::vasp::{DomainStatus, Vasp};
use vasp_words::caip::{Caip2, Caip19};
use vasp_words::country::Country;
use vasp_words::ids::EndpointId;
use vasp_words::time::UtcTime;

/// Maximum number of endpoints of a VASP that are not withdrawn; our own limit.
pub const LIVE_ENDPOINTS_MAX: usize = 50;

/// Maximum number of endpoints that a VASP ever had, including withdrawn ones, which stay in its history and in memory; our own limit.
pub const ENDPOINTS_MAX: usize = 1_000;

/// Maximum number of items in one list of an endpoint; our own limit. There are 250 countries, fewer networks with names, and fewer field
/// codes.
const ITEMS_MAX: usize = 300;

/// A fault of an endpoint that somebody wants to publish.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct EndpointFault {
    /// JSON Pointer of the member.
    pub pointer: String,
    /// The kind of fault, from a closed list.
    pub code: &'static str,
    /// What is wrong and what would be right.
    pub detail: String,
}

impl EndpointFault {
    /// Creates a fault.
    #[must_use]
    pub fn new(pointer: &str, code: &'static str, detail: String) -> Self {
        Self { pointer: pointer.to_owned(), code, detail }
    }
}

/// An endpoint as somebody wants to publish it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EndpointDraft {
    /// The protocol.
    pub protocol: ProtocolId,
    /// The versions that the endpoint supports.
    pub versions: Vec<String>,
    /// The location.
    pub location: LocationText,
    /// Codes of the fields that others must send.
    pub incoming: Vec<String>,
    /// Codes of the fields that others must accept.
    pub outgoing: Vec<String>,
    /// The networks, each as CAIP-2 id or another name.
    pub networks: Vec<String>,
    /// The assets, as CAIP-19.
    pub assets: Vec<String>,
    /// The countries of counterparties.
    pub regions: Vec<Country>,
    /// Announced maintenance.
    pub maintenance: Vec<MaintenanceWindow>,
}

/// The facts and reference data that an endpoint is checked against.
#[derive(Clone, Copy, Debug)]
pub struct EndpointGround<'a> {
    /// The VASP that owns the endpoint.
    pub vasp: &'a Vasp,
    /// The protocols.
    pub protocols: &'a Protocols,
    /// The rulebook, for its field codes.
    pub rulebook: &'a Rulebook,
    /// Hosts that many VASPs share.
    pub platforms: &'a PlatformHosts,
}

/// A checked endpoint: everything but its id, version, status and dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedEndpoint {
    protocol: ProtocolId,
    versions: Vec<String>,
    location: Location,
    required_fields: RequiredFields,
    networks: Vec<Caip2>,
    assets: Vec<Caip19>,
    regions: Vec<Country>,
    maintenance: Vec<MaintenanceWindow>,
}

impl CheckedEndpoint {
    /// Returns the location.
    #[must_use]
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Returns the protocol.
    #[must_use]
    pub fn protocol(&self) -> &ProtocolId {
        &self.protocol
    }

    /// Returns a new endpoint with this content.
    #[must_use]
    pub fn begin(self, id: EndpointId, now: UtcTime) -> Endpoint {
        let status = EndpointStatus::Active;
        self.with(id, 1, status, now, now)
    }

    /// Returns the known endpoint with this content instead of its own. If nothing differs, it stays the same.
    #[must_use]
    pub fn replace(self, known: &Endpoint, now: UtcTime) -> Endpoint {
        let same = self.clone().with(known.id, known.version, known.status, known.published_at, known.changed_at);
        if same == *known { same } else { self.with(known.id, known.version + 1, known.status, known.published_at, now) }
    }

    fn with(self, id: EndpointId, version: i64, status: EndpointStatus, published_at: UtcTime, changed_at: UtcTime) -> Endpoint {
        let Self { protocol, versions, location, required_fields, networks, assets, regions, maintenance } = self;
        Endpoint {
            id,
            version,
            protocol,
            versions,
            location,
            required_fields,
            networks,
            assets,
            regions,
            maintenance,
            status,
            published_at,
            changed_at,
        }
    }
}

impl From<&Endpoint> for EndpointDraft {
    fn from(known: &Endpoint) -> Self {
        let codes = |codes: &[FieldCode]| codes.iter().map(ToString::to_string).collect();
        Self {
            protocol: known.protocol.clone(),
            versions: known.versions.clone(),
            location: LocationText::from(&known.location),
            incoming: codes(&known.required_fields.incoming),
            outgoing: codes(&known.required_fields.outgoing),
            networks: known.networks.iter().map(ToString::to_string).collect(),
            assets: known.assets.iter().map(ToString::to_string).collect(),
            regions: known.regions.clone(),
            maintenance: known.maintenance.clone(),
        }
    }
}

impl EndpointDraft {
    /// Reads and checks the draft.
    ///
    /// # Errors
    /// `EndpointFault` for the first member that is not allowed.
    pub fn check(self, ground: &EndpointGround<'_>, now: UtcTime) -> Result<CheckedEndpoint, EndpointFault> {
        let protocol = known_protocol(&self.protocol, ground.protocols)?;
        let versions = read_versions(&self.versions, protocol)?;
        let location = self.location.read(protocol)?;
        check_proven(&location, ground)?;
        let required_fields = RequiredFields {
            incoming: read_codes(&self.incoming, "/required_fields/incoming", ground.rulebook)?,
            outgoing: read_codes(&self.outgoing, "/required_fields/outgoing", ground.rulebook)?,
        };
        let networks = read_all(&self.networks, "/networks", |text, at| read_network(text, at))?;
        let assets = read_all(&self.assets, "/assets", |text, at| read_asset(text, at))?;
        let regions = read_all(&self.regions, "/regions", |country, _| Ok(*country))?;
        check_length(self.maintenance.len(), "/maintenance")?;
        for (index, window) in self.maintenance.iter().enumerate() {
            check_window(window, now, &format!("/maintenance/{index}"))?;
        }
        let maintenance = merge_checked(self.maintenance, "/maintenance")?;
        Ok(CheckedEndpoint {
            protocol: self.protocol,
            versions,
            location,
            required_fields,
            networks,
            assets,
            regions,
            maintenance,
        })
    }
}

fn known_protocol<'a>(id: &ProtocolId, protocols: &'a Protocols) -> Result<&'a Protocol, EndpointFault> {
    let fault = |code, detail| Err(EndpointFault::new("/protocol", code, detail));
    let open = || {
        let open = protocols.iter().filter(|known| known.status != ProtocolState::Retired);
        open.map(|known| known.id.as_str()).collect::<Vec<_>>().join(", ")
    };
    match protocols.get(id) {
        None => fault("unknown_protocol", format!("the registry does not know the protocol `{id}`; known are {}", open())),
        Some(known) if known.status == ProtocolState::Retired => {
            let instead = known.superseded_by.as_ref().map_or_else(open, ToString::to_string);
            fault("protocol_retired", format!("{} is retired and no longer used; use {instead}", known.name))
        }
        Some(known) => Ok(known),
    }
}

/// Reads versions and sorts them in the protocol's own order.
fn read_versions(versions: &[String], protocol: &Protocol) -> Result<Vec<String>, EndpointFault> {
    check_length(versions.len(), "/versions")?;
    let known = || protocol.versions.iter().map(|known| known.version.as_str()).collect::<Vec<_>>().join(", ");
    let mut places = Vec::with_capacity(versions.len());
    for (index, version) in versions.iter().enumerate() {
        let pointer = format!("/versions/{index}");
        let place = protocol.place_of(version).ok_or_else(|| {
            let shown: String = version.chars().take(40).collect();
            let detail = match protocol.versions.is_empty() {
                true => format!("{} has no versions: leave `versions` empty", protocol.name),
                false => format!("`{shown}` is not a known version of {}; known are {}", protocol.name, known()),
            };
            EndpointFault::new(&pointer, "unknown_version", detail)
        })?;
        places.push(place);
    }
    places.sort_unstable();
    places.dedup();
    if places.is_empty() && !protocol.versions.is_empty() && protocol.version_rule != VersionRule::Any {
        let detail = format!("name the versions of {} that the endpoint speaks; known are {}", protocol.name, known());
        return Err(EndpointFault::new("/versions", "version_needed", detail));
    }
    Ok(places.into_iter().filter_map(|place| protocol.versions.get(place)).map(|known| known.version.clone()).collect())
}

/// Refuses a host that is not proven to be the VASP's own.
fn check_proven(location: &Location, ground: &EndpointGround<'_>) -> Result<(), EndpointFault> {
    // A VASP may publish an identifier of a network before it is confirmed: nobody uses the endpoint until then.
    if matches!(location, Location::Identifier { .. }) || is_proven_by(location, ground.vasp, ground.platforms) {
        return Ok(());
    }
    let host = location.own_host().map(|host| host.to_string()).unwrap_or_default();
    let proven = ground.vasp.domains.iter().filter(|domain| domain.status == DomainStatus::Proven && !domain.platform);
    let proven: Vec<String> = proven
        .map(|domain| format!("{}{}", domain.domain, if domain.covers_subdomains { " and its subdomains" } else { "" }))
        .collect();
    let proven = if proven.is_empty() { "no domain is proven yet".to_owned() } else { format!("proven: {}", proven.join(", ")) };
    let detail = format!(
        "`{host}` is in no domain that your VASP has proven ({proven}), and on no shared host where your path is confirmed; prove the domain first: POST /v1/vasps/mine/domains"
    );
    let member = match location {
        Location::Url { .. } => "/location/url",
        Location::HostPort { .. } => "/location/host",
        Location::Email { .. } => "/location/address",
        Location::Identifier { .. } => "/location",
    };
    Err(EndpointFault::new(member, "domain_not_proven", detail))
}

fn check_length(found: usize, pointer: &str) -> Result<(), EndpointFault> {
    if found <= ITEMS_MAX {
        return Ok(());
    }
    Err(EndpointFault::new(pointer, "too_many_items", format!("the list has {found} items, at most {ITEMS_MAX} are allowed")))
}

/// Reads every item of a list, sorts the items and removes duplicates.
fn read_all<T, U: Ord>(
    items: &[T],
    pointer: &str,
    read: impl Fn(&T, &str) -> Result<U, EndpointFault>,
) -> Result<Vec<U>, EndpointFault> {
    check_length(items.len(), pointer)?;
    let read_at = |(index, item): (usize, &T)| read(item, &format!("{pointer}/{index}"));
    let mut found = items.iter().enumerate().map(read_at).collect::<Result<Vec<_>, _>>()?;
    found.sort();
    found.dedup();
    Ok(found)
}

fn read_codes(codes: &[String], pointer: &str, rulebook: &Rulebook) -> Result<Vec<FieldCode>, EndpointFault> {
    check_length(codes.len(), pointer)?;
    let read = rulebook.read_field_codes(codes).map_err(|unknown| {
        let detail = format!("`{}` is not a field code of the rulebook; known are {}", unknown.code, unknown.known.join(", "));
        EndpointFault::new(&format!("{pointer}/{}", unknown.index), "unknown_field_code", detail)
    })?;
    Ok(read.into_iter().collect())
}

fn read_network(text: &str, pointer: &str) -> Result<Caip2, EndpointFault> {
    let known = NetworkTable::embedded().read_name(text, None).map(|network| network.caip2.clone());
    known.map_err(|error| EndpointFault::new(pointer, error.code(), error.to_string()))
}

fn read_asset(text: &str, pointer: &str) -> Result<Caip19, EndpointFault> {
    let asset: Caip19 = text.parse().map_err(|error: vasp_words::caip::CaipError| {
        EndpointFault::new(pointer, "invalid_asset", format!("this is not a CAIP-19 asset such as eip155:1/slip44:60: {error}"))
    })?;
    read_network(&asset.chain().to_string(), pointer)?;
    Ok(asset)
}
