//! Puts the parts together: listens, answers with the routes of the table, and stops gracefully. `cli` starts the real server; tests start
//! it with extra routes of their own.

use std::any::Any;
use std::future::poll_fn;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroU16;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use actix_http::{HttpService, TlsAcceptorConfig};
use actix_service::{Service, ServiceFactory, apply, apply_fn_factory, map_config};
use actix_tls::accept::max_concurrent_tls_connect;
use actix_web::dev::{AppConfig, Extensions, Server};
use actix_web::http::{StatusCode, header};
use actix_web::middleware::from_fn;
use actix_web::rt::net::TcpStream;
use actix_web::rt::{self, System};
use actix_web::web::{self, Data, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use socket2::{Domain, Protocol, SockRef, Socket, Type};
use tokio::signal::unix::{Signal, SignalKind, signal};

use super::allowed_methods;
use super::door::Doors;
use crate::config::ServerSettings;
use crate::http::connections::{Connections, keep_places_free};
use crate::http::extract::path_config;
use crate::http::headers::PAGE_POLICY;
use crate::http::page::{Page, Width};
use crate::http::tls::{TlsError, TlsStream};
use crate::http::{App, Problem, ProblemCode, edge, tls, unread};
use vasp_clock::{Clock, LimiterClock};

/// How many connections may wait to be accepted.
const BACKLOG: i32 = 1_024;

/// How long what still comes of a body is read after an answer that did not wait for it, so that the client gets the answer and no reset.
///
/// Source: RFC 9112, section 9.6. The time is ours.
const LINGER: Duration = Duration::from_secs(2);

/// A listening server; it answers when `server` is polled.
pub struct Bound {
    /// The address it listens on, with the port that was picked.
    pub address: SocketAddr,
    /// A future that ends when the server has stopped.
    pub server: Server,
}

/// The reason why a server does not serve.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is in use, does not belong to this machine, or needs more privileges.
    #[error("cannot listen at {address}")]
    Listen {
        /// The requested address.
        address: SocketAddr,
        /// The I/O error.
        #[source]
        source: io::Error,
    },
    /// TLS cannot be set up.
    #[error(transparent)]
    Tls(TlsError),
    /// The listening address could not be announced.
    #[error("cannot find out on which address the server listens")]
    Announce(#[source] io::Error),
    /// The server ended unexpectedly.
    #[error("the server stopped although nobody asked it to")]
    Ended(#[source] io::Error),
}

/// Registers the routes of one worker.
pub type Register = fn(&Data<App>, &mut ServiceConfig);

/// What a worker needs to answer connections.
#[derive(Clone)]
struct Worker {
    app: Data<App>,
    routes: Register,
    places: Arc<Connections>,
    silence: Duration,
    keep_alive: Duration,
    address: SocketAddr,
}

/// Builds the HTTP service of a worker, for plain and TLS connections. A macro, because a function could not name its type.
macro_rules! http {
    ($worker:expr, $stopping:expr) => {{
        let (Worker { app, routes, places, silence, keep_alive, address }, stopping) = ($worker.clone(), $stopping.clone());
        let (doors, state) = (Doors(app.clone()), app.clone());
        let app = actix_web::App::new()
            .app_data(app)
            .app_data(path_config())
            .configure(move |config| routes(&state, config))
            .default_service(web::to(answer_unknown))
            .wrap(from_fn(edge::around))
            .wrap(from_fn(unread::close_unread));
        HttpService::build()
            .graceful_shutdown_signal(move || {
                let stopping = stopping.clone();
                async move { stopping.notified().await }
            })
            .keep_alive(keep_alive)
            .client_request_timeout(silence)
            .client_disconnect_timeout(silence.min(LINGER))
            .local_addr(address)
            .on_connect_ext(move |connection, extensions| on_connect(&places, connection, extensions))
            .finish(apply(doors, map_config(app, |()| AppConfig::default())))
    }};
}

/// Serves the routes of the table until the process is asked to stop: on a socket that was [held](hold) for this, or at the settings'
/// address. Calls `on_bound` with the listening address, and `on_stopped` when no client waits any more.
///
/// # Errors
/// Every `ServeError`; `Announce` if `on_bound` fails.
pub fn serve(
    settings: &ServerSettings,
    app: App,
    held: Option<Socket>,
    on_bound: impl FnOnce(SocketAddr) -> io::Result<()>,
    on_stopped: impl FnOnce() -> io::Result<()>,
) -> Result<(), ServeError> {
    System::new().block_on(async {
        let app = Data::new(app);
        // The process handles SIGHUP from now on; without a handler, SIGHUP would end it.
        if let (Some(tls), Ok(told)) = (app.tls.clone(), signal(SignalKind::hangup())) {
            rt::spawn(read_certificate_when_told(tls, Arc::clone(&app.clock), told));
        }
        // SIGXFSZ comes with a write beyond the limit on the size of files (`ulimit -f`), and would end the process too. Its handler stays for
        // good; the write fails.
        drop(signal(SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw())));
        let listener = match held {
            Some(socket) => listening(socket),
            None => listen(settings.listen),
        };
        let listener = listener.map_err(|source| ServeError::Listen { address: settings.listen, source })?;
        let bound = bind_to(listener, settings, app, super::routes)?;
        on_bound(bound.address).map_err(ServeError::Announce)?;
        bound.server.await.map_err(ServeError::Ended)?;
        // Work that waits for a database that hangs would keep the process from ending; `on_stopped` can end it.
        on_stopped().map_err(ServeError::Ended)
    })
}

/// Listens at the settings' address and answers `routes`, under the same conditions as the real server.
///
/// With `App::tls` the port speaks only TLS.
pub fn bind(settings: &ServerSettings, app: Data<App>, routes: Register) -> Result<Bound, ServeError> {
    let unheard = |source| ServeError::Listen { address: settings.listen, source };
    bind_to(listen(settings.listen).map_err(unheard)?, settings, app, routes)
}

fn bind_to(listener: TcpListener, settings: &ServerSettings, app: Data<App>, routes: Register) -> Result<Bound, ServeError> {
    let secs = |secs: NonZeroU16| Duration::from_secs(secs.get().into());
    let workers = usize::from(settings.workers.get());
    let silence = secs(settings.request_timeout_secs);
    let most = usize::try_from(settings.max_connections.get()).unwrap_or(usize::MAX);
    let connections = most.div_ceil(workers);
    let rate = app.tls.is_some().then(|| LimiterClock(Arc::clone(&app.clock)));
    let refused = app.registry.metrics().connected.refused.clone();
    let places = Connections::new(most, settings.max_connections_of_address, &settings.trusted_proxies, rate, refused);
    rt::spawn(keep_places_free(Arc::downgrade(&places)));
    let secured = app.tls.as_ref().map(tls::ServerTls::server_config).transpose().map_err(ServeError::Tls)?;
    let builder = Server::build()
        .workers(workers)
        .max_concurrent_connections(connections)
        .shutdown_timeout(settings.shutdown_timeout_secs.get().into())
        .shutdown_signal(asked_to_stop());
    // A slow handshake holds only its own place among the connections, as a slow sender does, and delays nobody else.
    max_concurrent_tls_connect(connections);
    let (keep_alive, stopping) = (secs(settings.keep_alive_secs), builder.graceful_shutdown_signal());
    let unheard = |source| ServeError::Listen { address: settings.listen, source };
    let address = listener.local_addr().map_err(unheard)?;
    let worker = Worker { app, routes, places, silence, keep_alive, address };
    let server = match secured {
        None => builder.listen("http", listener, move || worker.count(http!(worker, stopping).tcp())),
        Some(secured) => builder.listen("https", listener, move || {
            let patience = TlsAcceptorConfig::default().handshake_timeout(silence);
            worker.count(http!(worker, stopping).rustls_0_23_with_config(secured.clone(), patience))
        }),
    };
    Ok(Bound { address, server: server.map_err(unheard)?.run() })
}

/// Takes an address before anything listens there, even if another process has only just released it. Until it is dropped, the system gives
/// the port to nobody who asks for any free one; a program that names the port can still take it until [`serve`] listens on the socket.
///
/// # Errors
/// `ServeError::Listen` if somebody else listens there.
pub fn hold(address: SocketAddr) -> Result<Socket, ServeError> {
    held(address).map_err(|source| ServeError::Listen { address, source })
}

fn held(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, Some(Protocol::TCP))?;
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    listening(held(address)?)
}

fn listening(socket: Socket) -> io::Result<TcpListener> {
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}

impl Worker {
    /// Gives each connection its place before any other work, even the handshake, and keeps the place until the connection ends.
    fn count<S>(&self, service: S) -> impl ServiceFactory<TcpStream, Config = (), Response = ()> + use<S>
    where
        S: ServiceFactory<TcpStream, Config = (), Response = ()>,
    {
        let (places, silence) = (Arc::clone(&self.places), self.silence);
        apply_fn_factory(service, move |stream: TcpStream, service: &S::Service| {
            limit_silence(&stream, silence);
            let answered = places.enter(&stream).map(|place| (place, service.call(stream)));
            async move {
                let Some((place, answered)) = answered else { return Ok(()) };
                place.hold(answered).await.unwrap_or(Ok(()))
            }
        })
    }
}

/// Stores the connection's data for its requests: its place, and the client's certificate.
fn on_connect(places: &Connections, connection: &dyn Any, extensions: &mut Extensions) {
    let secured = || connection.downcast_ref::<TlsStream>().map(|stream| stream.get_ref().0);
    if let Some(stream) = connection.downcast_ref::<TcpStream>().or_else(secured) {
        places.keep(stream, extensions);
    }
    tls::on_connect(connection, extensions);
}

/// Makes the system drop a connection whose client stops reading the answer; the server itself would wait for ever.
///
/// Source: tcp(7), `TCP_USER_TIMEOUT`; also RFC 5482.
fn limit_silence(stream: &TcpStream, silence: Duration) {
    if let Err(error) = SockRef::from(stream).set_tcp_user_timeout(Some(silence)) {
        tracing::debug!(error = %error, "the idle time of a connection cannot be limited");
    }
}

/// Reads the server's certificate again when the process gets SIGHUP. A timer reads it anyway.
async fn read_certificate_when_told(tls: Arc<tls::ServerTls>, clock: Arc<dyn Clock>, mut told: Signal) {
    while told.recv().await.is_some() {
        tls.reload(clock.now());
    }
}

/// Returns a future that ends when the process is asked to stop, by a supervisor (SIGTERM) or the keyboard (SIGINT). It notices signals
/// from this call on, not only from the first poll: a supervisor may stop the server as soon as it reads that the server listens.
fn asked_to_stop() -> impl Future<Output = ()> + Send + 'static {
    let kinds = [SignalKind::terminate(), SignalKind::interrupt()];
    let mut signals: Vec<_> = kinds.into_iter().filter_map(|kind| signal(kind).ok()).collect();
    poll_fn(move |context| {
        let asked = signals.iter_mut().any(|signal| signal.poll_recv(context).is_ready());
        if asked { Poll::Ready(()) } else { Poll::Pending }
    })
}

/// Answers a request without a route: the path is unknown, or only the method is. People who follow a link get a page.
async fn answer_unknown(request: HttpRequest) -> Result<HttpResponse, Problem> {
    let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if request.match_pattern().is_none() && accepts.contains("text/html") {
        let body = "<h1>There is no such page</h1><p>The address has a mistake, or the page has moved.</p><ul><li><a href=\"/console/today\">The \
                    console</a></li><li><a href=\"/docs/\">The documentation</a></li><li><a href=\"/\">The first page</a></li></ul>";
        let page = Page { title: "There is no such page", side: "", body, width: Width::Narrow };
        return Ok(page.answer(StatusCode::NOT_FOUND, PAGE_POLICY));
    }
    Err(match request.match_pattern().and_then(|pattern| allowed_methods(&pattern)) {
        Some(allowed) => {
            let detail = format!("This path accepts {allowed}, not {}.", request.method());
            Problem::new(ProblemCode::MethodNotAllowed, detail).with_header(header::ALLOW, allowed)
        }
        None => Problem::new(ProblemCode::NotFound, "No route has this path."),
    })
}
