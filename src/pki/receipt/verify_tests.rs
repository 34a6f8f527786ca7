//! Verdicts with every kind of alteration, and receipts by other keys.

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

const EVIDENCE: &str = r#"{"checks": [{"code": "identity.verified", "likeness": 1.0}]}"#;

fn body() -> Value {
    json!({
        "id": "pre_1", "recommendation": "hold", "policy": "default@4", "environment": null, "confidence": 0.9, "reasons": [],
        "directory": {"sequence": 7, "as_of": "2026-06-01T12:00:00Z"}, "evidence_digest": json_digest(EVIDENCE).unwrap(),
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
        verdict_digest: verdict_digest(answer.as_object().unwrap()).unwrap(),
        recommendation: "hold".to_owned(),
        sequence: 7,
        checkpoint: ReceiptCheckpoint { size: 9, root: "AAAA".to_owned() },
    };
    answer["receipt"] = json!(signer.sign(&receipt).unwrap());
    answer
}

fn answer() -> Value {
    signed_by(&signer(1), AT)
}

fn read(verdict: &str, request: Option<&str>) -> Result<Verified, Unreadable> {
    verify(Given { verdict, request, ..Given::default() }, &keys())
}

fn parts(verified: &Verified) -> Vec<String> {
    verified.findings.iter().map(|finding| finding.part.to_string()).collect()
}

#[track_caller]
fn check(answer: &Value, request: Option<&str>, verdict: ReceiptVerdict, expected: &[&str]) {
    let verified = read(&answer.to_string(), request).unwrap();
    assert_eq!((verified.verdict, parts(&verified)), (verdict, expected.iter().map(|part| (*part).to_owned()).collect()));
}

#[test]
fn what_was_signed_is_valid_however_it_is_laid_out() {
    let text = serde_json::to_string_pretty(&answer()).unwrap();

    let verified = read(&text, Some(&REQUEST.replace(' ', "\n  "))).unwrap();

    assert_eq!((verified.verdict, verified.request_checked), (ReceiptVerdict::Valid, true));
    assert_eq!(verified.receipt.unwrap().checkpoint.size, 9);
    check(&answer(), None, ReceiptVerdict::Valid, &[]);
}

#[test]
fn what_was_altered_is_named() {
    let with = |pointer: &str, value: Value| {
        let mut answer = answer();
        *answer.pointer_mut(pointer).unwrap() = value;
        answer
    };

    check(&with("/recommendation", json!("proceed")), None, ReceiptVerdict::Altered, &["verdict/recommendation", "verdict"]);
    check(&with("/id", json!("pre_2")), None, ReceiptVerdict::Altered, &["verdict/id", "verdict"]);
    check(&with("/policy", json!("mine@1")), None, ReceiptVerdict::Altered, &["verdict"]);
    check(&with("/environment", json!("demo")), None, ReceiptVerdict::Altered, &["verdict/environment", "verdict"]);
    check(&with("/evidence_digest", json!(null)), None, ReceiptVerdict::Altered, &["verdict"]);
    check(&with("/directory/sequence", json!(8)), None, ReceiptVerdict::Altered, &["verdict/directory/sequence", "verdict"]);
    check(&with("/confidence", json!(0.8)), None, ReceiptVerdict::Altered, &["verdict"]);
    check(&with("/reasons", json!([1])), None, ReceiptVerdict::Altered, &["verdict"]);
    let mut more = answer();
    more["note"] = json!("added");
    check(&more, None, ReceiptVerdict::Altered, &["verdict"]);
    check(&answer(), Some("{}"), ReceiptVerdict::Altered, &["request"]);
    check(&with("/reasons", json!([1])), Some("{}"), ReceiptVerdict::Altered, &["verdict", "request"]);
}

#[test]
fn evidence_is_checked_inside_the_verdict_and_beside_it() {
    let with = |inside: Option<&str>, beside: Option<&str>, at: &str, value: Value| {
        let mut answer = answer();
        answer[at] = value;
        if let Some(inside) = inside {
            answer["evidence"] = serde_json::from_str(inside).unwrap();
        }
        let verified = verify(Given { verdict: &answer.to_string(), evidence: beside, request: None }, &keys()).unwrap();
        (verified.verdict, parts(&verified).join(" "), verified.evidence_checked)
    };
    let other = EVIDENCE.replace("verified", "register_only");
    let said = |inside, beside| with(inside, beside, "recommendation", json!("hold"));

    assert_eq!(said(None, None), (ReceiptVerdict::Valid, String::new(), false));
    assert_eq!(said(Some(EVIDENCE), None), (ReceiptVerdict::Valid, String::new(), true));
    assert_eq!(said(None, Some(EVIDENCE)), (ReceiptVerdict::Valid, String::new(), true));
    assert_eq!(said(Some(&other), None), (ReceiptVerdict::Altered, "evidence".to_owned(), true));
    assert_eq!(said(Some(EVIDENCE), Some(&other)), (ReceiptVerdict::Altered, "evidence".to_owned(), true));
    // Writing its digest into the verdict alters the verdict.
    let forged = with(None, Some(&other), "evidence_digest", json!(json_digest(&other).unwrap()));
    assert_eq!(forged, (ReceiptVerdict::Altered, "verdict".to_owned(), true));
    let unread = verify(Given { verdict: &answer().to_string(), evidence: Some("{"), request: None }, &keys());
    assert!(matches!(unread, Err(Unreadable::Evidence(_))));
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

    check(&with(format!("{}.{other}.{}", parts[0], parts[2])), None, ReceiptVerdict::Altered, &["receipt"]);
    check(&with("none".to_owned()), None, ReceiptVerdict::Altered, &["receipt"]);
    check(&with("a.b.c".to_owned()), None, ReceiptVerdict::Altered, &["receipt"]);
    check(&with(format!("{}.{}.", parts[0], parts[1])), None, ReceiptVerdict::Altered, &["receipt"]);
    check(&header(r#"{"alg":"none","kid":"k","typ":"precheck-receipt+jwt"}"#), None, ReceiptVerdict::Altered, &["receipt"]);
    check(&header(r#"{"alg":"EdDSA","kid":"k","typ":"JWT"}"#), None, ReceiptVerdict::Altered, &["receipt"]);
    let own = keys().0[0].id.clone();
    let critical = format!(r#"{{"alg":"EdDSA","kid":"{own}","typ":"precheck-receipt+jwt","crit":["x"]}}"#);
    check(&header(&critical), None, ReceiptVerdict::Altered, &["receipt"]);
    check(&signed_by(&signer(3), AT), None, ReceiptVerdict::UnknownKey, &["receipt"]);
    // The key for checkpoints does not sign receipts.
    check(&signed_by(&signer(2), AT), None, ReceiptVerdict::Altered, &["receipt"]);
}

#[test]
fn a_key_counts_while_it_was_in_use() {
    let verdict = |at: i64, from: i64, until: Option<i64>| {
        let keys = PublishedKeys(vec![published(1, SigningPurpose::Receipt, from, until)]);
        verify(Given { verdict: &signed_by(&signer(1), at).to_string(), ..Given::default() }, &keys).unwrap().verdict
    };

    assert_eq!(verdict(AT, AT, Some(AT)), ReceiptVerdict::Valid);
    assert_eq!(verdict(AT, AT - 10, Some(AT - 60)), ReceiptVerdict::Valid, "clocks differ");
    assert_eq!(verdict(AT, AT - 100, Some(AT - 61)), ReceiptVerdict::KeyNotInUse);
    assert_eq!(verdict(AT, AT + 61, None), ReceiptVerdict::KeyNotInUse);
}

#[test]
fn what_cannot_be_checked_is_no_verdict() {
    assert!(matches!(read("[]", None), Err(Unreadable::NoObject)));
    assert!(matches!(read("{}", None), Err(Unreadable::NoReceipt)));
    assert!(matches!(read(r#"{"receipt":null}"#, None), Err(Unreadable::NoReceipt)));
    assert!(matches!(read("{", None), Err(Unreadable::Verdict(_))));
    let text = answer().to_string();
    assert!(matches!(read(&text, Some("{")), Err(Unreadable::Request(_))));
    // A repeated member: some parsers would read this one instead of the original.
    let twice = text.replacen('{', r#"{"recommendation":"proceed","#, 1);
    assert!(matches!(read(&twice, None), Err(Unreadable::Verdict(_))));
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
            && let Ok(verified) = read(&altered, None)
        {
            prop_assert_ne!(verified.verdict, ReceiptVerdict::Valid, "{}", altered);
        }
    }

    #[test]
    fn reading_never_panics(receipt in "\\PC*|[a-zA-Z0-9_-]{0,20}\\.[a-zA-Z0-9_-]{0,20}\\.[a-zA-Z0-9_-]{0,20}") {
        let _ = read(&json!({"receipt": receipt}).to_string(), None);
    }
}
