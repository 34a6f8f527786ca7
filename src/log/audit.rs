//! Events of the private audit chain: who did, or tried, what. Private to the organisation they belong to and to operators;
//! never part of the public log. Hashing is `transparency`, rows are `store`.

use rand_core::RngCore;
use serde_json::Value;
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

closed_list! {
    /// How an attempt ended.
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
    /// Id of the organisation whose event it is; none for the registry itself.
    pub organisation: Option<String>,
    /// Id of the user; none for the registry itself and for the command line.
    pub actor: Option<String>,
    /// Id of the credential that was used.
    pub credential: Option<String>,
    /// What was done, such as `vasp.submit`.
    pub action: String,
    /// Id of what it was done to.
    pub subject: Option<String>,
    /// How it ended.
    pub outcome: AuditOutcome,
    /// Details: no secrets. No floats, integers below 2^53.
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
    /// Place in the chain, from 1 without gaps.
    pub number: i64,
    /// When.
    pub at: UtcTime,
    /// The event; its payload is in `payload`.
    pub event: AuditEvent,
    /// 32 random bytes that hide the payload behind its commitment, so that it can be erased later.
    pub salt: [u8; 32],
    /// The payload in RFC 8785 form.
    pub payload: String,
    /// SHA-256(salt ‖ payload).
    pub commitment: [u8; 32],
    /// SHA-256(hash before ‖ canonical form of all but the payload).
    pub hash: [u8; 32],
}

/// The payload cannot be written in RFC 8785 form.
#[derive(Debug, thiserror::Error)]
#[error("a change's payload cannot be written canonically: {0}")]
pub struct SealError(pub String);

/// Chains events after a head. Given to the store when it is opened.
pub trait ChainEvents {
    /// Returns the sealed events, in order, and the head after the last of them.
    ///
    /// # Errors
    /// [`SealError`] where a payload has no canonical form.
    fn chain(
        &self,
        head: &AuditHead,
        events: Vec<AuditEvent>,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<(Vec<SealedEvent>, AuditHead), SealError>;
}
