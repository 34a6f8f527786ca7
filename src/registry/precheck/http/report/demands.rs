//! The part of a report about what was demanded and done: of each condition who asks for it, before what, who fulfils it and whether it is
//! met; and what became of the transfer. It has nothing of what is confidential.

use std::fmt::Write;

use serde_json::Value;

use super::{items, section, table, text};
use crate::precheck::{ConditionStatement, Outcome, OutcomeProof};

/// Writes the conditions and what was done.
pub(super) fn demands(page: &mut String, verdict: &Value, outcome: &Outcome) {
    let conditions = items(&verdict["conditions"]);
    if !conditions.is_empty() {
        section(page, "Conditions to meet", |page| {
            let rows = conditions.iter().map(|condition| row(condition, outcome));
            table(page, "Conditions", &["id", "what", "asked for by", "before", "fulfilled by", "met"], rows);
        });
    }
    section(page, "What was done", |page| {
        let state = if outcome.open { "Nobody recorded what became of the transfer." } else { "The transfer is over." };
        let _ = write!(page, "<p>{state}</p>");
        if !outcome.entries.is_empty() {
            let columns = ["when", "by", "result", "transaction", "conditions", "note", "digest"];
            table(page, "What was done", &columns, done(outcome));
        }
    });
}

fn row(condition: &Value, outcome: &Outcome) -> Vec<String> {
    vec![
        text(&condition["id"]).to_owned(),
        format!("{}: {}", text(&condition["code"]), text(&condition["detail"])),
        asked_by(&condition["asked_by"]),
        before(text(&condition["before"])).to_owned(),
        fulfilled_by(text(&condition["fulfilled_by"])).to_owned(),
        met(text(&condition["id"]), outcome),
    ]
}

/// Says who or what demands a condition, with the clause of the law.
fn asked_by(asked: &Value) -> String {
    let id = text(&asked["id"]);
    match (text(&asked["kind"]), asked["clause"].as_str()) {
        ("rule", Some(clause)) => format!("{clause} (rule {id})"),
        ("rule", None) => format!("rule {id}; its clause was not looked up"),
        ("relationship", _) => "your decision about the counterparty".to_owned(),
        (kind, _) => format!("{kind} {id}"),
    }
}

fn before(word: &str) -> &str {
    match word {
        "data" => "before data are sent",
        "assets" => "before assets are sent",
        "credit" => "before the customer is credited",
        other => other,
    }
}

fn fulfilled_by(word: &str) -> &str {
    match word {
        "asker" => "the asking organisation",
        "customer" => "its customer",
        "third_party" => "the owner of the other wallet",
        "counterparty" => "the counterparty",
        "registry" => "the registry",
        other => other,
    }
}

/// Says whether a condition is met, by the last statement about it.
fn met(id: &str, outcome: &Outcome) -> String {
    let statements = outcome.entries.iter().rev().flat_map(|entry| &entry.content.conditions);
    match statements.into_iter().find(|said| said.id == id) {
        None => "open".to_owned(),
        Some(said) => statement(said),
    }
}

fn statement(said: &ConditionStatement) -> String {
    let by = said.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
    let proof = said.proof.as_ref().map_or_else(String::new, |proof| format!("; {}", shown(proof)));
    format!("{}{by}{proof}", if said.met { "met" } else { "not met" })
}

fn shown(proof: &OutcomeProof) -> String {
    match proof {
        OutcomeProof { document_sha256: Some(digest), .. } => format!("document with SHA-256 {digest}"),
        OutcomeProof { signature: Some(signature), .. } => {
            format!("signature ({}) of {}", text(&signature["scheme"]), text(&signature["address"]))
        }
        OutcomeProof { precheck: Some(id), .. } => format!("pre-check {id}"),
        OutcomeProof { text, .. } => text.as_ref().map_or_else(String::new, ToString::to_string),
    }
}

fn done(outcome: &Outcome) -> impl Iterator<Item = Vec<String>> {
    outcome.entries.iter().map(|entry| {
        let content = &entry.content;
        let conditions: Vec<String> = content.conditions.iter().map(|said| format!("{} {}", said.id, statement(said))).collect();
        let or_none = |text: Option<String>| text.unwrap_or_default();
        let by = content.by_proposal.map_or_else(String::new, |proposal| format!(", decided by two people ({proposal})"));
        vec![
            entry.recorded_at.to_string(),
            format!("{}{by}", content.recorded_by),
            or_none(content.result.map(|result| result.to_string())),
            or_none(content.transaction.as_ref().map(ToString::to_string)),
            conditions.join(". "),
            or_none(content.note.as_ref().map(ToString::to_string)),
            entry.digest.clone(),
        ]
    })
}
