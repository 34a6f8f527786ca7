//! Accepts any well-formed client certificate, and has the cryptography library check that the client holds its key. At each request, the
//! certificate's SHA-256 identifies the client. An unknown certificate gives no more access than none.
//!
//! Source: RFC 8446, sections 4.3.2 and 4.4.3; RFC 8705, section 2.2: possession of the key is what is proved.

use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{CertificateError, DigitallySignedStruct, DistinguishedName, Error, SignatureScheme};

use vasp_pki::read_leaf;

/// Maximum number of intermediate certificates that a client may send.
const MOST_INTERMEDIATES: usize = 8;

/// Maximum size of all of them in bytes: they stay in memory as long as the connection.
const MOST_BYTES: usize = 32 << 10;

/// Admits every client that proves the key of its certificate, and clients without a certificate.
#[derive(Debug)]
pub(super) struct AnyClient(WebPkiSupportedAlgorithms);

impl AnyClient {
    pub(super) fn new(provider: &CryptoProvider) -> Self {
        Self(provider.signature_verification_algorithms)
    }
}

impl ClientCertVerifier for AnyClient {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &[]
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let bytes = intermediates.iter().map(|one| one.len()).fold(end_entity.len(), usize::saturating_add);
        if intermediates.len() > MOST_INTERMEDIATES || bytes > MOST_BYTES {
            return Err(Error::InvalidCertificate(CertificateError::BadEncoding));
        }
        read_leaf(end_entity).map_err(|_| Error::InvalidCertificate(CertificateError::BadEncoding))?;
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}
