//! The check `shell_vasp`: is the counterparty a VASP without a place where it is licensed, in no supervised group? Its facts are not held yet, so it answers `unknown` with a code that names what is missing, never
//! a pass.

use super::facts_missing::{Missing, answer};
use super::{CheckCode, CheckResult, PrecheckInput};

const MISSING: Missing = Missing {
    entity: CheckCode::ShellVaspPresenceNotOnRecord,
    nobody: CheckCode::ShellVaspNoCounterparty,
    self_hosted: CheckCode::ShellVaspSelfHosted,
    detail: "Nothing on record about physical presence or a supervised group where it is licensed.",
};

/// Answers the check.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    answer(&MISSING, input)
}
