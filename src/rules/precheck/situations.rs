//! The situations for which the registry exists, with hand-made facts. All thirteen outcomes and codes, the recommendation and
//! the conditions are written out by hand.

use super::super::lists::{ListId, Measure};
use super::super::obligations::WalletVerification;
use super::super::policy::{ConditionCode, Recommendation};
use super::super::rulebook::TravelRuleStatus;
use super::super::screening::ListCoverage;
use super::examples::*;
use super::*;
use vasp_record::claim::{Claim, NetworkMatch, Strength};
use vasp_record::licence::{Activity, PublishedStanding};
use vasp_record::vasp::{LeiStatus, VaspStatus};

/// Asserts the recommendation, the conditions and the thirteen lines `<outcome> <code>`.
#[track_caller]
fn expect(answer: &PrecheckOutcome, recommendation: Recommendation, conditions: &[ConditionCode], checks: [&str; 13]) {
    let shown: Vec<String> = answer.checks.iter().map(|c| format!("{} {}", c.outcome(), c.code)).collect();
    assert_eq!(shown, checks);
    let names: Vec<CheckName> = answer.checks.iter().map(CheckResult::check).collect();
    assert_eq!(names, CheckName::ALL[..13]);
    assert_eq!(answer.recommendation, recommendation);
    assert_eq!(answer.conditions.iter().map(|c| c.code).collect::<Vec<_>>(), conditions);
    assert_eq!(answer.incomplete, checks.iter().any(|line| line.starts_with("unknown ")));
    assert!(answer.reasons.is_sorted_by_key(|reason| reason.consequence));
    assert!(answer.checks.iter().all(|check| check.detail.ends_with('.') && !check.evidence.is_empty()));
}

/// The checks of a settled entity, from `shell_vasp` to `correspondent_due_diligence`, if their facts are not on record yet.
const PENDING: [&str; 6] = [
    "unknown shell_vasp.presence_not_on_record",
    "unknown certificate.none_on_record",
    "unknown protocol.none_on_record",
    "pass data_protection.regime_equivalent",
    "unknown travel_rule_due_diligence.not_started",
    "unknown correspondent_due_diligence.undetermined",
];

const NOBODY: [&str; 6] = [
    "unknown shell_vasp.no_counterparty",
    "unknown certificate.no_counterparty",
    "unknown protocol.no_counterparty",
    "unknown data_protection.no_counterparty",
    "unknown travel_rule_due_diligence.no_counterparty",
    "unknown correspondent_due_diligence.no_counterparty",
];

const SELF_HOSTED: [&str; 6] = [
    "not_applicable shell_vasp.self_hosted",
    "not_applicable certificate.self_hosted",
    "not_applicable protocol.self_hosted",
    "not_applicable data_protection.self_hosted",
    "not_applicable travel_rule_due_diligence.self_hosted",
    "not_applicable correspondent_due_diligence.self_hosted",
];

fn thirteen(first: [&'static str; 6], middle: [&'static str; 6], freshness: &'static str) -> [&'static str; 13] {
    let all = [first.as_slice(), middle.as_slice(), &[freshness]].concat();
    all.try_into().unwrap()
}

/// Returns the conditions for a transfer to a settled entity without those facts, and more.
fn pending_and(more: &[ConditionCode]) -> Vec<ConditionCode> {
    let pending = [ConditionCode::CounterpartyDueDiligence, ConditionCode::SendDataByOtherMeans];
    let mut all = [pending.as_slice(), more].concat();
    all.sort_unstable();
    all
}

const LICENSED: [&str; 6] = [
    "pass attribution.attributed",
    "warn identity.register_only",
    "pass licence.in_force",
    "unknown lei.status_not_on_record",
    "pass jurisdiction.clear",
    "pass sanctions.no_match",
];

/// Returns the checks of the licensed firm with one of the first six lines replaced.
fn licensed_but(place: usize, line: &'static str) -> [&'static str; 13] {
    let mut first = LICENSED;
    first[place] = line;
    thirteen(first, PENDING, "pass freshness.current")
}

#[test]
fn a_licensed_firm_known_from_its_register_proceeds_with_conditions() {
    let answer = Case::licensed().run();

    expect(
        &answer,
        Recommendation::ProceedWithConditions,
        &pending_and(&[]),
        thirteen(LICENSED, PENDING, "pass freshness.current"),
    );
    assert_eq!((answer.counterparty, answer.counterparty_candidates.len()), (Some(id(1)), 0));
    assert!(answer.checks.iter().all(|check| !check.evidence.is_empty()));
}

/// Returns the conditions for a firm in a country where neither the GDPR nor a decision of the Commission protects the data, and more.
fn abroad_and(more: &[ConditionCode]) -> Vec<ConditionCode> {
    pending_and(&[[ConditionCode::ProtectData].as_slice(), more].concat())
}

fn abroad(mut checks: [&'static str; 13]) -> [&'static str; 13] {
    checks[9] = "unknown data_protection.no_assessment";
    checks
}

#[test]
fn a_firm_that_its_register_no_longer_shows_is_held() {
    let mut case = Case::licensed();
    case.entity().licences[0].listed = false;

    expect(&case.run(), Recommendation::Hold, &pending_and(&[]), licensed_but(2, "unknown licence.not_listed"));
}

#[test]
fn a_licence_is_judged_on_the_date_of_the_transfer() {
    let licence = |edit: &dyn Fn(&mut vasp_record::licence::Licence)| {
        let mut case = Case::licensed();
        edit(&mut case.entity().licences[0]);
        let answer = case.run();
        (answer.checks[2].code, answer.recommendation)
    };
    use CheckCode as C;

    assert_eq!(licence(&|l| l.valid_to = Some(date("2026-05-01"))), (C::LicenceEnded, Recommendation::Hold));
    assert_eq!(licence(&|l| l.valid_to = Some(date("2026-05-02"))), (C::LicenceInForce, Recommendation::ProceedWithConditions));
    assert_eq!(licence(&|l| l.valid_from = Some(date("2026-05-02"))), (C::LicenceNotYetInForce, Recommendation::Hold));
    assert_eq!(licence(&|l| l.standing = PublishedStanding::Suspended), (C::LicenceSuspended, Recommendation::Hold));
    assert_eq!(licence(&|l| l.standing = PublishedStanding::Withdrawn), (C::LicenceWithdrawn, Recommendation::Reject));
    for activity in [Activity::Advice, Activity::OrderTransmission, Activity::PortfolioManagement] {
        assert_eq!(licence(&|l| l.activities[0].activity = activity.clone()), (C::LicenceActivityMissing, Recommendation::Hold));
    }
    for activity in [Activity::TradingPlatform, Activity::ExchangeForFunds, Activity::Placing, Activity::Other("x".into())] {
        assert_eq!(licence(&|l| l.activities[0].activity = activity.clone()).0, C::LicenceActivityOther);
    }
    let transfer = licence(&|l| l.activities[0].activity = Activity::Transfer);
    assert_eq!(transfer, (C::LicenceInForce, Recommendation::ProceedWithConditions));
}

#[test]
fn a_territory_is_tested_only_with_the_customers_country_and_the_home_state_counts() {
    let in_country = |code: &str| {
        let mut case = Case::licensed();
        case.customer_country = Some(country(code));
        case.countries.push(facts(code, TravelRuleStatus::InForce, vec![]));
        case.run().checks[2].code
    };

    assert_eq!(in_country("DE"), CheckCode::LicenceInForce);
    assert_eq!(in_country("IE"), CheckCode::LicenceInForce);
    assert_eq!(in_country("FR"), CheckCode::LicenceTerritoryMissing);
    assert_eq!(in_country("BR"), CheckCode::LicenceTerritoryElsewhere);
}

#[test]
fn no_licence_on_record_may_be_the_eus_transition_until_the_end_of_june_2026() {
    let on = |day: &str, code: &str| {
        let mut case =
            Case { date: date(day), countries: vec![facts(code, TravelRuleStatus::InForce, vec![])], ..Case::licensed() };
        case.entity().licences.clear();
        case.entity().country = Some(country(code));
        let answer = case.run();
        (answer.checks[2].code, answer.recommendation)
    };

    // Rows 12 to 36 of `law_changes.csv`: Cyprus chose 18 months, Ireland 12, Sweden 9. Later acts changed Lithuania's, Germany's and Italy's.
    for (last, first_without, state) in [
        ("2026-06-30", "2026-07-01", "CY"),
        ("2025-12-29", "2025-12-30", "IE"),
        ("2025-09-29", "2025-09-30", "SE"),
        ("2025-12-31", "2026-01-01", "LT"),
        ("2026-06-30", "2026-07-01", "PL"),
        ("2025-12-29", "2025-12-30", "NO"),
        ("2025-12-31", "2026-01-01", "DE"),
        ("2026-06-30", "2026-07-01", "IT"),
    ] {
        assert_eq!(on(last, state), (CheckCode::LicenceTransitionalPossible, Recommendation::Hold), "{state}");
        assert_eq!(on(first_without, state), (CheckCode::LicenceNoneOnRecord, Recommendation::Hold), "{state}");
    }
    assert_eq!(on("2026-06-30", "US"), (CheckCode::LicenceNoneOnRecord, Recommendation::Hold));
}

#[test]
fn another_withdrawn_licence_beside_a_good_one_warns() {
    let mut case = Case::licensed();
    case.entity()
        .licences
        .push(vasp_record::licence::Licence { standing: PublishedStanding::Withdrawn, ..licence("2020-01-01") });

    assert_eq!(case.run().checks[2].code, CheckCode::LicenceAnotherWithdrawn);
}

fn brand() -> Case {
    let member = |number| vasp_record::vasp::Vasp { group: Some(id(11)), ..entity(number) };
    Case::about(Question::Address(vec![claim(1, 11)]), vec![member(1), member(2), group(11)])
}

#[test]
fn a_brand_with_several_entities_is_held_until_one_is_named() {
    let answer = brand().run();

    let first = [
        "pass attribution.attributed",
        "unknown identity.group_only",
        "unknown licence.no_counterparty",
        "unknown lei.no_counterparty",
        "pass jurisdiction.clear",
        "pass sanctions.no_match",
    ];
    expect(&answer, Recommendation::Hold, &[], thirteen(first, NOBODY, "pass freshness.current"));
    assert_eq!((answer.counterparty, answer.counterparty_candidates), (None, vec![id(1), id(2)]));
}

#[test]
fn a_brand_is_judged_by_its_worst_entitys_country() {
    let mut case = brand();
    case.records[1].country = Some(country("MM"));
    let edd = listing(ListId::FatfBlack, Some(Measure::EnhancedDueDiligence));
    case.countries.push(facts("MM", TravelRuleStatus::Unknown, vec![edd]));

    assert_eq!(case.run().checks[4].code, CheckCode::JurisdictionCallForAction);
}

#[test]
fn a_declared_entity_of_the_brand_is_the_counterparty() {
    let answer = Case { declared: Declared::Vasp(id(2)), ..brand() }.run();

    expect(
        &answer,
        Recommendation::ProceedWithConditions,
        &pending_and(&[]),
        thirteen(LICENSED, PENDING, "pass freshness.current"),
    );
    assert_eq!(answer.counterparty, Some(id(2)));
}

#[test]
fn several_entities_of_one_party_settle_nothing_unless_one_proved_control() {
    let both = Case { question: Question::Address(vec![claim(1, 1), claim(2, 2)]), ..brand() };
    let proven = Claim { strength: Strength::Proven, ..claim(2, 2) };
    let one = Case { question: Question::Address(vec![claim(1, 1), proven]), ..brand() };

    assert_eq!(both.run().checks[1].code, CheckCode::IdentitySeveralEntities);
    assert_eq!((one.run().counterparty, one.run().checks[0].code), (Some(id(2)), CheckCode::AttributionProven));
}

#[test]
fn an_unknown_address_without_a_declaration_is_held() {
    let answer = Case::unknown_address(Declared::Nothing).run();

    let first = [
        "unknown attribution.not_found",
        "unknown identity.no_counterparty",
        "unknown licence.no_counterparty",
        "unknown lei.no_counterparty",
        "unknown jurisdiction.no_counterparty",
        "unknown sanctions.no_counterparty",
    ];
    expect(&answer, Recommendation::Hold, &[], thirteen(first, NOBODY, "pass freshness.current"));
}

#[test]
fn a_declaration_alone_never_passes_attribution() {
    let answer = Case::unknown_address(Declared::Vasp(id(1))).run();

    expect(
        &answer,
        Recommendation::ProceedWithConditions,
        &pending_and(&[ConditionCode::ConfirmAddressWithCounterparty]),
        licensed_but(0, "warn attribution.declared_unconfirmed"),
    );
    assert_eq!(answer.counterparty, Some(id(1)));
}

#[test]
fn a_declared_self_hosted_address_proceeds_with_proof_of_control_where_a_rule_asks() {
    let first = [
        "warn attribution.self_hosted_unconfirmed",
        "not_applicable identity.self_hosted",
        "not_applicable licence.self_hosted",
        "not_applicable lei.self_hosted",
        "not_applicable jurisdiction.no_customer_country",
        "pass sanctions.no_match",
    ];
    let checks = thirteen(first, SELF_HOSTED, "pass freshness.current");
    let asking = |asks| {
        let mut case = Case::unknown_address(Declared::SelfHosted);
        case.originator.self_hosted_verification = asks;
        case.run()
    };

    expect(&asking(WalletVerification::Yes), Recommendation::ProceedWithConditions, &[ConditionCode::ProofOfControl], checks);
    expect(&asking(WalletVerification::Unknown), Recommendation::ProceedWithConditions, &[ConditionCode::ProofOfControl], checks);
    expect(
        &asking(WalletVerification::NotEstablished),
        Recommendation::ProceedWithConditions,
        &[ConditionCode::ProofOfControl],
        checks,
    );
    expect(&asking(WalletVerification::No), Recommendation::Proceed, &[], checks);
    for own_wallet in [None, Some(false)] {
        let others = Case { own_wallet, ..Case::unknown_address(Declared::SelfHosted) };
        expect(&others.run(), Recommendation::ProceedWithConditions, &[ConditionCode::IdentifyThirdParty], checks);
    }
    assert!(!asking(WalletVerification::Yes).incomplete);
}

#[test]
fn a_self_hosted_customers_country_is_judged_where_it_is_told() {
    let mut case = Case { customer_country: Some(country("IR")), ..Case::unknown_address(Declared::SelfHosted) };
    case.countries =
        vec![facts("IR", TravelRuleStatus::Unknown, vec![listing(ListId::FatfBlack, Some(Measure::Countermeasures))])];

    let answer = case.run();

    assert_eq!((answer.checks[4].code, answer.recommendation), (CheckCode::JurisdictionCountermeasures, Recommendation::Reject));
}

#[test]
fn a_sanctioned_address_is_rejected_whoever_owns_it() {
    let mut unknown = Case::unknown_address(Declared::Nothing);
    unknown.screening.hits.push(address_hit());
    let mut owned = Case::licensed();
    owned.screening.hits.push(address_hit());

    expect(&owned.run(), Recommendation::Reject, &[], licensed_but(5, "fail sanctions.address_listed"));
    let first = [
        "unknown attribution.not_found",
        "unknown identity.no_counterparty",
        "unknown licence.no_counterparty",
        "unknown lei.no_counterparty",
        "unknown jurisdiction.no_counterparty",
        "fail sanctions.address_listed",
    ];
    let answer = unknown.run();
    expect(&answer, Recommendation::Reject, &[], thirteen(first, NOBODY, "pass freshness.current"));
    assert_eq!(answer.reasons[0].code, CheckCode::SanctionsAddressListed);
}

#[test]
fn a_sanctioned_name_is_rejected_and_without_a_list_the_asker_screens() {
    let mut named = Case::licensed();
    named.screening.hits.push(name_hit("Entity 1 Limited"));
    let none = Case { screening: ScreeningFacts::default(), ..Case::licensed() };

    assert_eq!(named.run().checks[5].code, CheckCode::SanctionsNameListed);
    assert_eq!(named.run().recommendation, Recommendation::Reject);
    assert_eq!(
        (none.run().checks[5].code, none.run().recommendation),
        (CheckCode::SanctionsNoListOnRecord, Recommendation::ProceedWithConditions)
    );
    assert!(none.run().conditions.iter().any(|condition| condition.code == ConditionCode::ScreenYourself));
}

#[test]
fn no_match_where_nothing_was_tested_is_never_a_pass() {
    let mut travel_address = Case::unknown_address(Declared::SelfHosted);
    travel_address.screening.account = AccountScreening::NotAsked;
    let named = Case { question: Question::Vasp(1), ..Case::licensed() };
    let named = Case { screening: ScreeningFacts { account: AccountScreening::NotAsked, ..named.screening.clone() }, ..named };

    let answer = travel_address.run();

    assert_eq!((answer.checks[5].code, answer.recommendation), (CheckCode::SanctionsNoCounterparty, Recommendation::Hold));
    assert_eq!(answer.checks[5].detail, "No address was given, so none could be screened.");
    assert_eq!(named.run().checks[5].code, CheckCode::SanctionsNoMatch);
    assert!(named.run().checks[5].detail.starts_with("No address was given. "));
}

#[test]
fn no_match_on_a_list_that_is_not_whole_warns_and_a_hit_still_fails() {
    let partial = |mut case: Case| {
        case.screening.lists[0].coverage = ListCoverage::Partial;
        case.screening.lists[0].source = "half of it".into();
        case
    };
    let mut listed = partial(Case::licensed());
    listed.screening.hits.push(address_hit());

    let answer = partial(Case::licensed()).run();

    let expected = licensed_but(5, "warn sanctions.no_match_on_partial_list");
    expect(&answer, Recommendation::ProceedWithConditions, &pending_and(&[ConditionCode::ScreenYourself]), expected);
    assert!(answer.checks[5].detail.contains("Loaded only in part: OFAC."), "{}", answer.checks[5].detail);
    assert_eq!(partial(Case::unknown_address(Declared::SelfHosted)).run().checks[5].outcome(), CheckOutcome::Warn);
    assert_eq!(partial(Case::unknown_address(Declared::Nothing)).run().checks[5].outcome(), CheckOutcome::Unknown);
    assert_eq!(listed.run().checks[5].code, CheckCode::SanctionsAddressListed);
}

/// Returns the thirteen lines for a request that contains only a jurisdiction.
fn only_jurisdiction(jurisdiction: &'static str) -> [&'static str; 13] {
    let first = [
        "unknown attribution.no_counterparty",
        "unknown identity.no_counterparty",
        "unknown licence.no_counterparty",
        "unknown lei.no_counterparty",
        jurisdiction,
        "unknown sanctions.no_counterparty",
    ];
    thirteen(first, NOBODY, "pass freshness.current")
}

fn jurisdiction(code: &'static str, status: TravelRuleStatus, listings: Vec<Listing>) -> Case {
    Case { countries: vec![facts(code, status, listings)], ..Case::about(Question::Jurisdiction(code), vec![]) }
}

#[test]
fn iran_under_countermeasures_is_rejected() {
    let black = listing(ListId::FatfBlack, Some(Measure::Countermeasures));
    let answer = jurisdiction("IR", TravelRuleStatus::Unknown, vec![black]).run();

    expect(&answer, Recommendation::Reject, &[], only_jurisdiction("fail jurisdiction.countermeasures"));
    assert_eq!(answer.reasons[0].code, CheckCode::JurisdictionCountermeasures);
}

#[test]
fn myanmar_under_a_call_for_action_is_held_with_enhanced_due_diligence() {
    let black = listing(ListId::FatfBlack, Some(Measure::EnhancedDueDiligence));
    let answer = jurisdiction("MM", TravelRuleStatus::Unknown, vec![black]).run();

    let checks = only_jurisdiction("fail jurisdiction.call_for_action");
    expect(&answer, Recommendation::Hold, &[ConditionCode::EnhancedDueDiligence, ConditionCode::RuleNotInForce], checks);
}

#[test]
fn a_grey_listed_jurisdiction_warns() {
    let grey = || vec![listing(ListId::FatfGrey, None)];
    let answer = jurisdiction("VN", TravelRuleStatus::Unknown, grey()).run();
    expect(
        &answer,
        Recommendation::Hold,
        &[ConditionCode::CounterpartyDueDiligence, ConditionCode::RuleNotInForce],
        only_jurisdiction("warn jurisdiction.increased_monitoring"),
    );

    let mut firm = Case { countries: vec![facts("VN", TravelRuleStatus::InForce, grey())], ..Case::licensed() };
    firm.entity().country = Some(country("VN"));
    let expected = abroad(licensed_but(4, "warn jurisdiction.increased_monitoring"));
    expect(&firm.run(), Recommendation::ProceedWithConditions, &abroad_and(&[]), expected);
}

#[test]
fn the_eus_list_warns_an_originator_in_the_eu_and_is_evidence_only_elsewhere() {
    let listed = || vec![listing(ListId::EuHrtc, None)];
    let mut case = jurisdiction("GI", TravelRuleStatus::InForce, listed());
    assert_eq!(case.run().checks[4].code, CheckCode::JurisdictionEuHighRisk);

    case.originator = regime("CH", TravelRuleStatus::InForce);
    let elsewhere = case.run();
    assert_eq!(elsewhere.checks[4].code, CheckCode::JurisdictionClear);
    let membership = EvidenceOf::JurisdictionListing { list: "EU-HRTC".into(), country: country("GI") };
    assert!(elsewhere.checks[4].evidence.iter().any(|e| e.of == membership));
}

#[test]
fn a_grey_country_on_the_eus_list_keeps_the_eus_condition() {
    let both = || vec![listing(ListId::FatfGrey, None), listing(ListId::EuHrtc, None)];
    let mut firm = Case { countries: vec![facts("VN", TravelRuleStatus::InForce, both())], ..Case::licensed() };
    firm.entity().country = Some(country("VN"));

    let answer = firm.run();

    let checks = abroad(licensed_but(4, "warn jurisdiction.increased_monitoring"));
    expect(&answer, Recommendation::ProceedWithConditions, &abroad_and(&[ConditionCode::EnhancedDueDiligence]), checks);
    let detail = &answer.checks[4].detail;
    assert!(detail.contains("FATF's increased monitoring") && detail.contains("high-risk third country of the EU"), "{detail}");
}

#[test]
fn a_dispute_keeps_the_conditions_of_the_claimants_countries() {
    let mut case = Case::about(Question::Address(vec![claim(1, 1), claim(2, 3)]), vec![entity(1), entity(3)]);
    case.records[1].country = Some(country("VN"));
    case.countries.push(facts("VN", TravelRuleStatus::InForce, vec![listing(ListId::EuHrtc, None)]));

    let answer = case.run();

    assert_eq!(answer.checks[4].code, CheckCode::JurisdictionNoCounterparty);
    assert_eq!(answer.conditions.iter().map(|c| c.code).collect::<Vec<_>>(), [ConditionCode::EnhancedDueDiligence]);
    assert!(answer.checks[4].detail.contains("high-risk third country of the EU"), "{}", answer.checks[4].detail);
}

#[test]
fn a_line_of_the_policy_for_a_lesser_finding_counts() {
    let mut policy: serde_json::Value = serde_json::from_str(include_str!("../../../seed/policy.json")).unwrap();
    let line = serde_json::json!({"codes": ["jurisdiction.eu_high_risk"], "consequence": "reject", "why": "x",
        "next_steps": [{"code": "do_not_transact", "detail": "Do not."}]});
    let rules = policy["rules"].as_array_mut().unwrap();
    let place = rules.iter().position(|rule| rule["codes"] == line["codes"]).unwrap();
    rules[place] = line;
    let mut case =
        jurisdiction("VN", TravelRuleStatus::InForce, vec![listing(ListId::FatfGrey, None), listing(ListId::EuHrtc, None)]);
    case.policy = super::super::policy::Policy::from_json(&policy.to_string()).unwrap();

    assert_eq!(case.run().recommendation, Recommendation::Reject);
}

/// If two limits apply, neither hides the other.
#[test]
fn lines_with_one_condition_say_both_of_their_details() {
    let black = listing(ListId::FatfBlack, Some(Measure::EnhancedDueDiligence));
    let answer = jurisdiction("MM", TravelRuleStatus::InForce, vec![black, listing(ListId::EuHrtc, None)]).run();

    let [condition] = answer.conditions.as_slice() else { panic!("{:?}", answer.conditions) };
    assert_eq!(
        condition.detail,
        "FATF calls on members to apply enhanced due diligence to this jurisdiction. Directive (EU) 2015/849 Art. 18a: enhanced \
         customer due diligence with high-risk third countries."
    );
}

#[test]
fn a_rule_that_does_not_bind_asks_for_no_proof_of_control() {
    let conditions = |status| {
        let mut case = Case::unknown_address(Declared::SelfHosted);
        case.originator.status = status;
        case.run().conditions.len()
    };
    use TravelRuleStatus as S;

    for status in [S::InForce, S::Grace, S::Unknown] {
        assert_eq!(conditions(status), 1, "{status:?}");
    }
    for status in [S::AdoptedNotInForce, S::Proposed, S::None, S::Banned] {
        assert_eq!(conditions(status), 0, "{status:?}");
    }
}

#[test]
fn banned_prohibited_ambiguous_and_unknown_regimes_have_their_codes() {
    let banned = jurisdiction("CN", TravelRuleStatus::Banned, vec![]).run();
    let unknown = jurisdiction("PE", TravelRuleStatus::Unknown, vec![]).run();
    let mut several = jurisdiction("AE", TravelRuleStatus::InForce, vec![]);
    several.countries[0].regime.ambiguous = true;
    let mut own = jurisdiction("RU", TravelRuleStatus::InForce, vec![]);
    let text = include_str!("../../../seed/policy.json").replace("jurisdictions\": []", "jurisdictions\": [\"RU\"]");
    own.policy = super::super::policy::Policy::from_json(&text).unwrap();

    assert_eq!((banned.checks[4].code, banned.recommendation), (CheckCode::JurisdictionBanned, Recommendation::Reject));
    assert_eq!(unknown.checks[4].code, CheckCode::JurisdictionRegimeUnknown);
    assert_eq!(several.run().checks[4].code, CheckCode::JurisdictionAmbiguousRegime);
    assert_eq!((own.run().checks[4].code, own.run().recommendation), (CheckCode::JurisdictionProhibited, Recommendation::Reject));
}

/// A grace period reads `rule_not_in_force`. A change that nobody read is noted, and rejects nothing.
#[test]
fn a_grace_period_is_no_rule_in_force_and_an_unread_change_is_noted_on_either_side() {
    let grace = jurisdiction("BR", TravelRuleStatus::Grace, vec![]).run();
    assert_eq!((grace.checks[4].code, &grace.checks[4].also[..]), (CheckCode::JurisdictionRuleNotInForce, &[][..]));
    assert!(grace.checks[4].detail.contains("grace period"), "{}", grace.checks[4].detail);

    let clear = jurisdiction("IE", TravelRuleStatus::InForce, vec![]).run();
    let mut theirs = jurisdiction("IE", TravelRuleStatus::InForce, vec![]);
    theirs.countries[0].regime.unread = Some("a lower threshold".into());
    let mut ours = jurisdiction("IE", TravelRuleStatus::InForce, vec![]);
    ours.originator.unread = Some("a lower threshold".into());
    for (case, whose) in [(theirs, "IE"), (ours, "DE")] {
        let answer = case.run();
        let note = answer.notes.iter().find(|note| note.code == CheckCode::JurisdictionRuleUnread).unwrap();
        assert!(note.detail.contains(whose) && note.detail.contains("a lower threshold"), "{}", note.detail);
        assert_eq!(answer.recommendation, clear.recommendation);
    }
}

#[test]
fn a_jurisdiction_is_never_clear_without_the_lists() {
    let none = Case { lists: vec![], ..Case::licensed() }.run();
    let mut no_facts = Case::licensed();
    no_facts.countries.clear();

    assert_eq!(none.checks[4].code, CheckCode::JurisdictionNoListOnRecord);
    assert_eq!(no_facts.run().checks[4].code, CheckCode::JurisdictionRegimeUnknown);
}

#[test]
fn a_date_after_what_a_list_is_known_to_say_is_told() {
    let answer = Case { date: date("2026-06-20"), ..Case::licensed() }.run();

    assert!(
        answer.checks[4].detail.contains("Changes are not known: FATF-BLACK after 2026-06-19"),
        "{}",
        answer.checks[4].detail
    );
    assert_eq!(answer.checks[4].code, CheckCode::JurisdictionClear);
}

#[test]
fn disputed_and_ambiguous_addresses_are_held_without_a_counterparty() {
    let records = || vec![entity(1), entity(3)];
    let disputed = Case::about(Question::Address(vec![claim(1, 1), claim(2, 3)]), records()).run();
    let ambiguous = Case::about(Question::AmbiguousAddress(vec![claim(1, 1)]), records()).run();
    let first = |attribution| {
        [
            attribution,
            "unknown identity.no_counterparty",
            "unknown licence.no_counterparty",
            "unknown lei.no_counterparty",
            "unknown jurisdiction.no_counterparty",
            "unknown sanctions.no_counterparty",
        ]
    };

    let expected = thirteen(first("fail attribution.conflicted"), NOBODY, "pass freshness.current");
    expect(&disputed, Recommendation::Hold, &[], expected);
    assert_eq!((disputed.counterparty, disputed.counterparty_candidates), (None, vec![id(1), id(3)]));
    let expected = thirteen(first("fail attribution.ambiguous"), NOBODY, "pass freshness.current");
    expect(&ambiguous, Recommendation::Hold, &[], expected);
    assert_eq!(ambiguous.counterparty_candidates, vec![id(1)]);
}

#[test]
fn what_stands_against_one_claimant_stands_against_a_disputed_address() {
    let mut case = Case::about(Question::Address(vec![claim(1, 1), claim(2, 3)]), vec![entity(1), entity(3)]);
    case.records[1].country = Some(country("IR"));
    let black = listing(ListId::FatfBlack, Some(Measure::Countermeasures));
    case.countries.push(facts("IR", TravelRuleStatus::Unknown, vec![black]));
    case.screening.hits.push(name_hit("Entity 3 Limited"));

    let answer = case.run();

    assert_eq!(answer.checks[4].code, CheckCode::JurisdictionCountermeasures);
    assert_eq!(answer.checks[5].code, CheckCode::SanctionsNameListed);
    assert_eq!(answer.recommendation, Recommendation::Reject);
}

#[test]
fn a_dispute_does_not_hide_what_stands_against_a_brands_entity() {
    let mut owned = Case { question: Question::Address(vec![claim(1, 11)]), ..brand() };
    owned.records.push(entity(3));
    owned.records[0].country = Some(country("IR"));
    let black = listing(ListId::FatfBlack, Some(Measure::Countermeasures));
    owned.countries.push(facts("IR", TravelRuleStatus::Unknown, vec![black]));
    let disputed = Case { question: Question::Address(vec![claim(1, 11), claim(2, 3)]), ..owned.clone() };

    assert_eq!(owned.run().recommendation, Recommendation::Reject);
    let answer = disputed.run();
    assert_eq!(answer.checks[0].code, CheckCode::AttributionConflicted);
    assert_eq!(answer.checks[4].code, CheckCode::JurisdictionCountermeasures);
    assert_eq!(answer.recommendation, Recommendation::Reject);
}

#[test]
fn contradicted_declarations_are_held_and_the_claims_owner_is_checked() {
    let mut other = Case { declared: Declared::Vasp(id(3)), ..Case::licensed() };
    other.records.push(entity(3));
    let self_hosted = Case { declared: Declared::SelfHosted, ..Case::licensed() }.run();
    let sibling = Case { question: Question::Address(vec![claim(1, 1)]), declared: Declared::Vasp(id(2)), ..brand() };

    let answer = other.run();
    expect(&answer, Recommendation::Hold, &pending_and(&[]), licensed_but(0, "fail attribution.declared_mismatch"));
    assert_eq!((answer.counterparty, answer.counterparty_candidates), (Some(id(1)), vec![id(3)]));
    expect(
        &self_hosted,
        Recommendation::Hold,
        &pending_and(&[]),
        licensed_but(0, "fail attribution.declared_self_hosted_but_owned"),
    );
    assert_eq!(sibling.run().checks[0].code, CheckCode::AttributionDeclaredMismatch);
}

#[test]
fn a_declared_group_agrees_with_a_claim_of_its_entity() {
    let case = Case { question: Question::Address(vec![claim(1, 1)]), declared: Declared::Vasp(id(11)), ..brand() };

    assert_eq!((case.run().checks[0].code, case.run().counterparty), (CheckCode::AttributionAttributed, Some(id(1))));
}

/// A claim by a sibling entity is no evidence for the declared entity.
#[test]
fn a_declared_entity_is_as_sure_as_its_own_claim() {
    let attested = Claim { strength: Strength::Attested, ..claim(1, 1) };
    let of = |claims: Vec<Claim>| {
        let answer = Case { question: Question::Address(claims), declared: Declared::Vasp(id(2)), ..brand() }.run();
        (answer.checks[0].code, answer.checks[0].detail.clone(), answer.counterparty)
    };

    let (code, detail, counterparty) = of(vec![attested.clone(), claim(2, 2)]);
    assert_eq!((code, counterparty), (CheckCode::AttributionAttributed, Some(id(2))));
    assert_eq!(detail, "Third-party data attributes the address to Entity 2 Limited.");
    // A claim for the whole family does not contradict a claim for exactly this network.
    assert_eq!(of(vec![attested.clone(), family(2, 2)]).0, CheckCode::AttributionDeclaredMismatch);
    // An entity's claim takes precedence over its group's claim, even over a stronger one.
    assert_eq!(of(vec![Claim { vasp: id(11), ..attested }, claim(2, 2)]).0, CheckCode::AttributionAttributed);
}

#[test]
fn family_rows_never_count_above_a_warning() {
    let only = Case { question: Question::Address(vec![family(1, 1)]), ..Case::licensed() };
    let disagreeing = |strength| {
        let claims = vec![Claim { strength, ..claim(1, 1) }, family(2, 3)];
        let mut case = Case { question: Question::Address(claims), ..Case::licensed() };
        case.records.push(entity(3));
        case.run()
    };

    let expected = licensed_but(0, "warn attribution.family_only");
    expect(
        &only.run(),
        Recommendation::ProceedWithConditions,
        &pending_and(&[ConditionCode::ConfirmAddressWithCounterparty]),
        expected,
    );
    let expected = licensed_but(0, "warn attribution.family_disagrees");
    expect(&disagreeing(Strength::Proven), Recommendation::ProceedWithConditions, &pending_and(&[]), expected);
    assert_eq!(disagreeing(Strength::Attested).checks[0].code, CheckCode::AttributionConflicted);
}

/// Source: docs/claims.md, "Against another party's claim".
#[test]
fn a_proof_on_another_network_of_the_class_has_the_address_confirmed() {
    let proof = Claim { network_match: NetworkMatch::Class, strength: Strength::Proven, travels: true, ..claim(1, 1) };
    let case = Case { question: Question::Address(vec![proof]), ..Case::licensed() };

    let conditions = pending_and(&[ConditionCode::ConfirmAddressWithCounterparty]);
    expect(&case.run(), Recommendation::ProceedWithConditions, &conditions, licensed_but(0, "warn attribution.class_only"));
}

#[test]
fn a_named_vasp_needs_no_attribution() {
    let entity = Case { question: Question::Vasp(1), ..Case::licensed() };
    let brand = Case { question: Question::Vasp(11), ..brand() };

    let expected = licensed_but(0, "not_applicable attribution.vasp_named");
    expect(&entity.run(), Recommendation::ProceedWithConditions, &pending_and(&[]), expected);
    assert_eq!((brand.run().checks[1].code, brand.run().recommendation), (CheckCode::IdentityGroupOnly, Recommendation::Hold));
}

#[test]
fn a_status_of_the_record_has_its_outcome() {
    let with = |status| {
        let mut case = Case::licensed();
        case.entity().status = status;
        let answer = case.run();
        (answer.checks[1].code, answer.checks[1].outcome(), answer.recommendation)
    };
    use CheckCode as C;
    use Recommendation::{Hold, ProceedWithConditions, Reject};

    assert_eq!(with(VaspStatus::Verified), (C::IdentityVerified, CheckOutcome::Pass, ProceedWithConditions));
    assert_eq!(with(VaspStatus::InReview), (C::IdentityUnderReview, CheckOutcome::Unknown, Hold));
    assert_eq!(with(VaspStatus::Suspended), (C::IdentitySuspended, CheckOutcome::Fail, Hold));
    assert_eq!(with(VaspStatus::Revoked), (C::IdentityRevoked, CheckOutcome::Fail, Reject));
}

#[test]
fn a_status_of_the_lei_has_its_outcome() {
    let with = |status| {
        let answer = Case::licensed().lei_status(status).run();
        (answer.checks[3].code, answer.checks[3].outcome(), answer.recommendation)
    };
    use CheckCode as C;
    use Recommendation::{Hold, ProceedWithConditions};

    assert_eq!(with(LeiStatus::Issued), (C::LeiIssued, CheckOutcome::Pass, ProceedWithConditions));
    assert_eq!(with(LeiStatus::Lapsed), (C::LeiLapsed, CheckOutcome::Warn, ProceedWithConditions));
    assert_eq!(with(LeiStatus::Retired), (C::LeiRetired, CheckOutcome::Fail, Hold));
    assert_eq!(with(LeiStatus::Annulled), (C::LeiAnnulled, CheckOutcome::Fail, Hold));
    assert_eq!(with(LeiStatus::Duplicate), (C::LeiDuplicate, CheckOutcome::Fail, Hold));
}

#[test]
fn no_lei_matters_only_where_a_rule_asks_for_one() {
    let mut case = Case::licensed();
    case.entity().lei = None;
    assert_eq!(case.run().checks[3].code, CheckCode::LeiNoneOnRecord);

    case.countries[0].regime.lei_required = true;
    assert_eq!(case.run().checks[3].code, CheckCode::LeiRequiredNoneOnRecord);
}

#[test]
fn the_age_of_the_oldest_source_decides_freshness() {
    let on = |now: &str| Case { now: at(now), ..Case::licensed() }.run().checks[12].code;
    use CheckCode as C;

    // Register of 26 April: 30 days warn, 120 unknown. Screening list of 28 April: 7 days warn, 30 unknown.
    assert_eq!(on("2026-04-01T00:00:00Z"), C::FreshnessCurrent);
    assert_eq!(on("2026-05-05T23:59:59Z"), C::FreshnessCurrent);
    assert_eq!(on("2026-05-06T00:00:00Z"), C::FreshnessScreeningListOld);
    assert_eq!(on("2026-05-27T00:00:00Z"), C::FreshnessRegisterOld);
    assert_eq!(on("2026-05-29T00:00:00Z"), C::FreshnessScreeningListTooOld);
    assert_eq!(on("2026-08-25T00:00:00Z"), C::FreshnessRegisterTooOld);
}

#[test]
fn lists_and_rulebook_warn_by_their_own_limits_and_undated_sources_are_unknown() {
    let mut case = jurisdiction("IE", TravelRuleStatus::InForce, vec![]);
    case.screening.lists.clear();
    let on = |case: &Case, now: &str| Case { now: at(now), ..case.clone() }.run().checks[12].code;

    // Lists known through 19 June 2026 (120 and 135 days), rulebook through 1 April 2026 (365 and 400 days).
    assert_eq!(on(&case, "2026-10-17T00:00:00Z"), CheckCode::FreshnessCurrent);
    assert_eq!(on(&case, "2026-10-18T00:00:00Z"), CheckCode::FreshnessJurisdictionListOld);
    assert_eq!(on(&case, "2026-11-02T00:00:00Z"), CheckCode::FreshnessJurisdictionListTooOld);
    case.lists.iter_mut().for_each(|list| list.known_through = date("2027-05-01"));
    assert_eq!(on(&case, "2027-04-01T00:00:00Z"), CheckCode::FreshnessCurrent);
    assert_eq!(on(&case, "2027-04-02T00:00:00Z"), CheckCode::FreshnessRulebookOld);
    assert_eq!(on(&case, "2027-05-07T00:00:00Z"), CheckCode::FreshnessRulebookTooOld);
    let mut undated = Case::licensed();
    undated.entity().licences[0].last_seen = None;
    undated.entity().licences[0].first_seen = None;
    assert_eq!(undated.run().checks[12].code, CheckCode::FreshnessUndated);
}

#[test]
fn the_first_fact_to_expire_limits_the_answer() {
    let mut case = Case::licensed();
    case.entity().licences[0].valid_to = Some(date("2026-05-20"));

    assert_eq!(case.run().earliest_expiry(case.now), Some(at("2026-05-20T00:00:00Z")));
}

/// Source: `seed/policy.json`, `transfer.data_missing` and `transfer.data_untold`.
#[test]
fn data_that_the_askers_rule_asks_for_hold_the_transfer_and_data_untold_condition_it() {
    let with = |incoming, provided: Option<std::collections::BTreeSet<_>>| Case { incoming, provided, ..Case::licensed() }.run();
    let mut there = ALL_DATA.clone();
    there.remove(&"originator.name".parse().unwrap());
    let fields = |answer: &PrecheckOutcome, code| {
        let condition = answer.conditions.iter().find(|condition| condition.code == code);
        condition.map(|condition| condition.fields.iter().map(ToString::to_string).collect::<Vec<_>>())
    };

    for incoming in [false, true] {
        let answer = with(incoming, Some(there.clone()));
        assert_eq!(answer.recommendation, Recommendation::Hold, "incoming: {incoming}");
        let reason = answer.reasons.iter().find(|reason| reason.code == CheckCode::TransferDataMissing).unwrap();
        assert_eq!(reason.detail, "Your own rule requires data that are missing: originator.name.");
        assert!(answer.next_steps.iter().any(|step| step.code == super::super::policy::StepCode::ObtainData));
    }
    let untold = with(false, None);
    assert_eq!(untold.recommendation, Recommendation::ProceedWithConditions);
    assert_eq!(fields(&untold, ConditionCode::ProvideMissingData).unwrap().len(), ALL_DATA.len());
    assert_eq!(fields(&with(false, Some(ALL_DATA.clone())), ConditionCode::ProvideMissingData), None);
}

/// Data are asked for only if the asker's rule requires data to travel. For incoming transfers the sides are swapped.
#[test]
fn who_sends_no_data_is_asked_for_none() {
    let data = |case: Case| -> Vec<ConditionCode> {
        use ConditionCode as C;
        let about_data = [C::SendDataByOtherMeans, C::ProtectData, C::ProvideMissingData];
        case.run().conditions.iter().map(|condition| condition.code).filter(|code| about_data.contains(code)).collect()
    };
    let incoming = Case { incoming: true, ..Case::licensed() };
    let untold = Case { incoming: true, provided: None, ..Case::licensed() };
    let not_in_force = Case { originator: regime("DE", TravelRuleStatus::None), ..Case::licensed() };

    let mut abroad = Case::licensed();
    abroad.entity().country = Some(country("SG"));

    assert_eq!(data(Case::licensed()), [ConditionCode::SendDataByOtherMeans], "both under the GDPR");
    assert_eq!(data(abroad), [ConditionCode::SendDataByOtherMeans, ConditionCode::ProtectData]);
    assert_eq!(data(incoming), []);
    assert_eq!(
        untold.run().conditions.iter().find(|one| one.code == ConditionCode::ProvideMissingData).unwrap().detail,
        "Say in `provided_fields` which data came in."
    );
    assert_eq!(data(not_in_force), []);
}

/// Transfers that are split count as one.
#[test]
fn a_linked_total_above_the_amount_has_ones_own_wallet_proved() {
    let money = |amount: &str| vasp_words::money::Money { amount: amount.parse().unwrap(), currency: "EUR".parse().unwrap() };
    let asked = |linked: Option<&str>| {
        let mut case =
            Case { worth: Some(money("900")), linked_total: linked.map(money), ..Case::unknown_address(Declared::SelfHosted) };
        case.originator.self_hosted_verification = WalletVerification::NotEstablished;
        case.run().conditions.iter().map(|condition| condition.code).collect::<Vec<_>>()
    };

    assert_eq!(asked(None), []);
    assert_eq!(asked(Some("9000")), [ConditionCode::ProofOfControl]);
}
