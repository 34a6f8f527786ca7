//! The results of the two checks about relationships, by status and by term, written out by hand. A worse status, or an additional term,
//! never improves the recommendation.

use super::super::due_diligence::DueDiligenceStatus;
use super::super::obligations::{CorrespondentDuty, TravelRuleDuty, TravelRuleDutyCode};
use super::super::policy::{ConditionCode, Consequence, Policy, Recommendation};
use super::super::relationship::{
    AgreedRoute, Conditions, Event, Incident, IncidentKind, LicenceSeen, Limits, Made, Relationship, RiskRating, Terms, Track,
    TrackDecision,
};
use super::examples::*;
use super::*;
use DueDiligenceStatus::{Approved, ApprovedWithConditions, Expired, InProgress, NotStarted, Refused, Suspended, Terminated};
use proptest::prelude::*;
use vasp_record::licence::PublishedStanding;
use vasp_words::money::Money;

fn money(text: &str) -> Money {
    let (amount, currency) = text.split_once(' ').unwrap();
    Money { amount: amount.parse().unwrap(), currency: currency.parse().unwrap() }
}

/// A relationship with record `vasp`, with this status on both tracks until the end of 2026. `Expired` ended the day before the request.
pub(crate) fn with(vasp: u8, status: DueDiligenceStatus) -> Relationship {
    let by = "usr_00000000000000000000000001".parse().unwrap();
    let made = Made { event: Event::Approved, at: at("2026-01-10T00:00:00Z"), by, reason: None };
    let rel = format!("rel_000000000000000000000000{vasp:02}").parse().unwrap();
    let mut kept = Relationship::begin(rel, id(vasp), made);
    let (stored, due) = match status {
        Expired => (Approved, Some(date("2026-04-30"))),
        Approved | ApprovedWithConditions => (status, Some(date("2026-12-31"))),
        _ => (status, None),
    };
    let decided_at = (stored != NotStarted).then(|| at("2026-01-10T00:00:00Z"));
    kept.travel_rule =
        TrackDecision { status: stored, review_due: due, decided_at, by_senior_management: true, ..TrackDecision::default() };
    kept.correspondent = kept.travel_rule.clone();
    kept.terms.risk = Some(RiskRating::Medium);
    kept.terms.responsibilities = Some("We ask, they answer.".to_owned());
    kept
}

fn case(kept: Vec<Relationship>) -> Case {
    let mut case = Case { relationships: kept, ..Case::licensed() };
    case.transfer.correspondent = Some(true);
    case.duty.correspondent = CorrespondentDuty::NotEstablished;
    case
}

fn codes(case: &Case, check: CheckName) -> Vec<String> {
    let found = case.run().checks.into_iter().find(|result| result.check() == check).unwrap();
    std::iter::once(format!("{} {}", found.outcome(), found.code))
        .chain(found.also.iter().map(ToString::to_string))
        .map(|line| line.replace("travel_rule_due_diligence.", "").replace("correspondent_due_diligence.", ""))
        .collect()
}

fn travel_rule(case: &Case) -> Vec<String> {
    codes(case, CheckName::TravelRuleDueDiligence)
}

fn correspondent(case: &Case) -> Vec<String> {
    codes(case, CheckName::CorrespondentDueDiligence)
}

/// Source: docs/relationships.md, "Effect on pre-checks": a fail holds; most unknowns proceed with conditions.
#[test]
fn every_status_has_its_outcome_on_both_tracks() {
    for (status, line) in [
        (Refused, "fail refused"),
        (Terminated, "fail terminated"),
        (Suspended, "fail suspended"),
        (Expired, "fail expired"),
        (NotStarted, "unknown not_started"),
        (InProgress, "unknown in_progress"),
        (ApprovedWithConditions, "pass approved_with_conditions"),
        (Approved, "pass approved"),
    ] {
        let case = case(vec![with(1, status)]);

        assert_eq!((travel_rule(&case), correspondent(&case)), (vec![line.to_owned()], vec![line.to_owned()]), "{status:?}");
        let answer = case.run();
        assert_eq!((answer.travel_rule.status, answer.correspondent.status), (status, status));
        let reason = answer.reasons.iter().find(|reason| reason.code.check() == CheckName::TravelRuleDueDiligence);
        let expected = match status.class() {
            super::super::due_diligence::StatusClass::Closed => Some(Consequence::Hold),
            super::super::due_diligence::StatusClass::Undecided => Some(Consequence::Condition),
            super::super::due_diligence::StatusClass::Approval => None,
        };
        assert_eq!(reason.map(|reason| reason.consequence), expected, "{status:?}");
    }
}

/// Source: docs/relationships.md, "Approval of many": who leaves a rule loses the approval at once, with its reason in the verdict.
#[test]
fn an_approval_by_a_rule_that_covers_it_no_more_fails_with_the_reason() {
    let mut kept = with(1, Approved);
    kept.travel_rule.by_rule = "apr_00000000000000000000000001".parse().ok();
    assert_eq!(travel_rule(&case(vec![kept.clone()])), ["pass approved"]);

    kept.travel_rule.lapsed = Some("one of its licences is withdrawn or suspended".to_owned());
    let case = case(vec![kept]);

    assert_eq!(travel_rule(&case), ["fail left_rule"]);
    let answer = case.run();
    assert_eq!((answer.recommendation, answer.travel_rule.status), (Recommendation::Hold, Expired));
    let found = answer.checks.iter().find(|result| result.check() == CheckName::TravelRuleDueDiligence).unwrap();
    let said = "It was approved by a rule, which covers it no more: one of its licences is withdrawn or suspended.";
    assert_eq!(found.detail.as_str(), said);
}

#[test]
fn nothing_decided_is_worse_to_a_policy_where_the_askers_rule_asks_for_it_first() {
    let mut case = case(vec![]);
    case.duty.travel_rule = TravelRuleDuty::Yes;

    assert_eq!(travel_rule(&case), ["unknown not_started", "required_not_done"]);
    case.relationships = vec![with(1, Approved)];
    assert_eq!(travel_rule(&case), ["pass approved"]);
}

/// Source: docs/relationships.md, "Effect on pre-checks": `not_applicable` if false or out of scope, unknown if null.
#[test]
fn correspondent_diligence_is_asked_for_where_the_transfer_is_one() {
    let mut case = case(vec![with(1, Refused)]);
    case.transfer.correspondent = Some(false);
    assert_eq!(correspondent(&case), ["not_applicable asker_says_no"]);
    case.transfer.correspondent = None;
    assert_eq!(correspondent(&case), ["fail refused"], "whoever is refused is refused, whatever was left out");

    case.transfer.correspondent = Some(true);
    case.duty.correspondent = CorrespondentDuty::NotApplicable;
    assert_eq!(correspondent(&case), ["fail refused"], "one's own refusal counts whatever the rule asks");
    case.relationships = vec![];
    assert_eq!(correspondent(&case), ["not_applicable out_of_scope"]);
    case.duty.correspondent = CorrespondentDuty::Yes;
    assert_eq!(correspondent(&case), ["unknown not_started"]);
}

#[test]
fn the_policy_says_when_a_transfer_of_which_nobody_speaks_counts_as_correspondent() {
    let policy = |trigger: &str| {
        let text = include_str!("../../../seed/policy.json");
        Policy::from_json(&text.replacen(
            "\"correspondent_trigger\": \"undetermined\"",
            &format!("\"correspondent_trigger\": \"{trigger}\""),
            1,
        ))
        .unwrap()
    };
    let asked = |trigger: &str, kept: Vec<Relationship>| {
        let mut case = Case { policy: policy(trigger), ..case(kept) };
        case.transfer.correspondent = None;
        correspondent(&case)
    };
    assert_eq!(asked("always", vec![]), ["unknown not_started"]);
    assert_eq!(asked("on_record", vec![]), ["unknown undetermined"]);
    assert_eq!(asked("on_record", vec![with(1, Suspended)]), ["fail suspended"]);
    assert_eq!(asked("on_record", vec![with(1, Approved)]), ["pass approved"]);
}

/// An approval is valid through its review date, by the later of today and the transfer's day, so that nobody can choose a date
/// around it.
#[test]
fn an_approval_ends_with_its_review_date_whatever_the_transfers_date() {
    let mut case = case(vec![with(1, Approved)]);
    assert_eq!(case.run().travel_rule.review_due, Some(date("2026-12-31")));
    case.now = at("2026-12-31T23:59:59Z");
    case.date = date("2026-12-31");
    assert_eq!(travel_rule(&case), ["warn review_due_soon", "approved"]);
    case.now = at("2027-01-01T00:00:00Z");
    assert_eq!(travel_rule(&case), ["fail expired"], "today is past it");
    case.now = at("2026-05-01T12:00:00Z");
    case.date = date("2027-01-01");
    assert_eq!(travel_rule(&case), ["fail expired"], "the transfer is past it");
    case.date = date("2025-01-01");
    assert_eq!(travel_rule(&case), ["pass approved"]);
}

fn conditioned(conditions: Conditions) -> Case {
    let mut kept = with(1, ApprovedWithConditions);
    kept.travel_rule.conditions = conditions;
    let mut case = case(vec![kept]);
    case.transfer.correspondent = Some(false);
    case
}

/// Returns the conditions from the relationship.
fn made(case: &Case) -> Vec<Condition> {
    case.run().conditions.into_iter().filter(|condition| condition.asked_by == Asks::Relationship).collect()
}

fn shown(case: &Case) -> Vec<ConditionCode> {
    made(case).into_iter().map(|condition| condition.code).collect()
}

#[test]
fn first_party_is_met_broken_or_unknown_and_silence_is_no_pass() {
    let mut case = conditioned(Conditions { first_party_only: true, ..Conditions::default() });
    case.transfer.first_party = Some(true);
    assert_eq!((travel_rule(&case), shown(&case)), (vec!["pass approved_with_conditions".to_owned()], vec![]));
    case.transfer.first_party = None;
    assert_eq!(travel_rule(&case), ["unknown first_party_undetermined", "conditions_to_meet", "approved_with_conditions"]);
    assert_eq!(shown(&case), [ConditionCode::FirstPartyOnly]);
    case.transfer.first_party = Some(false);
    assert_eq!(travel_rule(&case)[0], "fail not_first_party");
    assert_eq!(case.run().recommendation, Recommendation::Hold);
}

#[test]
fn amounts_are_held_against_limits_of_the_same_currency_only() {
    let mut case = conditioned(Conditions { max_amount: Some(money("1000 EUR")), ..Conditions::default() });
    case.transfer.fiat = Some(money("1000.00 EUR"));
    assert_eq!(
        (travel_rule(&case), shown(&case)),
        (vec!["pass approved_with_conditions".to_owned()], vec![]),
        "exactly at it is within"
    );
    case.transfer.fiat = Some(money("1000.01 EUR"));
    assert_eq!(travel_rule(&case)[0], "fail limit_exceeded");
    for fiat in [None, Some(money("1 USD"))] {
        case.transfer.fiat = fiat;
        assert_eq!(travel_rule(&case)[0], "unknown limit_undetermined");
        assert_eq!(shown(&case), [ConditionCode::MaxAmount]);
    }
}

#[test]
fn what_only_the_asker_can_see_to_becomes_a_condition() {
    let case = conditioned(Conditions {
        enhanced_due_diligence: true,
        proof_of_control: true,
        other: Some("Call Ada first.".to_owned()),
        ..Conditions::default()
    });
    assert_eq!(travel_rule(&case), ["warn conditions_to_meet", "approved_with_conditions"]);
    let codes = [ConditionCode::EnhancedDueDiligence, ConditionCode::ProofOfControl, ConditionCode::CounterpartyDueDiligence];
    assert_eq!(shown(&case), codes);
    assert!(made(&case)[2].detail.contains("Call Ada first."));

    let mut kept = with(1, Approved);
    kept.terms.limits = Limits { per_day: Some(money("5000 EUR")), ..Limits::default() };
    let mut limited = super::relationship_situations::case(vec![kept]);
    limited.transfer.fiat = Some(money("4000 EUR"));
    assert_eq!(travel_rule(&limited)[0], "unknown limit_undetermined", "what was sent before was not said");
    assert_eq!(shown(&limited), [ConditionCode::MaxAmount]);
    limited.transfer.fiat = Some(money("5001 EUR"));
    assert_eq!(travel_rule(&limited)[0], "fail limit_exceeded");
}

/// Source: docs/relationships.md, "Effect on pre-checks": a limit for a day or month is checked, not only reported.
#[test]
fn what_was_exchanged_before_counts_against_limits_of_a_day_and_a_month() {
    let mut kept = with(1, Approved);
    kept.terms.limits = Limits { per_day: Some(money("5000 EUR")), per_month: Some(money("9000 EUR")), ..Limits::default() };
    let first = |day: &str, month: &str, fiat: &str| {
        let mut case = case(vec![kept.clone()]);
        case.transfer.fiat = Some(money(fiat));
        case.transfer.earlier = EarlierTotals { day: Some(money(day)), month: Some(money(month)) };
        travel_rule(&case)[0].clone()
    };
    assert_eq!(first("4000 EUR", "8000 EUR", "1000 EUR"), "pass approved", "exactly at both is within");
    assert_eq!(first("4000 EUR", "8000 EUR", "1000.01 EUR"), "fail limit_exceeded");
    assert_eq!(first("0 EUR", "8000 EUR", "1001 EUR"), "fail limit_exceeded", "the month alone");
    assert_eq!(first("5001 EUR", "0 EUR", "1 USD"), "fail limit_exceeded", "exceeded before");
    assert_eq!(first("1 USD", "0 EUR", "1 EUR"), "unknown limit_undetermined", "currencies are never compared");
}

#[test]
fn networks_and_assets_that_are_not_covered_fail_and_unnamed_ones_are_unknown() {
    let mut kept = with(1, Approved);
    let usdc = "eip155:1/erc20:0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48";
    kept.terms.networks = vec!["eip155:1".parse().unwrap()];
    kept.terms.assets = vec![usdc.parse().unwrap()];
    let mut case = case(vec![kept]);
    assert_eq!(travel_rule(&case), ["unknown network_undetermined", "asset_undetermined", "approved"]);
    case.transfer.network = Some("eip155:1".parse().unwrap());
    case.transfer.asset = Some(usdc.to_lowercase().parse().unwrap());
    assert_eq!(travel_rule(&case), ["pass approved"], "the case of a contract's address is a checksum only");
    case.transfer.network = Some("eip155:137".parse().unwrap());
    case.transfer.asset = Some("eip155:137/slip44:966".parse().unwrap());
    assert_eq!(travel_rule(&case)[..2], ["fail network_not_covered", "asset_not_covered"]);
}

/// Source: TRON's USDT by Tether, "Supported Protocols"; TRON's chain id by TRON, "JSON-RPC API", `eth_chainId`.
#[test]
fn a_network_and_an_asset_are_covered_under_the_other_id_of_their_ledger() {
    let mut kept = with(1, Approved);
    kept.terms.networks = vec!["tron:0x2b6653dc".parse().unwrap()];
    kept.terms.assets = vec!["tron:0x2b6653dc/trc20:TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t".parse().unwrap()];
    let mut case = case(vec![kept]);

    case.transfer.network = Some("eip155:728126428".parse().unwrap());
    case.transfer.asset = Some("eip155:728126428/erc20:0xa614f803b6fd780986a42c78ec9c7f77e6ded13c".parse().unwrap());

    assert_eq!(travel_rule(&case), ["pass approved"]);
}

#[test]
fn what_is_inherited_from_the_group_only_warns_and_is_shown_as_such() {
    let mut case = case(vec![with(11, Approved)]);
    case.records = vec![entity(1), group(11)];
    case.entity().group = Some(id(11));
    assert_eq!(travel_rule(&case), ["warn approved_for_group", "approved"]);
    assert_eq!(case.run().travel_rule.inherited_from, Some(id(11)));
    assert!(case.run().conditions.iter().any(|one| one.code == ConditionCode::CounterpartyDueDiligence));
    case.duty.travel_rule = TravelRuleDuty::Yes;
    case.duty.code = Some(TravelRuleDutyCode::Required);
    assert_eq!(case.run().recommendation, Recommendation::Hold, "a rule that asks for it asks for it of each entity");
    case.duty.travel_rule = TravelRuleDuty::NotEstablished;
    case.relationships = vec![with(11, Refused)];
    assert_eq!(travel_rule(&case), ["fail refused"]);
    case.relationships = vec![with(11, Approved), with(1, Refused)];
    assert_eq!(travel_rule(&case), ["fail refused"], "its own refusal wins");
    case.relationships = vec![with(11, Suspended), with(1, Approved)];
    assert_eq!(travel_rule(&case), ["warn group_stands_worse", "approved"]);
}

/// Source: Regulation (EU) 2023/1113 Art. 17(2), "repeatedly"; the default policy: from the third within a year.
#[test]
fn exchanges_that_failed_repeatedly_warn() {
    let failed = |day: &str| Incident { kind: IncidentKind::MissingData, occurred_at: date(day).start(), note: None, step: None };
    let mut kept = with(1, Approved);
    kept.incidents = vec![failed("2025-04-30"), failed("2025-06-01"), failed("2026-04-30")];
    let mut case = case(vec![kept]);
    assert_eq!(travel_rule(&case), ["pass approved"], "two within the year");
    case.relationships[0].incidents.push(failed("2026-05-01"));
    assert_eq!(travel_rule(&case), ["warn repeated_failures", "approved"]);
}

#[test]
fn who_is_rated_as_prohibited_fails_whatever_was_approved() {
    let mut kept = with(1, Approved);
    kept.terms.risk = Some(RiskRating::Prohibited);
    assert_eq!(travel_rule(&case(vec![kept])), ["fail rated_prohibited", "approved"]);
}

#[test]
fn without_an_entity_there_is_nothing_to_stand_with() {
    let mut case = case(vec![with(1, Refused)]);
    case.question = Question::Jurisdiction("IE");
    assert_eq!(travel_rule(&case), ["unknown no_counterparty"]);
    let self_hosted = Case { relationships: vec![with(1, Refused)], ..Case::unknown_address(Declared::SelfHosted) };
    assert_eq!(travel_rule(&self_hosted), ["not_applicable self_hosted"]);
    assert_eq!(self_hosted.run().conditions.iter().filter(|c| c.code == ConditionCode::CounterpartyDueDiligence).count(), 0);
}

/// An approval of the entity. Its terms name a route for the data, and a licence that was seen on that day.
fn agreed(vasp: u8, seen_on: &str) -> Relationship {
    let mut kept = with(vasp, Approved);
    kept.terms.route = Some(AgreedRoute { protocol: "trp".parse().unwrap() });
    let said = |text: &str| text.to_owned();
    kept.terms.licence_seen =
        Some(LicenceSeen { authority: said("A"), number: said("1"), seen_on: date(seen_on), evidence: said("File 7.") });
    kept
}

/// Source: docs/relationships.md, "Effect on pre-checks": never against withdrawn, suspended, ended, not_listed or a non-compliant list.
#[test]
fn a_licence_that_the_asker_saw_takes_the_place_of_none_and_of_nothing_worse() {
    let judged = |seen_on: &str, change: &dyn Fn(&mut Case)| {
        let mut case = case(vec![agreed(1, seen_on)]);
        change(&mut case);
        codes(&case, CheckName::Licence).remove(0)
    };
    let none = |case: &mut Case| case.entity().licences.clear();
    let standing = |standing| move |case: &mut Case| case.entity().licences[0].standing = standing;
    assert_eq!(judged("2026-05-01", &none), "pass licence.seen_by_asker");
    assert_eq!(judged("2026-01-01", &none), "pass licence.seen_by_asker", "120 days");
    assert_eq!(judged("2025-12-31", &none), "unknown licence.none_on_record", "121 days");
    assert_eq!(judged("2026-05-02", &none), "unknown licence.none_on_record", "tomorrow");
    assert_eq!(judged("2026-05-01", &|_| ()), "pass licence.in_force");
    let too_old = |case: &mut Case| case.entity().licences[0].last_seen = Some(date("2025-12-01"));
    assert_eq!(judged("2026-05-01", &too_old), "pass licence.seen_by_asker");
    assert_eq!(judged("2026-05-01", &standing(PublishedStanding::Withdrawn)), "fail licence.withdrawn");
    assert_eq!(judged("2026-05-01", &standing(PublishedStanding::Suspended)), "fail licence.suspended");
    assert_eq!(judged("2026-05-01", &|case| case.entity().licences[0].listed = false), "unknown licence.not_listed");
    assert_eq!(judged("2026-05-01", &|case| case.entity().licences[0].valid_to = Some(date("2026-04-30"))), "fail licence.ended");
    let beside_a_gone_one = |case: &mut Case| {
        too_old(case);
        case.entity().licences.push(vasp_record::licence::Licence { listed: false, ..licence("2025-01-01") });
    };
    assert_eq!(judged("2026-05-01", &beside_a_gone_one), "unknown licence.register_too_old");
    let of_the_group = |case: &mut Case| {
        none(case);
        case.relationships = vec![agreed(11, "2026-05-01")];
    };
    assert_eq!(judged("2026-05-01", &of_the_group), "unknown licence.none_on_record", "agreed with somebody else");
}

/// Source: docs/relationships.md, "Effect on pre-checks": `protocol.by_relationship`, by an approval of the entity itself.
#[test]
fn an_agreed_route_counts_while_the_entity_itself_is_approved() {
    let protocol = |kept: Vec<Relationship>| {
        let mut case = case(kept);
        case.records = vec![entity(1), group(11)];
        case.entity().group = Some(id(11));
        codes(&case, CheckName::Protocol).remove(0)
    };
    let status = |status| Relationship { travel_rule: with(1, status).travel_rule, ..agreed(1, "2026-05-01") };
    for approval in [Approved, ApprovedWithConditions] {
        assert_eq!(protocol(vec![status(approval)]), "pass protocol.by_relationship");
    }
    for other in [Refused, Terminated, Suspended, Expired, NotStarted, InProgress] {
        assert_eq!(protocol(vec![status(other)]), "unknown protocol.none_on_record", "{other:?}");
    }
    assert_eq!(protocol(vec![agreed(11, "2026-05-01")]), "unknown protocol.none_on_record", "the group's");
}

fn statuses() -> impl Strategy<Value = DueDiligenceStatus> {
    proptest::sample::select(DueDiligenceStatus::ALL.to_vec())
}

prop_compose! {
    fn terms()(
        networks in any::<bool>(), limit in proptest::option::of(1u32..2000), day in proptest::option::of(1u32..2000), prohibited in any::<bool>(),
    ) -> Terms {
        let euros = |amount: u32| money(&format!("{amount} EUR"));
        Terms {
            networks: if networks { vec!["eip155:1".parse().unwrap()] } else { vec![] },
            limits: Limits { per_transfer: limit.map(euros), per_day: day.map(euros), per_month: None },
            risk: Some(if prohibited { RiskRating::Prohibited } else { RiskRating::Low }),
            ..Terms::default()
        }
    }
}

prop_compose! {
    fn conditions()(first_party_only in any::<bool>(), enhanced_due_diligence in any::<bool>(), max in proptest::option::of(1u32..2000)) -> Conditions {
        let max_amount = max.map(|amount| money(&format!("{amount} EUR")));
        Conditions { first_party_only, enhanced_due_diligence, max_amount, ..Conditions::default() }
    }
}

prop_compose! {
    fn transfers()(
        fiat in proptest::option::of((1u32..2000, any::<bool>())), network in proptest::option::of(any::<bool>()),
        first_party in any::<Option<bool>>(), correspondent in any::<Option<bool>>(), earlier in proptest::option::of(0u32..2000),
    ) -> RelationshipTransfer {
        RelationshipTransfer {
            fiat: fiat.map(|(amount, euro)| money(&format!("{amount} {}", if euro { "EUR" } else { "USD" }))),
            network: network.map(|one| if one { "eip155:1" } else { "eip155:137" }.parse().unwrap()),
            possible_networks: vec![],
            asset: None,
            token_contract: None,
            first_party,
            correspondent,
            earlier: EarlierTotals { day: earlier.map(|amount| money(&format!("{amount} EUR"))), month: None },
        }
    }
}

fn duties() -> impl Strategy<Value = (TravelRuleDuty, CorrespondentDuty)> {
    use CorrespondentDuty as C;
    use TravelRuleDuty as T;
    let travel = proptest::sample::select(vec![T::Unknown, T::NotEstablished, T::Yes, T::No]);
    (travel, proptest::sample::select(vec![C::Unknown, C::NotEstablished, C::Yes, C::NotApplicable]))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2048))]

    /// A worse decision about the entity or its group, with the same terms and before any review date, never improves the recommendation.
    #[test]
    fn a_worse_status_never_improves_the_recommendation(
        own in statuses(), groups in proptest::option::of(statuses()), worse in statuses(), of_group in any::<bool>(),
        terms in terms(), conditions in conditions(), transfer in transfers(), duties in duties(), days in 0i64..240,
    ) {
        let build = |own: DueDiligenceStatus, groups: Option<DueDiligenceStatus>| {
            let kept = |vasp, status| {
                let mut kept = with(vasp, status);
                kept.terms = terms.clone();
                kept.travel_rule.conditions = conditions.clone();
                kept.correspondent.conditions = conditions.clone();
                kept
            };
            let mut case = Case { records: vec![entity(1), group(11)], transfer: transfer.clone(), ..case(vec![]) };
            case.transfer = transfer.clone();
            case.entity().group = Some(id(11));
            case.relationships = [Some(kept(1, own)), groups.map(|status| kept(11, status))].into_iter().flatten().collect();
            (case.duty.travel_rule, case.duty.correspondent) = duties;
            case.now = case.now.plus_secs(days * 86_400);
            case
        };
        let lowered = |status: DueDiligenceStatus| status.min(worse);
        let before = build(own, groups).run();
        let after = if of_group { build(own, groups.map(lowered)) } else { build(lowered(own), groups) }.run();

        prop_assert!(after.recommendation <= before.recommendation, "{:?} became {:?}", before.reasons, after.reasons);
    }

    /// An additional term, or a transfer with fewer statements, never improves the recommendation.
    #[test]
    fn a_term_more_or_a_word_less_never_improves_the_recommendation(
        status in statuses(), terms in terms(), conditions in conditions(), transfer in transfers(), lose in 0u8..5,
    ) {
        let build = |terms: &Terms, conditions: &Conditions, transfer: &RelationshipTransfer| {
            let mut kept = with(1, status);
            (kept.terms, kept.travel_rule.conditions) = (terms.clone(), conditions.clone());
            let mut case = case(vec![kept]);
            case.transfer = transfer.clone();
            case.run()
        };
        let with_all = build(&terms, &conditions, &transfer);
        let bare = build(&Terms { risk: Some(RiskRating::Low), ..Terms::default() }, &Conditions::default(), &transfer);
        prop_assert!(with_all.recommendation <= bare.recommendation);

        let mut silent = transfer.clone();
        match lose {
            0 => silent.network = None,
            1 => silent.first_party = None,
            2 => silent.fiat = None,
            3 => silent.earlier = EarlierTotals::default(),
            _ => {}
        }
        let codes = |outcome: &PrecheckOutcome| outcome.checks[10].outcome();
        if codes(&with_all) == CheckOutcome::Pass {
            prop_assert!(codes(&build(&terms, &conditions, &silent)) <= CheckOutcome::Pass);
        }
        let unknown = build(&terms, &conditions, &RelationshipTransfer { correspondent: transfer.correspondent, ..Default::default() });
        let asks = conditions.first_party_only || conditions.max_amount.is_some() || !terms.networks.is_empty() || terms.limits.per_transfer.is_some() || terms.limits.per_day.is_some();
        prop_assert!(!asks || codes(&unknown) < CheckOutcome::Pass, "silence is never a pass");
    }
}

/// The track's own answer lists what is missing from the file.
#[test]
fn what_is_missing_from_the_file_is_named() {
    let mut kept = with(1, Approved);
    kept.correspondent.by_senior_management = false;
    kept.terms.responsibilities = None;
    let missing = |case: &Case| {
        let answer = case.run();
        let words = |answer: &TrackAnswer| answer.missing.iter().map(|needed| needed.as_str()).collect::<Vec<_>>();
        (words(&answer.travel_rule), words(&answer.correspondent))
    };
    assert_eq!(missing(&case(vec![kept])), (vec![], vec!["senior_management_approval", "responsibilities"]));
    assert_eq!(missing(&case(vec![])), (vec!["decision", "risk_rating"], vec!["decision", "risk_rating", "responsibilities"]));
    assert_eq!(missing(&case(vec![with(1, Expired)])).0, ["review"]);
    assert_eq!(Track::ALL.map(Track::as_str), ["travel_rule", "correspondent"]);
}
