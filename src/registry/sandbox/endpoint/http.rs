//! What the endpoint of an invented member answers.
//!
//! Source: TRP 3.2.1, core specification (`/identity`) and extension "discoverability" (the others).

use std::net::TcpListener;
use std::sync::mpsc;

use actix_web::dev::ServerHandle;
use actix_web::{App, HttpResponse, HttpServer, web};
use rustls::ServerConfig;
use serde_json::{Value, json};

use super::super::facts::lei;
use super::super::world::{MEMBERS, TIDEWATER};

/// The server's thread and its handle.
pub(in crate::sandbox) struct Running {
    handle: ServerHandle,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Running {
    /// Stops the server.
    pub(super) fn stop(&mut self) {
        drop(self.handle.stop(false));
        if let Some(thread) = self.thread.take() {
            // The runtime logged a panic in the thread; stopping continues.
            drop(thread.join());
        }
    }
}

/// Starts the server on a thread of its own.
///
/// # Errors
/// `std::io::Error` if the server or its thread cannot be started.
pub(super) fn start(listener: TcpListener, config: ServerConfig) -> std::io::Result<Running> {
    let (sender, receiver) = mpsc::channel();
    let work = move || {
        actix_web::rt::System::new().block_on(async move {
            let server = HttpServer::new(|| {
                let answers = [
                    ("/version", json!({"version": "3.2.1", "vendor": "vasp-registry sandbox"})),
                    ("/uptime", json!(1)),
                    ("/extensions", json!({"required": [], "supported": ["discoverability"]})),
                    ("/identity", json!({"name": TIDEWATER, "lei": lei(MEMBERS)})),
                ];
                answers.into_iter().fold(App::new(), |app, (path, answer)| app.route(path, web::get().to(answering(answer))))
            });
            match server.workers(1).disable_signals().listen_rustls_0_23(listener, config) {
                Err(error) => drop(sender.send(Err(error))),
                Ok(server) => {
                    let server = server.run();
                    drop(sender.send(Ok(server.handle())));
                    drop(server.await);
                }
            }
        });
    };
    let thread = std::thread::Builder::new().name("trp-endpoint".to_owned()).spawn(work)?;
    let handle = receiver.recv().map_err(std::io::Error::other)??;
    Ok(Running { handle, thread: Some(thread) })
}

fn answering(answer: Value) -> impl Fn() -> std::future::Ready<HttpResponse> + Clone {
    move || std::future::ready(HttpResponse::Ok().json(&answer))
}
