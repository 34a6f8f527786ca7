//! An HTTPS server on loopback with a certificate of the test's own, which answers as badly as a test wants.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// An authority that signs certificates.
#[derive(Clone)]
pub(crate) struct Authority {
    issuer: Arc<Issuer<'static, KeyPair>>,
    /// Its own certificate, in DER.
    pub der: Vec<u8>,
}

/// From when to when a certificate is valid, in years.
type Years = (i32, i32);

impl Authority {
    /// Makes an authority.
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = params.self_signed(&key).unwrap().der().to_vec();
        Self { issuer: Arc::new(Issuer::new(params, key)), der }
    }

    fn certificate(&self, hosts: &[&str], years: Years) -> ServerConfig {
        let (certificate, key) = self.issue(hosts, years);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        builder.with_no_client_auth().with_single_cert(vec![certificate], key).unwrap()
    }

    /// A certificate for these hosts, and its key.
    pub(crate) fn issue(&self, hosts: &[&str], (from, to): Years) -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
        let key = KeyPair::generate().unwrap();
        let hosts: Vec<_> = hosts.iter().map(|host| (*host).to_owned()).collect();
        let mut params = CertificateParams::new(hosts).unwrap();
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(from, 1, 1), rcgen::date_time_ymd(to, 1, 1));
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        (certificate, PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())))
    }
}

/// What a server answers at one place.
#[derive(Clone)]
pub(crate) enum Reply {
    /// A whole file of plain text.
    Text(String),
    /// Exactly these bytes, head and all.
    Raw(Vec<u8>),
    /// A redirect.
    Redirect(String),
    /// A body without end.
    Endless,
    /// The beginning of a body, and then nothing.
    Stall,
    /// A body of one byte at a time, without end.
    Drip,
    /// A head of one byte at a time, without end.
    DripHead,
}

type Replies = Arc<Mutex<BTreeMap<String, Reply>>>;

/// A running server; it stops when it is dropped.
pub(crate) struct WebServer {
    /// Where it listens.
    pub address: SocketAddr,
    replies: Replies,
    heads: Arc<Mutex<Vec<String>>>,
    bodies: Arc<Mutex<Vec<String>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What a server is told, as it came.
#[derive(Clone, Default)]
struct Received {
    heads: Arc<Mutex<Vec<String>>>,
    bodies: Arc<Mutex<Vec<String>>>,
}

impl WebServer {
    /// Starts a server for these hosts, with a certificate that is valid now.
    pub(crate) fn start(authority: &Authority, hosts: &[&str]) -> Self {
        Self::start_valid(authority, hosts, (2020, 2100))
    }

    /// Starts a server whose certificate is valid in these years.
    pub(crate) fn start_valid(authority: &Authority, hosts: &[&str], years: Years) -> Self {
        let tls = Arc::new(authority.certificate(hosts, years));
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (replies, received, stop) = (Replies::default(), Received::default(), Arc::new(AtomicBool::new(false)));
        let shared = (Arc::clone(&replies), received.clone(), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            let (replies, received, stop) = shared;
            let mut talks = Vec::new();
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    break;
                }
                let (tls, replies, received, stop) = (Arc::clone(&tls), replies.clone(), received.clone(), Arc::clone(&stop));
                // Whoever breaks off is no failure of the server's.
                talks.push(std::thread::spawn(move || drop(talk(stream.unwrap(), tls, &replies, &received, &stop))));
            }
            talks.into_iter().for_each(|talk| talk.join().unwrap());
        });
        let Received { heads, bodies } = received;
        Self { address, replies, heads, bodies, stop, thread: Some(thread) }
    }

    /// Has it answer so at a place: host and path, or the path on any host.
    pub(crate) fn set(&self, place: &str, reply: Reply) {
        self.replies.lock().unwrap().insert(place.to_owned(), reply);
    }

    /// The bodies of all requests so far, in the order of their heads.
    pub(crate) fn bodies(&self) -> Vec<String> {
        self.bodies.lock().unwrap().clone()
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

/// Reads as much of a body as its head announces.
fn body(head: &str, stream: &mut impl Read) -> std::io::Result<String> {
    let announced = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ").map(str::to_owned));
    let mut bytes = vec![0; announced.and_then(|length| length.trim().parse().ok()).unwrap_or(0)];
    stream.read_exact(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn talk(
    stream: TcpStream,
    tls: Arc<ServerConfig>,
    replies: &Replies,
    received: &Received,
    stop: &AtomicBool,
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut stream = BufReader::new(StreamOwned::new(ServerConnection::new(tls).unwrap(), stream));
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if stream.read_line(&mut head)? == 0 {
            return Ok(());
        }
    }
    let body = body(&head, &mut stream)?;
    received.heads.lock().unwrap().push(head.clone());
    received.bodies.lock().unwrap().push(body);
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    let host = head.lines().find_map(|line| line.to_lowercase().strip_prefix("host: ").map(str::to_owned)).unwrap_or_default();
    let known = replies.lock().unwrap();
    let reply = known.get(&format!("{host}{path}")).or_else(|| known.get(&path)).cloned();
    drop(known);
    answer(stream.get_mut(), reply, stop)?;
    stream.get_mut().conn.send_close_notify();
    stream.get_mut().flush()
}

fn answer(stream: &mut impl Write, reply: Option<Reply>, stop: &AtomicBool) -> std::io::Result<()> {
    let plain = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
    match reply {
        None => stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"),
        Some(Reply::Raw(bytes)) => stream.write_all(&bytes),
        Some(Reply::Text(text)) => stream.write_all(format!("{plain}Content-Length: {}\r\n\r\n{text}", text.len()).as_bytes()),
        Some(Reply::Redirect(place)) => {
            stream.write_all(format!("HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n").as_bytes())
        }
        Some(Reply::Endless) => {
            stream.write_all(format!("{plain}\r\n").as_bytes())?;
            while !stop.load(Ordering::SeqCst) {
                stream.write_all(&[b'a'; 4096])?;
            }
            Ok(())
        }
        Some(Reply::Stall) => {
            stream.write_all(format!("{plain}Content-Length: 1000\r\n\r\na,b").as_bytes())?;
            stream.flush()?;
            while !stop.load(Ordering::SeqCst) {
                std::thread::sleep(Duration::from_millis(50));
            }
            Ok(())
        }
        Some(Reply::Drip) => drip(stream, &format!("{plain}\r\n"), stop),
        Some(Reply::DripHead) => drip(stream, "HTTP/1.1 200 OK\r\nX: ", stop),
    }
}

fn drip(stream: &mut impl Write, start: &str, stop: &AtomicBool) -> std::io::Result<()> {
    stream.write_all(start.as_bytes())?;
    while !stop.load(Ordering::SeqCst) {
        stream.write_all(b"a")?;
        stream.flush()?;
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

impl Drop for WebServer {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// A server that counts who comes, and begins a TLS handshake one byte at a time, without end.
pub(crate) struct Trap {
    came: Arc<Mutex<usize>>,
    stop: Arc<AtomicBool>,
    address: SocketAddr,
    thread: Option<JoinHandle<()>>,
}

impl Trap {
    /// Starts to listen.
    pub(crate) fn start(address: &str, port: u16) -> Self {
        let address = SocketAddr::new(address.parse::<IpAddr>().unwrap(), port);
        let listener = TcpListener::bind(address).unwrap();
        let address = listener.local_addr().unwrap();
        let (came, stop) = (Arc::new(Mutex::new(0)), Arc::new(AtomicBool::new(false)));
        let (counted, stopped) = (Arc::clone(&came), Arc::clone(&stop));
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if stopped.load(Ordering::SeqCst) {
                    break;
                }
                *counted.lock().unwrap() += 1;
                let stopped = Arc::clone(&stopped);
                std::thread::spawn(move || drop(shake_hands_slowly(&stream.unwrap(), &stopped)));
            }
        });
        Self { came, stop, address, thread: Some(thread) }
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many came.
    pub(crate) fn came(&self) -> usize {
        *self.came.lock().unwrap()
    }
}

/// Source: RFC 8446, section 5.1: the head of a handshake record of 16,384 bytes, then nothing but its first bytes.
fn shake_hands_slowly(mut stream: &TcpStream, stopped: &AtomicBool) -> std::io::Result<()> {
    stream.write_all(&[22, 3, 3, 0x40, 0])?;
    while !stopped.load(Ordering::SeqCst) {
        stream.write_all(&[2])?;
        std::thread::sleep(Duration::from_millis(50));
    }
    Ok(())
}

impl Drop for Trap {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        drop(TcpStream::connect(self.address));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
