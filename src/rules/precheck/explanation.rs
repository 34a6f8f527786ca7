//! A pre-check explained in plain sentences, for whoever has to defend it. The sentences give the decisive findings, their dated sources,
//! the policy line and its reason, and what would change the answer. They say nothing that the checks and the policy do not say.

use super::super::policy::{Circumstance, Circumstances, Policy, Recommendation};
use super::{CheckCode, CheckName, CheckOutcome};

/// The findings of one check, as far as they are explained.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The findings, the check's main finding first.
    pub codes: Vec<CheckCode>,
    /// The check's own text.
    pub detail: String,
    /// The sources, in a few words each, with their dates.
    pub sources: Vec<String>,
}

/// Whether the answer may cite the reasons of the policy's lines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyWords {
    /// The policy is the reader's own or public: the reason of each line is cited.
    Cited,
    /// The policy belongs to an organisation that lets the reader ask on its behalf. The answer shows what the policy does, but not why.
    Withheld,
}

/// Maximum number of sources that a sentence names.
const SOURCES_MAX: usize = 4;

/// The decision, as far as it is explained.
#[derive(Clone, Debug)]
pub struct Decision<'a> {
    /// The policy that was applied.
    pub policy: &'a Policy,
    /// The circumstances of the transfer, in addition to the findings.
    pub circumstances: Circumstances,
    /// The resulting recommendation.
    pub recommendation: Recommendation,
    /// Checks that could not be answered because of another finding.
    pub silenced: Vec<CheckName>,
    /// Whether a term agreed with the counterparty requires action.
    pub agreed: bool,
}

/// Explains the findings of the checks and the decision, the decisive findings first.
#[must_use]
pub fn explain(decision: &Decision<'_>, words: PolicyWords, points: &[Point]) -> Vec<String> {
    let told = points.iter().filter(|point| point.check().is_none_or(|check| !decision.silenced.contains(&check)));
    let judged: Vec<(Recommendation, &Point)> = told.map(|point| (worst(decision, point), point)).collect();
    let reached = decision.recommendation;
    let mut against: Vec<&(Recommendation, &Point)> =
        judged.iter().filter(|(found, _)| *found < Recommendation::Proceed).collect();
    against.sort_by_key(|(found, _)| *found);
    let decisive = against.iter().filter(|(found, _)| *found == reached).count();
    let mut sentences = vec![summary(decision, decisive, points.len())];
    sentences.extend(against.iter().map(|(found, point)| sentence(decision, words, *found, point)));
    sentences.extend(otherwise(reached, &judged));
    if !decision.silenced.is_empty() {
        let names: Vec<&str> = decision.silenced.iter().map(|check| check.as_str()).collect();
        sentences.push(format!("For this reason, these checks could not be answered: {}.", names.join(", ")));
    }
    let clear = judged.iter().filter(|(found, _)| *found == Recommendation::Proceed).map(|(_, point)| *point);
    let (open, passed): (Vec<&Point>, Vec<&Point>) = clear.partition(|point| point.is_open());
    let left = [("These checks found no obstacle", passed), ("The policy lets pass that these checks have no answer", open)];
    for (what, points) in left {
        let names: Vec<String> = points.into_iter().filter_map(Point::name).collect();
        if !names.is_empty() {
            sentences.push(format!("{what}: {}.", names.join(", ")));
        }
    }
    sentences
}

impl Decision<'_> {
    fn of(&self, code: CheckCode) -> Recommendation {
        let found = self.policy.decide(code, self.circumstances).recommendation();
        if code.tells_of_terms() && self.agreed { found.min(Recommendation::ProceedWithConditions) } else { found }
    }
}

impl Point {
    fn check(&self) -> Option<CheckName> {
        self.codes.first().map(|code| code.check())
    }

    /// Tells whether something of it is unknown.
    fn is_open(&self) -> bool {
        self.codes.iter().any(|code| code.outcome() == CheckOutcome::Unknown)
    }

    fn name(&self) -> Option<String> {
        self.check().map(|check| check.to_string())
    }
}

fn worst(decision: &Decision<'_>, point: &Point) -> Recommendation {
    point.codes.iter().map(|code| decision.of(*code)).min().unwrap_or(Recommendation::Hold)
}

fn summary(decision: &Decision<'_>, decisive: usize, checks: usize) -> String {
    let policy = decision.policy;
    let incoming = decision.circumstances.hold_all([Circumstance::Incoming].into_iter().collect());
    let act = if incoming { "credit" } else { "send" };
    let advice = match decision.recommendation {
        Recommendation::Reject => format!("do not {act} (reject)"),
        Recommendation::Hold => format!("do not {act} before the next steps are taken (hold)"),
        Recommendation::ProceedWithConditions => format!("{act} once the conditions are met (proceed_with_conditions)"),
        Recommendation::Proceed => {
            return format!(
                "According to the policy {policy}, the recommendation is: {act} (proceed). None of the {checks} checks found an obstacle."
            );
        }
    };
    let what = if decisive == 1 { "One finding decides" } else { "Several findings decide. Each of them alone would be enough" };
    format!("According to the policy {policy}, the recommendation is: {advice}. {what}.")
}

fn sentence(decision: &Decision<'_>, words: PolicyWords, found: Recommendation, point: &Point) -> String {
    let (policy, so) = (decision.policy, decision.circumstances);
    let deciding = point.codes.iter().copied().find(|code| decision.of(*code) == found);
    let Some(code) = deciding else { return point.detail.clone() };
    let why = match (policy.line_for(code, so), words) {
        (None, _) => ", because: no line of the policy fits.".to_owned(),
        (Some(line), PolicyWords::Cited) => format!(", because: {}", line.why),
        (Some(_), PolicyWords::Withheld) => ".".to_owned(),
    };
    let shown = point.sources.iter().take(SOURCES_MAX).map(String::as_str).collect::<Vec<_>>().join("; ");
    let more = match point.sources.len().saturating_sub(SOURCES_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let rests = if shown.is_empty() { "none on record".to_owned() } else { format!("{shown}{more}") };
    format!(
        "{} ({}): {} Sources: {rests}. The policy says {}{} What would change this: {}.",
        code.check(),
        code.as_str(),
        point.detail.trim_end(),
        found.as_str(),
        why,
        remedy(code)
    )
}

/// Returns what the recommendation would be without the decisive findings.
fn otherwise(reached: Recommendation, judged: &[(Recommendation, &Point)]) -> Option<String> {
    if reached == Recommendation::Proceed {
        return None;
    }
    let next = judged.iter().map(|(found, _)| *found).filter(|found| *found > reached).min()?;
    let decisive = judged.iter().filter(|(found, _)| *found == reached).filter_map(|(_, point)| point.name());
    let names = decisive.collect::<Vec<_>>().join(", ");
    Some(format!("Without the findings of {names}, the recommendation would be {}.", next.as_str()))
}

/// Returns what would have to change for another finding.
fn remedy(code: CheckCode) -> &'static str {
    match (code.check(), code.outcome()) {
        (CheckName::Attribution, CheckOutcome::Fail) => "claims of only one party, and a declaration that agrees with them",
        (CheckName::Attribution, _) => "a claim of the counterparty on the address, strong enough for the policy",
        (CheckName::Identity, CheckOutcome::Fail) => "a new decision of the registry about the VASP's record",
        (CheckName::Identity, _) => "one known legal entity with a verified record",
        (CheckName::Licence, CheckOutcome::Fail) => {
            "a licence for custody or transfer that is in force on the transfer's date and covers the customer's country"
        }
        (CheckName::Licence, _) => "a licence in force that its authority's register shows",
        (CheckName::Lei, _) => "an LEI in good standing that agrees with the record",
        (CheckName::Jurisdiction, CheckOutcome::Unknown) => "a country on record, and the lists to judge it by",
        (CheckName::Jurisdiction, _) => {
            "a legal entity of the counterparty in another jurisdiction, or the country's removal from the list"
        }
        (CheckName::Sanctions, _) if code == CheckCode::SanctionsProviderBanned => "only an end of the ban, or another provider",
        (CheckName::Sanctions, _) if code == CheckCode::SanctionsProviderMayBeBanned => {
            "the customer's country, or the legal entity that keeps the account"
        }
        (CheckName::Sanctions, CheckOutcome::Fail) => "only a delisting, or a decision that the entry means somebody else",
        (CheckName::Sanctions, _) => "current and complete screening lists, and a counterparty to screen",
        (CheckName::ShellVasp, _) => "evidence of physical presence where it is licensed, or of a supervised group",
        (CheckName::Certificate, _) => "a certificate of the counterparty that is valid for the route",
        (CheckName::Protocol, _) => "a protocol in common whose endpoint answers",
        (CheckName::DataProtection, _) => "a current assessment of its data protection on record",
        (CheckName::TravelRuleDueDiligence, _) => "an approved counterparty due diligence (FATF R.16) of the asking organisation",
        (CheckName::CorrespondentDueDiligence, _) => {
            "an approved correspondent due diligence (FATF R.13) of the asking organisation"
        }
        (CheckName::Freshness, _) => "sources within the policy's age limits",
        (CheckName::Transfer, _) => "all the data that the rules of both sides require, stated in `provided_fields`",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explain(policy: &Policy, words: PolicyWords, points: &[Point]) -> Vec<String> {
        let decision = |recommendation| Decision {
            policy,
            circumstances: Circumstances::default(),
            recommendation,
            silenced: vec![],
            agreed: false,
        };
        let worst = points.iter().map(|point| worst(&decision(Recommendation::Proceed), point)).min().unwrap();
        super::explain(&decision(worst), words, points)
    }

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
        let points = [point(CheckCode::AttributionProven), point(CheckCode::LicenceNotListed), point(CheckCode::LeiNameMismatch)];

        let said = explain(&policy, PolicyWords::Cited, &points);

        assert!(said[0].contains(&policy.to_string()) && said[0].contains("(hold). One finding decides."), "{}", said[0]);
        assert_eq!(
            said[1],
            "licence (licence.not_listed): Words about licence.not_listed. Sources: licence lic_1: a register, 2026-04-26. \
             The policy says hold, because: No licence is known, or its register no longer shows it. What would change this: \
             a licence in force that its authority's register shows."
        );
        assert!(
            said[2].starts_with("lei (lei.name_mismatch)") && said[2].contains("says proceed_with_conditions"),
            "{}",
            said[2]
        );
        assert_eq!(said[3], "Without the findings of licence, the recommendation would be proceed_with_conditions.");
        assert_eq!(said[4], "These checks found no obstacle: attribution.");
        assert_eq!(said.len(), 5);
    }

    #[test]
    fn the_words_of_others_are_not_cited() {
        let policy = Policy::embedded().unwrap();
        let said = explain(&policy, PolicyWords::Withheld, &[point(CheckCode::LicenceNotListed)]);

        assert!(said[1].contains("The policy says hold. What would change this: a licence"), "{}", said[1]);
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

    /// Every finding that a policy may cite has a text, and the sentence names its code.
    #[test]
    fn every_code_can_be_explained() {
        let policy = Policy::embedded().unwrap();
        for code in CheckCode::ALL.iter().copied() {
            let said = explain(&policy, PolicyWords::Cited, &[point(code)]);
            let cited = said.iter().any(|sentence| sentence.contains(&format!("({})", code.as_str())));
            assert_eq!(cited, policy.decide(code, Circumstances::default()).recommendation() < Recommendation::Proceed, "{code}");
            // Whoever reads that nothing stands against it must not take for answered what is unknown.
            let open = code.outcome() == CheckOutcome::Unknown;
            let left = if open { "have no answer" } else { "found no obstacle" };
            assert!(cited || said.last().unwrap().contains(&format!("{left}: {}.", code.check())), "{said:?}");
        }
    }
}
