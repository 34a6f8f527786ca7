//! The HTTP client for OpenID providers. The operator chose the provider, so it may be in a private network. Still, the client uses only
//! HTTPS (or HTTP on the same machine), follows no redirects, and limits the size and the time of an answer.

use std::sync::Arc;
use std::time::Duration;

use openidconnect::{HttpRequest, HttpResponse, SyncHttpClient};
use ureq::Agent;
use ureq::http::{Method, Uri};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

/// The time limit of one request, including connection and answer.
const TIME: Duration = Duration::from_secs(10);

/// The largest answer that is read, in bytes.
const ANSWER_BYTES: u64 = 512 << 10;

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum FetchError {
    /// The provider gives a URL that may not be called.
    #[error("the provider names a URL that is neither https:// nor on this machine")]
    Unprotected,
    /// The request failed.
    #[error("the request failed")]
    Failed(#[source] Box<ureq::Error>),
}

/// The client.
pub(super) struct Fetcher(Agent);

impl Fetcher {
    /// Makes a client that trusts the public certificate authorities, or those of a PEM file instead.
    ///
    /// # Errors
    /// A sentence if the file holds no certificate.
    pub(super) fn new(roots: Option<&str>) -> Result<Self, &'static str> {
        let roots = match roots {
            None => RootCerts::WebPki,
            Some(pem) => RootCerts::from(certificates(pem)?),
        };
        let crypto = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let tls = TlsConfig::builder().root_certs(roots).unversioned_rustls_crypto_provider(crypto).build();
        let config = Agent::config_builder()
            .tls_config(tls)
            .proxy(None)
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_global(Some(TIME))
            .user_agent("vasp-registry");
        Ok(Self(config.build().into()))
    }
}

fn certificates(pem: &str) -> Result<Vec<Certificate<'static>>, &'static str> {
    let mut found = Vec::new();
    for item in parse_pem(pem.as_bytes()) {
        match item.map_err(|_| "its CA file is not PEM")? {
            PemItem::Certificate(certificate) => found.push(certificate),
            _ => return Err("its CA file has other content than certificates"),
        }
    }
    if found.is_empty() { Err("its CA file has no certificate") } else { Ok(found) }
}

/// Tells whether a URL may be called.
fn is_protected(url: &Uri) -> bool {
    match url.scheme_str() {
        Some("https") => true,
        Some("http") => matches!(url.host(), Some("127.0.0.1" | "[::1]" | "localhost")),
        _ => false,
    }
}

impl SyncHttpClient for Fetcher {
    type Error = FetchError;

    fn call(&self, request: HttpRequest) -> Result<HttpResponse, FetchError> {
        if !is_protected(request.uri()) {
            return Err(FetchError::Unprotected);
        }
        let failed = |error: ureq::Error| FetchError::Failed(Box::new(error));
        let response = if request.method() == Method::GET { self.0.run(request.map(|_| ())) } else { self.0.run(request) };
        let (head, mut body) = response.map_err(failed)?.into_parts();
        let body = body.with_config().limit(ANSWER_BYTES).read_to_vec().map_err(failed)?;
        Ok(HttpResponse::from_parts(head, body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_protected_urls_are_asked() {
        let asked = |url: &str| is_protected(&url.parse().unwrap());

        assert!(asked("https://login.example.org/token") && asked("http://127.0.0.1:3000/token") && asked("http://[::1]:1/"));
        for url in ["http://login.example.org/token", "http://127.0.0.1.example.org/", "http://10.0.0.1/", "ftp://127.0.0.1/"] {
            assert!(!asked(url), "{url}");
        }
    }

    #[test]
    fn a_ca_file_holds_certificates_only() {
        assert_eq!(Fetcher::new(Some("")).err(), Some("its CA file has no certificate"));
        let certificate = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        assert!(Fetcher::new(Some(&certificate.cert.pem())).is_ok());
        let key = certificate.signing_key.serialize_pem();
        assert_eq!(Fetcher::new(Some(&key)).err(), Some("its CA file has other content than certificates"));
    }
}
