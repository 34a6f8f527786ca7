//! A DNS server on loopback that plays a resolver: it knows a signed root of names and an unsigned zone below it, and can be
//! told to say something else from some question on.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use hickory_server::Server;
use hickory_server::dnssec::NxProofKind;
use hickory_server::net::runtime::{Time, TokioRuntimeProvider};
use hickory_server::proto::dnssec::crypto::Ed25519SigningKey;
use hickory_server::proto::dnssec::rdata::DNSKEY;
use hickory_server::proto::dnssec::{DnssecSigner, SigningKey, TrustAnchors};
use hickory_server::proto::rr::rdata::{A, AAAA, NS, SOA, TXT};
use hickory_server::proto::rr::{Name, RData, Record, RecordType};
use hickory_server::server::{Request, RequestHandler, ResponseHandler, ResponseInfo};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneType};
use tokio::net::{TcpListener, UdpSocket};
use tokio::sync::oneshot;

/// The zone whose names are not signed; every other name is.
pub(crate) const UNSIGNED_ZONE: &str = "unsigned.org";

/// The key that signs the root of names.
#[derive(Clone)]
pub(crate) struct RootKey(Arc<Vec<u8>>);

impl RootKey {
    /// Makes a key.
    pub(crate) fn generate() -> Self {
        Self(Arc::new(Ed25519SigningKey::generate_pkcs8().unwrap().secret_pkcs8_der().to_vec()))
    }

    fn key(&self) -> Ed25519SigningKey {
        Ed25519SigningKey::from_pkcs8(&self.0.as_slice().into()).unwrap()
    }

    /// What has to be trusted for the names that this key signs.
    pub(crate) fn anchors(&self) -> Arc<TrustAnchors> {
        let mut anchors = TrustAnchors::empty();
        anchors.insert(&self.key().to_public_key().unwrap());
        Arc::new(anchors)
    }
}

/// What a resolver knows: names without their last dot, with texts and addresses.
#[derive(Clone, Default)]
pub(crate) struct Names(BTreeMap<String, Vec<RData>>);

impl Names {
    /// These names and a text at one.
    pub(crate) fn text(mut self, name: &str, text: &str) -> Self {
        // A string of a record has 255 bytes at most: a longer text is several.
        let strings = text.as_bytes().chunks(255).collect();
        self.0.entry(name.to_owned()).or_default().push(RData::TXT(TXT::from_bytes(strings)));
        self
    }

    /// These names and an address of one.
    pub(crate) fn address(mut self, name: &str, address: &str) -> Self {
        let record = match address.parse().unwrap() {
            IpAddr::V4(address) => RData::A(A(address)),
            IpAddr::V6(address) => RData::AAAA(AAAA(address)),
        };
        self.0.entry(name.to_owned()).or_default().push(record);
        self
    }
}

/// Everything that one resolver answers from. Questions for delegations are answered by the parent alone.
struct Tree {
    all: Catalog,
    parent: Catalog,
}

fn name(text: &str) -> Name {
    Name::from_ascii(format!("{text}.")).unwrap()
}

fn zone(origin: &Name, records: &[(Name, RData)], key: Option<&RootKey>) -> Arc<InMemoryZoneHandler<TokioRuntimeProvider>> {
    let proofs = key.map(|_| NxProofKind::Nsec);
    let mut zone =
        InMemoryZoneHandler::<TokioRuntimeProvider>::empty(origin.clone(), ZoneType::Primary, AxfrPolicy::Deny, proofs);
    let server = Name::from_ascii("ns.servers.net.").unwrap();
    let soa = RData::SOA(SOA::new(server.clone(), server.clone(), 1, 60, 60, 60, 60));
    let own = [(origin.clone(), soa), (origin.clone(), RData::NS(NS(server)))];
    for (name, data) in own.iter().chain(records) {
        zone.upsert_mut(Record::from_rdata(name.clone(), 60, data.clone()), 1);
    }
    if let Some(key) = key {
        let signing = key.key();
        let public = DNSKEY::from_key(&signing.to_public_key().unwrap());
        let month = Duration::from_secs(30 * 86_400);
        zone.add_zone_signing_key_mut(DnssecSigner::new(public, Box::new(signing), origin.clone(), month)).unwrap();
        zone.secure_zone_mut().unwrap();
    }
    Arc::new(zone)
}

impl Tree {
    fn new(names: &Names, key: Option<&RootKey>) -> Self {
        let child = name(UNSIGNED_ZONE);
        let records = names.0.iter().flat_map(|(text, data)| data.iter().map(|data| (name(text), data.clone())));
        let (below, mut above): (Vec<_>, Vec<_>) = records.partition(|(name, _)| child.zone_of(name));
        above.push((child.clone(), RData::NS(NS(Name::from_ascii("ns.servers.net.").unwrap()))));
        let root = zone(&Name::root(), &above, key);
        let (mut all, mut parent) = (Catalog::new(), Catalog::new());
        parent.upsert(Name::root().into(), vec![root.clone()]);
        all.upsert(Name::root().into(), vec![root]);
        all.upsert(child.clone().into(), vec![zone(&child, &below, None)]);
        Self { all, parent }
    }
}

/// The answers of one server, and what it says after a question that changes its mind.
struct Talk {
    tree: Arc<Tree>,
    next: Option<(Name, RecordType, Arc<Tree>)>,
}

struct Handler(Arc<Mutex<Talk>>);

#[async_trait::async_trait]
impl RequestHandler for Handler {
    async fn handle_request<R: ResponseHandler, T: Time>(&self, request: &Request, response: R) -> ResponseInfo {
        let query = request.request_info().unwrap().query.clone();
        let tree = Arc::clone(&self.0.lock().unwrap().tree);
        let catalog = if query.query_type() == RecordType::DS { &tree.parent } else { &tree.all };
        let answered = catalog.handle_request::<R, T>(request, response).await;
        let mut talk = self.0.lock().unwrap();
        if talk.next.as_ref().is_some_and(|(name, kind, _)| Name::from(query.name()) == *name && query.query_type() == *kind) {
            talk.tree = talk.next.take().unwrap().2;
        }
        answered
    }
}

/// A running server; it stops when it is dropped.
pub(crate) struct NameServer {
    /// Where it answers, by UDP and TCP.
    pub address: SocketAddr,
    talk: Arc<Mutex<Talk>>,
    key: Option<RootKey>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl NameServer {
    /// Starts a server whose names this key signs; without a key nothing is signed.
    pub(crate) fn start(names: &Names, key: Option<&RootKey>) -> Self {
        let talk = Arc::new(Mutex::new(Talk { tree: Arc::new(Tree::new(names, key)), next: None }));
        let handler = Handler(Arc::clone(&talk));
        let (stop, stopped) = oneshot::channel();
        let (sender, receiver) = std::sync::mpsc::channel();
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let (udp, tcp) = bind().await;
                let address = udp.local_addr().unwrap();
                let mut server = Server::new(handler);
                server.register_socket(udp);
                server.register_listener(tcp, Duration::from_secs(5), 16);
                sender.send(address).unwrap();
                let _ = stopped.await;
                server.shutdown_gracefully().await.unwrap();
            });
        });
        Self { address: receiver.recv().unwrap(), talk, key: key.cloned(), stop: Some(stop), thread: Some(thread) }
    }

    /// Has it say something else from now on.
    pub(crate) fn set(&self, names: &Names) {
        let tree = Arc::new(Tree::new(names, self.key.as_ref()));
        *self.talk.lock().unwrap() = Talk { tree, next: None };
    }

    /// Has it say something else once it was asked this.
    pub(crate) fn set_after(&self, asked: &str, kind: RecordType, names: &Names) {
        let tree = Arc::new(Tree::new(names, self.key.as_ref()));
        self.talk.lock().unwrap().next = Some((name(asked), kind, tree));
    }
}

/// The same port for both: what is too long for UDP is asked for by TCP.
async fn bind() -> (UdpSocket, TcpListener) {
    loop {
        let udp = UdpSocket::bind("127.0.0.1:0").await.unwrap();
        if let Ok(tcp) = TcpListener::bind(udp.local_addr().unwrap()).await {
            return (udp, tcp);
        }
    }
}

impl Drop for NameServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A resolver that takes questions and never answers; nobody listens for TCP.
pub(crate) struct MuteNameServer(std::net::UdpSocket);

impl MuteNameServer {
    /// Starts to listen.
    pub(crate) fn start() -> Self {
        Self(std::net::UdpSocket::bind("127.0.0.1:0").unwrap())
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.0.local_addr().unwrap()
    }
}
