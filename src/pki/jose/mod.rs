//! Message keys in JOSE formats: public keys as JWK with their thumbprints, and proofs that somebody has the private key. A proof is a
//! signature (compact JWS), or the decryption of an encrypted text (compact JWE). Accepts public keys only.

mod jwe;
mod jwk;
mod jws;

pub use jwe::{JweError, encrypt};
pub use jwk::{JwkError, read_jwk, thumbprint, to_jwk};
pub use jws::{JwsError, carried_key, sign_compact, verify_compact};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Encodes bytes in base64url.
///
/// Source: RFC 7515 section 2, "Base64url Encoding".
pub(crate) fn base64url(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

pub(crate) fn from_base64url(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
