//! Compares the age of the sources that the other checks used with the policy's limits. Age counts from the day up to which a
//! source is known, not from the creation of its file.
//!
//! Source: docs/prechecks.md, "How old a source may be".

use super::super::policy::AgeLimit;
use super::{CheckCode, CheckResult, Evidence, PrecheckInput, SourceClass, sentences};
use vasp_words::text::Text;
use vasp_words::time::UtcTime;

/// What the check says beside its finding if no limit applies.
const LIFTED: &str = "This policy has no age limits: data of any age count as current. Use it for demonstrations only.";

/// Judges the evidence of the checks before it.
pub(super) fn check(earlier: &[CheckResult], input: &PrecheckInput<'_>) -> CheckResult {
    let sources = earlier.iter().flat_map(|result| &result.evidence);
    let classed: Vec<(SourceClass, &Evidence)> = sources.filter_map(|one| one.of.class().map(|class| (class, one))).collect();
    let Some((code, class, oldest)) = classed
        .iter()
        .map(|(class, one)| (finding(*class, one.observed_at, input), *class, *one))
        // Codes are declared worst first within a check; among equal codes the oldest source decides.
        .min_by_key(|(code, _, one)| (*code, one.observed_at))
    else {
        let evidence = vec![Evidence::directory(input.now)];
        return CheckResult::new(CheckCode::FreshnessNoSource, "No check used a source that has an age limit.", evidence);
    };
    let (found, evidence) = (detail(code, class, oldest, input.now), oldest_of_each(&classed));
    if !input.policy.has_no_age_limits() {
        return CheckResult::new(code, found, evidence);
    }
    let lifted = (CheckCode::FreshnessAgeLimitsLifted, LIFTED.into());
    let mut findings: Vec<(CheckCode, Text)> = vec![(code, found.into()), lifted];
    findings.retain(|(code, _)| *code != CheckCode::FreshnessCurrent);
    findings.sort_by_key(|(code, _)| *code);
    CheckResult::of_findings(findings, code, evidence)
}

fn finding(class: SourceClass, observed_at: Option<UtcTime>, input: &PrecheckInput<'_>) -> CheckCode {
    let limits = input.policy.freshness();
    let (limit, warn, unknown) = match class {
        SourceClass::Register => (limits.register, CheckCode::FreshnessRegisterOld, CheckCode::FreshnessRegisterTooOld),
        SourceClass::ScreeningList => {
            (limits.screening_list, CheckCode::FreshnessScreeningListOld, CheckCode::FreshnessScreeningListTooOld)
        }
        SourceClass::JurisdictionList => {
            (limits.jurisdiction_list, CheckCode::FreshnessJurisdictionListOld, CheckCode::FreshnessJurisdictionListTooOld)
        }
        SourceClass::Rulebook => (limits.rulebook, CheckCode::FreshnessRulebookOld, CheckCode::FreshnessRulebookTooOld),
    };
    observed_at.map_or(CheckCode::FreshnessUndated, |at| judge(age_days(at, input.now), limit, warn, unknown))
}

fn judge(days: i64, limit: AgeLimit, warn: CheckCode, unknown: CheckCode) -> CheckCode {
    if limit.is_passed(days) {
        unknown
    } else if days > i64::from(limit.warn_after) {
        warn
    } else {
        CheckCode::FreshnessCurrent
    }
}

/// Returns the days between the calendar day of the source and today. A source dated in the future counts as one of today:
/// imports refuse such days, but a clock may have been set back.
fn age_days(observed_at: UtcTime, now: UtcTime) -> i64 {
    now.date().days_since(observed_at.date()).max(0)
}

/// Returns the oldest source of each class; undated sources count as oldest.
fn oldest_of_each(classed: &[(SourceClass, &Evidence)]) -> Vec<Evidence> {
    let classes = [SourceClass::Register, SourceClass::ScreeningList, SourceClass::JurisdictionList, SourceClass::Rulebook];
    let oldest = |wanted: SourceClass| {
        let own = classed.iter().filter(move |(class, _)| *class == wanted);
        own.min_by_key(|(_, one)| one.observed_at).map(|(_, one)| (*one).clone())
    };
    classes.into_iter().filter_map(oldest).collect()
}

fn detail(code: CheckCode, class: SourceClass, oldest: &Evidence, now: UtcTime) -> String {
    let what = match class {
        SourceClass::Register => "register",
        SourceClass::ScreeningList => "screening list",
        SourceClass::JurisdictionList => "jurisdiction list",
        SourceClass::Rulebook => "rulebook",
    };
    match (code, oldest.observed_at) {
        (CheckCode::FreshnessCurrent, _) => "Every source is within the policy's age limits.".to_owned(),
        (_, None) => format!("A {what} that a check used has no date ({}).", sentences::cut(&oldest.source, 90)),
        (_, Some(at)) => format!(
            "A {what} that a check used is current only up to {}, {} days ago ({}).",
            at.date(),
            age_days(at, now),
            sentences::cut(&oldest.source, 90)
        ),
    }
}
