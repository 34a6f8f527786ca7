//! Origins of web pages: scheme, host and port, as browsers send them. A publishable API key works only on pages of its origins.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::host::Host;
use vasp_words::time::serde_as_text;

/// An origin, such as `https://shop.example.com`.
///
/// Source: RFC 6454, section 6.2. A page under development may be at `http://localhost` or `http://127.0.0.1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

/// The text is not such an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an origin has the form https://host or https://host:port, without a path; http only for localhost and 127.0.0.1")]
pub struct OriginError;

impl Origin {
    /// Returns the origin as browsers send it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = OriginError;

    fn from_str(text: &str) -> Result<Self, OriginError> {
        let (scheme, place) = text.split_once("://").ok_or(OriginError)?;
        let (name, port) = match place.rsplit_once(':') {
            Some((name, port)) => (name, Some(port.parse::<u16>().ok().filter(|port| *port > 0).ok_or(OriginError)?)),
            None => (place, None),
        };
        let is_here = matches!(name, "localhost" | "127.0.0.1");
        let usual = match scheme {
            "https" => 443,
            "http" if is_here => 80,
            _ => return Err(OriginError),
        };
        let name = if is_here { name.to_owned() } else { name.parse::<Host>().map_err(|_| OriginError)?.as_str().to_owned() };
        // A browser leaves out the usual port.
        Ok(Self(match port.filter(|port| *port != usual) {
            Some(port) => format!("{scheme}://{name}:{port}"),
            None => format!("{scheme}://{name}"),
        }))
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

serde_as_text!(Origin);

/// Reads the origins of a key as they are stored: separated by blanks. Texts that are no origins are left out.
#[must_use]
pub fn stored_origins(text: &str) -> Vec<Origin> {
    text.split(' ').filter_map(|one| one.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_kept_as_browsers_send_it() {
        let read = |text: &str| text.parse::<Origin>().map(|origin| origin.to_string());

        for (text, sent) in [
            ("https://shop.example.com", "https://shop.example.com"),
            ("https://Shop.Example.com:443", "https://shop.example.com"),
            ("https://shop.example.com:8443", "https://shop.example.com:8443"),
            ("http://localhost:3000", "http://localhost:3000"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
        ] {
            assert_eq!(read(text).as_deref(), Ok(sent));
        }
        let wrong = [
            "",
            "*",
            "null",
            "shop.example.com",
            "http://shop.example.com",
            "https://shop.example.com/",
            "https://shop.example.com/a",
            "https://a@shop.example.com",
            "https://shop.example.com:0",
            "https://shop.example.com:x",
            "https://10.0.0.1",
            "https://*.example.com",
            "file://shop.example.com",
        ];
        for text in wrong {
            assert_eq!(read(text), Err(OriginError), "{text}");
        }
    }

    #[test]
    fn stored_texts_are_read_again() {
        let all = stored_origins("https://a.example.com https://b.example.com:8443");

        assert_eq!(all.iter().map(Origin::as_str).collect::<Vec<_>>(), ["https://a.example.com", "https://b.example.com:8443"]);
        assert_eq!(stored_origins(""), []);
    }
}
