//! Asks a gRPC endpoint for its health: first TRISA's own service, then the standard one. The two messages have a few bytes, so a complete
//! gRPC library is not needed.
//!
//! Source: gRPC over HTTP/2 ("PROTOCOL-HTTP2"); TRISA `trisa/api/v1beta1/api.proto`; `grpc/health/v1/health.proto`.

use bytes::{BufMut, Bytes, BytesMut};
use h2::client::{Builder, SendRequest};
use h2::{RecvStream, client::ResponseFuture};
use http::header::{CONTENT_TYPE, TE, USER_AGENT as USER_AGENT_HEADER};
use http::{HeaderMap, Request};
use prost::Message;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::{BODY_MAX, Companion, HEAD_MAX, ProbeAsk, REQUEST, USER_AGENT, millis};
use vasp_clock::Stopwatch;
use vasp_rules::probe::{GrpcReply, ProbeFailure, ProbeTarget, ServiceState, StageTimes};

const TRISA_STATUS: &str = "/trisa.api.v1beta1.TRISAHealth/Status";
const STANDARD_CHECK: &str = "/grpc.health.v1.Health/Check";
/// gRPC's status for a method that does not exist.
const UNIMPLEMENTED: u32 = 12;
/// The length of a message's prefix: the compression flag and the message length.
const PREFIX: usize = 5;

#[derive(Clone, PartialEq, Eq, Message)]
struct TrisaHealthCheck {
    #[prost(uint32, tag = "1")]
    attempts: u32,
    #[prost(string, tag = "2")]
    last_checked_at: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct TrisaServiceState {
    #[prost(int32, tag = "1")]
    status: i32,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct StandardHealthCheck {
    #[prost(string, tag = "1")]
    service: String,
}

#[derive(Clone, PartialEq, Eq, Message)]
struct StandardHealth {
    #[prost(int32, tag = "1")]
    status: i32,
}

/// The result of one call: a message, or another reply.
enum Called {
    Message(Bytes),
    Other(GrpcReply),
}

/// Asks for the health of the service.
pub(super) async fn health(
    stream: TlsStream<TcpStream>,
    target: &ProbeTarget,
    ask: &ProbeAsk,
    times: &mut StageTimes,
) -> Result<GrpcReply, ProbeFailure> {
    let clock = Stopwatch::start();
    let broken = |error: h2::Error| ProbeFailure::Protocol(error.to_string());
    let mut builder = Builder::new();
    let window = u32::try_from(BODY_MAX).unwrap_or(u32::MAX);
    builder.enable_push(false).max_header_list_size(u32::try_from(HEAD_MAX).unwrap_or(u32::MAX));
    builder.initial_window_size(window).initial_connection_window_size(window);
    let (mut sender, connection) = builder.handshake::<_, Bytes>(stream).await.map_err(broken)?;
    let _connection = Companion(tokio::spawn(async move { drop(connection.await) }));

    let checked = ask.last_checked_at.map(|at| at.to_string()).unwrap_or_default();
    let request = TrisaHealthCheck { attempts: ask.attempts, last_checked_at: checked };
    let called = call(&mut sender, target, TRISA_STATUS, &request).await?;
    times.answer_ms = Some(millis(clock));
    let reply = match called {
        Called::Message(message) => TrisaServiceState::decode(message).map(|state| trisa_state(state.status)),
        Called::Other(GrpcReply::Refused(UNIMPLEMENTED)) => {
            match call(&mut sender, target, STANDARD_CHECK, &StandardHealthCheck::default()).await? {
                Called::Message(message) => StandardHealth::decode(message).map(|health| standard_state(health.status)),
                Called::Other(reply) => return Ok(reply),
            }
        }
        Called::Other(reply) => return Ok(reply),
    };
    reply.map(GrpcReply::State).map_err(|_| ProbeFailure::Protocol("the health message cannot be read".to_owned()))
}

/// Source: TRISA `ServiceState.Status`.
fn trisa_state(status: i32) -> ServiceState {
    match status {
        1 => ServiceState::Healthy,
        2 => ServiceState::Unhealthy,
        3 => ServiceState::Danger,
        4 => ServiceState::Offline,
        5 => ServiceState::Maintenance,
        _ => ServiceState::Unknown,
    }
}

/// Source: `grpc.health.v1.HealthCheckResponse.ServingStatus`.
fn standard_state(status: i32) -> ServiceState {
    match status {
        1 => ServiceState::Healthy,
        2 => ServiceState::Unhealthy,
        _ => ServiceState::Unknown,
    }
}

async fn call(
    sender: &mut SendRequest<Bytes>,
    target: &ProbeTarget,
    method: &str,
    message: &impl Message,
) -> Result<Called, ProbeFailure> {
    let authority = target.port.map_or_else(|| target.host.to_string(), |port| format!("{}:{port}", target.host));
    let request = Request::post(format!("https://{authority}{method}"))
        .header(TE, "trailers")
        .header(CONTENT_TYPE, "application/grpc")
        .header(USER_AGENT_HEADER, USER_AGENT)
        .header("grpc-timeout", format!("{}m", REQUEST.as_millis()))
        .body(())
        .map_err(|error| ProbeFailure::Protocol(error.to_string()))?;
    let broken = |error: h2::Error| ProbeFailure::Protocol(error.to_string());
    let exchange = async {
        std::future::poll_fn(|context| sender.poll_ready(context)).await.map_err(broken)?;
        let (response, mut body) = sender.send_request(request, false).map_err(broken)?;
        body.send_data(framed(message), true).map_err(broken)?;
        receive(response).await
    };
    timeout(REQUEST, exchange).await.unwrap_or(Err(ProbeFailure::TimedOut))
}

fn framed(message: &impl Message) -> Bytes {
    let encoded = message.encode_to_vec();
    let mut frame = BytesMut::with_capacity(PREFIX + encoded.len());
    frame.put_u8(0);
    frame.put_u32(u32::try_from(encoded.len()).unwrap_or(u32::MAX));
    frame.put_slice(&encoded);
    frame.freeze()
}

async fn receive(response: ResponseFuture) -> Result<Called, ProbeFailure> {
    let broken = |error: h2::Error| ProbeFailure::Protocol(error.to_string());
    let (head, mut body) = response.await.map_err(broken)?.into_parts();
    if head.status != http::StatusCode::OK {
        return Ok(Called::Other(GrpcReply::Http(head.status.as_u16())));
    }
    // A call that fails immediately has its status in the response headers.
    if let Some(status) = grpc_status(&head.headers)? {
        return Ok(Called::Other(GrpcReply::Refused(status)));
    }
    let received = read(&mut body).await?;
    let trailers = body.trailers().await.map_err(broken)?.unwrap_or_default();
    match grpc_status(&trailers)? {
        Some(0) => unframed(&received).map(Called::Message),
        Some(status) => Ok(Called::Other(GrpcReply::Refused(status))),
        None => Err(ProbeFailure::Protocol("the answer has no gRPC status".to_owned())),
    }
}

async fn read(body: &mut RecvStream) -> Result<Bytes, ProbeFailure> {
    let mut received = BytesMut::new();
    while let Some(piece) = body.data().await {
        let piece = piece.map_err(|error| ProbeFailure::Protocol(error.to_string()))?;
        if received.len() + piece.len() > BODY_MAX {
            return Err(ProbeFailure::Protocol("the answer is longer than the registry reads".to_owned()));
        }
        received.put_slice(&piece);
        // Without this, the server waits for window space that never comes.
        let _ = body.flow_control().release_capacity(piece.len());
    }
    Ok(received.freeze())
}

/// Returns gRPC's status; `None` if there is none.
fn grpc_status(headers: &HeaderMap) -> Result<Option<u32>, ProbeFailure> {
    let Some(status) = headers.get("grpc-status") else { return Ok(None) };
    let number = status.to_str().ok().and_then(|text| text.parse().ok());
    number.map(Some).ok_or_else(|| ProbeFailure::Protocol("the gRPC status is not a number".to_owned()))
}

/// Removes the prefix of the one message.
fn unframed(received: &Bytes) -> Result<Bytes, ProbeFailure> {
    let wrong = || ProbeFailure::Protocol("the answer is not a gRPC message".to_owned());
    let (prefix, message) = received.split_first_chunk::<PREFIX>().ok_or_else(wrong)?;
    let [compressed, length @ ..] = prefix;
    let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| wrong())?;
    if *compressed == 0 && message.len() == length { Ok(Bytes::copy_from_slice(message)) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: the wire format of protocol buffers: field 1 as a varint is `08 NN`, field 2 as text `12 LEN …`.
    #[test]
    fn messages_are_framed_as_grpc_has_them() {
        let check = TrisaHealthCheck { attempts: 3, last_checked_at: "x".to_owned() };
        assert_eq!(framed(&check).as_ref(), b"\x00\x00\x00\x00\x05\x08\x03\x12\x01x");
        assert_eq!(framed(&StandardHealthCheck::default()).as_ref(), b"\0\0\0\0\0");

        let state = unframed(&Bytes::from_static(b"\0\0\0\0\x02\x08\x05")).unwrap();
        assert_eq!(trisa_state(TrisaServiceState::decode(state).unwrap().status), ServiceState::Maintenance);
        for wrong in [&b""[..], b"\0\0\0\0", b"\x01\0\0\0\0", b"\0\0\0\0\x01", b"\0\0\0\0\x01ab"] {
            assert!(unframed(&Bytes::from_static(wrong)).is_err(), "{wrong:?}");
        }
    }
}
