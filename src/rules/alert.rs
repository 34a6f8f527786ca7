//! Alerts: the messages that an organisation gets when something that it relied on changed about a counterparty. It relied on the findings
//! of the checks in its pre-check with that counterparty. A changed finding is an alert, whatever the cause: the record, a list, the end of
//! a certificate, or the organisation's own review. This module is pure; `vasp_registry::watch` decides when to look.

use std::collections::BTreeMap;

use super::policy::{Circumstances, Policy, Recommendation};
use super::precheck::{CheckCode, CheckName, CheckResult};
use serde::{Deserialize, Serialize};
pub use vasp_record::alert::Severity;
use vasp_record::vasp::Vasp;
use vasp_words::time::{Date, UtcTime};

/// Returns the severity of an alert if a pre-check now recommends this.
fn severity_of(recommendation: Recommendation) -> Severity {
    match recommendation {
        Recommendation::Reject => Severity::Critical,
        Recommendation::Hold => Severity::High,
        Recommendation::ProceedWithConditions => Severity::Medium,
        Recommendation::Proceed => Severity::Info,
    }
}

/// The findings about one counterparty, by check: what an organisation relied on. They are texts and not codes, so that this program can
/// read findings that an older program wrote.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Findings(BTreeMap<String, Vec<String>>);

/// A check whose finding changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Turn {
    /// The check.
    pub check: String,
    /// What it found before.
    pub from: Vec<String>,
    /// What it finds now.
    pub to: Vec<String>,
    /// The most important finding of the alert.
    pub kind: String,
    /// How serious the change is.
    pub severity: Severity,
    /// A sentence for people.
    pub detail: String,
}

/// The checks that do not depend on the counterparty, but on the transfer or on the age of the registry's own sources.
const NOT_OF_THE_COUNTERPARTY: [CheckName; 2] = [CheckName::Attribution, CheckName::Freshness];

/// How many days before the end of a certificate or licence its member gets an alert.
///
/// Source: docs/watch.md, "Alerts".
const ENDING_DAYS: [i64; 4] = [1, 7, 14, 30];

impl Findings {
    /// Returns what a pre-check with the counterparty found.
    #[must_use]
    pub fn of(checks: &[CheckResult]) -> Self {
        let counted = checks.iter().filter(|result| !NOT_OF_THE_COUNTERPARTY.contains(&result.check()));
        Self(counted.map(|result| (result.check().to_string(), result.codes().map(|code| code.to_string()).collect())).collect())
    }

    /// Adds the certificates and licences of the member's own record that end soon.
    #[must_use]
    pub fn with_ends(mut self, own: &Vasp, now: UtcTime) -> Self {
        let today = now.date();
        let mut add = |what: &str, id: String, end: Option<Date>| {
            let left = end.map(|end| end.days_since(today)).filter(|left| *left >= 0);
            if let Some(days) = left.and_then(|left| ENDING_DAYS.into_iter().find(|days| left <= *days)) {
                self.0.insert(format!("own.{what}.{id}"), vec![format!("own.{what}_ends_within_{days}")]);
            }
        };
        for certificate in &own.certificates {
            add("certificate", certificate.id.to_string(), Some(certificate.not_after.date()));
        }
        for licence in &own.licences {
            add("licence", licence.id.to_string(), licence.valid_to);
        }
        self
    }

    /// Returns the checks whose findings changed. A check that is gone is not a change: an older program knew that check, or the member
    /// renewed its own certificate or licence.
    #[must_use]
    pub fn turns_since(&self, before: &Self, checks: &[CheckResult], policy: &Policy) -> Vec<Turn> {
        let turned = self.0.iter().filter(|(check, codes)| before.0.get(*check) != Some(*codes));
        turned
            .filter_map(|(check, to)| {
                let from = before.0.get(check).cloned().unwrap_or_default();
                if check.starts_with("own.") {
                    return Some(ending(check, from, to));
                }
                // An earlier version did not have this check, so nobody relied on it.
                if from.is_empty() {
                    return None;
                }
                let result = checks.iter().find(|result| result.check().to_string() == *check)?;
                let now = worst(to, policy);
                let severity = if now < worst(&from, policy) || (now == worst(&from, policy) && now != Recommendation::Proceed) {
                    severity_of(now)
                } else {
                    Severity::Info
                };
                let kind = speaking(to, &from, policy);
                Some(Turn { check: check.clone(), kind, from, to: to.clone(), severity, detail: result.detail.to_string() })
            })
            .collect()
    }
}

/// Returns the alert about a certificate or licence of the member's own record that ends soon.
fn ending(check: &str, from: Vec<String>, to: &[String]) -> Turn {
    let kind = to.first().cloned().unwrap_or_default();
    let days: i64 = kind.rsplit('_').next().and_then(|days| days.parse().ok()).unwrap_or(1);
    let severity = match days {
        ..=1 => Severity::High,
        2..=7 => Severity::Medium,
        _ => Severity::Info,
    };
    let mut parts = check.splitn(3, '.').skip(1);
    let (what, id) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    let unit = if days == 1 { "day" } else { "days" };
    let detail = format!("The {what} {id} of your own record expires within {days} {unit}.");
    Turn { check: check.to_owned(), from, to: to.to_vec(), kind, severity, detail }
}

/// Returns the worst recommendation of the policy for these findings; `hold` for a code that this program does not know.
fn worst(codes: &[String], policy: &Policy) -> Recommendation {
    let each = codes.iter().map(|code| recommend(code, policy));
    each.min().unwrap_or(Recommendation::Proceed)
}

fn recommend(code: &str, policy: &Policy) -> Recommendation {
    let known = CheckCode::ALL.iter().find(|known| known.as_str() == code);
    known.map_or(Recommendation::Hold, |known| policy.decide(*known, Circumstances::default()).recommendation())
}

/// Returns the most important finding of an alert: the worst new one, or the first if none is new.
fn speaking(to: &[String], from: &[String], policy: &Policy) -> String {
    let new = to.iter().filter(|code| !from.contains(code)).min_by_key(|code| recommend(code, policy));
    new.or(to.first()).cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::precheck::CheckCode as C;

    fn checks(codes: &[(C, &[C])]) -> Vec<CheckResult> {
        let result = |(code, also): &(C, &[C])| CheckResult {
            sentences: vec![],
            code: *code,
            also: also.to_vec(),
            detail: format!("detail of {code}").into(),
            evidence: [].into(),
        };
        codes.iter().map(result).collect()
    }

    fn turns(before: &[(C, &[C])], after: &[(C, &[C])]) -> Vec<Turn> {
        let (before, after) = (checks(before), checks(after));
        Findings::of(&after).turns_since(&Findings::of(&before), &after, &Policy::embedded().unwrap())
    }

    /// Source: `seed/policy.json`: a withdrawn licence rejects, a licence that ended holds.
    #[test]
    fn a_finding_that_turned_is_an_alert_as_bad_as_the_policy_makes_it() {
        let turned = turns(&[(C::LicenceInForce, &[]), (C::LeiIssued, &[])], &[(C::LicenceWithdrawn, &[]), (C::LeiIssued, &[])]);

        let [turn] = turned.as_slice() else { panic!("{turned:?}") };
        assert_eq!(turn.kind.as_str(), "licence.withdrawn");
        assert_eq!(turn.check.as_str(), "licence");
        assert_eq!(turn.severity, Severity::Critical);
        assert_eq!(turn.from, ["licence.in_force"]);
        assert_eq!(turn.detail.as_str(), "detail of licence.withdrawn");
        assert_eq!(turns(&[(C::LicenceInForce, &[])], &[(C::LicenceEnded, &[])])[0].severity, Severity::High);
    }

    #[test]
    fn what_became_better_is_told_and_what_stayed_is_not() {
        assert_eq!(turns(&[(C::LicenceEnded, &[])], &[(C::LicenceInForce, &[])])[0].severity, Severity::Info);
        assert_eq!(turns(&[(C::LicenceEnded, &[])], &[(C::LicenceEnded, &[])]), []);
    }

    #[test]
    fn a_lesser_finding_that_came_along_speaks() {
        let turned = turns(&[(C::LicenceInForce, &[])], &[(C::LicenceInForce, &[C::LicenceActivityMissing])]);

        assert_eq!((turned[0].kind.as_str(), turned[0].severity), ("licence.activity_missing", Severity::High));
    }

    #[test]
    fn what_depends_on_the_transfer_or_on_the_registrys_own_sources_is_left_out() {
        assert_eq!(turns(&[(C::AttributionProven, &[])], &[(C::AttributionConflicted, &[])]), []);
        assert_eq!(turns(&[(C::FreshnessCurrent, &[])], &[(C::FreshnessRulebookOld, &[])]), []);
    }

    #[test]
    fn what_an_older_program_did_not_look_at_is_no_alert_and_its_own_codes_read() {
        let after = checks(&[(C::LicenceInForce, &[])]);
        let policy = Policy::embedded().unwrap();
        let before: Findings = serde_json::from_str(r#"{"lei":["lei.issued"],"gone":["gone.code"]}"#).unwrap();
        let unknown: Findings = serde_json::from_str(r#"{"licence":["licence.of_old"]}"#).unwrap();

        assert_eq!(Findings::of(&after).turns_since(&before, &after, &policy), []);
        assert_eq!(Findings::of(&after).turns_since(&unknown, &after, &policy)[0].severity, Severity::Info);
    }
}
