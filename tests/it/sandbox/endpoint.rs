//! Travel Rule endpoints on one machine: that of an invented member, and a developer's own.

use std::collections::BTreeMap;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use serde_json::{Value, json};
use vasp_clock::Stopwatch;

use super::Sandbox;
use crate::support::{Answer, EndpointServer, Manner};

const JSON: (&str, &str) = ("content-type", "application/json");

impl Sandbox {
    /// Waits until an endpoint of a VASP, or its only one, is in a state, and returns its health. The sandbox's clock runs ahead meanwhile, so
    /// that the next probe is due.
    fn health(&self, vasp: &str, endpoint: &str, state: &str) -> Value {
        let (watch, key) = (Stopwatch::start(), self.key("gateway"));
        loop {
            let health = self.client.get_with(&format!("/v1/vasps/{vasp}/health"), &[("authorization", &key)]).answered(200);
            let found = health["items"].as_array().unwrap().iter().find(|one| one["endpoint"] == endpoint || endpoint.is_empty());
            match found.filter(|one| one["health"]["state"] == state) {
                Some(found) => return found["health"].clone(),
                None => assert!(watch.elapsed_micros() < 60_000_000, "{health}"),
            }
            std::thread::sleep(Duration::from_millis(500));
            if state == "down" {
                self.client.send("POST", "/v1/sandbox/clock", &[JSON], "{\"advance_secs\": 60}").answered(200);
            }
        }
    }

    fn vasp(&self, lei: &str) -> String {
        let key = self.key("gateway");
        let found = self.client.get_with(&format!("/v1/vasps/{lei}"), &[("authorization", &key)]).answered(200);
        found["id"].as_str().unwrap().to_owned()
    }

    fn publish(&self, names: &Value) -> Answer {
        self.client.send("PATCH", "/v1/sandbox/names", &[JSON], &names.to_string())
    }
}

/// A member's LEI ends with its check digits: 101 and 104 by MOD 97-10.
const TIDEWATER: &str = "ZZZZ00SANDBOX0010129";
const EVENTFUL: &str = "ZZZZ00SANDBOX0010420";

#[test]
fn one_invented_endpoint_answers_and_another_is_down() {
    let sandbox = Sandbox::start();

    let answers = sandbox.health(&sandbox.vasp(TIDEWATER), "", "responsive");
    let down = sandbox.health(&sandbox.vasp(EVENTFUL), "", "down");

    assert_eq!(answers["findings"], json!([]));
    assert_eq!(down["findings"][0]["code"], "host_not_found");
}

#[test]
fn a_members_own_endpoint_on_this_machine_becomes_usable() {
    let sandbox = Sandbox::start();
    let key = sandbox.key("member");
    let headers = [("authorization", key.as_str()), JSON];
    let post = |path: &str, body: Value| sandbox.client.send("POST", path, &headers, &body.to_string());
    let asked = post("/v1/vasps/mine/domains", json!({"domain": "mine.test"})).json();
    let txt = &asked["challenge"]["dns_txt"];
    sandbox.publish(&json!({"records": {txt["name"].as_str().unwrap(): [txt["value"]]}})).answered(200);
    assert_eq!(post("/v1/vasps/mine/domains/mine.test/verify", Value::Null).json()["state"], "proven");
    let own_key = KeyPair::generate().unwrap();
    let csr = CertificateParams::new(vec!["mine.test".to_owned()]).unwrap().serialize_request(&own_key).unwrap().pem().unwrap();
    let issued = post("/v1/vasps/mine/certificates/csr", json!({"csr": csr, "uses": ["tls_server"]})).answered(201);
    let certificate = issued["certificate"].as_str().unwrap();
    let manner = Manner::trp("Tidewater Example GmbH", TIDEWATER);
    let server = EndpointServer::start_certified(certificate, &own_key.serialize_pem(), manner);

    let servers = BTreeMap::from([("mine.test", format!("127.0.0.1:{}", server.port))]);
    sandbox.publish(&json!({"servers": servers})).answered(200);
    let location = json!({"kind": "url", "url": "https://mine.test/trp"});
    let made =
        post("/v1/vasps/mine/endpoints", json!({"protocol": "trp", "versions": ["3.2.1"], "location": location})).answered(201);

    let health = sandbox.health(&sandbox.vasp(TIDEWATER), made["id"].as_str().unwrap(), "responsive");
    assert_eq!(health["findings"], json!([]));
    assert!(server.connections() > 0);
    for (name, address) in [("mine.test", "10.0.0.1:8443"), ("example.org", "127.0.0.1:8443")] {
        sandbox.publish(&json!({"servers": {name: address}})).problem(422, "invalid_request");
    }
}
