//! Probes one endpoint: looks up its host, checks every address, connects to exactly the checked address, does the TLS handshake and sends
//! a few small requests. Follows no redirect, stores nothing and holds no thread. This module only reports what it saw. `domain::probe`
//! judges the result, and `vasp_registry::probes` decides when to probe.

mod grpc;
mod http;
mod runner;
mod tls;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::ServerName;
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

pub use runner::{ProbeJob, ProbeRunner, Probed};
pub use tls::{ClientIdentity, ClientIdentityError};

use super::address_policy::AddressPolicy;
use super::dns::{NoAddress, Resolvers};
use super::laboratory::Laboratory;
use tls::{Tls, Watch};
use vasp_clock::Stopwatch;
use vasp_rules::probe::{
    Answer, HTTPS_PORT, HttpReply, Pin, ProbeFailure, ProbeKind, ProbeTarget, Seen, StageTimes, check_port, trp,
};
use vasp_words::time::UtcTime;

/// The time limit of one whole probe.
pub(super) const LIMIT: Duration = Duration::from_secs(10);
/// The time limit of one resolver: its first attempt and a little more.
const LOOKUP: Duration = Duration::from_millis(1_700);
/// The time limit for connecting to one address, and again for the handshake.
const CONNECT: Duration = Duration::from_millis(2_500);
/// The time limit of one request; a server that takes longer gets no further requests.
const REQUEST: Duration = Duration::from_millis(2_500);
/// How many addresses of a host are tried.
const ADDRESSES_TRIED: usize = 2;
/// The maximum size of the response headers, in bytes.
const HEAD_MAX: usize = 16 * 1024;
/// The maximum size of a body, in bytes.
const BODY_MAX: usize = 64 * 1024;
/// The `User-Agent` header that the registry sends.
const USER_AGENT: &str = concat!("vasp-registry/", env!("CARGO_PKG_VERSION"), " (endpoint health)");

/// The prober of endpoints.
#[derive(Clone)]
pub struct Prober(Arc<Settings>);

struct Settings {
    resolvers: Resolvers,
    policy: AddressPolicy,
    laboratory: Option<Laboratory>,
    tls: Tls,
}

/// The data that a probe sends about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeAsk {
    /// The `request-identifier` header of TRP: a UUID.
    pub request_identifier: String,
    /// The number of failures before this probe, which is sent to TRISA.
    pub attempts: u32,
    /// When the endpoint was last probed, which is sent to TRISA; `None` if it never was.
    pub last_checked_at: Option<UtcTime>,
}

/// An address that was looked up and checked.
struct Place {
    address: SocketAddr,
    name: ServerName<'static>,
    connector: TlsConnector,
}

/// A task that ends when its owner is dropped.
struct Companion(JoinHandle<()>);

impl Drop for Companion {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Prober {
    pub(super) fn new(
        resolvers: Resolvers,
        laboratory: Option<Laboratory>,
        identity: Option<&ClientIdentity>,
    ) -> Result<Self, ClientIdentityError> {
        let policy = laboratory.as_ref().map_or(AddressPolicy::public_only(), Laboratory::policy);
        let tls = Tls::new(laboratory.as_ref(), identity)?;
        Ok(Self(Arc::new(Settings { resolvers, policy, laboratory, tls })))
    }

    /// Probes an endpoint, within 10 seconds. Certificates are checked as of `now`.
    pub async fn probe(&self, target: &ProbeTarget, ask: &ProbeAsk, now: UtcTime) -> Seen {
        let watch = self.0.tls.watch(now);
        let mut times = StageTimes::default();
        let looked = timeout(LIMIT, self.look(target, ask, &watch, &mut times)).await;
        let answer = match looked.unwrap_or(Err(ProbeFailure::TimedOut)) {
            // A server that asks for a certificate and gets none closes the connection, during the handshake or at the first request.
            Err(ProbeFailure::Tls(_) | ProbeFailure::Protocol(_)) if watch.asked() => Ok(Answer::AsksForCertificate),
            answer => answer,
        };
        let identity = answer.as_ref().ok().and_then(identity_of);
        Seen { times, certificate: watch.certificate(), asked_for_certificate: watch.asked(), identity, answer }
    }

    async fn look(
        &self,
        target: &ProbeTarget,
        ask: &ProbeAsk,
        watch: &Arc<Watch>,
        times: &mut StageTimes,
    ) -> Result<Answer, ProbeFailure> {
        let port = target.port.unwrap_or(HTTPS_PORT);
        check_port(port).map_err(ProbeFailure::Port)?;
        let clock = Stopwatch::start();
        let (addresses, port) = match self.0.resolvers.server_here(&target.host) {
            Some(Ok(here)) => (vec![here.ip()], here.port()),
            Some(Err(_)) => return Err(ProbeFailure::HostNotFound),
            None => (self.addresses(target).await?, port),
        };
        times.lookup_ms = Some(millis(clock));

        let protocol: &[u8] = if target.kind == ProbeKind::Trisa { b"h2" } else { b"http/1.1" };
        let tls = |error: rustls::Error| ProbeFailure::Tls(error.to_string());
        let connector = TlsConnector::from(self.0.tls.config(watch, protocol).map_err(tls)?);
        let name = ServerName::try_from(target.host.as_str().to_owned());
        let name = name.map_err(|_| ProbeFailure::Tls("the host name cannot be used for TLS".to_owned()))?;
        let clock = Stopwatch::start();
        let (stream, address) = self.connect(&addresses, port).await?;
        times.connect_ms = Some(millis(clock));

        let place = Place { address, name, connector };
        let clock = Stopwatch::start();
        let stream = place.shake_hands(stream).await?;
        times.tls_ms = Some(millis(clock));
        match target.kind {
            ProbeKind::Trp => http::trp(&place, stream, target, ask, times).await.map(Answer::Trp),
            ProbeKind::Tls | ProbeKind::None => http::plain(&place, stream, target, times).await.map(Answer::Https),
            ProbeKind::Trisa => grpc::health(stream, target, ask, times).await.map(Answer::Grpc),
        }
    }

    /// Looks the host up and checks all of its addresses. If one address may not be called, the whole host is refused: otherwise the
    /// registry would call that address sooner or later.
    async fn addresses(&self, target: &ProbeTarget) -> Result<Vec<IpAddr>, ProbeFailure> {
        let found = self.0.resolvers.look_up(&target.host, LOOKUP).await.map_err(|reason| match reason {
            NoAddress::NotFound => ProbeFailure::HostNotFound,
            NoAddress::Failed => ProbeFailure::LookupFailed,
            NoAddress::Silent => ProbeFailure::ResolversSilent,
        })?;
        for address in &found {
            self.0.policy.check(*address).map_err(|refused| ProbeFailure::Address(refused.to_string()))?;
        }
        let (four, six): (Vec<_>, Vec<_>) = found.into_iter().partition(IpAddr::is_ipv4);
        // One address of each family: the machine may have only IPv4 or only IPv6.
        let mut ordered: Vec<_> = four.iter().take(1).chain(six.iter().take(1)).copied().collect();
        ordered.extend(four.into_iter().skip(1));
        ordered.truncate(ADDRESSES_TRIED);
        Ok(ordered)
    }

    async fn connect(&self, addresses: &[IpAddr], port: u16) -> Result<(TcpStream, SocketAddr), ProbeFailure> {
        for address in addresses {
            let address = SocketAddr::new(*address, port);
            let place = self.0.laboratory.as_ref().map_or(address, |laboratory| laboratory.place_of(address));
            if let Ok(stream) = open(place).await {
                return Ok((stream, place));
            }
        }
        Err(ProbeFailure::NoConnection)
    }
}

/// Returns the fingerprints of the certificate in TRP's `/identity`. `None` if there is none that can be read.
fn identity_of(answer: &Answer) -> Option<Pin> {
    let Answer::Trp(replies) = answer else { return None };
    let Some(HttpReply::Whole { status: 200, body }) = &replies.identity else { return None };
    tls::fingerprints(&trp::identity_certificate(body)?)
}

async fn open(address: SocketAddr) -> Result<TcpStream, ProbeFailure> {
    match timeout(CONNECT, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => {
            // Small requests must not wait to be sent together with others. If this option cannot be set, they wait.
            let _ = stream.set_nodelay(true);
            Ok(stream)
        }
        _ => Err(ProbeFailure::NoConnection),
    }
}

impl Place {
    async fn shake_hands(&self, stream: TcpStream) -> Result<TlsStream<TcpStream>, ProbeFailure> {
        match timeout(CONNECT, self.connector.connect(self.name.clone(), stream)).await {
            Err(_) => Err(ProbeFailure::TimedOut),
            Ok(Err(error)) => Err(ProbeFailure::Tls(error.to_string())),
            Ok(Ok(stream)) => Ok(stream),
        }
    }

    /// Connects again, to the same address.
    async fn again(&self) -> Result<TlsStream<TcpStream>, ProbeFailure> {
        self.shake_hands(open(self.address).await?).await
    }
}

fn millis(clock: Stopwatch) -> u32 {
    u32::try_from(clock.elapsed_micros().div_ceil(1_000)).unwrap_or(u32::MAX)
}
