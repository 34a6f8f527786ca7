//! Access to answers: given for sections and a time, read by those who have it, over when it is; asked for, granted and declined; and
//! the lines that reading leaves.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{Role, Scope};

use super::world::*;
use crate::support::{Person, on_every_database};

fn shared(scene: &Scene, who: &Person) -> Value {
    scene.file(who)["level_b"]["shared"].clone()
}

fn actions(scene: &Scene, of: &Person) -> Vec<String> {
    let admin = scene.world.registry.person_with(of.organisation, &[Role::Admin], &[Scope::Admin]);
    let found = admin.read(&scene.world.registry, "/v1/audit?limit=200");
    let items = found["items"].as_array().unwrap().iter();
    items.map(|event| event["action"].as_str().unwrap().to_owned()).filter(|action| action.starts_with("questionnaire")).collect()
}

#[on_every_database(Scene::new)]
fn access_is_to_what_was_given_and_nothing_else(scene: Scene) {
    let submitted = scene.all_answered();
    assert_eq!(shared(&scene, &scene.asker), Value::Null);

    scene.give(&json!({"sections": ["data_protection", "aml"]}));
    let read = shared(&scene, &scene.asker);
    assert_eq!((&read["submission"], &read["document_sha256"]), (&submitted["id"], &submitted["document_sha256"]));
    assert_eq!((&read["sections"], &read["ownership"]), (&json!(["aml", "data_protection"]), &Value::Null));
    assert_eq!(read["access_expires_at"], "2026-12-01T12:00:00Z");
    let sections: Vec<&str> =
        read["answers"].as_array().unwrap().iter().map(|answer| answer["section"].as_str().unwrap()).collect();
    assert!(sections.iter().all(|section| ["aml", "data_protection"].contains(section)) && sections.len() > 8);
    assert!(!read.to_string().contains(OWNER));
    let line = |read: &Value, id: &str| {
        let found = read["lines"].as_array().unwrap().iter().find(|line| line["requirement"] == id).unwrap();
        found["status"].as_str().unwrap().to_owned()
    };
    // CP-14 is answered in its section alone, CP-10 in others too.
    assert_eq!(line(&read, "CP-14"), "established");
    assert_eq!(line(&read, "CP-10"), "not_established");
    assert_eq!(line(&read, "CP-06"), "not_established");
    // Who attested is the member's own business.
    assert_eq!((&read["signature"]["kind"], &read["signature"]["id"]), (&json!("attestation"), &Value::Null));
    assert!(!read.to_string().contains(&scene.answering.user.to_string()));

    // Another access takes its place.
    scene.give(&json!({"ownership": true}));
    let read = shared(&scene, &scene.asker);
    assert_eq!((&read["sections"], &read["ownership"]["parties"][1]["name"]), (&Value::Null, &json!(OWNER)));
    assert_eq!(read["owners"]["beneficial"], json!([{"party": "person", "basis_points": 10_000, "control": null}]));
    assert_eq!((line(&read, "CP-10"), line(&read, "CP-06")), ("established".to_owned(), "established".to_owned()));
    let given = scene.officer.read(&scene.world.registry, ACCESS);
    let mut ended: Vec<bool> = given["items"].as_array().unwrap().iter().map(|access| access["ended_at"].is_string()).collect();
    ended.sort_unstable();
    assert_eq!(ended, [false, true]);

    assert_eq!(shared(&scene, &scene.stranger), Value::Null);
    // A key without the scope, and a person without the role, read nothing.
    let registry = &scene.world.registry;
    for (roles, scopes) in [(&[Role::Compliance], &[Scope::Resolve][..]), (&[Role::Editor], &[Scope::Resolve, Scope::Compliance])]
    {
        let other = registry.person_with(scene.asker.organisation, roles, scopes);
        assert_eq!(shared(&scene, &other), Value::Null);
    }
    // Its own member reads everything.
    let own = registry.person_with(scene.answering.organisation, &[Role::Editor], &[Scope::Member, Scope::Resolve]);
    assert_eq!(shared(&scene, &own)["ownership"]["parties"][1]["name"], OWNER);
}

#[on_every_database(Scene::new)]
fn access_ends_at_its_moment_when_taken_back_and_with_the_answers(scene: Scene) {
    scene.all_answered();
    let registry = &scene.world.registry;
    let access = scene.give(&json!({"expires_at": "2026-06-01T13:00:00Z"}));
    scene.world.registry.advance(3_599);
    assert!(shared(&scene, &scene.asker).is_object());
    assert_eq!(scene.file(&scene.asker)["valid_until"], "2026-06-01T13:00:00Z");
    scene.world.registry.advance(1);
    assert_eq!(shared(&scene, &scene.asker), Value::Null);

    let access_again = scene.give(&json!({}));
    assert!(shared(&scene, &scene.asker).is_object());
    let path = format!("{ACCESS}/{}", access_again["id"].as_str().unwrap());
    let ended = scene.officer.send(registry, "DELETE", &path, &[], &Value::Null);
    assert_eq!((ended.status.as_u16(), &ended.json()["ended_at"]), (200, &json!("2026-06-01T13:00:00Z")));
    assert_eq!(shared(&scene, &scene.asker), Value::Null);
    scene.officer.send(registry, "DELETE", &path, &[], &Value::Null).problem(404, "not_found");
    // Another organisation's access is not there.
    let gone = format!("{ACCESS}/{}", access["id"].as_str().unwrap());
    scene.stranger.send(registry, "DELETE", &gone, &[], &Value::Null).problem(404, "not_found");

    scene.give(&json!({}));
    assert!(shared(&scene, &scene.asker).is_object());
    scene.answering.done(registry, "/v1/questionnaires/withdraw", &json!({}));
    let file = scene.file(&scene.asker);
    assert_eq!(file["level_b"], json!({"summary": null, "shared": null}));
    // What is handed in next is read with the access that stands.
    scene.submitted();
    assert!(shared(&scene, &scene.asker).is_object());
}

#[on_every_database(Scene::new)]
fn faults_of_access_are_named(scene: Scene) {
    let registry = &scene.world.registry;
    let sound = json!({"organisation": scene.asker.organisation, "expires_at": "2026-12-01T12:00:00Z"});
    for (member, value, pointer) in [
        ("organisation", json!(scene.officer.organisation), "/organisation"),
        ("organisation", json!("org_00000000000000000000000000"), "/organisation"),
        ("organisation", json!("nonsense"), "/organisation"),
        ("sections", json!(["colours"]), "/sections"),
        ("sections", json!([]), "/sections"),
        ("expires_at", json!("2026-06-01T12:00:00Z"), "/expires_at"),
        ("expires_at", json!("2028-06-02T12:00:00Z"), "/expires_at"),
        ("colour", json!(1), "/colour"),
    ] {
        let mut body = sound.clone();
        body[member] = value;
        let problem = scene.officer.post(registry, ACCESS, &body).problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], pointer, "{body}");
    }
    let mut longest = sound;
    longest["expires_at"] = json!("2028-06-01T12:00:00Z");
    assert_eq!(scene.officer.post(registry, ACCESS, &longest).status, 201);
}

#[on_every_database(Scene::new)]
fn an_organisation_asks_and_the_member_grants_or_declines(scene: Scene) {
    let registry = &scene.world.registry;
    let path = format!("/v1/vasps/{}/access-requests", scene.answering.vasp());
    let body = json!({"sections": ["aml"], "reason": "First transfer planned."});

    let asked = scene.asker.done(registry, &path, &body);
    assert_eq!((&asked["state"], &asked["organisation"]), (&json!("open"), &json!(scene.asker.organisation)));
    let again = scene.asker.post(registry, &path, &body).problem(409, "conflict");
    assert_eq!(again["errors"][0]["code"], "request_open");
    let seen = scene.officer.read(registry, "/v1/questionnaires/access-requests");
    assert_eq!(seen["items"], json!([asked]));
    assert_eq!(scene.stranger.read(registry, &path)["items"], json!([]));

    let decline = format!("/v1/questionnaires/access-requests/{}/decline", asked["id"].as_str().unwrap());
    scene.stranger.post(registry, &decline, &json!({})).problem(404, "not_found");
    assert_eq!(scene.officer.done(registry, &decline, &json!({}))["state"], "declined");
    scene.officer.post(registry, &decline, &json!({})).problem(404, "not_found");
    scene.asker.done(registry, &path, &body);
    scene.give(&json!({"sections": ["aml"]}));
    // Both were made in one millisecond of the clock that stands, so they have no order.
    let states: BTreeSet<String> = scene.asker.read(registry, &path)["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|request| request["state"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(states, ["declined".to_owned(), "granted".to_owned()].into());

    scene.officer.post(registry, &path, &body).problem(409, "illegal_step");
    for (member, value) in [("reason", json!("")), ("reason", json!("x".repeat(501))), ("sections", json!(["colours"]))] {
        let mut wrong = body.clone();
        wrong[member] = value;
        scene.asker.post(registry, &path, &wrong).problem(422, "invalid_request");
    }
}

#[on_every_database(Scene::new)]
fn reading_leaves_a_line_on_both_sides(scene: Scene) {
    scene.all_answered();
    scene.file(&scene.asker);
    scene.file(&scene.stranger);
    assert!(!actions(&scene, &scene.officer).contains(&"questionnaire.read".to_owned()));

    scene.give(&json!({}));
    scene.file(&scene.asker);
    scene.world.registry.client.get(&scene.file_path());
    for side in [&scene.officer, &scene.asker] {
        let read = actions(&scene, side).into_iter().filter(|action| action == "questionnaire.read").count();
        assert_eq!(read, 1);
        assert!(actions(&scene, side).contains(&"questionnaire.access.give".to_owned()));
    }
    assert_eq!(actions(&scene, &scene.stranger), [""; 0]);
    let now = scene.world.registry.clock.now();
    assert_eq!(now.to_string(), "2026-06-01T12:00:00Z");
}

/// A key that asks who owns what, or a person of another role, reads nothing of the answers, also not by what level A makes of them; and what is read
/// leaves its line.
#[on_every_database(Scene::new)]
fn level_a_is_made_of_answers_only_for_whom_they_are_read_with_a_line(scene: Scene) {
    let submitted = scene.all_answered();
    scene.give(&json!({}));
    let registry = &scene.world.registry;
    let of = |roles: &[Role], scopes: &[Scope]| registry.person_with(scene.asker.organisation, roles, scopes);
    let shell = |file: &Value| {
        let lines = file["level_a"].as_array().unwrap();
        lines.iter().find(|line| line["requirement"] == "CP-15").unwrap()["code"].clone()
    };

    for who in [of(&[Role::Compliance], &[Scope::Resolve]), of(&[Role::Admin], &[Scope::Resolve, Scope::Compliance])] {
        let file = scene.file(&who);
        assert_eq!(shell(&file), shell(&scene.file(&scene.stranger)));
        assert_eq!(file["level_a"], scene.file(&scene.stranger)["level_a"]);
        assert!(!file.to_string().contains(submitted["id"].as_str().unwrap()), "{file}");
    }
    assert_eq!(shell(&scene.file(&scene.stranger)), "shell_vasp.presence_no_access");
    assert!(!actions(&scene, &scene.officer).contains(&"questionnaire.read".to_owned()));

    assert_eq!(shell(&scene.file(&scene.asker)), "shell_vasp.present");
    assert!(actions(&scene, &scene.officer).contains(&"questionnaire.read".to_owned()));
}

/// Who looks into whom is told to those two, and to nobody else: not by the audit chain, not when it is declined.
#[on_every_database(Scene::new)]
fn operators_do_not_read_who_asked_whom(scene: Scene) {
    let registry = &scene.world.registry;
    let (operator, _) = registry.two_admins();
    let path = format!("/v1/vasps/{}/access-requests", scene.answering.vasp());
    let asked = scene.asker.done(registry, &path, &json!({"sections": ["aml"], "ownership": true, "reason": "canary-reason"}));
    let number = |value: &Value| value["number"].as_i64().unwrap();
    let kept = operator.read(registry, "/v1/audit?organisation=all&limit=1000")["items"].clone();
    let lines = kept.as_array().unwrap();
    let of_keeper: Vec<&Value> = lines
        .iter()
        .filter(|line| line["action"] == "private.change" && line["organisation"] == json!(scene.officer.organisation))
        .collect();
    assert_eq!(of_keeper.len(), 1, "that something happened is there: {kept}");
    assert_eq!((&of_keeper[0]["actor"], &of_keeper[0]["credential"]), (&Value::Null, &Value::Null));
    assert!(number(of_keeper[0]) > 0);
    let decline = format!("/v1/questionnaires/access-requests/{}/decline", asked["id"].as_str().unwrap());
    scene.officer.done(registry, &decline, &json!({}));

    let all =
        operator.get(registry, "/v1/audit?organisation=all&limit=1000").text + &operator.get(registry, "/v1/audit/export").text;
    for word in ["questionnaire.access", "canary-reason", asked["id"].as_str().unwrap()] {
        assert!(!all.contains(word), "{word} is in {all}");
    }
    // Both sides read it in their own chains, the member also who it was.
    for side in [&scene.officer, &scene.asker] {
        let own: Vec<String> = actions(&scene, side);
        assert_eq!(own.iter().filter(|action| *action == "questionnaire.access.request").count(), 1, "{own:?}");
        assert_eq!(own.iter().filter(|action| *action == "questionnaire.access.decline").count(), 1, "{own:?}");
    }
    let admin = registry.person_with(scene.officer.organisation, &[Role::Admin], &[Scope::Admin]);
    let own = admin.read(registry, "/v1/audit?limit=200");
    let told = own["items"].as_array().unwrap().iter().find(|line| line["action"] == "questionnaire.access.request").unwrap();
    assert_eq!(told["subject"], asked["id"]);
    assert_eq!(told["details"]["organisation"], json!(scene.asker.organisation));
}
