//! Reads the documents that a TRP endpoint publishes about itself: `/version`, `/uptime`, `/extensions` and `/identity`. They come from
//! unknown servers: sizes are limited, every member may be missing, surplus items are dropped, and nothing panics.
//!
//! Source: TRP 3.2.1 core specification (`/identity`) and its extension "discoverability" (the others), as TRISA's Go package
//! `openvasp/trp/v3` reads them.

use serde::Deserialize;
use serde_json::Value;

use super::finding::shown;

/// Longest text that is kept, in characters.
const TEXT_MAX: usize = 200;
/// Maximum number of extensions that are kept.
const EXTENSIONS_MAX: usize = 64;

/// The answer to `GET /version`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// The version of the protocol, such as `3.2.1`.
    pub version: String,
    /// The maker of the software; `None` if not stated.
    pub vendor: Option<String>,
}

/// The answer to `GET /extensions`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Extensions {
    /// Names of extensions that every caller must use.
    pub required: Vec<String>,
    /// Names of extensions that callers may use.
    pub supported: Vec<String>,
}

/// The answer to `GET /identity`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// The name of the VASP; `None` if not stated.
    pub name: Option<String>,
    /// The LEI of the VASP as the endpoint writes it; `None` if not stated.
    pub lei: Option<String>,
}

/// The body is not the document that TRP defines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not the document that TRP defines for this path")]
pub struct Unreadable;

#[derive(Deserialize)]
struct VersionDocument {
    version: String,
    #[serde(default)]
    vendor: Value,
}

#[derive(Deserialize)]
struct ExtensionsDocument {
    #[serde(default)]
    required: Option<Vec<String>>,
    #[serde(default)]
    supported: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct IdentityDocument {
    #[serde(default)]
    name: Value,
    #[serde(default)]
    lei: Value,
    #[serde(default)]
    x509: Value,
}

/// Returns the text; `None` if there is none or it is blank.
fn text(value: &Value) -> Option<String> {
    let text = shown(value.as_str()?.trim(), TEXT_MAX);
    (!text.is_empty()).then_some(text)
}

/// Reads `/version`.
pub fn version(body: &[u8]) -> Result<Version, Unreadable> {
    let read: VersionDocument = serde_json::from_slice(body).map_err(|_| Unreadable)?;
    let version = shown(read.version.trim(), TEXT_MAX);
    if version.is_empty() { Err(Unreadable) } else { Ok(Version { version, vendor: text(&read.vendor) }) }
}

/// Reads `/uptime`: a decimal number of seconds.
pub fn uptime(body: &[u8]) -> Result<u64, Unreadable> {
    let text = std::str::from_utf8(body).map_err(|_| Unreadable)?.trim();
    let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
    let digits = !whole.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if digits { whole.parse().map_err(|_| Unreadable) } else { Err(Unreadable) }
}

/// Reads `/extensions`.
pub fn extensions(body: &[u8]) -> Result<Extensions, Unreadable> {
    let read: ExtensionsDocument = serde_json::from_slice(body).map_err(|_| Unreadable)?;
    let kept = |names: Option<Vec<String>>| {
        names.unwrap_or_default().iter().take(EXTENSIONS_MAX).map(|name| shown(name.trim(), TEXT_MAX)).collect()
    };
    match (&read.required, &read.supported) {
        (None, None) => Err(Unreadable),
        _ => Ok(Extensions { required: kept(read.required), supported: kept(read.supported) }),
    }
}

/// Reads `/identity`; every member may be missing.
pub fn identity(body: &[u8]) -> Result<Identity, Unreadable> {
    let read: IdentityDocument = serde_json::from_slice(body).map_err(|_| Unreadable)?;
    Ok(Identity { name: text(&read.name), lei: text(&read.lei) })
}

/// Returns the certificate in `/identity`, in PEM as it stands there. `None` if there is none.
///
/// Source: TRP 3.2.1, `/identity`, member `x509`.
#[must_use]
pub fn identity_certificate(body: &[u8]) -> Option<String> {
    let read: IdentityDocument = serde_json::from_slice(body).ok()?;
    read.x509.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // Source: TRISA's fixtures for its TRP handlers.
    #[test]
    fn documents_are_read_as_trisa_writes_them() {
        let read = version(br#"{"version": "3.1.0", "vendor": "TRISA self-hosted node"}"#).unwrap();
        assert_eq!((read.version.as_str(), read.vendor.as_deref()), ("3.1.0", Some("TRISA self-hosted node")));
        assert_eq!(uptime(b"34023\n"), Ok(34_023));
        assert_eq!(uptime(b"12.75"), Ok(12));
        let read = extensions(br#"{"required": [], "supported": ["sealed-trisa-envelope", "unsealed-trisa-envelope"]}"#).unwrap();
        assert_eq!((read.required.len(), read.supported.len()), (0, 2));
        let read = identity(br#"{"name": "Alice VASP", "lei": "529900T8BM49AURSDO55", "x509": "-----BEGIN"}"#).unwrap();
        assert_eq!((read.name.as_deref(), read.lei.as_deref()), (Some("Alice VASP"), Some("529900T8BM49AURSDO55")));
        assert_eq!(identity(b"{}"), Ok(Identity::default()));
    }

    #[test]
    fn what_is_something_else_is_refused() {
        for body in [&b""[..], b"<html></html>", b"[]", b"{}", b"{\"version\": 3}", b"{\"version\": \" \"}", b"\xff\xfe"] {
            assert_eq!(version(body), Err(Unreadable), "{body:?}");
        }
        for body in [&b""[..], b"-1", b"ten", b".5", b"{}", b"99999999999999999999999", b"\xff"] {
            assert_eq!(uptime(body), Err(Unreadable), "{body:?}");
        }
        for body in [&b"{}"[..], b"[]", b"{\"required\": \"x\"}", b"{\"required\": null}"] {
            assert_eq!(extensions(body), Err(Unreadable), "{body:?}");
        }
        assert_eq!(identity(b"null"), Err(Unreadable));
    }

    proptest! {
        #[test]
        fn nothing_panics_and_nothing_kept_is_long(bytes: Vec<u8>, text in "\\PC{0,300}", like in "[\\[\\]{}\",:a-z0-9]{0,60}") {
            let named = serde_json::json!({"version": text, "name": text, "lei": text, "required": vec![text.clone(); 100]});
            for body in [bytes, like.into_bytes(), named.to_string().into_bytes()] {
                if let Ok(read) = version(&body) {
                    prop_assert!(read.version.chars().count() <= TEXT_MAX);
                }
                if let Ok(read) = extensions(&body) {
                    prop_assert!(read.required.len() <= EXTENSIONS_MAX);
                }
                if let Ok(read) = identity(&body) {
                    prop_assert!(read.lei.is_none_or(|lei| lei.chars().count() <= TEXT_MAX));
                }
                let _ = uptime(&body);
            }
        }
    }
}
