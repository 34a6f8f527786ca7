//! The Travel Rule endpoint of an invented member, which the sandbox itself serves on a free port of this machine. It answers what a probe
//! of TRP asks, with the certificate that the registry issued to the member. It takes no transfers.

pub(super) mod http;

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::{Filled, StageError};
use vasp_outbound::TestNames;

/// The member whose endpoint answers. Nothing answers for the other members, so their endpoints are down.
const HOST: &str = "tidewater.test";

/// A running endpoint. It stops when it is dropped.
pub struct Endpoint(http::Running);

/// Starts the endpoint, and publishes where it listens.
///
/// # Errors
/// `StageError` if it cannot listen, or the certificate cannot be used.
pub fn serve_endpoint(filled: &Filled, names: &TestNames) -> Result<Endpoint, StageError> {
    let text = |name: &'static str| filled.key(name).ok_or_else(|| StageError::Open(name.to_owned()));
    let failed = |error: &dyn std::fmt::Display| StageError::Endpoint(error.to_string());
    let chain: Vec<_> =
        CertificateDer::pem_slice_iter(text("trp_certificate")?.as_bytes()).collect::<Result<_, _>>().map_err(|e| failed(&e))?;
    let key = PrivateKeyDer::from_pem_slice(text("trp_key")?.as_bytes()).map_err(|e| failed(&e))?;
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().map_err(|e| failed(&e))?;
    let config = config.with_no_client_auth().with_single_cert(chain, key).map_err(|e| failed(&e))?;
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).map_err(|e| failed(&e))?;
    let address = listener.local_addr().map_err(|e| failed(&e))?;
    let running = http::start(listener, config).map_err(|e| failed(&e))?;
    names.listen(HOST, Some(address)).map_err(StageError::Name)?;
    Ok(Endpoint(running))
}

impl Drop for Endpoint {
    fn drop(&mut self) {
        self.0.stop();
    }
}
