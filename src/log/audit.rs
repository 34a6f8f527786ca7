//! Events of the private audit chain: who did or tried what. Each is visible to its organisation and to operators only, and never part of
//! the public log. `audit_chain` computes the hashes; `store` keeps the rows.

use rand_core::RngCore;
use serde_json::Value;
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// The outcome of an attempt.
    pub enum AuditOutcome {
        /// It was done.
        Done = "done",
        /// It was refused and changed nothing.
        Refused = "refused",
    }
}

/// One event to append.
#[derive(Clone, Debug, PartialEq)]
pub struct AuditEvent {
    /// Id of the organisation that the event belongs to; `None` for the registry itself.
    pub organisation: Option<String>,
    /// Id of the user; `None` for the registry itself and for the command line.
    pub actor: Option<String>,
    /// Id of the credential that was used; `None` if there was none.
    pub credential: Option<String>,
    /// What was done, such as `vasp.submit`.
    pub action: String,
    /// Id of the object that was acted on; `None` if there was none.
    pub subject: Option<String>,
    /// The outcome.
    pub outcome: AuditOutcome,
    /// Details, without secrets. No floats; integers below 2^53.
    pub payload: Value,
}

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditHead {
    /// Number of the last event; 0 for an empty chain.
    pub number: i64,
    /// Its hash; 32 zero bytes for an empty chain.
    pub hash: Vec<u8>,
}

/// An event ready to be stored.
#[derive(Clone, Debug, PartialEq)]
pub struct SealedEvent {
    /// Position in the chain, from 1 without gaps.
    pub number: i64,
    /// When it was recorded.
    pub at: UtcTime,
    /// The event; its payload is in `payload`.
    pub event: AuditEvent,
    /// 32 random bytes that hide the payload behind its commitment, so that the payload can be erased later.
    pub salt: [u8; 32],
    /// The payload in RFC 8785 form.
    pub payload: String,
    /// SHA-256(salt ‖ payload).
    pub commitment: [u8; 32],
    /// SHA-256(previous hash ‖ canonical form of everything except the payload).
    pub hash: [u8; 32],
}

/// The error for a payload that cannot be written in RFC 8785 form.
#[derive(Debug, thiserror::Error)]
#[error("the payload of a change cannot be written in canonical form: {0}")]
pub struct SealError(pub String);

/// Chains events after a head. The store gets an implementation when it is opened.
pub trait ChainEvents {
    /// Returns the sealed events, in order, and the head after the last of them.
    ///
    /// # Errors
    /// [`SealError`] if a payload has no canonical form.
    fn chain(
        &self,
        head: &AuditHead,
        events: Vec<AuditEvent>,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<(Vec<SealedEvent>, AuditHead), SealError>;
}
