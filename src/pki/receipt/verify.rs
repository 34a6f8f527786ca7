//! Checks a saved verdict against its receipt, and its evidence and request against the digests that were signed: without the registry, with
//! its published keys only. Reports which part was altered.

use std::fmt;

use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use vasp_words::closed_list::closed_list;

use super::report::{self, ReportPage, ReportSeal};
use super::{DigestError, Header, PublishedKey, PublishedKeys, Receipt, TYPE, json_digest, strict_json, verdict_digest};
use crate::jose::from_base64url;
use vasp_record::signing_key::{CLOCK_LEEWAY_SECS, SigningPurpose};

closed_list! {
    /// The result of a check, worst first.
    pub enum ReceiptVerdict {
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
    /// The verdict.
    Verdict,
    /// A member of the verdict that is also in the receipt.
    Member(&'static str),
    /// The evidence.
    Evidence,
    /// The request.
    Request,
    /// The page of a report, outside of the parts above.
    Report,
    /// What was done since, in a report.
    Outcome,
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
    pub verdict: ReceiptVerdict,
    /// The differences; empty if the receipt is valid.
    pub findings: Vec<Finding>,
    /// The id of the key that the receipt names; `None` if it cannot be read.
    pub key_id: Option<String>,
    /// The content of the receipt; `None` if its signature is not valid.
    pub receipt: Option<Receipt>,
    /// Whether evidence was checked.
    pub evidence_checked: bool,
    /// Whether a request was checked.
    pub request_checked: bool,
}

/// What is checked, as it was received.
#[derive(Clone, Copy, Debug, Default)]
pub struct Given<'a> {
    /// The verdict, perhaps with its evidence inside.
    pub verdict: &'a str,
    /// The evidence, if it is not in the verdict.
    pub evidence: Option<&'a str>,
    /// The request.
    pub request: Option<&'a str>,
}

/// Why nothing could be checked.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// The verdict is not JSON with only one meaning.
    #[error("the verdict cannot be read")]
    Verdict(#[source] DigestError),
    /// The verdict is not an object.
    #[error("the verdict must be an object: one answer of POST /v1/prechecks, unchanged")]
    NoObject,
    /// The verdict has no receipt.
    #[error("the verdict has no receipt (member `receipt`): the registry did not record or sign it")]
    NoReceipt,
    /// The evidence is not JSON with only one meaning.
    #[error("the evidence cannot be read")]
    Evidence(#[source] DigestError),
    /// The request is not JSON with only one meaning.
    #[error("the request cannot be read")]
    Request(#[source] DigestError),
    /// A page is not the report of a pre-check.
    #[error("this page is no report of a pre-check, or a part of it is missing")]
    NoReport,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Receipt => f.write_str("receipt"),
            Self::Verdict => f.write_str("verdict"),
            Self::Member(pointer) => write!(f, "verdict{pointer}"),
            Self::Evidence => f.write_str("evidence"),
            Self::Request => f.write_str("request"),
            Self::Report => f.write_str("report"),
            Self::Outcome => f.write_str("outcome"),
        }
    }
}

impl Verified {
    fn of(verdict: ReceiptVerdict, key_id: Option<String>, finding: Finding) -> Self {
        Self { verdict, findings: vec![finding], key_id, receipt: None, evidence_checked: false, request_checked: false }
    }
}

fn finding(part: Part, detail: impl Into<String>) -> Finding {
    Finding { part, detail: detail.into() }
}

/// Checks a verdict as it was received, and its evidence and request if they are given.
///
/// # Errors
/// `Unreadable` if there is nothing to check.
pub fn verify(given: Given<'_>, keys: &PublishedKeys) -> Result<Verified, Unreadable> {
    let verdict = strict_json(given.verdict).map_err(Unreadable::Verdict)?;
    let members = verdict.as_object().ok_or(Unreadable::NoObject)?;
    let jws = members.get("receipt").and_then(Value::as_str).ok_or(Unreadable::NoReceipt)?;
    let said = verdict_digest(members).map_err(Unreadable::Verdict)?;
    let inside = members.get("evidence").map(Value::to_string);
    let evidence = [inside.as_deref(), given.evidence].into_iter().flatten().map(json_digest);
    let evidence = evidence.collect::<Result<Vec<_>, _>>().map_err(Unreadable::Evidence)?;
    let requested = given.request.map(json_digest).transpose().map_err(Unreadable::Request)?;
    let (receipt, key) = match open::<Receipt>(jws, TYPE, keys) {
        Ok(opened) => opened,
        Err(refused) => return Ok(*refused),
    };
    let mut findings = disagreements(members, &receipt);
    let mut compare = |part: Part, found: &str, signed: &str| {
        if found != signed {
            findings.push(finding(part, format!("its digest is {found}, but {signed} was signed")));
        }
    };
    compare(Part::Verdict, &said, &receipt.verdict_digest);
    // The verdict's digest covers this member, so it counts only beside the comparison before.
    let held = members.get("evidence_digest").and_then(Value::as_str).unwrap_or("none");
    evidence.iter().for_each(|found| compare(Part::Evidence, found, held));
    requested.iter().for_each(|found| compare(Part::Request, found, &receipt.request_digest));
    let mut verdict = if findings.is_empty() { ReceiptVerdict::Valid } else { ReceiptVerdict::Altered };
    if verdict == ReceiptVerdict::Valid && !in_use(key, receipt.iat) {
        verdict = ReceiptVerdict::KeyNotInUse;
        findings.push(finding(Part::Receipt, "its time is outside the period in which its key was in use"));
    }
    let (evidence_checked, request_checked) = (!evidence.is_empty(), requested.is_some());
    Ok(Verified { verdict, findings, key_id: Some(key.id.clone()), receipt: Some(receipt), evidence_checked, request_checked })
}

/// Checks a report, the page that holds a pre-check with its evidence and outcome: the receipt as [`verify`] does, and the seal of the page.
///
/// # Errors
/// `Unreadable` if there is nothing to check.
pub fn verify_report(page: &str, keys: &PublishedKeys) -> Result<Verified, Unreadable> {
    let (page, jws) = ReportPage::sealed(page).ok_or(Unreadable::NoReport)?;
    let data = page.data().ok_or(Unreadable::NoReport)?;
    let given = Given { verdict: &data.verdict, evidence: Some(&data.evidence), request: Some(&data.request) };
    let mut verified = verify(given, keys)?;
    let (seal, key) = match open::<ReportSeal>(jws, report::TYPE, keys) {
        Ok(opened) => opened,
        Err(refused) if verified.verdict == ReceiptVerdict::Valid => return Ok(*refused),
        Err(_) => return Ok(verified),
    };
    let outcome = json_digest(&data.outcome).map_err(Unreadable::Evidence)?;
    let id = verified.receipt.as_ref().map(|receipt| receipt.precheck_id.clone()).unwrap_or_default();
    let parts = [
        (Part::Report, page.digest(), seal.page_digest),
        (Part::Outcome, outcome, seal.outcome_digest),
        (Part::Member("/id"), id, seal.precheck_id),
    ];
    let differing = parts.into_iter().filter(|(_, found, signed)| found != signed);
    verified
        .findings
        .extend(differing.map(|(part, found, signed)| finding(part, format!("it is {found}, but {signed} was signed"))));
    if !page.is_in_place() {
        verified.findings.push(finding(Part::Report, "its seal is in another place than where the registry puts it"));
    }
    if !in_use(key, seal.iat) {
        verified.findings.push(finding(Part::Report, "its time is outside the period in which its key was in use"));
    }
    if verified.verdict == ReceiptVerdict::Valid && !verified.findings.is_empty() {
        verified.verdict = ReceiptVerdict::Altered;
    }
    Ok(verified)
}

/// Checks the signature and reads the signed content.
fn open<'a, T: DeserializeOwned>(jws: &str, kind: &str, keys: &'a PublishedKeys) -> Result<(T, &'a PublishedKey), Box<Verified>> {
    let altered =
        |key: Option<String>, detail: &str| Box::new(Verified::of(ReceiptVerdict::Altered, key, finding(Part::Receipt, detail)));
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
    if alg != "EdDSA" || typ != kind {
        return Err(altered(Some(kid), "its header is not the header of a receipt"));
    }
    let Some(key) = keys.find(&kid) else {
        let unknown =
            finding(Part::Receipt, format!("it names the key {kid}, which is not among the {} keys given", keys.0.len()));
        return Err(Box::new(Verified::of(ReceiptVerdict::UnknownKey, Some(kid), unknown)));
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

/// Returns the members of the verdict that differ from the same members of the receipt.
fn disagreements(verdict: &Map<String, Value>, receipt: &Receipt) -> Vec<Finding> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("nothing").to_owned();
    let sequence = verdict.get("directory").and_then(|directory| directory.get("sequence"));
    let environment = receipt.environment.map_or("nothing", |environment| environment.as_str());
    [
        ("/recommendation", text(verdict.get("recommendation")), receipt.recommendation.clone()),
        ("/id", text(verdict.get("id")), receipt.precheck_id.clone()),
        ("/environment", text(verdict.get("environment")), environment.to_owned()),
        ("/directory/sequence", sequence.map_or_else(|| text(None), Value::to_string), receipt.sequence.to_string()),
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
