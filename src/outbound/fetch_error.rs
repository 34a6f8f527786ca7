//! The closed list of reasons why a fetch fails. The texts contain what the caller asked for and where that led, never anything from a
//! response body.

use super::address_policy::AddressRefused;
use vasp_addresses::inquiry_url::UrlError;
use vasp_words::host::Host;

/// Why something could not be fetched.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// The registry does not call this port.
    #[error("the registry does not call port {0}: the file must be at port 443")]
    Port(u16),
    /// The host does not exist.
    #[error("the DNS has no address for {0}")]
    HostNotFound(Host),
    /// The resolvers answer that the look-up failed.
    #[error("the DNS resolvers report that they cannot look up {0}")]
    LookupFailed(Host),
    /// The registry's resolvers do not answer.
    #[error("none of the registry's DNS resolvers answered in time: try again later")]
    ResolversSilent,
    /// The host has an address that may not be called.
    #[error("the registry does not call {host}: {refused}")]
    Address {
        /// The host.
        host: Host,
        /// The address, and why it is refused.
        refused: AddressRefused,
    },
    /// No connection could be made.
    #[error("no connection to {0} could be made in time")]
    NoConnection(Host),
    /// The address is on this machine, and this registry calls no programs here.
    #[error("{0} is on this machine, which only a sandbox calls")]
    NotCalledHere(
        /// Host and port.
        String,
    ),
    /// No program on this machine takes the connection.
    #[error("no program on this machine takes connections at {0}")]
    NobodyHere(
        /// Host and port.
        String,
    ),
    /// A program on this machine takes the connection and does not answer.
    #[error("the program at {0} gave no HTTP answer within 10 seconds")]
    NoAnswerHere(
        /// Host and port.
        String,
    ),
    /// The certificate is not trusted for this host.
    #[error("the certificate of {0} is not for this host, has expired, or is not signed by an authority that browsers trust")]
    Certificate(Host),
    /// TLS fails for another reason.
    #[error("the TLS connection to {0} failed: the registry requires TLS 1.2 or 1.3")]
    Tls(Host),
    /// The fetch took too long.
    #[error("{0} took longer than 5 seconds, including all redirects")]
    TimedOut(Host),
    /// Too many redirects.
    #[error("there were more than {} redirects", super::https::REDIRECTS_MAX)]
    TooManyRedirects,
    /// A redirect to a URL that the registry does not call.
    #[error("{host} redirects to a place that the registry cannot follow: {reason}")]
    Redirect {
        /// The host that redirects.
        host: Host,
        /// What is wrong with the target URL.
        reason: UrlError,
    },
    /// A redirect without a readable `Location` header.
    #[error("{0} redirects without a `Location` that starts with `https://` or `/`")]
    Location(Host),
    /// The body is too long.
    #[error("the body has more than {} bytes", super::https::BODY_MAX)]
    BodyTooLong,
    /// The body is compressed.
    #[error("the body is compressed, although the registry did not ask for that")]
    Compressed,
    /// A download took too long, or stood still.
    #[error("{host} was silent for {silent_secs} seconds, or did not send the file within {secs} seconds")]
    TooSlow {
        /// The host.
        host: Host,
        /// The limit of the whole download, in seconds.
        secs: u64,
        /// The limit of a silence, in seconds.
        silent_secs: u64,
    },
    /// A downloaded file is too long.
    #[error("the file has more than {0} bytes")]
    FileTooLong(u64),
    /// A downloaded file cannot be stored.
    #[error("the file cannot be stored on this machine")]
    NotStored,
    /// A download was broken off because the process stops.
    #[error("the download was broken off because the server stops")]
    BrokenOff,
    /// The server does not speak valid HTTP.
    #[error("{0} does not follow the HTTP protocol")]
    Protocol(Host),
}

impl FetchError {
    /// Tells whether the failure comes from the registry's own side and says nothing about the host.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        matches!(self, Self::ResolversSilent | Self::NotStored | Self::BrokenOff)
    }
}
