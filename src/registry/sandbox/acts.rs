//! What the invented people of a sandbox do one after the other, over HTTP, before anybody asks: the requests of
//! `seed/sandbox/acts.json`. Each may use what answers before it gave.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::StageError;
use super::facts::Facts;
use super::people::{Person, Stage, text};

const ACTS: &str = include_str!("../../../seed/sandbox/acts.json");
const POLICY: &str = include_str!("../../../seed/policy.json");

/// A request of an invented person.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Act {
    /// Why it is sent.
    #[serde(rename = "about")]
    _about: String,
    /// Who sends it: the part of the e-mail address before the `@`.
    by: String,
    method: String,
    path: String,
    /// The body; null for none.
    #[serde(default)]
    body: Value,
    /// In place of a body: how a policy differs from the registry's.
    #[serde(default)]
    policy: Option<Value>,
    /// What to keep of the answer, by name, each with its place.
    #[serde(default)]
    keep: BTreeMap<String, String>,
}

impl Stage<'_> {
    /// Sends all requests, and adds what is kept of the answers to `facts`.
    pub(super) fn send_acts(&self, people: &[Person], facts: &mut Facts) -> Result<(), StageError> {
        let acts: Vec<Value> = serde_json::from_str(ACTS).map_err(refused)?;
        for act in acts {
            let act: Act = serde_json::from_str(&facts.fill(&act.to_string())?).map_err(refused)?;
            let who = people.iter().find(|person| person.is_called(&act.by)).ok_or_else(|| StageError::Open(act.by.clone()))?;
            let body = match act.policy {
                Some(patch) => Some(policy(&patch)?),
                None => Some(act.body).filter(|body| !body.is_null()),
            };
            let answer = self.send(who, &act.method, &act.path, &[("If-Match", "*")], body.as_ref())?;
            for (name, place) in act.keep {
                facts.texts.insert(name, text(&answer, &place)?);
            }
        }
        Ok(())
    }
}

/// Returns the registry's policy with the members that differ.
fn policy(patch: &Value) -> Result<Value, StageError> {
    let mut policy: Value = serde_json::from_str(POLICY).map_err(refused)?;
    if let (Some(members), Some(other)) = (policy.as_object_mut(), patch.as_object()) {
        members.extend(other.clone());
    }
    Ok(policy)
}

fn refused(error: serde_json::Error) -> StageError {
    StageError::Seed { file: "seed/sandbox/acts.json", reason: error.to_string() }
}
