//! What became of a transfer: conditions with their proofs, results, what two people decide, and what only compliance people learn.
//!
//! Source: docs/prechecks.md, "What was then done".

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::Member;
use vasp_record::role::{Role, Scope};
use vasp_registry::imports::ImportFormat;
use vasp_store::StoreError;

use super::world::{ALSTER, LISTED, OWN, World};
use crate::policies::Office;
use crate::support::{Answer, Person, on_every_database};

/// An address of Alster Krypto AG itself.
pub(super) const CLAIMED: &str = "0x1000000000000000000000000000000000001010";

/// An office of the invented bank, and a key that a program of it holds.
pub(super) struct Desk {
    pub(super) world: World,
    pub(super) office: Office,
    pub(super) program: String,
}

impl Desk {
    pub(super) fn new(world: World) -> Self {
        world.claim(ALSTER, CLAIMED);
        let office = Office::new(&world, Member, Some(OWN));
        let program = world.key_of(office.organisation, &["precheck"]);
        Self { world, office, program }
    }

    /// Asks about a transfer to Alster; without data that may travel, conditions remain.
    pub(super) fn asked(&self) -> Value {
        let answer = self.office.ask(&self.world, json!({"address": CLAIMED, "network": "eip155:1"}));
        assert_eq!(
            (&answer["recommendation"], &answer["scope"]),
            (&json!("proceed_with_conditions"), &json!("transfer")),
            "{answer}"
        );
        answer
    }

    /// Asks about a transfer from a listed address, which is to be frozen.
    fn asked_of_listed(&self) -> Value {
        let question = json!({"direction": "incoming", "beneficiary": {"jurisdiction": "DE"},
                              "originator": {"address": LISTED, "network": "eip155:1"}});
        let answer = self.office.ada.post(&self.world.registry, "/v1/prechecks", &question).answered(200);
        assert_eq!(
            (&answer["recommendation"], &answer["next_steps"][0]["code"]),
            (&json!("reject"), &json!("freeze_and_report"))
        );
        answer
    }

    pub(super) fn say(&self, precheck: &Value, body: &Value) -> Answer {
        self.world.post_as(&self.program, &outcome_of(precheck), body)
    }

    pub(super) fn read(&self, precheck: &Value) -> Value {
        self.world.get_as(&self.program, &outcome_of(precheck)).answered(200)
    }

    /// Meets every condition of an answer.
    fn meet_all(&self, precheck: &Value) {
        let met: Vec<Value> = ids(&precheck["conditions"]).iter().map(|id| met(id)).collect();
        self.say(precheck, &json!({"conditions": met})).with(201);
    }

    /// A person as signed in.
    pub(super) fn signed_in(&self, person: &Person) -> Person {
        Person { bearer: self.world.registry.session_of(person.user), ..person.clone() }
    }

    pub(super) fn propose(&self, who: &Person, precheck: &Value, result: &str) -> Answer {
        let body = json!({"result": result, "transaction": "book-7", "reason": "The board decided it."});
        who.post(&self.world.registry, &format!("{}/propose", outcome_of(precheck)), &body)
    }
}

pub(super) fn path_of(precheck: &Value) -> String {
    format!("/v1/prechecks/{}", precheck["id"].as_str().unwrap())
}

pub(super) fn outcome_of(precheck: &Value) -> String {
    format!("{}/outcome", path_of(precheck))
}

fn ids(list: &Value) -> Vec<String> {
    list.as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

pub(super) fn met(id: &str) -> Value {
    json!({"id": id, "met": true, "by": "Erika Muster, compliance", "proof": {"document_sha256": "ab".repeat(32)}})
}

#[on_every_database(World::start)]
fn each_condition_is_met_by_somebody_with_a_proof_and_then_the_transfer_is_released(world: World) {
    let desk = Desk::new(world);
    let (answer, other) = (desk.asked(), desk.asked());
    let conditions = ids(&answer["conditions"]);
    let list =
        |state: &str| ids(&desk.world.get_as(&desk.program, &format!("/v1/prechecks?outcome={state}")).answered(200)["items"]);
    let before = desk.read(&answer);
    assert_eq!(
        (&before["open"], ids(&before["open_conditions"]), &before["entries"]),
        (&json!(true), conditions.clone(), &json!([]))
    );
    for member in ["code", "before", "fulfilled_by", "detail"] {
        assert_eq!(before["open_conditions"][0][member], answer["conditions"][0][member], "{member}");
    }

    let released = json!({"result": "released", "transaction": "0xfeed"});
    let refused = desk.say(&answer, &released).problem(409, "two_people_needed");
    assert!(refused["detail"].as_str().unwrap().contains(&conditions[0]), "{refused}");
    let document =
        json!({"id": conditions[0], "met": true, "by": "Alster Krypto AG", "proof": {"document_sha256": "ab".repeat(32)}});
    desk.say(&answer, &json!({"conditions": [document]})).with(201);
    let failed = json!({"id": conditions[1], "met": false, "by": "the customer", "proof": null});
    let half = desk.say(&answer, &json!({"conditions": [failed], "note": "No answer yet."})).answered(201);
    assert_eq!(ids(&half["open_conditions"]), conditions[1..]);
    let mut rest: Vec<Value> = conditions[1..].iter().map(|id| met(id)).collect();
    rest[0]["proof"] = json!({"precheck": other["id"]});
    let mut last = released.clone();
    last["conditions"] = json!(rest);
    let done = desk.say(&answer, &last).answered(201);

    assert_eq!((&done["open"], &done["open_conditions"]), (&json!(false), &json!([])));
    let entries = done["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 3);
    assert_eq!(entries[0]["conditions"][0], document);
    assert_eq!((&entries[2]["result"], &entries[2]["transaction"]), (&json!("released"), &json!("0xfeed")));
    assert_eq!(desk.read(&answer), done);
    assert_eq!((list("open"), list("closed")), (ids(&json!([other])), ids(&json!([answer]))));
    desk.say(&answer, &json!({"result": "refused"})).problem(409, "illegal_step");
    let replay = desk.world.post_as(&desk.program, &format!("{}/replay", path_of(&answer)), &Value::Null).answered(200);
    assert_eq!((&replay["same"], &replay["differences"]), (&json!(true), &json!([])));
}

#[on_every_database(World::start)]
fn entries_are_sealed_and_the_audit_chain_has_their_digests(world: World) {
    let desk = Desk::new(world);
    let answer = desk.asked();
    let (id, registry) = (answer["id"].as_str().unwrap().to_owned(), &desk.world.registry);
    desk.say(&answer, &json!({"result": "refused", "transaction": "0xfeedbeef", "note": "Too late."})).with(201);

    let rows = registry.registry.store();
    let rows = rows.read::<_, StoreError>(|conn| conn.precheck_outcomes(desk.office.organisation, id.parse().unwrap())).unwrap();
    let stored = format!("{}", String::from_utf8_lossy(&rows[0].sealed));
    assert!(rows.len() == 1 && !stored.contains("0xfeedbeef") && !stored.contains("refused"), "{stored}");
    let admin = registry.person_with(desk.office.organisation, &[Role::Admin], &[Scope::Admin]);
    let lines = admin.read(registry, "/v1/audit?limit=1000");
    let line = lines["items"].as_array().unwrap().iter().find(|line| line["action"] == "precheck.outcome").unwrap();
    assert_eq!((&line["subject"], &line["details"]["digest"]), (&json!(id), &desk.read(&answer)["entries"][0]["digest"]));
    let (operator, _) = registry.two_admins();
    let seen = operator.get(registry, "/v1/audit?organisation=all&limit=1000").text;
    assert!(!seen.contains("precheck.outcome") && !seen.contains(&id), "{seen}");
}

#[on_every_database(World::start)]
fn a_held_transfer_is_released_by_two_people_and_never_by_a_program(world: World) {
    let desk = Desk::new(world);
    let registry = &desk.world.registry;
    let answer = desk.office.ask(&desk.world, json!({"address": super::world::LAGOON, "network": "eip155:1"}));
    assert_eq!(answer["recommendation"], "hold");
    let (ada, ben) = (&desk.office.ada, &desk.office.ben);

    for who in [&ada.bearer, &desk.signed_in(ada).bearer] {
        let alone = registry.client.send(
            "POST",
            &outcome_of(&answer),
            &[("authorization", who), ("content-type", "application/json")],
            r#"{"result": "released"}"#,
        );
        assert!(alone.problem(409, "two_people_needed")["detail"].as_str().unwrap().contains("hold"));
    }
    let machine = desk.world.key_of(desk.office.organisation, &["precheck", "compliance"]);
    let propose = format!("{}/propose", outcome_of(&answer));
    let body = json!({"result": "released", "reason": "so it is"});
    desk.world.post_as(&machine, &propose, &body).problem(403, "forbidden");
    let with_key = [("authorization", ada.bearer.as_str()), ("content-type", "application/json")];
    registry.client.send("POST", &propose, &with_key, &body.to_string()).problem(403, "session_needed");
    desk.propose(ada, &answer, "refused").problem(409, "illegal_step");
    desk.propose(ada, &desk.asked(), "frozen").problem(409, "illegal_step");

    // What is recorded after the proposal was not approved with it.
    let stale = desk.propose(ada, &answer, "released").answered(201);
    assert_eq!((&stale["kind"], &stale["state"]), (&json!("override"), &json!("pending")));
    let session = [("authorization", &*desk.signed_in(ada).bearer), ("content-type", "application/json")];
    registry.client.send("POST", &outcome_of(&answer), &session, r#"{"result": "reported"}"#).with(201);
    ben.approve(registry, &stale).problem(412, "stale_version");
    let proposed = desk.propose(ada, &answer, "released").answered(201);
    ada.approve(registry, &proposed).problem(409, "same_person");
    ben.approve(registry, &proposed).with(200);

    let outcome = desk.read(&answer);
    let last = outcome["entries"].as_array().unwrap().last().unwrap();
    assert_eq!((&outcome["open"], &last["result"], &last["transaction"]), (&json!(false), &json!("released"), &json!("book-7")));
    assert_eq!((&last["override"], &last["note"]), (&proposed["id"], &json!("The board decided it.")));
    assert_eq!(last["recorded_by"], json!(ben.user));
}

/// Source: Regulation (EU) No 260/2012 Art. 5d(1): whoever pays is verified at least once every calendar day.
#[on_every_database(World::start)]
fn an_answer_of_long_ago_clears_no_transfer_and_says_to_ask_again(world: World) {
    let desk = Desk::new(world);
    let (answer, late) = (desk.asked(), desk.asked());
    for precheck in [&answer, &late] {
        assert!(precheck["valid_until"].as_str().unwrap() <= "2026-06-01T12:01:00Z", "{precheck}");
        desk.meet_all(precheck);
    }

    desk.world.set_clock("2026-06-02T12:00:00Z");
    desk.say(&answer, &json!({"result": "released"})).with(201);
    desk.world.set_clock("2029-06-01T12:00:00Z");
    let refused = desk.say(&late, &json!({"result": "released"})).problem(409, "illegal_step");

    assert!(refused["detail"].as_str().unwrap().contains("Ask again"), "{refused}");
    desk.say(&late, &json!({"result": "refused"})).with(201);
}

/// Before, an address that was listed after a `proceed` was released without a word.
#[on_every_database(World::start)]
fn an_address_that_was_listed_after_the_answer_is_released_by_nobody(world: World) {
    let desk = Desk::new(world);
    let answer = desk.asked();
    desk.meet_all(&answer);
    let list = json!({"id": "EU-SANCTIONS", "as_of": "2026-06-01", "source": "invented", "entries": [
        {"uid": "9", "name": "SOMEBODY ELSE", "aliases": [], "programs": ["TEST"], "addresses": [{"currency": "ETH", "text": CLAIMED}]}]});
    desk.world.import(ImportFormat::SanctionsJson, "list.json", &list.to_string());

    let refused = desk.say(&answer, &json!({"result": "released"})).problem(409, "illegal_step");
    let two = desk.propose(&desk.office.ada, &answer, "released").problem(409, "illegal_step");

    for problem in [refused, two] {
        assert!(problem["detail"].as_str().unwrap().contains("on the list EU-SANCTIONS since the answer"), "{problem}");
    }
    desk.say(&answer, &json!({"result": "refused"})).with(201);
}

/// An address that was listed meanwhile was clean then.
#[on_every_database(World::start)]
fn a_question_about_the_past_clears_no_transfer_of_today(world: World) {
    let desk = Desk::new(world);
    desk.world.set_clock("2026-06-02T12:00:00Z");
    let question = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "as_of": "2026-06-01T18:00:00Z",
                          "beneficiary": {"address": CLAIMED, "network": "eip155:1"}});
    let answer = desk.office.ada.post(&desk.world.registry, "/v1/prechecks", &question).answered(200);
    assert_eq!((&answer["recommendation"], &answer["scope"]), (&json!("proceed_with_conditions"), &json!("transfer")));
    desk.meet_all(&answer);

    let refused = desk.say(&answer, &json!({"result": "released"})).problem(409, "two_people_needed");

    assert!(refused["detail"].as_str().unwrap().contains("about the past"), "{refused}");
}

#[on_every_database(World::start)]
fn what_must_be_frozen_is_returned_by_two_people_only(world: World) {
    let desk = Desk::new(world);
    let answer = desk.asked_of_listed();

    desk.say(&answer, &json!({"result": "returned"})).problem(409, "two_people_needed");
    desk.say(&answer, &json!({"result": "refused"})).with(201);
}

/// A text as it was read; of a report, without its seal, which says when it was read.
fn unsealed(text: &str) -> String {
    let Some((before, rest)) = text.split_once("<script type=\"text/plain\" id=\"seal\">") else { return text.to_owned() };
    format!("{before}{}", rest.split_once("</script>").unwrap().1)
}

/// An answer's body, without the id of its request.
fn said(answer: &Answer) -> Value {
    let mut body = serde_json::from_str(&answer.text).unwrap_or_else(|_| json!(unsealed(&answer.text)));
    if !body["request_id"].is_null() {
        body["request_id"] = Value::Null;
    }
    body
}

/// Everything about a pre-check that others than compliance people can read.
fn read_by_others(desk: &Desk, answer: &Value, admin: &Person) -> Vec<Value> {
    let (registry, path) = (&desk.world.registry, path_of(answer));
    let chief = registry.person_with(desk.office.organisation, &[Role::SeniorManagement], &[Scope::Compliance, Scope::Precheck]);
    let mut seen = Vec::new();
    for place in ["", "/evidence", "/outcome", "/report"] {
        seen.push(said(&desk.world.get_as(&desk.program, &format!("{path}{place}"))));
        // Not even the report of a compliance person has it, because reports are passed on.
        let ben = &desk.office.ben;
        let compliance = if place == "/outcome" { ben.clone() } else { desk.signed_in(ben) };
        seen.push(said(&compliance.get(registry, &format!("{path}{place}"))));
    }
    for person in [&desk.signed_in(admin), &desk.signed_in(&chief)] {
        seen.push(said(&person.get(registry, &format!("{path}/outcome"))));
    }
    for list in ["?outcome=open", "?outcome=closed", ""] {
        seen.push(said(&desk.world.get_as(&desk.program, &format!("/v1/prechecks{list}"))));
    }
    seen.push(said(&desk.world.get_as(&desk.program, "/v1/alerts")));
    seen
}

#[on_every_database(World::start)]
fn what_was_frozen_and_reported_is_seen_by_compliance_people_alone(world: World) {
    let desk = Desk::new(world);
    let (answer, registry) = (desk.asked_of_listed(), &desk.world.registry);
    let admin = registry.person_with(desk.office.organisation, &[Role::Admin], &[Scope::Admin, Scope::Precheck]);
    let frozen = json!({"result": "frozen", "transaction": "account-4711", "note": "By order."});
    let before = read_by_others(&desk, &answer, &admin);

    desk.say(&answer, &frozen).problem(403, "forbidden");
    desk.office.ada.post(registry, &outcome_of(&answer), &frozen).problem(403, "forbidden");
    desk.signed_in(&admin).post(registry, &outcome_of(&answer), &frozen).problem(403, "forbidden");
    let ada = desk.signed_in(&desk.office.ada);
    let send = |body: &Value| {
        let headers = [("authorization", ada.bearer.as_str()), ("content-type", "application/json")];
        registry.client.send("POST", &outcome_of(&answer), &headers, &body.to_string())
    };
    send(&json!({"result": "reported", "conditions": [met("c1")]})).problem(422, "invalid_request");
    send(&frozen).with(201);
    let told = send(&json!({"result": "reported", "transaction": "FIU-2026-0815"})).answered(201);

    let results: Vec<&Value> = told["entries"].as_array().unwrap().iter().map(|entry| &entry["result"]).collect();
    assert_eq!(results, [&json!("frozen"), &json!("reported")]);
    assert_eq!((&told["open"], &told["entries"][0]["confidential"]), (&json!(true), &json!(true)));
    assert_eq!(desk.signed_in(&desk.office.ben).read(registry, &outcome_of(&answer)), told);
    assert_eq!(read_by_others(&desk, &answer, &admin), before, "nothing that others see changed");
    // The audit chain commits to both entries, and its lines name neither the pre-check nor the result.
    let lines = admin.read(registry, "/v1/audit?limit=1000");
    let lines = lines["items"].as_array().unwrap();
    for entry in told["entries"].as_array().unwrap() {
        let line = lines.iter().find(|line| line["details"]["digest"] == entry["digest"]).unwrap();
        assert_eq!((&line["action"], &line["subject"]), (&json!("private.change"), &Value::Null));
        assert_eq!(line["details"], json!({"digest": entry["digest"]}));
    }
    let chain = admin.get(registry, "/v1/audit?limit=1000").text;
    let (operator, _) = registry.two_admins();
    let exported = operator.get(registry, "/v1/audit/export").text;
    for text in [chain, exported] {
        for word in ["frozen", "\"reported", "account-4711", "FIU-2026"] {
            assert!(!text.contains(word), "{word} is in {text}");
        }
    }
}

/// A frozen transfer is not released by a program that knows nothing of it, and its refusal tells nothing.
#[on_every_database(World::start)]
fn a_release_of_what_was_frozen_takes_two_people_and_is_refused_without_saying_why(world: World) {
    let desk = Desk::new(world);
    let (answer, registry) = (desk.asked(), &desk.world.registry);
    desk.meet_all(&answer);
    let ada = desk.signed_in(&desk.office.ada);
    let headers = [("authorization", ada.bearer.as_str()), ("content-type", "application/json")];
    registry.client.send("POST", &outcome_of(&answer), &headers, r#"{"result": "frozen"}"#).with(201);

    let refused = desk.say(&answer, &json!({"result": "released"})).problem(409, "two_people_needed");

    assert!(!refused["detail"].as_str().unwrap().contains("froze"), "{refused}");
    let proposed = desk.propose(&desk.office.ada, &answer, "released").answered(201);
    assert!(!proposed.to_string().contains("froze"), "{proposed}");
    desk.office.ben.approve(registry, &proposed).with(200);
    assert_eq!(desk.read(&answer)["open"], false);
}

/// A text as a page writes it.
fn as_html(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[on_every_database(World::start)]
fn the_report_says_who_demands_each_condition_and_what_was_done_and_ends_with_the_receipt(world: World) {
    let desk = Desk::new(world);
    let answer = desk.asked();
    let report = |desk: &Desk| desk.world.get_as(&desk.program, &format!("{}/report", path_of(&answer))).with(200).text;
    let before = report(&desk);
    let rule = answer["conditions"].as_array().unwrap().iter().find(|one| one["asked_by"]["clause"].is_string()).unwrap();
    for text in [&rule["asked_by"]["clause"], &rule["asked_by"]["id"], &rule["detail"], &rule["id"]] {
        assert!(before.contains(&as_html(text.as_str().unwrap())), "{text}: {before}");
    }
    assert!(before.contains("before data are sent") && before.contains("the asking organisation"), "{before}");
    assert!(before.contains("Nobody recorded what became of the transfer."));

    desk.meet_all(&answer);
    desk.say(&answer, &json!({"result": "released", "transaction": "0xfeed"})).with(201);

    let after = report(&desk);
    let by_whom = format!("met by Erika Muster, compliance; document with SHA-256 {}", "ab".repeat(32));
    for text in [&*by_whom, "0xfeed", "The transfer is over."] {
        assert!(after.contains(text) && !before.contains(text), "{text}: {after}");
    }
    let place = |text: &str| after.find(text).unwrap_or_else(|| panic!("{text}: {after}"));
    let receipt = answer["receipt"].as_str().unwrap();
    let order = [
        place("proceed_with_conditions"),
        place("Conditions to meet"),
        place("What was done"),
        place("The thirteen checks"),
        place("SHA-256 of the verdict"),
        place(receipt),
    ];
    assert!(order.is_sorted(), "{order:?}");
    let (_, rest) = after.rsplit_once(receipt).unwrap();
    assert!(!rest.contains("<h2>") && !rest.contains("<tr>"), "nothing comes after the receipt: {rest}");
}
