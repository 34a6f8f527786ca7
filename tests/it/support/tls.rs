//! TLS from both ends: the files of a server's certificate, and clients with certificates of their own, one connection each.

use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::client::{ResolvesClientCert, Resumption};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName};
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, ClientConnection, RootCertStore, SignatureScheme, StreamOwned};
use serde_json::Value;
use tempfile::TempDir;
use ureq::http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use vasp_registry::config::TlsSettings;

use super::Answer;

/// The files of a server's certificate, whose authority a client trusts.
pub(crate) struct TlsFiles {
    folder: TempDir,
    authority: Issuer<'static, KeyPair>,
    root: CertificateDer<'static>,
}

/// A client's certificate with its key.
#[derive(Clone)]
pub(crate) struct Badge {
    /// The certificate in DER.
    pub der: Vec<u8>,
    /// The same in PEM.
    pub pem: String,
    /// Its key, PKCS#8 in DER.
    pub key: Vec<u8>,
    /// Certificates sent with it.
    pub with: Vec<Vec<u8>>,
}

/// One connection with TLS.
pub(crate) struct Line(BufReader<StreamOwned<ClientConnection, TcpStream>>);

/// Shows a badge whatever its key is.
#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesClientCert for Shows {
    fn resolve(&self, _: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }

    fn has_certs(&self) -> bool {
        true
    }
}

impl TlsFiles {
    /// Makes a certificate for this machine's loopback.
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = params.self_signed(&key).unwrap().der().clone();
        let files = Self { folder: tempfile::tempdir().unwrap(), authority: Issuer::new(params, key), root };
        files.renew();
        files
    }

    /// Where they are.
    pub(crate) fn settings(&self) -> TlsSettings {
        TlsSettings { certificate: self.path("certificate.pem"), key: self.path("key.pem"), readable_key: false }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A new certificate that ends on a New Year's Day, and its key, in PEM; and the certificate in DER.
    pub(crate) fn issue(&self, ends: i32) -> (String, String, Vec<u8>) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(ends, 1, 1));
        let certificate = params.signed_by(&key, &self.authority).unwrap();
        (certificate.pem(), key.serialize_pem(), certificate.der().to_vec())
    }

    /// Writes both files.
    pub(crate) fn write(&self, certificate: &str, key: &str) {
        std::fs::write(self.settings().certificate, certificate).unwrap();
        std::fs::write(self.settings().key, key).unwrap();
        std::fs::set_permissions(self.settings().key, Permissions::from_mode(0o600)).unwrap();
    }

    /// Writes a new certificate with its key, and returns the certificate in DER.
    pub(crate) fn renew(&self) -> Vec<u8> {
        let (certificate, key, der) = self.issue(2100);
        self.write(&certificate, &key);
        der
    }

    fn client(&self) -> rustls::ConfigBuilder<ClientConfig, rustls::client::WantsClientCert> {
        let mut roots = RootCertStore::empty();
        roots.add(self.root.clone()).unwrap();
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        builder.with_root_certificates(roots)
    }

    /// Connects and shakes hands.
    pub(crate) fn connect(&self, address: SocketAddr, badge: Option<&Badge>) -> Line {
        self.try_connect(address, badge).expect("the server shakes hands")
    }

    /// As `connect`; none where the server ends the connection before it has asked a question.
    pub(crate) fn try_connect(&self, address: SocketAddr, badge: Option<&Badge>) -> Option<Line> {
        let mut config = match badge {
            None => self.client().with_no_client_auth(),
            Some(badge) => self.client().with_client_cert_resolver(Arc::new(Shows(badge.certified()))),
        };
        // Each handshake is a whole one.
        config.resumption = Resumption::disabled();
        let name = ServerName::try_from("localhost").unwrap();
        let stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let mut stream = StreamOwned::new(ClientConnection::new(Arc::new(config), name).unwrap(), stream);
        stream.conn.complete_io(&mut stream.sock).ok()?;
        let mut line = Line(BufReader::new(stream));
        // With TLS 1.3 the client is done before the server has looked at its certificate.
        line.try_ask("GET", "/healthz", &[], "").map(|_| line)
    }
}

impl Badge {
    /// Makes a self-signed certificate that is valid now.
    pub(crate) fn new(name: &str) -> Self {
        Self::made(name, |_| ())
    }

    /// Makes a self-signed certificate.
    pub(crate) fn made(name: &str, change: impl FnOnce(&mut CertificateParams)) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(2026, 1, 1), rcgen::date_time_ymd(2026, 9, 1));
        change(&mut params);
        let certificate = params.self_signed(&key).unwrap();
        Self { der: certificate.der().to_vec(), pem: certificate.pem(), key: key.serialize_der(), with: Vec::new() }
    }

    /// SHA-256 of the certificate, in hex.
    pub(crate) fn sha256(&self) -> String {
        hex::encode(digest(&SHA256, &self.der))
    }

    fn certified(&self) -> Arc<CertifiedKey> {
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(self.key.clone()));
        let key = rustls::crypto::aws_lc_rs::sign::any_supported_type(&key).unwrap();
        let chain = std::iter::once(&self.der).chain(&self.with).map(|der| CertificateDer::from(der.clone()));
        Arc::new(CertifiedKey::new(chain.collect(), key))
    }
}

impl Line {
    /// Returns the certificate that the server showed, in DER.
    pub(crate) fn server_certificate(&self) -> Vec<u8> {
        self.0.get_ref().conn.peer_certificates().unwrap()[0].to_vec()
    }

    /// Sends a request and returns the answer.
    pub(crate) fn ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        let body = if body.is_null() { String::new() } else { body.to_string() };
        self.try_ask(method, path, headers, &body).expect("the server answers")
    }

    pub(crate) fn get(&mut self, path: &str) -> Answer {
        self.ask("GET", path, &[], &Value::Null)
    }

    /// Sends a request with an `Authorization` header.
    pub(crate) fn ask_as(&mut self, bearer: &str, method: &str, path: &str, body: &Value) -> Answer {
        self.ask(method, path, &[("authorization", bearer)], body)
    }

    fn try_ask(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Option<Answer> {
        let mut head = format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {}\r\n", body.len());
        if !body.is_empty() {
            head.push_str("Content-Type: application/json\r\n");
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let stream = self.0.get_mut();
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).ok()?;
        stream.flush().ok()?;
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if self.0.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let mut lines = head.lines();
        let status = lines.next()?.split(' ').nth(1)?.parse::<u16>().unwrap();
        let mut headers = HeaderMap::new();
        for (name, value) in lines.filter_map(|line| line.split_once(": ")) {
            headers.append(name.parse::<HeaderName>().unwrap(), value.parse::<HeaderValue>().unwrap());
        }
        let length = headers.get("content-length").map_or(0, |length| length.to_str().unwrap().parse().unwrap());
        let mut text = vec![0; length];
        self.0.read_exact(&mut text).ok()?;
        let status = StatusCode::from_u16(status).unwrap();
        Some(Answer { status, headers, text: String::from_utf8(text).unwrap() })
    }
}
