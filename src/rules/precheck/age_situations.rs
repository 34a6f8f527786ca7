//! How the age of a source affects the check that used it.
//!
//! Source: docs/prechecks.md, "How old a source may be".

use super::examples::*;
use super::*;
use crate::lists::ListId;
use crate::rulebook::TravelRuleStatus;
use vasp_record::licence::PublishedStanding;

fn check_of(answer: &PrecheckOutcome, name: CheckName) -> &CheckResult {
    answer.checks.iter().find(|check| check.code.check() == name).unwrap()
}

fn in_country(code: &'static str, status: TravelRuleStatus, listings: Vec<Listing>) -> Case {
    Case { countries: vec![facts(code, status, listings)], ..Case::about(Question::Jurisdiction(code), vec![]) }
}

fn at_noon(case: &Case, day: &str) -> PrecheckOutcome {
    Case { now: at(&format!("{day}T12:00:00Z")), ..case.clone() }.run()
}

#[test]
fn a_licence_in_a_register_past_its_limit_was_in_force_when_last_seen_and_is_no_pass() {
    let case = Case::licensed();

    // Last seen on 26 April 2026; 120 days later is 24 August.
    let young = at_noon(&case, "2026-08-24");
    let old = at_noon(&case, "2026-08-25");

    let licence = check_of(&young, CheckName::Licence);
    assert_eq!(licence.code, CheckCode::LicenceInForce);
    assert!(licence.detail.ends_with("was in force when last seen on 2026-04-26."), "{}", licence.detail);
    let licence = check_of(&old, CheckName::Licence);
    assert_eq!((licence.code, licence.outcome()), (CheckCode::LicenceRegisterTooOld, CheckOutcome::Unknown));
    assert!(licence.detail.contains("in force when last seen on 2026-04-26. That is 121 days ago"), "{}", licence.detail);
}

#[test]
fn of_two_licences_the_one_seen_last_tells_the_age_and_what_stands_against_the_firm_stays() {
    let mut case = Case::licensed();
    let mut other = case.entity().licences[0].clone();
    other.last_seen = Some(date("2025-01-01"));
    case.entity().licences.push(other);
    assert_eq!(check_of(&at_noon(&case, "2026-05-01"), CheckName::Licence).code, CheckCode::LicenceInForce);

    case.entity().licences[1].standing = PublishedStanding::Withdrawn;
    let both = at_noon(&case, "2026-12-01");
    let codes: Vec<CheckCode> = check_of(&both, CheckName::Licence).codes().collect();
    assert_eq!(codes, [CheckCode::LicenceRegisterTooOld, CheckCode::LicenceAnotherWithdrawn]);

    case.entity().licences.remove(0);
    assert_eq!(check_of(&at_noon(&case, "2026-12-01"), CheckName::Licence).code, CheckCode::LicenceWithdrawn);
}

#[test]
fn a_day_after_the_days_that_a_list_covers_is_unknown_however_young_its_file_is() {
    let mut case = in_country("IE", TravelRuleStatus::InForce, vec![]);
    let on = |case: &Case, day: &str| Case { date: date(day), ..case.clone() }.run();
    let code = |answer: &PrecheckOutcome| check_of(answer, CheckName::Jurisdiction).code;

    // Known through 19 June 2026: the EU's list covers 120 days from there, FATF's 135.
    assert_eq!(code(&on(&case, "2026-10-17")), CheckCode::JurisdictionClear);
    let late = on(&case, "2026-10-18");
    assert_eq!(code(&late), CheckCode::JurisdictionListTooOld);
    let detail = &check_of(&late, CheckName::Jurisdiction).detail;
    assert!(detail.contains("is listed on 2026-10-18. Known only up to: EU-HRTC 2026-06-19."), "{detail}");
    assert!(!detail.contains("on no list"), "{detail}");

    // An asker in Singapore does not need the EU's list.
    case.originator = regime("SG", TravelRuleStatus::InForce);
    assert_eq!(code(&on(&case, "2026-11-01")), CheckCode::JurisdictionClear);
    assert_eq!(code(&on(&case, "2026-11-02")), CheckCode::JurisdictionListTooOld);
}

#[test]
fn an_old_list_hides_no_membership() {
    let iran = vec![listing(ListId::FatfBlack, Some(crate::lists::Measure::Countermeasures))];
    let case = Case { date: date("2027-06-01"), ..in_country("IR", TravelRuleStatus::Unknown, iran) };

    let codes: Vec<CheckCode> = check_of(&case.run(), CheckName::Jurisdiction).codes().collect();

    assert_eq!(codes[..2], [CheckCode::JurisdictionCountermeasures, CheckCode::JurisdictionListTooOld]);
}

#[test]
fn the_list_of_non_compliant_providers_shows_its_age_where_it_names_nobody() {
    let version = NonCompliantVersion { id: "EU-ESMA-NCASP", source: "ncasp.csv", as_of: date("2026-01-01") };
    let case = Case { non_compliant: Some(version), ..Case::licensed() };

    let answer = at_noon(&case, "2026-05-02");

    let shown = &check_of(&answer, CheckName::Licence).evidence;
    let list = shown.iter().find(|one| one.of == EvidenceOf::NonCompliantList("EU-ESMA-NCASP".into())).unwrap();
    assert_eq!(list.observed_at, Some(date("2026-01-01").start()));
    assert_eq!(check_of(&answer, CheckName::Freshness).code, CheckCode::FreshnessRegisterTooOld);
}

/// A demonstration's data age, and its answers must stay as they are, but never look like those of a real policy.
#[test]
fn without_age_limits_old_data_count_and_every_answer_says_so() {
    let demo = crate::policy::Policy::embedded().unwrap().for_demonstrations();
    let case = Case { policy: demo, ..Case::licensed() };

    let answer = at_noon(&case, "2036-05-02");

    assert_eq!(check_of(&answer, CheckName::Licence).code, CheckCode::LicenceInForce);
    let codes: Vec<CheckCode> = check_of(&answer, CheckName::Freshness).codes().collect();
    assert!(codes.contains(&CheckCode::FreshnessAgeLimitsLifted), "{codes:?}");
    assert!(answer.notes.iter().any(|note| note.code == CheckCode::FreshnessAgeLimitsLifted));
    let later = Case { date: date("2036-05-02"), ..case.clone() };
    let jurisdiction = check_of(&at_noon(&later, "2036-05-02"), CheckName::Jurisdiction).clone();
    assert_eq!(jurisdiction.code, CheckCode::JurisdictionClear);
    assert!(jurisdiction.detail.contains("Changes are not known: "), "{}", jurisdiction.detail);
    let young = at_noon(&case, "2026-04-01");
    assert!(young.notes.iter().any(|note| note.code == CheckCode::FreshnessAgeLimitsLifted), "also while nothing is old");
}

/// Source: docs/rulebook.md, "Gaps of knowledge".
#[test]
fn a_rule_that_nobody_read_for_long_makes_a_condition_and_never_a_hold() {
    let mut case = Case::licensed();
    let before = case.run();
    case.countries[0].regime.known_through = date("2024-11-30");
    let after = case.run();

    assert_eq!(check_of(&after, CheckName::Freshness).code, CheckCode::FreshnessRulebookTooOld);
    assert_eq!(after.recommendation, before.recommendation.min(crate::policy::Recommendation::ProceedWithConditions));
    assert!(after.conditions.iter().any(|condition| condition.code == crate::policy::ConditionCode::CheckSource));
}
