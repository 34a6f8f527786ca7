//! A probe of an endpoint: what it is asked about, and what was seen there. Who calls is `outbound::probe`; what the sight means is
//! told by `judge`; what many probes mean together by `endpoint_health`. No I/O here.

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

/// Fingerprints of a certificate that the VASP published for its server, in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pin {
    /// SHA-256 of the certificate.
    pub sha256: String,
    /// SHA-256 of its public key (SubjectPublicKeyInfo).
    pub spki_sha256: String,
}

/// An endpoint that is probed, with what its VASP publishes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeTarget {
    /// The endpoint.
    pub endpoint: EndpointId,
    /// Whose it is.
    pub vasp: VaspId,
    /// How its protocol is looked at.
    pub kind: ProbeKind,
    /// The host.
    pub host: Host,
    /// The port; none for 443.
    pub port: Option<u16>,
    /// The path and query that are asked for where there is nothing better to ask.
    pub path: String,
    /// The protocol's versions as published.
    pub versions: Vec<String>,
    /// Certificates published for servers that count now.
    pub pins: Vec<Pin>,
    /// The VASP's names: the legal one and those it also goes by.
    pub names: Vec<String>,
    /// The VASP's LEI.
    pub lei: Option<Lei>,
    /// When it is announced not to work.
    pub maintenance: Vec<MaintenanceWindow>,
}

/// How long each step took, in milliseconds; none where it was not reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StageTimes {
    /// Looking the host up.
    pub lookup_ms: Option<u32>,
    /// Connecting.
    pub connect_ms: Option<u32>,
    /// The TLS handshake.
    pub tls_ms: Option<u32>,
    /// The first answer.
    pub answer_ms: Option<u32>,
}

impl StageTimes {
    /// Returns what a counterparty waits that connects anew: all but the look-up.
    #[must_use]
    pub fn response_ms(self) -> u32 {
        let steps = [self.connect_ms, self.tls_ms, self.answer_ms];
        steps.into_iter().flatten().fold(0, u32::saturating_add)
    }
}

/// Whether browsers would trust a certificate for the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WebTrust {
    /// A path to a public authority, and the host's name.
    Trusted,
    /// Not, and why not.
    Untrusted(String),
}

/// The certificate that a server showed and proved to hold the key of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeenCertificate {
    /// The certificate, DER.
    pub der: Vec<u8>,
    /// SHA-256 of the certificate, hexadecimal.
    pub sha256: String,
    /// SHA-256 of its public key; none where it cannot be read.
    pub spki_sha256: Option<String>,
    /// What browsers would say.
    pub web_trust: WebTrust,
    /// Valid from.
    pub not_before: Option<UtcTime>,
    /// Valid until.
    pub not_after: Option<UtcTime>,
}

/// Why nothing was answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeFailure {
    /// A port that is not called.
    #[error("{0}")]
    Port(PortRefused),
    /// An address that is not called.
    #[error("the host may not be called: {0}")]
    Address(String),
    /// No such host.
    #[error("the DNS has no address for the host")]
    HostNotFound,
    /// The resolvers cannot tell.
    #[error("the DNS resolvers answer that they cannot look the host up")]
    LookupFailed,
    /// The registry's own resolvers do not answer: says nothing of the endpoint.
    #[error("none of the registry's DNS resolvers answered")]
    ResolversSilent,
    /// No connection.
    #[error("no connection could be made")]
    NoConnection,
    /// TLS fails.
    #[error("the TLS handshake fails: {0}")]
    Tls(String),
    /// Nothing was answered in time.
    #[error("nothing was answered in time")]
    TimedOut,
    /// What came is not the protocol.
    #[error("the connection broke off, or what came is not the protocol: {0}")]
    Protocol(String),
}

/// What came back for one request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HttpReply {
    /// A whole answer.
    Whole {
        /// The status.
        status: u16,
        /// The body.
        body: Vec<u8>,
    },
    /// A redirect, which is not followed.
    Redirect {
        /// The status.
        status: u16,
        /// Where to, as far as it can be read.
        location: Option<String>,
    },
    /// A body that is longer than is read.
    TooLong,
    /// The answer broke off or took too long.
    Broken,
}

impl HttpReply {
    /// Returns the status, where one was seen.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Whole { status, .. } | Self::Redirect { status, .. } => Some(*status),
            Self::TooLong | Self::Broken => None,
        }
    }
}

/// What a TRP endpoint answered. Source: TRP, extension "discoverability"; `/identity` is in the core.
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
}

/// How a TRISA node says it is. Source: TRISA `trisa.api.v1beta1.ServiceState.Status`; `grpc.health.v1` answers SERVING or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceState {
    /// Does not say.
    Unknown,
    /// Works.
    Healthy,
    /// Does not work.
    Unhealthy,
    /// About not to work.
    Danger,
    /// Off.
    Offline,
    /// In maintenance.
    Maintenance,
}

/// What a gRPC endpoint answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrpcReply {
    /// The state of its service.
    State(ServiceState),
    /// A status other than OK, by number. Source: gRPC, "Status codes and their use".
    Refused(u32),
    /// An HTTP status other than 200.
    Http(u16),
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// TRP.
    Trp(TrpReplies),
    /// gRPC.
    Grpc(GrpcReply),
    /// One request.
    Https(HttpReply),
    /// The server asked for a certificate of the client's and ended the talk: it is there, and its own certificate was seen.
    AsksForCertificate,
}

/// What was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How long it took.
    pub times: StageTimes,
    /// Its certificate.
    pub certificate: Option<SeenCertificate>,
    /// Whether it asked for a certificate of the client's.
    pub asked_for_certificate: bool,
    /// What it answered.
    pub answer: Result<Answer, ProbeFailure>,
}

impl Default for Seen {
    fn default() -> Self {
        let answer = Err(ProbeFailure::TimedOut);
        Self { times: StageTimes::default(), certificate: None, asked_for_certificate: false, answer }
    }
}

closed_list! {
    /// How a probe ended.
    pub enum ProbeOutcome {
        /// Nobody answered as a counterparty needs it.
        Failed = "failed",
        /// It says that it is in maintenance: neither an answer nor a failure.
        Maintenance = "maintenance",
        /// It answered.
        Answered = "answered",
    }
}

/// One probe, judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProbeSample {
    /// When it began.
    pub at: UtcTime,
    /// How it ended.
    pub outcome: ProbeOutcome,
    /// How long it took.
    pub times: StageTimes,
    /// What is worth saying.
    pub findings: Vec<ProbeFinding>,
}
