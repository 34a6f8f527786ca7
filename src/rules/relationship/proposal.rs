//! A change that waits for a second person, and the digest of exactly that.

use super::super::four_eyes::Actor;
use super::Change;
use serde::{Deserialize, Serialize};
use vasp_words::ids::{CredentialId, UserId};
use vasp_words::time::UtcTime;

/// What one person wants and another has to approve.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// What is to change.
    pub change: Change,
    /// Who proposed it.
    pub by: UserId,
    /// With which credential.
    pub with: String,
    /// When.
    pub at: UtcTime,
    /// Random hex, so that the digest, which the audit chain keeps, tells nothing to whoever guesses.
    pub salt: String,
    /// SHA-256 of what is proposed and of what it is proposed on, in hex.
    pub digest: String,
}

impl Proposal {
    /// Returns who proposed, for the rule of four eyes; its credential where that reads as one.
    #[must_use]
    pub fn actor(&self, credential: impl Fn(&str) -> Option<CredentialId>) -> Actor {
        Actor { user: self.by, credential: credential(&self.with) }
    }
}
