//! What the changes of the log say: one closed form for each kind. This is the only place where the words of the signed,
//! permanent log are written. `docs/trust.md` has an example of each.

use serde::{Deserialize, Serialize};

use vasp_record::attestation::EndReason;
use vasp_record::claim::{Strength, Visibility};
use vasp_record::signing_key::SigningPurpose;
use vasp_words::closed_list::closed_list;
use vasp_words::ids::{AuthorityId, SubAccountId, VaspId};
use vasp_words::time::{Date, UtcTime};

macro_rules! changes {
    ($($(#[doc = $doc:literal])* $kind:ident($said:ty) = $text:literal;)*) => {
        closed_list! {
            /// What happened. The text of a kind is part of the log and never renamed.
            pub enum ChangeKind { $($(#[doc = $doc])* $kind = $text,)* }
        }

        /// What a change says, in the form of its kind. No floats, integers below 2^53.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Payload { $($(#[doc = $doc])* $kind($said),)* }

        impl Payload {
            /// Returns the kind of the change.
            #[must_use]
            pub fn kind(&self) -> ChangeKind {
                match self { $(Self::$kind(_) => ChangeKind::$kind,)* }
            }

            /// Reads a payload as it stands in the log.
            ///
            /// # Errors
            /// `PayloadError` for a kind that is not known, and for a text that does not have its form.
            pub fn read(kind: &str, text: &str) -> Result<Self, PayloadError> {
                match kind {
                    $($text => serde_json::from_str(text).map(Self::$kind).map_err(PayloadError::Form),)*
                    _ => Err(PayloadError::Kind(kind.to_owned())),
                }
            }
        }
    };
}

changes! {
    /// A VASP entered the directory from a public register or a list of labels.
    VaspListed(RecordChange) = "vasp_listed";
    /// Attributes or licences of a VASP changed.
    VaspChanged(RecordChange) = "vasp_changed";
    /// A register's snapshot was read (also when it only confirmed what was known).
    RegisterSnapshot(SnapshotRead) = "register_snapshot";
    /// A batch of claims entered.
    ClaimBatch(ClaimBatchAdded) = "claim_batch";
    /// Claims ended.
    ClaimsEnded(ClaimsEnded) = "claims_ended";
    /// All claims of a batch that counted ended.
    ClaimBatchEnded(ClaimBatchEnded) = "claim_batch_ended";
    /// Some addresses of a batch were checked.
    ClaimBatchChecked(ClaimBatchChecked) = "claim_batch_checked";
    /// A memo of one VASP's address, or every memo of it, counts as another VASP's, or no longer does. For operators only.
    SubAccount(SubAccountChange) = "sub_account";
    /// Two people verified a VASP's record for the first time, or again after it was lifted.
    VaspVerified(RecordChange) = "vasp_verified";
    /// A VASP is held back, or no longer dealt with.
    VaspStatusChanged(RecordChange) = "vasp_status_changed";
    /// Evidence for a VASP's attributes was recorded or ended.
    EvidenceChanged(RecordChange) = "evidence_changed";
    /// A VASP published, changed or took back where it speaks a protocol.
    EndpointChanged(RecordChange) = "endpoint_changed";
    /// A VASP's certificate was published, issued or revoked.
    CertificateChanged(RecordChange) = "certificate_changed";
    /// A VASP's key for messages was published, replaced or revoked.
    KeyChanged(RecordChange) = "key_changed";
    /// Two people decided whether a VASP is whom an entry of a screening list means. For operators only.
    ScreeningDecided(RecordChange) = "screening_decided";
    /// The registry made an authority that issues certificates.
    AuthorityChanged(AuthorityChange) = "authority_changed";
    /// The registry began or ended the use of a key that signs receipts or checkpoints.
    SigningKeyChanged(SigningKeyChange) = "signing_key_changed";
    /// Entries of the log were lost, and it goes on from an earlier one.
    LogRestored(LogRestored) = "log_restored";
    /// A reference document (rulebook, lists, screening list, policy, platform hosts …) entered.
    Document(DocumentRead) = "document";
    /// A file of GLEIF's records was read.
    LeiRecords(LeiRecordsRead) = "lei_records";
}

/// A kind of change that says what became of one VASP.
pub type RecordKind = fn(RecordChange) -> Payload;

/// The text is not what a change of this kind says.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// No such kind.
    #[error("`{0}` is no kind of change")]
    Kind(String),
    /// Another form.
    #[error("it does not have the form of its kind")]
    Form(#[source] serde_json::Error),
}

/// Bytes, written in hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct HexBytes(pub Vec<u8>);

impl HexBytes {
    /// Takes bytes.
    #[must_use]
    pub fn of(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }
}

impl From<HexBytes> for String {
    fn from(bytes: HexBytes) -> Self {
        hex::encode(bytes.0)
    }
}

impl TryFrom<String> for HexBytes {
    type Error = hex::FromHexError;
    fn try_from(text: String) -> Result<Self, hex::FromHexError> {
        hex::decode(text).map(Self)
    }
}

/// What became of one VASP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordChange {
    /// Whose record.
    pub vasp: VaspId,
    /// Who says so: a register, a list, a member, the registry.
    pub origin: String,
    /// File or page.
    pub source: String,
    /// Day on which it was seen to be so.
    pub observed_on: Date,
    /// The values that changed, one for each period of days.
    pub changes: Vec<FactChange>,
    /// How much evidence began to count and ended; absent where the change is not about evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceCount>,
}

/// One attribute's change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactChange {
    /// JSON pointer into the record.
    pub pointer: String,
    /// First day for which it holds; none: since unknown.
    pub valid_from: Option<Date>,
    /// First day for which it holds no longer; none: open.
    pub valid_to: Option<Date>,
    /// The value before; none: there was none, or the log does not say it.
    pub from: Option<String>,
    /// The value after; none: there is none, or the log does not say it.
    pub to: Option<String>,
}

/// How much evidence a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceCount {
    /// Pieces that count from now on.
    pub counts: usize,
    /// Pieces that no longer do.
    pub ended: usize,
}

/// A register's snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRead {
    /// Which register.
    pub register: String,
    /// Day of the snapshot.
    pub observed_on: Date,
    /// The file.
    pub source: String,
    /// SHA-256 of what the file says.
    pub sha256: HexBytes,
    /// Entities that it shows.
    pub entities: usize,
    /// Entities that the snapshot before showed and this one does not.
    pub vanished: u64,
    /// Its rows.
    pub rows: RowCount,
}

/// What became of the rows of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowCount {
    /// All of them.
    pub read: u64,
    /// Rows that said something new.
    pub taken: u64,
    /// Rows that said what was known.
    pub unchanged: u64,
    /// Rows that repeat an earlier row of the file.
    pub repeated: u64,
    /// Rows that could not be read.
    pub rejected: usize,
}

/// A batch of claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimBatchAdded {
    /// Number of the batch.
    pub batch: i64,
    /// Who says so: a list, or the id of a member's VASP.
    pub source: String,
    /// How it was learnt.
    pub method: String,
    /// How strong its claims are.
    pub strength: Strength,
    /// Who may see them.
    pub visibility: Visibility,
    /// How many there are.
    pub claims: i64,
    /// Merkle root over the salted rows.
    pub root: HexBytes,
    /// Ids of claims whose place these take; absent for a list, whose claims take no place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Vec<String>>,
}

/// Claims that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimsEnded {
    /// Their ids.
    pub claims: Vec<String>,
    /// Why.
    pub reason: EndReason,
}

/// A batch whose claims ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimBatchEnded {
    /// Number of the batch.
    pub batch: i64,
    /// How many claims counted until then.
    pub claims: i64,
    /// Why.
    pub reason: EndReason,
}

/// The outcome of a check of some addresses of a batch, so that everybody can compute it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimBatchChecked {
    /// Number of the batch.
    pub batch: i64,
    /// Digest of the batch as it was fixed.
    pub digest: HexBytes,
    /// The seed that was drawn then.
    pub seed: HexBytes,
    /// Addresses that were picked, and whose keys signed.
    pub picked: u32,
    /// Addresses of the batch.
    pub size: u32,
    /// Addresses that the member controls at least.
    pub controlled_at_least: u32,
    /// How sure that is, in percent.
    pub confidence_percent: u8,
}

/// What became of a sub-account. Which address and memo it is about is not told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubAccountChange {
    /// Its id.
    pub sub_account: SubAccountId,
    /// Whose the address is.
    pub owner: VaspId,
    /// Whose the memo is.
    pub holder: VaspId,
    /// Whether it counts from now on.
    pub counts: bool,
}

/// An authority of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum AuthorityChange {
    /// A root.
    Root {
        /// Its id.
        root: AuthorityId,
        /// SHA-256 of its certificate.
        root_sha256: HexBytes,
    },
    /// An authority below a root, which issues.
    Issuing {
        /// Its id.
        issuing: AuthorityId,
        /// Its number in order of making, from 1.
        number: i64,
        /// SHA-256 of its certificate.
        sha256: HexBytes,
        /// Id of the root.
        root: AuthorityId,
    },
}

/// A key that signs for the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum SigningKeyChange {
    /// It signs from now on.
    Begun {
        /// What it signs.
        purpose: SigningPurpose,
        /// Its id.
        kid: String,
        /// From when.
        at: UtcTime,
        /// The key, as `jwks.json` has it (RFC 7517).
        jwk: serde_json::Value,
    },
    /// Another one took over.
    Ended {
        /// What it signed.
        purpose: SigningPurpose,
        /// Its id.
        kid: String,
        /// When it stops counting.
        at: UtcTime,
    },
}

/// The log goes on from an earlier entry than was signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRestored {
    /// The last entry that there was when this was found. What follows is not what was signed before.
    pub ends: i64,
    /// How many entries were signed before, as far as known.
    pub known: i64,
    /// The root of their tree.
    pub root: HexBytes,
}

/// A version of a reference document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRead {
    /// Which document.
    pub document: String,
    /// Its version.
    pub version: String,
    /// Day that it is of.
    pub observed_on: Date,
    /// The file.
    pub source: String,
    /// SHA-256 of the file.
    pub sha256: HexBytes,
    /// Entries that it has.
    pub records: u64,
}

/// A file of GLEIF's records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeiRecordsRead {
    /// The file.
    pub source: String,
    /// Day that it is of.
    pub observed_on: Date,
    /// SHA-256 of the file.
    pub sha256: HexBytes,
    /// Records that it shows of LEIs that are kept.
    pub count: usize,
    /// Of those, records of LEIs that were not known.
    pub new: u64,
    /// Of those, records that changed.
    pub changed: u64,
}
