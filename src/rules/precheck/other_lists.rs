//! What lists other than the licence's register say about the counterparty's permission. A list of non-compliant providers
//! fails the check, whatever licences exist. A list compiled by third parties warns at most, and confirms nothing.
//!
//! Source: wire contract, `licence`; Regulation (EU) 2023/1114 (MiCA) Art. 110.

use super::super::elsewhere::JudgedVasp;
use super::super::non_compliant::{MatchedBy, NonCompliantMatch};
use super::super::third_party::ThirdPartyWord;
use super::{CheckCode, CheckOutcome, CheckResult, Evidence, PrecheckInput, sentences};
use vasp_record::vasp::Vasp;
use vasp_words::text::Text;

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
    let listed: Text = sentence(vasp, worst).into();
    let code = CheckCode::LicenceNonCompliantList;
    let CheckResult { code: before, also, detail, mut evidence, .. } = result;
    evidence.extend(found.iter().map(|(_, found)| Evidence::non_compliant(found)));
    // Codes are declared worst first within a check: a withdrawn licence remains the main finding.
    let (speaks, other, detail) = if before < code { (before, code, [detail, listed]) } else { (code, before, [listed, detail]) };
    let other = Some(other).filter(|code| code.outcome() < CheckOutcome::Pass);
    CheckResult::new(speaks, sentences::joined(detail), evidence).with(other.into_iter().chain(also).collect())
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
