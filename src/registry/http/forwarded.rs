//! Finds the client's address if a request came through a proxy. Only proxies that the operator trusts are believed.

use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderName;
use vasp_clock::Stopwatch;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// Returns the address of the client. It is the other end of the connection, unless that is a trusted proxy. Then it is the last address
/// of `X-Forwarded-For` that is not a trusted proxy. Each proxy appends the address that called it, so an address that a client invents
/// comes before the real one.
pub(crate) fn client_address(request: &HttpRequest, trusted: &[IpAddr]) -> Option<IpAddr> {
    let peer = request.peer_addr()?.ip().to_canonical();
    // A client may write bytes that are not text; they must not hide what the proxy appended after them.
    let headers = request.headers().get_all(X_FORWARDED_FOR).map(|value| String::from_utf8_lossy(value.as_bytes()));
    let forwarded = headers.collect::<Vec<_>>().join(",");
    let client = behind(peer, trusted, &forwarded);
    if trusted.contains(&client) {
        let is_named_elsewhere = OTHER_NAMES.iter().any(|name| request.headers().contains_key(name));
        if is_named_elsewhere || !forwarded.is_empty() {
            static WARNED: Mutex<Option<Stopwatch>> = Mutex::new(None);
            warn_of(
                &WARNED,
                client,
                "which is trusted and writes no address in X-Forwarded-For: all its callers share one limit. Have it write their addresses there",
            );
        }
    } else if client == peer && !forwarded.is_empty() && is_near(peer) {
        static WARNED: Mutex<Option<Stopwatch>> = Mutex::new(None);
        warn_of(
            &WARNED,
            peer,
            "which writes X-Forwarded-For and is not trusted: all its callers share one limit. Give it with --trusted-proxy if it is your proxy",
        );
    }
    Some(client)
}

/// Other headers in which proxies name their callers. They are not read.
///
/// Source: RFC 7239, section 4.
const OTHER_NAMES: [HeaderName; 2] = [HeaderName::from_static("forwarded"), HeaderName::from_static("x-real-ip")];

/// Tells whether an address is one where a proxy of the operator's own stands: this machine, or a private network. Anybody else can write the
/// header.
///
/// Source: RFC 1918, section 3; RFC 4193, section 3.
fn is_near(peer: IpAddr) -> bool {
    match peer {
        IpAddr::V4(peer) => peer.is_loopback() || peer.is_private(),
        IpAddr::V6(peer) => peer.is_loopback() || peer.is_unique_local(),
    }
}

/// How long after a warning the next one may come, in microseconds: an hour.
const WARNED_MICROS: u64 = 3_600_000_000;

/// Logs a warning of a proxy because of which many callers count as one, at most one of its kind an hour.
fn warn_of(warned: &Mutex<Option<Stopwatch>>, peer: IpAddr, why: &str) {
    let mut warned = warned.lock().unwrap_or_else(PoisonError::into_inner);
    if warned.as_ref().is_none_or(|warned| warned.elapsed_micros() >= WARNED_MICROS) {
        *warned = Some(Stopwatch::start());
        tracing::warn!("requests come through {peer}, {why}");
    }
}

fn behind(peer: IpAddr, trusted: &[IpAddr], forwarded: &str) -> IpAddr {
    let mut client = peer;
    for hop in forwarded.rsplit(',') {
        if !trusted.contains(&client) {
            break;
        }
        // A trusted proxy wrote something unreadable: the address found so far is the last one known.
        let Some(address) = read(hop.trim()) else { break };
        client = address;
    }
    client
}

/// Reads an address; some proxies write it with the port.
fn read(hop: &str) -> Option<IpAddr> {
    let plain = hop.strip_prefix('[').and_then(|rest| rest.split_once(']')).map_or(hop, |(address, _)| address);
    let address = plain.parse().ok().or_else(|| hop.parse::<std::net::SocketAddr>().ok().map(|address| address.ip()));
    address.map(|address: IpAddr| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(peer: &str, forwarded: &str) -> String {
        let trusted = ["10.0.0.1", "10.0.0.2", "2001:db8::1"].map(|address| address.parse().unwrap());
        behind(peer.parse().unwrap(), &trusted, forwarded).to_string()
    }

    #[test]
    fn a_trusted_proxy_is_believed_and_nobody_else() {
        assert_eq!(seen("10.0.0.1", "192.0.2.7"), "192.0.2.7");
        assert_eq!(seen("192.0.2.9", "192.0.2.7"), "192.0.2.9");
        assert_eq!(seen("10.0.0.1", "198.51.100.1, 192.0.2.7"), "192.0.2.7", "the client wrote the first itself");
        assert_eq!(seen("10.0.0.1", "198.51.100.1, 192.0.2.7, 10.0.0.2"), "192.0.2.7", "through two proxies");
        assert_eq!(seen("2001:db8::1", "[2001:db8:1::7]:4711"), "2001:db8:1::7");
        assert_eq!(seen("10.0.0.1", "192.0.2.7:4711"), "192.0.2.7");
        assert_eq!(seen("10.0.0.1", "::ffff:192.0.2.7"), "192.0.2.7");
    }

    #[test]
    fn a_proxy_that_says_nothing_is_the_client() {
        // The one that is nearest to the caller is the one that does not name it.
        assert_eq!(seen("10.0.0.1", "unknown, 10.0.0.2"), "10.0.0.2");
        for forwarded in ["", "unknown", "192.0.2.7, unknown", ","] {
            assert_eq!(seen("10.0.0.1", forwarded), "10.0.0.1", "{forwarded}");
        }
    }

    #[test]
    fn what_is_no_text_hides_no_address_behind_it() {
        use actix_web::http::header::HeaderValue;
        let written = HeaderValue::from_bytes(b"\xff, 192.0.2.7").unwrap();
        let request = actix_web::test::TestRequest::default()
            .peer_addr("10.0.0.1:4711".parse().unwrap())
            .insert_header((X_FORWARDED_FOR, written))
            .to_http_request();

        let client = client_address(&request, &["10.0.0.1".parse().unwrap()]);

        assert_eq!(client, Some("192.0.2.7".parse().unwrap()));
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_only_the_trusted_are_passed(forwarded in "[0-9a-f.:,\\[\\] ]{0,60}|\\PC*") {
            prop_assert_eq!(seen("192.0.2.9", &forwarded), "192.0.2.9");
            let _ = seen("10.0.0.1", &forwarded);
        }
    }
}
