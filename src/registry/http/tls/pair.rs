//! A certificate and its key, read from two files. Only a matching pair is accepted: the server never shows a certificate whose key it
//! does not have.

use std::path::Path;
use std::sync::Arc;

use aws_lc_rs::digest::{Context, SHA256};
use rustls::crypto::aws_lc_rs::default_provider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::CertifiedKey;
use rustls::{Error, InconsistentKeys};

use super::TlsError;
use crate::config::TlsSettings;
use vasp_pki::{ServerChain, read_leaf};
use vasp_record::client_certificate::ClientCertificate;
use vasp_words::time::UtcTime;

/// How long before its expiry the server starts to warn when it reads a certificate, in seconds: a week.
const WARNED_SECS: i64 = 7 * 86_400;

/// A certificate with its matching key.
#[derive(Debug)]
pub(super) struct Pair {
    /// The pair as rustls needs it.
    pub certified: Arc<CertifiedKey>,
    /// The fields of the certificate.
    pub leaf: ClientCertificate,
    /// What clients depend on.
    pub chain: ServerChain,
    /// Digest of both files' content.
    pub digest: [u8; 32],
}

/// The content of both files.
pub(super) struct Files {
    certificate: Vec<u8>,
    key: Vec<u8>,
}

/// Reads both files, and returns a digest that changes if either file changes.
///
/// # Errors
/// `TlsError::Read`; `Open` if users other than its owner can access the key.
pub(super) fn read(settings: &TlsSettings) -> Result<([u8; 32], Files), TlsError> {
    let unread = |path: &Path, source| TlsError::Read { path: path.to_owned(), source };
    let read = |path: &Path| std::fs::read(path).map_err(|source| unread(path, source));
    let mode = settings.key_mode().map_err(|source| unread(&settings.key, source))?;
    if let Some(mode) = mode.filter(|_| !settings.readable_key) {
        return Err(TlsError::Open { path: settings.key.clone(), mode });
    }
    let files = Files { certificate: read(&settings.certificate)?, key: read(&settings.key)? };
    let mut context = Context::new(&SHA256);
    context.update(&u64::try_from(files.certificate.len()).unwrap_or(u64::MAX).to_be_bytes());
    context.update(&files.certificate);
    context.update(&files.key);
    let mut digest = [0; 32];
    digest.copy_from_slice(context.finish().as_ref());
    Ok((digest, files))
}

impl Pair {
    /// Makes a pair from the files' content.
    pub(super) fn of(settings: &TlsSettings, digest: [u8; 32], files: &Files) -> Result<Self, TlsError> {
        let TlsSettings { certificate: certificate_path, key: key_path, .. } = settings;
        let none = || TlsError::NoCertificate(certificate_path.clone());
        let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&files.certificate).collect();
        let chain = chain.map_err(|_| none())?;
        let leaf = chain.first().ok_or_else(none)?;
        let leaf = read_leaf(leaf).map_err(|source| TlsError::Leaf { path: certificate_path.clone(), source })?;
        let shown = ServerChain::read(chain.iter().map(AsRef::as_ref));
        let shown = shown.map_err(|source| TlsError::Chain { path: certificate_path.clone(), source })?;
        let key = PrivateKeyDer::from_pem_slice(&files.key).map_err(|_| TlsError::NoKey(key_path.clone()))?;
        let certified = CertifiedKey::from_der(chain, key, &default_provider()).map_err(|error| match error {
            Error::InconsistentKeys(InconsistentKeys::KeyMismatch) => {
                TlsError::Mismatch { key: key_path.clone(), certificate: certificate_path.clone() }
            }
            source => TlsError::Key { path: key_path.clone(), source },
        })?;
        Ok(Self { certified: Arc::new(certified), leaf, chain: shown, digest })
    }

    /// Logs a warning if no host of the certificate is one of the earlier certificate, or if the certificate of its issuer was beside the
    /// earlier one and is missing now: clients refuse it.
    pub(super) fn warn_of_what_it_lacks(&self, earlier: &Self) {
        let (new, old) = (&self.chain.hosts, &earlier.chain.hosts);
        if !old.is_empty() && !new.iter().any(|host| old.contains(host)) {
            tracing::warn!(certificate.hosts = ?new, certificate.hosts_before = ?old, "the server's new certificate is for other hosts");
        }
        if let (1, 2.., Some(issuer)) = (self.chain.length, earlier.chain.length, &self.chain.needs) {
            tracing::warn!(
                certificate.issuer = issuer,
                "the file of the server's new certificate lacks that of its issuer, which the earlier file had: clients may refuse it"
            );
        }
    }

    /// Logs a warning if the certificate has expired or will soon, or if another one in its file is not that of an issuer.
    pub(super) fn warn_of_faults(&self, now: UtcTime) {
        if let Some(foreign) = &self.chain.foreign {
            tracing::warn!(certificate.fault = %foreign, "some clients refuse the server's certificate");
        }
        let not_after = self.leaf.not_after;
        if self.leaf.check_time(now).is_err() {
            let not_before = self.leaf.not_before;
            tracing::warn!(certificate.not_before = %not_before, certificate.not_after = %not_after, "the server's certificate is not valid now");
        } else if self.leaf.check_time(now.plus_secs(WARNED_SECS)).is_err() {
            tracing::warn!(certificate.not_after = %not_after, "the server's certificate expires soon");
        }
    }
}
