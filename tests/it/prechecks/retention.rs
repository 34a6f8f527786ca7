//! How long the contents of a recorded pre-check are kept: the floor of the law that it applied, the organisation's own setting, legal holds,
//! and erasure by two people.
//!
//! Source: docs/prechecks.md, "What is kept".

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::{Gateway, Member};
use vasp_record::role::{Role, Scope};
use vasp_registry::precheck::erase_due_prechecks;
use vasp_store::{PrecheckOutcomeRow, StoreError};
use vasp_words::sql::Flag;

use super::world::{ALSTER, LIFFEY, UNLICENSED, World, lei};
use crate::policies::Office;
use crate::support::{Answer, Person, on_every_database};

const SETTING: &str = "/v1/settings/precheck-retention";

fn sweep(world: &World) -> usize {
    erase_due_prechecks(&world.registry.registry, world.now(), &mut world.registry.random.fork()).unwrap()
}

/// Asks from a place about a VASP, and returns the pre-check's id.
fn ask(world: &World, office: &Office, originator: &Value, number: u32) -> String {
    let question = json!({"direction": "outgoing", "originator": originator, "beneficiary": {"vasp": lei(number)}});
    office.ada.done(&world.registry, "/v1/prechecks", &question)["id"].as_str().unwrap().to_owned()
}

/// What the list says of one pre-check.
fn record(world: &World, office: &Office, id: &str) -> Value {
    let list = office.ada.read(&world.registry, "/v1/prechecks?limit=1000");
    list["items"].as_array().unwrap().iter().find(|item| item["id"] == id).unwrap().clone()
}

fn is_erased(world: &World, office: &Office, id: &str) -> bool {
    let read = |conn: &mut vasp_store::Conn| conn.precheck_record(id.parse().unwrap(), office.organisation);
    world.registry.registry.store().read::<_, StoreError>(read).unwrap().unwrap().erased_at.is_some()
}

fn propose_setting(world: &World, who: &Person, days: Value) -> Answer {
    who.post(&world.registry, &format!("{SETTING}/propose"), &json!({"days": days, "reason": "the board decided it"}))
}

fn propose_erasure(world: &World, who: &Person, id: &str) -> Answer {
    who.post(&world.registry, &format!("/v1/prechecks/{id}/payload/propose"), &json!({"reason": "the customer asked for it"}))
}

/// The whole audit chain, as operators read it.
fn read_by_operators(world: &World) -> String {
    let (operator, _) = world.registry.two_admins();
    operator.get(&world.registry, "/v1/audit?organisation=all&limit=1000").text
        + &operator.get(&world.registry, "/v1/audit/export").text
}

/// Source: the seed's records: Germany five years, Switzerland ten, Brazil none, of the Emirates' regimes Dubai's eight are the longest.
/// FATF Recommendation 11: at least five years.
#[on_every_database(World::start)]
fn each_record_has_the_floor_of_the_law_that_it_applied_and_says_which(world: World) {
    let (german, nowhere) = (Office::new(&world, Member, Some(ALSTER)), Office::new(&world, Gateway, None));
    let settings = |office: &Office| office.ada.read(&world.registry, SETTING);
    assert_eq!(settings(&german), json!({"days": null, "floor": {"days": 1_827, "by": "rule", "rule": "DE@2024-12-30"}}));
    assert_eq!(settings(&nowhere), json!({"days": null, "floor": null}));

    let own = ask(&world, &german, &json!({}), UNLICENSED);
    let swiss = ask(&world, &german, &json!({"jurisdiction": "CH"}), UNLICENSED);
    let dubai = ask(&world, &nowhere, &json!({"jurisdiction": "AE-VARA"}), UNLICENSED);
    let brazil = ask(&world, &nowhere, &json!({"jurisdiction": "BR"}), UNLICENSED);

    let own = (record(&world, &german, &own), own);
    assert_eq!((&own.0["floor"], &own.0["payload_until"]), (&settings(&german)["floor"], &json!("2031-06-02T12:00:00Z")));
    assert_eq!(record(&world, &german, &swiss)["payload_until"], "2036-06-01T12:00:00Z");
    assert_eq!(record(&world, &nowhere, &dubai)["floor"]["days"], 2_922);
    let floor = record(&world, &nowhere, &brazil)["floor"].clone();
    let is_silent = floor["rule"].as_str().unwrap().starts_with("BR@");
    assert!(floor["days"] == 1_827 && floor["by"] == "fatf" && is_silent, "{floor}");

    world.set_clock("2031-06-02T12:00:00Z");
    assert_eq!(sweep(&world), 0);
    world.set_clock("2031-06-02T12:00:00.001Z");
    assert_eq!(sweep(&world), 2, "Germany's and the one without a period of its own");
    assert!(is_erased(&world, &german, &own.1) && is_erased(&world, &nowhere, &brazil));
    assert!(!is_erased(&world, &german, &swiss) && !is_erased(&world, &nowhere, &dubai));
    assert_eq!(sweep(&world), 0, "what was erased is not looked at again");
    let seen = read_by_operators(&world);
    assert!(!seen.contains("precheck.expire") && !seen.contains(&own.1), "{seen}");
}

/// One person cut it from 15 years to 30 days, also for what was there.
#[on_every_database(World::start)]
fn a_setting_governs_newer_records_and_a_shorter_one_takes_two_people(world: World) {
    let office = Office::new(&world, Member, Some(ALSTER));
    let days = || office.ada.read(&world.registry, SETTING)["days"].clone();
    let until = |id: &str| record(&world, &office, id)["payload_until"].clone();
    let first = ask(&world, &office, &json!({}), LIFFEY);
    for refused in [json!(29), json!(5_480), json!("30")] {
        propose_setting(&world, &office.ada, refused).problem(422, "invalid_request");
    }

    let longer = propose_setting(&world, &office.ada, json!(3_653)).answered(201);
    assert_eq!((&longer["kind"], &longer["state"], days()), (&json!("retention"), &json!("approved"), json!(3_653)));
    propose_setting(&world, &office.ada, json!(3_653)).problem(409, "illegal_step");
    let second = ask(&world, &office, &json!({}), LIFFEY);
    let shorter = propose_setting(&world, &office.ada, json!(30)).answered(201);
    assert_eq!((&shorter["state"], days()), (&json!("pending"), json!(3_653)));
    office.ada.approve(&world.registry, &shorter).problem(409, "same_person");
    office.ben.approve(&world.registry, &shorter).with(200);
    assert_eq!(days(), 30);
    let third = ask(&world, &office, &json!({}), LIFFEY);

    // Ten years; and never less than Germany's five.
    assert_eq!(
        [until(&first), until(&second), until(&third)],
        [json!("2031-06-02T12:00:00Z"), json!("2036-06-01T12:00:00Z"), json!("2031-06-02T12:00:00Z")]
    );
    world.set_clock("2026-08-01T12:00:00Z");
    assert_eq!(sweep(&world), 0, "a setting of 30 days does not cut the law");
    let none = propose_setting(&world, &office.ada, Value::Null).answered(201);
    assert_eq!((&none["state"], days()), (&json!("pending"), json!(30)), "none is shorter than any");
    world.set_clock("2031-08-01T12:00:00Z");
    assert_eq!(sweep(&world), 2);
    assert!(!is_erased(&world, &office, &second));
    let admin = world.registry.person_with(office.organisation, &[Role::Admin], &[Scope::Admin]);
    let lines = admin.read(&world.registry, "/v1/audit?limit=1000");
    let expired = lines["items"].as_array().unwrap().iter().find(|line| line["action"] == "precheck.expire").unwrap();
    assert_eq!((&expired["details"]["erased"], &expired["actor"]), (&json!(2), &Value::Null));
}

/// Why an organisation keeps its records longer or shorter is its own business, also in the database.
#[on_every_database(World::start)]
fn a_proposal_about_the_setting_is_sealed(world: World) {
    let office = Office::new(&world, Member, Some(ALSTER));
    propose_setting(&world, &office.ada, json!(3_653)).with(201);
    let waiting = propose_setting(&world, &office.ada, json!(30)).answered(201);

    let id = waiting["id"].as_str().unwrap().parse().unwrap();
    let row = world.registry.registry.store().read::<_, StoreError>(|conn| conn.proposal(id)).unwrap().unwrap();

    let stored = String::from_utf8_lossy(&row.content);
    assert!(!stored.contains("the board decided it") && !stored.contains("3653"), "{stored}");
    assert_eq!(office.ben.read(&world.registry, &format!("/v1/proposals/{id}"))["reason"], "the board decided it");
}

#[on_every_database(World::start)]
fn contents_are_erased_by_two_people_once_the_law_allows_it_and_the_rest_stays(world: World) {
    let (office, stranger) = (Office::new(&world, Member, Some(ALSTER)), Office::new(&world, Member, None));
    propose_setting(&world, &office.ada, json!(5_000)).with(201);
    let id = ask(&world, &office, &json!({}), LIFFEY);
    let path = format!("/v1/prechecks/{id}");

    let early = propose_erasure(&world, &office.ada, &id).problem(409, "still_kept");
    assert!(early["detail"].as_str().unwrap().contains("2031-06-02T12:00:00Z (DE@2024-12-30)"), "{early}");
    world.set_clock("2031-06-02T11:59:59Z");
    propose_erasure(&world, &office.ada, &id).problem(409, "still_kept");
    world.set_clock("2031-06-02T12:00:00Z");
    let before = record(&world, &office, &id);
    propose_erasure(&world, &stranger.ada, &id).problem(404, "not_found");
    let proposed = propose_erasure(&world, &office.ada, &id).answered(201);
    assert_eq!((&proposed["kind"], &proposed["subject"]), (&json!("erasure"), &json!(id)));
    office.ada.approve(&world.registry, &proposed).problem(409, "same_person");
    assert!(!is_erased(&world, &office, &id));
    office.ben.approve(&world.registry, &proposed).with(200);

    for rest in ["", "/evidence", "/report", "/outcome"] {
        office.ada.get(&world.registry, &format!("{path}{rest}")).problem(404, "not_found");
    }
    propose_erasure(&world, &office.ada, &id).problem(409, "illegal_step");
    let mut after = record(&world, &office, &id);
    assert_eq!(after["payload_erased_at"], "2031-06-02T12:00:00Z");
    after["payload_erased_at"] = Value::Null;
    assert_eq!(after, before);
    // Which pre-check it was, and why, is the organisation's own business.
    let seen = read_by_operators(&world);
    for word in ["the customer asked for it", "erasure", &*id] {
        assert!(!seen.contains(word), "{word} is in {seen}");
    }
}

#[on_every_database(World::start)]
fn an_entry_of_the_outcome_begins_the_period_again(world: World) {
    let office = Office::new(&world, Member, Some(ALSTER));
    let id = ask(&world, &office, &json!({}), LIFFEY);
    world.set_clock("2026-07-01T12:00:00Z");
    office.ada.done(&world.registry, &format!("/v1/prechecks/{id}/outcome"), &json!({"result": "refused"}));
    assert_eq!(record(&world, &office, &id)["payload_until"], "2031-07-02T12:00:00Z");

    world.set_clock("2031-07-02T12:00:00Z");
    assert_eq!(sweep(&world), 0);
    world.set_clock("2031-07-02T12:00:00.001Z");
    assert_eq!(sweep(&world), 1);
}

/// Source: Directive (EU) 2015/849 Art. 40(1)(b): five years after the date of the transaction.
#[on_every_database(World::start)]
fn a_transfer_of_a_later_day_is_kept_from_that_day_on(world: World) {
    let office = Office::new(&world, Member, Some(ALSTER));
    let question = json!({"direction": "outgoing", "beneficiary": {"vasp": lei(LIFFEY)}, "transfer": {"date": "2027-06-01"}});
    let id = office.ada.done(&world.registry, "/v1/prechecks", &question)["id"].as_str().unwrap().to_owned();
    assert_eq!(record(&world, &office, &id)["payload_until"], "2032-06-02T00:00:00Z");

    world.set_clock("2032-06-01T23:59:59Z");
    let early = propose_erasure(&world, &office.ada, &id).problem(409, "still_kept");
    assert!(early["detail"].as_str().unwrap().contains("2032-06-02T00:00:00Z"), "{early}");
    assert_eq!(sweep(&world), 0);
    world.set_clock("2032-06-02T00:00:00.001Z");
    assert_eq!(sweep(&world), 1);
}

#[on_every_database(World::start)]
fn nothing_under_a_legal_hold_is_erased_until_two_people_lifted_it(world: World) {
    let office = Office::new(&world, Member, Some(ALSTER));
    let [first, second, other] = [LIFFEY, LIFFEY, UNLICENSED].map(|number| ask(&world, &office, &json!({}), number));
    world.set_clock("2026-06-05T12:00:00Z");
    let later = ask(&world, &office, &json!({}), UNLICENSED);
    let place = |scope: Value| {
        office.ada.post(&world.registry, "/v1/legal-holds", &json!({"scope": scope, "reason": "court order 7 O 8/26"}))
    };
    for (wrong, pointer) in [
        (json!({}), "/scope"),
        (json!({"precheck": first, "counterparty": world.vasp_id(LIFFEY)}), "/scope"),
        (json!({"precheck": "pre_01k2z8q4p8w0q6m4v3c1b5n7x9"}), "/scope/precheck"),
        (json!({"counterparty": "vasp_01k2z8q4p8w0q6m4v3c1b5n7x9"}), "/scope/counterparty"),
        (json!({"recorded": {"from": "2026-06-05T00:00:00Z", "until": "2026-06-05T00:00:00Z"}}), "/scope/recorded/until"),
        // Before, with a wrong year a hold covered nothing, and did not say so.
        (json!({"recorded": {"from": "1990-01-01T00:00:00Z", "until": "1991-01-01T00:00:00Z"}}), "/scope/recorded/until"),
        (json!({"recorded": {"from": "2062-01-01T00:00:00Z", "until": null}}), "/scope/recorded/from"),
    ] {
        assert_eq!(place(wrong).problem(422, "invalid_request")["errors"][0]["pointer"], pointer);
    }
    let of_record = place(json!({"precheck": first})).answered(201);
    let of_party = place(json!({"counterparty": world.vasp_id(LIFFEY)})).answered(201);
    let of_time = place(json!({"recorded": {"from": "2026-06-05T00:00:00Z", "until": "2026-06-06T00:00:00Z"}})).answered(201);

    world.set_clock("2031-07-01T12:00:00Z");
    let refused = propose_erasure(&world, &office.ada, &second).problem(409, "legal_hold");
    assert!(refused["detail"].as_str().unwrap().contains(of_party["id"].as_str().unwrap()), "{refused}");
    assert_eq!(sweep(&world), 1, "only what no hold covers");
    assert_eq!([&first, &second, &other, &later].map(|id| is_erased(&world, &office, id)), [false, false, true, false]);

    // A hold that comes after the proposal counts at the approval.
    let lift = |hold: &Value| {
        let path = format!("/v1/legal-holds/{}/propose", hold["id"].as_str().unwrap());
        let proposed = office.ada.post(&world.registry, &path, &json!({"reason": "the case is closed"})).answered(201);
        office.ada.approve(&world.registry, &proposed).problem(409, "same_person");
        office.ben.approve(&world.registry, &proposed).with(200);
        office.ada.post(&world.registry, &path, &json!({"reason": "again"})).problem(409, "illegal_step");
    };
    lift(&of_time);
    let proposed = propose_erasure(&world, &office.ada, &later).answered(201);
    let again = place(json!({"precheck": later})).answered(201);
    office.ben.approve(&world.registry, &proposed).problem(409, "legal_hold");
    for hold in [&of_record, &of_party, &again] {
        lift(hold);
    }
    assert_eq!(sweep(&world), 3);

    let holds = office.ada.read(&world.registry, "/v1/legal-holds");
    let lifted: Vec<&Value> = holds["items"].as_array().unwrap().iter().map(|hold| &hold["lifted_at"]).collect();
    assert_eq!(lifted, [&json!("2031-07-01T12:00:00Z"); 4]);
    // Who places holds and asks for erasures may know of a report: the organisation's other people read none of it.
    let admin = world.registry.person_with(office.organisation, &[Role::Admin], &[Scope::Admin]);
    let lines = |bearer: String| Person { bearer, ..admin.clone() }.get(&world.registry, "/v1/audit?limit=1000").text;
    let (told, said) = (lines(admin.bearer.clone()), lines(world.registry.session_of(admin.user)));
    for word in ["court order", "legal_hold", "payload/propose", of_party["id"].as_str().unwrap()] {
        assert!(!told.contains(word) && !said.contains(word), "{word} is in {told} {said}");
    }
    let stranger = Office::new(&world, Member, None);
    assert_eq!(stranger.ada.read(&world.registry, "/v1/legal-holds")["items"], json!([]));
    let seen = read_by_operators(&world);
    for word in ["court order", "legal_hold", of_party["id"].as_str().unwrap()] {
        assert!(!seen.contains(word), "{word} is in {seen}");
    }
}

/// An outcome that somebody records while the sweep waits for its record keeps the record.
#[on_every_database(World::start)]
fn an_outcome_that_is_recorded_during_the_sweep_keeps_its_record(world: World) {
    if world.registry.database.file().is_some() {
        return; // SQLite has one writer at a time.
    }
    let office = Office::new(&world, Member, Some(ALSTER));
    let id = ask(&world, &office, &json!({}), LIFFEY);
    world.set_clock("2031-07-02T12:00:00Z");
    let row = PrecheckOutcomeRow {
        organisation: office.organisation,
        precheck: id.parse().unwrap(),
        number: 1,
        recorded_at: world.now(),
        ends: Flag(false),
        sealed: vec![],
    };

    let swept = std::thread::scope(|scope| {
        world
            .registry
            .write(|transaction| {
                transaction.lock_precheck(row.precheck, row.organisation)?;
                let sweeping = scope.spawn(|| sweep(&world));
                let waits = "pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
                while world.registry.database.number("COUNT(*)", waits) == 0 {
                    std::thread::yield_now();
                }
                transaction.add_precheck_outcome(&row)?;
                Ok(sweeping)
            })
            .join()
            .unwrap()
    });

    assert_eq!(swept, 0);
    assert!(!is_erased(&world, &office, &id));
}
