//! The codes of the two checks about relationships, track by track.

use super::super::due_diligence::DueDiligenceStatus;
use super::super::relationship::Track;
use super::CheckCode;
use super::facts_missing::Missing;
use super::relationship::TrackWords;

/// The codes that both tracks have.
pub(super) struct Codes {
    pub refused: CheckCode,
    pub terminated: CheckCode,
    pub suspended: CheckCode,
    pub expired: CheckCode,
    pub not_started: CheckCode,
    pub in_progress: CheckCode,
    pub approved_with_conditions: CheckCode,
    pub approved: CheckCode,
    pub prohibited: CheckCode,
    pub limit_exceeded: CheckCode,
    pub network_not_covered: CheckCode,
    pub asset_not_covered: CheckCode,
    pub not_first_party: CheckCode,
    pub limit_undetermined: CheckCode,
    pub network_undetermined: CheckCode,
    pub asset_undetermined: CheckCode,
    pub first_party_undetermined: CheckCode,
    pub conditions_to_meet: CheckCode,
    pub approved_for_group: CheckCode,
    pub group_stands_worse: CheckCode,
    pub review_due_soon: CheckCode,
    pub repeated_failures: CheckCode,
}

impl Codes {
    /// Returns the code of a status.
    pub(super) fn of(&self, status: DueDiligenceStatus) -> CheckCode {
        match status {
            DueDiligenceStatus::Refused => self.refused,
            DueDiligenceStatus::Terminated => self.terminated,
            DueDiligenceStatus::Suspended => self.suspended,
            DueDiligenceStatus::Expired => self.expired,
            DueDiligenceStatus::NotStarted => self.not_started,
            DueDiligenceStatus::InProgress => self.in_progress,
            DueDiligenceStatus::ApprovedWithConditions => self.approved_with_conditions,
            DueDiligenceStatus::Approved => self.approved,
        }
    }
}

pub(super) static TRAVEL_RULE: TrackWords = TrackWords {
    track: Track::TravelRule,
    codes: Codes {
        refused: CheckCode::TravelRuleRefused,
        terminated: CheckCode::TravelRuleTerminated,
        suspended: CheckCode::TravelRuleSuspended,
        expired: CheckCode::TravelRuleExpired,
        not_started: CheckCode::TravelRuleNotStarted,
        in_progress: CheckCode::TravelRuleInProgress,
        approved_with_conditions: CheckCode::TravelRuleApprovedWithConditions,
        approved: CheckCode::TravelRuleApproved,
        prohibited: CheckCode::TravelRuleRatedProhibited,
        limit_exceeded: CheckCode::TravelRuleLimitExceeded,
        network_not_covered: CheckCode::TravelRuleNetworkNotCovered,
        asset_not_covered: CheckCode::TravelRuleAssetNotCovered,
        not_first_party: CheckCode::TravelRuleNotFirstParty,
        limit_undetermined: CheckCode::TravelRuleLimitUndetermined,
        network_undetermined: CheckCode::TravelRuleNetworkUndetermined,
        asset_undetermined: CheckCode::TravelRuleAssetUndetermined,
        first_party_undetermined: CheckCode::TravelRuleFirstPartyUndetermined,
        conditions_to_meet: CheckCode::TravelRuleConditionsToMeet,
        approved_for_group: CheckCode::TravelRuleApprovedForGroup,
        group_stands_worse: CheckCode::TravelRuleGroupStandsWorse,
        review_due_soon: CheckCode::TravelRuleReviewDueSoon,
        repeated_failures: CheckCode::TravelRuleRepeatedFailures,
    },
    missing: Missing {
        entity: CheckCode::TravelRuleNotStarted,
        nobody: CheckCode::TravelRuleNoCounterparty,
        self_hosted: CheckCode::TravelRuleSelfHosted,
        detail: "The asker has no counterparty due diligence (FATF R.16) on record.",
    },
};

pub(super) static CORRESPONDENT: TrackWords = TrackWords {
    track: Track::Correspondent,
    codes: Codes {
        refused: CheckCode::CorrespondentRefused,
        terminated: CheckCode::CorrespondentTerminated,
        suspended: CheckCode::CorrespondentSuspended,
        expired: CheckCode::CorrespondentExpired,
        not_started: CheckCode::CorrespondentNotStarted,
        in_progress: CheckCode::CorrespondentInProgress,
        approved_with_conditions: CheckCode::CorrespondentApprovedWithConditions,
        approved: CheckCode::CorrespondentApproved,
        prohibited: CheckCode::CorrespondentRatedProhibited,
        limit_exceeded: CheckCode::CorrespondentLimitExceeded,
        network_not_covered: CheckCode::CorrespondentNetworkNotCovered,
        asset_not_covered: CheckCode::CorrespondentAssetNotCovered,
        not_first_party: CheckCode::CorrespondentNotFirstParty,
        limit_undetermined: CheckCode::CorrespondentLimitUndetermined,
        network_undetermined: CheckCode::CorrespondentNetworkUndetermined,
        asset_undetermined: CheckCode::CorrespondentAssetUndetermined,
        first_party_undetermined: CheckCode::CorrespondentFirstPartyUndetermined,
        conditions_to_meet: CheckCode::CorrespondentConditionsToMeet,
        approved_for_group: CheckCode::CorrespondentApprovedForGroup,
        group_stands_worse: CheckCode::CorrespondentGroupStandsWorse,
        review_due_soon: CheckCode::CorrespondentReviewDueSoon,
        repeated_failures: CheckCode::CorrespondentRepeatedFailures,
    },
    missing: Missing {
        entity: CheckCode::CorrespondentNotStarted,
        nobody: CheckCode::CorrespondentNoCounterparty,
        self_hosted: CheckCode::CorrespondentSelfHosted,
        detail: "The asker has no correspondent due diligence (FATF R.13) on record.",
    },
};
