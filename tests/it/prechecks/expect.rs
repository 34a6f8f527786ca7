//! What a pre-check must answer, written out: recommendation, conditions, counterparty, and of all thirteen checks the
//! outcome, the code and the kinds of the evidence, as one line each.

use serde_json::{Value, json};

/// An answer as a test writes it down.
pub(crate) struct Expected<'a> {
    pub recommendation: &'a str,
    pub conditions: Vec<&'a str>,
    pub counterparty: Option<&'a str>,
    /// In order of name.
    pub candidates: &'a [&'a str],
    pub checks: Vec<String>,
}

impl<'a> Expected<'a> {
    /// About a settled firm, of which what is asked of every one is asked, and more.
    pub(crate) fn firm(recommendation: &'a str, name: &'a str, more: &[&'static str], checks: Vec<String>) -> Self {
        let conditions = asked_and(more);
        Self { recommendation, conditions, counterparty: Some(name), candidates: &[], checks }
    }

    /// Where nobody is settled, and nothing asked.
    pub(crate) fn nobody(recommendation: &'a str, candidates: &'a [&'a str], checks: Vec<String>) -> Self {
        Self { recommendation, conditions: vec![], counterparty: None, candidates, checks }
    }
}

/// All checks, in the order of docs/reasons.md.
const CHECKS: [&str; 13] = [
    "attribution",
    "identity",
    "licence",
    "lei",
    "jurisdiction",
    "sanctions",
    "shell_vasp",
    "certificate",
    "protocol",
    "data_protection",
    "travel_rule_due_diligence",
    "correspondent_due_diligence",
    "freshness",
];

/// The checks whose facts are not held yet: of an entity, without one, and of a self-hosted address.
pub(crate) const PENDING: [&str; 6] = [
    "unknown shell_vasp.presence_not_on_record [directory]",
    "unknown certificate.none_on_record [directory]",
    "unknown protocol.none_on_record [directory]",
    "pass data_protection.regime_equivalent [data_protection_law]",
    "unknown travel_rule_due_diligence.not_started [directory]",
    "unknown correspondent_due_diligence.undetermined [directory]",
];

/// What is asked of whoever sends to a settled entity of which that much is not held, and more, in the order of the list.
fn asked_and(more: &[&'static str]) -> Vec<&'static str> {
    const ORDER: [&str; 8] = [
        "counterparty_due_diligence",
        "enhanced_due_diligence",
        "send_data_by_other_means",
        "protect_data",
        "confirm_address_with_counterparty",
        "proof_of_control",
        "check_source",
        "rule_not_in_force",
    ];
    let always = ["counterparty_due_diligence", "send_data_by_other_means"];
    ORDER.into_iter().filter(|code| always.contains(code) || more.contains(code)).collect()
}

pub(crate) const NOBODY: [&str; 6] = [
    "unknown shell_vasp.no_counterparty [directory]",
    "unknown certificate.no_counterparty [directory]",
    "unknown protocol.no_counterparty [directory]",
    "unknown data_protection.no_counterparty [directory]",
    "unknown travel_rule_due_diligence.no_counterparty [directory]",
    "unknown correspondent_due_diligence.no_counterparty [directory]",
];

pub(crate) const SELF_HOSTED: [&str; 6] = [
    "not_applicable shell_vasp.self_hosted [declaration]",
    "not_applicable certificate.self_hosted [declaration]",
    "not_applicable protocol.self_hosted [declaration]",
    "not_applicable data_protection.self_hosted [declaration]",
    "not_applicable travel_rule_due_diligence.self_hosted [declaration]",
    "not_applicable correspondent_due_diligence.self_hosted [declaration]",
];

/// All sources that count are in use and none is old.
pub(crate) const FRESH: &str = "pass freshness.current [register screening_list lists rule]";

/// Puts the thirteen lines together; `lists` stands for the three lists of jurisdictions, or for one among the oldest.
pub(crate) fn thirteen(first: [&str; 6], middle: [&str; 6], freshness: &str) -> Vec<String> {
    let three = "jurisdiction_list jurisdiction_list jurisdiction_list";
    let mut lines: Vec<String> = first.iter().chain(&middle).map(|line| line.replace("lists", three)).collect();
    lines.push(freshness.replace("lists", "jurisdiction_list"));
    lines
}

/// Asserts all of an answer that does not depend on ids.
#[track_caller]
pub(crate) fn expect(answer: &Value, expected: &Expected<'_>) {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = answer["checks"].as_array().unwrap();
    let line = |check: &Value| {
        let mut kinds: Vec<String> = check["evidence"].as_array().unwrap().iter().map(|one| text(&one["kind"])).collect();
        // However many lists there are.
        kinds.dedup_by(|next, one| *next == *one && *next == "screening_list");
        format!("{} {} [{}]", text(&check["outcome"]), text(&check["code"]), kinds.join(" "))
    };
    assert_eq!(checks.iter().map(line).collect::<Vec<_>>(), expected.checks);
    assert_eq!(checks.iter().map(|check| text(&check["check"])).collect::<Vec<_>>(), CHECKS);
    assert_eq!(answer["recommendation"], expected.recommendation);
    let incomplete = expected.checks.iter().any(|line| line.starts_with("unknown "));
    assert_eq!(answer["incomplete"], incomplete);
    let conditions: Vec<String> = answer["conditions"].as_array().unwrap().iter().map(|c| text(&c["code"])).collect();
    assert_eq!(conditions, expected.conditions);
    assert_eq!(answer["counterparty"]["legal_name"].as_str(), expected.counterparty);
    let mut candidates: Vec<String> = answer["candidates"].as_array().unwrap().iter().map(|c| text(&c["legal_name"])).collect();
    candidates.sort();
    assert_eq!(candidates, expected.candidates);
    expect_consistent(answer);
}

/// Asserts what holds of every answer.
#[track_caller]
fn expect_consistent(answer: &Value) {
    let checks = answer["checks"].as_array().unwrap();
    for check in checks {
        assert!(check["detail"].as_str().unwrap().ends_with('.'), "{check}");
        assert!(!check["evidence"].as_array().unwrap().is_empty(), "{check}");
        assert!(check["evidence"].as_array().unwrap().iter().all(|one| one["source"] != ""), "{check}");
    }
    let reasons = answer["reasons"].as_array().unwrap();
    assert_eq!(reasons.is_empty(), answer["recommendation"] == "proceed", "{reasons:?}");
    for reason in reasons {
        let check = checks.iter().find(|check| check["check"] == reason["check"]).unwrap();
        assert_eq!(reason["detail"], check["detail"]);
    }
    let (steps, conditions) = (answer["next_steps"].as_array().unwrap(), answer["conditions"].as_array().unwrap());
    match answer["recommendation"].as_str().unwrap() {
        "reject" => assert!(!steps.is_empty() && conditions.is_empty(), "{answer}"),
        "hold" => assert!(!steps.is_empty(), "{answer}"),
        "proceed_with_conditions" => assert!(steps.is_empty() && !conditions.is_empty(), "{answer}"),
        _ => assert!(steps.is_empty() && conditions.is_empty(), "{answer}"),
    }
    let settled = !answer["counterparty"].is_null();
    let untouched = |missing: &[&str]| {
        let missing = if settled { json!(missing) } else { json!([]) };
        json!({"status": "not_started", "completed_at": null, "review_due": null, "missing": missing, "inherited_from": null})
    };
    let (travel_rule, correspondent) =
        (untouched(&["decision", "risk_rating"]), untouched(&["decision", "risk_rating", "responsibilities"]));
    assert_eq!(answer["due_diligence"], json!({"travel_rule": travel_rule, "correspondent": correspondent}));
    assert_eq!(answer["routes"], json!([]));
    assert_eq!(answer["receipt"].is_string(), answer["id"].is_string(), "whatever is recorded is signed");
    assert_eq!((&answer["policy"], &answer["rulebook"]), (&json!("default@6"), &json!("2026-11-28+1.2.0")));
    assert!(answer["engine"].as_str().unwrap().starts_with("vasp-registry/"));
}

/// The codes of the reasons.
pub(crate) fn reasons(answer: &Value) -> Vec<&str> {
    answer["reasons"].as_array().unwrap().iter().map(|reason| reason["code"].as_str().unwrap()).collect()
}

/// The check of this name.
pub(crate) fn check<'a>(answer: &'a Value, name: &str) -> &'a Value {
    answer["checks"].as_array().unwrap().iter().find(|check| check["check"] == name).unwrap()
}

/// Outcome and code of the check of this name, as one text.
pub(crate) fn finding(answer: &Value, name: &str) -> String {
    let check = check(answer, name);
    format!("{} {}", check["outcome"].as_str().unwrap(), check["code"].as_str().unwrap())
}
