//! Fetches a small file by HTTPS from a host that somebody else named, or posts a message to it. Every redirect step is checked again:
//! scheme, port, public name, and the addresses after the look-up. The connection goes to exactly the address that was checked, so a name
//! that resolves differently a moment later has no effect. There are no proxies, cookies, credentials or compression, and nothing is kept
//! between calls.

use std::io::{ErrorKind, Read};
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use ureq::Agent;
use ureq::config::{AutoHeaderValue, Config};
use ureq::http::{HeaderMap, Response, Uri, header};
use ureq::tls::{Certificate, RootCerts, TlsConfig};
use ureq::unversioned::resolver::{ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::{Connector, NextTimeout, RustlsConnector, TcpConnector};

use super::address_policy::AddressPolicy;
use super::dns::{NoAddress, Resolvers};
use super::download::DownloadAsk;
use super::fetch_error::FetchError;
use super::laboratory::Laboratory;
use vasp_addresses::inquiry_url::{InquiryUrl, UrlError};
use vasp_clock::Stopwatch;
use vasp_words::host::Host;

/// The only port for HTTPS calls.
pub(super) const HTTPS_PORT: u16 = 443;
/// The only port for HTTP calls.
pub(super) const HTTP_PORT: u16 = 80;
/// The maximum size, in bytes, of a file that carries its own signature.
const SIGNED_MAX: usize = 1024 * 1024;
/// How many redirects are followed.
pub(super) const REDIRECTS_MAX: usize = 3;
/// The maximum size of a body, in bytes.
pub(super) const BODY_MAX: usize = 64 * 1024;
/// The time limit of a fetch: look-ups, connections, redirects and the body.
const LIMIT_MICROS: u64 = 5_000_000;
/// The time limit of a post: look-ups, connections and the response headers.
///
/// Source: Standard Webhooks, "Deliverability and reliability": 15 to 30 seconds are customary; a shorter limit holds fewer threads.
pub(super) const POST_LIMIT_MICROS: u64 = 10_000_000;
/// The time limit for connecting to one of several addresses, TLS handshake included.
const CONNECT: Duration = Duration::from_millis(2_500);
/// How many addresses of a host are tried.
const ADDRESSES_TRIED: usize = 3;
/// The maximum size of the response headers, in bytes.
const HEAD_MAX: usize = 16 * 1024;
/// The `User-Agent` header that the registry sends.
const USER_AGENT: &str = concat!("vasp-registry/", env!("CARGO_PKG_VERSION"), " (domain verification)");
const LIST_USER_AGENT: &str = concat!("vasp-registry/", env!("CARGO_PKG_VERSION"), " (revocation lists)");
const POST_USER_AGENT: &str = concat!("vasp-registry/", env!("CARGO_PKG_VERSION"), " (webhooks)");
const DOWNLOAD_USER_AGENT: &str = concat!("vasp-registry/", env!("CARGO_PKG_VERSION"), " (sources)");

/// The kind of request.
pub(super) enum Message<'a> {
    /// A GET request for a file.
    Get,
    /// A GET request for a file that carries its own signature.
    GetSigned(Scheme),
    /// A GET request for a file of a source, unless it is still the one that is known.
    Download(&'a DownloadAsk<'a>),
    /// A POST request: headers and body.
    Post(&'a [(&'static str, String)], &'a [u8]),
}

/// The URL scheme of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Https,
    Http,
}

/// The URL of a file that carries its own signature, so that plain HTTP is safe: issuers publish their revocation lists this way.
///
/// Source: RFC 5280, section 4.2.1.13; CA/Browser Forum Baseline Requirements, section 7.1.2.11.2 (HTTP only).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedFileUrl {
    scheme: Scheme,
    url: InquiryUrl,
}

impl FromStr for SignedFileUrl {
    type Err = UrlError;

    fn from_str(text: &str) -> Result<Self, UrlError> {
        let (scheme, rest) = match text.strip_prefix("http://") {
            Some(rest) => (Scheme::Http, rest),
            None => (Scheme::Https, text.strip_prefix("https://").ok_or(UrlError::HttpsRequired)?),
        };
        Ok(Self { scheme, url: InquiryUrl::after_scheme(rest)? })
    }
}

/// How a request is sent.
pub(super) struct Manner {
    pub(super) scheme: Scheme,
    pub(super) user_agent: &'static str,
    pub(super) accept: &'static str,
    /// How long the server may be silent; `None` if only the whole time is limited.
    pub(super) patience: Option<Duration>,
}

impl Message<'_> {
    fn scheme(&self) -> Scheme {
        if let Self::GetSigned(scheme) = self { *scheme } else { Scheme::Https }
    }

    pub(super) fn manner(&self) -> Manner {
        let (user_agent, accept, patience) = match self {
            Self::Get => (USER_AGENT, "text/plain", None),
            Self::GetSigned(_) => (LIST_USER_AGENT, "application/pkix-crl", None),
            Self::Download(ask) => (DOWNLOAD_USER_AGENT, "*/*", Some(ask.limits.silence)),
            Self::Post(..) => (POST_USER_AGENT, "text/plain", None),
        };
        Manner { scheme: self.scheme(), user_agent, accept, patience }
    }
}

/// The time limit of one operation, and how much of it has passed.
#[derive(Clone, Copy)]
pub(super) struct Limit {
    watch: Stopwatch,
    micros: u64,
}

impl Limit {
    pub(super) fn start(micros: u64) -> Self {
        Self { watch: Stopwatch::start(), micros }
    }

    pub(super) fn left(self, host: &Host) -> Result<Duration, FetchError> {
        self.time_left().ok_or_else(|| FetchError::TimedOut(host.clone()))
    }

    pub(super) fn time_left(self) -> Option<Duration> {
        let micros = self.micros.saturating_sub(self.watch.elapsed_micros());
        (micros > 0).then(|| Duration::from_micros(micros))
    }
}

/// A fetched file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// The status of the answer.
    pub status: u16,
    /// The `Content-Type` header; `None` if it is missing or not text.
    pub content_type: Option<String>,
    /// The whole body.
    pub body: Vec<u8>,
    /// The URL that answered, after any redirects.
    pub url: InquiryUrl,
    /// The IP address and port of the last connection.
    pub address: SocketAddr,
}

/// The HTTPS client.
pub(super) struct HttpsClient {
    policy: AddressPolicy,
    tls: TlsConfig,
    laboratory: Option<Laboratory>,
}

/// The response of one attempt; its body is not read yet.
pub(super) struct Answer {
    pub(super) response: Response<ureq::Body>,
    address: SocketAddr,
}

impl HttpsClient {
    /// Makes the client, for the Internet or for a test laboratory.
    pub(super) fn new(laboratory: Option<Laboratory>) -> Self {
        let roots = match &laboratory {
            None => RootCerts::WebPki,
            Some(laboratory) => {
                let roots = laboratory.tls_roots.iter().map(|der| Certificate::from_der(der).to_owned());
                RootCerts::from(roots.collect::<Vec<_>>())
            }
        };
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(provider).build();
        let policy = laboratory.as_ref().map_or(AddressPolicy::public_only(), Laboratory::policy);
        Self { policy, tls, laboratory }
    }

    /// Fetches a URL, within 5 seconds.
    pub(super) fn fetch(&self, resolvers: &Resolvers, url: &InquiryUrl) -> Result<Fetched, FetchError> {
        let limit = Limit::start(LIMIT_MICROS);
        let mut url = url.clone();
        for _ in 0..=REDIRECTS_MAX {
            let answer = self.ask(resolvers, &url, &Message::Get, limit)?;
            if !is_redirect(answer.response.status().as_u16()) {
                return read(answer, url, BODY_MAX, limit);
            }
            url = next_url(&url, answer.response.headers())?;
        }
        Err(FetchError::TooManyRedirects)
    }

    /// Fetches a file that carries its own signature, of at most 1 MiB, within 5 seconds. Redirects are not followed.
    pub(super) fn fetch_signed(&self, resolvers: &Resolvers, url: &SignedFileUrl) -> Result<Fetched, FetchError> {
        let limit = Limit::start(LIMIT_MICROS);
        let answer = self.ask(resolvers, &url.url, &Message::GetSigned(url.scheme), limit)?;
        read(answer, url.url.clone(), SIGNED_MAX, limit)
    }

    /// Posts a message within 10 seconds and returns the status of the response. The body is not read, and redirects are not followed.
    pub(super) fn post(
        &self,
        resolvers: &Resolvers,
        url: &InquiryUrl,
        headers: &[(&'static str, String)],
        body: &[u8],
    ) -> Result<u16, FetchError> {
        let answer = self.ask(resolvers, url, &Message::Post(headers, body), Limit::start(POST_LIMIT_MICROS))?;
        Ok(answer.response.status().as_u16())
    }

    /// Sends a request to one host, at the first of its addresses that accepts a connection.
    pub(super) fn ask(
        &self,
        resolvers: &Resolvers,
        url: &InquiryUrl,
        message: &Message<'_>,
        limit: Limit,
    ) -> Result<Answer, FetchError> {
        let called = match message.scheme() {
            Scheme::Https => HTTPS_PORT,
            Scheme::Http => HTTP_PORT,
        };
        let port = url.port().unwrap_or(called);
        if port != called {
            return Err(FetchError::Port(port));
        }
        let addresses = self.addresses(resolvers, url.host(), limit.left(url.host())?)?;
        let mut last = FetchError::NoConnection(url.host().clone());
        for address in addresses {
            match self.call(url, message, SocketAddr::new(address, port), limit.left(url.host())?) {
                Err(error @ FetchError::NoConnection(_)) => last = error,
                answered => return answered,
            }
        }
        Err(last)
    }

    /// Looks a host up and checks all of its addresses. If one address may not be called, the whole host is refused: a mix of public and
    /// other addresses is a sign of an attack.
    fn addresses(&self, resolvers: &Resolvers, host: &Host, limit: Duration) -> Result<Vec<IpAddr>, FetchError> {
        let found = resolvers.addresses(host, limit).map_err(|reason| match reason {
            NoAddress::NotFound => FetchError::HostNotFound(host.clone()),
            NoAddress::Failed => FetchError::LookupFailed(host.clone()),
            NoAddress::Silent => FetchError::ResolversSilent,
        })?;
        for address in &found {
            self.policy.check(*address).map_err(|refused| FetchError::Address { host: host.clone(), refused })?;
        }
        let (four, six): (Vec<_>, Vec<_>) = found.into_iter().partition(IpAddr::is_ipv4);
        // One address of each family first: the machine may have only IPv4 or only IPv6.
        let mut ordered: Vec<_> = four.iter().take(1).chain(&six).take(2).copied().collect();
        ordered.extend(four.into_iter().skip(1));
        ordered.truncate(ADDRESSES_TRIED);
        Ok(ordered)
    }

    /// Sends one request to one address and reads the response headers.
    fn call(&self, url: &InquiryUrl, message: &Message<'_>, address: SocketAddr, limit: Duration) -> Result<Answer, FetchError> {
        let place = self.laboratory.as_ref().map_or(address, |laboratory| laboratory.place_of(address));
        let agent = self.agent(&message.manner(), place, limit);
        let answered = match message {
            Message::Get | Message::GetSigned(Scheme::Https) => agent.get(url.to_string()).call(),
            Message::GetSigned(Scheme::Http) => agent.get(url.to_string().replacen("https://", "http://", 1)).call(),
            Message::Download(ask) => {
                let request = agent.get(url.to_string());
                ask.conditions().fold(request, |request, (name, value)| request.header(name, value)).call()
            }
            Message::Post(headers, body) => {
                let request = agent.post(url.to_string());
                headers.iter().fold(request, |request, (name, value)| request.header(*name, value)).send(*body)
            }
        };
        let response = answered.map_err(|error| fault(&error, url.host()))?;
        Ok(Answer { response, address })
    }

    /// Makes a client that connects to one address.
    pub(super) fn agent(&self, manner: &Manner, place: SocketAddr, limit: Duration) -> Agent {
        let config = Config::builder()
            .https_only(manner.scheme == Scheme::Https)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(manner.user_agent)
            .accept(manner.accept)
            .accept_encoding(AutoHeaderValue::None)
            .max_response_header_size(HEAD_MAX)
            .max_idle_connections(0)
            .timeout_global(Some(limit))
            .timeout_connect(Some(CONNECT.min(limit)))
            .timeout_per_read(manner.patience)
            .tls_config(self.tls.clone())
            .build();
        let connector = ().chain(TcpConnector::default()).chain(RustlsConnector::default());
        Agent::with_parts(config, connector, Checked(place))
    }
}

/// A resolver that always returns the one address that was checked.
#[derive(Debug)]
struct Checked(SocketAddr);

impl Resolver for Checked {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let mut addresses = self.empty();
        addresses.push(self.0);
        Ok(addresses)
    }
}

/// Source: RFC 9110, section 15.4: the statuses that redirect to another URL.
pub(super) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Returns the target of a redirect. Of relative references, only `/…` and `//…` are followed.
pub(super) fn next_url(url: &InquiryUrl, headers: &HeaderMap) -> Result<InquiryUrl, FetchError> {
    let mut places = headers.get_all(header::LOCATION).iter();
    let place = places.next().and_then(|place| place.to_str().ok()).filter(|_| places.next().is_none());
    let place = place.ok_or_else(|| FetchError::Location(url.host().clone()))?;
    let whole = match place {
        place if place.starts_with("//") => format!("https:{place}"),
        place if place.starts_with('/') => format!("https://{}{place}", url.host()),
        place if place.contains("://") => place.to_owned(),
        _ => return Err(FetchError::Location(url.host().clone())),
    };
    whole.parse().map_err(|reason| FetchError::Redirect { host: url.host().clone(), reason })
}

/// Reads the body of a response.
fn read(answer: Answer, url: InquiryUrl, most: usize, limit: Limit) -> Result<Fetched, FetchError> {
    let Answer { mut response, address } = answer;
    let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    if text(header::CONTENT_ENCODING).is_some_and(|encoding| !encoding.trim().eq_ignore_ascii_case("identity")) {
        return Err(FetchError::Compressed);
    }
    let content_type = text(header::CONTENT_TYPE);
    let status = response.status().as_u16();
    let mut body = Vec::new();
    let mut reader = response.body_mut().as_reader().take(u64::try_from(most + 1).unwrap_or(u64::MAX));
    reader.read_to_end(&mut body).map_err(|error| fault(&ureq::Error::from(error), url.host()))?;
    if body.len() > most {
        return Err(FetchError::BodyTooLong);
    }
    limit.left(url.host())?;
    Ok(Fetched { status, content_type, body, url, address })
}

/// Translates the library's errors into `FetchError`.
pub(super) fn fault(error: &ureq::Error, host: &Host) -> FetchError {
    let host = host.clone();
    match error {
        ureq::Error::Timeout(ureq::Timeout::Connect) => FetchError::NoConnection(host),
        ureq::Error::Timeout(_) => FetchError::TimedOut(host),
        ureq::Error::Rustls(error) => tls_fault(error, host),
        ureq::Error::Tls(_) => FetchError::Tls(host),
        ureq::Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
            Some(error) => tls_fault(error, host),
            None if is_unreachable(error.kind()) => FetchError::NoConnection(host),
            None => FetchError::Protocol(host),
        },
        ureq::Error::ConnectionFailed | ureq::Error::HostNotFound => FetchError::NoConnection(host),
        _ => FetchError::Protocol(host),
    }
}

/// Tells whether no connection was made, so that another address may be tried.
pub(super) fn is_unreachable(kind: ErrorKind) -> bool {
    use ErrorKind::{AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkDown, NetworkUnreachable, TimedOut};
    [AddrNotAvailable, ConnectionRefused, HostUnreachable, NetworkDown, NetworkUnreachable, TimedOut].contains(&kind)
}

fn tls_fault(error: &rustls::Error, host: Host) -> FetchError {
    match error {
        rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => FetchError::Certificate(host),
        _ => FetchError::Tls(host),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn next(places: &[&str]) -> Result<String, FetchError> {
        let mut headers = HeaderMap::new();
        for place in places {
            headers.append(header::LOCATION, place.parse().unwrap());
        }
        next_url(&"https://vasp.example.com/a/b?c".parse().unwrap(), &headers).map(|url| url.to_string())
    }

    #[test]
    fn redirects_lead_to_https_on_public_hosts_only() {
        assert_eq!(next(&["https://www.example.com/x"]).unwrap(), "https://www.example.com/x");
        assert_eq!(next(&["/x?y"]).unwrap(), "https://vasp.example.com/x?y");
        assert_eq!(next(&["//www.example.com/x"]).unwrap(), "https://www.example.com/x");
        for place in [
            "http://vasp.example.com/",
            "https://user@vasp.example.com/",
            "https://user:secret@vasp.example.com/",
            "https://169.254.169.254/latest/meta-data/",
            "https://[::ffff:127.0.0.1]/",
            "https://2130706433/",
            "https://localhost/",
            "//127.0.0.1/",
            "//vasp.example.com@127.0.0.1/",
            "file:///etc/passwd",
            "gopher://vasp.example.com/",
            "https://vasp.example.com\\@127.0.0.1/",
        ] {
            assert!(matches!(next(&[place]), Err(FetchError::Redirect { .. })), "{place}: {:?}", next(&[place]));
        }
        for places in [&[][..], &["x"], &["../x"], &[""], &["javascript:alert(1)"], &["/a", "/b"]] {
            assert!(matches!(next(places), Err(FetchError::Location(_))), "{places:?}");
        }
    }

    #[test]
    fn refusals_tell_no_secret_of_the_place() {
        let error = next(&["https://user:hunter2@vasp.example.com/"]).unwrap_err();
        assert!(!error.to_string().contains("hunter2") && !format!("{error:?}").contains("hunter2"), "{error}");
    }

    proptest! {
        #[test]
        fn any_redirect_leads_to_a_public_host_or_nowhere(place in "[!-~]{0,60}", rest in "[!-~]{0,40}") {
            for place in [place, format!("https://{rest}"), format!("//{rest}"), format!("/{rest}")] {
                if let Ok(url) = next(&[&place]) {
                    prop_assert!(url.starts_with("https://"));
                    prop_assert!(!url.split('/').nth(2).unwrap().contains('@'));
                }
            }
        }
    }
}
