//! How to compute a proposal's digest: SHA-256 over the RFC 8785 form of its content, proposer, reason, text and basis, and of a random
//! salt that the proposal contains. Traces keep the digest. With the salt, nobody can guess the content from it.

use aws_lc_rs::digest::{SHA256, digest};
use serde::Serialize;

use super::record::Told;
use crate::node::ServiceError;
use vasp_record::proposal::{ProposalKind, Reason};
use vasp_words::ids::UserId;
use vasp_words::time::UtcTime;

#[derive(Serialize)]
struct Covered<'a, C, G> {
    kind: &'a str,
    subject: &'a str,
    proposed_by: UserId,
    proposed_at: UtcTime,
    content: &'a C,
    reason: &'a Reason,
    says: &'a str,
    salt: &'a str,
    ground: &'a G,
}

/// Computes the digest, in hex.
///
/// # Errors
/// `ServiceError::Unwritable` if a part has no canonical form.
pub(super) fn digest_of<C: Serialize, G: Serialize>(
    kind: ProposalKind,
    subject: &str,
    (proposed_by, proposed_at): (UserId, UtcTime),
    told: &Told<C>,
    ground: &G,
) -> Result<String, ServiceError> {
    let Told { content, reason, says, salt, .. } = told;
    let covered =
        Covered { kind: kind.as_str(), subject, proposed_by, proposed_at, content, reason, says, salt: salt.as_str(), ground };
    let text = serde_json_canonicalizer::to_vec(&covered)?;
    Ok(hex::encode(digest(&SHA256, &text).as_ref()))
}
