//! Whether an authority allows the counterparty to hold or move crypto-assets on the transfer's date. The best licence decides.
//! A withdrawn licence decides unless another one is good. `other_lists` adds what other lists say.
//!
//! Source: docs/project/requirements.md, CP-08.

use super::{CheckCode, CheckOutcome, CheckResult, Counterparty, Evidence, PrecheckInput, agreed, other_lists, sentences};
use vasp_record::authority::Registration;
use vasp_record::licence::{Activity, Licence, LicenceStatus};
use vasp_record::vasp::{RegisterEntry, Vasp};
use vasp_words::country::Country;
use vasp_words::time::Date;

/// First day on which no transitional measure of the EEA can cover a firm any more.
///
/// Source: Regulation (EU) 2023/1114 Art. 143(3): until 1 July 2026 at the latest.
const TRANSITION_ENDS: &str = "2026-07-01";

/// Member states that chose a shorter transition, with its first day without; the others have the longest, or their choice is not known.
///
/// Source: ESMA's list, as told on 4 February 2025 by
/// <https://www.mondaq.com/cyprus/financial-services/1578482/esma-issues-statements-on-micar-transitional-measures-and-grandfathering-periods-for-casps>;
/// rows 11 to 37 of `law_changes.csv`; what changed since: Italy (Decree-Law 95/2025), Bulgaria and Spain (<https://fastcoins.app>,
/// 6 April 2026), Lithuania (<https://www.fintecharbor.com/mica-regulation-across-the-eu-country-implementation-overview-2025>), Germany
/// (KMAG § 50(2) no. 3); Poland, whose acts were vetoed, so that none is shorter
/// (<https://norriwire.com/en/articles/polija-mica-casp-strupcels-2026-07-05>).
const SHORTER_TRANSITIONS: [(&str, &[&str]); 4] = [
    ("2025-06-30", &["LV", "HU", "NL", "SI", "FI"]),
    ("2025-09-30", &["SE"]),
    ("2025-12-30", &["IE", "GR", "AT", "SK", "NO"]),
    ("2026-01-01", &["DE", "LT"]),
];

/// Returns the first day on which no transitional measure of a country can cover a firm any more.
fn transition_ends(country: Country) -> Option<Date> {
    let shorter = SHORTER_TRANSITIONS.iter().find(|(_, states)| states.contains(&country.as_str()));
    shorter.map_or(TRANSITION_ENDS, |(end, _)| end).parse().ok()
}

/// Judges the counterparty's licences.
pub(super) fn check(input: &PrecheckInput<'_>) -> CheckResult {
    match &input.attribution.counterparty {
        Counterparty::Entity(entity) => {
            let judged = agreed::licence(of_entity(&entity.record, input), &entity.record, input);
            let judged = other_lists::against_third_parties(judged, entity);
            let judged = other_lists::against_notices(judged, &[*entity], input);
            let named: Vec<_> = std::iter::once(*entity).chain(input.attribution.brand).collect();
            other_lists::against_non_compliant(judged, &named, input)
        }
        Counterparty::SelfHosted => {
            let detail = "The wallet is self-hosted, so no licence is needed.";
            CheckResult::new(CheckCode::LicenceSelfHosted, detail, vec![Evidence::declaration(input.now)])
        }
        Counterparty::Party { named, .. } => {
            let judged = other_lists::against_notices(no_counterparty(input), named, input);
            other_lists::against_non_compliant(judged, named, input)
        }
        Counterparty::Nobody { .. } => no_counterparty(input),
    }
}

fn no_counterparty(input: &PrecheckInput<'_>) -> CheckResult {
    let detail = "The counterparty's legal entity is not known, so no licence could be checked.";
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
    let old = format!("That is {days} days ago; the limit is {limit} days. Check the register again.");
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
    let ends = entity.country.filter(Country::is_eea).and_then(transition_ends);
    let evidence = vec![Evidence::directory(input.now)];
    if let Some(end) = ends.filter(|end| input.date < *end) {
        let detail =
            format!("No licence of this firm is on record. A transitional period may cover it before {end} (MiCA Art. 143(3)).");
        CheckResult::new(CheckCode::LicenceTransitionalPossible, detail, evidence)
    } else {
        let entry = entity.entries.iter().max_by_key(|entry| entry.last_seen);
        let detail = entry.map_or_else(|| "No licence of this firm is on record.".to_owned(), entered);
        let registers = entity.entries.iter().map(Evidence::register_entry);
        CheckResult::new(CheckCode::LicenceNoneOnRecord, detail, evidence.into_iter().chain(registers).collect())
    }
}

/// Says which register has the firm without a licence.
fn entered(entry: &RegisterEntry) -> String {
    let (what, number) = (entry.registration.map_or("no licence", Registration::words), entry.number.as_deref());
    let number = number.map_or_else(String::new, |number| format!(" as {}", sentences::cut(number, 30)));
    let seen = entry.last_seen.map_or_else(String::new, |day| format!(", last seen on {day}"));
    format!("No licence of this firm is on record. {} shows it{number}{seen}: {what}.", entry.authority)
}

fn detail(code: CheckCode, licence: &Licence, input: &PrecheckInput<'_>) -> String {
    let date = input.date;
    let (regime, authority) = (sentences::cut(&licence.regime, 30), sentences::short_name(&licence.authority.name));
    let entity = input.attribution.entity().map_or("", |entity| entity.legal_name.as_str());
    let whose = format!("{}'s {regime} licence", sentences::cut(entity, 45));
    let country = input.customer_country.map_or("", |country| country.name());
    match code {
        CheckCode::LicenceWithdrawn => format!("{authority} withdrew {whose}."),
        CheckCode::LicenceAnotherWithdrawn => format!("{authority} withdrew {whose}. Another licence of the firm is in force."),
        CheckCode::LicenceSuspended => format!("{authority} suspended {whose}."),
        CheckCode::LicenceEnded => format!("{whose} ({authority}) had ended by {date}."),
        CheckCode::LicenceNotYetInForce => format!("{whose} ({authority}) starts after {date}."),
        CheckCode::LicenceActivityMissing => {
            format!("{whose} ({authority}) covers on {date} no service that holds customers' crypto-assets.")
        }
        CheckCode::LicenceActivityOther => {
            format!("{whose} ({authority}) is in force on {date}. It covers neither custody nor transfer.")
        }
        CheckCode::LicenceTerritoryElsewhere => {
            format!(
                "The {regime} licence ({authority}) is in force on {date}. It cannot cover {country}, the customer's country."
            )
        }
        CheckCode::LicenceTerritoryMissing => {
            format!("The {regime} licence ({authority}) does not cover {country}, the customer's country.")
        }
        CheckCode::LicenceNotListed => {
            format!("The newest version of the register does not show {whose}. This does not mean that the licence ended.")
        }
        _ => match seen_on(&licence) {
            Some(seen) => format!("{whose} ({authority}) was in force when last seen on {seen}."),
            None => format!("{whose} ({authority}) is in force on {date}."),
        },
    }
}
