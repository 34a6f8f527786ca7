//! What the registry signs with its own keys, and how long signatures of a replaced key may still occur.

use vasp_words::closed_list::closed_list;

/// How long the previous key may still sign after its successor starts, in seconds. A node without contact to its database for a
/// longer time gives no answers.
///
/// Source: docs/nodes.md, "What happens when" (after 60 s it answers 503).
pub const OVERLAP_SECS: i64 = 60;

/// The allowed difference between the clocks of nodes, in seconds, when a time of signing is compared with the validity of a key.
pub const CLOCK_LEEWAY_SECS: i64 = 60;

closed_list! {
    /// The purpose of a signing key.
    pub enum SigningPurpose {
        /// Receipts of pre-checks.
        Receipt = "receipt",
        /// Checkpoints of the log.
        Checkpoint = "checkpoint",
    }
}
