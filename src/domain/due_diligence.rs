//! The asking organisation's own due diligence of a counterparty. Two tracks that regulators keep apart: FATF R.16 for the
//! Travel Rule, R.13 for correspondent relationships.

use serde::{Deserialize, Serialize};

/// Where one track stands, worst first.
///
/// Source: wire contract, `due_diligence` of a pre-check.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueDiligenceStatus {
    /// The organisation refused to deal with it.
    Refused,
    /// The relationship was ended.
    Terminated,
    /// The relationship is suspended.
    Suspended,
    /// The approval has run out.
    Expired,
    /// Nothing was done yet.
    NotStarted,
    /// Under way.
    InProgress,
    /// Approved with conditions.
    ApprovedWithConditions,
    /// Approved.
    Approved,
}
