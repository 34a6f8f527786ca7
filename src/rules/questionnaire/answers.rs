//! Answers to a questionnaire. The reader checks them strictly against the items and names every bad answer by its place. An answer stores
//! the day on which it was given and the version of the questionnaire that it answers.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{AnswerKind, EvidenceNeed, Item, ItemId, Questionnaire};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use vasp_words::country::Country;
use vasp_words::time::Date;

/// Maximum number of documents with one answer.
const EVIDENCE_MAX: usize = 10;
/// Longest note with an answer, in characters.
const NOTE_MAX: usize = 1_000;
/// Maximum number of countries in one answer; there are fewer countries than that.
const COUNTRIES_MAX: usize = 260;

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnswerFault {
    /// JSON Pointer below the answers, such as `/aml.programme/value`.
    pub pointer: String,
    /// The kind of fault.
    pub code: &'static str,
    /// What is wrong and what would be right.
    pub detail: String,
}

/// The SHA-256 of a document, 64 hex digits in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DocumentDigest(String);

/// The text is not a SHA-256.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a document is named by its SHA-256, 64 hex digits in lower case")]
pub struct DocumentDigestError;

impl DocumentDigest {
    /// Returns the hex digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for DocumentDigest {
    type Error = DocumentDigestError;
    fn try_from(text: String) -> Result<Self, DocumentDigestError> {
        let fits = text.len() == 64 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if fits { Ok(Self(text)) } else { Err(DocumentDigestError) }
    }
}

impl From<DocumentDigest> for String {
    fn from(digest: DocumentDigest) -> Self {
        digest.0
    }
}

impl fmt::Display for DocumentDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AnswerValue {
    /// A whole number.
    Number(i64),
    /// A word, a text, a day or the SHA-256 of a document.
    Text(String),
    /// Words or countries, in alphabetical order.
    Many(Vec<String>),
}

/// An answer as a member sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AnswerInput {
    /// The value.
    pub value: Value,
    /// Documents that prove it, by SHA-256.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// A note on the answer; null if there is none.
    #[serde(default)]
    pub note: Option<String>,
}

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The value.
    pub value: AnswerValue,
    /// Documents that prove it.
    pub evidence: Vec<DocumentDigest>,
    /// A note on the answer; `None` if there is none.
    pub note: Option<String>,
    /// Day on which the answer was given or confirmed.
    pub answered_on: Date,
    /// Version of the questionnaire that it answers.
    pub version: u32,
}

/// Answers by item.
pub type Answers = BTreeMap<ItemId, Answer>;

impl AnswerValue {
    /// Tells whether the answer contains one of the words.
    #[must_use]
    pub fn says(&self, words: &[String]) -> bool {
        match self {
            Self::Number(_) => false,
            Self::Text(text) => words.contains(text),
            Self::Many(texts) => texts.iter().any(|text| words.contains(text)),
        }
    }
}

/// Changes answers: an item with an input gets that answer, and an item with `None` loses its answer.
///
/// # Errors
/// Every `AnswerFault` that was found. In this case nothing changes.
pub fn change(
    questionnaire: &Questionnaire,
    answers: &Answers,
    changes: &BTreeMap<String, Option<AnswerInput>>,
    today: Date,
) -> Result<Answers, Vec<AnswerFault>> {
    let (mut next, mut faults) = (answers.clone(), Vec::new());
    for (key, input) in changes {
        let id: Option<ItemId> = key.parse().ok();
        let Some(item) = id.as_ref().and_then(|id| questionnaire.item(id)) else {
            let shown: String = key.chars().take(60).collect();
            let detail = format!("{questionnaire} has no item `{shown}`");
            faults.push(AnswerFault { pointer: place(&shown), code: "unknown_item", detail });
            continue;
        };
        match input {
            None => drop(next.remove(&item.id)),
            Some(input) => match read(item, input, questionnaire.version(), today) {
                Ok(answer) => drop(next.insert(item.id.clone(), answer)),
                Err(found) => faults.extend(found),
            },
        }
    }
    // Drop answers to items that the questionnaire no longer has: nobody would see that they are out of date.
    next.retain(|id, _| questionnaire.item(id).is_some());
    if faults.is_empty() { Ok(next) } else { Err(faults) }
}

/// Returns the place of an item below the answers, as RFC 6901 writes it.
fn place(item: &str) -> String {
    format!("/{}", item.replace('~', "~0").replace('/', "~1"))
}

/// Reads one answer.
///
/// # Errors
/// Every fault of the answer.
pub fn read(item: &Item, input: &AnswerInput, version: u32, today: Date) -> Result<Answer, Vec<AnswerFault>> {
    let mut faults = Vec::new();
    let mut fault = |member: &str, code, detail: String| {
        faults.push(AnswerFault { pointer: format!("{}/{member}", place(item.id.as_str())), code, detail });
    };
    let value = value_of(item, &input.value, today);
    if let Err((code, detail)) = &value {
        fault("value", code, detail.clone());
    }
    let mut evidence: Vec<DocumentDigest> = Vec::new();
    if input.evidence.len() > EVIDENCE_MAX {
        fault("evidence", "too_many", format!("an answer has at most {EVIDENCE_MAX} documents"));
    }
    for (index, text) in input.evidence.iter().take(EVIDENCE_MAX).enumerate() {
        match DocumentDigest::try_from(text.clone()) {
            Ok(digest) if evidence.contains(&digest) => {
                fault(&format!("evidence/{index}"), "repeated", "this document occurs twice".to_owned());
            }
            Ok(digest) => evidence.push(digest),
            Err(error) => fault(&format!("evidence/{index}"), "invalid_value", error.to_string()),
        }
    }
    if item.evidence == EvidenceNeed::Required && !matches!(item.answer, AnswerKind::Document) && evidence.is_empty() {
        fault(
            "evidence",
            "evidence_needed",
            "this answer requires a document; upload it first, then give its SHA-256".to_owned(),
        );
    }
    let note = input.note.as_deref().map(str::trim).filter(|note| !note.is_empty());
    if let Some(wrong) = note.and_then(|note| text_fault(note, NOTE_MAX)) {
        fault("note", "invalid_value", wrong);
    }
    match value {
        Ok(value) if faults.is_empty() => {
            Ok(Answer { value, evidence, note: note.map(str::to_owned), answered_on: today, version })
        }
        _ => Err(faults),
    }
}

/// Returns what is wrong with a free text; `None` if nothing is.
#[must_use]
pub fn text_fault(text: &str, max: usize) -> Option<String> {
    let length = text.chars().count();
    if length == 0 || length > max {
        return Some(format!("a text has 1 to {max} characters, this one has {length}"));
    }
    let bad = |c: char| c.is_control() && c != '\n';
    text.chars().any(bad).then(|| "a text must not have control characters other than line feeds".to_owned())
}

type ValueFault = (&'static str, String);

fn value_of(item: &Item, value: &Value, today: Date) -> Result<AnswerValue, ValueFault> {
    let wrong = |right: &str| ("invalid_value", format!("the answer must be {right}"));
    let text = |right: &str| value.as_str().map(str::trim).ok_or_else(|| wrong(right));
    match &item.answer {
        AnswerKind::YesNo => match text("`yes` or `no`")? {
            word @ ("yes" | "no") => Ok(AnswerValue::Text(word.to_owned())),
            _ => Err(wrong("`yes` or `no`")),
        },
        AnswerKind::Choice { options, many: false } => {
            let right = format!("one of {}", options.join(", "));
            let word = text(&right)?.to_owned();
            if options.contains(&word) { Ok(AnswerValue::Text(word)) } else { Err(wrong(&right)) }
        }
        AnswerKind::Choice { options, many: true } => {
            let right = format!("a list of one or more of {}, each once", options.join(", "));
            let read = |text: &str| options.contains(&text.to_owned()).then(|| text.to_owned());
            list(value, options.len(), read).filter(|words| !words.is_empty()).map(AnswerValue::Many).ok_or_else(|| wrong(&right))
        }
        AnswerKind::Text { max_length } => {
            let given = text("a text")?;
            match text_fault(given, *max_length) {
                Some(detail) => Err(("invalid_value", detail)),
                None => Ok(AnswerValue::Text(given.to_owned())),
            }
        }
        AnswerKind::Number { min, max, unit } => match value.as_i64() {
            Some(number) if (*min..=*max).contains(&number) => Ok(AnswerValue::Number(number)),
            _ => Err(wrong(&format!("a whole number of {unit} from {min} to {max}"))),
        },
        AnswerKind::Countries => {
            let read = |text: &str| text.parse::<Country>().ok().map(|country| country.to_string());
            let found = list(value, COUNTRIES_MAX, read).map(AnswerValue::Many);
            found.ok_or_else(|| wrong("a list of countries (ISO 3166-1 alpha-2), each once"))
        }
        AnswerKind::Date => match text("a day such as 2026-01-31, not in the future")?.parse::<Date>() {
            Ok(day) if day <= today => Ok(AnswerValue::Text(day.to_string())),
            _ => Err(wrong("a day such as 2026-01-31, not in the future")),
        },
        AnswerKind::Document => {
            let digest = DocumentDigest::try_from(text("the SHA-256 of a document")?.to_owned());
            digest.map(|digest| AnswerValue::Text(digest.to_string())).map_err(|error| ("invalid_value", error.to_string()))
        }
        AnswerKind::Ownership => {
            Err(("answered_by_ownership", "the member `ownership` answers this item; leave it out here".to_owned()))
        }
    }
}

/// Reads a list of distinct texts and sorts it; `None` if the value is not such a list.
fn list(value: &Value, most: usize, read: impl Fn(&str) -> Option<String>) -> Option<Vec<String>> {
    let items = value.as_array().filter(|items| items.len() <= most)?;
    let words = items.iter().map(|item| item.as_str().map(str::trim).and_then(&read)).collect::<Option<BTreeSet<String>>>()?;
    (words.len() == items.len()).then(|| words.into_iter().collect())
}
