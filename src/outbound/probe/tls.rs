//! TLS that records before it judges. The handshake completes with any certificate chain, if the server proves that it holds the key. The
//! chain, and the result of a browser's check of it, are kept for the caller to judge. Used for probes only.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use aws_lc_rs::digest::{SHA256, digest};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{ResolvesClientCert, Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use crate::Laboratory;
use vasp_rules::probe::{Pin, SeenCertificate, WebTrust};
use vasp_words::time::UtcTime;

/// The certificate and key that the registry shows if a server asks for one.
#[derive(Debug, Clone)]
pub struct ClientIdentity(Arc<CertifiedKey>);

/// The certificate or key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClientIdentityError {
    /// A file is not PEM with certificates, or not PEM with a private key.
    #[error("the client certificate or its key is not PEM: give one file with the chain and one with the private key")]
    Pem(#[source] rustls::pki_types::pem::Error),
    /// The certificate and the key do not match, or TLS does not support this kind of key.
    #[error("the client certificate and its key do not fit together")]
    Key(#[source] rustls::Error),
    /// The trusted authorities cannot be used.
    #[error("the trusted authorities cannot be used")]
    Roots(#[source] rustls::client::VerifierBuilderError),
}

impl ClientIdentity {
    /// Reads a chain and a private key in PEM.
    pub fn from_pem(chain: &[u8], key: &[u8]) -> Result<Self, ClientIdentityError> {
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(chain).collect();
        let chain = chain.map_err(ClientIdentityError::Pem)?;
        if chain.is_empty() {
            return Err(ClientIdentityError::Pem(rustls::pki_types::pem::Error::NoItemsFound));
        }
        let key = PrivateKeyDer::from_pem_slice(key).map_err(ClientIdentityError::Pem)?;
        let certified = CertifiedKey::from_der(chain, key, &rustls::crypto::aws_lc_rs::default_provider());
        certified.map(|key| Self(Arc::new(key))).map_err(ClientIdentityError::Key)
    }

    /// Returns the DER of the certificate, without the rest of its chain.
    #[must_use]
    pub fn certificate(&self) -> &[u8] {
        self.0.cert.first().map_or(&[], AsRef::as_ref)
    }
}

/// Makes the TLS settings of one probe.
#[derive(Debug)]
pub(super) struct Tls {
    provider: Arc<CryptoProvider>,
    web: Arc<WebPkiServerVerifier>,
    identity: Option<Arc<CertifiedKey>>,
}

/// What the server showed during the handshakes of one probe.
#[derive(Debug)]
pub(super) struct Watch {
    web: Arc<WebPkiServerVerifier>,
    identity: Option<Arc<CertifiedKey>>,
    now: UtcTime,
    certificate: OnceLock<SeenCertificate>,
    asked: AtomicBool,
}

impl Tls {
    pub(super) fn new(laboratory: Option<&Laboratory>, identity: Option<&ClientIdentity>) -> Result<Self, ClientIdentityError> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let mut roots = RootCertStore::empty();
        match laboratory {
            None => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
            Some(laboratory) => {
                roots.add_parsable_certificates(laboratory.tls_roots.iter().map(|der| CertificateDer::from(der.as_slice())));
            }
        }
        let web = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build();
        let web = web.map_err(ClientIdentityError::Roots)?;
        Ok(Self { provider, web, identity: identity.map(|identity| Arc::clone(&identity.0)) })
    }

    /// Starts to record; certificates are checked as of `now`.
    pub(super) fn watch(&self, now: UtcTime) -> Arc<Watch> {
        let (web, identity) = (Arc::clone(&self.web), self.identity.clone());
        Arc::new(Watch { web, identity, now, certificate: OnceLock::new(), asked: AtomicBool::new(false) })
    }

    /// Makes the TLS settings; what the server shows is recorded in `watch`. Nothing is kept between probes.
    pub(super) fn config(&self, watch: &Arc<Watch>, protocol: &[u8]) -> Result<Arc<ClientConfig>, rustls::Error> {
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider)).with_safe_default_protocol_versions()?;
        let (verifier, resolver): (Arc<dyn ServerCertVerifier>, Arc<dyn ResolvesClientCert>) = (watch.clone(), watch.clone());
        let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
        let mut config = builder.with_client_cert_resolver(resolver);
        config.alpn_protocols = vec![protocol.to_vec()];
        config.resumption = Resumption::disabled();
        Ok(Arc::new(config))
    }
}

/// Returns the fingerprints of the first certificate of a PEM text. `None` if there is none that can be read.
pub(super) fn fingerprints(pem: &str) -> Option<Pin> {
    let der = CertificateDer::from_pem_slice(pem.as_bytes()).ok()?;
    let spki = ParsedCertificate::try_from(&der).ok()?.subject_public_key_info();
    Some(Pin { sha256: sha256(&der), spki_sha256: sha256(&spki) })
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes).as_ref())
}

impl Watch {
    /// Returns the first certificate that the server showed.
    pub(super) fn certificate(&self) -> Option<SeenCertificate> {
        self.certificate.get().cloned()
    }

    /// Tells whether the server asked for a client certificate.
    pub(super) fn asked(&self) -> bool {
        self.asked.load(Ordering::SeqCst)
    }
}

impl ServerCertVerifier for Watch {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.certificate.get_or_init(|| {
            let secs = u64::try_from(self.now.micros().div_euclid(1_000_000)).unwrap_or(0);
            let now = UnixTime::since_unix_epoch(Duration::from_secs(secs));
            let web_trust = match self.web.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
                Ok(_) => WebTrust::Trusted,
                Err(error) => WebTrust::Untrusted(error.to_string()),
            };
            let parsed = ParsedCertificate::try_from(end_entity).ok();
            SeenCertificate {
                der: end_entity.to_vec(),
                sha256: sha256(end_entity),
                spki_sha256: parsed.map(|parsed| sha256(&parsed.subject_public_key_info())),
                web_trust,
                not_before: None,
                not_after: None,
            }
        });
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.web.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.web.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.web.supported_verify_schemes()
    }
}

impl ResolvesClientCert for Watch {
    fn resolve(&self, _root_hints: &[&[u8]], _schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Ordering::SeqCst);
        self.identity.clone()
    }

    fn has_certs(&self) -> bool {
        true
    }
}
