//! The checks `travel_rule_due_diligence` and `correspondent_due_diligence`: where the asking organisation stands with the counterparty.
//! Their facts are not held yet, so they answer `unknown` with a code that names what is missing, never a pass.

use super::facts_missing::{Missing, answer};
use super::{CheckCode, CheckResult, PrecheckInput};

const TRAVEL_RULE: Missing = Missing {
    entity: CheckCode::TravelRuleNotStarted,
    nobody: CheckCode::TravelRuleNoCounterparty,
    self_hosted: CheckCode::TravelRuleSelfHosted,
    detail: "No counterparty due diligence (FATF R.16) by the asking organisation on record.",
};

const CORRESPONDENT: Missing = Missing {
    entity: CheckCode::CorrespondentNotStarted,
    nobody: CheckCode::CorrespondentNoCounterparty,
    self_hosted: CheckCode::CorrespondentSelfHosted,
    detail: "No correspondent due diligence (FATF R.13) by the asking organisation on record.",
};

/// Answers the check `travel_rule_due_diligence`.
pub(super) fn travel_rule(input: &PrecheckInput<'_>) -> CheckResult {
    answer(&TRAVEL_RULE, input)
}

/// Answers the check `correspondent_due_diligence`.
pub(super) fn correspondent(input: &PrecheckInput<'_>) -> CheckResult {
    answer(&CORRESPONDENT, input)
}
