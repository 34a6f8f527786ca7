//! The catalogue of a sandbox: requests, each with the answer that it must get. A test sends all of them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::facts::Facts;
use super::{Filled, StageError};
use vasp_words::time::UtcTime;

const SCENARIOS: &str = include_str!("../../../seed/sandbox/scenarios.json");

/// What the file has in place of a list of every field that a rule can ask for.
const ALL_FIELDS: &str = "\"${fields:all}\"";

/// A request with the answer that a sandbox gives to it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Scenario {
    /// The scenario's name. Addresses in it are made from this name.
    #[schema(example = "owned_attested")]
    pub name: String,
    /// What it is about.
    #[schema(example = "resolve")]
    pub group: String,
    /// What happens, in one sentence.
    pub about: String,
    /// Requests to send first, whatever they answer.
    #[serde(default)]
    pub before: Vec<Sent>,
    /// The request.
    pub request: Sent,
    /// The answer's status.
    #[schema(example = 200)]
    pub status: u16,
    /// Members of the answer's body. Members that are not here may have any value; of a list, each item here must match some item of the
    /// answer.
    #[serde(default)]
    pub answer: Value,
    /// Members of the pre-check's evidence, in the same manner; null if the scenario says nothing of it. `?view=full` sends it with the
    /// answer.
    #[serde(default)]
    pub evidence: Value,
}

/// A request of a scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Sent {
    /// Whose API key is sent; null for none. `gateway` (its VASP is in Germany), `us_gateway`, and `fair_gateway` (its policy is for
    /// demonstrations) ask. `member` keeps the first member's record, `third_member` that of the member with many endpoints;
    /// `other_member`, `member_admin` and `gateway_admin` ask as members or as people of the gateway. `compliance` decides for the
    /// gateway, and `operator` works for the registry.
    #[serde(default)]
    #[schema(example = "gateway")]
    pub by: Option<String>,
    /// The method.
    #[schema(example = "POST")]
    pub method: String,
    /// Path and query.
    #[schema(example = "/v1/prechecks")]
    pub path: String,
    /// Headers, with the API key.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body; null for none.
    #[serde(default)]
    pub body: Value,
}

/// Returns the catalogue, ready to send at a time.
///
/// # Errors
/// `StageError::Seed` if the file cannot be used.
pub fn scenarios(filled: &Filled, now: UtcTime) -> Result<Vec<Scenario>, StageError> {
    let wrong = |error: serde_json::Error| StageError::Seed { file: "seed/sandbox/scenarios.json", reason: error.to_string() };
    let rulebook: Value = serde_json::from_str(super::world::RULEBOOK).map_err(wrong)?;
    let fields: Vec<&String> =
        rulebook.get("field_codes").and_then(Value::as_object).into_iter().flat_map(|fields| fields.keys()).collect();
    let text = SCENARIOS.replace(ALL_FIELDS, &serde_json::to_string(&fields).map_err(wrong)?);
    let text = Facts { now: Some(now), ..filled.facts.clone() }.fill(&text)?;
    let mut scenarios: Vec<Scenario> = serde_json::from_str(&text).map_err(wrong)?;
    for scenario in &mut scenarios {
        for sent in scenario.before.iter_mut().chain([&mut scenario.request]) {
            let key = sent.by.as_deref().and_then(|by| filled.key(by));
            sent.headers.extend(key.map(|key| ("Authorization".to_owned(), format!("Bearer {key}"))));
            if !sent.body.is_null() {
                sent.headers.entry("Content-Type".to_owned()).or_insert_with(|| "application/json".to_owned());
            }
        }
    }
    Ok(scenarios)
}
