//! Limits open connections and TLS handshakes per network address. When all places are taken, the connections that have been idle
//! longest are closed first. A place is taken before the handshake, because a handshake costs a signature. A client that sends nothing,
//! or sends slowly, cannot keep others out. `throttle` limits the requests on a connection.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::net::{IpAddr, Shutdown, SocketAddr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::sleep;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use prometheus_client::metrics::counter::Counter;
use socket2::{SockRef, Socket};

use super::throttle::subscriber;
use vasp_clock::{LimiterClock, Stopwatch};

/// How long a connection must be idle before another one may take its place.
const IDLE_MICROS: u64 = 1_000_000;

/// How many handshakes a second an address may begin after its initial burst: 20. Each handshake costs a signature.
const HANDSHAKES_PER_SEC: NonZeroU32 = NonZeroU32::MIN.saturating_add(19);

/// How often places are freed when nearly all are taken.
const PAUSE: Duration = Duration::from_millis(250);

/// The connections of all addresses.
#[derive(Debug)]
pub(crate) struct Connections {
    most: usize,
    most_of_address: usize,
    trusted_proxies: Vec<IpAddr>,
    handshakes: Option<Handshakes>,
    refused: Counter,
    open: Mutex<HashMap<IpAddr, Vec<Arc<Open>>>>,
}

/// The recent handshakes of each address.
type Handshakes = RateLimiter<IpAddr, DashMapStateStore<IpAddr, RandomState>, LimiterClock, NoOpMiddleware<Duration>>;

#[derive(Debug)]
struct Open {
    peer: SocketAddr,
    socket: Socket,
    since: Stopwatch,
    /// Requests that are being answered.
    busy: AtomicU32,
    /// When the last answer ended, in microseconds since the connection opened.
    idle_since: AtomicU64,
    closed: AtomicBool,
}

/// A connection's place, kept until it ends.
#[derive(Debug)]
pub(crate) struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
    open: Arc<Open>,
}

/// The place of the connection that carried a request.
#[derive(Debug)]
pub(crate) struct Taken(Arc<Open>);

/// A guard for a request in progress: its connection does not count as idle.
#[derive(Debug)]
pub(crate) struct Busy(Arc<Open>);

impl Connections {
    /// Makes the counter. At most `most` connections are open, and `most_of_address` of one network address. Trusted proxies carry
    /// everybody's requests, so only `most` limits them. With TLS, `clock` is given and handshakes are limited too: an address may begin
    /// `most_of_address` at once, then [`HANDSHAKES_PER_SEC`].
    pub(crate) fn new(
        (most, most_of_address): (usize, NonZeroU32),
        trusted_proxies: &[IpAddr],
        clock: Option<LimiterClock>,
        refused: Counter,
    ) -> Arc<Self> {
        let quota = Quota::per_second(HANDSHAKES_PER_SEC).allow_burst(most_of_address);
        Arc::new(Self {
            most,
            most_of_address: usize::try_from(most_of_address.get()).unwrap_or(usize::MAX),
            trusted_proxies: trusted_proxies.to_vec(),
            handshakes: clock.map(|clock| RateLimiter::new(quota, DashMapStateStore::default(), clock)),
            refused,
            open: Mutex::default(),
        })
    }

    /// Gives a new connection a place. If its address has too many, the one that has been idle longest is closed and gives up its place.
    /// Returns `None` if no connection is idle or the address shakes hands too often; the caller then closes the new connection.
    pub(crate) fn enter(self: &Arc<Self>, stream: &TcpStream) -> Option<Place> {
        let place = self.place_of(stream);
        if place.is_none() {
            self.refused.inc();
        }
        place
    }

    fn place_of(self: &Arc<Self>, stream: &TcpStream) -> Option<Place> {
        let (Ok(peer), Ok(socket)) = (stream.peer_addr(), SockRef::from(stream).try_clone()) else { return None };
        let address = subscriber(peer.ip());
        let is_trusted = self.trusted_proxies.contains(&peer.ip().to_canonical());
        if !is_trusted && self.handshakes.as_ref().is_some_and(|handshakes| handshakes.check_key(&address).is_err()) {
            return None;
        }
        let since = Stopwatch::start();
        let (busy, idle_since, closed) = (AtomicU32::new(0), AtomicU64::new(0), AtomicBool::new(false));
        let entering = Arc::new(Open { peer, socket, since, busy, idle_since, closed });
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = open.entry(address).or_default();
        of_address.retain(|open| !open.closed.load(Ordering::Relaxed));
        if of_address.len() >= self.most_of_address && !is_trusted {
            match of_address.iter().max_by_key(|open| open.idle_micros()) {
                Some(longest) if longest.idle_micros() >= IDLE_MICROS => longest.close(),
                _ => return None,
            }
        }
        of_address.push(Arc::clone(&entering));
        Some(Place { connections: Arc::clone(self), address, open: entering })
    }

    /// Stores the connection's place, so that its requests can find it.
    pub(crate) fn keep(&self, stream: &TcpStream, extensions: &mut Extensions) {
        let Ok(peer) = stream.peer_addr() else { return };
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = open.get(&subscriber(peer.ip())).into_iter().flatten();
        if let Some(own) = of_address.rev().find(|open| open.peer == peer) {
            extensions.insert(Taken(Arc::clone(own)));
        }
    }

    /// Keeps a tenth of all places free if any connection is idle, and forgets addresses without recent handshakes.
    fn free_places(&self) {
        if let Some(handshakes) = self.handshakes.as_ref().filter(|handshakes| handshakes.len() > self.most) {
            handshakes.retain_recent();
        }
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let mut all: Vec<&Arc<Open>> = open.values().flatten().filter(|open| !open.closed.load(Ordering::Relaxed)).collect();
        let too_many = (all.len() + (self.most / 10).max(1)).saturating_sub(self.most);
        if too_many > 0 {
            all.retain(|open| open.idle_micros() >= IDLE_MICROS);
            all.sort_by_cached_key(|open| std::cmp::Reverse(open.idle_micros()));
            all.into_iter().take(too_many).for_each(|open| open.close());
        }
    }
}

/// Frees places until the server ends.
pub(crate) async fn keep_places_free(connections: Weak<Connections>) {
    loop {
        sleep(PAUSE).await;
        let Some(connections) = connections.upgrade() else { return };
        connections.free_places();
    }
}

impl Open {
    /// Returns how long the connection has been idle; 0 while a request is being answered.
    fn idle_micros(&self) -> u64 {
        let idle = self.since.elapsed_micros().saturating_sub(self.idle_since.load(Ordering::Relaxed));
        if self.busy.load(Ordering::Relaxed) == 0 { idle } else { 0 }
    }

    /// Shuts the socket down; the connection's own task then notices the end.
    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        drop(self.socket.shutdown(Shutdown::Both));
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
        self.0.idle_since.store(self.0.since.elapsed_micros(), Ordering::Relaxed);
        self.0.busy.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(of_address) = open.get_mut(&self.address) {
            of_address.retain(|open| !Arc::ptr_eq(open, &self.open));
            if of_address.is_empty() {
                open.remove(&self.address);
            }
        }
    }
}
