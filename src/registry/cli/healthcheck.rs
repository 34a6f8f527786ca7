//! `healthcheck`: asks the server on this machine whether it can answer correctly. It serves container supervisors, where there is neither
//! a shell nor `curl`. It opens no database and asks once. Exit code 0 means ready or degraded; 1 means anything else.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rustls::crypto::aws_lc_rs;
use serde::Deserialize;
use ureq::Agent;
use ureq::http::{StatusCode, Uri};
use ureq::tls::TlsConfig;

use super::Outcome;
use crate::config::{FileOptions, ServerOptions, TlsOptions, listen_address};
use vasp_words::error_chain::error_chain;

/// Options of `healthcheck`.
#[derive(Debug, clap::Args)]
pub(super) struct Healthcheck {
    /// The server to ask, http://HOST:PORT or https://HOST:PORT [default: the server on this machine, at the address of `listen`]
    #[arg(long, env = "VASP_REGISTRY_URL", value_parser = server)]
    url: Option<Uri>,
    /// The address and port on which the server on this machine listens [default: 127.0.0.1:8080]
    #[arg(long, env = "VASP_REGISTRY_LISTEN", value_parser = listen_address)]
    listen: Option<SocketAddr>,
    #[command(flatten)]
    tls: TlsOptions,
}

/// The longest time for the whole check: shorter than a supervisor waits, so that the reason is printed before the supervisor stops the
/// check.
const PATIENCE: Duration = Duration::from_secs(3);

/// The parts of a `/readyz` answer that matter here.
#[derive(Deserialize)]
struct Said {
    status: State,
    reasons: Vec<Reason>,
}

#[derive(Deserialize)]
struct Reason {
    detail: String,
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum State {
    Ready,
    Degraded,
}

impl Healthcheck {
    /// Runs the command.
    ///
    /// # Errors
    /// If the settings do not say which server to ask.
    pub(super) fn run(self, file: &FileOptions) -> Outcome {
        let listen = ServerOptions { listen: self.listen, ..ServerOptions::default() }.settle(&file.server).listen;
        let scheme = if self.tls.settle(&file.tls)?.is_some() { "https" } else { "http" };
        let server = self.url.map_or_else(|| server_at(scheme, listen), Ok)?;
        let shown = server.to_string();
        let (said, code) = match ask(&server) {
            Ok(Said { status: State::Ready, .. }) => ("is ready".to_owned(), ExitCode::SUCCESS),
            Ok(Said { status: State::Degraded, reasons }) => (format!("is degraded: {}", joined(reasons)), ExitCode::SUCCESS),
            Err(why) => (why, ExitCode::FAILURE),
        };
        writeln!(std::io::stdout(), "{} {said}", shown.trim_end_matches('/'))?;
        Ok(code)
    }
}

/// Reads the address of a server: HTTP or HTTPS, a host, an optional port, and nothing else.
fn server(text: &str) -> Result<Uri, String> {
    let uri: Uri = text.parse().map_err(|_| "not an address of the form http://HOST:PORT".to_owned())?;
    let is_server = matches!(uri.scheme_str(), Some("http" | "https")) && uri.host().is_some_and(|host| !host.is_empty());
    let is_bare = uri.path().len() <= 1 && uri.query().is_none() && !text.contains(['@', '#']);
    if is_server && is_bare { Ok(uri) } else { Err("not an address of the form http://HOST:PORT".to_owned()) }
}

/// Returns the address at which a client on the same machine reaches the server that listens at `listen`.
fn server_at(scheme: &str, listen: SocketAddr) -> Result<Uri, String> {
    if listen.port() == 0 {
        return Err(format!("a server at {listen} picks its port when it starts: give --url {scheme}://HOST:PORT"));
    }
    let host = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    server(&format!("{scheme}://{}", SocketAddr::new(host, listen.port())))
}

/// Asks the server that listens at an address on this machine. Returns why it is degraded, or `None` if it is ready.
///
/// # Errors
/// Why it is neither, as the end of a sentence about what listens there.
pub(super) fn condition_at(scheme: &str, listen: SocketAddr) -> Result<Option<String>, String> {
    let Said { status, reasons } = ask(&server_at(scheme, listen)?)?;
    Ok(match status {
        State::Ready => None,
        State::Degraded => Some(joined(reasons)),
    })
}

fn joined(reasons: Vec<Reason>) -> String {
    let details: Vec<String> = reasons.into_iter().map(|reason| reason.detail).collect();
    details.join("; ")
}

/// Accepts any server certificate. It names the server's public name, not the local address that is asked here, and the check sends
/// nothing secret.
fn tls() -> TlsConfig {
    let provider = Arc::new(aws_lc_rs::default_provider());
    TlsConfig::builder().unversioned_rustls_crypto_provider(provider).disable_verification(true).build()
}

/// Asks a server once whether it is ready. The error text continues a sentence that begins with the server's address.
fn ask(server: &Uri) -> Result<Said, String> {
    let config = Agent::config_builder()
        .timeout_global(Some(PATIENCE))
        .tls_config(tls())
        // Proxies from the environment are meant for outside calls.
        .proxy(None)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .http_status_as_error(false);
    let question = format!("{}/readyz", server.to_string().trim_end_matches('/'));
    let answer = Agent::from(config.build()).get(question).call();
    let mut answer = answer.map_err(|error| format!("does not answer: {}", error_chain(&error)))?;
    match answer.status() {
        StatusCode::OK => {
            let said = answer.body_mut().with_config().limit(10_000).read_json::<Said>();
            said.map_err(|_| "answers, but not in the form of a registry's answer".to_owned())
        }
        StatusCode::SERVICE_UNAVAILABLE => Err("is not ready".to_owned()),
        other => Err(format!("answers {}, which no registry answers here", other.as_u16())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_interface_is_asked_through_the_loopback() {
        for (listen, expected) in [
            ("0.0.0.0:8080", "http://127.0.0.1:8080/"),
            ("[::]:8080", "http://[::1]:8080/"),
            ("127.0.0.1:80", "http://127.0.0.1:80/"),
            ("10.0.0.5:9000", "http://10.0.0.5:9000/"),
            ("[2001:db8::5]:9000", "http://[2001:db8::5]:9000/"),
        ] {
            assert_eq!(server_at("http", listen.parse().unwrap()).unwrap().to_string(), expected);
        }
    }

    #[test]
    fn a_port_that_is_not_known_yet_is_refused() {
        assert!(server_at("https", "127.0.0.1:0".parse().unwrap()).unwrap_err().contains("--url"));
    }

    #[test]
    fn only_a_bare_plain_address_is_read() {
        for text in ["http://127.0.0.1:8080", "http://127.0.0.1:8080/", "http://registry", "http://[::1]:1", "https://a"] {
            assert!(server(text).is_ok(), "{text}");
        }
        let more = ["http://a/readyz", "http://a?b", "http://a#b", "http://u:p@a"];
        for text in ["", "/", "127.0.0.1:8080", "ftp://a", "http://"].into_iter().chain(more) {
            assert!(server(text).is_err(), "{text}");
        }
    }
}
