//! Whom a sandbox lets in. Everybody who reaches its port may do everything there, so a page of a stranger in a browser on the same machine
//! must not reach it: neither under a name that the stranger points here, nor by a request across sites.

use actix_web::http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERER};
use actix_web::http::uri::Authority;
use actix_web::web::Data;

use super::App;
use super::error::Problem;
use crate::node::ProblemCode;

/// What a browser says of the page that sends a request. Other programs do not send it, nor do browsers over plain HTTP to other machines.
///
/// Source: W3C, Fetch Metadata Request Headers, section 2.3.
const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request to a sandbox under a name that is not its own, or from a page of another site.
///
/// # Errors
/// `Problem` 403.
pub(super) fn check(headers: &HeaderMap, app: Option<&Data<App>>) -> Result<(), Problem> {
    if app.is_none_or(|app| app.registry.sandbox().is_none()) {
        return Ok(());
    }
    let refused = |detail: String| Err(Problem::new(ProblemCode::Forbidden, detail));
    let mut hosts = headers.get_all(HOST).map(|host| String::from_utf8_lossy(host.as_bytes()).into_owned());
    if let Some(other) = hosts.find(|host| !is_own(host)) {
        let other: String = other.chars().take(100).collect();
        return refused(format!(
            "The sandbox answers as localhost, under a name that ends in .test, or by its IP address; not as `{other}`."
        ));
    }
    let names_own_page = |name| headers.get_all(name).all(|page| is_of(page, headers.get(HOST)));
    let is_own = match headers.get(SEC_FETCH_SITE) {
        Some(site) => matches!(site.as_bytes(), b"none" | b"same-origin"),
        None => names_own_page(ORIGIN) && names_own_page(REFERER),
    };
    if is_own { Ok(()) } else { refused("The sandbox answers no requests from pages of other sites.".to_owned()) }
}

/// Returns whether an `Origin` or `Referer` is of a page under this `Host`. A page that hides where it stands sends `null`.
///
/// Source: RFC 6454, section 7; RFC 9110, section 10.1.3.
fn is_of(page: &HeaderValue, host: Option<&HeaderValue>) -> bool {
    let page = page.to_str().ok().and_then(|page| page.split_once("://")?.1.split('/').next());
    page.zip(host).is_some_and(|(page, host)| host == page)
}

/// Returns whether a `Host` is one of the sandbox's: one that no stranger can point here.
///
/// Source: RFC 6761, sections 6.2 and 6.3: names under `.test` and `.localhost` belong to nobody.
fn is_own(host: &str) -> bool {
    let Ok(authority) = host.parse::<Authority>() else { return false };
    let name = authority.host().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    let is_reserved = name == "localhost" || [".localhost", ".test"].iter().any(|end| name.ends_with(end));
    is_reserved || name.parse::<std::net::IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_names_are_those_that_nobody_else_can_point_here() {
        let own = ["localhost", "LOCALHOST:8080", "127.0.0.1:8080", "[::1]:8080", "192.0.2.7", "sandbox.test:1", "x.localhost"];
        assert!(own.into_iter().all(is_own));
        let others = ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8080", "", "a b", "notlocalhost", "[::1"];
        assert!(!others.into_iter().any(is_own));
    }
}
