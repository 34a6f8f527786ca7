//! Requests that invented people send, one after the other; each may use what answers before it gave. Those of `seed/sandbox/acts.json` are
//! sent when a sandbox is filled, those of an event when somebody causes it.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::StageError;
use super::facts::Facts;
use super::people::{Person, Stage, text};
use super::world::POLICY;

const ACTS: &str = include_str!("../../../seed/sandbox/acts.json");

/// A request that an invented person sends.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sending {
    /// What the person does by it.
    pub(super) about: String,
    /// The part of the person's e-mail address before the `@`.
    pub(super) by: String,
    method: String,
    path: String,
    /// The body; null for none.
    #[serde(default)]
    body: Value,
    /// In place of a body: what a policy has that the registry's has otherwise.
    #[serde(default)]
    policy: Option<Value>,
    /// Texts of the answer that later requests use: name and place.
    #[serde(default)]
    keep: BTreeMap<String, String>,
}

impl Stage<'_> {
    /// Sends the requests of `seed/sandbox/acts.json`.
    pub(super) fn send_acts(&self, people: &[Person], facts: &mut Facts) -> Result<(), StageError> {
        let acts: Vec<Value> = serde_json::from_str(ACTS).map_err(refused)?;
        for act in acts {
            let act: Sending = serde_json::from_str(&facts.fill(&act.to_string())?).map_err(refused)?;
            let who = people.iter().find(|person| person.is_called(&act.by)).ok_or_else(|| StageError::Open(act.by.clone()))?;
            self.send_as(who, &act, facts)?;
        }
        Ok(())
    }

    /// Sends a request, and adds what is kept of the answer to `facts`.
    pub(super) fn send_as(&self, who: &Person, sending: &Sending, facts: &mut Facts) -> Result<(), StageError> {
        let mut body = sending.body.clone();
        if let Some(other) = &sending.policy {
            body = serde_json::from_str(POLICY).map_err(refused)?;
            overlay(&mut body, other);
        }
        let body = (!body.is_null()).then_some(&body);
        let answer = self.send(who, &sending.method, &sending.path, &[("If-Match", "*")], body)?;
        for (name, place) in &sending.keep {
            facts.texts.insert(name.clone(), text(&answer, place)?);
        }
        Ok(())
    }
}

/// Writes over a JSON value what another has; of objects, the members that the other has.
fn overlay(value: &mut Value, other: &Value) {
    match (value, other) {
        (Value::Object(members), Value::Object(others)) => {
            others.iter().for_each(|(name, other)| overlay(members.entry(name.as_str()).or_insert(Value::Null), other));
        }
        (value, other) => value.clone_from(other),
    }
}

fn refused(error: serde_json::Error) -> StageError {
    StageError::Seed { file: "seed/sandbox/acts.json", reason: error.to_string() }
}
