//! Limits open connections and TLS handshakes per network address. When all places are taken, the connections that have been idle
//! longest are closed first. A place is taken before the handshake, because a handshake costs a signature. A client that sends nothing,
//! or sends slowly, cannot keep others out: a request whose body is late keeps no place. `throttle` limits the requests on a connection.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::future::poll_fn;
use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::task::Poll;
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::sleep;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use prometheus_client::metrics::counter::Counter;
use tokio::sync::Notify;

use crate::acts::CallerNetwork;
use vasp_clock::{LimiterClock, Stopwatch};

/// How long a connection must be idle before another one may take its place.
const IDLE_MICROS: u64 = 1_000_000;

/// How many handshakes a second an address may begin after its initial burst: 20. Each handshake costs a signature.
const HANDSHAKES_PER_SEC: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// How many bytes of a body a second keep its connection from being idle. Ours: slower than any line on which people wait.
const BODY_BYTES_PER_SEC: u64 = 16 << 10;

/// How often places are freed when nearly all are taken.
const PAUSE: Duration = Duration::from_millis(250);

/// The connections of all addresses.
#[derive(Debug)]
pub(crate) struct Connections {
    most: usize,
    most_of_address: NonZeroU32,
    trusted_proxies: Vec<IpAddr>,
    /// For each of the networks in which an address is counted; none without TLS.
    handshakes: Vec<Handshakes>,
    refused: Counter,
    /// Each connection stands under every network in which it is counted.
    open: Mutex<HashMap<CallerNetwork, Vec<Arc<Open>>>>,
    /// Told when a connection comes.
    entered: Arc<Notify>,
}

/// The recent handshakes of each network.
type Handshakes =
    RateLimiter<CallerNetwork, DashMapStateStore<CallerNetwork, RandomState>, LimiterClock, NoOpMiddleware<Duration>>;

#[derive(Debug)]
struct Open {
    peer: SocketAddr,
    network: CallerNetwork,
    since: Stopwatch,
    /// Requests that are being answered.
    busy: AtomicU32,
    /// Those of them whose bodies are late.
    late: AtomicU32,
    /// Since when nothing happened, in microseconds since the connection opened.
    idle_since: AtomicU64,
    closed: AtomicBool,
    /// Tells the connection's own task to end.
    close: Notify,
}

/// A connection's place, kept until it ends.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    open: Arc<Open>,
}

/// The place of the connection that carried a request.
#[derive(Debug)]
pub(crate) struct Taken(Arc<Open>);

/// A guard for a body that has not come as a whole. From the moment at which it lets its reader wait, its connection is as idle as the body
/// is slow.
#[derive(Debug)]
pub(crate) struct Arriving {
    open: Arc<Open>,
    is_late: bool,
}

/// A guard for a request in progress: its connection does not count as idle.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Open>);

impl Connections {
    /// Makes the counter. At most `most` connections are open, and `most_of_address` of one network address. Trusted proxies carry
    /// everybody's requests, so only `most` limits them. With TLS, `clock` is given and handshakes are limited too: an address may begin
    /// `most_of_address` at once, then [`HANDSHAKES_PER_SEC`].
    pub(crate) fn new(
        most: usize,
        most_of_address: NonZeroU32,
        trusted_proxies: &[IpAddr],
        clock: Option<LimiterClock>,
        refused: Counter,
    ) -> Arc<Self> {
        let limiter = |clock: &LimiterClock, allowance: NonZeroU32| {
            let quota = Quota::per_second(HANDSHAKES_PER_SEC.saturating_mul(allowance));
            let quota = quota.allow_burst(most_of_address.saturating_mul(allowance));
            RateLimiter::new(quota, DashMapStateStore::default(), clock.clone())
        };
        let limiters = |clock| CallerNetwork::ALLOWANCES.map(|allowance| limiter(&clock, allowance));
        Arc::new(Self {
            most,
            most_of_address,
            trusted_proxies: trusted_proxies.to_vec(),
            handshakes: clock.map(limiters).into_iter().flatten().collect(),
            refused,
            open: Mutex::default(),
            entered: Arc::default(),
        })
    }

    /// Gives a new connection a place. If its address has too many, the one that has been idle longest is closed and gives up its place.
    /// Returns `None` if no connection is idle or the address shakes hands too often; the caller then closes the new connection.
    pub(crate) fn enter(self: &Arc<Self>, stream: &TcpStream) -> Option<Place> {
        self.entered.notify_one();
        let place = self.place_of(stream);
        if place.is_none() {
            self.refused.inc();
        }
        place
    }

    fn place_of(self: &Arc<Self>, stream: &TcpStream) -> Option<Place> {
        let peer = stream.peer_addr().ok()?;
        let network = CallerNetwork::of(peer.ip());
        let is_trusted = self.trusted_proxies.contains(&peer.ip().to_canonical());
        let shakes_too_often = || network.counted().zip(&self.handshakes).any(|((one, _), of)| of.check_key(&one).is_err());
        if !is_trusted && shakes_too_often() {
            return None;
        }
        let entering = Arc::new(Open::now(peer, network));
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if !is_trusted {
            for (network, allowance) in network.counted() {
                let Some(others) = open.get_mut(&network) else { continue };
                others.retain(|open| !open.closed.load(Ordering::Relaxed));
                if others.len() >= self.most_of(allowance) {
                    match others.iter().max_by_key(|open| open.idle_micros()) {
                        Some(longest) if longest.idle_micros() >= IDLE_MICROS => longest.close(),
                        _ => return None,
                    }
                }
            }
        }
        for (network, _) in network.counted() {
            open.entry(network).or_default().push(Arc::clone(&entering));
        }
        Some(Place { connections: Arc::clone(self), open: entering })
    }

    fn most_of(&self, allowance: NonZeroU32) -> usize {
        usize::try_from(self.most_of_address.saturating_mul(allowance).get()).unwrap_or(usize::MAX)
    }

    /// Stores the connection's place, so that its requests can find it.
    pub(crate) fn keep(&self, stream: &TcpStream, extensions: &mut Extensions) {
        let Ok(peer) = stream.peer_addr() else { return };
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = open.get(&CallerNetwork::of(peer.ip())).into_iter().flatten();
        if let Some(own) = of_address.rev().find(|open| open.peer == peer) {
            extensions.insert(Taken(Arc::clone(own)));
        }
    }

    /// Keeps a tenth of all places free if any connection is idle, and forgets addresses without recent handshakes. Returns whether too many
    /// places were taken.
    fn free_places(&self) -> bool {
        self.handshakes.iter().filter(|handshakes| handshakes.len() > self.most).for_each(RateLimiter::retain_recent);
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let own = open.iter().flat_map(|(network, of)| of.iter().filter(move |open| open.network == *network));
        let mut all: Vec<&Arc<Open>> = own.filter(|open| !open.closed.load(Ordering::Relaxed)).collect();
        let too_many = (all.len() + (self.most / 10).max(1)).saturating_sub(self.most);
        if too_many > 0 {
            all.retain(|open| open.idle_micros() >= IDLE_MICROS);
            all.sort_by_cached_key(|open| std::cmp::Reverse(open.idle_micros()));
            all.into_iter().take(too_many).for_each(|open| open.close());
        }
        too_many > 0
    }
}

/// Frees places until the server ends. It sleeps while nobody comes.
pub(crate) async fn keep_places_free(connections: Weak<Connections>) {
    let Some(entered) = connections.upgrade().map(|connections| Arc::clone(&connections.entered)) else { return };
    let mut crowded = false;
    loop {
        if !crowded {
            entered.notified().await;
        }
        sleep(PAUSE).await;
        let Some(connections) = connections.upgrade() else { return };
        crowded = connections.free_places();
    }
}

impl Open {
    fn now(peer: SocketAddr, network: CallerNetwork) -> Self {
        Self {
            peer,
            network,
            since: Stopwatch::start(),
            busy: AtomicU32::new(0),
            late: AtomicU32::new(0),
            idle_since: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            close: Notify::new(),
        }
    }

    /// Returns how long the connection has been idle; 0 while a request is being answered whose body is there.
    fn idle_micros(&self) -> u64 {
        let idle = self.since.elapsed_micros().saturating_sub(self.idle_since.load(Ordering::Relaxed));
        if self.busy.load(Ordering::Relaxed) > self.late.load(Ordering::Relaxed) { 0 } else { idle }
    }

    fn is_idle_from_now(&self) {
        self.idle_since.store(self.since.elapsed_micros(), Ordering::Relaxed);
    }

    /// Has the connection's own task end, and the socket with it. A second descriptor of the socket, to shut it down from here, would halve
    /// the number of connections that a process may have.
    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.close.notify_one();
    }
}

impl Place {
    /// Answers the connection until it ends. Returns `None` if its place was needed before.
    pub(crate) async fn hold<T>(self, answered: impl Future<Output = T>) -> Option<T> {
        let (mut answered, mut closed) = (pin!(answered), pin!(self.open.close.notified()));
        poll_fn(|context| match closed.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => answered.as_mut().poll(context).map(Some),
        })
        .await
    }
}

impl Arriving {
    /// Returns a guard for the body of a request, from the place that its connection carries.
    pub(crate) fn of(connection: Option<&Taken>) -> Option<Self> {
        Some(Self { open: Arc::clone(&connection?.0), is_late: false })
    }

    /// Notes that the reader waits for the body.
    pub(crate) fn awaited(&mut self) {
        if !std::mem::replace(&mut self.is_late, true) {
            self.open.is_idle_from_now();
            self.open.late.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// Notes that a part of the body came.
    pub(crate) fn came(&self, bytes: usize) {
        let bytes = u64::try_from(bytes).unwrap_or(u64::MAX);
        let earned = bytes.saturating_mul(1_000_000) / BODY_BYTES_PER_SEC;
        let until = self.open.idle_since.load(Ordering::Relaxed).saturating_add(earned).min(self.open.since.elapsed_micros());
        self.open.idle_since.store(until, Ordering::Relaxed);
    }
}

impl Drop for Arriving {
    fn drop(&mut self) {
        if self.is_late {
            self.open.late.fetch_sub(1, Ordering::Relaxed);
        }
    }
}

impl Busy {
    /// Returns a guard that marks a connection as busy, from the place that its requests carry.
    pub(crate) fn of(connection: Option<&Taken>) -> Option<Self> {
        let open = Arc::clone(&connection?.0);
        open.busy.fetch_add(1, Ordering::Relaxed);
        Some(Self(open))
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.is_idle_from_now();
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        for (network, _) in self.open.network.counted() {
            if let Some(others) = open.get_mut(&network) {
                others.retain(|open| !Arc::ptr_eq(open, &self.open));
                if others.is_empty() {
                    open.remove(&network);
                }
            }
        }
    }
}
