//! What the registry signs with its own keys, and how long a key that was replaced may still be met.

use vasp_words::closed_list::closed_list;

/// How long the key before may still sign after its successor began, in seconds: a node that has not heard from its database for
/// longer answers nothing.
///
/// Source: design, "Stores and scale" (after 60 s it answers 503).
pub const OVERLAP_SECS: i64 = 60;

/// How far the clocks of nodes may differ, in seconds, when a moment of signing is held against the time of a key.
pub const CLOCK_LEEWAY_SECS: i64 = 60;

closed_list! {
    /// What a key signs.
    pub enum SigningPurpose {
        /// Receipts of pre-checks.
        Receipt = "receipt",
        /// Checkpoints of the log.
        Checkpoint = "checkpoint",
    }
}
