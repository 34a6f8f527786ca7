//! A probe of an endpoint: what it asks, and what it saw. `outbound::probe` makes the calls, `judge` judges what one probe saw, and
//! `endpoint_health` judges many probes. This module does no I/O.

mod bad_port;
mod finding;
mod judge;
#[cfg(test)]
mod judge_tests;
pub mod trp;

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;

use vasp_record::endpoint::MaintenanceWindow;
use vasp_words::host::Host;
use vasp_words::ids::{EndpointId, VaspId};
use vasp_words::lei::Lei;
use vasp_words::time::UtcTime;

pub use super::protocol::ProbeKind;

pub use bad_port::{HTTPS_PORT, PortRefused, check_port};
pub use finding::{ProbeFinding, ProbeFindingCode};
pub use judge::judge;

/// The version of TRP that the registry names in its requests. Source: TRP 3.2.1 (2024-07-29).
pub const TRP_VERSION: &str = "3.2.1";

/// The versions that are tried after a server refused the one before: the newest that its VASP publishes, and then these, which most servers
/// in use speak. Source: TRP 3.1.0 (2023-06-26); 21 Analytics' and Notabene's servers of 2.1.0.
const FURTHER_VERSIONS: [&str; 2] = ["3.1.0", "2.1.0"];

/// Returns the versions of TRP to name in the requests of a probe, one after the other as long as the server refuses them.
#[must_use]
pub fn trp_versions(published: &[String]) -> Vec<&str> {
    let place = |version: &&String| version.split('.').map(|part| part.parse().unwrap_or(0)).collect::<Vec<u32>>();
    let newest = published.iter().max_by_key(place).map(String::as_str);
    let mut versions = vec![TRP_VERSION];
    for version in newest.into_iter().chain(FURTHER_VERSIONS) {
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions
}

/// Fingerprints of a certificate that the VASP published for its server, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// SHA-256 of the certificate.
    pub sha256: String,
    /// SHA-256 of its public key (SubjectPublicKeyInfo).
    pub spki_sha256: String,
}

/// An endpoint to probe, with what its VASP publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeTarget {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// The VASP that owns it.
    pub vasp: VaspId,
    /// How its protocol is probed.
    pub kind: ProbeKind,
    /// The host.
    pub host: Host,
    /// The port; `None` for 443.
    pub port: Option<u16>,
    /// The path and query to request if the protocol has no better request.
    pub path: String,
    /// The published versions of the protocol.
    pub versions: Vec<String>,
    /// The published server certificates that are valid now.
    pub pins: Vec<Pin>,
    /// The names of the VASP: the legal name and other names.
    pub names: Vec<String>,
    /// The LEI of the VASP; `None` if it has none.
    pub lei: Option<Lei>,
    /// The announced maintenance windows.
    pub maintenance: Vec<MaintenanceWindow>,
}

/// How long each step took, in milliseconds; null if the probe did not reach the step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageTimes {
    /// The look-up of the host.
    pub lookup_ms: Option<u32>,
    /// The connection.
    pub connect_ms: Option<u32>,
    /// The TLS handshake.
    pub tls_ms: Option<u32>,
    /// The first answer.
    pub answer_ms: Option<u32>,
}

impl StageTimes {
    /// Returns how long a counterparty with a new connection waits: all steps except the look-up.
    #[must_use]
    pub fn response_ms(self) -> u32 {
        let steps = [self.connect_ms, self.tls_ms, self.answer_ms];
        steps.into_iter().flatten().fold(0, u32::saturating_add)
    }
}

/// Whether browsers would trust a certificate for the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebTrust {
    /// Yes: there is a path to a public authority, and the certificate names the host.
    Trusted,
    /// No, with the reason.
    Untrusted(String),
}

/// The certificate that a server showed; the server proved that it has the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenCertificate {
    /// The certificate as DER.
    pub der: Vec<u8>,
    /// SHA-256 of the certificate, in hexadecimal.
    pub sha256: String,
    /// SHA-256 of its public key; `None` if the key cannot be read.
    pub spki_sha256: Option<String>,
    /// Whether browsers would trust it.
    pub web_trust: WebTrust,
    /// Start of its validity.
    pub not_before: Option<UtcTime>,
    /// End of its validity.
    pub not_after: Option<UtcTime>,
}

/// The reason why there was no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeFailure {
    /// The port may not be called.
    #[error("{0}")]
    Port(PortRefused),
    /// The address may not be called.
    #[error("the registry does not call this host: {0}")]
    Address(String),
    /// The host does not exist.
    #[error("the DNS has no address for the host")]
    HostNotFound,
    /// The resolvers could not find out.
    #[error("the DNS resolvers report that they cannot look up the host")]
    LookupFailed,
    /// The registry's own resolvers do not answer. This says nothing about the endpoint.
    #[error("none of the registry's DNS resolvers answered")]
    ResolversSilent,
    /// No connection was possible.
    #[error("the registry could not connect")]
    NoConnection,
    /// The TLS handshake failed.
    #[error("the TLS handshake failed: {0}")]
    Tls(String),
    /// There was no answer in time.
    #[error("the server did not answer in time")]
    TimedOut,
    /// The answer does not follow the protocol.
    #[error("the connection was lost, or the answer does not follow the protocol: {0}")]
    Protocol(String),
}

/// The reply to one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpReply {
    /// A complete reply.
    Whole {
        /// The status.
        status: u16,
        /// The body.
        body: Vec<u8>,
    },
    /// A redirect; the probe does not follow it.
    Redirect {
        /// The status.
        status: u16,
        /// The target, if it can be read.
        location: Option<String>,
    },
    /// A body that is longer than the probe reads.
    TooLong,
    /// The reply ended early or took too long.
    Broken,
}

impl HttpReply {
    /// Returns the status, if there was one.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Whole { status, .. } | Self::Redirect { status, .. } => Some(*status),
            Self::TooLong | Self::Broken => None,
        }
    }
}

/// The replies of a TRP endpoint. Source: TRP, extension "discoverability"; `/identity` is in the core.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrpReplies {
    /// `GET /version`.
    pub version: Option<HttpReply>,
    /// `GET /uptime`.
    pub uptime: Option<HttpReply>,
    /// `GET /extensions`.
    pub extensions: Option<HttpReply>,
    /// `GET /identity`.
    pub identity: Option<HttpReply>,
    /// The version of TRP that the server took after it refused the one of the registry; `None` if it took that or none.
    pub spoken: Option<String>,
}

/// The state that a TRISA node reports. Source: TRISA `trisa.api.v1beta1.ServiceState.Status`; `grpc.health.v1` answers SERVING or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceState {
    /// The node does not say.
    Unknown,
    /// The node works.
    Healthy,
    /// The node does not work.
    Unhealthy,
    /// The node may soon stop working.
    Danger,
    /// The node is off.
    Offline,
    /// The node is in maintenance.
    Maintenance,
}

/// The reply of a gRPC endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrpcReply {
    /// The state of the service.
    State(ServiceState),
    /// A status other than OK, by number. Source: gRPC, "Status codes and their use".
    Refused(u32),
    /// An HTTP status that is not 200.
    Http(u16),
}

/// The answer of an endpoint, by protocol.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// An answer in TRP.
    Trp(TrpReplies),
    /// An answer in gRPC.
    Grpc(GrpcReply),
    /// The reply to one HTTPS request.
    Https(HttpReply),
    /// The server asked for a client certificate and closed the connection. It works, and the probe saw its own certificate.
    AsksForCertificate,
}

/// What a probe saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How long the steps took.
    pub times: StageTimes,
    /// The server's certificate; `None` if the probe did not see it.
    pub certificate: Option<SeenCertificate>,
    /// Whether the server asked for a client certificate.
    pub asked_for_certificate: bool,
    /// The certificate in TRP's `/identity`; `None` if there is none.
    pub identity: Option<Pin>,
    /// The answer, or why there was none.
    pub answer: Result<Answer, ProbeFailure>,
}

impl Default for Seen {
    fn default() -> Self {
        let answer = Err(ProbeFailure::TimedOut);
        Self { times: StageTimes::default(), certificate: None, asked_for_certificate: false, identity: None, answer }
    }
}

closed_list! {
    /// The result of a probe.
    pub enum ProbeOutcome {
        /// The endpoint gave no answer, or an answer with which a counterparty could not send data.
        Failed = "failed",
        /// The endpoint reports that it is in maintenance: this is neither an answer nor a failure.
        Maintenance = "maintenance",
        /// The server is there and requires a client certificate; the probe saw nothing of the protocol.
        Present = "present",
        /// The endpoint answered.
        Answered = "answered",
    }
}

/// A probe after it was judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeSample {
    /// When it started.
    pub at: UtcTime,
    /// Its result.
    pub outcome: ProbeOutcome,
    /// How long the steps took.
    pub times: StageTimes,
    /// Its findings.
    pub findings: Vec<ProbeFinding>,
    /// The version of the protocol that the server took after it refused the one of the registry; `None` if it took that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spoken: Option<String>,
}
