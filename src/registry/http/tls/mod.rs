//! TLS on the registry's own port: the server certificate, which is read again when its files change, and client certificates.
//! `http::caller` looks up the owner of a client certificate at every request, not here. So a revocation takes effect on open connections
//! too.

pub(crate) use shown::{Shown, TlsStream, on_connect};
mod pair;
mod shown;
mod verifier;

use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use rustls::ServerConfig;
use rustls::crypto::aws_lc_rs;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::version::{TLS12, TLS13};

use crate::config::TlsSettings;
use pair::Pair;
use vasp_pki::{LeafError, ServerChain, ServerChainError};
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;
use verifier::AnyClient;

/// The reason why TLS cannot start.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// A file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// Path of the file.
        path: PathBuf,
        /// The I/O error.
        #[source]
        source: io::Error,
    },
    /// Users other than its owner may read or write the key file.
    #[error(
        "the TLS key file {} has mode {mode:04o}, so other users can access it: run `chmod 600 {}`, or use \
         --readable-master-key if that is not possible",
        path.display(),
        path.display()
    )]
    Open {
        /// Path of the file.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// The certificate file holds no PEM certificate.
    #[error("{} has no certificate in PEM (-----BEGIN CERTIFICATE-----)", .0.display())]
    NoCertificate(PathBuf),
    /// The key file holds no PEM private key.
    #[error("{} has no readable private key in PEM (PKCS#8, SEC1 or PKCS#1, not encrypted)", .0.display())]
    NoKey(PathBuf),
    /// The first certificate cannot be read.
    #[error("the first certificate in {} cannot be read", path.display())]
    Leaf {
        /// Path of the file.
        path: PathBuf,
        /// Why it cannot be read.
        #[source]
        source: LeafError,
    },
    /// Clients would refuse the certificates.
    #[error("clients would refuse the certificates in {}", path.display())]
    Chain {
        /// Path of the file.
        path: PathBuf,
        /// Why.
        #[source]
        source: ServerChainError,
    },
    /// The key does not belong to the certificate.
    #[error("the key in {} does not belong to the first certificate in {}", key.display(), certificate.display())]
    Mismatch {
        /// The file of the key.
        key: PathBuf,
        /// The file of the certificate.
        certificate: PathBuf,
    },
    /// TLS does not support this kind of key.
    #[error("the key in {} cannot be used for TLS", path.display())]
    Key {
        /// Path of the file.
        path: PathBuf,
        /// The error of the TLS library.
        #[source]
        source: rustls::Error,
    },
    /// The cryptography library does not support the required TLS versions.
    #[error("TLS cannot be set up")]
    Versions(#[source] rustls::Error),
}

/// The server's current certificate and key.
#[derive(Debug)]
pub struct ServerTls {
    settings: TlsSettings,
    current: RwLock<Arc<Pair>>,
    /// Why the files were refused last; kept so that each reason is logged only once.
    refused: Mutex<Option<String>>,
}

impl ServerTls {
    /// Reads the certificate and key.
    ///
    /// # Errors
    /// Every `TlsError` except `Versions`.
    pub fn load(settings: &TlsSettings, now: UtcTime) -> Result<Self, TlsError> {
        let (digest, files) = pair::read(settings)?;
        let pair = Pair::of(settings, digest, &files)?;
        pair.warn_of_faults(now);
        Ok(Self { settings: settings.clone(), current: RwLock::new(Arc::new(pair)), refused: Mutex::default() })
    }

    /// Reads the files again. If they changed and match, new connections get the new certificate. If they do not match, for example
    /// because a file is half written, it logs this once and changes nothing.
    pub fn reload(&self, now: UtcTime) {
        let read = match pair::read(&self.settings) {
            Ok((digest, files)) if digest == self.current().digest => {
                drop(files);
                return self.note_refusal(None);
            }
            Ok((digest, files)) => Pair::of(&self.settings, digest, &files),
            Err(error) => Err(error),
        };
        match read {
            Ok(pair) => {
                tracing::info!(
                    certificate.sha256 = hex::encode(pair.leaf.sha256),
                    certificate.not_after = %pair.leaf.not_after,
                    "the server now uses another certificate"
                );
                pair.warn_of_faults(now);
                pair.warn_of_what_it_lacks(&self.current());
                *self.current.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(pair);
                self.note_refusal(None);
            }
            Err(error) => self.note_refusal(Some(error_chain(&error))),
        }
    }

    fn note_refusal(&self, why: Option<String>) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(why) = why.as_ref().filter(|why| Some(*why) != refused.as_ref()) {
            tracing::error!(error.chain = why, "the server's new certificate was refused; the old one stays in use");
        }
        *refused = why;
    }

    /// Returns what clients depend on: hosts, and the issuer that they must know.
    #[must_use]
    pub fn chain(&self) -> ServerChain {
        self.current().chain.clone()
    }

    /// Returns whether the last attempt to read the files refused them. The server then keeps the previous certificate.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn current(&self) -> Arc<Pair> {
        Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Returns when the current certificate expires.
    #[must_use]
    pub fn not_after(&self) -> UtcTime {
        self.current().leaf.not_after
    }

    /// Returns the listener's configuration: TLS 1.2 and 1.3. It asks clients for a certificate, but they need not have one.
    ///
    /// Source: RFC 9325, section 3.1.1: nothing older than TLS 1.2.
    pub fn server_config(self: &Arc<Self>) -> Result<ServerConfig, TlsError> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let verifier = Arc::new(AnyClient::new(&provider));
        let builder = ServerConfig::builder_with_provider(provider).with_protocol_versions(&[&TLS13, &TLS12]);
        let builder = builder.map_err(TlsError::Versions)?.with_client_cert_verifier(verifier);
        let resolver = Arc::clone(self);
        Ok(builder.with_cert_resolver(resolver))
    }
}

impl ResolvesServerCert for ServerTls {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.current().certified))
    }
}
