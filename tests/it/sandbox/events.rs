//! Events that a sandbox causes on request, as a developer meets them: `POST /v1/sandbox/trigger`, and a receiver on this machine.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vasp_rules::precheck::CheckCode;

use super::Sandbox;
use super::receiver::Receiver;
use crate::support::{Answer, Client, Server, command};

const JSON: (&str, &str) = ("content-type", "application/json");

impl Sandbox {
    pub(super) fn key(&self, name: &str) -> String {
        let named = |scenario: &Value| scenario["request"]["by"] == name;
        let all = self.catalogue();
        let found = all["items"].as_array().unwrap().iter().find(|scenario| named(scenario)).unwrap().clone();
        found["request"]["headers"]["Authorization"].as_str().unwrap().to_owned()
    }

    /// Makes a webhook of the gateway or the member, and returns its secret.
    fn webhook(&self, side: &str, url: &str) -> String {
        let key = self.key(&format!("{side}_admin"));
        let headers = [("authorization", key.as_str()), JSON];
        let made = self.client.send("POST", "/v1/webhooks", &headers, &json!({"url": url}).to_string());
        made.answered(201)["secret"].as_str().unwrap().to_owned()
    }

    fn trigger(&self, body: &Value) -> Answer {
        self.client.send("POST", "/v1/sandbox/trigger", &[JSON], &body.to_string())
    }
}

#[test]
fn a_receiver_on_this_machine_gets_signed_messages_from_a_sandbox_and_from_no_registry() {
    let (sandbox, receiver) = (Sandbox::start(), Receiver::start());
    let (port, key) = (receiver.address.port(), sandbox.key("gateway_admin"));
    let headers = [("authorization", key.as_str()), JSON];
    let make = |url: &str| {
        sandbox.client.send("POST", "/v1/webhooks", &headers, &json!({"url": url, "min_severity": "high"}).to_string())
    };
    for host in ["127.0.0.1", "localhost"] {
        let made = make(&format!("http://{host}:{port}/hooks/{host}")).answered(201);
        let path = format!("/v1/webhooks/{}/test", made["webhook"]["id"].as_str().unwrap());

        let sent = sandbox.client.send("POST", &path, &headers, "").answered(202);

        let secret = made["secret"].as_str().unwrap();
        let message = receiver.message(secret, |message| message.path == format!("/hooks/{host}"));
        assert_eq!(message.json()["type"], "webhook.test");
        assert_eq!(message.header("webhook-id"), sent["id"].as_str().unwrap());
    }
    for url in ["http://192.168.0.1:9000/", "http://169.254.169.254:80/", "http://hooks.example.com:80/", "http://localhost/"] {
        assert_eq!(make(url).problem(422, "invalid_request")["errors"][0]["code"], "https_required", "{url}");
    }
}

#[test]
fn every_event_with_a_story_happens_and_arrives_signed() {
    let (sandbox, receiver) = (Sandbox::start(), Receiver::start());
    let url = format!("http://localhost:{}/hooks", receiver.address.port());
    let secrets = [("gateway", sandbox.webhook("gateway", &url)), ("member", sandbox.webhook("member", &url))];
    let file = include_str!("../../../seed/sandbox/events.json");
    let file: Value = serde_json::from_str(file).unwrap();
    let (mut happened, mut wrong) = (Vec::new(), Vec::new());

    // In the order of the file: an improvement follows what it improves.
    for event in file["events"].as_array().unwrap() {
        let kind = event["event"].as_str().unwrap();
        let answer = sandbox.trigger(&json!({"event": kind}));
        match answer.status.as_u16() {
            200 => happened.push((kind, answer.json())),
            _ => wrong.push(format!("{kind}: {}", answer.text)),
        }
    }
    for (kind, answer) in happened {
        let secret = &secrets.iter().find(|(side, _)| answer["told"] == *side).unwrap().1;
        let message = receiver.message(secret, |message| message.json()["data"]["id"] == answer["alert"]).json();
        assert_eq!((&message["type"], &message["data"]["kind"]), (&json!(kind), &json!(kind)));
        assert_eq!(message["data"]["sequence"], answer["sequence"]);
        assert!(!answer["changed"].as_array().unwrap().is_empty(), "{answer}");
    }

    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn what_was_triggered_is_so_afterwards_and_happens_once() {
    let sandbox = Sandbox::start();
    let catalogue = sandbox.catalogue();
    let question = &Sandbox::named(&catalogue, "all_clear")["request"];
    let elbe = "ZZZZ00SANDBOX0000138";
    let ask = json!({"event": "licence.withdrawn", "subject": elbe});
    let key = sandbox.key("gateway");
    let body = json!({"direction": "outgoing", "beneficiary": {"vasp": elbe}, "transfer": question["body"]["transfer"], "record": false});
    let precheck = || {
        let headers = [("authorization", key.as_str()), JSON];
        sandbox.client.send("POST", "/v1/prechecks", &headers, &body.to_string()).answered(200)
    };
    let licence = |answer: Value| {
        let checks = answer["checks"].as_array().unwrap().clone();
        checks.into_iter().find(|check| check["check"] == "licence").unwrap()["code"].clone()
    };
    assert_eq!(licence(precheck()), "licence.in_force");

    let done = sandbox.trigger(&ask).answered(200);

    assert_eq!((&done["event"], &done["legal_name"]), (&json!("licence.withdrawn"), &json!("Elbe Example AG")));
    assert_eq!(licence(precheck()), "licence.withdrawn");
    let again = sandbox.trigger(&ask);
    again.problem(409, "illegal_step");
    assert!(again.text.contains("it is so already"), "{again:?}");
}

#[test]
fn what_cannot_be_triggered_is_refused_with_what_can() {
    let sandbox = Sandbox::start();
    let refused = |body: Value| {
        let problem = sandbox.trigger(&body).problem(422, "invalid_request");
        (problem["errors"][0]["code"].clone(), problem["errors"][0]["pointer"].clone(), problem.to_string())
    };

    let (code, pointer, text) = refused(json!({"event": "licence.withdrwan"}));
    assert_eq!((code, pointer), (json!("invalid_value"), json!("/event")));
    assert!(text.contains("did you mean `licence.withdrawn`?") && text.contains("lei.lapsed"), "{text}");
    let (code, _, text) = refused(json!({"event": "webhook.disabled"}));
    assert_eq!(code, "unsupported");
    assert!(text.contains("answer a message with 410"), "{text}");
    let (code, pointer, text) = refused(json!({"event": "licence.ended", "subject": "Nobody AG"}));
    assert_eq!((code, pointer), (json!("invalid_value"), json!("/subject")));
    assert!(text.contains("Elbe Example AG"), "{text}");

    let listed = sandbox.client.get("/v1/sandbox/events").answered(200);
    let listed = listed["items"].as_array().unwrap();
    let kinds: BTreeSet<&str> = listed.iter().map(|item| item["event"].as_str().unwrap()).collect();
    assert!(CheckCode::ALL.iter().all(|code| kinds.contains(code.as_str())));
    assert!(listed.iter().all(|item| item["about"].is_null() != item["why_not"].is_null()));
}

#[test]
fn a_live_registry_has_no_events_to_trigger_and_no_receivers_on_its_machine() {
    let live = Server::start(command(&["serve", "--listen", "127.0.0.1:0"]));
    let client = Client::new(live.address);

    client.get("/v1/sandbox/events").problem(404, "not_found");
    client.send("POST", "/v1/sandbox/trigger", &[JSON], "{\"event\": \"licence.ended\"}").problem(404, "not_found");
}
