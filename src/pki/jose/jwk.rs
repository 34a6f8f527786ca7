//! Reads public keys from JWK, strictly, and writes them back with only the members of the key itself.
//!
//! No library in the dependency tree can do this: the available ones do not support X25519, or they panic on a key that does not match its
//! type.

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Map, Value, json};

use super::{base64url, from_base64url};
use crate::{PublicKey, PublicKeyError};
use vasp_record::message_key::KeyUse;

/// Members that only a private or secret key has.
///
/// Source: RFC 7518 sections 6.2.2, 6.3.2, 6.4.1; RFC 8037 section 2.
const PRIVATE: &[&str] = &["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// Members that are accepted but ignored; the registry sets their values itself.
const BESIDE: &[&str] = &["use", "key_ops", "alg", "kid", "ext", "iat", "nbf", "exp"];

/// The maximum length of a member in base64url. An RSA modulus of 8,192 bits fits, with enough room that the size check reports a larger
/// key.
const MEMBER_MAX: usize = 4_096;

/// Why a JWK is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwkError {
    /// It holds a private key.
    #[error(
        "the JWK contains a private key (member `{0}`): treat the key as leaked and create a new one; send only the public members"
    )]
    Private(&'static str),
    /// It is not an object, or a member has the wrong type.
    #[error("the JWK must be an object whose member `{0}` is a text")]
    Member(&'static str),
    /// A member is not base64url of the right length.
    #[error("the member `{0}` of the JWK must be base64url without padding, with the length that its curve requires")]
    Encoding(&'static str),
    /// A member is unknown for every kind of key.
    #[error("the JWK has the unknown member `{0}`")]
    Unknown(String),
    /// The kind of key is not accepted.
    #[error("a key of this type and curve is not accepted: use EC P-256 or P-384, OKP Ed25519 or X25519, or RSA")]
    Kind,
    /// The `use` member names another use.
    #[error("the member `use` of the JWK says that the key is for something else")]
    OtherUse,
    /// The key is not valid.
    #[error(transparent)]
    Key(PublicKeyError),
}

/// Reads a public key from a JWK that is to be used for `key_use`.
///
/// # Errors
/// Every `JwkError`.
pub fn read_jwk(jwk: &Value, key_use: KeyUse) -> Result<PublicKey, JwkError> {
    let members = jwk.as_object().ok_or(JwkError::Member("kty"))?;
    if let Some(name) = PRIVATE.iter().find(|name| members.contains_key(**name)) {
        return Err(JwkError::Private(name));
    }
    let said = match members.get("use") {
        None => None,
        Some(said) => Some(said.as_str().ok_or(JwkError::Member("use"))?),
    };
    if said.is_some_and(|said| said != use_text(key_use)) {
        return Err(JwkError::OtherUse);
    }
    let (own, key): (&[&str], _) = match (text(members, "kty")?, members.get("crv").and_then(Value::as_str)) {
        ("EC", Some("P-256")) => (&["crv", "x", "y"], PublicKey::p256(&point::<32>(members)?)),
        ("EC", Some("P-384")) => (&["crv", "x", "y"], PublicKey::p384(&point::<48>(members)?)),
        ("OKP", Some("Ed25519")) => (&["crv", "x"], PublicKey::ed25519(octets(members, "x")?)),
        ("OKP", Some("X25519")) => (&["crv", "x"], Ok(PublicKey::X25519(octets(members, "x")?))),
        ("RSA", None) => (&["n", "e"], PublicKey::rsa(&bytes(members, "n")?, &bytes(members, "e")?)),
        _ => return Err(JwkError::Kind),
    };
    let known = |name: &str| name == "kty" || own.contains(&name) || BESIDE.contains(&name);
    if let Some(unknown) = members.keys().find(|name| !known(name)) {
        return Err(JwkError::Unknown(unknown.chars().take(40).collect()));
    }
    key.map_err(JwkError::Key)
}

/// Returns a use as JWK writes it.
fn use_text(key_use: KeyUse) -> &'static str {
    match key_use {
        KeyUse::Signing => "sig",
        KeyUse::Encryption => "enc",
    }
}

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, JwkError> {
    members.get(name).and_then(Value::as_str).ok_or(JwkError::Member(name))
}

fn bytes(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, JwkError> {
    let text = text(members, name)?;
    Some(text).filter(|text| text.len() <= MEMBER_MAX).and_then(from_base64url).ok_or(JwkError::Encoding(name))
}

fn octets<const LENGTH: usize>(members: &Map<String, Value>, name: &'static str) -> Result<[u8; LENGTH], JwkError> {
    bytes(members, name)?.try_into().map_err(|_| JwkError::Encoding(name))
}

fn point<const LENGTH: usize>(members: &Map<String, Value>) -> Result<Vec<u8>, JwkError> {
    Ok([[4].as_slice(), &octets::<LENGTH>(members, "x")?, &octets::<LENGTH>(members, "y")?].concat())
}

/// Returns the coordinates of an uncompressed point.
fn coordinates(point: &[u8]) -> (String, String) {
    let body = point.get(1..).unwrap_or_default();
    let (x, y) = body.split_at_checked(body.len() / 2).unwrap_or_default();
    (base64url(x), base64url(y))
}

/// Returns a key as JWK, with only the members of the key itself.
#[must_use]
pub fn to_jwk(key: &PublicKey) -> Value {
    let ec = |curve: &str, point: &[u8]| {
        let (x, y) = coordinates(point);
        json!({"kty": "EC", "crv": curve, "x": x, "y": y})
    };
    match key {
        PublicKey::Rsa { n, e } => json!({"kty": "RSA", "n": base64url(n), "e": base64url(e)}),
        PublicKey::P256(point) => ec("P-256", point),
        PublicKey::P384(point) => ec("P-384", point),
        PublicKey::Ed25519(key) => json!({"kty": "OKP", "crv": "Ed25519", "x": base64url(key)}),
        PublicKey::X25519(key) => json!({"kty": "OKP", "crv": "X25519", "x": base64url(key)}),
    }
}

/// Returns the SHA-256 thumbprint of a key, base64url.
///
/// Source: RFC 7638 section 3 (the members sorted by name, without whitespace); RFC 8037 section 2 for OKP.
#[must_use]
pub fn thumbprint(key: &PublicKey) -> String {
    let ec = |curve: &str, point: &[u8]| {
        let (x, y) = coordinates(point);
        format!(r#"{{"crv":"{curve}","kty":"EC","x":"{x}","y":"{y}"}}"#)
    };
    let okp = |curve: &str, key: &[u8]| format!(r#"{{"crv":"{curve}","kty":"OKP","x":"{}"}}"#, base64url(key));
    let canonical = match key {
        PublicKey::Rsa { n, e } => format!(r#"{{"e":"{}","kty":"RSA","n":"{}"}}"#, base64url(e), base64url(n)),
        PublicKey::P256(point) => ec("P-256", point),
        PublicKey::P384(point) => ec("P-384", point),
        PublicKey::Ed25519(key) => okp("Ed25519", key),
        PublicKey::X25519(key) => okp("X25519", key),
    };
    base64url(digest(&SHA256, canonical.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Source: RFC 7638 section 3.1.
    #[test]
    fn the_published_thumbprint_comes_out() {
        let jwk = json!({"kty": "RSA", "n": "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw", "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"});

        let key = read_jwk(&jwk, KeyUse::Signing).unwrap();

        assert_eq!(key.describe(), "RSA 2048");
        assert_eq!(thumbprint(&key), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs");
    }

    /// Source: RFC 8037 appendix A.2 and A.3; appendix A.6 for the X25519 key.
    #[test]
    fn octet_keys_are_read() {
        let ed = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        let x = json!({"kty": "OKP", "crv": "X25519", "x": "3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"});

        assert_eq!(thumbprint(&read_jwk(&ed, KeyUse::Signing).unwrap()), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(read_jwk(&x, KeyUse::Encryption).unwrap().describe(), "X25519");
    }

    /// Source: RFC 7517 appendix A.1 (public) and A.2 (private).
    #[test]
    fn private_keys_are_refused_as_leaked_and_others_by_name() {
        let public = json!({"kty": "EC", "crv": "P-256", "x": "MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4", "y": "4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM", "use": "enc", "kid": "1"});
        let with = |name: &str, value: Value| {
            let mut jwk = public.clone();
            jwk[name] = value;
            read_jwk(&jwk, KeyUse::Encryption).unwrap_err()
        };

        let key = read_jwk(&public, KeyUse::Encryption).unwrap();
        assert_eq!(to_jwk(&key), json!({"kty": "EC", "crv": "P-256", "x": public["x"], "y": public["y"]}));
        assert_eq!(PublicKey::from_spki(&key.to_spki()).unwrap(), key);
        assert_eq!(PublicKey::from_pem(&key.to_pem()).unwrap(), key);
        assert_eq!(with("d", json!("870MB6gfuTJ4HtUnUvYMyJpr5eUZNP4Bk43bVdj3eAE")), JwkError::Private("d"));
        assert_eq!(with("x", json!("AAAA")), JwkError::Encoding("x"));
        assert_eq!(with("y", public["x"].clone()), JwkError::Key(PublicKeyError::Point));
        assert_eq!(with("crv", json!("P-521")), JwkError::Kind);
        assert_eq!(with("kty", json!("oct")), JwkError::Kind);
        assert_eq!(with("extra", json!(1)), JwkError::Unknown("extra".to_owned()));
        assert_eq!(read_jwk(&public, KeyUse::Signing).unwrap_err(), JwkError::OtherUse);
        assert_eq!(read_jwk(&json!({"kty": "oct", "k": "AAAA"}), KeyUse::Signing).unwrap_err(), JwkError::Private("k"));
    }

    #[test]
    fn weak_keys_are_refused() {
        let rsa = |n: usize, e: &[u8]| PublicKey::rsa(&vec![0xff; n], e);

        assert_eq!(rsa(255, &[1, 0, 1]), Err(PublicKeyError::RsaSize(2_040)));
        assert_eq!(rsa(1_025, &[1, 0, 1]), Err(PublicKeyError::RsaSize(8_200)));
        assert_eq!(rsa(256, &[3]), Err(PublicKeyError::RsaParameters));
        assert_eq!(rsa(256, &[1, 0, 0]), Err(PublicKeyError::RsaParameters));
        // The identity point; every signature is valid for it.
        let mut identity = [0; 32];
        identity[0] = 1;
        assert_eq!(PublicKey::ed25519(identity), Err(PublicKeyError::Point));
    }

    proptest! {
        #[test]
        fn reading_never_panics(kty in "EC|OKP|RSA|\\PC*", crv in "P-256|Ed25519|X25519|\\PC*", x in "[A-Za-z0-9_-]{0,90}|\\PC*", y in "\\PC*") {
            let _ = read_jwk(&json!({"kty": kty, "crv": crv, "x": x, "y": y}), KeyUse::Signing);
            let _ = read_jwk(&json!({"kty": kty, "n": x, "e": y}), KeyUse::Encryption);
        }
    }
}
