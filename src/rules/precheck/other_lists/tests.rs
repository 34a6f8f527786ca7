//! Other lists speak against good licences, for entities and for groups, and never in favour of anybody.

use super::super::super::non_compliant::NonCompliantEntry;
use super::super::super::policy::{ConditionCode, Recommendation};
use super::super::super::third_party::ThirdPartyRow;
use super::super::examples::*;
use super::super::{CheckName, EvidenceOf, PrecheckOutcome};
use super::*;
use vasp_record::licence::{Licence, PublishedStanding};

pub(in crate::precheck) fn listed(matched_by: MatchedBy) -> NonCompliantMatch {
    let entry = NonCompliantEntry {
        authority: "Netherlands Authority for the Financial Markets (AFM)".into(),
        home_state: "NL".parse().ok(),
        name: "MEXC Global".into(),
        lei: None,
        country: None,
        commercial_names: vec![],
        hosts: ["mexc.com".parse().unwrap()].into(),
        infringement: None,
        reason: None,
        decided_on: Some(date("2025-09-16")),
        comments: None,
        updated_on: None,
    };
    let (list, source) = ("EU-ESMA-NCASP".into(), "NCASP20260130.csv".into());
    NonCompliantMatch { matched_by, entry, list, place: 100, source, as_of: date("2026-01-30") }
}

pub(in crate::precheck) fn compiled(status: &str) -> ThirdPartyRow {
    ThirdPartyRow {
        register: "FCA_CRYPTOASSET".into(),
        regulator: Some("Financial Conduct Authority (FCA)".into()),
        name: "Entity 1 Limited".into(),
        lei: None,
        country: Some(country("IE")),
        status: status.into(),
        since: None,
        observed_on: date("2026-04-20"),
        source: "master_register_20260420.csv".into(),
    }
}

fn licence_of(case: &Case) -> (CheckCode, Vec<CheckCode>, PrecheckOutcome) {
    let outcome = case.run();
    let check = outcome.checks.iter().find(|check| check.check() == CheckName::Licence).unwrap();
    (check.code, check.also.clone(), outcome.clone())
}

#[test]
fn a_listed_provider_is_held_in_spite_of_a_good_licence() {
    let mut case = Case::licensed();
    let (good, _, before) = licence_of(&case);
    case.elsewhere().non_compliant = Some(vec![listed(MatchedBy::Host)]);

    let (code, also, after) = licence_of(&case);

    assert_eq!((good, code, also), (CheckCode::LicenceInForce, CheckCode::LicenceNonCompliantList, vec![]));
    assert!(before.recommendation > Recommendation::Hold);
    assert_eq!(after.recommendation, Recommendation::Hold);
    let check = &after.checks[2];
    let entry = EvidenceOf::NonCompliantEntry { list: "EU-ESMA-NCASP".into(), place: 100 };
    let cited = check.evidence.iter().find(|evidence| evidence.of == entry).unwrap();
    assert_eq!((cited.of.id().as_deref(), cited.observed_at), (Some("EU-ESMA-NCASP/100"), Some(date("2026-01-30").start())));
    assert!(
        check
            .detail
            .contains("lists `MEXC Global` as non-compliant (decision of 2025-09-16). The entry has a host of Entity 1 Limited.")
    );
}

#[test]
fn a_listed_brand_fails_the_check_though_its_entity_is_not_known() {
    let mut case = Case::about(Question::Address(vec![claim(1, 11)]), vec![group(11), entity(1)]);
    case.elsewhere().non_compliant = Some(vec![listed(MatchedBy::Name)]);

    let (code, also, outcome) = licence_of(&case);

    assert_eq!((code, also), (CheckCode::LicenceNonCompliantList, vec![CheckCode::LicenceNoCounterparty]));
    assert_eq!(outcome.recommendation, Recommendation::Hold);
}

#[test]
fn a_withdrawn_licence_still_rejects_and_a_suspended_one_counts_beside_the_list() {
    let with = |standing| {
        let mut case = Case::licensed();
        case.entity().licences[0].standing = standing;
        case.elsewhere().non_compliant = Some(vec![listed(MatchedBy::Lei)]);
        licence_of(&case)
    };

    let (code, also, outcome) = with(PublishedStanding::Withdrawn);
    assert_eq!((code, also), (CheckCode::LicenceWithdrawn, vec![CheckCode::LicenceNonCompliantList]));
    assert_eq!(outcome.recommendation, Recommendation::Reject);
    let (code, also, outcome) = with(PublishedStanding::Suspended);
    assert_eq!((code, also), (CheckCode::LicenceNonCompliantList, vec![CheckCode::LicenceSuspended]));
    assert_eq!(outcome.recommendation, Recommendation::Hold);
}

#[test]
fn a_compilation_warns_of_a_good_licence_and_nothing_else() {
    let with = |status: &str, licensed: bool| {
        let mut case = Case::licensed();
        case.entity().licences.retain(|_| licensed);
        case.elsewhere().third_party = Some(vec![compiled("Registered"), compiled(status)]);
        licence_of(&case).0
    };

    assert_eq!(with("Withdrawn", true), CheckCode::LicenceThirdPartyContradicts);
    assert_eq!(with("Suspended", true), CheckCode::LicenceThirdPartyContradicts);
    assert_eq!(with("Authorised", true), CheckCode::LicenceInForce);
    assert_eq!(with("Authorised", false), CheckCode::LicenceNoneOnRecord, "a row that confirms is no licence");
    assert_eq!(with("Withdrawn", false), CheckCode::LicenceNoneOnRecord);
}

#[test]
fn a_firm_without_a_good_licence_is_held_whatever_a_compilation_says() {
    let gone = Licence { listed: false, ..licence("2025-01-01") };
    for (licences, expected) in [(vec![gone], CheckCode::LicenceNotListed), (vec![], CheckCode::LicenceNoneOnRecord)] {
        let mut case = Case::licensed();
        case.entity().licences = licences;
        case.elsewhere().third_party = Some(vec![compiled("Withdrawn")]);

        let (code, also, outcome) = licence_of(&case);

        assert_eq!((code, also, outcome.recommendation), (expected, vec![], Recommendation::Hold));
    }
}

#[test]
fn a_compilation_counts_beside_a_list_of_non_compliant_providers_only_with_a_good_licence() {
    let with = |is_shown: bool| {
        let mut case = Case::licensed();
        case.entity().licences[0].listed = is_shown;
        case.elsewhere().non_compliant = Some(vec![listed(MatchedBy::Host)]);
        case.elsewhere().third_party = Some(vec![compiled("Withdrawn")]);
        let (code, also, outcome) = licence_of(&case);
        (code, also, outcome.recommendation)
    };
    let held = |beside| (CheckCode::LicenceNonCompliantList, vec![beside], Recommendation::Hold);

    assert_eq!(with(true), held(CheckCode::LicenceThirdPartyContradicts));
    assert_eq!(with(false), held(CheckCode::LicenceNotListed));
}

#[test]
fn a_compilation_counts_beside_a_licence_that_cannot_cover_the_customers_country() {
    let mut case = Case { customer_country: Some(country("US")), ..Case::licensed() };
    case.elsewhere().third_party = Some(vec![compiled("Withdrawn")]);

    let (code, also, outcome) = licence_of(&case);

    assert_eq!((code, also), (CheckCode::LicenceThirdPartyContradicts, vec![CheckCode::LicenceTerritoryElsewhere]));
    let asked: Vec<ConditionCode> = outcome.conditions.iter().map(|condition| condition.code).collect();
    assert!(asked.contains(&ConditionCode::CheckSource) && asked.contains(&ConditionCode::CounterpartyDueDiligence), "{asked:?}");
}

#[test]
fn an_old_compilation_makes_no_answer_staler() {
    let mut case = Case::licensed();
    let before = case.run().checks[12].code;
    let old = ThirdPartyRow { observed_on: date("2020-01-01"), ..compiled("Withdrawn") };
    case.elsewhere().third_party = Some(vec![old]);

    assert_eq!(case.run().checks[12].code, before);
}

/// Source: rows 49 and 50 of `law_changes.csv`: notices of FIU-IND of 1 October 2025 (CoinW) and 9 September 2026 (WhiteBIT).
#[test]
fn a_notice_of_the_askers_authority_concerns_its_firms_from_its_day_on() {
    let of = |name: &str, own: &str, day: &str| {
        let mut brand = group(11);
        brand.legal_name = name.to_owned();
        let mut case = Case { date: date(day), ..Case::about(Question::Address(vec![claim(1, 11)]), vec![brand]) };
        case.originator = regime(own, crate::rulebook::TravelRuleStatus::InForce);
        case.run()
    };
    let is_told = |name: &str, own: &str, day: &str| of(name, own, day).checks[2].code == CheckCode::LicenceNonCompliantList;

    assert!(
        is_told("CoinW", "IN", "2025-10-01") && !is_told("CoinW", "IN", "2025-09-30") && !is_told("CoinW", "DE", "2026-05-01")
    );
    assert!(is_told("WhiteBIT", "IN", "2026-09-09") && !is_told("WhiteBIT", "IN", "2026-09-08"));
    assert!(!is_told("Kraken", "IN", "2026-09-09"));
    let answer = of("CoinW", "IN", "2026-05-01");
    assert_eq!(
        answer.checks[2].detail,
        "FIU-IND named `CoinW` as non-compliant on 2025-10-01. The entry has the name of CoinW. The counterparty's legal entity is not known, so no licence could be checked."
    );
    assert_eq!(answer.recommendation, Recommendation::Hold);

    let mut entity = entity(1);
    entity.other_names = vec![vasp_record::vasp::OtherName { name: "WhiteBIT".into(), name_type: "commercial".into() }];
    let mut case = Case { date: date("2026-09-09"), ..Case::about(Question::Vasp(1), vec![entity]) };
    case.originator = regime("IN", crate::rulebook::TravelRuleStatus::InForce);
    assert_eq!(case.run().checks[2].code, CheckCode::LicenceNonCompliantList);
}
