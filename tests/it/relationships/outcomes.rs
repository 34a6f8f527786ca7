//! What pre-checks make of an organisation's decisions: every status, the clock, groups, merged records, and gateways that ask by leave.
//! Expected values are from docs/relationships.md and the default policy.

use std::sync::Arc;

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::precheck::{Asking, OwnSide, PrecheckQuestion, precheck};
use vasp_rules::due_diligence::DueDiligenceStatus;
use vasp_rules::precheck::CheckName;
use vasp_rules::relationship::{Event, Made, Relationship, TrackDecision};
use vasp_words::ids::{RelationshipId, VaspId};

use super::desk::{Desk, approved, closed};
use crate::prechecks::expect::{check, finding};
use crate::prechecks::world::{ALSTER, DUBAI, LIFFEY, OWN, VALLETTA, lei};
use crate::support::{Database, Person, on_every_database};

const TRAVEL_RULE: &str = "travel_rule_due_diligence";
const CORRESPONDENT: &str = "correspondent_due_diligence";

fn told(answer: &Value) -> (String, &Value) {
    (finding(answer, TRAVEL_RULE).replace("travel_rule_due_diligence.", ""), &answer["due_diligence"]["travel_rule"]["status"])
}

/// The conditions that the relationship makes.
fn agreed(answer: &Value) -> Vec<&str> {
    let conditions = answer["conditions"].as_array().unwrap().iter();
    let agreed =
        conditions.filter(|condition| condition["asked_by"] == json!({"kind": "relationship", "id": null, "clause": null}));
    agreed.map(|condition| condition["code"].as_str().unwrap()).collect()
}

#[on_every_database(Desk::new)]
fn every_status_is_told_as_it_stands(desk: Desk) {
    let (alster, transfer) = (lei(ALSTER), json!({"correspondent": false}));
    let ask = || desk.ask(&alster, &transfer);
    assert_eq!(told(&ask()), ("unknown not_started".to_owned(), &json!("not_started")));
    assert_eq!(finding(&ask(), CORRESPONDENT), "not_applicable correspondent_due_diligence.not_correspondent");

    desk.restrict(&alster, &closed("in_progress"));
    assert_eq!(told(&ask()), ("unknown in_progress".to_owned(), &json!("in_progress")));
    desk.decide(&alster, &approved());
    let answer = ask();
    assert_eq!(told(&answer), ("pass approved".to_owned(), &json!("approved")));
    let track = &answer["due_diligence"]["travel_rule"];
    assert_eq!((&track["completed_at"], &track["review_due"]), (&json!("2026-06-01T12:00:00Z"), &json!("2027-05-31")));
    let evidence = &check(&answer, TRAVEL_RULE)["evidence"][0];
    assert_eq!((&evidence["kind"], &evidence["id"]), (&json!("relationship"), &desk.read(&alster)["id"]));
    assert_eq!(evidence["valid_until"], "2027-06-01T00:00:00Z");

    let conditions = json!({"first_party_only": true, "max_amount": {"amount": "1000", "currency": "EUR"}});
    let track = json!({"status": "approved_with_conditions", "review_due": "2027-05-31", "conditions": conditions});
    desk.restrict(&alster, &json!({"travel_rule": track, "reason": "Prudence."}));
    let answer = ask();
    assert_eq!(told(&answer), ("unknown first_party_undetermined".to_owned(), &json!("approved_with_conditions")));
    assert_eq!(agreed(&answer), ["first_party_only", "max_amount"]);
    let within = json!({"correspondent": false, "first_party": true, "fiat": {"amount": "1000", "currency": "EUR"}});
    assert_eq!(told(&desk.ask(&alster, &within)).0, "pass approved_with_conditions");
    let beyond = json!({"correspondent": false, "first_party": false, "fiat": {"amount": "1000.01", "currency": "EUR"}});
    let answer = desk.ask(&alster, &beyond);
    assert!(told(&answer).0.starts_with("fail "), "{answer}");
    assert_eq!(answer["recommendation"], "hold");

    desk.restrict(&alster, &closed("suspended"));
    assert_eq!(told(&ask()), ("fail suspended".to_owned(), &json!("suspended")));
    assert_eq!(ask()["recommendation"], "hold");
    let mut ended = closed("terminated");
    ended["travel_rule"]["terminated_for_aml"] = json!(false);
    desk.restrict(&alster, &ended);
    assert_eq!(told(&ask()), ("fail terminated".to_owned(), &json!("terminated")));
    desk.restrict(&lei(LIFFEY), &closed("refused"));
    assert_eq!(told(&desk.ask(&lei(LIFFEY), &transfer)), ("fail refused".to_owned(), &json!("refused")));
}

/// Before, a limit of a day was told and never decided: five transfers of a thousand passed one of two thousand.
#[on_every_database(Desk::new)]
fn a_limit_of_a_day_or_a_month_holds_what_would_exceed_it(desk: Desk) {
    let (alster, euros) = (lei(ALSTER), |amount: &str| json!({"amount": amount, "currency": "EUR"}));
    let limits = json!({"per_day": euros("2000"), "per_month": euros("5000")});
    let mut wanted = approved();
    wanted["terms"]["limits"] = limits;
    desk.decide(&alster, &wanted);
    let ask = |earlier: Value| {
        let transfer = json!({"correspondent": false, "fiat": euros("1000"), "earlier_total": earlier});
        let answer = desk.ask(&alster, &transfer);
        (told(&answer).0, answer["recommendation"].as_str().unwrap().to_owned())
    };

    let within = ask(json!({"day": euros("1000"), "month": euros("4000")}));
    assert_eq!(within.0, "pass approved");
    for exceeded in [
        json!({"day": euros("1000.01"), "month": euros("1000.01")}),
        json!({"day": euros("0"), "month": euros("4000.01")}),
        json!({"day": euros("2001")}),
    ] {
        assert_eq!(ask(exceeded.clone()), ("fail limit_exceeded".to_owned(), "hold".to_owned()), "{exceeded}");
    }
    let untold = desk.ask(&alster, &json!({"correspondent": false, "fiat": euros("1000")}));
    assert_eq!(told(&untold).0, "unknown limit_undetermined", "{untold}");
    let codes: Vec<&Value> = untold["conditions"].as_array().unwrap().iter().map(|condition| &condition["code"]).collect();
    assert!(codes.contains(&&json!("max_amount")), "{codes:?}");
}

#[on_every_database(Desk::new)]
fn an_approval_runs_out_by_the_clock_alone(desk: Desk) {
    let alster = lei(ALSTER);
    let wanted =
        json!({"travel_rule": {"status": "approved", "review_due": "2026-06-30"}, "terms": {"risk": "low"}, "reason": "x"});
    desk.decide(&alster, &wanted);
    desk.world.set_clock("2026-06-30T23:59:59Z");
    let answer = desk.ask(&alster, &json!({}));
    assert_eq!(told(&answer), ("warn review_due_soon".to_owned(), &json!("approved")));
    assert_eq!(answer["valid_until"], "2026-07-01T00:00:00Z", "no longer than the approval");

    desk.world.set_clock("2026-07-01T00:00:00Z");

    assert_eq!(told(&desk.ask(&alster, &json!({}))), ("fail expired".to_owned(), &json!("expired")));
    let read = desk.read(&alster);
    assert_eq!((&read["travel_rule"]["status"], &read["travel_rule"]["missing"]), (&json!("expired"), &json!(["review"])));
    assert_eq!(read["version"], 2, "no job wrote anything");
    let listed = desk.ada.read(&desk.world.registry, "/v1/relationships?status=expired");
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

/// The group "lagoon" has Liffey and Valletta.
#[on_every_database(Desk::new)]
fn a_decision_about_the_group_holds_for_its_entities_and_is_shown_as_such(desk: Desk) {
    let (group, transfer) = (desk.world.group_id("lagoon"), json!({"correspondent": false}));
    desk.decide(&group, &approved());

    let answer = desk.ask(&lei(LIFFEY), &transfer);
    assert_eq!(told(&answer), ("warn approved_for_group".to_owned(), &json!("approved")));
    assert_eq!(answer["due_diligence"]["travel_rule"]["inherited_from"], json!(group));
    let read = desk.read(&lei(LIFFEY));
    assert_eq!((&read["id"], &read["travel_rule"]["inherited_from"]), (&Value::Null, &json!(group)));
    desk.restrict(&lei(LIFFEY), &closed("refused"));
    assert_eq!(told(&desk.ask(&lei(LIFFEY), &transfer)).0, "fail refused", "the entity's own refusal wins");
    assert_eq!(told(&desk.ask(&lei(VALLETTA), &transfer)).0, "warn approved_for_group");
    assert_eq!(desk.read(&group)["travel_rule"]["status"], "approved", "and says nothing of the group");
    desk.decide(&lei(VALLETTA), &approved());
    desk.restrict(&group, &closed("suspended"));
    assert_eq!(told(&desk.ask(&lei(VALLETTA), &transfer)), ("warn group_stands_worse".to_owned(), &json!("approved")));
}

fn merge(desk: &Desk, from: &str, into: &str) {
    desk.world.registry.say(from.parse().unwrap(), &[("merged_into", "", into), ("status", "", "retired")]);
}

/// After a merge the old id answers, and of both decisions the worse counts until two people decide anew.
#[on_every_database(Desk::new)]
fn of_merged_records_the_worse_decision_counts_until_two_people_decide_anew(desk: Desk) {
    let (alster, liffey) = (desk.world.vasp_id(ALSTER), desk.world.vasp_id(LIFFEY));
    desk.decide(&alster, &approved());
    desk.restrict(&liffey, &closed("refused"));

    merge(&desk, &liffey, &alster);

    let (by_new, by_old) = (desk.read(&alster), desk.read(&liffey));
    assert_eq!(by_new, by_old);
    assert_eq!((&by_new["travel_rule"]["status"], &by_new["travel_rule"]["merged_from"]), (&json!("refused"), &json!(liffey)));
    let answer = desk.ask(&alster, &json!({"correspondent": false}));
    assert_eq!(told(&answer), ("fail refused".to_owned(), &json!("refused")));
    assert!(check(&answer, TRAVEL_RULE)["detail"].as_str().unwrap().contains("merged"), "{answer}");
    let mut renewed = approved();
    renewed["travel_rule"]["review_due"] = json!("2027-01-31");
    desk.decide(&liffey, &renewed);
    assert_eq!(told(&desk.ask(&alster, &json!({"correspondent": false}))), ("pass approved".to_owned(), &json!("approved")));
    assert_eq!(desk.read(&alster)["travel_rule"]["merged_from"], Value::Null);
}

#[on_every_database(Desk::new)]
fn after_a_merge_a_decision_that_says_nothing_of_a_track_keeps_the_worse_one_there(desk: Desk) {
    let (alster, liffey) = (desk.world.vasp_id(ALSTER), desk.world.vasp_id(LIFFEY));
    desk.decide(&alster, &approved());
    desk.restrict(&liffey, &closed("refused"));
    merge(&desk, &liffey, &alster);

    desk.decide(&alster, &json!({"terms": {"risk": "medium"}, "reason": "The rating only."}));

    assert_eq!(desk.read(&alster)["travel_rule"]["status"], "refused");
}

/// Source: the duty is the member's: by its leave its decisions count, without it the asker's own.
#[on_every_database(Desk::new)]
fn a_gateway_that_acts_for_a_member_goes_by_the_members_decisions(desk: Desk) {
    let (registry, alster) = (&desk.world.registry, lei(ALSTER));
    let own: VaspId = desk.world.vasp_id(OWN).parse().unwrap();
    let conditions = json!({"other": "Call Ada first."});
    let track = json!({"status": "approved_with_conditions", "review_due": "2027-05-31", "conditions": conditions});
    desk.decide(&alster, &json!({"travel_rule": track, "terms": {"risk": "low"}, "reason": "x"}));
    let home = registry.home(OrganisationKind::Gateway, None);
    let gateway = registry.person_with(home, &[Role::Compliance], &[Scope::Precheck, Scope::Resolve, Scope::Compliance]);
    let admin = registry.person_with(desk.world.organisation, &[Role::Admin], &[Scope::Admin]);
    let ask = |who: &Person, originator: Value| {
        let body = json!({"direction": "outgoing", "originator": originator, "beneficiary": {"vasp": alster},
                          "transfer": {"correspondent": false}, "record": false});
        who.post(registry, "/v1/prechecks", &body).answered(200)
    };
    assert_eq!(told(&ask(&gateway, json!({"jurisdiction": "DE"}))).0, "unknown not_started");

    admin.done(registry, "/v1/delegations", &json!({"organisation": home, "scopes": ["precheck"], "expires_at": null}));
    let by_leave = ask(&gateway, json!({"vasp": own}));

    assert_eq!(told(&by_leave), ("warn conditions_to_meet".to_owned(), &json!("approved_with_conditions")));
    assert_eq!(agreed(&by_leave), ["counterparty_due_diligence"]);
    assert!(!by_leave.to_string().contains("Ada"), "the member's words stay its own: {by_leave}");
    assert!(ask(&desk.ada, json!({})).to_string().contains("Call Ada first."));
    assert_eq!(told(&ask(&gateway, json!({"jurisdiction": "DE"}))).0, "unknown not_started", "not acting for it");
    // What it decides itself counts for its own transfers only.
    gateway.post(registry, &Desk::path(&alster, "restrict"), &closed("refused")).with(200);
    assert_eq!(told(&ask(&gateway, json!({"jurisdiction": "DE"}))).0, "fail refused");
    assert_eq!(told(&ask(&gateway, json!({"vasp": own}))).0, "warn conditions_to_meet");
}

/// Source: docs/relationships.md, "Effect on pre-checks": unknown where it was not said.
#[test]
fn the_correspondent_track_counts_where_the_transfer_is_one() {
    let desk = Desk::new(Database::sqlite());
    let dubai = lei(DUBAI);
    let terms = json!({"risk": "medium", "responsibilities": "We ask, they answer."});
    desk.decide(
        &dubai,
        &json!({"correspondent": {"status": "approved", "review_due": "2027-05-31"}, "terms": terms, "reason": "x"}),
    );

    let said = |correspondent: Value| finding(&desk.ask(&dubai, &json!({"correspondent": correspondent})), CORRESPONDENT);

    assert_eq!(said(json!(true)), "pass correspondent_due_diligence.approved");
    assert_eq!(said(json!(false)), "not_applicable correspondent_due_diligence.asker_says_no");
    assert_eq!(said(Value::Null), "unknown correspondent_due_diligence.undetermined");
}

#[test]
fn another_node_reads_what_this_one_wrote_and_a_restart_loses_nothing() {
    let desk = Desk::new(Database::sqlite());
    desk.decide(&lei(ALSTER), &approved());
    let (store, now) = (crate::support::open_store(&desk.world.registry.database, 2), desk.world.now());
    let limits = vasp_registry::directory::ClaimIndexOptions::default();
    let keys = desk.world.registry.keys.clone();

    let other = vasp_registry::node::Registry::open(store, keys, limits, now, &mut desk.world.registry.random.fork()).unwrap();

    let dubai: VaspId = desk.world.vasp_id(ALSTER).parse().unwrap();
    let of = |organisation| {
        let kept = vasp_registry::relationships::of(&other, &other.pin(now), organisation, dubai, now).unwrap();
        kept.travel_rule.status.as_str()
    };
    assert_eq!(of(desk.world.organisation), "approved");
    desk.restrict(&lei(ALSTER), &closed("suspended"));
    other.directory().catch_up().unwrap();
    assert_eq!(of(desk.world.organisation), "suspended");
    let stranger = desk.world.registry.home(OrganisationKind::Member, None);
    assert_eq!(of(stranger), "not_started");
}

/// What `backtest` supposes, to say which firms one would approve.
#[test]
fn a_supposed_approval_counts_except_of_whom_the_organisation_refused() {
    let desk = Desk::new(Database::sqlite());
    let (registry, now) = (&desk.world.registry.registry, desk.world.now());
    desk.restrict(&lei(ALSTER), &closed("refused"));
    let code = |number: u32| {
        let vasp: VaspId = desk.world.vasp_id(number).parse().unwrap();
        let made = Made { event: Event::Approved, at: now, by: desk.ada.user, reason: None };
        let id: RelationshipId = "rel_00000000000000000000000001".parse().unwrap();
        let review_due = Some("2027-05-31".parse().unwrap());
        let travel_rule = TrackDecision { status: DueDiligenceStatus::Approved, review_due, ..TrackDecision::default() };
        let approved = Relationship { travel_rule, ..Relationship::begin(id, vasp, made) };
        let own = Some(desk.world.vasp_id(OWN).parse().unwrap());
        let asking =
            Asking::on_behalf_of(desk.world.organisation, own, now).supposing(Arc::new([approved].into_iter().collect()));
        let question = PrecheckQuestion::about(vasp, OwnSide::default(), now.date());
        let answer = precheck(registry, &registry.pin(now), &question, &asking, now, &str::to_owned).unwrap();
        let codes = answer.outcome.checks.iter().map(|check| check.code);
        codes.filter(|code| code.check() == CheckName::TravelRuleDueDiligence).map(|code| code.as_str()).collect::<String>()
    };

    assert!(code(LIFFEY).starts_with("travel_rule_due_diligence.approved"), "{}", code(LIFFEY));
    assert_eq!(code(ALSTER), "travel_rule_due_diligence.refused");
}
