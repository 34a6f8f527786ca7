//! The registry's signing keys as it publishes them, in a JWK set. Replaced keys stay in the set, with the period in which they signed.
//!
//! Source: RFC 7517 section 5, RFC 8037 section 2; `nbf` and `exp` as RFC 7519 section 4.1 uses them.

use serde_json::{Map, Value, json};

use crate::PublicKey;
use crate::jose::{base64url, from_base64url};
use vasp_record::signing_key::SigningPurpose;
use vasp_words::time::UtcTime;

/// A signing key of the registry, without its private half.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublishedKey {
    /// The SHA-256 thumbprint of the public key.
    pub id: String,
    /// What the key signs.
    pub purpose: SigningPurpose,
    /// The public key.
    pub public_key: [u8; 32],
    /// The key in the form for verifiers of signed notes; `None` for keys of receipts.
    pub verifier_key: Option<String>,
    /// When the key signed for the first time.
    pub from: UtcTime,
    /// When the key stopped signing; `None` while it is in use.
    pub until: Option<UtcTime>,
}

/// The signing keys of a registry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PublishedKeys(pub Vec<PublishedKey>);

/// The text is not a JWK set of a registry.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwksError {
    /// The text is not JSON of this form.
    #[error("this is not a JWK set (an object with the member `keys`): {0}")]
    Form(String),
    /// A key of a registry cannot be read.
    #[error("the key `{kid}` of the JWK set cannot be used: `{member}` is missing or wrong")]
    Key {
        /// The id of the key.
        kid: String,
        /// The member that is wrong.
        member: &'static str,
    },
}

fn seconds(time: UtcTime) -> i64 {
    time.micros().div_euclid(1_000_000)
}

impl PublishedKey {
    /// Returns the key as JWK.
    #[must_use]
    pub fn to_jwk(&self) -> Value {
        let mut jwk = json!({
            "kty": "OKP", "crv": "Ed25519", "x": base64url(self.public_key), "kid": self.id, "use": "sig", "alg": "EdDSA",
            "purpose": self.purpose, "nbf": seconds(self.from),
        });
        if let Some(members) = jwk.as_object_mut() {
            members.extend(self.until.map(|until| ("exp".to_owned(), json!(seconds(until)))));
            members.extend(self.verifier_key.as_ref().map(|key| ("vkey".to_owned(), json!(key))));
        }
        jwk
    }

    /// Reads a JWK that names a purpose; `None` for other keys, which a set may contain.
    fn read(jwk: &Map<String, Value>) -> Result<Option<Self>, JwksError> {
        let text = |name: &str| jwk.get(name).and_then(Value::as_str);
        let Some(purpose) = text("purpose").and_then(|purpose| purpose.parse().ok()) else { return Ok(None) };
        let id = text("kid").unwrap_or_default().to_owned();
        let wrong = |member| JwksError::Key { kid: id.chars().take(60).collect(), member };
        let time = |name: &'static str| match jwk.get(name) {
            None => Ok(None),
            Some(value) => {
                let micros = value.as_i64().and_then(|seconds| seconds.checked_mul(1_000_000));
                micros.and_then(|micros| UtcTime::from_micros(micros).ok()).map(Some).ok_or_else(|| wrong(name))
            }
        };
        let public_key = text("x").and_then(from_base64url).and_then(|bytes| bytes.try_into().ok()).ok_or_else(|| wrong("x"))?;
        let is_ed25519 = text("kty") == Some("OKP") && text("crv") == Some("Ed25519");
        PublicKey::ed25519(public_key).ok().filter(|_| is_ed25519).ok_or_else(|| wrong("x"))?;
        let (from, until) = (time("nbf")?.ok_or_else(|| wrong("nbf"))?, time("exp")?);
        if id.is_empty() {
            return Err(wrong("kid"));
        }
        Ok(Some(Self { id, purpose, public_key, verifier_key: text("vkey").map(str::to_owned), from, until }))
    }
}

impl PublishedKeys {
    /// Returns the keys as a JWK set.
    #[must_use]
    pub fn to_json(&self) -> Value {
        json!({"keys": self.0.iter().map(PublishedKey::to_jwk).collect::<Vec<_>>()})
    }

    /// Reads a JWK set. Keys without a purpose of a registry are left out.
    ///
    /// # Errors
    /// Every `JwksError`.
    pub fn parse(text: &str) -> Result<Self, JwksError> {
        let set: Value = serde_json::from_str(text).map_err(|error| JwksError::Form(error.to_string()))?;
        let keys = set.get("keys").and_then(Value::as_array).ok_or_else(|| JwksError::Form("there is none".to_owned()))?;
        let mut read = Vec::new();
        for key in keys {
            let members = key.as_object().ok_or_else(|| JwksError::Form("a key is not an object".to_owned()))?;
            read.extend(PublishedKey::read(members)?);
        }
        Ok(Self(read))
    }

    /// Returns the key with an id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&PublishedKey> {
        self.0.iter().find(|key| key.id == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Source: RFC 8037 appendix A.2.
    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    fn key() -> Value {
        json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "a", "use": "sig", "alg": "EdDSA", "purpose": "receipt", "nbf": 1, "exp": 2})
    }

    #[test]
    fn a_set_reads_back_as_it_was_written() {
        let text = json!({"keys": [key(), {"kty": "RSA", "n": "AQAB", "e": "AQAB"}]}).to_string();

        let keys = PublishedKeys::parse(&text).unwrap();

        assert_eq!(keys.0.len(), 1);
        assert_eq!(keys.to_json(), json!({"keys": [key()]}));
        assert_eq!(keys.find("a").unwrap().until, Some(UtcTime::from_micros(2_000_000).unwrap()));
    }

    #[test]
    fn a_key_that_cannot_be_used_is_named() {
        let with = |name: &str, value: Value| {
            let mut key = key();
            key[name] = value;
            PublishedKeys::parse(&json!({"keys": [key]}).to_string()).unwrap_err()
        };
        let wrong = |member| JwksError::Key { kid: "a".to_owned(), member };

        assert_eq!(with("x", json!("AAAA")), wrong("x"));
        assert_eq!(with("kty", json!("EC")), wrong("x"));
        assert_eq!(with("nbf", json!("1")), wrong("nbf"));
        assert_eq!(with("exp", json!(9_223_372_036_854_775_807i64)), wrong("exp"));
        // The point of small order; anybody can make signatures that are valid for it.
        assert_eq!(with("x", json!("AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")), wrong("x"));
        assert!(matches!(PublishedKeys::parse("{}"), Err(JwksError::Form(_))));
        assert!(matches!(PublishedKeys::parse("{\"keys\":[1]}"), Err(JwksError::Form(_))));
    }

    proptest! {
        #[test]
        fn reading_never_panics(text in "\\PC*", purpose in "receipt|checkpoint|\\PC*", x in "\\PC*", nbf: i64) {
            let _ = PublishedKeys::parse(&text);
            let _ = PublishedKeys::parse(&json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "purpose": purpose, "x": x, "nbf": nbf}]}).to_string());
        }
    }
}
