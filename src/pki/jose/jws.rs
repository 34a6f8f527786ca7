//! Checks that a compact JWS was made with a given key, over exactly the expected text; and makes one that carries its public key.

use aws_lc_rs::signature::{
    self, ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ED25519, RsaParameters, RsaPublicKeyComponents, UnparsedPublicKey,
};
use serde_json::{Map, Value, json};
use vasp_record::message_key::KeyUse;

use super::{base64url, from_base64url, read_jwk, to_jwk};
use crate::{PublicKey, SigningKey};

/// The maximum size of a JWS: a challenge, and a signature of RSA with 8,192 bits.
const JWS_BYTES_MAX: usize = 8 * 1024;

/// Why a JWS is not accepted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JwsError {
    /// The text is not three parts in base64url.
    #[error("this is not a compact JWS: it must have three parts in base64url, with dots between them")]
    Unreadable,
    /// The header asks for a feature that is not supported here.
    #[error("the JWS header has the member `{0}`, which is not accepted")]
    Header(&'static str),
    /// The algorithm is not that of the key.
    #[error("the JWS header names the wrong algorithm: this key signs with {0}")]
    Algorithm(&'static str),
    /// The signed text is not the challenge.
    #[error("another text was signed: the payload must be exactly the challenge")]
    Payload,
    /// The signature is not valid.
    #[error("the signature was not made with this key")]
    Signature,
}

/// Checks a compact JWS over `payload` against a key.
///
/// Source: RFC 7515 section 5.2; algorithms of RFC 7518 section 3.1, RFC 8037 section 3.1 and RFC 9864 section 2.2.
///
/// # Errors
/// Every `JwsError`.
pub fn verify_compact(jws: &str, key: &PublicKey, payload: &[u8]) -> Result<(), JwsError> {
    let parts: Vec<&str> = jws.split('.').collect();
    let [header, body, signature] = parts.as_slice() else { return Err(JwsError::Unreadable) };
    if jws.len() > JWS_BYTES_MAX {
        return Err(JwsError::Unreadable);
    }
    let decoded = |part: &str| from_base64url(part).ok_or(JwsError::Unreadable);
    let members: Map<String, Value> = serde_json::from_slice(&decoded(header)?).map_err(|_| JwsError::Unreadable)?;
    if let Some(name) = ["crit", "b64"].into_iter().find(|name| members.contains_key(*name)) {
        return Err(JwsError::Header(name));
    }
    let algorithm = members.get("alg").and_then(Value::as_str).ok_or(JwsError::Unreadable)?;
    if decoded(body)? != payload {
        return Err(JwsError::Payload);
    }
    let signature = decoded(signature)?;
    let signed = format!("{header}.{body}");
    let fits = match (key, algorithm) {
        (PublicKey::P256(point), "ES256") => {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(signed.as_bytes(), &signature)
        }
        (PublicKey::P384(point), "ES384") => {
            UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, point).verify(signed.as_bytes(), &signature)
        }
        (PublicKey::Ed25519(key), "EdDSA" | "Ed25519") => {
            UnparsedPublicKey::new(&ED25519, key).verify(signed.as_bytes(), &signature)
        }
        (PublicKey::Rsa { n, e }, algorithm) => {
            let parameters = rsa_parameters(algorithm).ok_or(JwsError::Algorithm("PS256"))?;
            RsaPublicKeyComponents { n, e }.verify(parameters, signed.as_bytes(), &signature)
        }
        (PublicKey::P256(_), _) => return Err(JwsError::Algorithm("ES256")),
        (PublicKey::P384(_), _) => return Err(JwsError::Algorithm("ES384")),
        (PublicKey::Ed25519(_), _) => return Err(JwsError::Algorithm("EdDSA")),
        (PublicKey::X25519(_), _) => return Err(JwsError::Algorithm("none")),
    };
    fits.map_err(|_| JwsError::Signature)
}

/// Signs a text. The header says what is signed (`typ`), and carries the public key.
///
/// Source: RFC 7515 section 7.1; `jwk` of section 4.1.3.
#[must_use]
pub fn sign_compact(key: &SigningKey, typ: &str, payload: &[u8]) -> String {
    let header = json!({"alg": "EdDSA", "jwk": to_jwk(&PublicKey::Ed25519(*key.public_key())), "typ": typ});
    let signed = format!("{}.{}", base64url(header.to_string()), base64url(payload));
    let signature = base64url(key.sign(signed.as_bytes()));
    format!("{signed}.{signature}")
}

/// Returns the public key that the header of a compact JWS carries; `None` if there is none, or `typ` is another. This checks no signature,
/// and says nothing of whose key it is.
#[must_use]
pub fn carried_key(jws: &str, typ: &str) -> Option<PublicKey> {
    let header = jws.split('.').next().filter(|header| header.len() <= JWS_BYTES_MAX)?;
    let members: Map<String, Value> = serde_json::from_slice(&from_base64url(header)?).ok()?;
    if members.get("typ").and_then(Value::as_str) != Some(typ) {
        return None;
    }
    read_jwk(members.get("jwk")?, KeyUse::Signing).ok()
}

fn rsa_parameters(algorithm: &str) -> Option<&'static RsaParameters> {
    Some(match algorithm {
        "RS256" => &signature::RSA_PKCS1_2048_8192_SHA256,
        "RS384" => &signature::RSA_PKCS1_2048_8192_SHA384,
        "RS512" => &signature::RSA_PKCS1_2048_8192_SHA512,
        "PS256" => &signature::RSA_PSS_2048_8192_SHA256,
        "PS384" => &signature::RSA_PSS_2048_8192_SHA384,
        "PS512" => &signature::RSA_PSS_2048_8192_SHA512,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: RFC 7515 appendix A.3: header, payload, signature and key.
    const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";
    const PAYLOAD: &str = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";

    fn es256_key() -> PublicKey {
        let jwk = json!({"kty": "EC", "crv": "P-256", "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"});
        read_jwk(&jwk, KeyUse::Signing).unwrap()
    }

    #[test]
    fn a_published_signature_is_taken_over_its_text_only() {
        let key = es256_key();

        assert_eq!(verify_compact(ES256, &key, PAYLOAD.as_bytes()), Ok(()));
        assert_eq!(verify_compact(ES256, &key, b"another"), Err(JwsError::Payload));
        assert_eq!(verify_compact(&ES256.replace("DtEh", "DtEi"), &key, PAYLOAD.as_bytes()), Err(JwsError::Signature));
        assert_eq!(verify_compact(ES256.split_at(100).0, &key, PAYLOAD.as_bytes()), Err(JwsError::Unreadable));
    }

    /// Source: RFC 8037 appendix A.4.
    #[test]
    fn a_published_ed25519_signature_is_taken() {
        let jws = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";
        let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"});
        let key = read_jwk(&jwk, KeyUse::Signing).unwrap();

        assert_eq!(verify_compact(jws, &key, b"Example of Ed25519 signing"), Ok(()));
        assert_eq!(verify_compact(jws, &es256_key(), b"Example of Ed25519 signing"), Err(JwsError::Algorithm("ES256")));
    }

    #[test]
    fn what_carries_its_key_is_checked_with_that_key_and_for_what_it_signs() {
        let pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n-----END PRIVATE KEY-----\n";
        let signing = SigningKey::from_pem(pem).unwrap();

        let jws = sign_compact(&signing, "a+jws", b"text");

        let key = carried_key(&jws, "a+jws").unwrap();
        assert_eq!(key, PublicKey::Ed25519(*signing.public_key()));
        assert_eq!(verify_compact(&jws, &key, b"text"), Ok(()));
        assert_eq!(verify_compact(&jws, &key, b"texts"), Err(JwsError::Payload));
        assert_eq!(carried_key(&jws, "b+jws"), None);
        assert_eq!(carried_key(ES256, "a+jws"), None);
        assert_eq!(carried_key("", "a+jws"), None);
    }

    #[test]
    fn headers_that_ask_for_more_or_for_nothing_are_refused() {
        let with = |header: &str| format!("{}.{}", super::super::base64url(header), ES256.split_once('.').unwrap().1);
        let check = |header: &str| verify_compact(&with(header), &es256_key(), PAYLOAD.as_bytes());

        assert_eq!(check(r#"{"alg":"ES256","crit":["b64"],"b64":false}"#), Err(JwsError::Header("crit")));
        assert_eq!(check(r#"{"alg":"ES256","b64":true}"#), Err(JwsError::Header("b64")));
        for algorithm in ["none", "HS256", "RS256", "ES384"] {
            assert_eq!(check(&format!(r#"{{"alg":"{algorithm}"}}"#)), Err(JwsError::Algorithm("ES256")), "{algorithm}");
        }
        assert_eq!(check("{}"), Err(JwsError::Unreadable));
    }
}
