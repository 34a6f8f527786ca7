//! Views of a member's own claim, the report of an import, and how often claims were asked for.

use serde::Serialize;
use utoipa::ToSchema;

use crate::claims::{ClaimState, ImportOutcome, ImportedRow, MemberClaim, MemberImport, UsageDay};
use vasp_addresses::network::NetworkTable;
use vasp_record::claim::{AddressRole, Strength, Visibility};
use vasp_words::caip::Caip10;
use vasp_words::time::{Date, UtcTime};

/// A member's own claim. Its id names this one version of the claim: the claim that replaces it has another id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MemberClaim)]
pub(crate) struct MemberClaimView {
    #[schema(example = "clm_4f1d2c3b5a697887")]
    id: String,
    /// CAIP-2; `eip155:*` if the claim is on every EVM network.
    #[schema(example = "eip155:1")]
    network: String,
    /// Canonical address.
    address: String,
    /// The memo that the claim is limited to.
    memo: Option<String>,
    /// CAIP-10 account; null if the address is too long for CAIP-10, or if the claim is on every EVM network.
    caip10: Option<String>,
    role: AddressRole,
    strength: Strength,
    visibility: Visibility,
    /// Ids of the organisations that may see the claim, including your own. Empty unless the visibility is `named`.
    named: Vec<String>,
    state: ClaimState,
    /// `member_attestation`, `proof_of_control`, or `contested_end`: the last version of a claim that ended while others contradicted it.
    method: String,
    /// Since when the VASP claims the address without a break. Changing, renewing or proving the claim does not alter this time.
    asserted_at: Option<UtcTime>,
    /// When the address's key signed; null if it has not signed.
    verified_at: Option<UtcTime>,
    /// When the claim expires; null if it does not.
    expires_at: Option<UtcTime>,
    /// When the claim ended; null if it has not.
    ended_at: Option<UtcTime>,
    /// Number of the batch that the claim was made in.
    batch: i64,
    /// Id of the claim that this one replaced; null if there is none.
    replaces: Option<String>,
    /// Id of the claim that replaced this one; null if there is none.
    replaced_by: Option<String>,
}

impl From<&MemberClaim> for MemberClaimView {
    fn from(claim: &MemberClaim) -> Self {
        let network = NetworkTable::embedded().by_number(claim.network).map(|network| &network.caip2);
        let caip10 = network.and_then(|network| Caip10::new(network.clone(), &claim.address).ok());
        Self {
            id: claim.id.clone(),
            network: NetworkTable::embedded().name_of(claim.network).unwrap_or_default().to_owned(),
            address: claim.address.clone(),
            memo: claim.memo.clone(),
            caip10: caip10.map(|account| account.to_string()),
            role: claim.standing.role,
            strength: claim.standing.strength,
            visibility: claim.standing.seen.visibility,
            named: claim.standing.seen.named.iter().map(ToString::to_string).collect(),
            state: claim.state,
            method: claim.method.clone(),
            asserted_at: claim.asserted_at,
            verified_at: claim.verified_at,
            expires_at: claim.standing.expires_at,
            ended_at: claim.ended_at,
            batch: claim.batch,
            replaces: claim.replaces.clone(),
            replaced_by: claim.replaced_by.clone(),
        }
    }
}

/// A new claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NewMemberClaim)]
pub(crate) struct AttestedView {
    #[serde(flatten)]
    pub(crate) claim: MemberClaimView,
    /// True if another party's claim, which you may see, contradicts this one. Then a case decides.
    pub(crate) disputed: bool,
}

/// The report of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MemberImport)]
pub(crate) struct MemberImportView {
    /// Number of the batch with the rows that are valid, as far as you may know. Null if there are no such rows.
    batch: Option<i64>,
    /// Number of the batch with the rows that are reported to wait for a reviewer. Null if there are no such rows.
    pending_batch: Option<i64>,
    added: usize,
    unchanged: usize,
    conflicts: usize,
    /// Number of rows that contradict other parties' claims beyond your allowance. They take effect when a reviewer allows them.
    pending: usize,
    rejected: usize,
    /// The outcome of each row, in order.
    rows: Vec<ImportedRow>,
}

impl From<&MemberImport> for MemberImportView {
    fn from(report: &MemberImport) -> Self {
        let count = |outcome| report.rows.iter().filter(|row| row.outcome == outcome).count();
        Self {
            batch: report.batch,
            pending_batch: report.pending_batch,
            added: count(ImportOutcome::Added),
            unchanged: count(ImportOutcome::Unchanged),
            conflicts: count(ImportOutcome::Conflict),
            pending: count(ImportOutcome::Pending),
            rejected: count(ImportOutcome::Rejected),
            rows: report.rows.clone(),
        }
    }
}

/// How often a claim was asked for on one day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClaimUsageDay)]
pub(crate) struct UsageDayView {
    /// The day (UTC).
    date: Date,
    asked: AskedView,
}

/// A count, or the words "fewer than 3".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(untagged)]
#[schema(as = AskedCount)]
pub(crate) enum AskedView {
    /// Fewer than 3, or zero. The registry does not reveal single customers.
    #[schema(example = "fewer than 3")]
    Few(&'static str),
    /// The number of requests.
    Count(u64),
}

/// How often a claim was asked for, on each of the last thirty days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClaimUsage)]
pub(crate) struct UsageView {
    days: Vec<UsageDayView>,
}

impl UsageView {
    /// Builds the view from days.
    pub(crate) fn of(days: &[UsageDay]) -> Self {
        let day = |day: &UsageDay| UsageDayView {
            date: day.date,
            asked: day.asked.map_or(AskedView::Few("fewer than 3"), AskedView::Count),
        };
        Self { days: days.iter().map(day).collect() }
    }
}
