//! The asking organisation's own due diligence of a counterparty. Regulators keep two tracks apart: FATF R.16 for the Travel Rule and R.13
//! for correspondent relationships.

use vasp_words::closed_list::closed_list;

closed_list! {
    /// The status of one track of the asking organisation's own due diligence, worst first.
    pub enum DueDiligenceStatus {
        /// The organisation refused to deal with the counterparty.
        Refused = "refused",
        /// The organisation ended the relationship.
        Terminated = "terminated",
        /// The relationship is suspended.
        Suspended = "suspended",
        /// The approval has expired.
        Expired = "expired",
        /// The due diligence has not started.
        NotStarted = "not_started",
        /// The due diligence is in progress.
        InProgress = "in_progress",
        /// The organisation approved the counterparty with conditions.
        ApprovedWithConditions = "approved_with_conditions",
        /// The organisation approved the counterparty.
        Approved = "approved",
    }
}

/// What a status means for the counterparty, worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StatusClass {
    /// The organisation must not deal with the counterparty.
    Closed,
    /// Nobody has decided yet.
    Undecided,
    /// The organisation may deal with the counterparty.
    Approval,
}

impl DueDiligenceStatus {
    /// Returns what the status means for the counterparty.
    #[must_use]
    pub fn class(self) -> StatusClass {
        match self {
            Self::Refused | Self::Terminated | Self::Suspended | Self::Expired => StatusClass::Closed,
            Self::NotStarted | Self::InProgress => StatusClass::Undecided,
            Self::ApprovedWithConditions | Self::Approved => StatusClass::Approval,
        }
    }

    /// Tells whether the organisation may deal with the counterparty, perhaps with conditions.
    #[must_use]
    pub fn is_approval(self) -> bool {
        self.class() == StatusClass::Approval
    }
}
