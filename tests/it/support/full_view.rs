//! Pre-checks as most tests look at them: asked with their evidence, and its members laid beside those of the verdict. Each digest in them
//! is computed again on the way, by other code than the registry's. A test of the two
//! themselves asks for a `view`, and reads the text.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

/// Adds to the path of a question that names no view that the evidence is wanted.
pub(crate) fn path_of(method: &str, path: &str) -> String {
    let asks = method == "POST" && ["/v1/prechecks", "/v1/prechecks/batch"].contains(&path);
    format!("{path}{}", if asks { "?view=full" } else { "" })
}

/// Lays the members of the evidence beside those of its verdict, in an answer, a batch of them, or a replay. The notes are those of the
/// evidence, which have sentences.
pub(crate) fn laid_out(mut answer: Value) -> Value {
    let Some(members) = answer.as_object_mut() else { return answer };
    for held in ["then", "now"] {
        members.entry(held).and_modify(|answer| *answer = laid_out(answer.take()));
    }
    if let Some(Value::Array(results)) = members.get_mut("results") {
        results.iter_mut().for_each(|result| *result = laid_out(result.take()));
    }
    if members.contains_key("evidence_digest") {
        check_digests(members);
    }
    if members.contains_key("evidence_digest")
        && let Some(Value::Object(evidence)) = members.remove("evidence")
    {
        members.extend(evidence);
    }
    answer
}

/// Asserts that what is signed of a verdict, and of its evidence, is the digest of its canonical text.
fn check_digests(verdict: &Map<String, Value>) {
    if let (Some(evidence), Some(Value::String(digest))) = (verdict.get("evidence"), verdict.get("evidence_digest")) {
        assert_eq!(*digest, sha256(&canonical(evidence)), "{evidence}");
    }
    if let Some(Value::String(receipt)) = verdict.get("receipt") {
        let payload = URL_SAFE_NO_PAD.decode(receipt.split('.').nth(1).unwrap()).unwrap();
        let payload: Value = serde_json::from_slice(&payload).unwrap();
        let mut signed = verdict.clone();
        signed.retain(|name, _| !["receipt", "evidence"].contains(&name.as_str()));
        assert_eq!(payload["verdict_digest"], sha256(&canonical(&Value::Object(signed))), "{verdict:?}");
    }
}

/// RFC 8785, worked out by hand: all members are texts, null, numbers that are written as Rust writes them, or such in lists and objects, of
/// which sorting by key is the whole of it.
pub(crate) fn canonical(value: &Value) -> String {
    match value {
        Value::Object(members) => {
            let mut keys: Vec<&String> = members.keys().collect();
            keys.sort_by_key(|key| key.encode_utf16().collect::<Vec<u16>>());
            let members: Vec<String> =
                keys.into_iter().map(|key| format!("{}:{}", Value::from(key.as_str()), canonical(&members[key]))).collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

pub(crate) fn sha256(text: &str) -> String {
    format!("sha256:{}", hex::encode(aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes())))
}
