//! Receipts: signed answers to pre-checks, which can be checked years later without the registry. A receipt is a compact JWS over the
//! digests of request and verdict; the verdict names everything on which it is based, and the digest of its evidence. Signing needs no other
//! system; `verify` checks receipts.

mod canonical;
mod jwks;
mod report;
mod text;
mod verify;
mod writer;

pub use canonical::{DigestError, canonical_json, digest_text, json_digest, strict_json, verdict_digest};
pub use jwks::{JwksError, PublishedKey, PublishedKeys};
pub use report::{ReportPage, ReportSeal, in_script, is_page};
pub use text::CanonicalText;
pub use verify::{Finding, Given, Part, ReceiptVerdict, Unreadable, Verified, verify, verify_report};
pub use writer::{Canonical, to_canonical, write_canonical, write_digested};

use serde::{Deserialize, Serialize};

use super::SigningKey;
use super::jose::base64url;
use vasp_record::environment::Environment;

/// The type in the header of a receipt, so that no other signed text can be taken for a receipt.
///
/// Source: RFC 8725 section 3.11.
const TYPE: &str = "precheck-receipt+jwt";

/// The content of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// The registry's own public name.
    pub iss: String,
    /// `sandbox` or `demo` if such a registry signed it; `None` for a live registry.
    pub environment: Option<Environment>,
    /// When the receipt was signed, in seconds since the epoch.
    pub iat: i64,
    /// The id of the recorded pre-check.
    pub precheck_id: String,
    /// The digest of the request as it was sent.
    pub request_digest: String,
    /// The digest of the verdict without its receipt.
    pub verdict_digest: String,
    /// The recommendation of the verdict.
    pub recommendation: String,
    /// The directory sequence on which the verdict is based.
    pub sequence: i64,
    /// The newest signed checkpoint of the log, which covers that sequence.
    pub checkpoint: ReceiptCheckpoint,
}

/// A checkpoint in a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptCheckpoint {
    /// The number of changes that the checkpoint covers.
    pub size: i64,
    /// The root of their Merkle tree, in base64.
    pub root: String,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    kid: String,
    typ: String,
}

/// Signs receipts and the seals of reports with one key.
#[derive(Debug)]
pub struct ReceiptSigner {
    key: SigningKey,
    header: String,
    seal_header: String,
}

impl ReceiptSigner {
    /// Makes a signer.
    ///
    /// # Errors
    /// `serde_json::Error` if the header cannot be written.
    pub fn new(key: SigningKey) -> Result<Self, serde_json::Error> {
        let header = |typ: &str| {
            let header = Header { alg: "EdDSA".to_owned(), kid: key.id().to_owned(), typ: typ.to_owned() };
            Ok::<_, serde_json::Error>(base64url(serde_json::to_vec(&header)?))
        };
        let (header, seal_header) = (header(TYPE)?, header(report::TYPE)?);
        Ok(Self { key, header, seal_header })
    }

    /// Returns the id of the signing key.
    #[must_use]
    pub fn key_id(&self) -> &str {
        self.key.id()
    }

    /// Signs a receipt and returns a compact JWS.
    ///
    /// Source: RFC 7515 section 5.1; RFC 8037 section 3.1.
    ///
    /// # Errors
    /// `serde_json::Error` if the receipt cannot be written.
    pub fn sign(&self, receipt: &Receipt) -> Result<String, serde_json::Error> {
        self.signed(&self.header, receipt)
    }

    /// Signs the seal of a report and returns a compact JWS.
    ///
    /// # Errors
    /// `serde_json::Error` if the seal cannot be written.
    pub fn sign_report(&self, seal: &ReportSeal) -> Result<String, serde_json::Error> {
        self.signed(&self.seal_header, seal)
    }

    fn signed(&self, header: &str, content: &impl Serialize) -> Result<String, serde_json::Error> {
        let mut jws = format!("{header}.{}", base64url(serde_json::to_vec(content)?));
        let signature = self.key.sign(jws.as_bytes());
        jws.push('.');
        jws.push_str(&base64url(signature));
        Ok(jws)
    }
}
