//! What lists other than the register of its licence say of the counterparty's permission. A list of non-compliant providers
//! fails the check whatever licences there are; a compilation by third parties warns at most, and confirms nothing.
//!
//! Source: wire contract, `licence`; Regulation (EU) 2023/1114 (MiCA) Art. 110.

use super::super::elsewhere::JudgedVasp;
use super::super::non_compliant::{MatchedBy, NonCompliantMatch};
use super::super::third_party::ThirdPartyWord;
use super::{CheckCode, CheckOutcome, CheckResult, Evidence};
use vasp_record::vasp::Vasp;

/// Adds what lists of non-compliant providers say of whoever the counterparty is or may be.
pub(super) fn against_non_compliant<'a>(result: CheckResult, named: &[&'a JudgedVasp]) -> CheckResult {
    let of_vasp = |vasp: &'a JudgedVasp| vasp.elsewhere.non_compliant.iter().flatten().map(|found| (vasp.record.as_ref(), found));
    let found: Vec<(&Vasp, &NonCompliantMatch)> = named.iter().copied().flat_map(of_vasp).collect();
    let Some((vasp, worst)) = found.iter().min_by_key(|(_, found)| (found.matched_by, found.place)) else { return result };
    let listed = sentence(vasp, worst);
    let code = CheckCode::LicenceNonCompliantList;
    let CheckResult { code: before, also, detail, mut evidence } = result;
    evidence.extend(found.iter().map(|(_, found)| Evidence::non_compliant(found)));
    // Codes are declared worst first within a check: a withdrawn licence still speaks for it.
    let (speaks, other, detail) =
        if before < code { (before, code, format!("{detail} {listed}")) } else { (code, before, format!("{listed} {detail}")) };
    let other = Some(other).filter(|code| code.outcome() < CheckOutcome::Pass);
    CheckResult::new(speaks, detail, evidence).with(other.into_iter().chain(also).collect())
}

fn sentence(vasp: &Vasp, found: &NonCompliantMatch) -> String {
    let entry = &found.entry;
    let name = &vasp.legal_name;
    let by = match found.matched_by {
        MatchedBy::Lei => format!("with the LEI of {name}"),
        MatchedBy::Host => format!("with a host of {name}"),
        MatchedBy::Domain => format!("with a domain of {name}"),
        MatchedBy::Name => format!("with the name of {name}"),
        MatchedBy::Group => format!("that matches the group of {name}"),
    };
    let decided = entry.decided_on.map(|day| format!(", decided on {day}")).unwrap_or_default();
    format!("{} lists `{}` as non-compliant, {by}{decided} ({}).", entry.authority, entry.name, found.source)
}

/// Adds what compilations say against a licence that is otherwise good; what they say for one changes nothing.
pub(super) fn against_third_parties(result: CheckResult, entity: &JudgedVasp) -> CheckResult {
    let good = matches!(result.code, CheckCode::LicenceInForce | CheckCode::LicenceAnotherWithdrawn);
    let against: Vec<_> =
        entity.elsewhere.third_party.iter().flatten().filter(|row| row.word() == ThirdPartyWord::Contradicts).collect();
    let Some(first) = against.first().filter(|_| good) else { return result };
    let CheckResult { code: before, also, detail, mut evidence } = result;
    let said = format!(
        "A compilation by third parties has it as `{}` in {} on {} ({}); nobody verified that.",
        first.status, first.register, first.observed_on, first.source
    );
    evidence.extend(against.iter().map(|row| Evidence::third_party(row)));
    let code = CheckCode::LicenceThirdPartyContradicts;
    if before == CheckCode::LicenceInForce {
        CheckResult::new(code, format!("{detail} {said}"), evidence).with(also)
    } else {
        CheckResult::new(before, format!("{detail} {said}"), evidence).with([code].into_iter().chain(also).collect())
    }
}

#[cfg(test)]
pub(super) mod tests;
