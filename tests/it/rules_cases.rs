//! The cases of `tests/fixtures/rules/cases.txt`, each asked over HTTP. How they are written stands at the head of that file.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use crate::filled::Filled;
use crate::support::{Database, on_every_database};

const CASES: &str = include_str!("../fixtures/rules/cases.txt");

struct Case {
    line: usize,
    source: &'static str,
    question: &'static str,
    answer: &'static str,
}

fn cases() -> Vec<Case> {
    let read = |(index, text): (usize, &'static str)| {
        if text.trim().is_empty() || text.starts_with('#') {
            return None;
        }
        let parts: Vec<&str> = text.split(" | ").map(str::trim).collect();
        let [source, question, answer] = parts[..] else { panic!("line {}: not three parts: {text}", index + 1) };
        assert!(!source.is_empty() && !answer.is_empty(), "line {}: {text}", index + 1);
        Some(Case { line: index + 1, source, question, answer })
    };
    CASES.lines().enumerate().filter_map(read).collect()
}

/// `1000EUR`.
fn money(text: &str) -> Option<Value> {
    let place = text.find(|c: char| c.is_ascii_uppercase())?;
    let (amount, currency) = text.split_at(place);
    let is_amount = !amount.is_empty() && amount.chars().all(|c| c.is_ascii_digit() || c == '.');
    is_amount.then(|| json!({"amount": amount, "currency": currency}))
}

fn request(question: &str) -> Value {
    let mut words = question.split_whitespace();
    let (from, to) = words.next().unwrap().split_once('>').unwrap();
    let date = words.next().unwrap();
    let mut transfer = Map::from_iter([("date".to_owned(), json!(date))]);
    for word in words {
        let (member, value) = match (word, word.split_once('=')) {
            ("legal", _) => ("originator_type", json!("legal")),
            ("self_hosted", _) => ("counterparty", json!("self_hosted")),
            ("own_wallet", _) => ("own_wallet", json!(true)),
            ("third_party", _) => ("own_wallet", json!(false)),
            ("correspondent", _) => ("correspondent", json!(true)),
            ("no_correspondent", _) => ("correspondent", json!(false)),
            ("proprietary", _) => ("proprietary", json!(true)),
            (_, Some(("linked", total))) => ("linked_total", money(total).unwrap()),
            (_, Some(("rate", rate))) => {
                let [from, to, rate] = rate.split(':').collect::<Vec<_>>()[..] else { panic!("{word}") };
                ("rates", json!([{"from": from, "to": to, "rate": rate, "as_of": date, "source": "the case"}]))
            }
            _ => ("fiat", money(word).unwrap_or_else(|| panic!("`{word}` in {question}"))),
        };
        assert!(transfer.insert(member.to_owned(), value).is_none(), "{question}: {member} twice");
    }
    let side = |id: &str| if id == "?" { Value::Null } else { json!({"jurisdiction": id}) };
    json!({"originator": side(from), "beneficiary": side(to), "transfer": transfer})
}

/// A list in any order, as one text.
fn any_order(items: impl IntoIterator<Item = String>) -> String {
    let items: BTreeSet<String> = items.into_iter().collect();
    if items.is_empty() { "-".to_owned() } else { items.into_iter().collect::<Vec<_>>().join(",") }
}

/// `originator.name` as it stands in the cases.
fn short(code: &str) -> String {
    let (party, item) = code.split_once('.').unwrap();
    format!("{}.{item}", party.chars().next().unwrap())
}

fn list(value: &Value) -> String {
    any_order(value.as_array().into_iter().flatten().map(|code| short(code.as_str().unwrap())))
}

fn choices(value: &Value) -> String {
    let together =
        |codes: &Value| any_order(codes.as_array().unwrap().iter().map(|code| short(code.as_str().unwrap()))).replace(',', "+");
    let choice = |one_of: &Value| any_order(one_of["alternatives"].as_array().unwrap().iter().map(together)).replace(',', "/");
    any_order(value.as_array().into_iter().flatten().map(choice)).replace(',', ";")
}

/// What the case expects, in the same order.
fn sorted(member: &str, text: &str) -> String {
    let parts = |text: &str, mark: char| any_order(text.split(mark).map(str::to_owned)).replace(',', &mark.to_string());
    if text == "-" {
        return text.to_owned();
    }
    if member.ends_with("one_of") && member != "missing_one_of" {
        let choice = |choice: &str| any_order(choice.split('/').map(|codes| parts(codes, '+'))).replace(',', "/");
        return any_order(text.split(';').map(choice)).replace(',', ";");
    }
    parts(text, ',')
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".to_owned(),
        other => other.to_string(),
    }
}

fn seen(answer: &Value, member: &str) -> String {
    if let Some(field) = member.strip_prefix("from(").and_then(|rest| rest.strip_suffix(')')) {
        let of = |sourced: &&Value| short(sourced["field"].as_str().unwrap()) == field;
        let sourced = answer["required_from"].as_array().unwrap().iter().find(of);
        let from = sourced.map(|sourced| sourced["from"].as_array().unwrap().iter().map(plain).collect::<Vec<_>>());
        return any_order(from.unwrap_or_default());
    }
    let side = match member.split_once('.') {
        Some(("o", _)) => &answer["originator"],
        Some(("b", _)) => &answer["beneficiary"],
        _ => answer,
    };
    match member.trim_start_matches("o.").trim_start_matches("b.") {
        "union" => list(&answer["required_fields"]),
        "missing_one_of" => answer["missing_one_of"].as_array().unwrap().len().to_string(),
        "known" => if answer["after_known_through"] == json!(true) { "no" } else { "yes" }.to_owned(),
        "version" => plain(&side["rule_version"]),
        // Not known is a value of its own here.
        "above" => side["above_threshold"].to_string(),
        "why" => plain(&side["undetermined"]["reason"]),
        "counted" => plain(&side["counted"]["basis"]),
        "threshold" => plain(&side["threshold"]["kind"]),
        "equality" => side["threshold"]["equality_certain"].to_string(),
        "handling" => plain(&side["data_handling"]),
        "cap" => side["max_amount"]["exceeded"].to_string(),
        "cap_why" => plain(&side["max_amount"]["undetermined"]["reason"]),
        "below" => plain(&side["below_threshold"]),
        "dd" => plain(&side["counterparty_due_diligence"]["travel_rule"]),
        "dd_code" => plain(&side["counterparty_due_diligence"]["code"]),
        "correspondent" => plain(&side["counterparty_due_diligence"]["correspondent"]),
        "fields" => list(&side["required_fields"]),
        "if_available" => list(&side["if_available"]),
        "one_of" => choices(&side["one_of"]),
        "request" => list(&side["on_request"][0]["required"]),
        "request_days" => plain(&side["on_request"][0]["within_business_days"]),
        "request_one_of" => choices(&side["on_request"][0]["one_of"]),
        "batch" => plain(&side["batch_allowed"]),
        "retention" => plain(&side["retention_years"]),
        "wallet" => plain(&side["self_hosted"]["verification"]),
        "wallet_code" => plain(&side["self_hosted"]["code"]),
        "wallet_why" => plain(&side["self_hosted"]["undetermined"]["reason"]),
        "collect" => plain(&side["self_hosted"]["data_collection"]),
        name @ ("status" | "in_force" | "flow" | "exemption" | "timing" | "confidence") => plain(&side[name]),
        other => panic!("`{other}` is no member of a case"),
    }
}

#[on_every_database(Filled::start)]
fn every_case_is_answered_as_its_source_says(filled: Filled) {
    let mut wrong = Vec::new();

    for case in cases() {
        let answer = filled.post("/v1/obligations", &request(case.question));
        assert_eq!(answer.status.as_u16(), 200, "line {}: {answer:?}", case.line);
        let answer = answer.json();
        for expected in case.answer.split_whitespace() {
            let (member, expected) = expected.split_once('=').unwrap_or_else(|| panic!("line {}: {expected}", case.line));
            let (seen, expected) = (seen(&answer, member), sorted(member, expected));
            if seen != expected {
                let Case { line, source, question, .. } = case;
                wrong.push(format!("line {line} ({source}): {question}\n  {member}: {expected} expected, {seen} answered"));
            }
        }
    }

    assert!(wrong.is_empty(), "{} of the cases' members:\n{}", wrong.len(), wrong.join("\n"));
}

/// Source: issue 7, at least 150 cases, each with its seed record or law.
#[test]
fn there_are_enough_cases_and_no_two_ask_the_same() {
    let questions: BTreeSet<(&str, &str)> = cases().iter().map(|case| (case.question, case.answer)).collect();

    assert_eq!(questions.len(), cases().len());
    assert!(cases().len() >= 150, "{}", cases().len());
}

/// Source: `seed/rulebook.json`, member `seed_records`: a record named in a case is that of one of its sides.
#[test]
fn every_record_named_is_one_of_its_sides() {
    let filled: Value = serde_json::from_str(include_str!("../../seed/rulebook.json")).unwrap();
    let entries = filled["jurisdictions"].as_array().unwrap();
    let has = |id: &str, record: u64| {
        let entry = entries.iter().find(|entry| entry["id"] == id);
        entry.is_some_and(|entry| entry["seed_records"].as_array().unwrap().contains(&json!(record)))
    };

    for case in cases() {
        let sides = case.question.split_whitespace().next().unwrap().split_once('>').unwrap();
        for record in case.source.split("004#").skip(1) {
            let digits: String = record.chars().take_while(char::is_ascii_digit).collect();
            let record = digits.parse().unwrap();
            assert!(has(sides.0, record) || has(sides.1, record), "line {}: {} {}", case.line, case.source, case.question);
        }
    }
}

/// A whole answer, all of its members.
#[test]
fn whole_answers_are_as_they_were_looked_at() {
    let filled = Filled::start(Database::sqlite());
    let ask = |question: &str| filled.post("/v1/obligations", &request(question)).json();

    insta::assert_json_snapshot!("whole_ch_de", ask("CH>DE 2025-01-01 100CHF legal"));
    insta::assert_json_snapshot!("whole_us_ca", ask("US>CA 2025-01-01 2900USD linked=4000USD rate=CAD:USD:0.7"));
    insta::assert_json_snapshot!("whole_bm_self_hosted", ask("BM>? 2025-01-01 5000USD self_hosted third_party"));
}
