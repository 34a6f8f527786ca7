//! Answers with every kind of alteration, and receipts by other keys.

use super::*;
use crate::receipt::{ReceiptCheckpoint, ReceiptSigner};
use crate::{DataKey, SigningKey};
use proptest::prelude::*;
use serde_json::json;
use vasp_words::time::UtcTime;

const AT: i64 = 1_780_315_200;

fn signer(seed: u8) -> ReceiptSigner {
    ReceiptSigner::new(SigningKey::from_seed(&DataKey::of([seed; 32])).unwrap()).unwrap()
}

fn time(seconds: i64) -> UtcTime {
    UtcTime::from_micros(seconds * 1_000_000).unwrap()
}

fn published(seed: u8, purpose: SigningPurpose, from: i64, until: Option<i64>) -> PublishedKey {
    let key = SigningKey::from_seed(&DataKey::of([seed; 32])).unwrap();
    let until = until.map(time);
    PublishedKey { id: key.id().to_owned(), purpose, public_key: *key.public_key(), verifier_key: None, from: time(from), until }
}

fn keys() -> PublishedKeys {
    PublishedKeys(vec![published(1, SigningPurpose::Receipt, AT, None), published(2, SigningPurpose::Checkpoint, AT, None)])
}

const REQUEST: &str = r#"{"direction": "outgoing", "beneficiary": {"vasp": "x"}}"#;

fn body() -> Value {
    json!({
        "id": "pre_1", "recommendation": "hold", "policy": "default@4", "rulebook": "r", "engine": "e",
        "directory": {"sequence": 7, "as_of": "2026-06-01T12:00:00Z"}, "confidence": 0.9, "reasons": [],
    })
}

fn signed_by(signer: &ReceiptSigner, at: i64) -> Value {
    let mut answer = body();
    let receipt = Receipt {
        environment: None,
        iss: "https://registry.example.org".to_owned(),
        iat: at,
        precheck_id: "pre_1".to_owned(),
        request_digest: json_digest(REQUEST).unwrap(),
        answer_digest: answer_digest(answer.as_object().unwrap()).unwrap(),
        recommendation: "hold".to_owned(),
        sequence: 7,
        checkpoint: ReceiptCheckpoint { size: 9, root: "AAAA".to_owned() },
        policy: "default@4".to_owned(),
        rulebook: "r".to_owned(),
        engine: "e".to_owned(),
    };
    answer["receipt"] = json!(signer.sign(&receipt).unwrap());
    answer
}

fn answer() -> Value {
    signed_by(&signer(1), AT)
}

fn parts(verified: &Verified) -> Vec<String> {
    verified.findings.iter().map(|finding| finding.part.to_string()).collect()
}

#[track_caller]
fn check(answer: &Value, request: Option<&str>, verdict: Verdict, expected: &[&str]) {
    let verified = verify(&answer.to_string(), request, &keys()).unwrap();
    assert_eq!((verified.verdict, parts(&verified)), (verdict, expected.iter().map(|part| (*part).to_owned()).collect()));
}

#[test]
fn what_was_signed_is_valid_however_it_is_laid_out() {
    let text = serde_json::to_string_pretty(&answer()).unwrap();

    let verified = verify(&text, Some(&REQUEST.replace(' ', "\n  ")), &keys()).unwrap();

    assert_eq!((verified.verdict, verified.request_checked), (Verdict::Valid, true));
    assert_eq!(verified.receipt.unwrap().checkpoint.size, 9);
    check(&answer(), None, Verdict::Valid, &[]);
}

#[test]
fn what_was_altered_is_named() {
    let with = |pointer: &str, value: Value| {
        let mut answer = answer();
        *answer.pointer_mut(pointer).unwrap() = value;
        answer
    };

    check(&with("/recommendation", json!("proceed")), None, Verdict::Altered, &["answer/recommendation", "answer"]);
    check(&with("/id", json!("pre_2")), None, Verdict::Altered, &["answer/id", "answer"]);
    check(&with("/policy", json!("mine@1")), None, Verdict::Altered, &["answer/policy", "answer"]);
    check(&with("/directory/sequence", json!(8)), None, Verdict::Altered, &["answer/directory/sequence", "answer"]);
    check(&with("/confidence", json!(0.8)), None, Verdict::Altered, &["answer"]);
    check(&with("/reasons", json!([1])), None, Verdict::Altered, &["answer"]);
    let mut more = answer();
    more["note"] = json!("added");
    check(&more, None, Verdict::Altered, &["answer"]);
    check(&answer(), Some("{}"), Verdict::Altered, &["request"]);
    check(&with("/reasons", json!([1])), Some("{}"), Verdict::Altered, &["answer", "request"]);
}

#[test]
fn a_receipt_that_was_altered_or_made_by_others_is_refused() {
    let receipt = answer()["receipt"].as_str().unwrap().to_owned();
    let parts: Vec<&str> = receipt.split('.').collect();
    let with = |receipt: String| {
        let mut answer = answer();
        answer["receipt"] = json!(receipt);
        answer
    };
    let encoded = |text: &str| crate::jose::base64url(text);
    let header = |text: &str| with(format!("{}.{}.{}", encoded(text), parts[1], parts[2]));
    let payload = String::from_utf8(from_base64url(parts[1]).unwrap()).unwrap();
    let other = encoded(&payload.replace("hold", "proceed"));

    check(&with(format!("{}.{other}.{}", parts[0], parts[2])), None, Verdict::Altered, &["receipt"]);
    check(&with("none".to_owned()), None, Verdict::Altered, &["receipt"]);
    check(&with("a.b.c".to_owned()), None, Verdict::Altered, &["receipt"]);
    check(&with(format!("{}.{}.", parts[0], parts[1])), None, Verdict::Altered, &["receipt"]);
    check(&header(r#"{"alg":"none","kid":"k","typ":"precheck-receipt+jwt"}"#), None, Verdict::Altered, &["receipt"]);
    check(&header(r#"{"alg":"EdDSA","kid":"k","typ":"JWT"}"#), None, Verdict::Altered, &["receipt"]);
    let own = keys().0[0].id.clone();
    let critical = format!(r#"{{"alg":"EdDSA","kid":"{own}","typ":"precheck-receipt+jwt","crit":["x"]}}"#);
    check(&header(&critical), None, Verdict::Altered, &["receipt"]);
    check(&signed_by(&signer(3), AT), None, Verdict::UnknownKey, &["receipt"]);
    // The key for checkpoints does not sign receipts.
    check(&signed_by(&signer(2), AT), None, Verdict::Altered, &["receipt"]);
}

#[test]
fn a_key_counts_while_it_was_in_use() {
    let verdict = |at: i64, from: i64, until: Option<i64>| {
        let keys = PublishedKeys(vec![published(1, SigningPurpose::Receipt, from, until)]);
        verify(&signed_by(&signer(1), at).to_string(), None, &keys).unwrap().verdict
    };

    assert_eq!(verdict(AT, AT, Some(AT)), Verdict::Valid);
    assert_eq!(verdict(AT, AT - 10, Some(AT - 60)), Verdict::Valid, "clocks differ");
    assert_eq!(verdict(AT, AT - 100, Some(AT - 61)), Verdict::KeyNotInUse);
    assert_eq!(verdict(AT, AT + 61, None), Verdict::KeyNotInUse);
}

#[test]
fn what_cannot_be_checked_is_no_verdict() {
    let read = |answer: &str, request| verify(answer, request, &keys());

    assert!(matches!(read("[]", None), Err(Unreadable::NoObject)));
    assert!(matches!(read("{}", None), Err(Unreadable::NoReceipt)));
    assert!(matches!(read(r#"{"receipt":null}"#, None), Err(Unreadable::NoReceipt)));
    assert!(matches!(read("{", None), Err(Unreadable::Answer(_))));
    let text = answer().to_string();
    assert!(matches!(read(&text, Some("{")), Err(Unreadable::Request(_))));
    // A repeated member: some parsers would read this one instead of the original.
    let twice = text.replacen('{', r#"{"recommendation":"proceed","#, 1);
    assert!(matches!(read(&twice, None), Err(Unreadable::Answer(_))));
}

proptest! {
    #[test]
    fn no_altered_byte_is_valid(at: prop::sample::Index, byte: u8) {
        let text = answer().to_string();
        let mut bytes = text.clone().into_bytes();
        let index = at.index(bytes.len());
        prop_assume!(bytes[index] != byte);
        bytes[index] = byte;
        if let Ok(altered) = String::from_utf8(bytes)
            && let Ok(verified) = verify(&altered, None, &keys())
        {
            prop_assert_ne!(verified.verdict, Verdict::Valid, "{}", altered);
        }
    }

    #[test]
    fn reading_never_panics(receipt in "\\PC*|[a-zA-Z0-9_-]{0,20}\\.[a-zA-Z0-9_-]{0,20}\\.[a-zA-Z0-9_-]{0,20}") {
        let _ = verify(&json!({"receipt": receipt}).to_string(), None, &keys());
    }
}
