//! What became of the transfer that a pre-check was about: which conditions were met, by whom and with what proof, and whether the transfer was
//! released, refused, returned, frozen or reported. Entries are only added, sealed under the organisation's key, and each has its line in
//! the audit chain. The recording itself never changes, so a replay knows nothing of them.
//!
//! `kept` reads and adds entries, `judged` reads what the recorded verdict demands, `proof` checks proofs, `record` is what one caller does,
//! `release` what two people decide. The rule is `vasp_rules::precheck_outcome`.
//!
//! Frozen and reported are confidential: only compliance people in a session see such entries. Nothing that others see changes with them,
//! and their line in the audit chain names neither the pre-check nor the result. Source: FATF R.21(b), tipping off.

mod judged;
mod kept;
mod proof;
mod record;
mod release;

pub(crate) use judged::SaidCondition;
pub(super) use judged::transfer_date;
pub use record::{read_outcome, record_outcome};
pub use release::{OverrideDecision, Release};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use vasp_addresses::proof::AnyProof;
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::proposal::Reason;
use vasp_rules::policy::Recommendation;
use vasp_rules::precheck_outcome::{TransactionId, TransferResult};
use vasp_words::ids::{PrecheckId, ProposalId, UserId};
use vasp_words::time::UtcTime;

/// What shows that a condition is met. It has exactly one member.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeProof {
    /// SHA-256 of a document that your organisation keeps, in hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, example = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08")]
    pub document_sha256: Option<Sha256Hex>,
    /// A signature by the key of the transfer's address, as in `proofs` of a pre-check. It was checked when it was recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub signature: Option<Value>,
    /// Another recorded pre-check of your organisation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precheck: Option<PrecheckId>,
    /// A description in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub text: Option<Reason>,
}

/// Whether a condition of the pre-check is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConditionStatement {
    /// The condition's id in the verdict.
    #[schema(example = "c1")]
    pub id: String,
    /// Whether it is met.
    pub met: bool,
    /// Who met it, or failed to; null if that was not said.
    #[schema(value_type = Option<String>, example = "Erika Muster, compliance")]
    pub by: Option<Reason>,
    /// What shows it; null if it is not met.
    pub proof: Option<OutcomeProof>,
}

/// What a caller adds.
#[derive(Clone, Debug, Default)]
pub struct NewOutcome {
    /// The conditions that it is about.
    pub conditions: Vec<ConditionStatement>,
    /// The signatures among their proofs, by the place of the condition.
    pub signatures: Vec<(usize, AnyProof)>,
    /// What became of the transfer; `None` if that is still open.
    pub result: Option<TransferResult>,
    /// The transaction.
    pub transaction: Option<TransactionId>,
    /// A remark.
    pub note: Option<Reason>,
}

/// The content of an entry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OutcomeContent {
    /// The user who recorded it, or who approved it.
    pub recorded_by: UserId,
    /// The conditions that it is about.
    pub conditions: Vec<ConditionStatement>,
    /// What became of the transfer; null if the entry is about conditions only.
    pub result: Option<TransferResult>,
    /// Id of the transaction; null if there is none.
    #[schema(value_type = Option<String>, example = "0x88df016429689c079f3b2f6ad39fa052532c56795b733da78a91ebe6a713944b")]
    pub transaction: Option<TransactionId>,
    /// A remark; of a release that two people decided, their reason. Null if there is none.
    #[schema(value_type = Option<String>)]
    pub note: Option<Reason>,
    /// The proposal by which two people released it against the answer; null if there was none.
    #[serde(rename = "override")]
    pub by_proposal: Option<ProposalId>,
}

/// One entry of an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct OutcomeEntry {
    /// When it was recorded.
    pub recorded_at: UtcTime,
    /// SHA-256 of the sealed entry. The entry's line in the audit chain has the same.
    #[schema(example = "sha256:6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b")]
    pub digest: String,
    /// Whether only compliance people see it.
    pub confidential: bool,
    /// What it says.
    #[serde(flatten)]
    pub content: OutcomeContent,
}

/// What became of the transfer that a pre-check was about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = PrecheckOutcome)]
pub struct Outcome {
    /// Id of the pre-check.
    pub precheck: PrecheckId,
    /// What it recommended.
    pub recommendation: Recommendation,
    /// Whether nobody recorded yet that the transfer was released, refused or returned.
    pub open: bool,
    /// The conditions of the verdict that are not met, by the last entry about each.
    pub open_conditions: Vec<SaidCondition>,
    /// All entries that you may see, oldest first.
    pub entries: Vec<OutcomeEntry>,
}
