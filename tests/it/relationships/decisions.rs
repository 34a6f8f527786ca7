//! Who decides what, and what is refused to whom.

use serde_json::{Value, json};
use vasp_record::role::{Role, Scope, UserKind};
use vasp_registry::imports::{ImportFormat, ImportJob};

use super::desk::{Desk, approved, closed};
use crate::prechecks::world::{ALSTER, LIFFEY, OWN, lei};
use crate::support::{on_every_database, step};
use crate::write_races::at_once;

#[on_every_database(Desk::new)]
fn two_people_decide_and_every_version_is_kept(desk: Desk) {
    let alster = lei(ALSTER);
    let before = desk.read(&alster);
    assert_eq!(before["version"], 0);
    assert_eq!(before["id"], Value::Null);
    assert_eq!(before["travel_rule"]["status"], "not_started");

    let proposed = desk.propose(&desk.ada, &alster, &approved()).answered(201);

    let waiting = desk.read(&alster);
    assert_eq!(waiting["travel_rule"]["status"], "not_started", "nothing counts yet");
    assert_eq!(waiting["proposal"], proposed);
    let again = desk.propose(&desk.bert, &alster, &approved()).problem(409, "conflict");
    assert_eq!(again["errors"][0]["code"], "proposal_open");
    desk.approve(&desk.bert, &proposed).with(200);

    let done = desk.read(&alster);
    let track = &done["travel_rule"];
    assert_eq!((&track["status"], &track["review_due"]), (&json!("approved"), &json!("2027-05-31")));
    assert_eq!(track["completed_at"], "2026-06-01T12:00:00Z");
    assert_eq!(track["decided_by"], json!([desk.ada.user, desk.bert.user]));
    assert_eq!((&track["by_senior_management"], &track["missing"]), (&json!(false), &json!([])));
    assert_eq!((&done["proposal"], &done["terms"]["risk"]), (&Value::Null, &json!("low")));
    let events: Vec<&str> = done["history"].as_array().unwrap().iter().map(|one| one["event"].as_str().unwrap()).collect();
    assert_eq!(events, ["approved", "proposed"]);
    let listed = desk.ada.read(&desk.world.registry, "/v1/relationships?status=approved&track=travel_rule");
    assert_eq!(listed["items"][0]["id"], done["id"]);
    for empty in ["status=refused", "track=correspondent&status=approved", "review_due_before=2027-05-31"] {
        let listed = desk.ada.read(&desk.world.registry, &format!("/v1/relationships?{empty}"));
        assert_eq!(listed["items"], json!([]), "{empty}");
    }
    let due = desk.ada.read(&desk.world.registry, "/v1/relationships?review_due_before=2027-06-01");
    assert_eq!(due["items"].as_array().unwrap().len(), 1);
}

#[on_every_database(Desk::new)]
fn what_changed_since_it_was_proposed_is_not_approved(desk: Desk) {
    let alster = lei(ALSTER);
    let stale = desk.ada.get(&desk.world.registry, &Desk::path(&alster, "")).header("etag").to_owned();
    let proposed = desk.propose(&desk.ada, &alster, &approved()).answered(201);

    let incident = json!({"kind": "missing_data", "occurred_at": "2026-05-31T00:00:00Z", "note": "No originator name."});
    assert_eq!(desk.post(&desk.bert, &alster, "incidents", &incident).status.as_u16(), 200);

    let path = Desk::path(&alster, "propose");
    desk.ada.send(&desk.world.registry, "POST", &path, &[("if-match", &stale)], &approved()).problem(412, "stale_version");
    assert_eq!(desk.withdraw(&desk.ada, &proposed).answered(200)["state"], "withdrawn");
    assert_eq!(desk.read(&alster)["proposal"], Value::Null);
    let again = desk.propose(&desk.ada, &alster, &approved()).answered(201);
    let decline = json!({"reason": "No."});
    assert_eq!(desk.bert.done(&desk.world.registry, &step(&again, "decline"), &decline)["state"], "declined");
    let declined = desk.read(&alster);
    assert_eq!((&declined["proposal"], &declined["travel_rule"]["status"]), (&Value::Null, &json!("not_started")));
    desk.approve(&desk.bert, &proposed).problem(409, "illegal_step");
}

/// The counterparty is not what it was: another country in the directory.
#[test]
fn a_counterparty_that_changed_since_is_not_approved() {
    let desk = Desk::new(crate::support::Database::sqlite());
    let alster = lei(ALSTER);
    let proposed = desk.propose(&desk.ada, &alster, &approved()).answered(201);

    let mut register = crate::prechecks::world::register("2026-05-25", &[]);
    register["entities"][0]["country"] = json!("AT");
    desk.world.import(ImportFormat::RegisterJson, "register.json", &register.to_string());

    desk.approve(&desk.bert, &proposed).problem(412, "stale_version");
}

/// Source: FATF R.13(c); AMLD Art. 19(d): senior management approves correspondent relationships.
#[on_every_database(Desk::new)]
fn senior_management_approves_correspondent_relationships(desk: Desk) {
    let alster = lei(ALSTER);
    let terms = json!({"risk": "medium", "responsibilities": "We ask, they answer.", "agreement_reference": "A-17"});
    let wanted =
        json!({"correspondent": {"status": "approved", "review_due": "2026-12-31"}, "terms": terms, "reason": "Examined."});
    let proposed = desk.propose(&desk.ada, &alster, &wanted).answered(201);

    let refused = desk.approve(&desk.bert, &proposed).problem(403, "forbidden");
    assert!(refused["detail"].as_str().unwrap().contains("senior_management"), "{refused}");
    desk.approve(&desk.chief, &proposed).with(200);

    let done = desk.read(&alster);
    assert_eq!(done["correspondent"]["by_senior_management"], true);
    assert_eq!((&done["correspondent"]["status"], &done["travel_rule"]["status"]), (&json!("approved"), &json!("not_started")));
    desk.post(&desk.chief, &alster, "restrict", &closed("refused")).problem(403, "forbidden");
}

#[test]
fn a_program_proposes_and_never_decides() {
    let desk = Desk::new(crate::support::Database::sqlite());
    let (alster, registry) = (lei(ALSTER), &desk.world.registry);
    let scopes = (&[Scope::Compliance][..], None);
    let program = registry.user_with(desk.world.organisation, UserKind::Machine, &[Role::Compliance], scopes);

    let proposed = desk.propose(&program, &alster, &approved()).answered(201);
    desk.approve(&desk.bert, &proposed).with(200);
    let proposed = desk.propose(&desk.ada, &lei(LIFFEY), &approved()).answered(201);
    desk.approve(&program, &proposed).problem(403, "forbidden");
}

/// Imports a policy, dated yesterday.
fn import_policy(desk: &Desk, text: String) {
    let dated = |job: &mut ImportJob<'_>| job.observed_on = Some("2026-05-31".parse().unwrap());
    desk.world.registry.try_import(ImportFormat::Policy, "policy.json", text.into_bytes(), dated).unwrap();
}

/// Source: docs/relationships.md, "The policy's part".
#[on_every_database(Desk::new)]
fn one_person_decides_alone_where_the_policy_allows_it(desk: Desk) {
    let alster = lei(ALSTER);
    let policy = include_str!("../../../seed/policy.json").replacen("\"single_control\": false", "\"single_control\": true", 1);
    import_policy(&desk, policy);

    let done = desk.propose(&desk.ada, &alster, &approved()).answered(201);

    assert_eq!((&done["state"], &done["decided_by"]), (&json!("approved"), &json!(desk.ada.user)));
    let read = desk.read(&alster);
    assert_eq!((&read["travel_rule"]["status"], &read["proposal"]), (&json!("approved"), &Value::Null));
    assert_eq!(read["history"][0]["event"], "decided_alone");
    let terms = json!({"risk": "low", "responsibilities": "x"});
    let wanted = json!({"correspondent": {"status": "approved", "review_due": "2026-12-31"}, "terms": terms, "reason": "x"});
    desk.propose(&desk.bert, &alster, &wanted).problem(403, "forbidden");
}

#[on_every_database(Desk::new)]
fn restricting_acts_at_once_and_loosening_is_refused(desk: Desk) {
    let alster = lei(ALSTER);
    desk.decide(&alster, &approved());
    desk.propose(&desk.bert, &alster, &json!({"terms": {"risk": "low", "agreement_reference": "A-1"}, "reason": "x"})).with(201);

    let limits = json!({"per_transfer": {"amount": "1000", "currency": "EUR"}});
    let limited = desk.restrict(&alster, &json!({"terms": {"risk": "low", "limits": limits}, "reason": "Prudence."}));
    assert_eq!(limited["terms"]["limits"]["per_transfer"]["amount"], "1000");
    assert_eq!(limited["proposal"], Value::Null, "what was proposed on other ground is taken back");
    assert_eq!(limited["travel_rule"]["decided_by"], json!([desk.ada.user, desk.chief.user]));
    let raised = json!({"terms": {"risk": "low"}, "reason": "No limit."});
    desk.post(&desk.ada, &alster, "restrict", &raised).problem(409, "illegal_step");

    assert_eq!(desk.restrict(&alster, &closed("suspended"))["travel_rule"]["status"], "suspended");
    desk.post(&desk.ada, &alster, "restrict", &approved()).problem(409, "illegal_step");
    let mut ended = closed("terminated");
    let problem = desk.post(&desk.ada, &alster, "restrict", &ended).problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "/travel_rule/terminated_for_aml");
    ended["travel_rule"]["terminated_for_aml"] = json!(true);
    assert_eq!(desk.restrict(&alster, &ended)["travel_rule"]["terminated_for_aml"], true);
    desk.propose(&desk.ada, &alster, &approved()).problem(409, "illegal_step");
}

#[test]
fn what_cannot_be_decided_is_refused_by_name() {
    let desk = Desk::new(crate::support::Database::sqlite());
    let alster = lei(ALSTER);
    let track = |members: Value| json!({"travel_rule": members, "terms": {"risk": "low"}, "reason": "x"});
    let approving = |more: Value| {
        let mut members = json!({"status": "approved", "review_due": "2027-05-31"});
        members.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        track(members)
    };
    for (body, pointer, code) in [
        (approving(json!({"review_due": null})), "/travel_rule/review_due", "missing_member"),
        (approving(json!({"review_due": "2026-05-31"})), "/travel_rule/review_due", "invalid_value"),
        (approving(json!({"review_due": "2027-06-03"})), "/travel_rule/review_due", "invalid_value"),
        (approving(json!({"status": "expired"})), "/travel_rule/status", "invalid_value"),
        (approving(json!({"status": "approved_with_conditions"})), "/travel_rule/conditions", "missing_member"),
        (
            json!({"travel_rule": {"status": "approved", "review_due": "2027-05-31"}, "reason": "x"}),
            "/terms/risk",
            "missing_member",
        ),
        (json!({"reason": "x"}), "", "missing_member"),
        (json!({"terms": {"risk": "low"}, "reason": ""}), "/reason", "invalid_value"),
        (json!({"terms": {"networks": ["eip155:1", "eip155:1"]}, "reason": "x"}), "/terms/networks/1", "repeated"),
    ] {
        let problem = desk.propose(&desk.ada, &alster, &body).problem(422, "invalid_request");
        let fault = &problem["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!(pointer), &json!(code)), "{body}");
    }
    for body in [json!({"reason": "x", "trackk": {}}), json!({"terms": {"networks": ["ethereum"]}, "reason": "x"})] {
        desk.propose(&desk.ada, &alster, &body).problem(422, "invalid_request");
    }
    desk.propose(&desk.ada, &lei(OWN), &approved()).problem(409, "illegal_step");
    desk.post(&desk.ada, &lei(OWN), "restrict", &closed("refused")).problem(409, "illegal_step");
    let ahead = json!({"kind": "no_answer", "occurred_at": "2026-06-02T00:00:00Z"});
    desk.post(&desk.ada, &alster, "incidents", &ahead).problem(422, "invalid_request");
    let noted = |step: &str| json!({"kind": "no_answer", "occurred_at": "2026-06-01T00:00:00Z", "step": step});
    assert_eq!(desk.post(&desk.ada, &alster, "incidents", &noted("limited")).json()["failures"]["step"], "limited");
    desk.post(&desk.ada, &alster, "incidents", &noted("warned")).problem(409, "illegal_step");
}

/// Twenty people note and restrict at once: nothing is lost, no version is there twice.
#[on_every_database(Desk::new)]
fn writers_at_once_lose_nothing(desk: Desk) {
    let alster = lei(ALSTER);
    let body = json!({"kind": "late_data", "occurred_at": "2026-05-31T00:00:00Z"});

    let statuses = at_once(20, |_| desk.post(&desk.ada, &alster, "incidents", &body).status.as_u16());

    assert!(statuses.iter().all(|status| *status == 200), "{statuses:?}");
    let read = desk.read(&alster);
    assert_eq!((&read["version"], &read["failures"]["count"]), (&json!(20), &json!(20)));
    assert_eq!(read["history"].as_array().unwrap().len(), 20);
}
