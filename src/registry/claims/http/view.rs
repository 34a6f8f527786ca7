//! A member's own claim as the member sees it, the report of an import, checks of batches, and how often claims were asked for.

use serde::Serialize;
use utoipa::ToSchema;

use crate::claims::{BatchCheck, BatchPick, ClaimState, ImportOutcome, ImportedRow, MemberClaim, MemberImport, UsageDay};
use vasp_addresses::network::NetworkTable;
use vasp_addresses::proof::spot_check::SpotChecked;
use vasp_record::claim::{AddressRole, Strength, Visibility};
use vasp_words::caip::Caip10;
use vasp_words::time::{Date, UtcTime};

/// What a check of some of a batch's addresses showed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SpotChecked)]
pub(crate) struct SpotCheckedView {
    /// Addresses that the registry picked.
    picked: u32,
    /// Of those, whose keys signed: all, or the check is not over.
    signed: u32,
    /// Addresses of the batch.
    of: u32,
    /// Addresses of the batch that the member controls at least, with the confidence below.
    controlled_at_least: u32,
    /// In how many of 100 checks a member with fewer is found out.
    confidence_percent: u8,
}

impl From<SpotChecked> for SpotCheckedView {
    fn from(checked: SpotChecked) -> Self {
        Self {
            picked: checked.checked,
            signed: checked.checked,
            of: checked.of,
            controlled_at_least: checked.controlled_at_least,
            confidence_percent: checked.confidence_percent,
        }
    }
}

/// A member's own claim. Its id names this one saying: what takes its place has another id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MemberClaim)]
pub(crate) struct MemberClaimView {
    #[schema(example = "clm_4f1d2c3b5a697887")]
    id: String,
    /// CAIP-2.
    #[schema(example = "eip155:1")]
    network: String,
    /// Canonical address.
    address: String,
    /// Memo that the claim is limited to.
    memo: Option<String>,
    /// CAIP-10 account; null where the address is too long for it.
    caip10: Option<String>,
    role: AddressRole,
    strength: Strength,
    visibility: Visibility,
    /// Ids of the organisations that may see it, the member's own among them; empty unless the visibility is `named`.
    named: Vec<String>,
    state: ClaimState,
    /// `member_attestation` or `proof_of_control`.
    method: String,
    /// Since when the VASP says so without a break: changing, renewing and proving a claim do not move it.
    asserted_at: Option<UtcTime>,
    /// When the address's key signed.
    verified_at: Option<UtcTime>,
    /// When it stops counting by itself.
    expires_at: Option<UtcTime>,
    /// When it ended.
    ended_at: Option<UtcTime>,
    /// Number of the batch it was made with.
    batch: i64,
    /// Id of the claim whose place it took.
    replaces: Option<String>,
    /// Id of the claim that took its place.
    replaced_by: Option<String>,
    /// What a check of its batch showed.
    spot_checked: Option<SpotCheckedView>,
}

impl From<&MemberClaim> for MemberClaimView {
    fn from(claim: &MemberClaim) -> Self {
        let network = NetworkTable::embedded().by_number(claim.network).map(|network| &network.caip2);
        let caip10 = network.and_then(|network| Caip10::new(network.clone(), &claim.address).ok());
        Self {
            id: claim.id.clone(),
            network: network.map(ToString::to_string).unwrap_or_default(),
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
            spot_checked: claim.spot_checked.map(SpotCheckedView::from),
        }
    }
}

/// A new claim.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = NewMemberClaim)]
pub(crate) struct AttestedView {
    #[serde(flatten)]
    pub(crate) claim: MemberClaimView,
    /// Whether another party's claim, which the member may see, says otherwise. Then a case decides.
    pub(crate) disputed: bool,
}

/// The report of an import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = MemberImport)]
pub(crate) struct MemberImportView {
    /// Number of the batch with the rows that count, as far as the member is told; ask for a spot check of it. Null if there are none.
    batch: Option<i64>,
    /// Number of the batch with the rows that are told to wait for a reviewer; ask for a spot check of it. Null if there are none.
    pending_batch: Option<i64>,
    added: usize,
    unchanged: usize,
    conflicts: usize,
    /// Rows that contradict other parties' claims beyond the member's allowance: they count once a reviewer looked.
    pending: usize,
    rejected: usize,
    /// What each row came to, in order.
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

/// A check of a batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = BatchCheck)]
pub(crate) struct BatchCheckView {
    batch: i64,
    /// Digest over the batch's accounts, 64 hex digits.
    digest: String,
    /// How many accounts the batch has.
    size: i64,
    /// What the registry drew, 64 hex digits: with digest and size anybody computes the picks again.
    seed: String,
    picks: Vec<BatchPick>,
    /// What the check showed; null until every pick has signed.
    spot_checked: Option<SpotCheckedView>,
}

impl From<&BatchCheck> for BatchCheckView {
    fn from(check: &BatchCheck) -> Self {
        Self {
            batch: check.batch,
            digest: check.digest.clone(),
            size: check.size,
            seed: check.seed.clone(),
            picks: check.picks.clone(),
            spot_checked: check.outcome.map(SpotCheckedView::from),
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
    /// Fewer than 3, none among them: single customers are not told of.
    #[schema(example = "fewer than 3")]
    Few(&'static str),
    /// How often.
    Count(u64),
}

/// How often a claim was asked for, each of the last thirty days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ClaimUsage)]
pub(crate) struct UsageView {
    days: Vec<UsageDayView>,
}

impl UsageView {
    /// Renders days.
    pub(crate) fn of(days: &[UsageDay]) -> Self {
        let day = |day: &UsageDay| UsageDayView {
            date: day.date,
            asked: day.asked.map_or(AskedView::Few("fewer than 3"), AskedView::Count),
        };
        Self { days: days.iter().map(day).collect() }
    }
}
