//! Where an endpoint may be: reads its location and decides whether the host belongs to the VASP. A host belongs to a VASP only under a
//! domain that the VASP has proven, or below a path of a shared host that both sides confirmed. This module calls no host.

use super::check::EndpointFault;
use crate::protocol::{LocationKind, Protocol};
use vasp_addresses::inquiry_url::InquiryUrl;
use vasp_record::delegation::DelegationStatus;
use vasp_record::endpoint::Location;
use vasp_record::platform::PlatformHosts;
use vasp_record::vasp::{DomainStatus, Vasp};
use vasp_words::host::Host;

/// The port of HTTPS. Source: RFC 9110, section 4.2.2.
const HTTPS_PORT: u16 = 443;

/// Longest address. Source: RFC 5321, section 4.5.3.1.3 with erratum 1690.
const EMAIL_LENGTH_MAX: usize = 254;

/// Longest part before the `@`. Source: RFC 5321, section 4.5.3.1.1.
const LOCAL_PART_LENGTH_MAX: usize = 64;

/// Longest identifier inside a network, in bytes; our own limit.
const IDENTIFIER_LENGTH_MAX: usize = 200;

/// A location as somebody wrote it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocationText {
    /// A URL.
    Url(String),
    /// Host and port.
    HostPort(String, u16),
    /// Scheme and identifier; `None` if no scheme was named.
    Identifier(Option<String>, String),
    /// An e-mail address.
    Email(String),
}

impl LocationText {
    fn kind(&self) -> LocationKind {
        match self {
            Self::Url(_) => LocationKind::Url,
            Self::HostPort(..) => LocationKind::HostPort,
            Self::Identifier(..) => LocationKind::Identifier,
            Self::Email(_) => LocationKind::Email,
        }
    }

    /// Reads the location into its canonical spelling and checks that the protocol allows it.
    ///
    /// # Errors
    /// `EndpointFault` says what would be right.
    pub fn read(&self, protocol: &Protocol) -> Result<Location, EndpointFault> {
        if !protocol.locations.contains(&self.kind()) {
            let allowed: Vec<&str> = protocol.locations.iter().map(|kind| kind.as_str()).collect();
            let detail = format!("{} is reached by {}, not by {}", protocol.name, allowed.join(" or "), self.kind().as_str());
            return Err(EndpointFault::new("/location/kind", "location_not_allowed", detail));
        }
        match self {
            Self::Url(url) => read_url(url),
            Self::HostPort(host, port) => read_host_port(host, *port),
            Self::Identifier(scheme, value) => read_identifier(scheme.as_deref(), value, protocol),
            Self::Email(address) => {
                let fault = |detail: String| EndpointFault::new("/location/address", "invalid_email", detail);
                read_email(address).map(|address| Location::Email { address }).map_err(fault)
            }
        }
    }
}

fn read_url(url: &str) -> Result<Location, EndpointFault> {
    let wrong = |code, detail: String| EndpointFault::new("/location/url", code, detail);
    let read: InquiryUrl =
        url.parse().map_err(|error: vasp_addresses::inquiry_url::UrlError| wrong(error.code(), error.to_string()))?;
    let port = read.port().filter(|port| *port != HTTPS_PORT).map(|port| format!(":{port}")).unwrap_or_default();
    Ok(Location::Url { url: format!("https://{}{port}{}", read.host(), read.path_and_query()) })
}

fn read_host_port(host: &str, port: u16) -> Result<Location, EndpointFault> {
    let host: Host = host
        .parse()
        .map_err(|error: vasp_words::host::HostError| EndpointFault::new("/location/host", error.code(), error.to_string()))?;
    if port == 0 {
        return Err(EndpointFault::new("/location/port", "invalid_port", "the port must be a number from 1 to 65535".to_owned()));
    }
    Ok(Location::HostPort { host, port })
}

fn read_identifier(scheme: Option<&str>, value: &str, protocol: &Protocol) -> Result<Location, EndpointFault> {
    let known = protocol.identifier_scheme.as_deref().unwrap_or_default();
    if scheme.is_some_and(|scheme| scheme != known) {
        let detail = format!("the identifier scheme of {} is `{known}`; send `{known}`, or leave the scheme out", protocol.name);
        return Err(EndpointFault::new("/location/scheme", "unknown_scheme", detail));
    }
    let plain = value.bytes().all(|b| b.is_ascii_graphic()) && (1..=IDENTIFIER_LENGTH_MAX).contains(&value.len());
    if plain && !protocol.fits_identifier(value) {
        let pattern = protocol.identifier_pattern.as_deref().unwrap_or_default();
        let detail = format!("an identifier of the scheme `{known}` has the form {pattern}");
        return Err(EndpointFault::new("/location/value", "invalid_identifier", detail));
    }
    if !plain {
        let detail = format!("an identifier has 1 to {IDENTIFIER_LENGTH_MAX} visible ASCII characters and no spaces");
        return Err(EndpointFault::new("/location/value", "invalid_identifier", detail));
    }
    Ok(Location::Identifier { scheme: known.to_owned(), value: value.to_owned() })
}

/// Reads an e-mail address: words separated by dots, and a public host, which is returned in A-labels. Quoted parts, comments and non-ASCII
/// addresses are refused, because not every mail server accepts them.
///
/// Source: RFC 5321, section 4.1.2 (`Dot-string "@" Domain`); characters of `atext` RFC 5322, section 3.2.3.
///
/// # Errors
/// The text says what is wrong and what would be right.
pub fn read_email(text: &str) -> Result<String, String> {
    let form = || "an e-mail address has the form name@example.com, without quotes, comments and spaces".to_owned();
    let (local, host) = text.rsplit_once('@').ok_or_else(form)?;
    let is_atext = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c);
    let is_atom = |atom: &str| !atom.is_empty() && atom.chars().all(is_atext);
    if local.len() > LOCAL_PART_LENGTH_MAX || !local.split('.').all(is_atom) {
        return Err(form());
    }
    let host: Host = host.parse().map_err(|error: vasp_words::host::HostError| format!("after the `@`: {error}"))?;
    let address = format!("{local}@{host}");
    if address.len() > EMAIL_LENGTH_MAX {
        return Err(format!("an e-mail address has at most {EMAIL_LENGTH_MAX} characters"));
    }
    Ok(address)
}

impl From<&Location> for LocationText {
    fn from(known: &Location) -> Self {
        match known.clone() {
            Location::Url { url } => Self::Url(url),
            Location::HostPort { host, port } => Self::HostPort(host.to_string(), port),
            // The scheme that the protocol names today applies.
            Location::Identifier { value, .. } => Self::Identifier(None, value),
            Location::Email { address } => Self::Email(address),
        }
    }
}

/// Tells whether a VASP has proven that a location is its own.
#[must_use]
pub fn is_proven_by(location: &Location, vasp: &Vasp, platforms: &PlatformHosts) -> bool {
    if let Location::Identifier { scheme, value } = location {
        return bears(vasp, scheme, value, platforms);
    }
    let Some(host) = location.own_host() else { return false };
    if platforms.covering(&host).is_some() {
        return is_delegated_to(location, vasp, &host, platforms);
    }
    // A host that nobody shares may have paths that belong to another VASP too.
    is_under_proven_domain(vasp, &host) || is_delegated_to(location, vasp, &host, platforms)
}

/// Tells whether an identifier certainly belongs to a VASP. A case confirmed it, so it is among the identifiers of the record. For
/// `did:web`, the document must be at a location that the VASP has proven to be its own.
///
/// Source: docs/endpoints.md, "Identifiers"; W3C CCG, "did:web Method Specification", section 3.2 (Read).
#[must_use]
pub fn bears(vasp: &Vasp, scheme: &str, value: &str, platforms: &PlatformHosts) -> bool {
    match value.strip_prefix(DID_WEB) {
        Some(rest) if scheme == DID => {
            let (host, path) = rest.split_once(':').unwrap_or((rest, ".well-known"));
            let host = host.split('%').next().unwrap_or_default();
            let url = format!("https://{host}/{}/did.json", path.replace(':', "/"));
            is_proven_by(&Location::Url { url }, vasp, platforms)
        }
        _ => vasp.identifiers.iter().any(|known| known.scheme == scheme && known.value == value),
    }
}

/// The scheme of decentralised identifiers, and the start of an identifier that stands for a host.
const DID: &str = "did";
const DID_WEB: &str = "did:web:";

/// Tells whether an identifier stands for a host, so that a proof of the domain also proves the identifier.
#[must_use]
pub(super) fn is_of_host(location: &Location) -> bool {
    matches!(location, Location::Identifier { scheme, value } if scheme == DID && value.starts_with(DID_WEB))
}

/// Tells whether both sides confirmed that paths of this host belong to the VASP. A shared host as a whole belongs to nobody, and a path
/// proves nothing about mail.
fn is_delegated_to(location: &Location, vasp: &Vasp, host: &Host, platforms: &PlatformHosts) -> bool {
    let path = match location {
        Location::Url { url } => {
            let path: Option<InquiryUrl> = url.parse().ok();
            path.map(|url| url.path().to_owned()).unwrap_or_default()
        }
        Location::HostPort { .. } => String::new(),
        Location::Identifier { .. } | Location::Email { .. } => return false,
    };
    let shared = platforms.covering(host).is_some_and(|entry| entry.host() == host.as_str());
    vasp.delegations.iter().any(|(delegated, status)| {
        *status == DelegationStatus::Confirmed
            && delegated.host() == host.as_str()
            && (delegated.prefix().depth() > 0 || !shared)
            && delegated.prefix().covers(&path)
    })
}

/// Tells whether a host is a proven domain, or below one that covers its subdomains. A domain on a shared host proves nothing.
fn is_under_proven_domain(vasp: &Vasp, host: &Host) -> bool {
    host.parents().iter().enumerate().any(|(depth, name)| {
        vasp.domains.iter().any(|domain| {
            let counts = domain.status == DomainStatus::Proven && !domain.platform;
            counts && domain.domain == name.as_str() && (depth == 0 || domain.covers_subdomains)
        })
    })
}
