//! Watches the body of a request while it arrives: a connection that lets its reader wait is as idle as its body is slow, so that many
//! half-sent bodies hold no places (`connections`).

use std::pin::Pin;
use std::task::{Context, Poll};

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header;
use actix_web::web::Bytes;
use futures_core::Stream;

use super::connections::Arriving;

/// A body that is read for a handler.
struct Watched {
    body: Payload,
    /// `None` once the body is there as a whole.
    arriving: Option<Arriving>,
}

/// Watches the body of a request, if it has one.
pub(super) fn watch(request: &mut ServiceRequest) {
    let has_length = request.headers().get(header::CONTENT_LENGTH).is_some_and(|bytes| bytes.as_bytes() != b"0");
    if !has_length && !request.headers().contains_key(header::TRANSFER_ENCODING) {
        return;
    }
    if let Some(arriving) = Arriving::of(request.conn_data()) {
        let body = request.take_payload();
        request.set_payload(Payload::Stream { payload: Box::pin(Watched { body, arriving: Some(arriving) }) });
    }
}

impl Stream for Watched {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let read = Pin::new(&mut self.body).poll_next(context);
        match (&read, &mut self.arriving) {
            (Poll::Pending, Some(arriving)) => arriving.awaited(),
            (Poll::Ready(Some(Ok(part))), Some(arriving)) => arriving.came(part.len()),
            (Poll::Ready(_), _) => self.arriving = None,
            (Poll::Pending, None) => {}
        }
        read
    }
}
