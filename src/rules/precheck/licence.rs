//! Whether an authority allows the counterparty to hold or move crypto-assets on the transfer's date. The best licence decides.
//! A withdrawn licence decides unless another one is good. `other_lists` adds what other lists say.
//!
//! Source: wire contract, `licence`.

use super::{CheckCode, CheckOutcome, CheckResult, Counterparty, Evidence, PrecheckInput, agreed, other_lists, sentences};
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
            let judged = agreed::licence(of_entity(&entity.record, input), &entity.record, input);
            let judged = other_lists::against_third_parties(judged, entity);
            other_lists::against_non_compliant(judged, &[*entity], input)
        }
        Counterparty::SelfHosted => {
            let detail = "Self-hosted: nobody needs a licence.";
            CheckResult::new(CheckCode::LicenceSelfHosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Party { named, .. } => other_lists::against_non_compliant(no_counterparty(input), named, input),
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
    let mut also = vec![];
    let best = judged.iter().rev().max_by_key(|(code, _)| *code);
    let (code, decisive) = match (best, withdrawn) {
        (None, _) => return none_on_record(entity, input),
        (Some((code, _)), Some((_, gone))) if code.outcome() > CheckOutcome::Unknown => {
            also.extend(Some(*code).filter(|code| code.outcome() == CheckOutcome::Warn));
            (CheckCode::LicenceAnotherWithdrawn, *gone)
        }
        (_, Some((code, gone))) => (*code, *gone),
        (Some((code, licence)), None) => (*code, *licence),
    };
    let detail = detail(code, decisive, input);
    let result = CheckResult::new(code, detail, entity.licences.iter().map(Evidence::licence).collect()).with(also);
    let good = |code: CheckCode| code.outcome() > CheckOutcome::Unknown;
    match judged.iter().filter(|(code, _)| good(*code)).map(|(_, licence)| *licence).max_by_key(seen_on) {
        Some(licence) if good(code) => by_age(result, licence, input),
        _ => result,
    }
}

/// Returns the last day on which the register showed the licence.
fn seen_on(licence: &&Licence) -> Option<Date> {
    licence.last_seen.or(licence.first_seen)
}

/// An observation of the register beyond its age limit confirms nothing. Findings against the firm remain.
fn by_age(result: CheckResult, licence: &Licence, input: &PrecheckInput<'_>) -> CheckResult {
    let limit = input.policy.freshness().register.unknown_after;
    let Some((seen, limit)) = seen_on(&licence).zip(limit) else { return result };
    let days = input.now.date().days_since(seen);
    if days <= i64::from(limit) {
        return result;
    }
    let said = detail(CheckCode::LicenceInForce, licence, input);
    let CheckResult { code, also, detail, evidence, .. } = result;
    let known = (code != CheckCode::LicenceInForce).then_some((code, detail));
    let beside = known.as_ref().map_or("", |(_, detail)| detail.as_str());
    let old = format!("That is {days} days ago, more than {limit}: its register must be looked at again.");
    let detail = sentences::joined([said.as_str(), &old, beside]);
    CheckResult::new(CheckCode::LicenceRegisterTooOld, detail, evidence)
        .with(known.map(|(code, _)| code).into_iter().chain(also).collect())
}

fn of_licence(licence: &Licence, date: Date, customer_country: Option<Country>) -> CheckCode {
    match licence.status_on(date) {
        LicenceStatus::Withdrawn => CheckCode::LicenceWithdrawn,
        LicenceStatus::Suspended => CheckCode::LicenceSuspended,
        LicenceStatus::Ended => CheckCode::LicenceEnded,
        LicenceStatus::NotYetInForce => CheckCode::LicenceNotYetInForce,
        LicenceStatus::NotListed => CheckCode::LicenceNotListed,
        LicenceStatus::InForce => in_force(licence, date, customer_country),
    }
}

/// Judges a licence that is in force: whether its activities involve transfers, and whether it covers the customer's country.
fn in_force(licence: &Licence, date: Date, customer_country: Option<Country>) -> CheckCode {
    let may = |activity: fn(&Activity) -> bool| licence.activities_on(date).any(activity);
    let elsewhere = customer_country.filter(|country| !covers(licence, *country));
    match elsewhere.map(|country| can_cover(licence, country)) {
        _ if !may(Activity::may_hold_assets) => CheckCode::LicenceActivityMissing,
        Some(true) => CheckCode::LicenceTerritoryMissing,
        Some(false) => CheckCode::LicenceTerritoryElsewhere,
        None if !may(Activity::receives_transfers) => CheckCode::LicenceActivityOther,
        None => CheckCode::LicenceInForce,
    }
}

/// Returns whether a licence can be notified to a country: an EEA licence to any other EEA state (MiCA Art. 65), any other
/// licence to none.
fn can_cover(licence: &Licence, country: Country) -> bool {
    licence.authority.country.is_eea() && country.is_eea()
}

/// Returns whether a licence covers a country: the authority's own state, or a state to which it was notified.
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
    let (regime, authority) = (sentences::cut(&licence.regime, 30), sentences::cut(&licence.authority.name, 60));
    let which = format!("{regime} licence by {authority}");
    match code {
        CheckCode::LicenceWithdrawn => format!("The authority withdrew the {which}."),
        CheckCode::LicenceAnotherWithdrawn => format!("A licence is in force, but the {which} was withdrawn."),
        CheckCode::LicenceSuspended => format!("The authority suspended the {which}."),
        CheckCode::LicenceEnded => format!("The {which} had ended by {date}."),
        CheckCode::LicenceNotYetInForce => format!("The {which} starts after {date}."),
        CheckCode::LicenceActivityMissing => {
            format!("The {which} is on {date} only for activities in which nobody holds crypto-assets for customers.")
        }
        CheckCode::LicenceActivityOther => {
            format!("The {which} is in force on {date}, and names neither custody nor transfer of crypto-assets.")
        }
        CheckCode::LicenceTerritoryElsewhere => {
            let country = input.customer_country.map_or("", |country| country.name());
            format!("The {which} is in force on {date}; it cannot reach the customer's country, {country}.")
        }
        CheckCode::LicenceTerritoryMissing => {
            let country = input.customer_country.map_or("", |country| country.name());
            format!("The {which} does not cover the customer's country, {country}.")
        }
        CheckCode::LicenceNotListed => {
            format!("The newest look at its register does not show the {which}; that does not mean that it ended.")
        }
        _ => match seen_on(&licence) {
            Some(seen) => format!("The {which} was in force when last seen on {seen}."),
            None => format!("The {which} is in force on {date}."),
        },
    }
}
