//! What a policy requires for an approval: what must be recorded, and when senior management decides.

use super::super::policy::RelationshipPolicy;
use super::{Relationship, Terms, Track};
use crate::due_diligence::{DueDiligenceStatus, StatusClass};
use vasp_words::closed_list::closed_list;
use vasp_words::country::Country;
use vasp_words::time::Date;

closed_list! {
    /// What can be missing from the file of a relationship.
    pub enum Needed {
        /// Nobody has decided.
        Decision = "decision",
        /// The review date has passed.
        Review = "review",
        /// Senior management did not decide.
        SeniorManagementApproval = "senior_management_approval",
        /// The organisation's own rating.
        RiskRating = "risk_rating",
        /// The reference to the agreement.
        AgreementReference = "agreement_reference",
        /// The responsibilities of each side.
        Responsibilities = "responsibilities",
        /// The version of the questionnaire that the organisation relied on.
        Questionnaire = "questionnaire",
    }
}

impl Needed {
    /// Returns the member of the terms that holds it; empty if the terms have no such member.
    #[must_use]
    pub fn member(self) -> &'static str {
        match self {
            Self::RiskRating => "risk",
            Self::AgreementReference => "agreement_reference",
            Self::Responsibilities => "responsibilities",
            Self::Questionnaire => "questionnaire_version",
            Self::Decision | Self::Review | Self::SeniorManagementApproval => "",
        }
    }

    /// Tells whether a policy may require it: only parts of the terms can be required.
    #[must_use]
    pub fn is_of_terms(self) -> bool {
        !self.member().is_empty()
    }

    fn is_told_by(self, terms: &Terms) -> bool {
        match self {
            Self::RiskRating => terms.risk.is_some(),
            Self::AgreementReference => terms.agreement_reference.is_some(),
            Self::Responsibilities => terms.responsibilities.is_some(),
            Self::Questionnaire => terms.questionnaire_version.is_some(),
            Self::Decision | Self::Review | Self::SeniorManagementApproval => true,
        }
    }
}

/// Returns what the policy requires on a track but the terms do not state.
#[must_use]
pub fn missing_of(track: Track, terms: &Terms, policy: &RelationshipPolicy) -> Vec<Needed> {
    policy.required.of(track).iter().copied().filter(|needed| !needed.is_told_by(terms)).collect()
}

impl Relationship {
    /// Returns what is missing from the file of a track on a day.
    #[must_use]
    pub fn missing(&self, track: Track, policy: &RelationshipPolicy, day: Date) -> Vec<Needed> {
        let decision = self.track(track);
        let status = decision.status_on(day);
        let mut missing = vec![];
        if status == DueDiligenceStatus::Expired {
            missing.push(if decision.lapsed.is_some() { Needed::Decision } else { Needed::Review });
        }
        if status.class() == StatusClass::Undecided {
            missing.push(Needed::Decision);
        }
        if track == Track::Correspondent && decision.status.is_approval() && !decision.by_senior_management {
            missing.push(Needed::SeniorManagementApproval);
        }
        missing.extend(missing_of(track, &self.terms, policy));
        missing
    }
}

/// Tells whether senior management must approve on a track. It must always approve correspondent relationships. It must approve the Travel
/// Rule track if the policy names the asking organisation's country.
///
/// Source: FATF R.13(c) and guidance of October 2021, section 166d; Directive (EU) 2015/849 Art. 19(d) and 19b(d); SFC AML guideline
/// (June 2023) section 12.13.6(e).
#[must_use]
pub fn needs_senior_management(track: Track, policy: &RelationshipPolicy, own: Option<Country>) -> bool {
    track == Track::Correspondent || own.is_some_and(|own| policy.senior_management_in.iter().any(|id| id.area() == own.as_str()))
}

#[cfg(test)]
mod tests {
    use super::super::super::policy::Policy;
    use super::*;

    /// Source: SFC AML guideline (June 2023) section 12.13.6(e), by the shipped policy; FATF R.13(c) for correspondents everywhere.
    #[test]
    fn senior_management_approves_in_hong_kong_and_every_correspondent() {
        let policy = Policy::embedded().unwrap().relationships().clone();
        let needed = |track, own: &str| needs_senior_management(track, &policy, own.parse().ok());

        assert!(needed(Track::TravelRule, "HK"));
        assert!(!needed(Track::TravelRule, "DE") && !needed(Track::TravelRule, ""));
        assert!(needed(Track::Correspondent, "HK") && needed(Track::Correspondent, "DE") && needed(Track::Correspondent, ""));
    }
}
