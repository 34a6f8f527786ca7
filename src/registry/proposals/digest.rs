//! The one recipe of a proposal's digest: SHA-256 over the RFC 8785 form of what is proposed, by whom, why, in which words and on
//! which ground, with the random salt that lies in the proposal, so that the digest, which traces keep, tells nothing to whoever guesses.

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

/// Works the digest out, in hex.
///
/// # Errors
/// `ServiceError::Unreadable` where something has no canonical form.
pub(super) fn digest_of<C: Serialize, G: Serialize>(
    (kind, subject): (ProposalKind, &str),
    (proposed_by, proposed_at): (UserId, UtcTime),
    told: &Told<C>,
    ground: &G,
) -> Result<String, ServiceError> {
    let Told { content, reason, says, salt, .. } = told;
    let covered =
        Covered { kind: kind.as_str(), subject, proposed_by, proposed_at, content, reason, says, salt: salt.as_str(), ground };
    let text = serde_json_canonicalizer::to_vec(&covered)
        .map_err(|error| ServiceError::Unreadable { what: "proposal", reason: error.to_string() })?;
    Ok(hex::encode(digest(&SHA256, &text).as_ref()))
}
