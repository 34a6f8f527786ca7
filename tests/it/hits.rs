//! An organisation decides for itself what a screening hit means: two of its people, for it alone, and from a score of 95 on only by a value
//! that differs. What the registry's people decide is evidence beside it.
//!
//! Source: docs/screening.md, "Deciding".

use serde_json::{Value, json};
use vasp_record::role::{Role, Scope};
use vasp_registry::imports::ImportFormat;

use crate::prechecks::expect::{check, finding};
use crate::prechecks::world::{ALSTER, LIFFEY, World, lei, register};
use crate::relationships::desk::Desk;
use crate::screening::{entry, import_list};
use crate::support::{Answer, Person, on_every_database};

/// The entry of a list that has the same name as Alster Krypto AG, with what lists publish beside names.
fn namesake() -> Value {
    let mut listed = entry("7", "ALSTER KRYPTO", &["AKH"]);
    for (member, value) in [("countries", "Russia"), ("born", "10 Apr 2019"), ("numbers", "76398123")] {
        listed[member] = json!([value]);
    }
    listed
}

pub(crate) fn ground(kind: &str, value: &str) -> Value {
    json!({"kind": kind, "value": value, "document": {"name": "Extract of a register", "sha256": "ab".repeat(32)}})
}

fn hits(world: &World, who: &Person, query: &str) -> Vec<Value> {
    let all = who.read(&world.registry, &format!("/v1/screening/hits{query}"))["items"].as_array().unwrap().clone();
    // But those of the world's own list.
    all.into_iter().filter(|hit| hit["uid"] != "1").collect()
}

fn propose(world: &World, who: &Person, hit: &Value, body: &Value) -> Answer {
    who.post(&world.registry, &format!("/v1/screening/hits/{}/propose", hit["id"].as_str().unwrap()), body)
}

fn cleared_by(of: Value) -> Value {
    json!({"decision": "false_positive", "reason": "another firm, founded later and elsewhere", "ground": of})
}

/// Decides for the desk's organisation.
#[track_caller]
fn decide(desk: &Desk, hit: &Value, body: &Value) -> Value {
    let proposed = propose(&desk.world, &desk.ada, hit, body).answered(201);
    desk.approve(&desk.bert, &proposed).answered(200)
}

fn alster(world: &World) -> Value {
    world.ask(json!({"vasp": lei(ALSTER)}))
}

#[on_every_database(Desk::new)]
fn what_the_registry_decides_is_evidence_and_clears_nobody(desk: Desk) {
    let world = &desk.world;
    let (reviewer, approver) = world.registry.two_operators();
    import_list(world, "2026-05-29", &[entry("7", "ALSTER KRYPTO HOLDING", &[])]);
    let hit = hits(world, &reviewer, "")[0].clone();
    let body = json!({"decision": "false_positive", "reason": "another firm"});
    let proposed = propose(world, &reviewer, &hit, &body).answered(201);
    approver.approve(&world.registry, &proposed).with(200);

    let answer = alster(world);

    assert_eq!(
        (finding(&answer, "sanctions"), &answer["recommendation"]),
        ("unknown sanctions.possible_match".into(), &json!("hold"))
    );
    let source = check(&answer, "sanctions")["evidence"][0]["source"].as_str().unwrap().to_owned();
    assert!(source.ends_with("; two people of the registry decided on 2026-06-01: somebody else"), "{source}");
    let step = answer["next_steps"].as_array().unwrap().iter().find(|step| step["code"] == "decide_hit").unwrap().clone();
    let href = format!("/v1/screening/hits?vasp={}", world.vasp_id(ALSTER));
    assert_eq!((&step["who"], &step["href"]), (&json!("asker"), &json!(href)));
    let own = desk.ada.read(&world.registry, &href)["items"][0].clone();
    assert_eq!(
        (&own["id"], &own["status"], &own["proposal"], &own["case"]),
        (&hit["id"], &json!("open"), &Value::Null, &Value::Null)
    );
    assert_eq!(own["registry_decision"]["decision"], "false_positive");
    assert_eq!(hits(world, &reviewer, "?status=false_positive").len(), 1, "for operators it is the registry's");
}

#[on_every_database(Desk::new)]
fn two_people_of_an_organisation_clear_a_hit_for_it_alone(desk: Desk) {
    let world = &desk.world;
    let (_, stranger) = world.organisation("Other Bank", None, &["resolve", "precheck"]);
    let of_other = || {
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": lei(ALSTER)}});
        world.post_as(&stranger, "/v1/prechecks", &body).answered(200)["recommendation"].clone()
    };
    import_list(world, "2026-05-29", &[entry("7", "ALSTER KRYPTO HOLDING", &[])]);
    let held = alster(world);
    let hit = hits(world, &desk.ada, "?status=open")[0].clone();
    let body = json!({"decision": "false_positive", "reason": "another firm"});

    let proposed = propose(world, &desk.ada, &hit, &body).answered(201);
    assert_eq!(finding(&alster(world), "sanctions"), "unknown sanctions.possible_match", "one person clears nobody");
    desk.approve(&desk.ada, &proposed).problem(409, "same_person");
    desk.approve(&desk.bert, &proposed).with(200);

    let cleared = alster(world);
    assert_eq!(finding(&cleared, "sanctions"), "pass sanctions.no_match");
    let source = check(&cleared, "sanctions")["evidence"][0]["source"].as_str().unwrap().to_owned();
    assert!(source.ends_with("; two of your people decided on 2026-06-01: somebody else"), "{source}");
    assert_eq!(of_other(), "hold");
    let read = hits(world, &desk.bert, "?status=false_positive")[0].clone();
    assert_eq!((&read["id"], &read["proposal"]["id"]), (&hit["id"], &proposed["id"]));
    // What was recorded before the decision is answered again as it was.
    let replayed = world.post(&format!("/v1/prechecks/{}/replay", held["id"].as_str().unwrap()), &Value::Null).answered(200);
    assert_eq!(replayed["same"], true, "{replayed}");
    // Nobody of the registry sees it.
    let (reviewer, _) = world.registry.two_operators();
    assert_eq!(hits(world, &reviewer, "")[0]["status"], "open");
    reviewer.get(&world.registry, &format!("/v1/proposals/{}", proposed["id"].as_str().unwrap())).problem(404, "not_found");
    // A program does not decide.
    let program = world.key_of(world.organisation, &["compliance"]);
    world
        .post_as(&program, &format!("/v1/screening/hits/{}/propose", hit["id"].as_str().unwrap()), &body)
        .problem(403, "forbidden");
    // What was cleared can be found true.
    decide(&desk, &hit, &json!({"decision": "true_match", "reason": "its register says so"}));
    assert_eq!(finding(&alster(world), "sanctions"), "fail sanctions.name_listed");
}

#[on_every_database(Desk::new)]
fn a_name_that_is_the_same_is_cleared_only_by_a_value_that_differs(desk: Desk) {
    let world = &desk.world;
    import_list(world, "2026-05-29", &[namesake()]);
    assert_eq!(finding(&alster(world), "sanctions"), "fail sanctions.name_listed");
    let hit = hits(world, &desk.ada, "")[0].clone();
    assert_eq!((&hit["score"], &hit["needs_ground"]), (&json!(100), &json!(true)));
    for (body, pointer, code) in [
        (json!({"decision": "false_positive", "reason": "asdf"}), "/ground", "missing_member"),
        (cleared_by(ground("country", "RU")), "/ground/value", "invalid_value"),
        (cleared_by(ground("country", "IE")), "/ground/value", "invalid_value"),
        (cleared_by(ground("date", "2019-04-11")), "/ground/value", "invalid_value"),
        (cleared_by(ground("date", "long ago")), "/ground/value", "invalid_value"),
        (cleared_by(ground("lei", &lei(ALSTER))), "/ground/value", "invalid_value"),
        (cleared_by(ground("register_number", "HRB 76398123")), "/ground/value", "invalid_value"),
        // The list does not say which number its own is.
        (cleared_by(ground("register_number", "Registration Number HRB 1234567 (Germany)")), "/ground/value", "invalid_value"),
        (json!({"decision": "true_match", "reason": "x", "ground": ground("country", "DE")}), "/ground", "invalid_value"),
    ] {
        let refused = propose(world, &desk.ada, &hit, &body);
        let fault = &refused.problem(422, "invalid_request")["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!(pointer), &json!(code)), "{body}");
    }
    propose(world, &desk.ada, &hit, &cleared_by(ground("size", "large"))).problem(422, "invalid_request");
    assert_eq!(finding(&alster(world), "sanctions"), "fail sanctions.name_listed");

    let decided = decide(&desk, &hit, &cleared_by(ground("country", "DE")));

    let difference = json!({"ground": "country", "vasp": "DE", "listed": ["Russia"],
        "document": {"name": "Extract of a register", "sha256": "ab".repeat(32)}});
    assert_eq!(decided["content"]["difference"], difference);
    assert!(
        decided["says"].as_str().unwrap().contains("The country differs: DE, on the list Russia (Extract of a register)"),
        "{decided}"
    );
    assert_eq!(finding(&alster(world), "sanctions"), "pass sanctions.no_match");
    // Operators may not do it with less.
    let (reviewer, _) = world.registry.two_operators();
    propose(world, &reviewer, &hit, &json!({"decision": "false_positive", "reason": "asdf"})).problem(422, "invalid_request");
}

#[on_every_database(Desk::new)]
fn a_clearance_ends_when_the_entry_or_the_record_changes(desk: Desk) {
    let world = &desk.world;
    import_list(world, "2026-05-29", &[namesake()]);
    let clear = || {
        let hit = hits(world, &desk.ada, "?status=open")[0].clone();
        decide(&desk, &hit, &cleared_by(ground("country", "DE")));
        assert_eq!(finding(&alster(world), "sanctions"), "pass sanctions.no_match");
    };
    clear();

    let mut moved = register("2026-05-25", &[]);
    let firm = moved["entities"].as_array_mut().unwrap().iter_mut().find(|firm| firm["lei"] == lei(ALSTER)).unwrap();
    firm["registered_address"] = json!("Newski-Prospekt 1, Sankt Petersburg");
    world.import(ImportFormat::RegisterJson, "register.json", &moved.to_string());
    assert_eq!(finding(&alster(world), "sanctions"), "fail sanctions.name_listed", "the record changed");
    clear();

    let mut changed = namesake();
    changed["aliases"] = json!(["AKH", "ALSTER"]);
    import_list(world, "2026-05-30", &[changed]);
    assert_eq!(finding(&alster(world), "sanctions"), "fail sanctions.name_listed", "the entry changed");
    clear();
    // The same list again, a day later, changes nothing.
    let mut same = namesake();
    same["aliases"] = json!(["AKH", "ALSTER"]);
    import_list(world, "2026-05-31", &[same]);
    assert_eq!(finding(&alster(world), "sanctions"), "pass sanctions.no_match");
}

#[on_every_database(Desk::new)]
fn a_hit_shows_both_sides_whole(desk: Desk) {
    let world = &desk.world;
    import_list(world, "2026-05-29", &[namesake()]);
    let listed = hits(world, &desk.ada, "")[0].clone();
    let hit = desk.ada.read(&world.registry, &format!("/v1/screening/hits/{}", listed["id"].as_str().unwrap()));

    assert_eq!(hit, listed);
    let record = &hit["record"];
    assert_eq!(
        (&record["legal_name"], &record["country"], &record["lei"]),
        (&json!("Alster Krypto AG"), &json!("DE"), &json!(lei(ALSTER)))
    );
    assert_eq!(record["first_licensed_on"], "2025-07-01");
    let shown = &hit["entry"];
    assert_eq!(
        (&shown["name"], &shown["aliases"], &shown["born"]),
        (&json!("ALSTER KRYPTO"), &json!(["AKH"]), &json!(["10 Apr 2019"]))
    );
    assert_eq!(
        (&shown["countries"], &shown["numbers"], &shown["as_of"]),
        (&json!(["Russia"]), &json!(["76398123"]), &json!("2026-05-29"))
    );
    let same: Vec<(&Value, &Value)> =
        hit["compared"].as_array().unwrap().iter().map(|one| (&one["ground"], &one["same"])).collect();
    let (country, date, lei, number) = (json!("country"), json!("date"), json!("lei"), json!("register_number"));
    assert_eq!(same, [(&country, &json!(false)), (&date, &Value::Null), (&lei, &Value::Null), (&number, &Value::Null)]);
}

#[on_every_database(Desk::new)]
fn who_may_read_and_decide_hits(desk: Desk) {
    let world = &desk.world;
    import_list(world, "2026-05-29", &[namesake()]);
    let hit = hits(world, &desk.chief, "")[0].clone();
    let body = cleared_by(ground("country", "DE"));
    propose(world, &desk.chief, &hit, &body).problem(403, "forbidden");
    let admin = world.registry.person_with(world.organisation, &[Role::Admin], &[Scope::Admin]);
    admin.get(&world.registry, "/v1/screening/hits").problem(403, "forbidden");
    // Senior management may be the second person.
    let proposed = propose(world, &desk.ada, &hit, &body).answered(201);
    desk.approve(&desk.chief, &proposed).with(200);
    assert_eq!(finding(&alster(world), "sanctions"), "pass sanctions.no_match");
    assert!(hits(world, &desk.ada, &format!("?vasp={}", world.vasp_id(LIFFEY))).is_empty());
}

/// Before, a reader closed the case that a hit had opened, and the hit stayed open.
#[on_every_database(Desk::new)]
fn a_case_is_not_closed_in_favour_of_a_firm_whose_hit_is_open(desk: Desk) {
    let world = &desk.world;
    let registry = &world.registry;
    let (reviewer, approver) = registry.two_operators();
    import_list(world, "2026-05-29", &[entry("7", "ALSTER KRYPTO HOLDING", &[])]);
    let hit = hits(world, &reviewer, "?status=open")[0].clone();
    let case = format!("/v1/cases/{}", hit["case"].as_str().unwrap());
    registry.post_as(&reviewer, &format!("{case}/take"), &Value::Null).with(200);
    let keep = || {
        let body = json!({"decision": "keep", "reason": "nothing is to change"});
        registry.post_as(&reviewer, &format!("{case}/propose"), &body)
    };

    let refused = keep().problem(409, "illegal_step");

    assert!(refused["detail"].as_str().unwrap().contains(hit["id"].as_str().unwrap()), "{refused}");
    let cleared = propose(world, &reviewer, &hit, &json!({"decision": "false_positive", "reason": "another firm"})).answered(201);
    approver.approve(registry, &cleared).with(200);
    let kept = keep().answered(201);
    approver.approve(registry, &kept).with(200);
    assert_eq!(registry.get_as(&reviewer, &case).answered(200)["status"], "closed");
}

/// No record is verified while nobody has decided whether it is the party of a sanctions list.
#[on_every_database(Desk::new)]
fn a_record_whose_hit_is_open_is_not_verified(desk: Desk) {
    let world = &desk.world;
    let registry = &world.registry;
    let (reviewer, _) = registry.two_operators();
    let vasp = world.vasp_id(ALSTER).parse().unwrap();
    registry.say(vasp, &[("status", "", "verified")]);
    registry.member_of(vasp);
    import_list(world, "2026-05-29", &[entry("7", "ALSTER KRYPTO HOLDING", &[])]);
    let hit = hits(world, &reviewer, "?status=open")[0].clone();
    let case = format!("/v1/cases/{}", hit["case"].as_str().unwrap());
    registry.post_as(&reviewer, &format!("{case}/take"), &Value::Null).with(200);

    let body = json!({"decision": "verify", "reason": "the evidence is complete"});
    let refused = registry.post_as(&reviewer, &format!("{case}/propose"), &body).problem(409, "illegal_step");

    assert!(refused["detail"].as_str().unwrap().contains(hit["id"].as_str().unwrap()), "{refused}");
}
