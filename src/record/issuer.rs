//! The registry's own public name. It tells who signed a receipt and where the log is.

use std::fmt;
use std::str::FromStr;

use super::environment::Environment;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::time::serde_as_text;

/// An `http:` or `https:` URL without query and fragment, or a URN.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IssuerName(String);

/// The text is not an issuer name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` must have the form https://registry.example.org or urn:…, in ASCII, without user, query, fragment, spaces and `+`"
)]
pub struct IssuerNameError(String);

/// Longest name, in bytes.
const LENGTH_MAX: usize = 200;

impl IssuerName {
    /// Returns the name of a registry without a configured name: a URN of the first key that it made.
    #[must_use]
    pub fn of_key(thumbprint: &str) -> Self {
        Self(format!("urn:vasp-registry:{thumbprint}"))
    }

    /// Returns the name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether this is the name of a sandbox: its host lies under `.test`, which no public registry can have.
    ///
    /// Source: RFC 6761, section 6.2.
    #[must_use]
    pub fn environment(&self) -> Environment {
        let place = self.0.split_once("://").map_or("", |(_, place)| place);
        let host = place.split(['/', ':']).next().unwrap_or("");
        if host.ends_with(".test") { Environment::Sandbox } else { Environment::Live }
    }

    /// Returns the origin of the log: its base URL without the scheme, or the URN itself.
    ///
    /// Source: C2SP tlog-tiles, "Parameters".
    #[must_use]
    pub fn log_origin(&self) -> String {
        match self.0.split_once("://") {
            Some((_, place)) => format!("{place}/v1/log"),
            None => self.0.clone(),
        }
    }
}

impl FromStr for IssuerName {
    type Err = IssuerNameError;

    fn from_str(text: &str) -> Result<Self, IssuerNameError> {
        let wrong = || IssuerNameError(text.chars().take(60).collect());
        let name = text.trim_end_matches('/');
        let rest = ["https://", "http://", "urn:"].iter().find_map(|start| name.strip_prefix(start)).ok_or_else(wrong)?;
        // `+` and blanks would end the key name in a signed note.
        let sound = |byte: u8| byte.is_ascii_graphic() && !b"+?#@\"\\<>".contains(&byte);
        let begins = rest.bytes().next().is_some_and(|first| first.is_ascii_alphanumeric() || first == b'[');
        if begins && name.len() <= LENGTH_MAX && name.bytes().all(sound) { Ok(Self(name.to_owned())) } else { Err(wrong()) }
    }
}

serde_as_text!(IssuerName);

impl fmt::Display for IssuerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_log_is_named_by_the_place_where_it_is_served() {
        let origin = |text: &str| text.parse::<IssuerName>().unwrap().log_origin();

        assert_eq!(origin("https://registry.example.org"), "registry.example.org/v1/log");
        assert_eq!(origin("http://127.0.0.1:8080/base/"), "127.0.0.1:8080/base/v1/log");
        assert_eq!(origin("urn:uuid:6e8bc430"), "urn:uuid:6e8bc430");
    }

    #[test]
    fn what_would_break_a_signed_note_is_no_name() {
        for text in
            ["", "registry", "https://", "https:///a", "https://a b", "https://a+b", "https://a?x", "https://a\nb", "https://é"]
        {
            assert!(text.parse::<IssuerName>().is_err(), "{text}");
        }
    }

    #[test]
    fn only_a_host_under_test_is_a_sandbox() {
        let is_sandbox = |text: &str| text.parse::<IssuerName>().unwrap().environment() == Environment::Sandbox;

        assert!(is_sandbox("https://sandbox.test"));
        assert!(is_sandbox("http://registry.sandbox.test:8080/base"));
        for live in ["https://registry.example.org", "https://test", "https://example.org/a.test", "https://latest", "urn:a.test"]
        {
            assert!(!is_sandbox(live), "{live}");
        }
    }

    proptest! {
        #[test]
        fn reading_never_panics_and_round_trips(text in "\\PC*|https://[a-z.:/]{1,30}") {
            if let Ok(name) = text.parse::<IssuerName>() {
                prop_assert_eq!(name.as_str().parse::<IssuerName>(), Ok(name.clone()));
                prop_assert!(!name.log_origin().contains(['+', ' ', '\n']));
            }
        }
    }
}
