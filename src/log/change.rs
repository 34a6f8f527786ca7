//! Changes of the log, as the rest of the registry sees them: what is to be appended, and what sealing makes of it.
//! The sealing itself (salts, commitments, tree) is `transparency`; the rows are `store`.

use super::audit::{ChainEvents, SealError};
use rand_core::RngCore;
use vasp_words::time::UtcTime;

/// What happened. The text of a kind is part of the log and never renamed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ChangeKind {
    /// A VASP entered the directory from a public register or a list of labels.
    VaspListed,
    /// Attributes or licences of a VASP changed.
    VaspChanged,
    /// A register's snapshot was read (also when it only confirmed what was known).
    RegisterSnapshot,
    /// A batch of claims entered.
    ClaimBatch,
    /// Claims ended.
    ClaimsEnded,
    /// Some addresses of a batch were checked.
    ClaimBatchChecked,
    /// Two people verified a VASP's record for the first time, or again after it was lifted.
    VaspVerified,
    /// A VASP is held back, or no longer dealt with.
    VaspStatusChanged,
    /// Evidence for a VASP's attributes was recorded or ended.
    EvidenceChanged,
    /// A VASP published, changed or took back where it speaks a protocol.
    EndpointChanged,
    /// A VASP's certificate was published, issued or revoked.
    CertificateChanged,
    /// A VASP's key for messages was published, replaced or revoked.
    KeyChanged,
    /// Two people decided whether a VASP is whom an entry of a screening list means.
    ScreeningDecided,
    /// The registry made an authority that issues certificates.
    AuthorityChanged,
    /// The registry began or ended the use of a key that signs receipts or checkpoints.
    SigningKeyChanged,
    /// A reference document (rulebook, lists, screening list, policy, platform hosts …) entered.
    Document,
    /// A file of GLEIF's records was read.
    LeiRecords,
}

impl ChangeKind {
    /// Returns the text in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::VaspListed => "vasp_listed",
            Self::VaspChanged => "vasp_changed",
            Self::RegisterSnapshot => "register_snapshot",
            Self::ClaimBatch => "claim_batch",
            Self::ClaimsEnded => "claims_ended",
            Self::ClaimBatchChecked => "claim_batch_checked",
            Self::VaspVerified => "vasp_verified",
            Self::VaspStatusChanged => "vasp_status_changed",
            Self::EvidenceChanged => "evidence_changed",
            Self::EndpointChanged => "endpoint_changed",
            Self::CertificateChanged => "certificate_changed",
            Self::KeyChanged => "key_changed",
            Self::ScreeningDecided => "screening_decided",
            Self::AuthorityChanged => "authority_changed",
            Self::SigningKeyChanged => "signing_key_changed",
            Self::Document => "document",
            Self::LeiRecords => "lei_records",
        }
    }
}

/// Who may read a change's payload. Envelopes are for everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Everybody.
    Public,
    /// The registry's operators.
    Operator,
}

impl Audience {
    /// Returns the text in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::Operator => "operator",
        }
    }
}

/// One change to append.
#[derive(Clone, Debug, PartialEq)]
pub struct NewChange {
    /// What happened.
    pub kind: ChangeKind,
    /// Who may read the payload.
    pub audience: Audience,
    /// Number of the VASP it is about, for its history.
    pub subject: Option<i64>,
    /// What changed. No floats, integers below 2^53.
    pub payload: serde_json::Value,
}

/// The end of the log: how many changes there are, when the last was recorded, and the tree's frontier.
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
    /// Place in the log, from 1 without gaps.
    pub sequence: i64,
    /// What happened.
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
    /// Number of the VASP it is about.
    pub subject: Option<i64>,
}

/// Turns changes into sealed ones after a head. Given to the store when it is opened.
pub trait SealChanges: ChainEvents + Send + Sync {
    /// Returns the sealed changes, in order, and the head after the last of them.
    ///
    /// `recorded_at` of each is `max(head + 1 µs, now)`, so that a time maps to exactly one sequence even if the clock
    /// jumps back.
    ///
    /// # Errors
    /// `SealError` where a payload has no canonical form.
    fn seal(
        &self,
        head: &LogHead,
        changes: Vec<NewChange>,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<(Vec<SealedChange>, LogHead), SealError>;
}
