//! The cookies of the console, and where the browser has this registry. Both depend on whether the browser's connection is TLS: the
//! registry's own, or that of a proxy before it, whose URL the operator configured.

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderValue};

use crate::http::App;
use crate::sign_in::SignIn;

/// How the cookie of a session is named and kept. A cookie of a name with `__Host-` is sent over TLS only. On this machine itself there may
/// be no TLS, and then the cookie has no such name.
///
/// Source: RFC 6265bis, section 4.1.3.2.
#[derive(Clone, Copy)]
pub(super) struct Cookies {
    /// Whether the connection of the browser is plain HTTP on its own machine.
    pub(super) is_plain: bool,
}

impl Cookies {
    pub(super) fn of(request: &HttpRequest, app: &App) -> Self {
        let host = host(request);
        let name =
            host.rsplit_once(':').map_or(host, |(name, port)| if port.bytes().all(|b| b.is_ascii_digit()) { name } else { host });
        // A proxy may send this machine's name as the host.
        let is_protected = app.tls.is_some() || https_url(app).is_some();
        Self { is_plain: !is_protected && ["localhost", "127.0.0.1", "[::1]"].contains(&name) }
    }

    fn name(self, name: &str) -> String {
        if self.is_plain { format!("vasp-{name}") } else { format!("__Host-vasp-{name}") }
    }

    /// Returns the value of a cookie that the browser sent.
    pub(super) fn read(self, request: &HttpRequest, name: &str) -> Option<String> {
        let name = self.name(name);
        let lines = request.headers().get_all(header::COOKIE).filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(found, _)| *found == name).map(|(_, value)| value.to_owned())
    }

    /// Returns the header that sets a cookie; an empty value removes it.
    pub(super) fn set(self, name: &str, value: &str, same_site: &str, secs: Option<u32>) -> HeaderValue {
        let secure = if self.is_plain { "" } else { "; Secure" };
        let age = if value.is_empty() { Some(0) } else { secs };
        let age = age.map(|secs| format!("; Max-Age={secs}")).unwrap_or_default();
        let line = format!("{}={value}; Path=/; HttpOnly; SameSite={same_site}{secure}{age}", self.name(name));
        HeaderValue::from_str(&line).unwrap_or_else(|_| HeaderValue::from_static(""))
    }
}

/// Returns where people reach this registry, for links: the configured URL, or without one of HTTPS, scheme and host of the request.
pub(super) fn origin(request: &HttpRequest, app: &App) -> String {
    let scheme = if Cookies::of(request, app).is_plain { "http" } else { "https" };
    https_url(app).map_or_else(|| format!("{scheme}://{}", host(request)), str::to_owned)
}

/// Returns the configured URL of the registry, if it is one of HTTPS.
fn https_url(app: &App) -> Option<&str> {
    Some(app.registry.part::<SignIn>().public_url.as_str()).filter(|url| url.starts_with("https://"))
}

fn host(request: &HttpRequest) -> &str {
    request.headers().get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default()
}
