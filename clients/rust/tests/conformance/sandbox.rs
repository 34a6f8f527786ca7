//! Asks a running sandbox every pre-check of its catalogue. CONFORMANCE_SANDBOX names it.

use std::collections::BTreeMap;

use serde_json::Value;
use vasp_registry_client::{Client, PrecheckRequest};

use super::servers::{own_json, own_post};

fn codes(answer: &Value) -> Vec<&Value> {
    let reasons = answer["reasons"].as_array().unwrap().iter().map(|reason| &reason["code"]);
    reasons.chain(answer["notes"].as_array().unwrap()).collect()
}

/// Whether an address has no network: the client asks for it.
fn is_bare(request: &Value) -> bool {
    let sides = [&request["originator"], &request["beneficiary"]];
    sides.iter().any(|side| side["address"].is_string() && !side["network"].is_string())
}

#[test]
fn every_verdict_of_the_catalogue_arrives_as_the_sandbox_said_it() {
    let Ok(url) = std::env::var("CONFORMANCE_SANDBOX") else {
        super::tests::say("left to scripts/check-clients: the catalogue of the sandbox");
        return;
    };
    let catalogue = own_json(&format!("{url}/v1/sandbox/scenarios"));
    let is_precheck = |item: &&Value| item["request"]["path"] == "/v1/prechecks" && item["status"] == 200;
    let asked: Vec<&Value> = catalogue["items"].as_array().unwrap().iter().filter(is_precheck).collect();
    let mut clients: BTreeMap<&str, Client> = BTreeMap::new();

    for item in &asked {
        let (body, header) = (&item["request"]["body"], item["request"]["headers"]["Authorization"].as_str().unwrap());
        let key = header.strip_prefix("Bearer ").unwrap();
        let said = own_post(&format!("{url}/v1/prechecks"), header, body);
        let client = clients.entry(key).or_insert_with(|| Client::builder().url(&url).key(key).build().unwrap());
        let request = PrecheckRequest::of_json(body.clone()).unwrap();

        let verdict = client.precheck(&request);

        if is_bare(body) {
            assert!(verdict.unwrap_err().to_string().contains("network_needed"), "{body}");
            continue;
        }
        let verdict = verdict.unwrap();
        let answer = verdict.answer();
        assert_eq!((&answer["recommendation"], codes(answer)), (&said["recommendation"], codes(&said)), "{body}");
        assert_eq!(verdict.receipt().is_none(), body["record"] == false, "{body}");
    }
    assert!(asked.len() > 200, "{}", asked.len());
}
