//! The demo as somebody who tries the product meets it: the binary itself, real data and invented people, a question that ends in `proceed`.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Client, Server, assert_refused, command};

/// The address that README.md asks about.
const ADDRESS: &str = "EtABjKgJRPFQ1FAqsKgDgThEMVAVYHSXHasT31BDSAR8";

/// A demo as from an archive: the list of the United Nations, which may not be packed, does not lie beside it.
fn demo(folder: &str) -> Command {
    command(&["demo", "--listen", "127.0.0.1:0", "--log-level=warn", "--data", folder, "--beside", folder])
}

fn started(folder: &str) -> Server {
    Server::start(demo(folder))
}

/// The question of README.md.
fn question() -> Value {
    json!({
        "direction": "outgoing", "originator": {"jurisdiction": "US"},
        "beneficiary": {"address": ADDRESS, "network": "solana"},
        "transfer": {"asset": "solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp/slip44:501", "amount": "2",
                     "fiat": {"amount": "300", "currency": "USD"}, "correspondent": false},
    })
}

fn verified(folder: &std::path::Path, answer: &str, keys: &str) -> bool {
    let (answer_file, keys_file) = (folder.join("answer.json"), folder.join("jwks.json"));
    std::fs::write(&answer_file, answer).unwrap();
    std::fs::write(&keys_file, keys).unwrap();
    let mut verify: Command =
        command(&["verify", "answer", answer_file.to_str().unwrap(), "--jwks", keys_file.to_str().unwrap()]);
    verify.output().unwrap().status.success()
}

#[test]
fn a_demo_has_a_member_to_whom_one_may_send_an_open_case_and_an_alert_and_keeps_them() {
    let (folder, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let data = folder.path().to_str().unwrap();
    let read = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    let server = started(data);
    let client = Client::new(server.address);
    let bearer = format!("Bearer {}", read("us-gateway-key"));
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];

    let answer = client.send("POST", "/v1/prechecks", &headers, &question().to_string());

    let told = answer.answered(200);
    assert_eq!((&told["recommendation"], &told["environment"]), (&json!("proceed"), &json!("demo")), "{told:#}");
    let notes: Vec<&Value> = told["notes"].as_array().unwrap().iter().map(|note| &note["code"]).collect();
    assert!(notes.contains(&&json!("freshness.age_limits_lifted")), "{notes:?}");
    // What the demo lacks: the list of the United Nations (docs/installing.md, "The archive").
    assert!(notes.contains(&&json!("sanctions.screened_by_asker")), "{notes:?}");
    let sources = client.get("/v1/sources").text;
    assert!(sources.contains("US-OFAC-SDN") && !sources.contains("\"UN-SANCTIONS\""), "{sources}");
    let keys = client.get("/.well-known/jwks.json").text;
    assert!(verified(other.path(), &answer.text, &keys));
    // The verdict has at most 3,500 bytes.
    let verdict = client.send("POST", "/v1/prechecks?view=verdict", &headers, &question().to_string());
    assert!(verdict.text.len() <= 3_500, "{} bytes: {}", verdict.text.len(), verdict.text);
    assert!(!verified(other.path(), &answer.text.replace("proceed", "hold"), &keys));

    let alerts = client.get_with("/v1/alerts", &headers).answered(200)["items"].clone();
    assert!(alerts.as_array().unwrap().iter().any(|alert| alert["check"] == "identity"), "{alerts:#}");
    let filled: Value = serde_json::from_str(&read("filled.json")).unwrap();
    assert_eq!(filled["people"].as_array().unwrap().len(), 6);
    let halted = filled["facts"]["texts"]["halted"].as_str().unwrap();
    assert_eq!(client.get(&format!("/v1/vasps/{halted}")).answered(200)["status"], "suspended");
    drop(server);

    let server = started(data);
    let client = Client::new(server.address);
    let again = client.send("POST", "/v1/prechecks", &headers, &question().to_string()).answered(200);
    assert_eq!(again["recommendation"], "proceed");
    assert_eq!(serde_json::from_str::<Value>(&read("filled.json")).unwrap(), filled);
    drop(server);

    // As if the first start had been interrupted: nobody is left with half of its people.
    std::fs::remove_file(folder.path().join("filled.json")).unwrap();
    let Err(said) = Server::try_start(demo(data)) else { panic!() };
    assert!(said.contains("was interrupted: remove that folder and start again"), "{said}");
}

/// Before, two demos at once filled one folder twice.
#[test]
fn of_two_demos_on_one_folder_the_second_says_that_another_one_is_filling_it() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().to_str().unwrap();
    let mut first = demo(data).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(first.stderr.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.contains("loading the seed"), "{line}");

    let second = demo(data).output().unwrap();

    first.kill().unwrap();
    first.wait().unwrap();
    assert_refused(&second, "another `demo` is filling it");
}

/// Otherwise a demo would add its inventions to whatever it finds.
#[test]
fn a_demo_takes_no_folder_with_a_database_of_somebody_else() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("registry.db");
    let url = format!("sqlite://{}", database.display());
    let serve = ["serve", "--listen", "127.0.0.1:0", "--database", &url];
    assert_eq!(Server::start(command(&serve)).stop("TERM").0, Some(0));
    let before = std::fs::read(&database).unwrap();

    let refused = demo(folder.path().to_str().unwrap()).output().unwrap();

    assert_refused(&refused, "holds a database that no demo made");
    assert!(std::fs::read(&database).unwrap() == before, "nothing was written");
}
