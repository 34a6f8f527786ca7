//! The explanation of a pre-check. Collects the facts from an answer, or from a recorded answer; `vasp_rules::precheck::explain` puts
//! them into words.

use serde_json::Value;

use super::records::policy_of;
use super::{Asking, PrecheckAnswer, Recording};
use crate::directory::Documents;
use crate::node::{Registry, ServiceError};
use vasp_pki::ClaimIdKey;
use vasp_rules::policy::{ConditionCode, Policy, Recommendation};
use vasp_rules::precheck::{CheckCode, CheckName, CheckResult, Condition, Decision, EvidenceOf, Point, PolicyWords, explain};
use vasp_words::ids::OrganisationId;

/// Returns whether the explanation may cite the policy. It may cite the asker's own policies and the registry's default, which
/// everybody may read.
fn words(policy: &Policy, documents: &Documents, is_own: bool) -> PolicyWords {
    if is_own || policy.name() == documents.policy.value.name() { PolicyWords::Cited } else { PolicyWords::Withheld }
}

/// Explains an answer in sentences.
#[must_use]
pub(super) fn of_answer(answer: &PrecheckAnswer, asking: &Asking, ids: &ClaimIdKey) -> Vec<String> {
    let point = |check: &CheckResult| Point {
        codes: check.codes().collect(),
        detail: check.detail.to_string(),
        sources: check
            .evidence
            .iter()
            .map(|evidence| {
                let id = match &evidence.of {
                    EvidenceOf::Claim(number) => Some(ids.public_id(*number).into()),
                    other => other.id(),
                };
                let day = evidence.observed_at.map(|at| at.date().to_string());
                source(evidence.of.kind(), id.as_deref(), &evidence.source, day.as_deref())
            })
            .collect(),
    };
    let words = words(&answer.policy, answer.generation.documents(), asking.is_own(answer.whose));
    let outcome = &answer.outcome;
    let told =
        outcome.reasons.iter().map(|one| (one.code, &one.detail)).chain(outcome.notes.iter().map(|one| (one.code, &one.detail)));
    let of_transfer = told.filter(|(code, _)| code.check() == CheckName::Transfer);
    let points = outcome.checks.iter().map(point).chain(of_transfer.map(|(code, detail)| of_request(code, detail.to_string())));
    let decision = Decision {
        policy: &answer.policy,
        circumstances: outcome.circumstances,
        recommendation: outcome.recommendation,
        silenced: outcome.reasons.iter().flat_map(|reason| reason.silenced.iter().copied()).collect(),
        agreed: outcome.conditions.iter().any(Condition::is_of_terms),
    };
    explain(&decision, words, &points.collect::<Vec<_>>())
}

/// Explains a recorded answer of an organisation by the policy that judged it. `verdict` and `evidence` are those of the recording.
pub fn explain_recorded(
    registry: &Registry,
    organisation: OrganisationId,
    recording: &Recording,
    verdict: &Value,
    evidence: &Value,
) -> Result<Vec<String>, ServiceError> {
    let (documents, policy) = policy_of(registry, organisation, recording)?;
    let Some(policy) = policy else {
        return Ok(vec![format!("The policy {} no longer exists, so this explanation cannot quote it.", recording.policy)]);
    };
    let words = words(&policy, &documents, recording.whose.is_none_or(|whose| whose == organisation));
    Ok(explain(&decision(&policy, recording, verdict), words, &points(recording, verdict, evidence)))
}

/// Reads the decision from a recorded verdict.
fn decision<'a>(policy: &'a Policy, recording: &Recording, verdict: &Value) -> Decision<'a> {
    let all = |member: &str| verdict[member].as_array().cloned().unwrap_or_default();
    let names = |reason: &Value| reason["silenced"].as_array().cloned().unwrap_or_default();
    let silenced = all("reasons").iter().flat_map(names).filter_map(|name| name.as_str()?.parse().ok()).collect();
    Decision {
        policy,
        circumstances: recording.circumstances.iter().copied().collect(),
        recommendation: verdict["recommendation"].as_str().and_then(Recommendation::from_text).unwrap_or(Recommendation::Hold),
        silenced,
        agreed: all("conditions").iter().any(|condition| {
            let kind = condition.pointer("/asked_by/kind").and_then(Value::as_str);
            kind == Some("relationship") || condition["code"] == ConditionCode::MaxAmount.as_str()
        }),
    }
}

/// Builds a finding about the transfer itself. Its source is the request.
fn of_request(code: CheckCode, detail: String) -> Point {
    Point { codes: vec![code], detail, sources: vec!["the request".to_owned()] }
}

fn points(recording: &Recording, verdict: &Value, evidence: &Value) -> Vec<Point> {
    let checks = evidence["checks"].as_array().map_or(&[][..], Vec::as_slice);
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
    let found =
        [&verdict["reasons"], &evidence["notes"]].into_iter().flat_map(|list| list.as_array().map_or(&[][..], Vec::as_slice));
    let of_transfer = found.filter_map(|one| {
        let code: CheckCode = one["code"].as_str()?.parse().ok()?;
        (code.check() == CheckName::Transfer).then(|| of_request(code, one["detail"].as_str().unwrap_or_default().to_owned()))
    });
    checks.iter().map(point).chain(of_transfer).collect()
}

fn source(kind: &str, id: Option<&str>, source: &str, day: Option<&str>) -> String {
    let id = id.map_or_else(String::new, |id| format!(" {id}"));
    format!("{}{id} ({source}, {})", kind.replace('_', " "), day.unwrap_or("undated"))
}
