//! The check `data_protection`: can the counterparty protect the personal data that it receives? The counterparty itself answers (level
//! B), to those to whom it gave access. Silence is a pass only between countries whose laws protect the data equally.

use super::super::adequacy::Adequacy;
use super::super::questionnaire::standing::{ItemFact, Verdict};
use super::super::shared_diligence::{Currency, DiligenceFacts, SharedDiligence};
use super::facts_missing::{Missing, answer};
use super::{CheckCode as C, CheckName, CheckResult, Counterparty, Evidence, EvidenceOf, PrecheckInput};
use vasp_words::country::Country;

const fn missing(entity: C, detail: &'static str) -> Missing {
    Missing { entity, nobody: C::DataProtectionNoCounterparty, self_hosted: C::DataProtectionSelfHosted, detail }
}

const NO_ASSESSMENT: Missing =
    missing(C::DataProtectionNoAssessment, "No assessment of the counterparty's data protection is on record.");
const NO_ACCESS: Missing =
    missing(C::DataProtectionNoAccess, "The VASP answered on data protection, but the asker has no access to these answers.");

/// Answers the check.
///
/// Source: FATF 2021 Guidance §196 and §291; SFC AML Guideline 12.11.12 and 12.13.8: no data may go to a VASP that cannot protect them.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    if input.attribution.is_asker {
        let detail = "The counterparty is the asker itself, so no data are sent.";
        return CheckResult::new(C::DataProtectionSameEntity, detail, vec![Evidence::directory(input.now)]);
    }
    let said = match (&input.shared, &input.attribution.counterparty) {
        (SharedDiligence::Readable(facts), Counterparty::Entity(_)) => answered(facts, input),
        (SharedDiligence::NoAccess, _) => answer(&NO_ACCESS, input),
        _ => answer(&NO_ASSESSMENT, input),
    };
    if matches!(said.code, C::DataProtectionCannotProtect | C::DataProtectionAnswered) {
        return said;
    }
    input.attribution.entity().and_then(|entity| by_law(entity.country?, input)).unwrap_or(said)
}

/// Returns what the law says about data sent from the EEA to a country; `None` if it says nothing that is sufficient.
///
/// Source: Regulation (EU) 2016/679 Art. 44 and 45. The law that applies to other senders is not known here.
fn by_law(country: Country, input: &PrecheckInput<'_>) -> Option<CheckResult> {
    let ours = input.own_side.country;
    if !ours.is_eea() {
        return None;
    }
    let adequacy = Adequacy::embedded();
    let (detail, id, until) = if country.is_eea() {
        let detail = format!("{} and {} are both under the GDPR (Regulation (EU) 2016/679).", ours.name(), country.name());
        (detail, "Regulation (EU) 2016/679", None)
    } else {
        let held = adequacy.decision(country, [input.date, input.now.date()])?;
        let detail =
            format!("The Commission found that {} protects personal data adequately: {}.", country.name(), held.decision);
        (detail, held.decision.as_str(), held.to)
    };
    let evidence = Evidence {
        of: EvidenceOf::DataProtectionLaw(id.to_owned().into()),
        source: "seed/adequacy.json; EUR-Lex".into(),
        observed_at: adequacy.known_through.map(|day| day.start()),
        valid_until: until.map(|day| day.next().start()),
    };
    Some(CheckResult::new(C::DataProtectionRegimeEquivalent, detail, vec![evidence]))
}

fn answered(facts: &DiligenceFacts, input: &PrecheckInput<'_>) -> CheckResult {
    let today = input.now.date();
    let items: Vec<&ItemFact> = facts.of_check(CheckName::DataProtection).collect();
    let given = || items.iter().filter(|fact| fact.verdict.is_some());
    let evidence = || given().map(|fact| Evidence::answer(facts, fact)).collect::<Vec<_>>();
    if items.iter().any(|fact| fact.is_adverse()) {
        return CheckResult::new(
            C::DataProtectionCannotProtect,
            "The VASP answered that it cannot protect the data.",
            evidence(),
        );
    }
    if facts.withheld.contains(&CheckName::DataProtection) {
        return answer(&NO_ACCESS, input);
    }
    if items.iter().any(|fact| fact.verdict.is_none()) || items.is_empty() {
        let mut evidence = evidence();
        evidence.push(Evidence::directory(input.now));
        return CheckResult::new(
            C::DataProtectionIncomplete,
            "The VASP did not answer every question on data protection.",
            evidence,
        );
    }
    let is = |currency| items.iter().any(|fact| fact.currency(today) == Some(currency));
    let (code, detail) = if is(Currency::Expired) {
        (C::DataProtectionExpired, "The VASP's answers on data protection have expired.")
    } else if items.iter().any(|fact| fact.verdict == Some(Verdict::Warning)) {
        (C::DataProtectionPartial, "The VASP answered that it protects the data only in part.")
    } else if is(Currency::ExpiresSoon) {
        (C::DataProtectionExpiresSoon, "An answer of the VASP on data protection expires within thirty days.")
    } else {
        (C::DataProtectionAnswered, "The VASP answered that it protects the data, and how.")
    };
    CheckResult::new(code, detail, evidence())
}
