//! Puts the parts together: listens, answers with the routes of the table, and stops gracefully. `cli` starts the real
//! server; tests start it with routes of their own beside the table's.

use std::any::Any;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::num::{NonZeroU16, NonZeroU32};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::http::header;
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::rt::{self, System};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse, HttpServer};
use socket2::SockRef;
use tokio::signal::unix::{SignalKind, signal};

use super::connections::{Connections, keep_places_free};
use super::extract::path_config;
use super::tls::{self, TlsError, TlsStream};
use super::{App, Problem, ProblemCode, docs, edge, unread};
use crate::config::ServerSettings;

/// A server that listens; it answers once `server` is polled.
pub struct Bound {
    /// Where it listens, with the port that was picked.
    pub address: SocketAddr,
    /// Ends when the server has stopped.
    pub server: Server,
}

/// Why a server does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken, not ours, or not to be had without more rights.
    #[error("cannot listen at {address}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(TlsError),
    /// Where it listens could not be told.
    #[error("cannot tell where the server listens")]
    Announce(#[source] io::Error),
    /// The server ended by itself.
    #[error("the server ended by itself")]
    Ended(#[source] io::Error),
}

/// Serves the routes of the table until the process is asked to stop; `on_bound` is told where it listens.
///
/// # Errors
/// Every `ServeError`; `Announce` is what `on_bound` answers.
pub fn serve(settings: &ServerSettings, app: App, on_bound: impl FnOnce(SocketAddr) -> io::Result<()>) -> Result<(), ServeError> {
    System::new().block_on(async {
        let app = Data::new(app);
        rt::spawn(read_certificate_when_told(app.clone()));
        let bound = bind(settings, app, super::routes)?;
        on_bound(bound.address).map_err(ServeError::Announce)?;
        bound.server.await.map_err(ServeError::Ended)
    })
}

/// Listens at the settings' address to answer `routes`, under the same conditions as the real ones.
///
/// With `App::tls` the port speaks TLS and nothing else.
///
/// # Errors
/// `ServeError::Listen`, `ServeError::Tls`.
pub fn bind(settings: &ServerSettings, app: Data<App>, routes: fn(&mut ServiceConfig)) -> Result<Bound, ServeError> {
    let secs = |secs: NonZeroU16| Duration::from_secs(secs.get().into());
    let workers = usize::from(settings.workers.get());
    let silence = secs(settings.request_timeout_secs);
    let count = |count: NonZeroU32| usize::try_from(count.get()).unwrap_or(usize::MAX);
    let most = count(settings.max_connections);
    let connections = most.div_ceil(workers);
    let places = Connections::new(most, count(settings.max_connections_of_address), &settings.trusted_proxies);
    rt::spawn(keep_places_free(Arc::downgrade(&places)));
    let secured = app.tls.as_ref().map(tls::ServerTls::server_config).transpose().map_err(ServeError::Tls)?;
    let server = HttpServer::new(move || {
        actix_web::App::new()
            .app_data(app.clone())
            .app_data(path_config())
            .configure(routes)
            .default_service(web::to(answer_unknown))
            .wrap(from_fn(edge::around))
            .wrap(from_fn(unread::close_unread))
    })
    .workers(workers)
    .max_connections(connections)
    // Whoever shakes hands slowly holds a place among the connections, as whoever sends slowly does, and nobody else up.
    .max_connection_rate(connections)
    .tls_handshake_timeout(silence)
    .on_connect(move |connection, extensions| {
        if let Some(stream) = tcp_of(connection) {
            limit_silence(stream, silence);
            places.enter(stream, extensions);
        }
        tls::on_connect(connection, extensions);
    })
    .client_request_timeout(secs(settings.request_timeout_secs))
    .client_disconnect_timeout(secs(settings.request_timeout_secs))
    .keep_alive(secs(settings.keep_alive_secs))
    .shutdown_timeout(settings.shutdown_timeout_secs.get().into())
    .shutdown_signal(asked_to_stop());
    let server = match secured {
        None => server.bind(settings.listen),
        Some(secured) => server.bind_rustls_0_23(settings.listen, secured),
    };
    let server = server.map_err(|source| ServeError::Listen { address: settings.listen, source })?;
    let address = server.addrs().into_iter().next().unwrap_or(settings.listen);
    Ok(Bound { address, server: server.run() })
}

/// The connection below HTTP, and below TLS.
fn tcp_of(connection: &dyn Any) -> Option<&TcpStream> {
    let secured = || connection.downcast_ref::<TlsStream>().map(|stream| stream.get_ref().0);
    connection.downcast_ref::<TcpStream>().or_else(secured)
}

/// Has the system give up a connection whose client stops taking what was sent: the server itself waits for ever there.
///
/// Source: tcp(7), `TCP_USER_TIMEOUT`; also RFC 5482.
fn limit_silence(stream: &TcpStream, silence: Duration) {
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(silence)) {
        tracing::debug!(error = %error, "a connection's silence cannot be limited");
    }
}

/// Reads the server's certificate again at once when the process is told to (SIGHUP); on a timer it is read anyway.
async fn read_certificate_when_told(app: Data<App>) {
    let (Some(tls), Ok(mut told)) = (app.tls.clone(), signal(SignalKind::hangup())) else { return };
    while told.recv().await.is_some() {
        tls.reload(app.clock.now());
    }
}

/// Ends when the process is asked to stop, by a supervisor (SIGTERM) or from the keyboard (SIGINT). Heard from now on, not from
/// when it is waited for: who reads that the server listens may stop it at once.
fn asked_to_stop() -> impl Future<Output = ()> + Send + 'static {
    let kinds = [SignalKind::terminate(), SignalKind::interrupt()];
    let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    poll_fn(move |context| {
        let asked = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if asked { Poll::Ready(()) } else { Poll::Pending }
    })
}

/// No route took the request: the path is unknown, or only the method is.
async fn answer_unknown(request: HttpRequest) -> Result<HttpResponse, Problem> {
    Err(match request.match_pattern().and_then(|pattern| allowed_methods(&pattern)) {
        Some(allowed) => {
            let detail = format!("This path answers to {allowed}, not to {}.", request.method());
            Problem::new(ProblemCode::MethodNotAllowed, detail).with_header(header::ALLOW, allowed)
        }
        None => Problem::new(ProblemCode::NotFound, "No route has this path."),
    })
}

/// The methods of a path in the table, for `Allow`.
fn allowed_methods(pattern: &str) -> Option<String> {
    let path = docs::document().paths.paths.get(pattern)?;
    let methods =
        [("GET, HEAD", &path.get), ("POST", &path.post), ("PUT", &path.put), ("PATCH", &path.patch), ("DELETE", &path.delete)];
    let allowed = methods.iter().filter(|(_, operation)| operation.is_some()).map(|(method, _)| *method);
    Some(allowed.collect::<Vec<_>>().join(", "))
}
