//! The settings for OpenID providers, and the plain URLs in them. `config` reads them from the configuration file; nothing is looked up
//! here.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use serde::{Deserialize, Deserializer};
use vasp_words::time::serde_as_text;

/// An `http:` or `https:` URL without query and fragment, and without a slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// The text is not such a URL.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` must have the form https://registry.example.org, without user, query and fragment")]
pub struct BaseUrlError(String);

/// The URL of an OpenID provider: `https:`, or `http:` on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Issuer(String);

/// The text is not an issuer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssuerError {
    /// It is not a URL.
    #[error(transparent)]
    Url(BaseUrlError),
    /// It is an `http:` URL on another machine.
    #[error("`{0}` must begin with https://; http:// is for providers on this machine (127.0.0.1, [::1], localhost)")]
    Unprotected(String),
}

/// The name of a provider in this registry: lower-case letters, digits and dashes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProviderName(String);

/// The text is not a provider name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a provider's name must have 1 to 40 lower-case letters, digits and hyphens")]
pub struct ProviderNameError;

/// The settings of an OpenID provider.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OidcOptions {
    /// The name of the provider in this registry.
    pub name: ProviderName,
    /// The issuer URL of the provider.
    pub issuer: Issuer,
    /// The client id by which the provider knows the registry.
    pub client_id: String,
    /// The file that holds the client secret from the provider; `None` for a public client.
    pub client_secret_file: Option<PathBuf>,
    /// A PEM file with the certificate authorities to trust for the provider; `None` for the public ones.
    pub ca_file: Option<PathBuf>,
    /// Values of `amr`; any of them means that a second factor was asked for.
    #[serde(default)]
    pub second_factor_amr: Vec<String>,
    /// Values of `acr` with the same meaning.
    #[serde(default)]
    pub second_factor_acr: Vec<String>,
}

impl Default for BaseUrl {
    /// The URL of a server with no configured address.
    fn default() -> Self {
        Self("http://127.0.0.1:8080".to_owned())
    }
}

impl BaseUrl {
    /// Returns the URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Issuer {
    /// Returns the URL, spelt as the provider spells it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl ProviderName {
    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Splits a URL into scheme, host and path. `None` if it has a user, a query, a fragment or an unusual character.
fn parts(text: &str) -> Option<(&str, &str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = match authority.strip_prefix('[') {
        Some(v6) => v6.split_once(']').filter(|(_, port)| port.is_empty() || is_port(port))?.0,
        None => match authority.split_once(':') {
            Some((host, port)) => is_port(&format!(":{port}")).then_some(host)?,
            None => authority,
        },
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || ".-:".contains(c);
    let is_path = |c: char| c.is_ascii_graphic() && !"?#\"<>\\^`{|}@".contains(c);
    let plain = !host.is_empty() && host.chars().all(is_name) && path.chars().all(is_path);
    (plain && text.len() <= 500).then_some((scheme, host, path))
}

fn is_port(text: &str) -> bool {
    text.strip_prefix(':').is_some_and(|digits| digits.parse::<u16>().is_ok_and(|port| port > 0) && !digits.starts_with('+'))
}

impl FromStr for BaseUrl {
    type Err = BaseUrlError;
    fn from_str(text: &str) -> Result<Self, BaseUrlError> {
        match parts(text) {
            Some(("http" | "https", ..)) => Ok(Self(text.trim_end_matches('/').to_owned())),
            _ => Err(BaseUrlError(text.chars().take(60).collect())),
        }
    }
}

impl FromStr for Issuer {
    type Err = IssuerError;
    fn from_str(text: &str) -> Result<Self, IssuerError> {
        let shown = || text.chars().take(60).collect();
        match parts(text) {
            Some(("https", ..)) | Some(("http", "127.0.0.1" | "::1" | "localhost", _)) => Ok(Self(text.to_owned())),
            Some(("http", ..)) => Err(IssuerError::Unprotected(shown())),
            _ => Err(IssuerError::Url(BaseUrlError(shown()))),
        }
    }
}

impl FromStr for ProviderName {
    type Err = ProviderNameError;
    fn from_str(text: &str) -> Result<Self, ProviderNameError> {
        let plain = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        if plain && (1..=40).contains(&text.len()) { Ok(Self(text.to_owned())) } else { Err(ProviderNameError) }
    }
}

serde_as_text!(@read BaseUrl, Issuer, ProviderName);

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ProviderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn base_urls_are_plain_and_end_without_a_slash() {
        for (text, url) in [
            ("https://registry.example.org/", "https://registry.example.org"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("https://[::1]:8443/vasp/", "https://[::1]:8443/vasp"),
        ] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().as_str(), url);
        }
        for text in [
            "",
            "registry.example.org",
            "ftp://a",
            "https://",
            "https://a@b",
            "https://a/?q",
            "https://a/#f",
            "https://a:0",
            "https://a:b",
            "https://a b",
        ] {
            assert!(text.parse::<BaseUrl>().is_err(), "{text}");
        }
    }

    #[test]
    fn issuers_elsewhere_are_protected() {
        for text in ["https://login.example.org/realms/a/", "http://127.0.0.1:3000", "http://[::1]:3000/", "http://localhost"] {
            assert_eq!(text.parse::<Issuer>().unwrap().as_str(), text);
        }
        for text in ["http://login.example.org", "http://127.0.0.1.example.org", "http://localhost.example.org"] {
            assert_eq!(text.parse::<Issuer>(), Err(IssuerError::Unprotected(text.to_owned())));
        }
    }

    #[test]
    fn a_provider_has_a_plain_name_and_no_unknown_keys() {
        let toml = "name = \"a-1\"\nissuer = \"https://a.example\"\nclient_id = \"registry\"";

        assert!(toml::from_str::<OidcOptions>(toml).is_ok());
        assert!(toml::from_str::<OidcOptions>(&toml.replace("a-1", "A 1")).is_err());
        assert!(toml::from_str::<OidcOptions>(&format!("{toml}\nclient_secret = \"x\"")).is_err());
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "(https?://)?\\PC*") {
            let _ = (text.parse::<BaseUrl>(), text.parse::<Issuer>(), text.parse::<ProviderName>());
        }
    }
}
