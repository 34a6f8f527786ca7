//! What the registry signs with its own keys, and how long a key that was replaced may still be met.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use vasp_words::time::serde_as_text;

/// How long the key before may still sign after its successor began, in seconds: a node that has not heard from its database for
/// longer answers nothing.
///
/// Source: design, "Stores and scale" (after 60 s it answers 503).
pub const OVERLAP_SECS: i64 = 60;

/// How far the clocks of nodes may differ, in seconds, when a moment of signing is held against the time of a key.
pub const CLOCK_LEEWAY_SECS: i64 = 60;

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SigningPurpose {
    /// Receipts of pre-checks.
    Receipt,
    /// Checkpoints of the log.
    Checkpoint,
}

/// The text names no purpose.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither `receipt` nor `checkpoint`")]
pub struct SigningPurposeError(String);

impl SigningPurpose {
    /// Every purpose.
    pub const ALL: [Self; 2] = [Self::Receipt, Self::Checkpoint];

    /// Returns the text of it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receipt => "receipt",
            Self::Checkpoint => "checkpoint",
        }
    }
}

impl fmt::Display for SigningPurpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for SigningPurpose {
    type Err = SigningPurposeError;
    fn from_str(text: &str) -> Result<Self, SigningPurposeError> {
        let known = Self::ALL.into_iter().find(|purpose| purpose.as_str() == text);
        known.ok_or_else(|| SigningPurposeError(text.chars().take(40).collect()))
    }
}

serde_as_text!(SigningPurpose);
