//! A server that hears nothing of its log's head: whatever it still answers, from memory or from tables that can be read, holds
//! the shorter for the silence. Which answers say how long they hold is read from the API's description.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};
use vasp_clock::{Clock, SystemClock};
use vasp_words::time::UtcTime;

use crate::support::{Answer, Client, Database, Deployment, Server, on_every_database};

const SECOND: i64 = 1_000_000;

/// Answers that say how long they held when they were recorded, and are shown as they were.
const RECORDED: [(&str, &str); 3] =
    [("GET", "/v1/prechecks/{id}"), ("GET", "/v1/prechecks/{id}/evidence"), ("POST", "/v1/prechecks/{id}/replay")];

/// Returns whether a schema, or what it names, has both members of a directory's answer.
fn says_how_long(document: &Value, schema: &Value, seen: &mut BTreeSet<String>) -> bool {
    match schema {
        Value::Object(members) => {
            let has = |name: &str| schema["properties"].get(name).is_some();
            let named = members.get("$ref").and_then(Value::as_str).filter(|name| seen.insert((*name).to_owned()));
            let inside = named.and_then(|name| document.pointer(name.trim_start_matches('#')));
            has("directory") && has("valid_until")
                || inside.is_some_and(|inside| says_how_long(document, inside, seen))
                || members.values().any(|value| says_how_long(document, value, seen))
        }
        Value::Array(items) => items.iter().any(|value| says_how_long(document, value, seen)),
        _ => false,
    }
}

/// Returns the operations whose answers say how long they hold.
fn dated_operations(document: &Value) -> BTreeSet<(String, String)> {
    let paths = document["paths"].as_object().unwrap();
    let operations =
        paths.iter().flat_map(|(path, item)| item.as_object().unwrap().iter().map(move |(method, op)| (method, path, op)));
    let dated =
        operations.filter(|(_, _, operation)| says_how_long(document, &operation["responses"]["200"], &mut BTreeSet::new()));
    dated.map(|(method, path, _)| (method.to_uppercase(), path.clone())).collect()
}

/// Returns every `valid_until` of an answer of the directory and of what stands in it.
fn moments(answer: &Value) -> Vec<UtcTime> {
    match answer {
        Value::Object(members) => {
            let own = answer.get("directory").map(|_| answer["valid_until"].as_str().unwrap().parse().unwrap());
            own.into_iter().chain(members.values().flat_map(moments)).collect()
        }
        Value::Array(items) => items.iter().flat_map(moments).collect(),
        _ => vec![],
    }
}

/// One request of each operation: method, path as described, path as asked, body.
fn requests(vasp: &str) -> Vec<(&'static str, String, String, Value)> {
    let address = "0x00000000000000000000000000000000000000aa";
    let get = |described: &str, asked: &str| ("GET", described.to_owned(), asked.to_owned(), Value::Null);
    let post = |path: &str, body: Value| ("POST", path.to_owned(), path.to_owned(), body);
    let question = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "record": false,
        "beneficiary": {"address": address, "network": "eip155:1"}});
    let mut all = vec![
        get("/v1/authorities", "/v1/authorities"),
        get("/v1/brands", "/v1/brands"),
        get("/v1/brands/{id}", "/v1/brands/binance?country=DE"),
        get("/v1/coverage", "/v1/coverage"),
        get("/v1/jurisdictions", "/v1/jurisdictions"),
        get("/v1/jurisdictions/compare", "/v1/jurisdictions/compare?ids=DE,SG"),
        get("/v1/jurisdictions/{id}", "/v1/jurisdictions/DE"),
        get("/v1/networks", "/v1/networks"),
        get("/v1/networks/{caip2}", "/v1/networks/eip155:1"),
        get("/v1/picker", "/v1/picker?q=binance&country=DE"),
        get("/v1/protocols", "/v1/protocols"),
        get("/v1/protocols/{id}", "/v1/protocols/trp"),
        get("/v1/resolve", &format!("/v1/resolve?subject={address}&network=eip155:1")),
        get("/v1/sources", "/v1/sources"),
        get("/v1/vasps", "/v1/vasps"),
        post(
            "/v1/obligations",
            json!({"originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "SG"}, "transfer": {}}),
        ),
        post("/v1/prechecks", question.clone()),
        post("/v1/prechecks/batch", json!({"prechecks": [question]})),
        post("/v1/resolve", json!({"subjects": [{"subject": address, "network": "eip155:1"}]})),
    ];
    let of_vasps =
        dated_operations(&described()).into_iter().filter(|(method, path)| method == "GET" && path.starts_with(OF_VASP));
    all.extend(of_vasps.map(|(_, path)| ("GET", path.clone(), path.replace("{vasp}", vasp), Value::Null)));
    all
}

/// What is read of one VASP: a question of these needs nothing but its id, so the document's list is asked whole.
const OF_VASP: &str = "/v1/vasps/{vasp}";

fn described() -> Value {
    serde_json::from_str(include_str!("../../openapi/openapi.json")).unwrap()
}

/// Returns for how long every dated answer holds, in microseconds, by path.
fn held(deployment: &Deployment, client: &Client, vasp: &str) -> Vec<(String, i64)> {
    let ask = |method: &str, path: &str, body: &Value| -> Answer {
        if method == "GET" { deployment.get(client, path) } else { deployment.post(client, path, body) }
    };
    let answers = requests(vasp).into_iter().flat_map(|(method, _, path, body)| {
        let now = SystemClock.now().micros();
        let answer = ask(method, &path, &body);
        assert_eq!(answer.status.as_u16(), 200, "{method} {path}: {answer:?}");
        let moments = moments(&answer.json());
        assert!(!moments.is_empty(), "{method} {path}: {answer:?}");
        moments.into_iter().map(move |until| (format!("{method} {path}"), until.micros() - now))
    });
    answers.collect()
}

#[test]
fn every_answer_that_says_how_long_it_holds_is_asked_for_here() {
    let asked = requests("").into_iter().map(|(method, described, ..)| (method.to_owned(), described));

    let recorded = RECORDED.map(|(method, path)| (method.to_owned(), path.to_owned()));
    let asked: BTreeSet<_> = asked.chain(recorded).collect();
    assert_eq!(asked, dated_operations(&described()));
}

#[on_every_database]
fn no_answer_of_a_server_that_hears_nothing_of_its_log_holds_as_long_as_usual(database: Database) {
    let deployment = Deployment::new(database);
    let labels = "network,address,entity,entity_name,label,category,source,added_date\n\
            bip122:000000000019d6689c085ae165831e93,1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s,binance,Binance,binance.com,exchange,file,2019-07-03\n";
    deployment.said(&["import", "claims-csv", deployment.file("labels.csv", labels).to_str().unwrap()]);
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let listed = deployment.get(&client, "/v1/vasps").json();
    let vasp = listed["items"][0]["id"].as_str().unwrap();
    // The first one has the organisation's key made, which takes the database.
    assert_eq!(deployment.ask(&client, 0).unwrap().status.as_u16(), 200);
    let usual = held(&deployment, &client, vasp);

    deployment.database.run("ALTER TABLE log_head RENAME TO log_head_away");
    std::thread::sleep(Duration::from_secs(4));
    let silent = held(&deployment, &client, vasp);

    for ((path, usual), (_, silent)) in usual.into_iter().zip(silent) {
        let whole = if usual > 30 * SECOND { 60 * SECOND } else { 10 * SECOND };
        assert!((whole - SECOND..=whole + SECOND).contains(&usual), "{path} holds for {usual} µs as a rule");
        assert!(silent <= whole - 2 * SECOND, "{path} holds for {silent} µs after 4 s of silence");
    }
}
