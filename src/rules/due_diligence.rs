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

/// What a status comes to, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusClass {
    /// The counterparty is not to be dealt with.
    Closed,
    /// Nobody decided yet.
    Undecided,
    /// It may be dealt with.
    Approval,
}

impl DueDiligenceStatus {
    /// Every status, worst first.
    pub const ALL: [Self; 8] = [
        Self::Refused,
        Self::Terminated,
        Self::Suspended,
        Self::Expired,
        Self::NotStarted,
        Self::InProgress,
        Self::ApprovedWithConditions,
        Self::Approved,
    ];

    /// Returns what it comes to.
    #[must_use]
    pub fn class(self) -> StatusClass {
        match self {
            Self::Refused | Self::Terminated | Self::Suspended | Self::Expired => StatusClass::Closed,
            Self::NotStarted | Self::InProgress => StatusClass::Undecided,
            Self::ApprovedWithConditions | Self::Approved => StatusClass::Approval,
        }
    }

    /// Tells whether it may be dealt with, perhaps under conditions.
    #[must_use]
    pub fn is_approval(self) -> bool {
        self.class() == StatusClass::Approval
    }

    /// Returns the word on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refused => "refused",
            Self::Terminated => "terminated",
            Self::Suspended => "suspended",
            Self::Expired => "expired",
            Self::NotStarted => "not_started",
            Self::InProgress => "in_progress",
            Self::ApprovedWithConditions => "approved_with_conditions",
            Self::Approved => "approved",
        }
    }
}
