//! `verify` and `keys`, as the binary does them.

use std::path::PathBuf;
use std::process::Output;

use serde_json::{Value, json};

use crate::support::{Client, Deployment, Server, assert_refused, command, on_every_database};

/// A deployment that answered one pre-check, and is stopped.
struct Saved {
    deployment: Deployment,
    answer: Value,
    request: PathBuf,
    jwks: PathBuf,
}

const REQUEST: &str = r#"{"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "SG"}}"#;

impl Saved {
    fn new(database: crate::support::Database) -> Self {
        let deployment = Deployment::new(database);
        let server = Server::start(deployment.serve());
        let client = Client::new(server.address);
        let answer = deployment.ask(&client, 0).unwrap().json();
        let jwks = deployment.file("jwks.json", &client.get("/.well-known/jwks.json").text);
        let request = deployment.file("request.json", REQUEST);
        server.stop("TERM");
        Self { deployment, answer, request, jwks }
    }

    /// Checks an answer without the database.
    fn verify(&self, answer: &Value, options: &[&str]) -> Output {
        let file = self.deployment.file("answer.json", &answer.to_string());
        let jwks = self.jwks.to_str().unwrap();
        let arguments = [&["verify", "answer", file.to_str().unwrap(), "--jwks", jwks], options].concat();
        // Nothing of a database is needed.
        command(&arguments).env_remove("VASP_REGISTRY_DATABASE").output().unwrap()
    }
}

fn said(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stdout.clone()).unwrap())
}

#[on_every_database(Saved::new)]
fn a_saved_answer_is_checked_without_server_and_database(saved: Saved) {
    let request = saved.request.to_str().unwrap();
    let mut altered = saved.answer.clone();
    altered["recommendation"] = json!("proceed");

    let (code, text) = said(&saved.verify(&saved.answer, &["--request", request]));
    assert_eq!(code, Some(0), "{text}");
    assert!(text.starts_with("valid: ") && text.contains("request: checked"), "{text}");
    assert!(text.contains(&format!("pre-check: {}, recommendation hold", saved.answer["id"].as_str().unwrap())), "{text}");

    let (code, text) = said(&saved.verify(&altered, &[]));
    assert_eq!(code, Some(1));
    assert!(
        text.starts_with("altered: ") && text.contains("\n  verdict/recommendation: it is proceed, but the receipt has hold\n"),
        "{text}"
    );

    let verdict = |answer: &Value, options: &[&str]| -> (Option<i32>, Value) {
        let (code, text) = said(&saved.verify(answer, &[&["--json"], options].concat()));
        (code, serde_json::from_str(&text).unwrap())
    };
    let (code, valid) = verdict(&saved.answer, &["--request", request]);
    assert_eq!(
        (code, &valid["verdict"], &valid["findings"], &valid["request_checked"]),
        (Some(0), &json!("valid"), &json!([]), &json!(true))
    );
    assert_eq!(valid["receipt"]["precheck_id"], saved.answer["id"]);
    let (code, other) = verdict(&saved.answer, &["--request", saved.jwks.to_str().unwrap()]);
    assert_eq!((code, &other["verdict"], &other["findings"][0]["part"]), (Some(1), &json!("altered"), &json!("request")));
    let none = saved.deployment.file("none.json", r#"{"keys": []}"#);
    let (code, unknown) = verdict(&saved.answer, &[]);
    assert_eq!((code, &unknown["verdict"]), (Some(0), &json!("valid")));
    let file = saved.deployment.file("answer.json", &saved.answer.to_string());
    let output =
        command(&["verify", "answer", file.to_str().unwrap(), "--jwks", none.to_str().unwrap(), "--json"]).output().unwrap();
    let unknown: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &unknown["verdict"]), (Some(1), &json!("unknown_key")));

    let mut unsigned = saved.answer.clone();
    unsigned["receipt"] = Value::Null;
    assert_refused(&saved.verify(&unsigned, &[]), "the verdict has no receipt");
    assert_refused(&saved.verify(&json!([]), &[]), "the verdict must be an object");
    assert_refused(&saved.verify(&saved.answer, &["--request", "/nonexistent"]), "cannot read /nonexistent");
    let output = command(&["verify", "answer", file.to_str().unwrap()]).env_remove("VASP_REGISTRY_DATABASE").output().unwrap();
    assert_refused(&output, "give --jwks FILE");
    let output = command(&["verify", "answer", file.to_str().unwrap(), "--jwks", file.to_str().unwrap()]).output().unwrap();
    assert_refused(&output, "not a JWK set");
}

#[on_every_database(Deployment::new)]
fn keys_are_shown_replaced_and_taken_from_the_database(empty: Deployment) {
    assert!(empty.said(&["keys", "show"]).starts_with("There are no signing keys yet"));
    assert_refused(&empty.command(&["keys", "rotate", "receipt"]).output().unwrap(), "There is no receipt key yet");
    assert_eq!(empty.command(&["keys", "rotate", "other"]).output().unwrap().status.code(), Some(2));

    let server = Server::start(empty.serve());
    let client = Client::new(server.address);
    let answer = empty.ask(&client, 0).unwrap().text;
    let begun = empty.said(&["keys", "rotate", "receipt"]);
    let watch = vasp_clock::Stopwatch::start();
    let newer = loop {
        let answer = empty.ask(&client, 0).unwrap();
        let receipt = answer.json()["receipt"].as_str().unwrap().to_owned();
        let header = serde_json::from_slice::<Value>(
            &base64::Engine::decode(&base64::engine::general_purpose::URL_SAFE_NO_PAD, receipt.split('.').next().unwrap())
                .unwrap(),
        )
        .unwrap();
        if header["kid"] == begun {
            break answer.text;
        }
        assert!(watch.elapsed_micros() < 10_000_000, "the server goes on with the old key");
    };
    server.stop("TERM");

    let shown = empty.said(&["keys", "show"]);
    assert_eq!(shown.lines().filter(|line| line.starts_with("receipt ")).count(), 2, "{shown}");
    assert!(shown.contains(&format!("receipt {begun}\n  in use since ")), "{shown}");
    assert_eq!(shown.lines().filter(|line| line.starts_with("  urn:vasp-registry:") && line.contains('+')).count(), 1);
    let set: Value = serde_json::from_str(&empty.said(&["keys", "show", "--json"])).unwrap();
    assert_eq!(set["keys"].as_array().unwrap().len(), 3);
    for text in [answer, newer] {
        let file = empty.file("answer.json", &text);
        assert!(empty.said(&["verify", "answer", file.to_str().unwrap()]).starts_with("valid: "));
    }
}
