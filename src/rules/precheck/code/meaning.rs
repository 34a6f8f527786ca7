//! What a code means: its check, its outcome, and whether it only follows from another finding.

use super::{CheckCode, CheckName, CheckOutcome};
use vasp_words::closed_list::ClosedList;

impl CheckCode {
    /// Returns the check that gives this code.
    #[must_use]
    pub fn check(self) -> CheckName {
        self.with().0
    }

    /// Returns whether the code says only that no legal entity is known. Another finding is then the cause.
    #[must_use]
    pub fn is_silenced(self) -> bool {
        self.outcome() == CheckOutcome::Unknown
            && self.check() != CheckName::Attribution
            && self.as_str().ends_with(".no_counterparty")
    }

    /// Returns whether the code says that the asker has to act on something it agreed with the counterparty. The relationship's
    /// own conditions say what.
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

    /// Returns what was found, and what it means.
    #[must_use]
    pub fn found(self) -> &'static str {
        self.documentation()
    }

    /// Returns what the asking organisation's compliance staff do about it, unless it names somebody else.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        self.with().2
    }
}
