//! What lists other than the licence's register say about the counterparty's permission. A list of non-compliant providers
//! fails the check, whatever licences exist. A list compiled by third parties warns at most, and confirms nothing.
//!
//! Source: docs/imports.md, "What other lists say about a VASP"; Regulation (EU) 2023/1114 (MiCA) Art. 110.

use super::super::elsewhere::JudgedVasp;
use super::super::non_compliant::{MatchedBy, NonCompliantMatch};
use super::super::provider_ban::BannedAs;
use super::super::sanctions_by_law::SanctionsByLaw;
use super::super::third_party::ThirdPartyWord;
use super::{CheckCode, CheckOutcome, CheckResult, Evidence, EvidenceOf, PrecheckInput, sentences};
use vasp_record::vasp::Vasp;
use vasp_words::text::Text;
use vasp_words::time::Date;

/// Adds what lists of non-compliant providers say about the counterparty, or about each party that it may be.
pub(super) fn against_non_compliant<'a>(
    mut result: CheckResult,
    named: &[&'a JudgedVasp],
    input: &PrecheckInput<'_>,
) -> CheckResult {
    let of_vasp = |vasp: &'a JudgedVasp| vasp.elsewhere.non_compliant.iter().flatten().map(|found| (vasp.record.as_ref(), found));
    let found: Vec<(&Vasp, &NonCompliantMatch)> = named.iter().copied().flat_map(of_vasp).collect();
    // The list's age matters even if the list names none of them.
    result.evidence.extend(input.non_compliant.as_ref().map(Evidence::non_compliant_list));
    let Some((vasp, worst)) = found.iter().min_by_key(|(_, found)| (found.matched_by, found.place)) else { return result };
    let listed = found.iter().map(|(_, found)| Evidence::non_compliant(found)).collect();
    failing(result, sentence(vasp, worst).into(), listed)
}

/// Returns the result with the finding that a list names the counterparty.
fn failing(result: CheckResult, listed: Text, found: Vec<Evidence>) -> CheckResult {
    let code = CheckCode::LicenceNonCompliantList;
    let CheckResult { code: before, also, detail, mut evidence, .. } = result;
    evidence.extend(found);
    // Codes are declared worst first within a check: a withdrawn licence remains the main finding.
    let (speaks, other, detail) = if before < code { (before, code, [detail, listed]) } else { (code, before, [listed, detail]) };
    let other = Some(other).filter(|other| other.outcome() < CheckOutcome::Pass && *other != speaks);
    CheckResult::new(speaks, sentences::joined(detail), evidence).with(other.into_iter().chain(also).collect())
}

/// Adds the notices of the authority of the asker's jurisdiction about the counterparty, its brand, or each party that it may be.
pub(super) fn against_notices(result: CheckResult, named: &[&JudgedVasp], input: &PrecheckInput<'_>) -> CheckResult {
    let (jurisdiction, own) = (&input.own_side.jurisdiction, input.own_side.country);
    let mut concerned = named.iter().copied().chain(input.attribution.brand).map(|vasp| vasp.record.as_ref());
    let found = concerned.find_map(|vasp| {
        let names = || std::iter::once(&vasp.legal_name).chain(vasp.other_names.iter().map(|other| &other.name));
        let mut notices = SanctionsByLaw::embedded().provider_notices(jurisdiction, own, input.date);
        notices.find_map(|notice| match notice.concerns(names().map(String::as_str), None) {
            Some(BannedAs::Named(name)) => Some((vasp, notice, name)),
            _ => None,
        })
    });
    let Some((vasp, notice, name)) = found else { return result };
    let authority = notice.authority.as_deref().unwrap_or(jurisdiction.as_str());
    let detail = format!(
        "{authority} named `{name}` as non-compliant on {}. The entry has the name of {}.",
        notice.since,
        sentences::cut(&vasp.legal_name, 45)
    );
    let of = EvidenceOf::NonCompliantList(format!("{authority}/{name}").into());
    let observed_at = notice.read_on().map(Date::start);
    failing(result, detail.into(), vec![Evidence { of, source: notice.source().into(), observed_at, valid_until: None }])
}

fn sentence(vasp: &Vasp, found: &NonCompliantMatch) -> String {
    let entry = &found.entry;
    let name = sentences::cut(&vasp.legal_name, 45);
    let by = match found.matched_by {
        MatchedBy::Lei => format!("has the LEI of {name}"),
        MatchedBy::Host => format!("has a host of {name}"),
        MatchedBy::Domain => format!("has a domain of {name}"),
        MatchedBy::Name => format!("has the name of {name}"),
        MatchedBy::Group => format!("matches the group of {name}"),
    };
    let decided = entry.decided_on.map(|day| format!(" (decision of {day})")).unwrap_or_default();
    let (authority, listed) = (sentences::short_name(&entry.authority), sentences::cut(&entry.name, 30));
    format!("{authority} lists `{listed}` as non-compliant{decided}. The entry {by}.")
}

/// Adds what third-party lists say against an otherwise good licence. What they say in favour of a licence changes nothing.
pub(super) fn against_third_parties(result: CheckResult, entity: &JudgedVasp) -> CheckResult {
    let good = matches!(result.outcome(), CheckOutcome::Pass | CheckOutcome::Warn);
    let against: Vec<_> =
        entity.elsewhere.third_party.iter().flatten().filter(|row| row.word() == ThirdPartyWord::Contradicts).collect();
    let Some(first) = against.first().filter(|_| good) else { return result };
    let CheckResult { code: before, also, detail, mut evidence, .. } = result;
    let said = format!(
        "Third parties report the status `{}` in {} on {}. Nobody verified this.",
        sentences::cut(&first.status, 45),
        sentences::cut(&first.register, 45),
        first.observed_on
    );
    evidence.extend(against.iter().map(|row| Evidence::third_party(row)));
    let code = CheckCode::LicenceThirdPartyContradicts;
    // Codes are declared worst first within a check.
    let (speaks, other) = if before < code { (before, Some(code)) } else { (code, Some(before)) };
    let other = other.filter(|code| code.outcome() < CheckOutcome::Pass);
    CheckResult::new(speaks, sentences::joined([detail.as_str(), &said]), evidence).with(other.into_iter().chain(also).collect())
}

#[cfg(test)]
pub(super) mod tests;
