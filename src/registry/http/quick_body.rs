//! Reads the short body of a request before it is known who answers it, and gives it back unread if that is somebody else.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use actix_http::{Payload, Request, h1};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use futures_core::Stream;

/// Largest body that is read, in bytes: a question about a few subjects.
const LARGEST: usize = 16 << 10;

/// How long a body is waited for. It usually comes together with the head of its request.
const WAIT: Duration = Duration::from_millis(100);

/// Returns whether a request announces a body that `read` reads.
pub(crate) fn is_short(request: &Request) -> bool {
    let announced = request.head().headers().get(header::CONTENT_LENGTH).and_then(|bytes| bytes.to_str().ok()?.parse().ok());
    announced.is_some_and(|bytes: usize| (1..=LARGEST).contains(&bytes))
}

/// Reads the whole body. The request keeps it too, for another reader. Returns `None` if the body is late or broken; the request's next
/// reader then gets what came so far and the rest or the error.
pub(crate) async fn read(request: &mut Request) -> Option<Bytes> {
    match request.take_payload() {
        Payload::H1 { mut payload } => {
            let mut body = Bytes::new();
            let read = timeout(WAIT, read_whole(&mut payload, &mut body)).await;
            let (unread, is_whole) = match read {
                Ok(Ok(())) => (h1::Payload::create(true).1, true),
                Ok(Err(error)) => (failed(error), false),
                Err(_) => (payload, false),
            };
            *request.payload() = Payload::H1 { payload: unread_first(unread, body.clone()) };
            is_whole.then_some(body)
        }
        other => {
            *request.payload() = other;
            None
        }
    }
}

async fn read_whole(payload: &mut h1::Payload, body: &mut Bytes) -> Result<(), PayloadError> {
    while let Some(chunk) = poll_fn(|context| Pin::new(&mut *payload).poll_next(context)).await {
        let chunk = chunk?;
        *body = if body.is_empty() { chunk } else { [body.as_ref(), chunk.as_ref()].concat().into() };
    }
    Ok(())
}

fn failed(error: PayloadError) -> h1::Payload {
    let (mut sender, payload) = h1::Payload::create(false);
    sender.set_error(error);
    payload
}

fn unread_first(mut payload: h1::Payload, body: Bytes) -> h1::Payload {
    if !body.is_empty() {
        payload.unread_data(body);
    }
    payload
}
