//! How many connections one network address may have open, and which go first when all places are taken: those that have been idle
//! for longest. Who sends nothing, or slowly, keeps nobody else out. What a connection asks is `throttle`'s business.

use std::collections::HashMap;
use std::net::{IpAddr, Shutdown};
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use actix_web::dev::{Extensions, ServiceRequest};
use actix_web::rt::net::TcpStream;
use actix_web::rt::time::sleep;
use socket2::{SockRef, Socket};

use super::throttle::subscriber;
use vasp_clock::Stopwatch;

/// For how long a connection has to be idle before another one takes its place.
const IDLE_MICROS: u64 = 1_000_000;

/// How often places are freed when nearly all are taken.
const PAUSE: Duration = Duration::from_millis(250);

/// The connections of all addresses.
#[derive(Debug)]
pub(super) struct Connections {
    most: usize,
    most_of_address: usize,
    trusted_proxies: Vec<IpAddr>,
    open: Mutex<HashMap<IpAddr, Vec<Arc<Open>>>>,
}

#[derive(Debug)]
struct Open {
    socket: Socket,
    since: Stopwatch,
    /// Requests that are being answered.
    busy: AtomicU32,
    /// When the last one was, in microseconds since it opened.
    idle_since: AtomicU64,
    closed: AtomicBool,
}

/// A connection's place, kept with it until it ends.
#[derive(Debug)]
struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
    open: Arc<Open>,
}

/// A request that is being answered: its connection is not idle.
#[derive(Debug)]
pub(super) struct Busy(Arc<Open>);

impl Connections {
    /// Counts connections, of which there are `most`, and of one address `most_of_address`; those of trusted proxies, which carry
    /// everybody's requests, as many as they like.
    pub(super) fn new(most: usize, most_of_address: usize, trusted_proxies: &[IpAddr]) -> Arc<Self> {
        let trusted_proxies = trusted_proxies.to_vec();
        Arc::new(Self { most, most_of_address, trusted_proxies, open: Mutex::default() })
    }

    /// Gives a new connection its place: where its address has too many, that of the one that has been idle for longest; where none is
    /// idle, none, and it is closed.
    pub(super) fn enter(self: &Arc<Self>, stream: &TcpStream, extensions: &mut Extensions) {
        let socket = SockRef::from(stream);
        let (Ok(peer), Ok(kept)) = (stream.peer_addr(), socket.try_clone()) else { return };
        let (peer, address) = (peer.ip().to_canonical(), subscriber(peer.ip()));
        let since = Stopwatch::start();
        let (busy, idle_since, closed) = (AtomicU32::new(0), AtomicU64::new(0), AtomicBool::new(false));
        let entering = Arc::new(Open { socket: kept, since, busy, idle_since, closed });
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let of_address = open.entry(address).or_default();
        of_address.retain(|open| !open.closed.load(Ordering::Relaxed));
        if of_address.len() >= self.most_of_address && !self.trusted_proxies.contains(&peer) {
            match of_address.iter().max_by_key(|open| open.idle_micros()) {
                Some(longest) if longest.idle_micros() >= IDLE_MICROS => longest.close(),
                _ => return entering.close(),
            }
        }
        of_address.push(Arc::clone(&entering));
        extensions.insert(Place { connections: Arc::clone(self), address, open: entering });
    }

    /// Keeps a tenth of all places free, as long as any connection is idle.
    fn free_places(&self) {
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

/// Frees places until the server is gone.
pub(super) async fn keep_places_free(connections: Weak<Connections>) {
    loop {
        sleep(PAUSE).await;
        let Some(connections) = connections.upgrade() else { return };
        connections.free_places();
    }
}

impl Open {
    /// For how long it has been idle; 0 while a request is being answered.
    fn idle_micros(&self) -> u64 {
        let idle = self.since.elapsed_micros().saturating_sub(self.idle_since.load(Ordering::Relaxed));
        if self.busy.load(Ordering::Relaxed) == 0 { idle } else { 0 }
    }

    /// Has the system end it; its own task finds that out.
    fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        drop(self.socket.shutdown(Shutdown::Both));
    }
}

impl Busy {
    /// Returns what keeps the connection of a request from being idle.
    pub(super) fn of(request: &ServiceRequest) -> Option<Self> {
        let open = Arc::clone(&request.conn_data::<Place>()?.open);
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
