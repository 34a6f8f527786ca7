//! Changes of the log, as the rest of the registry sees them: what to append, and the sealed result. `envelope` does the sealing (salts,
//! commitments, tree); `store` keeps the rows.

mod payload;

use super::audit::{ChainEvents, SealError};
use rand_core::RngCore;
use vasp_record::claim::Visibility;
use vasp_words::closed_list::closed_list;
use vasp_words::time::UtcTime;

pub use payload::{
    AuthorityChange, ChangeKind, ClaimBatchAdded, ClaimBatchEnded, ClaimsEnded, DocumentRead, EvidenceCount, FactChange,
    HexBytes, LeiRecordsRead, LogRestored, Payload, PayloadError, RecordChange, RecordKind, RowCount, SigningKeyChange,
    SnapshotRead, SubAccountChange,
};

closed_list! {
    /// Who may read a change's payload. Everybody may read envelopes.
    pub enum Audience {
        /// Everybody.
        Public = "public",
        /// The registry's operators.
        Operator = "operator",
    }
}

/// The log shows claims with limited visibility to operators only.
impl From<Visibility> for Audience {
    fn from(visibility: Visibility) -> Self {
        if visibility == Visibility::Public { Self::Public } else { Self::Operator }
    }
}

/// One change to append.
#[derive(Clone, Debug, PartialEq)]
pub struct NewChange {
    /// Who may read the payload.
    pub audience: Audience,
    /// Number of the VASP that it is about, for that VASP's history; `None` if it is about no single VASP.
    pub subject: Option<i64>,
    /// What changed.
    pub payload: Payload,
}

impl NewChange {
    /// Makes a change that is about no single VASP and that everybody may read.
    #[must_use]
    pub fn public(payload: Payload) -> Self {
        Self { audience: Audience::Public, subject: None, payload }
    }

    /// Makes a change about claims, for the audience that may see them.
    #[must_use]
    pub fn of_claims(seen_by: Audience, payload: Payload) -> Self {
        Self { audience: seen_by, subject: None, payload }
    }

    /// Makes a change of one VASP's record, given by the record's number. Everybody may read it, except screening decisions: these are for
    /// operators only.
    #[must_use]
    pub fn of_vasp(number: i64, payload: Payload) -> Self {
        let audience = match payload.kind() {
            ChangeKind::ScreeningDecided => Audience::Operator,
            _ => Audience::Public,
        };
        Self { audience, subject: Some(number), payload }
    }
}

/// The end of the log: the number of changes, when the last was recorded, and the tree's frontier.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogHead {
    /// Sequence of the last change; 0 for an empty log.
    pub sequence: i64,
    /// When the last change was recorded, in microseconds since the epoch; 0 for an empty log.
    pub recorded_at_micros: i64,
    /// Roots of the perfect subtrees that make up the tree, largest first, 32 bytes each.
    pub frontier: Vec<u8>,
}

/// A change ready to be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedChange {
    /// Position in the log, from 1 without gaps.
    pub sequence: i64,
    /// Kind of the change.
    pub kind: &'static str,
    /// Who may read the payload.
    pub audience: &'static str,
    /// When it was recorded.
    pub recorded_at: UtcTime,
    /// SHA-256(salt ‖ payload).
    pub payload_commitment: [u8; 32],
    /// 32 random bytes that hide the payload behind its commitment.
    pub salt: [u8; 32],
    /// The payload in RFC 8785 form.
    pub payload: String,
    /// Number of the VASP that it is about; `None` if it is about no single VASP.
    pub subject: Option<i64>,
}

/// Seals changes after a head. The store gets an implementation when it is opened.
pub trait SealChanges: ChainEvents + Send + Sync {
    /// Returns the sealed changes, in order, and the head after the last of them.
    ///
    /// The `recorded_at` of each is `max(head + 1 µs, now)`, so that a time maps to exactly one sequence even if the clock jumps back.
    ///
    /// # Errors
    /// `SealError` if a payload has no canonical form.
    fn seal(
        &self,
        head: &LogHead,
        changes: Vec<NewChange>,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<(Vec<SealedChange>, LogHead), SealError>;
}
