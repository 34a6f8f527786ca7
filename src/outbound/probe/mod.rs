//! Probes one endpoint: looks its host up, checks every address, connects to the very address it checked, shakes hands and asks a
//! few small questions. Follows no redirect, remembers nothing, holds no thread. What was seen is told as it is; judging it is
//! `domain::probe`'s, when to probe is `service::probes`'.

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
use vasp_rules::probe::{Answer, HTTPS_PORT, ProbeFailure, ProbeKind, ProbeTarget, Seen, StageTimes, check_port};
use vasp_words::time::UtcTime;

/// How long one probe may take in all.
pub(super) const LIMIT: Duration = Duration::from_secs(10);
/// How long one resolver may take: its first attempt and a little.
const LOOKUP: Duration = Duration::from_millis(1_700);
/// How long connecting to one address may take, and then the handshake.
const CONNECT: Duration = Duration::from_millis(2_500);
/// How long one request may take; a server that takes longer is not asked more.
const REQUEST: Duration = Duration::from_millis(2_500);
/// How many addresses of a host are tried.
const ADDRESSES_TRIED: usize = 2;
/// The longest head of an answer, in bytes.
const HEAD_MAX: usize = 16 * 1024;
/// The longest body, in bytes.
const BODY_MAX: usize = 64 * 1024;
/// How the registry introduces itself.
const USER_AGENT: &str = concat!("vasp-registry/", env!("CARGO_PKG_VERSION"), " (endpoint health)");

/// What calls endpoints.
#[derive(Clone)]
pub struct Prober(Arc<Settings>);

struct Settings {
    resolvers: Resolvers,
    policy: AddressPolicy,
    laboratory: Option<Laboratory>,
    tls: Tls,
}

/// What a probe says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProbeAsk {
    /// `request-identifier` of TRP: a UUID.
    pub request_identifier: String,
    /// Failures before this probe, which TRISA is told.
    pub attempts: u32,
    /// When the endpoint was probed last, which TRISA is told.
    pub last_checked_at: Option<UtcTime>,
}

/// A place that was looked up and checked.
struct Place {
    address: SocketAddr,
    name: ServerName<'static>,
    connector: TlsConnector,
}

/// A task that ends with its owner.
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

    /// Probes an endpoint, within 10 seconds. Certificates are judged as of `now`.
    pub async fn probe(&self, target: &ProbeTarget, ask: &ProbeAsk, now: UtcTime) -> Seen {
        let watch = self.0.tls.watch(now);
        let mut times = StageTimes::default();
        let looked = timeout(LIMIT, self.look(target, ask, &watch, &mut times)).await;
        let answer = match looked.unwrap_or(Err(ProbeFailure::TimedOut)) {
            // Whoever asks for a certificate and gets none ends the talk: during the handshake, or at the first request.
            Err(ProbeFailure::Tls(_) | ProbeFailure::Protocol(_)) if watch.asked() => Ok(Answer::AsksForCertificate),
            answer => answer,
        };
        Seen { times, certificate: watch.certificate(), asked_for_certificate: watch.asked(), answer }
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
        let addresses = self.addresses(target).await?;
        times.lookup_ms = Some(millis(clock));

        let protocol: &[u8] = if target.kind == ProbeKind::Trisa { b"h2" } else { b"http/1.1" };
        let tls = |error: rustls::Error| ProbeFailure::Tls(error.to_string());
        let connector = TlsConnector::from(self.0.tls.config(watch, protocol).map_err(tls)?);
        let name = ServerName::try_from(target.host.as_str().to_owned());
        let name = name.map_err(|_| ProbeFailure::Tls("the host's name cannot be asked for".to_owned()))?;
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

    /// Looks the host up and checks every address that it has: one that may not be called spoils all, since whoever mixes them
    /// wants the registry to call it sooner or later.
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
        // One of each family: a machine may reach one only.
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

async fn open(address: SocketAddr) -> Result<TcpStream, ProbeFailure> {
    match timeout(CONNECT, TcpStream::connect(address)).await {
        Ok(Ok(stream)) => {
            // Small requests must not wait for more to send with them; where that cannot be set, they wait.
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

    /// Connects once more, to the same address.
    async fn again(&self) -> Result<TlsStream<TcpStream>, ProbeFailure> {
        self.shake_hands(open(self.address).await?).await
    }
}

fn millis(clock: Stopwatch) -> u32 {
    u32::try_from(clock.elapsed_micros().div_ceil(1_000)).unwrap_or(u32::MAX)
}
