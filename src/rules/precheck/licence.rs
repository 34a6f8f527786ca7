//! Whether an authority allows the counterparty to hold or move crypto-assets on the transfer's date. The best licence
//! counts; a withdrawn one counts as long as no other is good. What other lists say of it is `other_lists`.
//!
//! Source: wire contract, `licence`.

use super::{CheckCode, CheckResult, Counterparty, Evidence, PrecheckInput, other_lists};
use vasp_record::licence::{Activity, Licence, LicenceStatus};
use vasp_record::vasp::Vasp;
use vasp_words::country::Country;
use vasp_words::time::Date;

/// First day on which no transitional measure of the EU can cover a firm any more.
///
/// Source: Regulation (EU) 2023/1114 Art. 143(3): until 1 July 2026 at the latest.
const TRANSITION_ENDS: (i16, i8, i8) = (2026, 7, 1);

/// Judges the counterparty's licences.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    match &input.attribution.counterparty {
        Counterparty::Entity(entity) => {
            let judged = other_lists::against_third_parties(of_entity(&entity.record, input), entity);
            other_lists::against_non_compliant(judged, &[*entity])
        }
        Counterparty::SelfHosted => {
            let detail = "Self-hosted: nobody needs a licence.";
            CheckResult::new(CheckCode::LicenceSelfHosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Party { named, .. } => other_lists::against_non_compliant(no_counterparty(input), named),
        Counterparty::Nobody { .. } => no_counterparty(input),
    }
}

fn no_counterparty(input: &PrecheckInput<'_>) -> CheckResult {
    let detail = "Licences belong to legal entities, and none is settled on the other side.";
    CheckResult::new(CheckCode::LicenceNoCounterparty, detail, vec![Evidence::directory(input.now)])
}

fn of_entity(entity: &Vasp, input: &PrecheckInput<'_>) -> CheckResult {
    let judged = entity.licences.iter().map(|licence| (of_licence(licence, input.date, input.customer_country), licence));
    let judged: Vec<(CheckCode, &Licence)> = judged.collect();
    let withdrawn = judged.iter().find(|(code, _)| *code == CheckCode::LicenceWithdrawn);
    // Codes are declared worst first within a check.
    let best = judged.iter().rev().max_by_key(|(code, _)| *code);
    let (code, decisive) = match (best, withdrawn) {
        (None, _) => return none_on_record(entity, input),
        (Some((CheckCode::LicenceInForce, _)), Some((_, gone))) => (CheckCode::LicenceAnotherWithdrawn, *gone),
        (Some((CheckCode::LicenceInForce, licence)), None) => (CheckCode::LicenceInForce, *licence),
        (_, Some((code, gone))) => (*code, *gone),
        (Some((code, licence)), None) => (*code, *licence),
    };
    let detail = detail(code, decisive, input);
    CheckResult::new(code, detail, entity.licences.iter().map(Evidence::licence).collect())
}

fn of_licence(licence: &Licence, date: Date, customer_country: Option<Country>) -> CheckCode {
    match licence.status_on(date) {
        LicenceStatus::Withdrawn => CheckCode::LicenceWithdrawn,
        LicenceStatus::Suspended => CheckCode::LicenceSuspended,
        LicenceStatus::Ended => CheckCode::LicenceEnded,
        LicenceStatus::NotYetInForce => CheckCode::LicenceNotYetInForce,
        LicenceStatus::NotListed => CheckCode::LicenceNotListed,
        LicenceStatus::InForce if !licence.activities_on(date).any(Activity::receives_transfers) => {
            CheckCode::LicenceActivityMissing
        }
        LicenceStatus::InForce if customer_country.is_some_and(|country| !covers(licence, country)) => {
            CheckCode::LicenceTerritoryMissing
        }
        LicenceStatus::InForce => CheckCode::LicenceInForce,
    }
}

/// The authority's own state counts as well as the states it was notified to.
fn covers(licence: &Licence, country: Country) -> bool {
    licence.authority.country == country || licence.territories.contains(&country)
}

fn none_on_record(entity: &Vasp, input: &PrecheckInput<'_>) -> CheckResult {
    let (year, month, day) = TRANSITION_ENDS;
    let transition = Date::new(year, month, day).is_some_and(|end| input.date < end);
    let evidence = vec![Evidence::directory(input.now)];
    if transition && entity.country.is_some_and(|country| country.is_eu()) {
        let detail = "No licence on record; until 1 July 2026 the EU's transition may cover the firm (MiCA Art. 143(3)).";
        CheckResult::new(CheckCode::LicenceTransitionalPossible, detail, evidence)
    } else {
        CheckResult::new(CheckCode::LicenceNoneOnRecord, "No licence on record.", evidence)
    }
}

fn detail(code: CheckCode, licence: &Licence, input: &PrecheckInput<'_>) -> String {
    let date = input.date;
    let which = format!("{} licence by {}", licence.regime, licence.authority.name);
    match code {
        CheckCode::LicenceWithdrawn => format!("The authority withdrew the {which}."),
        CheckCode::LicenceAnotherWithdrawn => format!("A licence is in force, but the {which} was withdrawn."),
        CheckCode::LicenceSuspended => format!("The authority suspended the {which}."),
        CheckCode::LicenceEnded => format!("The {which} had ended by {date}."),
        CheckCode::LicenceNotYetInForce => format!("The {which} starts after {date}."),
        CheckCode::LicenceActivityMissing => {
            format!("The {which} covers neither custody nor transfer of crypto-assets on {date}.")
        }
        CheckCode::LicenceTerritoryMissing => {
            let country = input.customer_country.map_or("", |country| country.name());
            format!("The {which} does not cover the customer's country, {country}.")
        }
        CheckCode::LicenceNotListed => {
            format!("The newest look at its register does not show the {which}; that does not mean that it ended.")
        }
        _ => format!("The {which} is in force on {date}."),
    }
}
