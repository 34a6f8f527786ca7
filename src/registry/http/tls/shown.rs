//! The client's certificate, kept with its connection for the requests on it.

use std::any::Any;
use std::sync::Arc;

use actix_tls::accept::rustls_0_23;
use actix_web::dev::Extensions;
use actix_web::rt::net::TcpStream;

use vasp_pki::read_leaf;
use vasp_record::client_certificate::ClientCertificate;

/// A TLS connection, as `on_connect` gets it.
pub(crate) type TlsStream = rustls_0_23::TlsStream<TcpStream>;

/// The certificate of the connection's client, which has proved that it holds the key.
#[derive(Clone, Debug)]
pub(crate) struct Shown(pub Arc<ClientCertificate>);

/// Keeps the client's certificate with a connection whose handshake has just ended.
pub(crate) fn on_connect(connection: &dyn Any, extensions: &mut Extensions) {
    let Some(stream) = connection.downcast_ref::<TlsStream>() else { return };
    let leaf = stream.get_ref().1.peer_certificates().and_then(<[_]>::first);
    // The handshake has already parsed it: an unreadable certificate does not get this far.
    if let Some(Ok(certificate)) = leaf.map(|der| read_leaf(der)) {
        extensions.insert(Shown(Arc::new(certificate)));
    }
}
