//! What a code says of itself: its check, its outcome, and whether another finding is its cause.

use super::{CheckCode, CheckName, CheckOutcome};

impl CheckCode {
    /// Returns the check that gives this code.
    #[must_use]
    pub fn check(self) -> CheckName {
        self.with().0
    }

    /// Tells whether it says only that no legal entity is known, which another finding is the cause of.
    #[must_use]
    pub fn is_silenced(self) -> bool {
        self.outcome() == CheckOutcome::Unknown
            && self.check() != CheckName::Attribution
            && self.as_str().ends_with(".no_counterparty")
    }

    /// Tells whether it says that the asker agreed on something with the counterparty that has to be seen to: the relationship's own
    /// conditions say what.
    #[must_use]
    pub fn tells_of_terms(self) -> bool {
        use CheckCode as C;
        matches!(
            self,
            C::TravelRuleConditionsToMeet
                | C::TravelRuleLimitUndetermined
                | C::TravelRuleFirstPartyUndetermined
                | C::CorrespondentConditionsToMeet
                | C::CorrespondentLimitUndetermined
                | C::CorrespondentFirstPartyUndetermined
        )
    }

    /// Returns the outcome this code means.
    #[must_use]
    pub fn outcome(self) -> CheckOutcome {
        self.with().1
    }
}
