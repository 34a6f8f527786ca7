//! The content of log changes: one closed form for each kind. Only this file defines the words of the signed, permanent log.
//! `docs/trust.md` has an example of each.

use serde::{Deserialize, Serialize};

use vasp_record::attestation::EndReason;
use vasp_record::claim::{Strength, Visibility};
use vasp_record::register::Extent;
use vasp_record::signing_key::SigningPurpose;
use vasp_words::closed_list::closed_list;
use vasp_words::ids::{AuthorityId, SubAccountId, VaspId};
use vasp_words::time::{Date, UtcTime};

macro_rules! changes {
    ($($(#[doc = $doc:literal])* $kind:ident($said:ty) = $text:literal;)*) => {
        closed_list! {
            /// The kind of a change. The text of a kind is part of the log and never renamed.
            pub enum ChangeKind { $($(#[doc = $doc])* $kind = $text,)* }
        }

        /// The content of a change, in the form of its kind. No floats; integers below 2^53.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Payload { $($(#[doc = $doc])* $kind($said),)* }

        impl Payload {
            /// Returns the kind of the change.
            #[must_use]
            pub fn kind(&self) -> ChangeKind {
                match self { $(Self::$kind(_) => ChangeKind::$kind,)* }
            }

            /// Reads a payload from its text in the log.
            ///
            /// # Errors
            /// `PayloadError` for an unknown kind, or a text that does not have the form of its kind.
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
    /// A register's snapshot was read, even if it only confirmed what was known.
    RegisterSnapshot(SnapshotRead) = "register_snapshot";
    /// A batch of claims was added.
    ClaimBatch(ClaimBatchAdded) = "claim_batch";
    /// Claims ended.
    ClaimsEnded(ClaimsEnded) = "claims_ended";
    /// All claims of a batch that were still valid ended.
    ClaimBatchEnded(ClaimBatchEnded) = "claim_batch_ended";
    /// A memo of one VASP's address, or every memo of it, was assigned to another VASP, or the assignment ended. For operators only.
    SubAccount(SubAccountChange) = "sub_account";
    /// Two people verified a VASP's record for the first time, or again after it was lifted.
    VaspVerified(RecordChange) = "vasp_verified";
    /// The status of a VASP's record changed: for example, it was suspended, revoked or retired.
    VaspStatusChanged(RecordChange) = "vasp_status_changed";
    /// Evidence for a VASP's attributes was recorded or ended.
    EvidenceChanged(RecordChange) = "evidence_changed";
    /// A VASP published, changed or withdrew an endpoint of a protocol.
    EndpointChanged(RecordChange) = "endpoint_changed";
    /// A VASP's certificate was published, issued or revoked.
    CertificateChanged(RecordChange) = "certificate_changed";
    /// A VASP's message key was published, replaced or revoked.
    KeyChanged(RecordChange) = "key_changed";
    /// Two people decided whether a VASP is the one that a screening list entry means. For operators only.
    ScreeningDecided(RecordChange) = "screening_decided";
    /// The registry created a certificate authority.
    AuthorityChanged(AuthorityChange) = "authority_changed";
    /// The registry began or ended the use of a key that signs receipts or checkpoints.
    SigningKeyChanged(SigningKeyChange) = "signing_key_changed";
    /// Entries of the log were lost, and the log continues from an earlier one.
    LogRestored(LogRestored) = "log_restored";
    /// A version of a reference document (rulebook, lists, screening list, policy, platform hosts …) was added.
    Document(DocumentRead) = "document";
    /// A file of GLEIF's records was read.
    LeiRecords(LeiRecordsRead) = "lei_records";
}

/// A kind of change that is about one VASP's record.
pub type RecordKind = fn(RecordChange) -> Payload;

/// The error for a text that is not a valid change of its kind.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// The kind is unknown.
    #[error("`{0}` is not a kind of change")]
    Kind(String),
    /// The text does not have the form of its kind.
    #[error("it does not have the form that its kind requires")]
    Form(#[source] serde_json::Error),
}

/// Bytes, written as hex.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct HexBytes(pub Vec<u8>);

impl HexBytes {
    /// Copies bytes.
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

/// A change of one VASP's record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordChange {
    /// Id of the VASP.
    pub vasp: VaspId,
    /// Who states it: a register, a list, a member, the registry.
    pub origin: String,
    /// The file or page that states it.
    pub source: String,
    /// Day on which the source showed it.
    pub observed_on: Date,
    /// The values that changed, one for each period.
    pub changes: Vec<FactChange>,
    /// How many pieces of evidence became valid and ended; absent if the change is not about evidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceCount>,
}

/// One attribute's change.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FactChange {
    /// JSON pointer into the record.
    pub pointer: String,
    /// First day on which it is valid; `None` if unknown.
    pub valid_from: Option<Date>,
    /// First day on which it is no longer valid; `None` if open.
    pub valid_to: Option<Date>,
    /// The value before; `None` if there was none, or if the log does not record it.
    pub from: Option<String>,
    /// The value after; `None` if there is none, or if the log does not record it.
    pub to: Option<String>,
}

/// How many pieces of evidence a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EvidenceCount {
    /// Number of pieces that are valid from now on.
    pub counts: usize,
    /// Number of pieces that are no longer valid.
    pub ended: usize,
}

/// A reading of a register's snapshot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SnapshotRead {
    /// Name of the register.
    pub register: String,
    /// Day of the snapshot.
    pub observed_on: Date,
    /// The file of the snapshot.
    pub source: String,
    /// How much of the register the file has. Left out for the whole register.
    #[serde(default, skip_serializing_if = "Extent::is_whole")]
    pub extent: Extent,
    /// SHA-256 of the file's content.
    pub sha256: HexBytes,
    /// Number of entities in it.
    pub entities: usize,
    /// Number of entities that the previous snapshot showed and this one does not.
    pub vanished: u64,
    /// The outcome of its rows.
    pub rows: RowCount,
}

/// The outcome of a file's rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RowCount {
    /// Number of all rows.
    pub read: u64,
    /// Number of rows with new content.
    pub taken: u64,
    /// Number of rows whose content was already known.
    pub unchanged: u64,
    /// Number of rows that repeat an earlier row of the file.
    pub repeated: u64,
    /// Number of rows that could not be read.
    pub rejected: usize,
}

/// A new batch of claims.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimBatchAdded {
    /// Number of the batch.
    pub batch: i64,
    /// Who states it: a list, or the id of a member's VASP.
    pub source: String,
    /// The method by which it was learnt.
    pub method: String,
    /// How strong its claims are.
    pub strength: Strength,
    /// Who may see the claims.
    pub visibility: Visibility,
    /// Number of claims.
    pub claims: i64,
    /// Merkle root over the salted rows.
    pub root: HexBytes,
    /// Ids of the claims that these replace; absent for a list, whose claims replace none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Vec<String>>,
    /// Number of the batch that stands for the whole import; absent if the batch is whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<i64>,
}

/// Claims that ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimsEnded {
    /// Ids of the claims.
    pub claims: Vec<String>,
    /// Why they ended.
    pub reason: EndReason,
}

/// A batch whose claims ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimBatchEnded {
    /// Number of the batch.
    pub batch: i64,
    /// Number of claims that were valid until then.
    pub claims: i64,
    /// Why.
    pub reason: EndReason,
}

/// A change of a sub-account. The log does not show the address and memo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SubAccountChange {
    /// Id of the sub-account.
    pub sub_account: SubAccountId,
    /// The VASP that owns the address.
    pub owner: VaspId,
    /// The VASP that holds the memo.
    pub holder: VaspId,
    /// Whether it is valid from now on.
    pub counts: bool,
}

/// A new certificate authority of the registry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum AuthorityChange {
    /// A root authority.
    Root {
        /// Id of the root.
        root: AuthorityId,
        /// SHA-256 of its certificate.
        root_sha256: HexBytes,
    },
    /// An issuing authority below a root.
    Issuing {
        /// Id of the issuing authority.
        issuing: AuthorityId,
        /// Its number in order of creation, from 1.
        number: i64,
        /// SHA-256 of its certificate.
        sha256: HexBytes,
        /// Id of its root.
        root: AuthorityId,
    },
}

/// A key with which the registry signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case", deny_unknown_fields)]
pub enum SigningKeyChange {
    /// The key signs from now on.
    Begun {
        /// What it signs.
        purpose: SigningPurpose,
        /// Id of the key.
        kid: String,
        /// When it starts to sign.
        at: UtcTime,
        /// The public key, as in `jwks.json` (RFC 7517).
        jwk: serde_json::Value,
    },
    /// Another key replaced it.
    Ended {
        /// What it signed.
        purpose: SigningPurpose,
        /// Id of the key.
        kid: String,
        /// When it stops signing.
        at: UtcTime,
    },
}

/// The log continues from an entry earlier than the last one signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogRestored {
    /// The last entry that existed when the loss was found. Later entries differ from those signed before.
    pub ends: i64,
    /// Number of entries that were signed before, as far as known.
    pub known: i64,
    /// Root of the tree over those entries.
    pub root: HexBytes,
}

/// A new version of a reference document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentRead {
    /// Kind of the document.
    pub document: String,
    /// Its version.
    pub version: String,
    /// The day to which it refers.
    pub observed_on: Date,
    /// The file.
    pub source: String,
    /// SHA-256 of the file.
    pub sha256: HexBytes,
    /// Number of entries in it.
    pub records: u64,
}

/// A reading of a file of GLEIF's records.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeiRecordsRead {
    /// The file.
    pub source: String,
    /// The day to which the file refers.
    pub observed_on: Date,
    /// SHA-256 of the file.
    pub sha256: HexBytes,
    /// Number of records in it whose LEIs the registry keeps.
    pub count: usize,
    /// Number of those whose LEIs were not known before.
    pub new: u64,
    /// Number of those that changed.
    pub changed: u64,
}
