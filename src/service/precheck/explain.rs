//! The explanation of a pre-check: gathers from an answer, or from one that was recorded, what `domain::precheck::explain` puts
//! into words.

use serde_json::Value;

use super::{PrecheckAnswer, Recording};
use crate::domain::policy::Policy;
use crate::domain::precheck::{CheckCode, CheckResult, EvidenceOf, Point, explain};
use crate::pki::ClaimIdKey;

/// Explains an answer.
#[must_use]
pub(super) fn of_answer(answer: &PrecheckAnswer, ids: &ClaimIdKey) -> Vec<String> {
    let point = |check: &CheckResult| Point {
        codes: check.codes().collect(),
        detail: check.detail.clone(),
        sources: check
            .evidence
            .iter()
            .map(|evidence| {
                let id = match &evidence.of {
                    EvidenceOf::Claim(number) => Some(ids.public_id(*number)),
                    other => other.id(),
                };
                let day = evidence.observed_at.map(|at| at.date().to_string());
                source(evidence.of.kind(), id.as_deref(), &evidence.source, day.as_deref())
            })
            .collect(),
    };
    explain(&answer.policy, &answer.outcome.checks.iter().map(point).collect::<Vec<_>>())
}

/// Explains a recorded answer by the policy that it was judged by; `answer` is the recording's.
#[must_use]
pub fn explain_recorded(recording: &Recording, answer: &Value, policy: &Policy) -> Vec<String> {
    let checks = answer["checks"].as_array().map_or(&[][..], Vec::as_slice);
    let codes = |check: &Value| -> Vec<CheckCode> {
        let name = check["check"].as_str().unwrap_or_default();
        let primary: Option<CheckCode> = check["code"].as_str().and_then(|code| code.parse().ok());
        let all = recording.codes.iter().filter_map(|code| code.parse::<CheckCode>().ok());
        let lesser = all.filter(|code| code.check().to_string() == name && Some(*code) != primary);
        primary.into_iter().chain(lesser).collect()
    };
    let sources = |check: &Value| -> Vec<String> {
        let evidence = check["evidence"].as_array().map_or(&[][..], Vec::as_slice);
        let text = |value: &Value| value.as_str().map(str::to_owned);
        evidence
            .iter()
            .map(|one| {
                let day = text(&one["observed_at"]).map(|at| at.chars().take(10).collect::<String>());
                source(
                    one["kind"].as_str().unwrap_or_default(),
                    one["id"].as_str(),
                    one["source"].as_str().unwrap_or_default(),
                    day.as_deref(),
                )
            })
            .collect()
    };
    let point = |check: &Value| {
        let detail = check["detail"].as_str().unwrap_or_default().to_owned();
        Point { codes: codes(check), detail, sources: sources(check) }
    };
    explain(policy, &checks.iter().map(point).collect::<Vec<_>>())
}

fn source(kind: &str, id: Option<&str>, source: &str, day: Option<&str>) -> String {
    let id = id.map_or_else(String::new, |id| format!(" {id}"));
    format!("{}{id} ({source}, {})", kind.replace('_', " "), day.unwrap_or("undated"))
}
