//! Whatever a server answers, it ends in an answer or in an error of ours, and nothing unsigned clears a transfer. The bodies are those of
//! `clients/conformance/cases.json`.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_pki::receipt::PublishedKeys;
use vasp_rules::policy::Recommendation;
use vasp_words::time::UtcTime;

use crate::clearance::Facts;
use crate::error::{NotClearedCode, NotVerifiedCode};
use crate::log::{verify_change, verify_checkpoint, verify_inclusion};
use crate::receipts::{Expected, Receipt, verify_receipt};
use crate::reply::problem;
use crate::resolved::Resolved;
use crate::subjects::{Script, clean};
use crate::verdict::Verdict;
use crate::webhook::verify_webhook;
use crate::world::World;

struct Still;

impl Clock for Still {
    fn now(&self) -> UtcTime {
        "2026-06-01T12:00:00Z".parse().unwrap()
    }

    fn running(&self) -> Duration {
        Duration::ZERO
    }
}

impl World for Still {
    fn wait(&self, _: Duration) {}

    fn fill(&self, _: &mut [u8]) {}
}

fn body(name: &str) -> Value {
    static BODIES: LazyLock<Value> = LazyLock::new(|| {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../conformance/cases.json");
        let mut document: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        document["bodies"].take()
    });
    BODIES[name].clone()
}

fn request() -> Value {
    json!({"direction": "outgoing", "beneficiary": {"address": "1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s", "network": "bitcoin"}})
}

fn receipt() -> Receipt {
    let text = || "pre_1".to_owned();
    Receipt {
        issuer: text(),
        issued_at: 0,
        precheck_id: text(),
        recommendation: text(),
        sequence: 1,
        checkpoint_size: 1,
        checkpoint_root: text(),
        kid: text(),
    }
}

fn places(value: &Value, at: &str, found: &mut Vec<String>) {
    let mut each = |name: &str, member: &Value| {
        found.push(format!("{at}/{name}"));
        places(member, &format!("{at}/{name}"), found);
    };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, member)| each(name, member)),
        Value::Array(items) => items.iter().enumerate().for_each(|(number, item)| each(&number.to_string(), item)),
        _ => {}
    }
}

/// Returns the value with one place in it replaced or removed.
fn altered(mut value: Value, place: prop::sample::Index, junk: Option<Value>) -> Value {
    let mut found = Vec::new();
    places(&value, "", &mut found);
    let place = place.get(&found);
    match junk {
        Some(junk) => *value.pointer_mut(place).unwrap() = junk,
        None => {
            let (parent, name) = place.rsplit_once('/').unwrap();
            match value.pointer_mut(parent).unwrap() {
                Value::Object(members) => drop(members.remove(name)),
                Value::Array(items) => drop(items.remove(name.parse().unwrap())),
                _ => unreachable!(),
            }
        }
    }
    value
}

fn junk() -> impl Strategy<Value = Option<Value>> {
    let junk = vec![
        None,
        Some(Value::Null),
        Some(json!(true)),
        Some(json!(-1)),
        Some(json!(1.5)),
        Some(json!("")),
        Some(json!("proceed")),
        Some(json!("9999-99-99")),
        Some(json!([])),
        Some(json!([null])),
        Some(json!({})),
        Some(json!([[]])),
    ];
    prop::sample::select(junk)
}

#[test]
fn threads_can_share_a_client_and_hand_on_what_it_returns() {
    fn shared<T: Send + Sync>() {}

    shared::<crate::Client>();
    shared::<Verdict>();
    shared::<crate::Clearance>();
    shared::<crate::Error>();
}

#[test]
fn a_signed_proceed_clears_its_transfer_once() {
    let verdict = Verdict::of(&request(), &body("precheck"), Some(receipt()), Arc::new(Still)).unwrap();
    let mut clearance = verdict.proceed(|_| false).unwrap();
    let facts = Facts { address: Some("1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s"), network: Some("bitcoin"), ..Facts::default() };

    assert_eq!(clearance.redeem(Facts::default()).unwrap_err().code, NotClearedCode::OtherTransfer);
    assert_eq!(clearance.redeem(facts).unwrap(), "pre_1");
    assert_eq!(clearance.redeem(facts).unwrap_err().code, NotClearedCode::Used);
}

proptest! {
    #[test]
    fn an_unsigned_pre_check_never_clears(place: prop::sample::Index, junk in junk()) {
        let mut answer = body("precheck");
        answer["conditions"] = json!([body("condition")]);
        if let Ok(verdict) = Verdict::of(&request(), &altered(answer, place, junk), None, Arc::new(Still)) {
            prop_assert!(verdict.proceed(|_| true).is_err());
            let shown = format!("{verdict:?}");
            prop_assert!(!shown.contains("1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s"), "{}", shown);
        }
    }

    #[test]
    fn no_recommendation_but_the_two_known_ones_clears(said in "proceed.?|[pP]roceed(_with_conditions)?|\\PC{0,12}") {
        let mut answer = body("precheck");
        answer["recommendation"] = said.as_str().into();
        let verdict = Verdict::of(&request(), &answer, Some(receipt()), Arc::new(Still)).unwrap();
        prop_assert_eq!(verdict.proceed(|_| true).is_ok(), said == "proceed");
        if !["proceed", "proceed_with_conditions", "reject"].contains(&said.as_str()) {
            prop_assert_eq!(verdict.recommendation(), Recommendation::Hold);
        }
    }

    #[test]
    fn an_altered_resolution_has_an_owner_with_an_id_or_none(place: prop::sample::Index, junk in junk()) {
        if let Ok(resolved) = Resolved::of(&altered(body("resolution"), place, junk)) {
            prop_assert!(resolved.owner().is_none_or(|owner| owner.answer()["id"].is_string()));
        }
    }

    #[test]
    fn checks_of_signed_texts_refuse_whatever_is_not_signed(place: prop::sample::Index, junk in junk(), note in "\\PC*(\n\\PC*){0,5}") {
        let keys = PublishedKeys::default();
        let checkpoint = vasp_log::Checkpoint { origin: "a".to_owned(), size: 2, root: [0; 32] };
        let envelope = json!({"sequence": 1, "kind": "k", "audience": "a", "recorded_at": "r", "payload_commitment": "p"});
        let proof = altered(json!({"envelope": envelope, "leaf_index": 0, "size": 2, "hashes": ["AAAA"]}), place, junk);
        prop_assert!(verify_inclusion(&proof, &checkpoint).is_err());
        prop_assert!(verify_change(&proof["envelope"], &proof, &checkpoint).is_err());
        prop_assert!(verify_checkpoint(&note, &keys, None).is_err());
        let mut answer = body("precheck");
        answer["receipt"] = note.as_str().into();
        prop_assert_eq!(verify_receipt(&answer, &keys, Expected::default()).unwrap_err().code, NotVerifiedCode::Unreadable);
        let headers = [("webhook-id", note.as_str()), ("webhook-timestamp", "1"), ("webhook-signature", note.as_str())];
        prop_assert!(verify_webhook(&["whsec_AAAA", &note], headers, note.as_bytes(), UtcTime::EPOCH).is_err());
    }

    #[test]
    fn a_problem_is_read_or_is_none(place: prop::sample::Index, junk in junk()) {
        let document = json!({"code": "not_found", "status": 404, "detail": "d", "request_id": "r", "errors": [{"pointer": "/", "code": "c"}]});
        let found = problem(&altered(document, place, junk), &["d"]);
        prop_assert!(found.is_none_or(|found| found.field_codes.len() == found.pointers.len()));
    }

    #[test]
    fn what_is_cleaned_is_clean_and_what_is_refused_is_not_shown(text in "[ -~\\t\u{200b}\u{443}\u{feff}]{0,8}|\\PC*") {
        match clean(&text, Script::Ascii) {
            Ok(cleaned) => prop_assert!(cleaned.bytes().all(|byte| byte.is_ascii_graphic()) && clean(cleaned, Script::Ascii) == Ok(cleaned)),
            Err(refused) => prop_assert!(text.trim().chars().count() < 4 || !refused.to_string().contains(text.trim())),
        }
    }
}
