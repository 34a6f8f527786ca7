//! Sends the requests of a probe by HTTP/1.1. They are small and go one after the other on one connection, which is opened again if the
//! server closes it. Headers and bodies have size limits. Redirects are reported and not followed.

use bytes::Bytes;
use http_body_util::{BodyExt, Empty, LengthLimitError, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::{Builder, SendRequest};
use hyper::header::{HOST, LOCATION, USER_AGENT as USER_AGENT_HEADER};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;

use super::{BODY_MAX, Companion, HEAD_MAX, Place, ProbeAsk, REQUEST, USER_AGENT, millis};
use vasp_clock::Stopwatch;
use vasp_rules::probe::{HttpReply, ProbeFailure, ProbeTarget, StageTimes, TRP_VERSION, TrpReplies, trp_versions};

/// How many headers are read.
const HEADERS_MAX: usize = 64;

/// A connection that accepts requests.
struct Open {
    sender: SendRequest<Empty<Bytes>>,
    _connection: Companion,
}

/// A sequence of requests to one server.
struct Talk<'a> {
    place: &'a Place,
    host: String,
    open: Option<Open>,
    /// Whether the last request took too long.
    timed_out: bool,
}

/// The status with which a server refuses the version of a request. Source: TRP 3.2.1, "Versioning".
const VERSION_REFUSED: u16 = 400;

/// Asks for the TRP documents, which are at the root of the host. If the server refuses the version, another one is tried; the first that
/// is not refused stays.
pub(super) async fn trp(
    place: &Place,
    stream: TlsStream<TcpStream>,
    target: &ProbeTarget,
    ask: &ProbeAsk,
    times: &mut StageTimes,
) -> Result<TrpReplies, ProbeFailure> {
    let mut talk = Talk::begin(place, stream, target).await?;
    let mut versions = trp_versions(&target.versions).into_iter();
    let mut version = versions.next().unwrap_or(TRP_VERSION);
    let mut replies = TrpReplies::default();
    let places = [
        ("/version", &mut replies.version),
        ("/uptime", &mut replies.uptime),
        ("/extensions", &mut replies.extensions),
        ("/identity", &mut replies.identity),
    ];
    for (path, reply) in places {
        let clock = Stopwatch::start();
        let said = loop {
            let headers = [("api-version", version), ("request-identifier", ask.request_identifier.as_str())];
            let said = talk.get(path, &headers).await;
            match versions.next() {
                Some(next) if said.status() == Some(VERSION_REFUSED) => version = next,
                _ => break said,
            }
        };
        // One version is enough for all paths.
        versions = Vec::new().into_iter();
        if said == HttpReply::Broken && times.answer_ms.is_none() {
            return Err(talk.failure());
        }
        times.answer_ms.get_or_insert(millis(clock));
        *reply = Some(said);
        if talk.timed_out {
            break;
        }
    }
    let took = replies.version.as_ref().and_then(HttpReply::status).is_some_and(|status| status != VERSION_REFUSED);
    replies.spoken = (took && version != TRP_VERSION).then(|| version.to_owned());
    Ok(replies)
}

/// Asks for one path and reads the answer.
pub(super) async fn plain(
    place: &Place,
    stream: TlsStream<TcpStream>,
    target: &ProbeTarget,
    times: &mut StageTimes,
) -> Result<HttpReply, ProbeFailure> {
    let mut talk = Talk::begin(place, stream, target).await?;
    let path = if target.path.starts_with('/') { target.path.as_str() } else { "/" };
    let clock = Stopwatch::start();
    let said = talk.get(path, &[]).await;
    if said == HttpReply::Broken {
        return Err(talk.failure());
    }
    times.answer_ms = Some(millis(clock));
    Ok(said)
}

impl<'a> Talk<'a> {
    async fn begin(place: &'a Place, stream: TlsStream<TcpStream>, target: &ProbeTarget) -> Result<Self, ProbeFailure> {
        let host = target.port.map_or_else(|| target.host.to_string(), |port| format!("{}:{port}", target.host));
        let open = Open::on(stream).await.ok_or_else(|| ProbeFailure::Protocol("no request could be sent".to_owned()))?;
        Ok(Self { place, host, open: Some(open), timed_out: false })
    }

    fn failure(&self) -> ProbeFailure {
        let broken = || ProbeFailure::Protocol("no answer arrived completely".to_owned());
        if self.timed_out { ProbeFailure::TimedOut } else { broken() }
    }

    async fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> HttpReply {
        match timeout(REQUEST, self.ask(path, headers)).await {
            Ok(reply) => reply.unwrap_or(HttpReply::Broken),
            Err(_) => {
                (self.timed_out, self.open) = (true, None);
                HttpReply::Broken
            }
        }
    }

    async fn ask(&mut self, path: &str, headers: &[(&str, &str)]) -> Option<HttpReply> {
        let mut open = self.ready().await?;
        let mut request = Request::get(path).header(HOST, &self.host).header(USER_AGENT_HEADER, USER_AGENT);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = match open.sender.send_request(request.body(Empty::new()).ok()?).await {
            Ok(response) => response,
            Err(_) => return None,
        };
        let reply = read(response).await;
        if matches!(reply, HttpReply::Whole { .. }) {
            self.open = Some(open);
        }
        Some(reply)
    }

    /// Returns the open connection if the server keeps it, otherwise a new one.
    async fn ready(&mut self) -> Option<Open> {
        if let Some(mut open) = self.open.take()
            && open.sender.ready().await.is_ok()
        {
            return Some(open);
        }
        Open::on(self.place.again().await.ok()?).await
    }
}

impl Open {
    async fn on(stream: TlsStream<TcpStream>) -> Option<Self> {
        let settings = Builder::new().max_buf_size(HEAD_MAX).max_headers(HEADERS_MAX).handshake(TokioIo::new(stream)).await;
        let (sender, connection) = settings.ok()?;
        // The request reports how the connection ends.
        let connection = Companion(tokio::spawn(async move { drop(connection.await) }));
        Some(Self { sender, _connection: connection })
    }
}

async fn read(response: Response<Incoming>) -> HttpReply {
    let status = response.status().as_u16();
    if response.status().is_redirection() {
        let location = response.headers().get(LOCATION).and_then(|place| place.to_str().ok()).map(str::to_owned);
        return HttpReply::Redirect { status, location };
    }
    match Limited::new(response.into_body(), BODY_MAX).collect().await {
        Ok(body) => HttpReply::Whole { status, body: body.to_bytes().to_vec() },
        Err(error) if error.is::<LengthLimitError>() => HttpReply::TooLong,
        Err(_) => HttpReply::Broken,
    }
}
