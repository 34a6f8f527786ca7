//! The examples of the OpenAPI document are what a sandbox answers: each is sent to one, in order, and must get the answer that the document
//! shows. `RECORD_EXAMPLES=1` writes what it answers into `openapi/examples.json`.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Sandbox;
use crate::support::Answer;
use crate::support::contract::{document, operations};

const EXAMPLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi/examples.json");

/// Lists are shown with this many items.
const SHOWN_ITEMS: usize = 2;

/// Cuts every list.
fn cut(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().take(SHOWN_ITEMS).map(cut).collect(),
        Value::Object(members) => members.into_iter().map(|(name, member)| (name, cut(member))).collect::<Map<_, _>>().into(),
        other => other,
    }
}

/// Puts one value in the place of all that differ from sandbox to sandbox: ids, times, keys, counts.
fn settled(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(settled).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (name.clone(), settled(member))).collect::<Map<_, _>>().into()
        }
        Value::String(text) if text.contains(|character: char| character.is_ascii_digit()) => json!("…"),
        // One token, and one hash, in a thousand has no digit.
        Value::String(text) if text.starts_with("vasp-registry-verification=") || text.len() == 44 && text.ends_with('=') => {
            json!("…")
        }
        Value::Number(_) => json!(0),
        other => other.clone(),
    }
}

/// Puts the kept values in place of their names.
fn filled(text: &str, kept: &BTreeMap<String, String>) -> String {
    kept.iter().fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${{{name}}}"), value))
}

/// Does so in every text and every name of a value.
fn filled_in(value: &Value, kept: &BTreeMap<String, String>) -> Value {
    match value {
        Value::String(text) => json!(filled(text, kept)),
        Value::Array(items) => items.iter().map(|item| filled_in(item, kept)).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, member)| (filled(name, kept), filled_in(member, kept))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// The keys by which an example may ask: those of the programs by their names, and the sessions of the people by their names in e-mail
/// addresses.
fn keys_in(filled_with: &Value) -> BTreeMap<String, String> {
    let programs = filled_with["facts"]["texts"].as_object().unwrap().iter();
    let programs = programs.filter_map(|(name, key)| Some((name.clone(), key.as_str()?.to_owned())));
    let people = filled_with["people"].as_array().unwrap().iter().map(|person| {
        let (name, _) = person["sign_in"]["email"].as_str().unwrap().split_once('@').unwrap();
        (name.to_owned(), person["session"].as_str().unwrap().to_owned())
    });
    programs.chain(people).collect()
}

/// The examples, in their order.
pub(crate) fn written() -> Vec<Value> {
    serde_json::from_str(&std::fs::read_to_string(EXAMPLES).unwrap()).unwrap()
}

/// What the examples are sent with.
pub(crate) struct Teller {
    pub sandbox: Sandbox,
    catalogue: Value,
    methods: BTreeMap<String, &'static str>,
    keys: BTreeMap<String, String>,
    kept: BTreeMap<String, String>,
}

impl Teller {
    pub(crate) fn new() -> Self {
        let sandbox = Sandbox::start();
        let methods = operations(document())
            .map(|(method, _, operation)| (operation["operationId"].as_str().unwrap().to_owned(), method))
            .collect();
        let filled_with = std::fs::read(sandbox.folder.path().join("filled.json")).unwrap();
        let keys = keys_in(&serde_json::from_slice(&filled_with).unwrap());
        Self { catalogue: sandbox.catalogue(), sandbox, methods, keys, kept: BTreeMap::new() }
    }

    /// The request of an example, or of the scenario that it names.
    pub(crate) fn request(&self, example: &Value) -> Value {
        if let Some(name) = example["scenario"].as_str() {
            return Sandbox::named(&self.catalogue, name)["request"].clone();
        }
        let mut headers = filled_in(&example["headers"], &self.kept).as_object().cloned().unwrap_or_default();
        if let Some(by) = example["by"].as_str() {
            headers.insert("authorization".to_owned(), json!(format!("Bearer {}", self.keys[by])));
        }
        let file = &example["file"];
        let body = if file.is_null() { &example["body"] } else { &file["text"] };
        if !body.is_null() {
            headers.insert("content-type".to_owned(), json!(file["type"].as_str().unwrap_or("application/json")));
        }
        let method = self.methods[example["operation"].as_str().unwrap()].to_uppercase();
        let path = filled(example["path"].as_str().unwrap(), &self.kept);
        json!({"method": method, "path": path, "headers": headers, "body": filled_in(body, &self.kept)})
    }

    /// Sends an example, and returns it with its answer.
    fn tell(&mut self, example: &Value) -> Result<Value, String> {
        let request = self.request(example);
        let answer = self.sandbox.send_as_it_is(&request);
        self.told(example, &request, &answer)
    }

    /// Keeps what later examples need of an answer, and returns the example with the answer.
    pub(crate) fn told(&mut self, example: &Value, request: &Value, answer: &Answer) -> Result<Value, String> {
        if !answer.status.is_success() {
            return Err(format!("{} ({}): {} {}", example["operation"], request["path"], answer.status, answer.text));
        }
        let media_type = answer.header("content-type").split(';').next().unwrap_or_default();
        let is_text = !answer.text.is_empty() && media_type != "application/json";
        let body = if is_text { json!(answer.text) } else { serde_json::from_str(&answer.text).unwrap_or(Value::Null) };
        for (name, place) in example["keep"].as_object().into_iter().flatten() {
            let place = place.as_str().unwrap();
            let value = match place.strip_prefix("header ") {
                Some(header) => answer.headers.get(header).map(|value| value.to_str().unwrap()),
                None => body.pointer(place).and_then(Value::as_str),
            };
            self.kept.insert(name.clone(), value.ok_or_else(|| format!("{} has no {place}", example["operation"]))?.to_owned());
        }
        let mut told = example.clone();
        told["status"] = json!(answer.status.as_u16());
        told["answer"] = cut(body);
        if is_text {
            told["answer_type"] = json!(media_type);
        }
        told["sent"] = json!({"path": request["path"], "body": request["body"]});
        if let Some(media_type) = example["file"]["type"].as_str() {
            told["sent"]["type"] = json!(media_type);
        }
        Ok(told)
    }
}

#[test]
fn a_sandbox_answers_each_example_of_the_document_as_it_says() {
    let mut teller = Teller::new();
    let written = written();

    let (told, refused): (Vec<_>, Vec<_>) = written.iter().map(|example| teller.tell(example)).partition(Result::is_ok);

    let refused: Vec<String> = refused.into_iter().filter_map(Result::err).collect();
    assert!(refused.is_empty(), "{refused:#?}");
    let told: Vec<Value> = told.into_iter().filter_map(Result::ok).collect();
    if std::env::var_os("RECORD_EXAMPLES").is_some() {
        let lines: Vec<String> = told.iter().map(Value::to_string).collect();
        std::fs::write(EXAMPLES, format!("[\n{}\n]\n", lines.join(",\n"))).unwrap();
        return;
    }
    let differing: Vec<String> = written
        .iter()
        .zip(&told)
        .filter(|(was, is)| settled(was) != settled(is))
        .map(|(was, is)| format!("{}: {} is now {}", was["operation"], settled(was), settled(is)))
        .collect();
    assert!(differing.is_empty(), "record them again with RECORD_EXAMPLES=1: {differing:#?}");
}
