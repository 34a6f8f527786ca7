//! Where an organisation receives messages: a public host by HTTPS, or, in a sandbox, a program on this machine by HTTP. Only
//! [`Outbound::on_this_machine`] lets a process call this machine, and only `vasp-registry sandbox` asks for that: a member must not make a
//! registry call machines of its own network.
//!
//! [`Outbound::on_this_machine`]: super::Outbound::on_this_machine

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::str::FromStr;

use super::fetch_error::FetchError;
use super::https::{HttpsClient, Limit, Manner, Message, POST_LIMIT_MICROS, Scheme, is_unreachable};
use vasp_addresses::inquiry_url::{InquiryUrl, URL_LENGTH_MAX, UrlError};

/// The URL of a receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiverUrl {
    /// A public host, by HTTPS.
    Public(InquiryUrl),
    /// A program on this machine, by HTTP.
    Local(LocalUrl),
}

/// An `http` URL of this machine, with a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalUrl {
    host: LocalHost,
    port: u16,
    path_and_query: String,
}

/// The name of this machine in a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LocalHost {
    Localhost,
    V4,
    V6,
}

/// The URL is not one of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the URL is not one of this machine, such as `http://127.0.0.1:9000/path` or `http://localhost:9000/path`")]
pub struct NotLocal;

impl LocalHost {
    const ALL: [Self; 3] = [Self::Localhost, Self::V4, Self::V6];

    fn as_str(self) -> &'static str {
        match self {
            Self::Localhost => "localhost",
            Self::V4 => "127.0.0.1",
            Self::V6 => "[::1]",
        }
    }

    fn addresses(self) -> &'static [IpAddr] {
        const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
        const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);
        match self {
            Self::Localhost => &[V4, V6],
            Self::V4 => &[V4],
            Self::V6 => &[V6],
        }
    }
}

impl LocalUrl {
    /// Returns the addresses to connect to, in order.
    pub(super) fn addresses(&self) -> impl Iterator<Item = SocketAddr> {
        self.host.addresses().iter().map(|address| SocketAddr::new(*address, self.port))
    }

    /// Returns host and port.
    pub(super) fn place(&self) -> String {
        format!("{}:{}", self.host.as_str(), self.port)
    }
}

impl FromStr for LocalUrl {
    type Err = NotLocal;

    /// Reads `http://`, the host, a port, and a path and query as a public URL may have them.
    fn from_str(text: &str) -> Result<Self, NotLocal> {
        let rest = text.strip_prefix("http://").filter(|rest| rest.len() <= URL_LENGTH_MAX).ok_or(NotLocal)?;
        let (authority, path_and_query) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        let (host, port) = authority.rsplit_once(':').ok_or(NotLocal)?;
        let host = LocalHost::ALL.into_iter().find(|known| known.as_str() == host).ok_or(NotLocal)?;
        let digits = port.bytes().all(|byte| byte.is_ascii_digit()) && !port.starts_with('0');
        let port = port.parse().ok().filter(|_| digits).ok_or(NotLocal)?;
        // Path and query obey the same rules as at a public host.
        InquiryUrl::after_scheme(&format!("example.com{path_and_query}")).map_err(|_| NotLocal)?;
        Ok(Self { host, port, path_and_query: path_and_query.to_owned() })
    }
}

impl fmt::Display for LocalUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "http://{}{}", self.place(), self.path_and_query)
    }
}

impl HttpsClient {
    /// Posts a message to a program on this machine within 10 seconds and returns the status of the response.
    pub(super) fn post_here(&self, url: &LocalUrl, headers: &[(&'static str, String)], body: &[u8]) -> Result<u16, FetchError> {
        let limit = Limit::start(POST_LIMIT_MICROS);
        let manner = Manner { scheme: Scheme::Http, ..Message::Post(headers, body).manner() };
        let failed = || FetchError::NoAnswerHere(url.place());
        for address in url.addresses() {
            let left = limit.time_left().ok_or_else(failed)?;
            let request = self.agent(&manner, address, left).post(url.to_string());
            let answered = headers.iter().fold(request, |request, (name, value)| request.header(*name, value)).send(body);
            match answered {
                Ok(response) => return Ok(response.status().as_u16()),
                Err(ureq::Error::Io(error)) if is_unreachable(error.kind()) => {}
                Err(_) => return Err(failed()),
            }
        }
        Err(FetchError::NobodyHere(url.place()))
    }
}

impl super::Outbound {
    /// Reads the URL of a receiver. A URL of this machine is one only if this process may call its own machine.
    ///
    /// # Errors
    /// `UrlError` for a URL that no message is sent to.
    pub fn receiver(&self, url: &str) -> Result<ReceiverUrl, UrlError> {
        match url.parse().ok().filter(|_| self.calls_this_machine()) {
            Some(local) => Ok(ReceiverUrl::Local(local)),
            None => url.parse().map(ReceiverUrl::Public),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn local(url: &str) -> Option<String> {
        url.parse::<LocalUrl>().ok().map(|url| url.to_string())
    }

    #[test]
    fn urls_of_this_machine_are_read_and_written_alike() {
        for url in
            ["http://127.0.0.1:9000/hooks?who=me", "http://localhost:1", "http://[::1]:65535/", "http://localhost:9000?a=b"]
        {
            assert_eq!(local(url).as_deref(), Some(url));
        }
    }

    #[test]
    fn everything_else_is_refused() {
        for url in [
            "https://localhost:9000/",
            "http://localhost/",
            "http://localhost:0/",
            "http://localhost:65536/",
            "http://localhost:09/",
            "http://127.0.0.2:9000/",
            "http://127.1:9000/",
            "http://2130706433:9000/",
            "http://10.0.0.1:9000/",
            "http://169.254.169.254:80/latest/meta-data/",
            "http://example.com:80/",
            "http://localhost.example.com:9000/",
            "http://user@localhost:9000/",
            "http://localhost:9000@example.com:80/",
            "http://localhost:9000/#a",
            "http://localhost:9000/a b",
            "http://LOCALHOST:9000/",
            "localhost:9000",
        ] {
            assert_eq!(local(url), None, "{url}");
        }
    }

    #[test]
    fn only_a_process_that_may_call_its_machine_takes_its_urls() {
        let resolvers = ["192.0.2.1:53".parse().unwrap(), "192.0.2.2:53".parse().unwrap()];
        let (public, local) = ("https://hooks.example.com/a", "http://localhost:9000/a");
        let live = super::super::Outbound::public(&resolvers).unwrap();
        let sandbox = super::super::Outbound::public(&resolvers).unwrap().on_this_machine();

        assert_eq!(live.receiver(local), Err(UrlError::HttpsRequired));
        assert!(matches!(live.receiver(public), Ok(ReceiverUrl::Public(_))));
        assert!(matches!(sandbox.receiver(local), Ok(ReceiverUrl::Local(_))));
        assert!(matches!(sandbox.receiver(public), Ok(ReceiverUrl::Public(_))));
        assert_eq!(sandbox.receiver("http://10.0.0.1:9000/"), Err(UrlError::HttpsRequired));
    }
}
