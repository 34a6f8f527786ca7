//! Files of addresses.

use std::fmt::Write;

use serde_json::{Value, json};
use vasp_record::claim::Visibility;

use super::world::{World, address};
use crate::support::{Answer, Database, Person, on_every_database};

fn send(world: &World, member: &Person, media: &str, query: &str, body: &str) -> Answer {
    let headers = [("authorization", member.bearer.as_str()), ("content-type", media)];
    world.registry.client.send("POST", &format!("/v1/claims/import{query}"), &headers, body)
}

fn csv(rows: impl Iterator<Item = String>) -> String {
    rows.fold("network,address,memo,role,expires_at\n".to_owned(), |mut text, row| {
        writeln!(text, "{row}").unwrap();
        text
    })
}

fn counts(report: &Value) -> [u64; 4] {
    ["added", "unchanged", "conflicts", "rejected"].map(|name| report[name].as_u64().unwrap())
}

#[on_every_database(World::start)]
fn ten_thousand_rows_with_bad_ones_are_one_batch_and_change_nothing_when_sent_again(world: World) {
    let (member, gateway) = (world.member("Alpha"), world.gateway());
    world.label(&address(5), Visibility::Public);
    world.label(&address(6), Visibility::Named);
    let row = |number: u64| match number % 1_000 {
        // Every thousandth is no address, every next no role.
        0 => "eip155:1,0x12,,hot,".to_owned(),
        1 => format!("eip155:1,{},,warm,", address(number)),
        _ => format!("eip155:1,{},,deposit,", address(number)),
    };
    let file = csv((1..=10_000).map(row).chain([format!("eip155:1,{},,deposit,", address(7))]));

    let report = send(&world, &member, "text/csv", "", &file).json();

    assert_eq!(counts(&report), [9_979, 1, 1, 20], "{:?}", report["rows"][0]);
    let rows = report["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 10_001);
    // Row n of the file stands on line n + 1.
    let at = |number: usize| &rows[number - 1];
    assert_eq!((&at(5)["row"], &at(5)["outcome"], &at(5)["code"]), (&json!(6), &json!("conflict"), &json!("claimed_by_another")));
    assert_eq!((&at(6)["outcome"], &at(6)["code"]), (&json!("added"), &Value::Null), "what it may not see it is not told of");
    assert_eq!((&at(1_000)["outcome"], &at(1_000)["claim"]), (&json!("rejected"), &Value::Null));
    assert_eq!(at(1_001)["code"], "invalid_value");
    assert_eq!(at(10_001)["outcome"], json!("unchanged"));
    assert_eq!(at(10_001)["code"], json!("repeated"));
    assert_eq!(at(10_001)["claim"], at(7)["claim"]);
    let listed = world.get(&member, "/v1/claims?limit=1000&network=ethereum").json();
    let page = listed["items"].as_array().unwrap();
    assert!(page.iter().all(|claim| claim["batch"] == report["batch"]) && page.len() == 1_000);
    assert_eq!((&page[0]["id"], page[0]["address"].as_str()), (&at(2)["claim"], Some(address(2).as_str())));
    let next =
        world.get(&member, &format!("/v1/claims?limit=1&network=ethereum&cursor={}", listed["next_cursor"].as_str().unwrap()));
    assert_eq!(next.json()["items"][0]["id"], at(1_004)["claim"], "of the rows before, three were bad");
    assert_eq!(world.owners(&gateway, &address(9_999)).0, "owned");
    assert_eq!(world.owners(&gateway, &address(5)).0, "conflicted");

    let again = send(&world, &member, "text/csv", "", &file).json();

    assert_eq!(counts(&again), [0, 9_981, 0, 20]);
    assert_eq!((&again["batch"], &again["rows"][1]["claim"]), (&Value::Null, &at(2)["claim"]));
}

#[on_every_database(World::start)]
fn lines_of_json_renew_what_says_otherwise_and_a_key_repeats_the_report(world: World) {
    let (member, gateway) = (world.member("Alpha"), world.gateway());
    let line = |number: u64, role: &str| json!({"network": "eip155:1", "address": address(number), "role": role}).to_string();
    let first = send(&world, &member, "application/jsonl", "", &[line(1, "hot"), line(2, "hot")].join("\n")).json();
    assert_eq!(counts(&first), [2, 0, 0, 0]);

    let headers =
        [("authorization", member.bearer.as_str()), ("content-type", "application/x-ndjson"), ("idempotency-key", "again")];
    let body = [line(1, "hot"), line(2, "cold"), "{".to_owned()].join("\n");
    let send_again = |body: &str| world.registry.client.send("POST", "/v1/claims/import", &headers, body);
    let second = send_again(&body).json();

    assert_eq!(counts(&second), [1, 1, 0, 1]);
    assert_eq!((&second["rows"][1]["code"], &second["rows"][2]["code"]), (&json!("renewed"), &json!("invalid_json")));
    assert_eq!(send_again(&body).json(), second, "under the same key the same report");
    send_again(&line(1, "hot")).problem(422, "idempotency_key_reused");
    assert_eq!(world.ask(&gateway, &address(2))["owners"][0]["claim"]["role"], "cold");
    let old = world.get(&member, &format!("/v1/claims/{}", first["rows"][1]["claim"].as_str().unwrap())).json();
    assert_eq!((&old["state"], &old["replaced_by"]), (&json!("replaced"), &second["rows"][1]["claim"]));
    let query = format!("?visibility=named&named={}", gateway.organisation);
    let third = send(&world, &member, "application/jsonl", &query, &line(3, "hot")).json();
    assert_eq!(counts(&third), [1, 0, 0, 0]);
    assert_eq!(
        (world.owners(&gateway, &address(3)).0, world.owners(&world.gateway(), &address(3)).0),
        ("owned".into(), "not_found".into())
    );

    // Before, the list sent again showed the claim to all gateways.
    assert_eq!(counts(&send(&world, &member, "application/jsonl", "", &line(3, "hot")).json()), [0, 1, 0, 0]);
    let wider = send(&world, &member, "application/jsonl", "", &line(3, "cold")).json();
    assert_eq!((counts(&wider), &wider["rows"][0]["code"]), ([0, 0, 0, 1], &json!("visibility_differs")));
    assert_eq!(world.owners(&world.gateway(), &address(3)).0, "not_found");
    let said = send(&world, &member, "application/jsonl", "?visibility=gateways", &line(3, "cold")).json();
    assert_eq!((counts(&said), &said["rows"][0]["code"]), ([1, 0, 0, 0], &json!("renewed")));
    assert_eq!(world.owners(&world.gateway(), &address(3)).0, "owned");
}

#[test]
fn files_that_are_none_too_large_or_too_long_are_refused_whole() {
    let world = World::start_with(Database::sqlite(), |settings| settings.import_limit_bytes = 6_000_000.try_into().unwrap());
    let member = world.member("Alpha");
    let fault = |answer: &Answer| answer.problem(422, "invalid_request")["errors"][0]["code"].clone();

    send(&world, &member, "application/json", "", "{}").problem(415, "unsupported_media_type");
    assert_eq!(fault(&send(&world, &member, "text/csv", "", "network,address\n")), "invalid_file");
    assert_eq!(fault(&send(&world, &member, "text/csv", "", "network,address,memo,role,expires_at\n")), "no_rows");
    let unread = "network,address,memo,role,expires_at,visibility\n";
    assert_eq!(fault(&send(&world, &member, "text/csv", "", unread)), "invalid_file");
    assert_eq!(fault(&send(&world, &member, "application/jsonl", "?visibility=named", "{}\n")), "invalid_value");
    assert_eq!(fault(&send(&world, &member, "application/jsonl", "", &"{}\n".repeat(100_001))), "too_many_rows");
    send(&world, &member, "application/jsonl", "", &format!("{}\n", " ".repeat(15_000)).repeat(500))
        .problem(413, "payload_too_large");
    assert_eq!(world.get(&member, "/v1/claims").json()["items"], json!([]));
}
