//! Tests of obligations. Expected values are read from the published rulebook and its README, not from the code.

use super::*;
use crate::rulebook::Rulebook;
use crate::rulebook::{PersonType, Undetermined};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use vasp_words::exchange_rate::{ExchangeRate, Rates};

static BOOK: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::embedded().unwrap());

/// A transfer from `from` to `to` on `date`, by a natural person to a provider. `fiat` is written like `1000 EUR`, or empty.
fn ask(from: &str, to: &str, date: &str, fiat: &str) -> ObligationsRequest {
    let place = |text: &str| (!text.is_empty()).then(|| text.parse().unwrap());
    let money = fiat.split_once(' ').map(|(a, c)| Money { amount: a.parse().unwrap(), currency: c.parse().unwrap() });
    ObligationsRequest {
        originator: place(from),
        beneficiary: place(to),
        fiat: money,
        date: date.parse().unwrap(),
        originator_type: PersonType::Natural,
        counterparty: CounterpartyKind::Vasp,
        correspondent: None,
        provided_fields: BTreeSet::new(),
        particulars: Particulars::default(),
    }
}

fn answer(from: &str, to: &str, date: &str, fiat: &str) -> Obligations {
    obligations(&BOOK, &ask(from, to, date, fiat))
}

fn sender(from: &str, to: &str, date: &str, fiat: &str) -> SideObligations {
    answer(from, to, date, fiat).originator
}

fn legal_sender(from: &str, to: &str, date: &str, fiat: &str) -> SideObligations {
    obligations(&BOOK, &ObligationsRequest { originator_type: PersonType::Legal, ..ask(from, to, date, fiat) }).originator
}

fn to_self_hosted(from: &str, date: &str, fiat: &str) -> SideObligations {
    obligations(&BOOK, &ObligationsRequest { counterparty: CounterpartyKind::SelfHosted, ..ask(from, "", date, fiat) }).originator
}

fn text(codes: &[FieldCode]) -> Vec<&str> {
    codes.iter().map(FieldCode::as_str).collect()
}

fn alternatives(one_of: &OneOf) -> Vec<Vec<&str>> {
    one_of.alternatives.iter().map(|codes| text(codes)).collect()
}

fn versions(one_of: &SourcedOneOf) -> Vec<&str> {
    one_of.from.iter().map(RuleVersionId::as_str).collect()
}

const NAMES_AND_ACCOUNTS: [&str; 4] = ["originator.name", "originator.account", "beneficiary.name", "beneficiary.account"];
const NAMES_AND_DLT: [&str; 4] = ["originator.name", "originator.dlt_address", "beneficiary.name", "beneficiary.dlt_address"];
const EU_BUNDLE: [&str; 4] = ["originator.address", "originator.country", "originator.national_id", "originator.customer_id"];

#[test]
fn a_request_between_two_places_is_of_a_person_to_a_provider_and_of_unknown_worth() {
    let short = ObligationsRequest::between("US".parse().unwrap(), "CA".parse().unwrap(), "2025-01-01".parse().unwrap());

    assert_eq!(short, ask("US", "CA", "2025-01-01", ""));
    assert_eq!(obligations(&BOOK, &short).originator.above_threshold, None);
}

#[test]
fn germany_to_france_on_the_eve_of_the_eu_regulation() {
    let below = answer("DE", "FR", "2024-12-29", "1000 EUR");
    let above = answer("DE", "FR", "2024-12-29", "1000.01 EUR");

    assert_eq!(below.originator.rule_version.as_ref().unwrap().as_str(), "DE@2021-10-01");
    assert_eq!(
        (below.flow, below.originator.status, below.originator.in_force),
        (Flow::Domestic, TravelRuleStatus::InForce, true)
    );
    assert_eq!((below.originator.above_threshold, above.originator.above_threshold), (Some(false), Some(true)));
    assert_eq!(text(&below.originator.required_fields), ["originator.account", "beneficiary.account"]);
    assert_eq!(below.originator.on_request[0].within_business_days, 3);
    assert!(below.originator.on_request[0].one_of.is_empty());
    assert_eq!(above.originator.on_request[0].one_of.len(), 1);
    assert!(above.one_of.is_empty());
    // France has adopted the Regulation, but it is not binding yet. By the Regulation's text the transfer is cross-border.
    assert_eq!(below.beneficiary.rule_version.as_ref().unwrap().as_str(), "FR@2023-06-29");
    assert_eq!((below.beneficiary.status, below.beneficiary.flow), (TravelRuleStatus::AdoptedNotInForce, Flow::CrossBorder));
    assert!(!below.beneficiary.in_force && below.beneficiary.required_fields.is_empty());
    assert_eq!(text(&below.required_fields), ["beneficiary.account", "originator.account"]);
}

#[test]
fn germany_to_france_from_the_first_day_of_the_eu_regulation() {
    for date in ["2024-12-30", "2024-12-31"] {
        for fiat in ["", "0.01 EUR", "5000 USD"] {
            let owed = answer("DE", "FR", date, fiat);

            assert_eq!(owed.originator.rule_version.as_ref().unwrap().as_str(), "DE@2024-12-30");
            assert_eq!((owed.flow, owed.originator.above_threshold), (Flow::CrossBorder, Some(true)));
            assert_eq!(text(&owed.originator.required_fields), NAMES_AND_DLT);
            assert_eq!(owed.originator.required_fields, owed.beneficiary.required_fields);
            assert_eq!(owed.one_of.len(), 1);
            assert_eq!(alternatives(&owed.one_of[0].one_of), [EU_BUNDLE.to_vec(), vec!["originator.birth"]]);
            assert_eq!(versions(&owed.one_of[0]), ["EU-TFR@2024-12-30"]);
            assert_eq!((owed.originator.retention_years, owed.originator.timing), (Some(5), Some(TimingRule::Simultaneous)));
            assert_eq!((owed.originator.batch_allowed, owed.originator.batch_scope), (Some(true), Some(BatchScope::All)));
        }
    }
}

#[test]
fn germany_to_japan_before_and_under_the_eu_regulation() {
    let eve_below = answer("DE", "JP", "2024-12-29", "1000 EUR");
    let eve_above = answer("DE", "JP", "2024-12-29", "1000.01 EUR");
    let under = answer("DE", "JP", "2024-12-31", "1000 EUR");

    assert_eq!(eve_below.flow, Flow::CrossBorder);
    assert_eq!(text(&eve_below.originator.required_fields), NAMES_AND_ACCOUNTS);
    assert!(eve_below.originator.one_of.is_empty());
    // Japan has no threshold and lists Germany.
    assert_eq!(text(&eve_below.beneficiary.required_fields), NAMES_AND_ACCOUNTS);
    assert_eq!(versions(&eve_below.one_of[0]), ["JP@2024-05-01"]);
    assert_eq!(eve_above.one_of.len(), 2);
    assert_eq!(
        text(&under.required_fields),
        [
            "beneficiary.account",
            "beneficiary.dlt_address",
            "beneficiary.name",
            "originator.account",
            "originator.dlt_address",
            "originator.name"
        ]
    );
    let from: BTreeSet<_> = under.one_of.iter().flat_map(versions).collect();
    assert_eq!(from, BTreeSet::from(["EU-TFR@2024-12-30", "JP@2024-05-01"]));
}

#[test]
fn japan_asks_towards_home_and_listed_countries_only() {
    let towards = |country: &str, date: &str| sender("JP", country, date, "10 JPY").exemption;

    assert_eq!(towards("JP", "2025-01-01"), None);
    assert_eq!(towards("DE", "2025-01-01"), None);
    assert_eq!(towards("FR", "2025-01-01"), Some(Exemption::CounterpartyNotCovered));
    assert_eq!((towards("GB", "2024-04-30"), towards("GB", "2024-05-01")), (Some(Exemption::CounterpartyNotCovered), None));
    assert_eq!(towards("", "2025-01-01"), None);
    assert!(sender("JP", "FR", "2025-01-01", "10 JPY").required_fields.is_empty());
    assert!(sender("JP", "FR", "2025-01-01", "10 JPY").in_force);
}

#[test]
fn the_united_states_threshold_counts_at_exactly_3000_dollars_and_says_what_is_uncertain() {
    let (below, at, above) = (["2999.99 USD", "3000 USD", "3000.01 USD"].map(|f| sender("US", "CA", "2025-01-01", f))).into();

    assert_eq!((below.above_threshold, at.above_threshold, above.above_threshold), (Some(false), Some(true), Some(true)));
    assert!(below.required_fields.is_empty());
    assert_eq!(below.below_threshold, Some(BelowThreshold::NoObligation));
    assert_eq!(
        text(&at.required_fields),
        [
            "originator.name",
            "originator.account",
            "originator.address",
            "transfer.amount",
            "transfer.date",
            "beneficiary.institution"
        ]
    );
    assert_eq!(at.required_fields, above.required_fields);
    // 31 CFR 1010.410(f)(1): as many items of the recipient's data as are received.
    assert_eq!(
        text(&above.if_available),
        ["beneficiary.name", "beneficiary.account", "beneficiary.address", "beneficiary.other_identifier"]
    );
    let entry = at.threshold.unwrap();
    assert_eq!(
        (entry.amount.unwrap().to_string(), entry.comparator, entry.purpose),
        ("3000".into(), Some(Comparator::Gte), Some(ThresholdPurpose::Obligation))
    );
    assert!(entry.equality_certain == Some(false) && at.undetermined.is_none());
}

#[test]
fn an_amount_that_cannot_be_compared_counts_as_above() {
    for fiat in ["", "1 EUR", "999999 EUR"] {
        let side = sender("US", "CA", "2025-01-01", fiat);

        assert_eq!(side.above_threshold, None);
        assert_eq!(side.required_fields.len(), 6);
    }
}

#[test]
fn switzerland_has_no_threshold_and_liechtenstein_one_franc() {
    let swiss = sender("CH", "CH", "2025-01-01", "");
    let alpine = |fiat: &str| sender("LI", "CH", "2025-01-01", fiat).above_threshold;

    assert_eq!((swiss.flow, swiss.above_threshold), (Flow::Domestic, Some(true)));
    assert_eq!(text(&swiss.required_fields), ["originator.account", "beneficiary.account"]);
    assert_eq!((swiss.on_request[0].within_business_days, swiss.on_request[0].required.len()), (3, 4));
    assert_eq!(swiss.threshold.unwrap().kind, ThresholdKind::Zero);
    assert_eq!([alpine("0.99 CHF"), alpine("1 CHF"), alpine("1.01 CHF"), alpine("5 EUR")], [Some(false), None, Some(true), None]);
}

#[test]
fn singapore_asks_the_full_set_above_1500() {
    let at = sender("SG", "HK", "2025-01-01", "1500 SGD");
    let above = legal_sender("SG", "HK", "2025-01-01", "1500.01 SGD");

    assert_eq!((at.above_threshold, text(&at.required_fields)), (Some(false), NAMES_AND_ACCOUNTS.to_vec()));
    assert_eq!((at.one_of.len(), at.below_threshold), (0, Some(BelowThreshold::ReducedData)));
    assert_eq!(
        alternatives(&above.one_of[0]),
        [
            vec!["originator.registered_address"],
            vec!["originator.registration_number"],
            vec!["originator.date_of_birth", "originator.place_of_birth"]
        ]
    );
}

#[test]
fn hong_kong_asks_the_full_set_from_8000_on_and_examines_the_counterparty() {
    let below = sender("HK", "SG", "2025-01-01", "7999.99 HKD");
    let at = sender("HK", "SG", "2025-01-01", "8000 HKD");

    assert_eq!((below.above_threshold, below.one_of.len()), (Some(false), 0));
    assert_eq!((at.above_threshold, at.one_of.len()), (Some(true), 1));
    assert_eq!(at.counterparty_due_diligence.travel_rule, TravelRuleDuty::Yes);
    assert_eq!(at.counterparty_due_diligence.correspondent, CorrespondentDuty::NotEstablished);
    assert_eq!(at.self_hosted.verification, WalletVerification::NotApplicable);
    assert_eq!(at.missing_data_action, MissingDataActions::Originator(vec![OriginatorAction::DoNotExecute]));
}

#[test]
fn korea_asks_a_number_on_request_within_three_business_days() {
    let person = sender("KR", "JP", "2025-01-01", "1000001 KRW");
    let company = legal_sender("KR", "JP", "2025-01-01", "1000001 KRW");

    assert_eq!(sender("KR", "JP", "2025-01-01", "1000000 KRW").above_threshold, Some(true));
    assert_eq!(sender("KR", "JP", "2025-01-01", "999999 KRW").required_fields.len(), 0);
    assert_eq!(text(&person.on_request[0].required), ["originator.national_id"]);
    assert_eq!(text(&company.on_request[0].required), ["originator.registration_number"]);
    assert_eq!(company.on_request[0].within_business_days, 3);
    assert!(text(&company.required_fields).contains(&"beneficiary.representative_name"));
    assert!(!text(&person.required_fields).contains(&"originator.national_id"));
}

#[test]
fn zambia_has_one_threshold_for_persons_and_one_for_organisations() {
    let person = |fiat: &str| sender("ZM", "ZA", "2025-01-01", fiat);
    let company = |fiat: &str| legal_sender("ZM", "ZA", "2025-01-01", fiat);

    assert_eq!((person("4999 USD").above_threshold, person("5000 USD").above_threshold), (Some(false), Some(true)));
    assert_eq!((company("5000 USD").above_threshold, company("10000 USD").above_threshold), (Some(false), Some(true)));
    // If nothing is stated about legal persons, the rules for natural persons apply.
    assert_eq!(company("10000 USD").required_fields, person("5000 USD").required_fields);
}

#[test]
fn britain_has_its_threshold_across_the_border_only() {
    let abroad = |fiat: &str| sender("GB", "US", "2025-01-01", fiat);
    let home = sender("GB", "GB", "2025-01-01", "1 GBP");

    assert_eq!((abroad("999.99 EUR").above_threshold, abroad("1000 EUR").above_threshold), (Some(false), Some(true)));
    assert_eq!((abroad("5000 GBP").above_threshold, abroad("5000 GBP").one_of.len()), (None, 1));
    assert_eq!((home.flow, home.above_threshold, home.threshold.is_none()), (Flow::Domestic, None, true));
    assert_eq!(text(&home.required_fields), NAMES_AND_ACCOUNTS);
    assert_eq!(home.on_request[0].within_business_days, 3);
    // From 30 June 2026 the amount in euros only replaces one that was not found, and the answer says so.
    let stand_in = sender("GB", "US", "2026-06-30", "1000 EUR");
    assert_eq!(stand_in.above_threshold, Some(true));
    assert_eq!(stand_in.threshold.unwrap().equality_certain, Some(false));
}

#[test]
fn each_side_calls_domestic_what_its_own_rule_does() {
    let flows = |from: &str, to: &str, date: &str| {
        let owed = answer(from, to, date, "");
        (owed.originator.flow, owed.beneficiary.flow)
    };

    assert_eq!(flows("JE", "GB", "2025-01-01"), (Flow::Domestic, Flow::CrossBorder));
    assert_eq!(flows("IM", "IM", "2025-01-01"), (Flow::CrossBorder, Flow::CrossBorder));
    assert_eq!(flows("AE", "AE-VARA", "2025-01-01"), (Flow::Domestic, Flow::Domestic));
    assert_eq!(flows("LU", "NO", "2024-12-29"), (Flow::CrossBorder, Flow::CrossBorder));
    assert_eq!(flows("DE", "", "2025-01-01"), (Flow::CrossBorder, Flow::CrossBorder));
}

#[test]
fn the_federal_rule_of_the_emirates_is_not_dubais() {
    let federal = sender("AE", "US", "2025-01-01", "3500 AED");
    let federal_home = sender("AE", "AE-VARA", "2025-01-01", "100 AED");
    let dubai = sender("AE-VARA", "US", "2025-01-01", "3500 AED");

    // The federal text does not settle the exact amount, and requires the same data below it, unverified.
    assert_eq!((federal.above_threshold, text(&federal.required_fields)), (None, NAMES_AND_ACCOUNTS.to_vec()));
    assert_eq!(text(&federal_home.required_fields), ["originator.name", "originator.account"]);
    assert_eq!((dubai.above_threshold, dubai.required_fields.len()), (Some(false), 0));
    assert_eq!(dubai.counterparty_due_diligence.travel_rule, TravelRuleDuty::Yes);
    assert_eq!((federal.retention_years, dubai.retention_years), (Some(5), Some(8)));
}

#[test]
fn before_the_first_version_and_without_a_record_the_answer_is_unknown() {
    for (place, date) in [("DE", "2021-09-30"), ("KZ", "2025-01-01"), ("SO", "2025-01-01"), ("", "2025-01-01")] {
        let side = sender(place, "US", date, "5000 USD");

        assert_eq!(
            (side.status, side.in_force, side.rule_version.is_none()),
            (TravelRuleStatus::Unknown, false, true),
            "{place}"
        );
        assert_eq!((side.above_threshold, side.required_fields.len(), side.confidence), (None, 0, Confidence::Low));
        assert_eq!(side.counterparty_due_diligence.travel_rule, TravelRuleDuty::Unknown);
        assert_eq!(side.counterparty_due_diligence.correspondent, CorrespondentDuty::Unknown);
        assert_eq!(side.self_hosted.verification, WalletVerification::NotApplicable);
        let alone = to_self_hosted(place, date, "5000 USD");
        assert_eq!((alone.self_hosted.verification, alone.data_handling), (WalletVerification::Unknown, None));
    }
    let astana = sender("KZ-AIFC", "US", "2025-01-01", "1000 USD");
    assert_eq!((astana.status, astana.above_threshold), (TravelRuleStatus::InForce, Some(true)));
    assert_eq!(sender("KZ-AIFC", "US", "2024-12-31", "1000 USD").status, TravelRuleStatus::AdoptedNotInForce);
}

#[test]
fn a_rule_that_does_not_bind_lists_no_data_and_grace_does() {
    for (place, date, status) in [
        ("CN", "2025-01-01", TravelRuleStatus::Banned),
        ("TW", "2025-01-01", TravelRuleStatus::AdoptedNotInForce),
        ("TH", "2026-04-01", TravelRuleStatus::Proposed),
        ("IS", "2025-01-01", TravelRuleStatus::Unknown),
    ] {
        let side = sender(place, "US", date, "5000 USD");
        assert_eq!((side.status, side.in_force, side.required_fields.len()), (status, false, 0), "{place}");
    }
    let grace = sender("AU", "US", "2026-04-01", "5000 USD");
    assert_eq!(
        (grace.status, grace.in_force, text(&grace.required_fields)),
        (TravelRuleStatus::Grace, false, NAMES_AND_ACCOUNTS.to_vec())
    );
}

#[test]
fn brazil_asks_at_home_before_it_asks_abroad() {
    let abroad = sender("BR", "US", "2027-03-01", "");
    let home = sender("BR", "BR", "2027-03-01", "");

    assert_eq!((abroad.exemption, abroad.required_fields.len()), (Some(Exemption::FlowNotCovered), 0));
    assert_eq!((home.exemption, home.required_fields.len()), (None, 4));
    assert_eq!(abroad.counterparty_due_diligence.travel_rule, TravelRuleDuty::No);
    // A provider of unknown place may be in Brazil.
    let unknown = sender("BR", "", "2027-03-01", "");
    assert_eq!((unknown.exemption, unknown.required_fields), (None, home.required_fields));
    assert_eq!(unknown.counterparty_due_diligence.travel_rule, home.counterparty_due_diligence.travel_rule);
    assert_eq!(sender("BR", "US", "2028-02-02", "").required_fields.len(), 4);
}

#[test]
fn a_threshold_in_several_currencies_is_compared_in_each() {
    let above = |fiat: &str| sender("GE", "US", "2027-12-31", fiat).above_threshold;

    assert_eq!(
        [above("1000.01 EUR"), above("999 USD"), above("3000 GEL"), above("3001 GEL")],
        [Some(true), Some(false), None, Some(true)]
    );
    assert_eq!(above("5000 GBP"), None);
}

#[test]
fn correspondent_diligence_is_due_outside_the_union_where_there_is_such_a_relationship() {
    let duty = |to: &str, date: &str, correspondent: Option<bool>| {
        let asked = ObligationsRequest { correspondent, ..ask("DE", to, date, "") };
        obligations(&BOOK, &asked).originator.counterparty_due_diligence.correspondent
    };

    assert_eq!(duty("US", "2025-01-01", Some(true)), CorrespondentDuty::Yes);
    assert_eq!(duty("US", "2025-01-01", Some(false)), CorrespondentDuty::NotApplicable);
    assert_eq!(duty("US", "2025-01-01", None), CorrespondentDuty::Unknown);
    assert_eq!(duty("FR", "2025-01-01", Some(true)), CorrespondentDuty::NotApplicable);
    assert_eq!(duty("NO", "2025-06-30", Some(true)), CorrespondentDuty::Yes);
    assert_eq!(duty("NO", "2025-07-01", Some(true)), CorrespondentDuty::NotApplicable);
    assert_eq!(duty("", "2025-01-01", Some(true)), CorrespondentDuty::Unknown);
    assert_eq!(duty("US", "2024-12-29", Some(true)), CorrespondentDuty::NotEstablished);
    let travel_rule = sender("DE", "US", "2025-01-01", "").counterparty_due_diligence.travel_rule;
    assert_eq!(travel_rule, TravelRuleDuty::NotEstablished);
}

#[test]
fn difc_examines_the_counterparty_from_1000_dollars_on() {
    let duty = |fiat: &str| sender("AE-DIFC", "US", "2025-01-01", fiat).counterparty_due_diligence.travel_rule;

    assert_eq!([duty("999.99 USD"), duty("1000 USD")], [TravelRuleDuty::No, TravelRuleDuty::Yes]);
    assert_eq!([duty("5000 EUR"), duty("")], [TravelRuleDuty::Unknown, TravelRuleDuty::Unknown]);
}

#[test]
fn control_of_a_self_hosted_address_is_verified_as_each_rule_says() {
    let verification = |from: &str, fiat: &str| to_self_hosted(from, "2025-01-01", fiat).self_hosted.verification;
    let british = to_self_hosted("GB", "2025-01-01", "").self_hosted;

    assert_eq!(
        [verification("DE", "1000 EUR"), verification("DE", "1000.01 EUR")],
        [WalletVerification::No, WalletVerification::Yes]
    );
    assert_eq!(
        [verification("DE", "5000 USD"), verification("DE", "")],
        [WalletVerification::Unknown, WalletVerification::Unknown]
    );
    assert_eq!([verification("CH", ""), verification("AE", "")], [WalletVerification::Yes, WalletVerification::No]);
    assert_eq!((british.verification, british.code), (WalletVerification::Yes, Some(WalletVerificationCode::RiskBased)));
    assert_eq!(to_self_hosted("DE", "2025-01-01", "").self_hosted.methods.len(), 5);
}

#[test]
fn data_towards_a_self_hosted_address_is_held_and_nobody_is_examined() {
    let german = to_self_hosted("DE", "2025-01-01", "10 EUR");

    assert_eq!(text(&german.required_fields), NAMES_AND_DLT);
    assert_eq!(german.self_hosted.data_collection, Some(DataCollection::Required));
    assert_eq!(to_self_hosted("HK", "2025-01-01", "").counterparty_due_diligence.travel_rule, TravelRuleDuty::No);
    assert_eq!(german.counterparty_due_diligence.correspondent, CorrespondentDuty::NotApplicable);
}

#[test]
fn what_is_provided_is_no_longer_missing() {
    let provided = |codes: &[&str]| {
        let provided_fields = BOOK.read_field_codes(codes).unwrap();
        let owed = obligations(&BOOK, &ObligationsRequest { provided_fields, ..ask("DE", "FR", "2025-01-01", "") });
        (owed.missing_fields.len(), owed.missing_one_of.len())
    };

    assert_eq!(provided(&[]), (4, 1));
    assert_eq!(provided(&["originator.name", "beneficiary.name", "originator.address"]), (2, 1));
    // An alternative that is a list needs all its codes.
    assert_eq!(provided(&EU_BUNDLE[..3]), (4, 1));
    assert_eq!(provided(&EU_BUNDLE), (4, 0));
    assert_eq!(provided(&["originator.birth"]), (4, 0));
}

#[test]
fn the_answer_has_the_members_of_the_contract() {
    let json = serde_json::to_value(answer("US", "DE", "2025-01-01", "3000 USD")).unwrap();
    let has = |value: &serde_json::Value, members: &[&str]| {
        members.iter().for_each(|name| assert!(value.get(name).is_some(), "{name} in {value}"));
    };

    has(&json, &["flow", "originator", "beneficiary", "required_fields", "one_of", "missing_fields", "missing_one_of"]);
    has(
        &json["originator"],
        &[
            "jurisdiction",
            "flow",
            "rule_version",
            "status",
            "in_force",
            "above_threshold",
            "threshold",
            "exemption",
            "counterparty_due_diligence",
            "required_fields",
            "one_of",
            "if_available",
            "on_request",
            "timing",
            "batch_allowed",
            "batch_scope",
            "missing_data_action",
            "retention_years",
            "self_hosted",
            "confidence",
            "sources",
        ],
    );
    assert_eq!(json["originator"]["threshold"]["amount"], "3000");
    assert_eq!(json["beneficiary"]["missing_data_action"][0], "execute");
    assert_eq!(json["one_of"][0]["alternatives"][1][0], "originator.birth");
    assert_eq!(json["one_of"][0]["from"][0], "EU-TFR@2024-12-30");
}

/// Source: Regulation (EU) 2023/1113 Art. 14(1), (5): data accompanies a transfer to a provider, and is obtained and held towards a
/// self-hosted address. Seed record 003: the US, Bermuda, Canada and South Korea leave self-hosted wallets out.
#[test]
fn data_travels_to_a_provider_and_is_held_towards_a_self_hosted_address() {
    let handling = |side: SideObligations| (side.data_handling, side.required_fields.is_empty());

    assert_eq!(handling(sender("DE", "US", "2025-01-01", "")), (Some(DataHandling::Travels), false));
    assert_eq!(handling(to_self_hosted("DE", "2025-01-01", "")), (Some(DataHandling::Held), false));
    for place in ["US", "CA", "BM", "KR"] {
        let side = to_self_hosted(place, "2025-01-01", "");
        assert_eq!(side.self_hosted.data_collection, Some(DataCollection::NotRequired), "{place}");
        assert_eq!((side.on_request.is_empty(), handling(side)), (true, (None, true)), "{place}");
    }
    assert_eq!(handling(sender("SO", "US", "2025-01-01", "")), (None, true));
}

/// Source: Resolução BCB 521/2025: at most USD 100,000 a transfer abroad where the counterparty is not an authorised institution.
#[test]
fn brazils_cap_is_exceeded_above_100000_dollars_and_open_where_nothing_can_be_compared() {
    let cap = |to: &str, date: &str, fiat: &str| {
        sender("BR", to, date, fiat).max_amount.map(|cap| (cap.exceeded, cap.undetermined.map(|why| why.reason)))
    };

    assert_eq!(cap("US", "2026-03-01", "100000.01 USD"), Some((Some(true), None)));
    assert_eq!(cap("US", "2026-03-01", "100000 USD"), Some((Some(false), None)));
    assert_eq!(cap("US", "2026-03-01", ""), Some((None, Some(Undetermined::NoAmount))));
    assert_eq!(cap("US", "2026-03-01", "500000 BRL"), Some((None, Some(Undetermined::NoRate))));
    // The Travel Rule does not cover transfers abroad yet, but the maximum amount does.
    assert_eq!(sender("BR", "US", "2027-03-01", "").exemption, Some(Exemption::FlowNotCovered));
    assert_eq!(cap("US", "2027-03-01", "100000.01 USD"), Some((Some(true), None)));
    assert_eq!(cap("", "2026-03-01", ""), Some((None, Some(Undetermined::NoAmount))));
    assert_eq!((cap("BR", "2026-03-01", "200000 USD"), cap("US", "2026-02-01", "200000 USD")), (None, None));
    assert!(to_self_hosted("BR", "2026-03-01", "200000 USD").max_amount.is_none());
    assert!(sender("DE", "US", "2026-03-01", "200000 USD").max_amount.is_none());
}

/// Source: API.md: `required` and `risk_based` are both `yes`; `code` tells them apart.
#[test]
fn a_duty_to_examine_says_how_far_it_goes() {
    let duty = |place: &str| {
        let duties = sender(place, "US", "2026-07-02", "1000000 USD").counterparty_due_diligence;
        (duties.travel_rule, duties.code)
    };

    assert_eq!(duty("HK"), (TravelRuleDuty::Yes, Some(TravelRuleDutyCode::Required)));
    assert_eq!((duty("DE"), duty("SO")), ((TravelRuleDuty::NotEstablished, None), (TravelRuleDuty::Unknown, None)));
}

fn place() -> impl Strategy<Value = String> {
    let ids: Vec<String> =
        BOOK.jurisdictions().map(|j| j.id.to_string()).chain(["KZ".into(), "SO".into(), String::new()]).collect();
    proptest::sample::select(ids)
}

prop_compose! {
    fn request()(
        from in place(), to in place(), year in 2017i16..2029, month in 1i8..=12, cents in 0u32..2_000_000,
        currency in proptest::sample::select(vec!["EUR", "USD", "CHF", "AED", "GEL", "ZAR"]),
        legal: bool, self_hosted: bool, correspondent: Option<bool>, linked: Option<u32>, own_wallet: Option<bool>, rated: bool,
    ) -> ObligationsRequest {
        let asked = ask(&from, &to, &format!("{year}-{month:02}-15"), &format!("{}.{:02} {currency}", cents / 100, cents % 100));
        ObligationsRequest {
            originator_type: if legal { PersonType::Legal } else { PersonType::Natural },
            counterparty: if self_hosted { CounterpartyKind::SelfHosted } else { CounterpartyKind::Vasp },
            correspondent,
            particulars: Particulars {
                linked_total: linked.map(|more| {
                    let cents = u64::from(cents) + u64::from(more % 3_000_000);
                    money(&format!("{}.{:02} {currency}", cents / 100, cents % 100))
                }),
                own_wallet: own_wallet.filter(|_| self_hosted),
                rates: if rated { rates(asked.date) } else { Rates::default() },
                proprietary: false,
            },
            ..asked
        }
    }
}

fn money(text: &str) -> Money {
    let (amount, currency) = text.split_once(' ').unwrap();
    Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() }
}

/// The values of a euro, a dollar and a franc; the numbers are invented.
fn rates(as_of: Date) -> Rates {
    let rate = |from: &str, to: &str, rate: &str| ExchangeRate {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        rate: rate.parse().unwrap(),
        as_of,
        source: "test".to_owned(),
    };
    Rates::new(vec![rate("EUR", "USD", "1.05"), rate("USD", "CHF", "0.9"), rate("EUR", "GBP", "0.83")], None, as_of).unwrap()
}

/// Returns every field that a side names: required, or in an alternative.
fn asked_for(side: &SideObligations) -> BTreeSet<FieldCode> {
    let alternatives = side.one_of.iter().flat_map(|one_of| one_of.alternatives.iter().flatten());
    side.required_fields.iter().chain(alternatives).cloned().collect()
}

proptest! {
    #[test]
    fn providing_more_never_leaves_more_missing(asked in request(), few: u64, more: u64) {
        let some = |bits: u64| BOOK.field_codes.keys().enumerate().filter(move |(i, _)| bits & (1 << i) != 0).map(|(_, c)| c.clone());
        let with = |provided_fields: BTreeSet<FieldCode>| obligations(&BOOK, &ObligationsRequest { provided_fields, ..asked.clone() });
        let less = with(some(few).collect());
        let rest = with(some(few | more).collect());

        prop_assert!(rest.missing_fields.iter().all(|code| less.missing_fields.contains(code)));
        prop_assert!(rest.missing_one_of.iter().all(|one_of| less.missing_one_of.contains(one_of)));
    }

    #[test]
    fn raising_the_amount_never_leads_below(asked in request(), cents in 0u32..2_000_000) {
        let mut higher = asked.clone();
        let more: Money = Money { amount: format!("{}.{:02}", cents / 100, cents % 100).parse().unwrap(), ..asked.fiat.unwrap() };
        prop_assume!(more.amount >= asked.fiat.unwrap().amount);
        higher.fiat = Some(more);
        let (low, high) = (obligations(&BOOK, &asked), obligations(&BOOK, &higher));

        for (low, high) in [(&low.originator, &high.originator), (&low.beneficiary, &high.beneficiary)] {
            prop_assert!(!(low.above_threshold == Some(true) && high.above_threshold != Some(true)));
            prop_assert!(!(low.above_threshold.is_none() && high.above_threshold == Some(false)));
            prop_assert!(!(low.self_hosted.verification == WalletVerification::Yes && high.self_hosted.verification != WalletVerification::Yes));
            prop_assert!(low.required_fields.iter().all(|code| high.required_fields.contains(code)));
            prop_assert!(asked_for(low).is_subset(&asked_for(high)));
            prop_assert!(low.one_of.len() <= high.one_of.len());
        }
        prop_assert!(low.required_fields.iter().all(|code| high.required_fields.contains(code)));
    }

    #[test]
    fn a_linked_total_never_asks_for_less(asked in request(), more in 0u32..3_000_000, other in prop::option::of(0usize..3)) {
        let alone = ObligationsRequest { particulars: Particulars { linked_total: None, ..asked.particulars.clone() }, ..asked.clone() };
        let fiat = asked.fiat.unwrap();
        // Whatever its currency, and even if it cannot be true, the total hides nothing.
        let currency = other.map_or_else(|| fiat.currency.to_string(), |other| ["EUR", "USD", "CHF"][other].to_owned());
        let cents = format!("{}.{:02} {currency}", more / 100, more % 100);
        let particulars = Particulars { linked_total: Some(money(&cents)), ..asked.particulars.clone() };
        let (alone, linked) = (obligations(&BOOK, &alone), obligations(&BOOK, &ObligationsRequest { particulars, ..asked }));

        for (alone, linked) in [(&alone.originator, &linked.originator), (&alone.beneficiary, &linked.beneficiary)] {
            prop_assert!(!(alone.above_threshold == Some(true) && linked.above_threshold != Some(true)));
            prop_assert!(!(alone.above_threshold.is_none() && linked.above_threshold == Some(false)));
            prop_assert!(asked_for(alone).is_subset(&asked_for(linked)));
        }
    }

    #[test]
    fn what_is_not_known_is_never_asked_for_less(asked in request()) {
        let without = ObligationsRequest { fiat: None, particulars: Particulars { linked_total: None, own_wallet: None, ..asked.particulars.clone() }, ..asked.clone() };
        let (known, unknown) = (obligations(&BOOK, &asked), obligations(&BOOK, &without));

        for (known, unknown) in [(&known.originator, &unknown.originator), (&known.beneficiary, &unknown.beneficiary)] {
            prop_assert!(asked_for(known).is_subset(&asked_for(unknown)));
            prop_assert!(!(known.self_hosted.verification == WalletVerification::Yes && unknown.self_hosted.verification == WalletVerification::No));
            let must_say = known.above_threshold.is_none() && known.exemption.is_none() && matches!(known.status, TravelRuleStatus::InForce | TravelRuleStatus::Grace)
                && known.threshold.as_ref().is_some_and(|t| t.kind != ThresholdKind::NotApplicable);
            prop_assert_eq!(known.undetermined.is_some(), must_say);
            prop_assert!(known.above_threshold.is_none() || (known.threshold.is_some() && known.exemption.is_none()));
        }
    }

    #[test]
    fn every_field_names_exactly_the_versions_that_demand_it(asked in request()) {
        let owed = obligations(&BOOK, &asked);
        let demanded_by = |code: &FieldCode, fields: fn(&SideObligations) -> &Vec<FieldCode>| -> BTreeSet<RuleVersionId> {
            [&owed.originator, &owed.beneficiary].iter().filter(|side| fields(side).contains(code)).filter_map(|side| side.data_from.clone()).collect()
        };

        prop_assert_eq!(owed.required_from.iter().map(|sourced| &sourced.field).collect::<Vec<_>>(), owed.required_fields.iter().collect::<Vec<_>>());
        for sourced in &owed.required_from {
            prop_assert_eq!(sourced.from.iter().cloned().collect::<BTreeSet<_>>(), demanded_by(&sourced.field, |side| &side.required_fields));
        }
        for sourced in &owed.if_available_from {
            prop_assert!(!owed.required_fields.contains(&sourced.field));
            prop_assert_eq!(sourced.from.iter().cloned().collect::<BTreeSet<_>>(), demanded_by(&sourced.field, |side| &side.if_available));
        }
        let requests = owed.originator.on_request.len() + owed.beneficiary.on_request.len();
        prop_assert!(owed.on_request_from.iter().map(|sourced| sourced.from.len()).sum::<usize>() <= requests);
    }

    #[test]
    fn on_their_own_behalf_nothing_is_asked_that_was_not(asked in request()) {
        let own = ObligationsRequest { particulars: Particulars { proprietary: true, ..asked.particulars.clone() }, ..asked.clone() };
        let (own, other) = (obligations(&BOOK, &own), obligations(&BOOK, &asked));

        match asked.counterparty {
            CounterpartyKind::SelfHosted => prop_assert_eq!(own, other),
            CounterpartyKind::Vasp => {
                prop_assert!(own.required_fields.is_empty() && own.one_of.is_empty());
                prop_assert_eq!(own.originator.counterparty_due_diligence.correspondent, other.originator.counterparty_due_diligence.correspondent);
            }
        }
    }

    #[test]
    fn the_union_does_not_depend_on_the_direction(asked in request()) {
        let back = ObligationsRequest { originator: asked.beneficiary.clone(), beneficiary: asked.originator.clone(), ..asked.clone() };
        let (there, back) = (obligations(&BOOK, &asked), obligations(&BOOK, &back));

        prop_assert_eq!(&there.required_fields, &back.required_fields);
        prop_assert_eq!(&there.one_of, &back.one_of);
        prop_assert!(there.originator.required_fields.iter().all(|code| there.required_fields.contains(code)));
        prop_assert!(there.beneficiary.required_fields.iter().all(|code| there.required_fields.contains(code)));
    }
}
