//! Closes the connection after an answer to a chunked request whose body was not read to its end. The HTTP library would wait for the rest
//! of such a body without a time limit once nobody holds the body. So this module holds it until the answer is sent; the library then
//! closes the connection, as it does for other unread bodies.

use std::cell::RefCell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, BoxBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage};
use futures_core::Stream;

/// A request's body, held by its reader and by the answer.
type Held = Rc<RefCell<Payload>>;

/// An answer that holds the request's body until it is sent.
struct Holding {
    answer: BoxBody,
    _unread: Held,
}

/// Wraps one request; must be the outermost wrapper.
///
/// # Errors
/// Those of the wrapped service.
pub async fn close_unread(
    mut request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    if !request.headers().contains_key(header::TRANSFER_ENCODING) {
        return next.call(request).await.map(ServiceResponse::map_into_boxed_body);
    }
    let held: Held = Rc::new(RefCell::new(request.take_payload()));
    let reader = Rc::clone(&held);
    request.set_payload(Payload::Stream { payload: Box::pin(Reader(reader)) });
    let answer = next.call(request).await?.map_into_boxed_body();
    Ok(answer.map_body(|_, answer| BoxBody::new(Holding { answer, _unread: held })))
}

/// Reads the body for the handler.
struct Reader(Held);

impl Stream for Reader {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut *self.0.borrow_mut()).poll_next(context)
    }
}

impl MessageBody for Holding {
    type Error = Box<dyn std::error::Error>;

    fn size(&self) -> BodySize {
        self.answer.size()
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.answer).poll_next(context)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::middleware::from_fn;
    use actix_web::rt::System;
    use actix_web::{App, HttpServer, web};
    use std::io::{Read, Write};
    use std::net::{SocketAddr, TcpStream};
    use std::sync::mpsc;
    use std::time::Duration;
    use vasp_clock::Stopwatch;

    /// Sends `bytes` to a server that reads bodies only at `/read`, and returns everything that it answers.
    fn talk(address: SocketAddr, bytes: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        stream.write_all(bytes).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the connection ends");
        answer
    }

    #[test]
    fn connections_with_an_unread_chunked_body_end_and_others_stay() {
        let (sender, receiver) = mpsc::channel();
        let server = std::thread::spawn(move || {
            System::new().block_on(async move {
                let routes = || {
                    let app = App::new().wrap(from_fn(close_unread)).route("/read", web::to(|body: Bytes| async { body }));
                    app.default_service(web::to(|| async { "done" }))
                };
                let server = HttpServer::new(routes).workers(1).disable_signals();
                let server = server.client_disconnect_timeout(Duration::from_secs(1)).keep_alive(Duration::from_secs(1));
                let server = server.bind(("127.0.0.1", 0)).unwrap();
                let address = server.addrs()[0];
                let server = server.run();
                sender.send((address, server.handle())).unwrap();
                server.await.unwrap();
            });
        });
        let (address, handle) = receiver.recv().unwrap();
        let chunked = "Host: a\r\nTransfer-Encoding: chunked\r\n\r\n";

        for body in ["", "5\r\nab", "5\r\nabcde\r\n"] {
            let watch = Stopwatch::start();
            let answer = talk(address, format!("GET / HTTP/1.1\r\n{chunked}{body}").as_bytes());

            assert!(answer.ends_with("done"), "{answer}");
            assert!(watch.elapsed_micros() < 10_000_000);
        }
        let twice = format!("POST /read HTTP/1.1\r\n{chunked}2\r\nab\r\n0\r\n\r\n").repeat(2);
        let answers = talk(address, twice.as_bytes());
        assert_eq!(answers.matches("\r\n\r\nab").count(), 2, "{answers}");

        drop(handle.stop(false));
        server.join().unwrap();
    }
}
