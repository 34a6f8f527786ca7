//! Replaying recorded pre-checks, and asking as of the past.

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::Member;
use vasp_registry::imports::ImportFormat;

use super::world::*;
use crate::policies::{Office, lax, strict};
use crate::support::{Database, on_every_database};

fn outgoing(beneficiary: Value) -> Value {
    json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary})
}

/// One request of every kind there is.
fn varied(world: &World) -> Vec<Value> {
    let address = |address: &str, declared: Value| {
        let mut body = outgoing(json!({"address": address, "network": "eip155:1", "declared": declared}));
        body["transfer"] = json!({"fiat": {"amount": "1500", "currency": "EUR"}, "asset": "eip155:1/slip44:60", "amount": "0.5"});
        body
    };
    let incoming = |address: &str, declared: Value| json!({"direction": "incoming", "originator": {"address": address, "network": "eip155:1", "declared": declared}});
    let declared = |number: u32| json!({"kind": "vasp", "vasp": lei(number)});
    let mut dated = outgoing(json!({"vasp": lei(ENDED), "customer_country": "FR"}));
    dated["transfer"] = json!({"date": "2026-05-01", "originator_type": "legal", "correspondent": true});
    let mut told = outgoing(json!({"vasp": lei(LIFFEY)}));
    (told["explanation"], told["alternatives"]) = (json!(true), json!(true));
    let mut named = outgoing(json!({"vasp": lei(ALSTER)}));
    named["policy"] = json!("strict");
    let mut past = outgoing(json!({"vasp": lei(GONE)}));
    past["as_of"] = json!(format!("seq:{}", world.registry.registry.pin(world.now()).sequence()));
    vec![
        address(LAGOON, Value::Null),
        address(LAGOON, declared(LIFFEY)),
        address(HARBOUR, declared(ALSTER)),
        address(DISPUTED, Value::Null),
        address(FAMILY, Value::Null),
        address(DISAGREEING, Value::Null),
        address(LISTED_AND_OWNED, Value::Null),
        address(UNKNOWN, json!({"kind": "self_hosted", "own_wallet": true})),
        address(UNKNOWN, Value::Null),
        outgoing(json!({"address": UNKNOWN})),
        outgoing(json!({"vasp": lei(GONE)})),
        outgoing(json!({"vasp": world.group_id("lagoon")})),
        outgoing(json!({"jurisdiction": "IR"})),
        outgoing(json!({"vasp": lei(NIGHTFALL)})),
        json!({"direction": "incoming", "originator": {"vasp": lei(DUBAI)}, "beneficiary": {"jurisdiction": "DE", "address": HARBOUR, "network": "eip155:1"}}),
        json!({"direction": "incoming", "originator": {"common_name": "nobody.example"}, "beneficiary": {"jurisdiction": "DE"}}),
        outgoing(json!({"vasp": lei(99)})),
        address(UNKNOWN, declared(99)),
        outgoing(json!({"vasp": lei(OWN)})),
        incoming(UNKNOWN, json!({"kind": "self_hosted", "own_wallet": false})),
        incoming(LAGOON, declared(LIFFEY)),
        dated,
        told,
        named,
        past,
    ]
}

/// Old pre-checks replay as they were, whatever has changed since. Source: docs/prechecks.md, "Replay".
#[on_every_database(World::start)]
fn every_recorded_precheck_replays_the_same_after_the_world_has_changed(world: World) {
    let office = Office::new(&world, Member, Some(OWN));
    office.keep(&world, &strict(1));
    office.keep(&world, &lax(1));
    let mut recorded: Vec<Value> = Vec::new();
    let ask_all = |recorded: &mut Vec<Value>| {
        for request in varied(&world) {
            let answer = office.ada.post(&world.registry, "/v1/prechecks", &request);
            assert_eq!(answer.status.as_u16(), 200, "{request} {answer:?}");
            recorded.push(answer.json());
        }
    };
    ask_all(&mut recorded);

    // Policies, sanctions, registers, labels, roles of brands, and the day.
    office.activate_together(&world, "lax@1");
    ask_all(&mut recorded);
    office.activate_alone(&world, "strict@1");
    world.import_sanctions("2026-05-31");
    world.set_clock("2026-06-09T08:00:00Z");
    world.import_register("2026-06-05", &[ALSTER, LIFFEY]);
    let label = format!(
        "network,address,entity,entity_name,label,category,source,added_date\neip155:1,{HARBOUR},rival,rival,,exchange,labels@1:rival.csv,\n"
    );
    world.import(ImportFormat::ClaimsCsv, "more.csv", &label);
    ask_all(&mut recorded);
    world.set_clock("2026-09-01T08:00:00Z");

    assert_eq!(recorded.len(), 75);
    let policies: std::collections::BTreeSet<&str> = recorded.iter().map(|answer| answer["policy"].as_str().unwrap()).collect();
    assert_eq!(policies.len(), 3, "{policies:?}");
    for answer in &recorded {
        let path = format!("/v1/prechecks/{}/replay", answer["id"].as_str().unwrap());
        let replayed = office.ben.post(&world.registry, &path, &Value::Null).with(200);
        let replay = replayed.json();
        assert_eq!(replay["differences"], json!([]), "{}", answer["checks"][0]);
        assert_eq!(replay["same"], true);
        assert_eq!(replay["replay_incomplete"], false);
        assert_eq!(replay["missing"], json!([]));
        assert_eq!(&replay["then"], answer);
        // What is answered again is not signed again.
        let mut unsigned = answer.clone();
        unsigned["receipt"] = Value::Null;
        assert_eq!(replay["now"], unsigned);
    }
}

#[on_every_database(World::start)]
fn a_replay_is_for_the_organisation_that_asked_and_says_what_was_erased(world: World) {
    let office = Office::new(&world, Member, None);
    let stranger = Office::new(&world, Member, None);
    let id = office.ask(&world, json!({"vasp": lei(ALSTER)}))["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/prechecks/{id}/replay");

    stranger.ada.post(&world.registry, &path, &Value::Null).problem(404, "not_found");
    world.post_as("", &path, &Value::Null).problem(401, "unauthenticated");
    office.ada.post(&world.registry, "/v1/prechecks/nonsense/replay", &Value::Null).problem(404, "not_found");
    let erased = [id.parse().unwrap()];
    world.registry.write(|transaction| transaction.erase_prechecks(office.organisation, &erased, world.now()));
    let replay = office.ada.post(&world.registry, &path, &Value::Null).json();

    assert_eq!((&replay["same"], &replay["replay_incomplete"]), (&Value::Null, &json!(true)));
    assert_eq!((&replay["then"], &replay["now"], &replay["differences"]), (&Value::Null, &Value::Null, &json!([])));
}

/// Source: docs/prechecks.md: `as_of` asks what the directory knew then, with the ages of then.
#[on_every_database]
fn as_of_answers_by_what_was_known_and_as_old_as_it_was_then(database: Database) {
    let world = World::start_empty(database, |settings| {
        settings.body_limit_bytes = std::num::NonZeroU32::new(2 << 20).unwrap();
    });
    world.set_clock("2026-05-11T12:00:00Z");
    world.import_register(BEFORE, &[]);
    world.import_sanctions(BEFORE);
    let then = world.ask(json!({"vasp": lei(GONE)}))["directory"].clone();
    let known = then["sequence"].as_i64().unwrap();
    world.set_clock("2026-11-01T12:00:00Z");
    world.import_register("2026-10-30", &[GONE]);
    let ask = |as_of: Value| {
        let mut body = outgoing(json!({"vasp": lei(GONE)}));
        body["as_of"] = as_of;
        let answer = world.post("/v1/prechecks", &body).with(200);
        let answer = answer.json();
        let code = |place: usize| answer["checks"][place]["code"].as_str().unwrap().to_owned();
        (code(2), code(12), answer["directory"]["sequence"].as_i64().unwrap())
    };

    let (licence, freshness, sequence) = ask(Value::Null);
    assert_eq!((licence.as_str(), sequence > known), ("licence.not_listed", true));
    assert_eq!(freshness, "freshness.register_too_old");
    // Changes of one moment are a microsecond apart.
    for as_of in [json!(format!("seq:{known}")), then["as_of"].clone()] {
        assert_eq!(ask(as_of), ("licence.in_force".to_owned(), "freshness.current".to_owned(), known));
    }
    let refused = |as_of: &str| {
        let mut body = outgoing(json!({"vasp": lei(GONE)}));
        body["as_of"] = json!(as_of);
        world.post("/v1/prechecks", &body)
    };
    refused("2020-01-01T00:00:00Z").problem(404, "not_found");
    let one = |place: i64| {
        let mut body = outgoing(json!({"jurisdiction": "SG"}));
        body["as_of"] = json!(format!("seq:{place}"));
        body
    };
    let batch = json!({"prechecks": (0..6).map(|place| one(known + place % 5)).collect::<Vec<_>>()});
    let results = world.post("/v1/prechecks/batch", &batch).json()["results"].clone();
    let faults: Vec<&Value> = results.as_array().unwrap().iter().map(|result| &result["problem"]["errors"][0]["code"]).collect();
    assert_eq!(
        faults.iter().map(|code| **code == "too_many").collect::<Vec<_>>(),
        [false, false, false, false, true, false],
        "{faults:?}"
    );
}
