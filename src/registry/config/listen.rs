//! Addresses of this server and of its proxies, as people write them.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Deserializer};

/// Reads an address with its port. What is half an address gets a suggestion.
///
/// # Errors
/// What is missing, and what would be right.
pub fn listen_address(text: &str) -> Result<SocketAddr, String> {
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    let port = text.strip_prefix("localhost").unwrap_or(text).trim_start_matches(':');
    let suggestion = match (text.parse::<std::net::IpAddr>(), port.parse::<u16>()) {
        (Ok(address), _) => format!("the port is missing; write {}", SocketAddr::new(address, 8080)),
        (_, Ok(port)) => {
            format!("the address is missing; write 127.0.0.1:{port} for this machine only, or 0.0.0.0:{port} for all networks")
        }
        _ => "write an IP address and a port, such as 127.0.0.1:8080 or [::1]:8080".to_owned(),
    };
    Err(suggestion)
}

/// Reads the address of a proxy. Refuses 0.0.0.0: no connection comes from it, and all callers would share the proxy's limits.
///
/// # Errors
/// What would be right.
pub fn proxy_address(text: &str) -> Result<IpAddr, String> {
    match text.parse::<IpAddr>() {
        Ok(address) if address.is_unspecified() => {
            Err(format!("{address} is the address of no proxy: name the one from which your proxy connects, such as 127.0.0.1"))
        }
        Ok(address) => Ok(address),
        Err(_) => Err("write the IP address from which your proxy connects, such as 127.0.0.1".to_owned()),
    }
}

/// Reads addresses of proxies from a file of settings.
pub(super) fn proxies<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<IpAddr>>, D::Error> {
    let texts = Option::<Vec<String>>::deserialize(deserializer)?;
    let read = |texts: Vec<String>| texts.iter().map(|text| proxy_address(text)).collect();
    texts.map(read).transpose().map_err(serde::de::Error::custom)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_an_address_gets_the_whole_one_as_a_suggestion() {
        for (text, says) in [
            ("18312", "write 127.0.0.1:18312"),
            (":18312", "write 127.0.0.1:18312"),
            ("localhost:80", "write 127.0.0.1:80"),
            ("0.0.0.0", "write 0.0.0.0:8080"),
            ("::1", "write [::1]:8080"),
            ("everywhere", "such as 127.0.0.1:8080"),
            ("127.0.0.1:99999", "such as 127.0.0.1:8080"),
        ] {
            let error = listen_address(text).unwrap_err();
            assert!(error.contains(says), "{text}: {error}");
        }
        assert_eq!(listen_address("[::1]:0"), Ok("[::1]:0".parse().unwrap()));
    }
}
