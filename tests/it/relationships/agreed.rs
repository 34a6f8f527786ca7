//! What an organisation agreed on with a counterparty that is no member here: a way for the data, and a licence that it saw itself.
//! Before there were these terms, no transfer to such a counterparty could ever be `proceed`.

use serde_json::{Value, json};
use vasp_words::ids::VaspId;

use super::desk::{Desk, approved, closed};
use crate::prechecks::expect::{check, finding};
use crate::prechecks::world::{ALSTER, ENDED, GONE, LIFFEY, NIGHTFALL, UNLICENSED, VALLETTA, all_fields, lei};
use crate::support::{Database, on_every_database};

/// An approval whose terms name a way for the data, and a licence that was seen on that day.
fn agreed(seen_on: &str) -> Value {
    let mut wanted = approved();
    wanted["terms"]["route"] = json!({"protocol": "trp"});
    wanted["terms"]["licence_seen"] =
        json!({"authority": "BaFin", "number": "10-157", "seen_on": seen_on, "evidence": "File 7, page 2."});
    wanted
}

fn conditions(answer: &Value) -> Vec<&str> {
    answer["conditions"].as_array().unwrap().iter().map(|condition| condition["code"].as_str().unwrap()).collect()
}

/// Asks about a transfer of which everything is told, under a jurisdiction.
fn ask_from(desk: &Desk, jurisdiction: &str, vasp: &str) -> Value {
    let body = json!({"direction": "outgoing", "originator": {"jurisdiction": jurisdiction}, "beneficiary": {"vasp": vasp},
                      "transfer": {"correspondent": false}, "provided_fields": all_fields(), "record": false});
    desk.ada.post(&desk.world.registry, "/v1/prechecks", &body).answered(200)
}

#[on_every_database(Desk::new)]
fn a_route_that_was_agreed_on_takes_the_place_of_one_that_the_registry_knows(desk: Desk) {
    let alster = lei(ALSTER);
    desk.world.import_list("CH-SANCTIONS", "2026-05-28");
    desk.decide(&alster, &approved());
    let before = ask_from(&desk, "DE", &alster);
    assert_eq!(finding(&before, "protocol"), "unknown protocol.none_on_record");
    assert!(conditions(&before).contains(&"send_data_by_other_means"), "{before}");
    assert_eq!(ask_from(&desk, "CH", &alster)["recommendation"], "hold", "its rule wants a way for the data");

    desk.decide(&alster, &agreed("2026-05-20"));

    let shown = desk.read(&alster);
    assert_eq!(shown["terms"]["route"], json!({"protocol": "trp"}));
    let after = ask_from(&desk, "DE", &alster);
    assert_eq!(finding(&after, "protocol"), "pass protocol.by_relationship");
    assert_eq!(check(&after, "protocol")["evidence"][0]["id"], shown["id"]);
    assert_eq!((&after["recommendation"], conditions(&after)), (&json!("proceed"), vec![]), "{after}");
    let noted = after["notes"].as_array().unwrap().iter().any(|note| note["code"] == "protocol.by_relationship");
    assert!(noted, "what is met is told: {after}");
    assert_eq!(finding(&after, "licence"), "pass licence.in_force", "what the register shows comes first");
    let swiss = ask_from(&desk, "CH", &alster);
    assert_ne!(swiss["recommendation"], "hold", "{swiss}");
    desk.restrict(&alster, &json!({"terms": {"risk": "low"}, "reason": "They changed it."}));
    assert_eq!(finding(&ask_from(&desk, "DE", &alster), "protocol"), "unknown protocol.none_on_record");
    desk.post(&desk.ada, &alster, "restrict", &json!({"terms": agreed("2026-05-20")["terms"], "reason": "x"}))
        .problem(409, "illegal_step");
}

#[on_every_database(Desk::new)]
fn a_licence_that_the_asker_saw_counts_for_120_days(desk: Desk) {
    let unlicensed = lei(UNLICENSED);
    desk.decide(&unlicensed, &approved());
    let before = ask_from(&desk, "DE", &unlicensed);
    assert!(finding(&before, "licence").starts_with("unknown licence."), "{before}");
    assert_eq!(before["recommendation"], "hold");

    desk.decide(&unlicensed, &agreed("2026-05-20"));

    let after = ask_from(&desk, "DE", &unlicensed);
    assert_eq!(finding(&after, "licence"), "pass licence.seen_by_asker");
    assert_eq!(
        check(&after, "licence")["detail"],
        "The asking organisation saw a licence from BaFin (number 10-157) on 2026-05-20."
    );
    assert_ne!(after["recommendation"], "hold", "{after}");
    // 120 days after 20 May 2026.
    desk.world.set_clock("2026-09-17T23:59:59Z");
    let last = ask_from(&desk, "DE", &unlicensed);
    assert_eq!(finding(&last, "licence"), "pass licence.seen_by_asker");
    assert_eq!(check(&last, "licence")["evidence"][0]["valid_until"], "2026-09-18T00:00:00Z");
    desk.world.set_clock("2026-09-18T00:00:00Z");
    assert_eq!(finding(&ask_from(&desk, "DE", &unlicensed), "licence"), "unknown licence.none_on_record");
}

/// Source: docs/relationships.md, "Effect on pre-checks": never against a register that shows the licence withdrawn, suspended, ended or no longer
/// listed, or a list of non-compliant providers.
#[on_every_database(Desk::new)]
fn a_licence_that_the_asker_saw_says_nothing_against_what_the_register_shows(desk: Desk) {
    for (firm, code) in [(GONE, "unknown licence.not_listed"), (ENDED, "fail licence.ended")] {
        desk.decide(&lei(firm), &agreed("2026-06-01"));
        assert_eq!(finding(&ask_from(&desk, "DE", &lei(firm)), "licence"), code);
    }
    desk.decide(&lei(NIGHTFALL), &agreed("2026-06-01"));
    desk.restrict(&lei(NIGHTFALL), &closed("suspended"));
    let suspended = ask_from(&desk, "DE", &lei(NIGHTFALL));
    assert_eq!(finding(&suspended, "protocol"), "unknown protocol.none_on_record", "nothing that is not approved counts");
}

/// The group "lagoon" has Liffey and Valletta.
#[on_every_database(Desk::new)]
fn what_was_agreed_on_with_the_group_or_another_of_its_entities_says_nothing_of_this_one(desk: Desk) {
    desk.decide(&desk.world.group_id("lagoon"), &agreed("2026-06-01"));
    desk.decide(&lei(VALLETTA), &agreed("2026-06-01"));

    assert_eq!(finding(&ask_from(&desk, "DE", &lei(LIFFEY)), "protocol"), "unknown protocol.none_on_record");
    assert_eq!(finding(&ask_from(&desk, "DE", &lei(VALLETTA)), "protocol"), "pass protocol.by_relationship");
}

#[test]
fn terms_that_cannot_be_are_refused_with_the_member_that_is_wrong() {
    let desk = Desk::new(Database::sqlite());
    let with = |member: &str, value: Value| {
        let mut wanted = agreed("2026-06-01");
        *wanted.pointer_mut(member).unwrap() = value;
        let problem = desk.propose(&desk.ada, &lei(ALSTER), &wanted).problem(422, "invalid_request");
        (problem["errors"][0]["pointer"].as_str().unwrap().to_owned(), problem["errors"][0]["code"].clone())
    };
    for (member, value, code) in [
        ("/terms/route/protocol", json!("pigeon"), "unknown_protocol"),
        ("/terms/licence_seen/seen_on", json!("2026-06-02"), "invalid_value"),
        ("/terms/licence_seen/authority", json!(" "), "invalid_value"),
        ("/terms/licence_seen/authority", json!("x".repeat(81)), "invalid_value"),
        ("/terms/licence_seen/number", json!("1\n2"), "invalid_value"),
        ("/terms/licence_seen/evidence", json!(""), "invalid_value"),
    ] {
        assert_eq!(with(member, value), (member.to_owned(), json!(code)));
    }
    assert_eq!(with("/terms/licence_seen/seen_on", json!("yesterday")).0, "/terms/licence_seen/seen_on");
}

/// What two people approve is exactly what was proposed: other terms have another digest.
#[test]
fn the_digest_covers_the_route_and_the_licence_and_another_node_reads_both() {
    let desk = Desk::new(Database::sqlite());
    let alster = lei(ALSTER);
    let digest = |wanted: &Value| {
        let proposed = desk.propose(&desk.ada, &alster, wanted).answered(201);
        desk.withdraw(&desk.ada, &proposed).with(200);
        proposed["digest"].clone()
    };
    assert_ne!(digest(&agreed("2026-06-01")), digest(&agreed("2026-05-31")));
    desk.decide(&alster, &agreed("2026-06-01"));
    let (store, now) = (crate::support::open_store(&desk.world.registry.database, 2), desk.world.now());
    let limits = vasp_registry::directory::ClaimIndexOptions::default();
    let keys = desk.world.registry.keys.clone();

    let other = vasp_registry::node::Registry::open(store, keys, limits, now, &mut desk.world.registry.random.fork()).unwrap();

    let vasp: VaspId = desk.world.vasp_id(ALSTER).parse().unwrap();
    let organisation = desk.world.organisation;
    let read = vasp_registry::relationships::of(&other, &other.pin(now), organisation, vasp, now).unwrap();
    let terms = serde_json::to_value(read.kept.unwrap().terms).unwrap();
    assert_eq!((&terms["route"]["protocol"], &terms["licence_seen"]["number"]), (&json!("trp"), &json!("10-157")));
}
