//! The check `data_protection`: can the counterparty protect the personal data that it is sent? Its facts are not held yet, so it answers `unknown` with a code that names what is missing, never
//! a pass.

use super::facts_missing::{Missing, answer};
use super::{CheckCode, CheckResult, PrecheckInput};

const MISSING: Missing = Missing {
    entity: CheckCode::DataProtectionNoAssessment,
    nobody: CheckCode::DataProtectionNoCounterparty,
    self_hosted: CheckCode::DataProtectionSelfHosted,
    detail: "No assessment of how it protects personal data on record.",
};

/// Answers the check.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    answer(&MISSING, input)
}
