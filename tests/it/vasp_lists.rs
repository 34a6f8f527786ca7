//! The list that a gateway gets from its own provider becomes routes, for that gateway alone; one that operators import, for all.

use std::io::Cursor;

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_ingest::source;
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::imports::{ImportFormat, ImportJob, import_vasp_list};
use vasp_store::WriteMode;

use crate::prechecks::expect::{check, finding};
use crate::prechecks::world::{ALSTER, LIFFEY, World, lei, register};
use crate::support::{Database, Person, on_every_database};

const LISTS: &str = "/v1/vasp-lists";

/// A compliance officer of the organisation that asks.
fn world(database: Database) -> (World, Person) {
    let world = World::start(database);
    let officer = world.registry.person(world.organisation, &[Role::Compliance]);
    (world, officer)
}

/// GTR's list: one entity by name and country, a brand, and a firm that nobody knows.
fn gtr() -> String {
    let entity = |id: &str, name: &str, country: &str| {
        json!({"vaspEntityId": id, "vaspCode": id, "vaspEntityName": name, "country": country, "allianceName": "Global Travel Rule",
               "requiredPiiFieldsAsBeneficiary": [{"id": "100025", "name": "Originator Natural Person Date of Birth"}]})
    };
    let entities = [entity("alster-1", "ALSTER KRYPTO AG", "DE"), entity("elsewhere-1", "Elsewhere Exchange Ltd", "IE")];
    let brand = json!({"vaspCode": "harbour", "brandName": "Harbour", "supportEntities": []});
    json!({"verifyStatus": 100000, "data": [{"vaspCode": "alster", "brandName": "Alster", "supportEntities": entities}, brand]})
        .to_string()
}

fn load(world: &World, who: &Person, protocol: &str, content: &str) -> Value {
    let body = json!({"content": content, "as_of": "2026-05-30", "source": "list"});
    world.registry.send_as(who, "PUT", &format!("{LISTS}/{protocol}"), &[], &body).answered(200)
}

/// Routes as `<protocol> <reason or ok>`.
fn routes(answer: &Value) -> Vec<String> {
    let text = |route: &Value| format!("{} {}", route["protocol"].as_str().unwrap(), route["reason"].as_str().unwrap_or("ok"));
    answer["routes"].as_array().unwrap().iter().map(text).collect()
}

#[on_every_database(world)]
fn a_list_is_a_route_at_once_and_for_nobody_else((world, officer): (World, Person)) {
    let alster = world.vasp_id(ALSTER);
    assert_eq!(finding(&world.ask(json!({"vasp": alster})), "protocol"), "unknown protocol.none_on_record");

    let loaded = load(&world, &officer, "gtr", &gtr());

    assert_eq!((&loaded["rows"], &loaded["matched"], &loaded["private"]), (&json!(3), &json!(1), &json!(true)));
    let answer = world.ask(json!({"vasp": alster}));
    assert_eq!(routes(&answer), ["gtr ok"]);
    assert_eq!(finding(&answer, "protocol"), "pass protocol.common_not_probed");
    let route = &answer["routes"][0];
    assert_eq!((&route["endpoint"], &route["listed"]["id"]), (&Value::Null, &json!("alster-1")));
    assert_eq!((&route["listed"]["found_by"], &route["listed"]["as_of"]), (&json!("name_and_country"), &json!("2026-05-30")));
    assert_eq!(check(&answer, "protocol")["evidence"][0]["kind"], "vasp_list");
    // Recorded and replayed alike.
    assert_eq!(world.kept(&answer["id"])["routes"], answer["routes"]);
    let replay = world.post(&format!("/v1/prechecks/{}/replay", answer["id"].as_str().unwrap()), &json!({})).answered(200);
    assert_eq!(replay["differences"].as_array().map(Vec::len), Some(0), "{replay}");

    let (_, other) = world.organisation("Other", None, &["precheck"]);
    let asked = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": alster}});
    assert_eq!(world.post_as(&other, "/v1/prechecks", &asked).answered(200)["routes"], json!([]));
    let stranger = world.registry.person_of_new(OrganisationKind::Gateway, &[Role::Compliance]);
    assert_eq!(world.registry.get_as(&stranger, LISTS).answered(200)["items"], json!([]));
    world.registry.get_as(&stranger, &format!("{LISTS}/gtr")).problem(404, "not_found");
}

#[on_every_database(world)]
fn a_route_names_the_field_that_it_lacks((world, officer): (World, Person)) {
    load(&world, &officer, "gtr", &gtr());
    let ask = |fields: Value| {
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"},
                          "beneficiary": {"vasp": world.vasp_id(ALSTER)}, "provided_fields": fields});
        let answer = world.post("/v1/prechecks", &body).answered(200);
        (routes(&answer)[0].clone(), answer["routes"][0]["missing_fields"].clone())
    };
    let names = ["originator.name", "beneficiary.name", "beneficiary.account"];

    assert_eq!(ask(json!(names)), ("gtr required_data_missing".to_owned(), json!(["originator.date_of_birth"])));
    let born = [&names[..], &["originator.birth"]].concat();
    assert_eq!(ask(json!(born)), ("gtr ok".to_owned(), json!([])));
}

#[on_every_database(world)]
fn rows_about_nobody_say_why_and_are_found_later((world, officer): (World, Person)) {
    load(&world, &officer, "gtr", &gtr());
    let unmatched = || world.registry.get_as(&officer, &format!("{LISTS}/gtr?state=unmatched")).answered(200)["items"].clone();
    let why = |rows: &Value| -> Vec<(String, String)> {
        let text = |row: &Value, member: &str| row[member].as_str().unwrap().to_owned();
        rows.as_array().unwrap().iter().map(|row| (text(row, "id"), text(row, "why"))).collect()
    };
    let row = |id: &str, why: &str| (id.to_owned(), why.to_owned());

    let rows = unmatched();
    assert_eq!(why(&rows), [row("elsewhere-1", "name_unknown"), row("harbour", "no_identity")]);
    assert!(rows[0]["remedy"].as_str().unwrap().contains("Import the register"), "{rows}");

    // As soon as a register shows the firm, the row is about it.
    let mut later = register("2026-05-21", &[]);
    let mut firm = later["entities"][1].clone();
    (firm["legal_name"], firm["name_key"], firm["lei"]) =
        (json!("Elsewhere Exchange Limited"), json!("elsewhere exchange limited"), json!(lei(99)));
    later["entities"].as_array_mut().unwrap().push(firm);
    world.import(ImportFormat::RegisterJson, "register.json", &later.to_string());
    assert_eq!(why(&unmatched()), [row("harbour", "no_identity")]);
    let matched = world.registry.get_as(&officer, &format!("{LISTS}/gtr?state=matched")).answered(200);
    assert_eq!(matched["items"].as_array().unwrap().len(), 2);
}

#[on_every_database(world)]
fn a_list_is_replaced_dropped_and_refused_with_what_would_be_right((world, officer): (World, Person)) {
    load(&world, &officer, "gtr", &gtr());
    let table = format!("id,lei\nliffey-1,{}\n,{}\n", lei(LIFFEY), lei(ALSTER));
    let replaced = load(&world, &officer, "gtr", &table);
    assert_eq!((&replaced["rows"], &replaced["matched"]), (&json!(1), &json!(1)));
    assert_eq!((&replaced["rejected"][0]["row"], &replaced["rejected"][0]["reason"]), (&json!(3), &json!("missing")));
    assert_eq!(routes(&world.ask(json!({"vasp": world.vasp_id(ALSTER)}))), [""; 0]);
    assert_eq!(routes(&world.ask(json!({"vasp": world.vasp_id(LIFFEY)}))), ["gtr ok"]);

    let put = |protocol: &str, body: Value| world.registry.send_as(&officer, "PUT", &format!("{LISTS}/{protocol}"), &[], &body);
    put("nope", json!({"content": table})).problem(404, "not_found");
    let wrong = put("gtr", json!({"content": "{\"vasps\": []}"})).problem(422, "invalid_request");
    assert!(wrong["errors"][0]["detail"].as_str().unwrap().contains("`/data`"), "{wrong}");
    let late = put("gtr", json!({"content": table, "as_of": "2026-06-02"})).problem(422, "invalid_request");
    assert_eq!(late["errors"][0]["pointer"], "/as_of");

    let delete = || world.registry.send_as(&officer, "DELETE", &format!("{LISTS}/gtr"), &[], &Value::Null);
    assert_eq!(delete().answered(200)["rows"], 1);
    delete().problem(404, "not_found");
    assert_eq!(routes(&world.ask(json!({"vasp": world.vasp_id(LIFFEY)}))), [""; 0]);
}

#[on_every_database(world)]
fn a_list_of_code_reaches_other_networks_by_documented_bridges((world, officer): (World, Person)) {
    let row = |alliance: &str, number: u32, name: &str, country: &str| {
        json!({"health": "up", "vaspEntityId": format!("{number}"), "vaspName": name, "vaspLegalName": name,
               "countryOfRegistration": country, "allianceName": alliance, "pubkeys": []})
    };
    let all = [row("GTR", 1, "Alster Krypto AG", "DE"), row("VerifyVASP", 2, "Liffey Custody Limited", "IE")];

    load(&world, &officer, "code", &json!({"vasps": all}).to_string());

    assert_eq!(routes(&world.ask(json!({"vasp": world.vasp_id(ALSTER)}))), ["code ok"]);
    assert_eq!(routes(&world.ask(json!({"vasp": world.vasp_id(LIFFEY)}))), ["code bridge_country_limited"]);
}

#[on_every_database(world)]
fn what_operators_import_is_a_source_for_all((world, _): (World, Person)) {
    let (registry, text) = (&world.registry, gtr());
    let import = |mode: WriteMode| {
        let job = ImportJob {
            store: registry.registry.store(),
            keys: &registry.keys,
            format: ImportFormat::VaspList,
            observed_on: Some("2026-05-30".parse().unwrap()),
            mode,
            accept_shrink: false,
            progress: &mut |_| (),
        };
        let input = source::from_reader(Cursor::new(text.clone().into_bytes()), "gtr.json", source::LIMIT_BYTES).unwrap();
        let mut rng = registry.random.fork();
        let report = import_vasp_list(job, &"gtr".parse().unwrap(), input, registry.clock.now(), &mut rng).unwrap();
        registry.registry.directory().catch_up().unwrap();
        report
    };

    let report = import(WriteMode::Keep);

    assert_eq!((report.read, report.taken, report.flagged.len()), (3, 3, 2));
    assert!(report.flagged[0].text.contains("name_unknown"), "{:?}", report.flagged);
    assert_eq!(import(WriteMode::Keep).unchanged, 3);
    let answer = world.ask(json!({"vasp": world.vasp_id(ALSTER)}));
    // Whether the asker speaks the protocol, nobody said.
    assert_eq!(
        (routes(&answer), finding(&answer, "protocol")),
        (vec!["gtr ok".to_owned()], "unknown protocol.ours_unknown".to_owned())
    );
}
