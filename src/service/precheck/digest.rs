//! Digests of what was asked and answered: SHA-256 over canonical JSON (RFC 8785), so that whoever kept the texts can show that
//! they are those that were recorded, whatever the order and spacing of members.

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

use crate::service::ServiceError;

/// Digests of a pre-check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrecheckDigests {
    /// Of the request as it was sent.
    pub request: [u8; 32],
    /// Of the answer, its receipt null.
    pub answer: [u8; 32],
}

/// Returns the digest of a value's canonical JSON. What was read as raw text must be read as a value first.
///
/// # Errors
/// `ServiceError::Unreadable` where it has no canonical form.
pub fn canonical_digest(value: &impl Serialize) -> Result<[u8; 32], ServiceError> {
    let unreadable = |error: serde_json::Error| ServiceError::Unreadable { what: "pre-check", reason: error.to_string() };
    let canonical = serde_json_canonicalizer::to_vec(value).map_err(unreadable)?;
    let mut bytes = [0; 32];
    bytes.copy_from_slice(digest(&SHA256, &canonical).as_ref());
    Ok(bytes)
}
