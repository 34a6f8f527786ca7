//! Checks a saved answer against its receipt: without the registry, with its published keys only. Reports which part was altered.

use std::fmt;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Map, Value};
use vasp_words::closed_list::closed_list;

use super::{DigestError, Header, PublishedKey, PublishedKeys, Receipt, TYPE, answer_digest, json_digest, strict_json};
use crate::jose::from_base64url;
use vasp_record::signing_key::{CLOCK_LEEWAY_SECS, SigningPurpose};

closed_list! {
    /// The result of a check, worst first.
    pub enum Verdict as "ReceiptVerdict" {
        /// Something differs from what was signed.
        Altered = "altered",
        /// The receipt names a key that is not among the given keys.
        UnknownKey = "unknown_key",
        /// The receipt states that it was signed while its key was not in use.
        KeyNotInUse = "key_not_in_use",
        /// Everything that was given matches what the registry signed.
        Valid = "valid",
    }
}

/// A part that differs from what was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The receipt itself.
    Receipt,
    /// The answer.
    Answer,
    /// A member of the answer that is also in the receipt.
    Member(&'static str),
    /// The request.
    Request,
}

/// One difference from what was signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The part that differs.
    pub part: Part,
    /// The difference in words.
    pub detail: String,
}

/// The outcome of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The result.
    pub verdict: Verdict,
    /// The differences; empty if the receipt is valid.
    pub findings: Vec<Finding>,
    /// The id of the key that the receipt names; `None` if it cannot be read.
    pub key_id: Option<String>,
    /// The content of the receipt; `None` if its signature is not valid.
    pub receipt: Option<Receipt>,
    /// Whether a request was checked.
    pub request_checked: bool,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The answer is not JSON with only one meaning.
    #[error("the answer cannot be read")]
    Answer(#[source] DigestError),
    /// The answer is not an object.
    #[error("the answer must be an object: one answer of POST /v1/prechecks, unchanged")]
    NoObject,
    /// The answer has no receipt.
    #[error("the answer has no receipt (member `receipt`): the registry did not record or sign it")]
    NoReceipt,
    /// The request is not JSON with only one meaning.
    #[error("the request cannot be read")]
    Request(#[source] DigestError),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Receipt => f.write_str("receipt"),
            Self::Answer => f.write_str("answer"),
            Self::Member(pointer) => write!(f, "answer{pointer}"),
            Self::Request => f.write_str("request"),
        }
    }
}

impl Verified {
    fn of(verdict: Verdict, key_id: Option<String>, finding: Finding) -> Self {
        Self { verdict, findings: vec![finding], key_id, receipt: None, request_checked: false }
    }
}

fn finding(part: Part, detail: impl Into<String>) -> Finding {
    Finding { part, detail: detail.into() }
}

/// Checks an answer as it was received, and its request if that is given.
///
/// # Errors
/// `Unreadable` if there is nothing to check.
pub fn verify(answer: &str, request: Option<&str>, keys: &PublishedKeys) -> Result<Verified, Unreadable> {
    let answer = strict_json(answer).map_err(Unreadable::Answer)?;
    let members = answer.as_object().ok_or(Unreadable::NoObject)?;
    let jws = members.get("receipt").and_then(Value::as_str).ok_or(Unreadable::NoReceipt)?;
    let answered = answer_digest(members).map_err(Unreadable::Answer)?;
    let requested = request.map(json_digest).transpose().map_err(Unreadable::Request)?;
    let (receipt, key) = match open(jws, keys) {
        Ok(opened) => opened,
        Err(refused) => return Ok(*refused),
    };
    let mut findings = disagreements(members, &receipt);
    if answered != receipt.answer_digest {
        findings.push(finding(Part::Answer, format!("its digest is {answered}, but the receipt has {}", receipt.answer_digest)));
    }
    if let Some(requested) = requested.as_ref().filter(|requested| **requested != receipt.request_digest) {
        findings
            .push(finding(Part::Request, format!("its digest is {requested}, but the receipt has {}", receipt.request_digest)));
    }
    let mut verdict = if findings.is_empty() { Verdict::Valid } else { Verdict::Altered };
    if verdict == Verdict::Valid && !in_use(key, receipt.iat) {
        verdict = Verdict::KeyNotInUse;
        findings.push(finding(Part::Receipt, "its time is outside the period in which its key was in use"));
    }
    let (key_id, receipt) = (Some(key.id.clone()), Some(receipt));
    Ok(Verified { verdict, findings, key_id, receipt, request_checked: requested.is_some() })
}

/// Checks the signature and reads the signed content.
fn open<'a>(jws: &str, keys: &'a PublishedKeys) -> Result<(Receipt, &'a PublishedKey), Box<Verified>> {
    let altered =
        |key: Option<String>, detail: &str| Box::new(Verified::of(Verdict::Altered, key, finding(Part::Receipt, detail)));
    let unreadable = || altered(None, "it is not a compact JWS that a registry could have signed");
    let (signed, signature) = jws.rsplit_once('.').ok_or_else(unreadable)?;
    let (header, payload) = signed.split_once('.').ok_or_else(unreadable)?;
    let bytes = |part: &str| from_base64url(part).ok_or_else(unreadable);
    let fields: Map<String, Value> = serde_json::from_slice(&bytes(header)?).map_err(|_| unreadable())?;
    // Headers that a verifier must understand, but this one does not: the registry never signs with them.
    if fields.contains_key("crit") || fields.contains_key("b64") {
        return Err(unreadable());
    }
    let Header { alg, kid, typ } = serde_json::from_value(Value::Object(fields)).map_err(|_| unreadable())?;
    if alg != "EdDSA" || typ != TYPE {
        return Err(altered(Some(kid), "its header is not the header of a receipt"));
    }
    let Some(key) = keys.find(&kid) else {
        let unknown =
            finding(Part::Receipt, format!("it names the key {kid}, which is not among the {} keys given", keys.0.len()));
        return Err(Box::new(Verified::of(Verdict::UnknownKey, Some(kid), unknown)));
    };
    if key.purpose != SigningPurpose::Receipt {
        return Err(altered(Some(kid), "it names a key that does not sign receipts"));
    }
    let fits = UnparsedPublicKey::new(&ED25519, &key.public_key).verify(signed.as_bytes(), &bytes(signature)?);
    fits.map_err(|_| altered(Some(kid.clone()), "its signature is wrong: the receipt was altered, or comes from another place"))?;
    let receipt = serde_json::from_slice(&bytes(payload)?)
        .map_err(|_| altered(Some(kid), "its content is not the content of a receipt"))?;
    Ok((receipt, key))
}

/// Returns the members of the answer that differ from the same members of the receipt.
fn disagreements(answer: &Map<String, Value>, receipt: &Receipt) -> Vec<Finding> {
    let text = |name: &str| answer.get(name).and_then(Value::as_str).map_or_else(|| "nothing".to_owned(), str::to_owned);
    let sequence = answer.get("directory").and_then(|directory| directory.get("sequence"));
    let sequence = sequence.map_or_else(|| "nothing".to_owned(), Value::to_string);
    [
        ("/recommendation", text("recommendation"), receipt.recommendation.clone()),
        ("/id", text("id"), receipt.precheck_id.clone()),
        ("/policy", text("policy"), receipt.policy.clone()),
        ("/rulebook", text("rulebook"), receipt.rulebook.clone()),
        ("/engine", text("engine"), receipt.engine.clone()),
        ("/directory/sequence", sequence, receipt.sequence.to_string()),
    ]
    .into_iter()
    .filter(|(_, said, signed)| said != signed)
    .map(|(pointer, said, signed)| finding(Part::Member(pointer), format!("it is {said}, but the receipt has {signed}")))
    .collect()
}

/// Tells whether a key was in use at a time, in seconds since the epoch.
fn in_use(key: &PublishedKey, at: i64) -> bool {
    let seconds = |micros: i64| micros.div_euclid(1_000_000);
    let begun = seconds(key.from.micros()) - CLOCK_LEEWAY_SECS <= at;
    begun && key.until.is_none_or(|until| at <= seconds(until.micros()) + CLOCK_LEEWAY_SECS)
}

#[cfg(test)]
#[path = "verify_tests.rs"]
mod tests;
