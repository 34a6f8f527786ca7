//! The asking organisation's own due diligence of a counterparty. Two tracks that regulators keep apart: FATF R.16 for the
//! Travel Rule, R.13 for correspondent relationships.

use vasp_words::closed_list::closed_list;

closed_list! {
    /// Where one track of the asking organisation's own due diligence stands, worst first.
    ///
    /// Source: wire contract, `due_diligence` of a pre-check.
    pub enum DueDiligenceStatus {
        /// The organisation refused to deal with it.
        Refused = "refused",
        /// The relationship was ended.
        Terminated = "terminated",
        /// The relationship is suspended.
        Suspended = "suspended",
        /// The approval has run out.
        Expired = "expired",
        /// Nothing was done yet.
        NotStarted = "not_started",
        /// Under way.
        InProgress = "in_progress",
        /// Approved with conditions.
        ApprovedWithConditions = "approved_with_conditions",
        /// Approved.
        Approved = "approved",
    }
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
}
