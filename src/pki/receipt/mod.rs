//! Receipts: what a pre-check answered, signed so that it can be checked years later without the registry. A compact JWS over the
//! digests of request and answer and all that the answer rests on. Signing asks nobody; checking is `verify`.

mod canonical;
mod jwks;
mod verify;

pub use canonical::{DigestError, answer_digest, json_digest, strict_json};
pub use jwks::{JwksError, PublishedKey, PublishedKeys};
pub use verify::{Finding, Part, Unreadable, Verdict, Verified, verify};

use serde::{Deserialize, Serialize};

use super::SigningKey;
use super::jose::base64url;

/// What the header of a receipt says that it is, so that nothing else that was signed is taken for one.
///
/// Source: RFC 8725 section 3.11.
const TYPE: &str = "precheck-receipt+jwt";

/// What a receipt says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The registry's own public name.
    pub iss: String,
    /// When it was signed, seconds since the epoch.
    pub iat: i64,
    /// Id of the recorded pre-check.
    pub precheck_id: String,
    /// Digest of the request as it was sent.
    pub request_digest: String,
    /// Digest of the answer without its receipt.
    pub answer_digest: String,
    /// What was recommended.
    pub recommendation: String,
    /// The directory's sequence that the answer rests on.
    pub sequence: i64,
    /// The newest signed checkpoint of the log, which covers that sequence.
    pub checkpoint: ReceiptCheckpoint,
    /// Policy, `name@version`.
    pub policy: String,
    /// Version of the rulebook.
    pub rulebook: String,
    /// Program that computed the answer.
    pub engine: String,
}

/// A checkpoint, as a receipt names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptCheckpoint {
    /// How many changes it covers.
    pub size: i64,
    /// The root of their tree, base64.
    pub root: String,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

/// Signs receipts with one key.
#[derive(Debug)]
pub struct ReceiptSigner {
    key: SigningKey,
    header: String,
}

impl ReceiptSigner {
    /// Makes a signer.
    ///
    /// # Errors
    /// `serde_json::Error` where the header cannot be written.
    pub fn new(key: SigningKey) -> Result<Self, serde_json::Error> {
        let header = Header { alg: "EdDSA".to_owned(), kid: key.id().to_owned(), typ: TYPE.to_owned() };
        let header = base64url(serde_json::to_vec(&header)?);
        Ok(Self { key, header })
    }

    /// Returns the id of its key.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.key.id()
    }

    /// Signs a receipt: a compact JWS.
    ///
    /// Source: RFC 7515 section 5.1; RFC 8037 section 3.1.
    ///
    /// # Errors
    /// `serde_json::Error` where it cannot be written.
    pub fn sign(&self, receipt: &Receipt) -> Result<String, serde_json::Error> {
        let mut jws = format!("{}.{}", self.header, base64url(serde_json::to_vec(receipt)?));
        let signature = self.key.sign(jws.as_bytes());
        jws.push('.');
        jws.push_str(&base64url(signature));
        Ok(jws)
    }
}
