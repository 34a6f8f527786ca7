//! Every sentence of every answer in the pre-check's tests is short enough to read: at most 200 characters, and complete.
//!
//! Source: docs/prechecks.md, "What to do with an answer".

use super::PrecheckOutcome;

/// Returns all details of an answer.
fn details(answer: &PrecheckOutcome) -> Vec<&str> {
    let checks = answer.checks.iter().map(|one| one.detail.as_str());
    let reasons = answer.reasons.iter().map(|one| one.detail.as_str());
    let conditions = answer.conditions.iter().map(|one| one.detail.as_str());
    let steps = answer.next_steps.iter().map(|one| one.detail.as_str());
    let notes = answer.notes.iter().map(|one| one.detail.as_str());
    checks.chain(reasons).chain(conditions).chain(steps).chain(notes).collect()
}

/// Fails if a sentence is too long for a tired reader.
#[track_caller]
pub(super) fn assert_readable(answer: &PrecheckOutcome) {
    for detail in details(answer) {
        assert!(detail.chars().count() <= 200 && detail.ends_with('.'), "{} characters: {detail}", detail.chars().count());
    }
}
