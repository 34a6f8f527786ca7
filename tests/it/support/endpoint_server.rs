//! An endpoint of a Travel Rule protocol on loopback, which behaves as a test wants: healthy, slow, endless, rude, or not at all.
//! One thread for any number of connections; they are counted.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::{ParsedCertificate, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use vasp_rules::probe::{Pin, check_port};

use super::Authority;

/// How it behaves.
#[derive(Clone)]
pub(crate) enum Manner {
    /// Answers these places over HTTP/1.1, and 404 elsewhere.
    Http(BTreeMap<&'static str, Vec<u8>>),
    /// Answers as `Http` if the request names this version of TRP, and 400 otherwise.
    Versioned(&'static str, BTreeMap<&'static str, Vec<u8>>),
    /// Answers gRPC: these messages, or its status, by method.
    Grpc(BTreeMap<&'static str, Result<Vec<u8>, u32>>),
    /// Takes connections and never says a word.
    BlackHole,
    /// Takes connections and closes them.
    HangsUp,
    /// Says something that is no TLS.
    Babbles,
    /// Shakes hands and closes.
    ClosesAfterHandshake,
    /// Shakes hands, takes the request and says nothing more.
    Silent,
    /// A body without end, as fast as it goes.
    Endless,
    /// A body without end, a byte now and then.
    Drips,
    /// A head without end.
    EndlessHead,
    /// Bytes that are no HTTP.
    Garbage,
}

/// A running endpoint; it stops when it is dropped.
pub(crate) struct EndpointServer {
    /// Where it listens.
    pub port: u16,
    /// The fingerprints of its certificate.
    pub pin: Pin,
    connections: Arc<AtomicUsize>,
    requests: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What one connection needs.
#[derive(Clone)]
struct Shared {
    acceptor: TlsAcceptor,
    manner: Manner,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Manner {
    /// The same, but it takes only this version of TRP, as an Envoy of TRISA does.
    pub(crate) fn trp_of(version: &'static str, name: &str, lei: &str) -> Self {
        let Self::Http(places) = Self::trp(name, lei) else { unreachable!() };
        let mut places = places;
        places.insert("/version", whole(&format!(r#"{{"version": "{version}"}}"#)));
        Self::Versioned(version, places)
    }

    /// A TRP endpoint that is well: it names this name and LEI.
    pub(crate) fn trp(name: &str, lei: &str) -> Self {
        let identity = serde_json::json!({"name": name, "lei": lei}).to_string();
        Self::Http(BTreeMap::from([
            ("/version", whole(r#"{"version": "3.2.1", "vendor": "lab"}"#)),
            ("/uptime", whole("42")),
            ("/extensions", whole(r#"{"required": [], "supported": ["discoverability"]}"#)),
            ("/identity", whole(&identity)),
        ]))
    }
}

/// A whole answer.
pub(crate) fn whole(body: &str) -> Vec<u8> {
    format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

impl EndpointServer {
    /// Starts an endpoint with a certificate of the authority for these hosts, valid in these years.
    pub(crate) fn start(authority: &Authority, hosts: &[&str], years: (i32, i32), manner: Manner) -> Self {
        Self::launch(authority.issue(hosts, years), manner, None)
    }

    /// Starts an endpoint that takes only clients with a certificate of this authority.
    pub(crate) fn start_for_clients_of(clients: &Authority, authority: &Authority, hosts: &[&str], manner: Manner) -> Self {
        Self::launch(authority.issue(hosts, (2020, 2100)), manner, Some(clients))
    }

    /// Starts an endpoint with a certificate that somebody issued for a key, both PEM.
    pub(crate) fn start_certified(certificate: &str, key: &str, manner: Manner) -> Self {
        let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
        Self::launch((certificate, PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap()), manner, None)
    }

    fn launch(
        (certificate, key): (CertificateDer<'static>, PrivateKeyDer<'static>),
        manner: Manner,
        clients: Option<&Authority>,
    ) -> Self {
        let sha256 = |bytes: &[u8]| hex::encode(digest(&SHA256, bytes).as_ref());
        let spki = ParsedCertificate::try_from(&certificate).unwrap().subject_public_key_info();
        let pin = Pin { sha256: sha256(&certificate), spki_sha256: sha256(&spki) };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_safe_default_protocol_versions().unwrap();
        let builder = match clients {
            None => builder.with_no_client_auth(),
            Some(clients) => {
                let mut roots = RootCertStore::empty();
                roots.add(CertificateDer::from(clients.der.clone())).unwrap();
                let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
                builder.with_client_cert_verifier(verifier)
            }
        };
        let mut config = builder.with_single_cert(vec![certificate], key).unwrap();
        let protocol: &[u8] = if matches!(manner, Manner::Grpc(_)) { b"h2" } else { b"http/1.1" };
        config.alpn_protocols = vec![protocol.to_vec()];
        let (connections, requests) = (Arc::new(AtomicUsize::new(0)), Arc::default());
        let shared = Shared { acceptor: TlsAcceptor::from(Arc::new(config)), manner, requests: Arc::clone(&requests) };
        let (sender, receiver) = std::sync::mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let counted = Arc::clone(&connections);
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let (listener, port) = bind().await;
                sender.send(port).unwrap();
                tokio::spawn(async move {
                    while let Ok((stream, _)) = listener.accept().await {
                        counted.fetch_add(1, Ordering::SeqCst);
                        // Whoever breaks off is no failure of the server's.
                        let shared = shared.clone();
                        tokio::spawn(async move { drop(talk(stream, shared).await) });
                    }
                });
                let _ = stopped.await;
            });
        });
        Self { port: receiver.recv().unwrap(), pin, connections, requests, stop: Some(stop), thread: Some(thread) }
    }

    /// How many connections came so far.
    pub(crate) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// The heads, or names of methods, of all requests so far.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// A free port that probes call.
async fn bind() -> (TcpListener, u16) {
    loop {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        if check_port(port).is_ok() {
            return (listener, port);
        }
    }
}

async fn forever() {
    tokio::time::sleep(Duration::from_secs(3_600)).await;
}

async fn talk(mut stream: TcpStream, shared: Shared) -> std::io::Result<()> {
    match &shared.manner {
        Manner::BlackHole => forever().await,
        Manner::HangsUp => {}
        Manner::Babbles => stream.write_all(b"220 mail.example.com ESMTP\r\n").await?,
        _ => {
            let stream = shared.acceptor.accept(stream).await?;
            return speak(stream, &shared).await;
        }
    }
    Ok(())
}

/// What a server that behaves answers to a request.
fn reply(manner: &Manner, head: &str, path: &str) -> Option<Vec<u8>> {
    let (version, places) = match manner {
        Manner::Http(places) => (None, places),
        Manner::Versioned(version, places) => (Some(version), places),
        _ => return None,
    };
    let is_refused = version.is_some_and(|version| !head.to_lowercase().contains(&format!("api-version: {version}\r\n")));
    let empty = |status: &str| format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").into_bytes();
    Some(if is_refused { empty("400 Bad Request") } else { places.get(path).cloned().unwrap_or_else(|| empty("404 Not Found")) })
}

async fn speak(mut stream: TlsStream<TcpStream>, shared: &Shared) -> std::io::Result<()> {
    match &shared.manner {
        Manner::Grpc(methods) => return serve_grpc(stream, methods.clone(), Arc::clone(&shared.requests)).await,
        Manner::ClosesAfterHandshake => return stream.shutdown().await,
        _ => {}
    }
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await?);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        let reply = reply(&shared.manner, &head, &path);
        shared.requests.lock().unwrap().push(head);
        if let Some(reply) = reply {
            stream.write_all(&reply).await?;
            continue;
        }
        match &shared.manner {
            Manner::Endless => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                loop {
                    stream.write_all(&[b'a'; 4096]).await?;
                }
            }
            Manner::EndlessHead => {
                stream.write_all(b"HTTP/1.1 200 OK\r\nX: ").await?;
                loop {
                    stream.write_all(&[b'a'; 4096]).await?;
                }
            }
            Manner::Drips => {
                stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
                loop {
                    stream.write_all(b"a").await?;
                    stream.flush().await?;
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            Manner::Garbage => {
                stream.write_all(b"\x00\x01\x02garbage\r\n\r\n").await?;
                return stream.shutdown().await;
            }
            _ => forever().await,
        }
    }
}

/// Source: gRPC over HTTP/2: a message has five bytes before it, the status comes in trailers, or alone in the head.
async fn serve_grpc(
    stream: TlsStream<TcpStream>,
    methods: BTreeMap<&'static str, Result<Vec<u8>, u32>>,
    requests: Arc<Mutex<Vec<String>>>,
) -> std::io::Result<()> {
    let mut connection = h2::server::handshake(stream).await.map_err(std::io::Error::other)?;
    while let Some(Ok((request, mut respond))) = connection.accept().await {
        let path = request.uri().path().to_owned();
        requests.lock().unwrap().push(path.clone());
        let head = http::Response::builder().status(200).header("content-type", "application/grpc");
        match methods.get(path.as_str()).cloned().unwrap_or(Err(12)) {
            Err(status) => {
                let head = head.header("grpc-status", status.to_string()).body(()).unwrap();
                respond.send_response(head, true).map_err(std::io::Error::other)?;
            }
            Ok(message) => {
                let mut body = respond.send_response(head.body(()).unwrap(), false).map_err(std::io::Error::other)?;
                let length = u32::try_from(message.len()).unwrap().to_be_bytes();
                let frame = [&[0][..], &length[..], &message[..]].concat();
                body.send_data(Bytes::from(frame), false).map_err(std::io::Error::other)?;
                let mut trailers = http::HeaderMap::new();
                trailers.insert("grpc-status", "0".parse().unwrap());
                body.send_trailers(trailers).map_err(std::io::Error::other)?;
            }
        }
    }
    Ok(())
}

impl Drop for EndpointServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
