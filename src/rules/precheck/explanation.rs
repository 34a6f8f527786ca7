//! A pre-check in plain sentences, for whoever has to defend it: what decided, on which dated source, by which line of the policy
//! and why it stands there, and what would change the answer. Says nothing that checks and policy do not say.

use super::super::policy::{Policy, Recommendation};
use super::{CheckCode, CheckName, CheckOutcome};

/// What one check found, as far as it is explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The findings, that which speaks for the check first.
    pub codes: Vec<CheckCode>,
    /// The check's own words.
    pub detail: String,
    /// What it rests on, a few words each, with the date.
    pub sources: Vec<String>,
}

/// Whose words a policy's lines have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyWords {
    /// The reader's own, or everybody's: why a line stands there is cited.
    Cited,
    /// Of an organisation that let the reader ask for it: what its policy does is in the answer, why is its own business.
    Withheld,
}

/// Most sources that a sentence names.
const SOURCES_MAX: usize = 4;

/// Explains the findings of the checks by the policy that they were judged by, the decisive ones first.
#[must_use]
pub fn explain(policy: &Policy, words: PolicyWords, points: &[Point]) -> Vec<String> {
    let judged: Vec<(Recommendation, &Point)> = points.iter().map(|point| (worst(policy, point), point)).collect();
    let reached = judged.iter().map(|(found, _)| *found).min().unwrap_or(Recommendation::Hold);
    let mut against: Vec<&(Recommendation, &Point)> =
        judged.iter().filter(|(found, _)| *found < Recommendation::Proceed).collect();
    against.sort_by_key(|(found, _)| *found);
    let decisive = against.iter().filter(|(found, _)| *found == reached).count();
    let mut sentences = vec![summary(policy, reached, decisive, judged.len())];
    sentences.extend(against.iter().map(|(found, point)| sentence((policy, words), *found, point)));
    sentences.extend(otherwise(reached, &judged));
    let clear: Vec<String> =
        judged.iter().filter(|(found, _)| *found == Recommendation::Proceed).filter_map(|(_, point)| point.name()).collect();
    if !clear.is_empty() {
        sentences.push(format!("Nothing stands against it by: {}.", clear.join(", ")));
    }
    sentences
}

impl Point {
    fn name(&self) -> Option<String> {
        self.codes.first().map(|code| code.check().to_string())
    }
}

fn worst(policy: &Policy, point: &Point) -> Recommendation {
    point.codes.iter().map(|code| policy.recommend(*code)).min().unwrap_or(Recommendation::Hold)
}

fn summary(policy: &Policy, reached: Recommendation, decisive: usize, checks: usize) -> String {
    let advice = match reached {
        Recommendation::Reject => "do not send (reject)",
        Recommendation::Hold => "do not send before a person has looked (hold)",
        Recommendation::ProceedWithConditions => "send if the conditions are met (proceed_with_conditions)",
        Recommendation::Proceed => {
            return format!(
                "By the policy {policy} the recommendation is: send (proceed). None of the {checks} checks stands against it."
            );
        }
    };
    let what = if decisive == 1 { "One finding decides" } else { "Several findings decide, each by itself" };
    format!("By the policy {policy} the recommendation is: {advice}. {what}.")
}

fn sentence((policy, words): (&Policy, PolicyWords), found: Recommendation, point: &Point) -> String {
    let deciding = point.codes.iter().copied().find(|code| policy.recommend(*code) == found);
    let Some(code) = deciding else { return point.detail.clone() };
    let why = match (policy.decisive_line(code), words) {
        (None, _) => ", because: no line of the policy fits".to_owned(),
        (Some(line), PolicyWords::Cited) => format!(", because: {}", line.why),
        (Some(_), PolicyWords::Withheld) => ".".to_owned(),
    };
    let shown = point.sources.iter().take(SOURCES_MAX).map(String::as_str).collect::<Vec<_>>().join("; ");
    let more = match point.sources.len().saturating_sub(SOURCES_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let rests = if shown.is_empty() { "no source on record".to_owned() } else { format!("{shown}{more}") };
    format!(
        "{} ({}): {} It rests on: {rests}. The policy's line says {}{} It would change with {}.",
        code.check(),
        code.as_str(),
        point.detail.trim_end(),
        found.as_str(),
        why,
        remedy(code)
    )
}

/// What the answer would be without what decided it.
fn otherwise(reached: Recommendation, judged: &[(Recommendation, &Point)]) -> Option<String> {
    if reached == Recommendation::Proceed {
        return None;
    }
    let next = judged.iter().map(|(found, _)| *found).filter(|found| *found > reached).min()?;
    let decisive = judged.iter().filter(|(found, _)| *found == reached).filter_map(|(_, point)| point.name());
    let names = decisive.collect::<Vec<_>>().join(", ");
    Some(format!("If nothing stood against it by {names}, the recommendation would be {}.", next.as_str()))
}

/// What would have to be otherwise for a finding to be another.
fn remedy(code: CheckCode) -> &'static str {
    match (code.check(), code.outcome()) {
        (CheckName::Attribution, CheckOutcome::Fail) => {
            "the end of the contradiction: claims of one party only, and a declaration that agrees with them"
        }
        (CheckName::Attribution, _) => "a claim of the counterparty on the address that is strong enough for the policy",
        (CheckName::Identity, CheckOutcome::Fail) => "the registry's decision about the VASP's record",
        (CheckName::Identity, _) => "one legal entity that is settled, and its record verified",
        (CheckName::Licence, CheckOutcome::Fail) => {
            "a licence in force on the transfer's date for custody or transfer, where the customer is"
        }
        (CheckName::Licence, _) => "a licence in force that its authority's register shows",
        (CheckName::Lei, _) => "an LEI in good standing that agrees with the record",
        (CheckName::Jurisdiction, CheckOutcome::Unknown) => "a country that is on record, and the lists that it is judged by",
        (CheckName::Jurisdiction, _) => {
            "a legal entity of the counterparty in another jurisdiction, or the country's removal from the list"
        }
        (CheckName::Sanctions, CheckOutcome::Fail) => "nothing but a delisting, or a decision that the match is another",
        (CheckName::Sanctions, _) => "current, whole screening lists and a counterparty to screen",
        (CheckName::ShellVasp, _) => "evidence of physical presence where it is licensed, or of a supervised group",
        (CheckName::Certificate, _) => "a certificate of the counterparty that is good for the route",
        (CheckName::Protocol, _) => "a protocol in common whose endpoint answers",
        (CheckName::DataProtection, _) => "an assessment of its data protection that is on record and in date",
        (CheckName::TravelRuleDueDiligence, _) => "an approved counterparty due diligence (FATF R.16) of the asking organisation",
        (CheckName::CorrespondentDueDiligence, _) => {
            "an approved correspondent due diligence (FATF R.13) of the asking organisation"
        }
        (CheckName::Freshness, _) => "sources within the policy's limits of age",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(code: CheckCode) -> Point {
        Point {
            codes: vec![code],
            detail: format!("Words about {code}."),
            sources: vec!["licence lic_1: a register, 2026-04-26".to_owned()],
        }
    }

    #[test]
    fn the_decisive_finding_comes_first_with_source_line_and_remedy() {
        let policy = Policy::embedded().unwrap();
        let points = [point(CheckCode::AttributionProven), point(CheckCode::LicenceNotListed), point(CheckCode::LeiLapsed)];

        let said = explain(&policy, PolicyWords::Cited, &points);

        assert!(said[0].contains(&policy.to_string()) && said[0].contains("(hold). One finding decides."), "{}", said[0]);
        assert_eq!(
            said[1],
            "licence (licence.not_listed): Words about licence.not_listed. It rests on: licence lic_1: a register, 2026-04-26. \
             The policy's line says hold, because: No licence is known, or its register no longer shows it. It would change with \
             a licence in force that its authority's register shows."
        );
        assert!(said[2].starts_with("lei (lei.lapsed)") && said[2].contains("says proceed_with_conditions"), "{}", said[2]);
        assert_eq!(said[3], "If nothing stood against it by licence, the recommendation would be proceed_with_conditions.");
        assert_eq!(said[4], "Nothing stands against it by: attribution.");
        assert_eq!(said.len(), 5);
    }

    #[test]
    fn the_words_of_others_are_not_cited() {
        let policy = Policy::embedded().unwrap();
        let said = explain(&policy, PolicyWords::Withheld, &[point(CheckCode::LicenceNotListed)]);

        assert!(said[1].contains("The policy's line says hold. It would change with a licence"), "{}", said[1]);
        assert!(said.iter().all(|sentence| !sentence.contains("because")), "{said:?}");
    }

    #[test]
    fn a_lesser_finding_that_decides_is_the_one_that_is_cited() {
        let policy = Policy::embedded().unwrap();
        let both = Point {
            codes: vec![CheckCode::JurisdictionIncreasedMonitoring, CheckCode::JurisdictionBanned],
            ..point(CheckCode::LeiIssued)
        };

        let said = explain(&policy, PolicyWords::Cited, &[both]);

        assert!(said[1].starts_with("jurisdiction (jurisdiction.banned)"), "{}", said[1]);
    }

    /// Every finding that a policy may cite has its words, and the sentence names it.
    #[test]
    fn every_code_can_be_explained() {
        let policy = Policy::embedded().unwrap();
        for code in CheckCode::ALL.iter().copied() {
            let said = explain(&policy, PolicyWords::Cited, &[point(code)]);
            let cited = said.iter().any(|sentence| sentence.contains(&format!("({})", code.as_str())));
            assert_eq!(cited, policy.recommend(code) < Recommendation::Proceed, "{code}");
        }
    }
}
