//! The JSON Schema of policies, for people who write one in an editor. `seed/policy.schema.json` holds the form. This module adds the
//! checks and their codes, because their number grows. `Policy::from_json` refuses more than the schema: codes of another check, lines that
//! repeat, and places and currencies that do not exist.

use serde_json::{Value, json};

use super::{Circumstance, ConditionCode, QuestionMember, StepCode};
use crate::precheck::{CheckCode, CheckName};

/// Returns the schema (JSON Schema 2020-12).
#[must_use]
pub fn schema() -> Value {
    // A test reads the file.
    let mut schema: Value = serde_json::from_str(include_str!("../data/policy.schema.json")).unwrap_or_default();
    let checks: Vec<Value> = CheckName::ALL.iter().map(|check| json!(check)).chain([Value::Null]).collect();
    let codes: Vec<Value> = CheckCode::ALL.iter().map(|code| json!(code)).collect();
    let circumstances: Vec<Value> = Circumstance::ALL.iter().map(|one| json!(one)).collect();
    let conditions: Vec<Value> = ConditionCode::ALL.iter().map(|one| json!(one)).collect();
    let steps: Vec<Value> = StepCode::ALL.iter().map(|one| json!(one)).collect();
    let members: Vec<Value> = QuestionMember::ALL.iter().map(|one| json!(one)).collect();
    for (place, words) in [
        ("check", checks),
        ("codes/items", codes),
        ("when/items", circumstances),
        ("conditions/items/properties/code", conditions),
        ("next_steps/items/properties/code", steps),
        ("conditions/items/properties/asks/items", members.clone()),
        ("next_steps/items/properties/asks/items", members),
    ] {
        if let Some(place) = schema.pointer_mut(&format!("/properties/rules/items/properties/{place}/enum")) {
            *place = Value::Array(words);
        }
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::super::Policy;
    use super::*;

    const EMBEDDED: &str = include_str!("../../../seed/policy.json");

    /// Tells whether a document fits the schema, by an independent validator.
    fn is_of_schema(document: &str) -> bool {
        let mut compiler = boon::Compiler::new();
        compiler.add_resource("policy.json", schema()).unwrap();
        let mut schemas = boon::Schemas::new();
        let index = compiler.compile("policy.json", &mut schemas).unwrap();
        serde_json::from_str(document).is_ok_and(|value: Value| schemas.validate(&value, index).is_ok())
    }

    fn edited(from: &str, to: &str) -> String {
        assert!(EMBEDDED.contains(from), "{from}");
        EMBEDDED.replacen(from, to, 1)
    }

    #[test]
    fn the_policy_that_is_shipped_is_of_the_schema() {
        assert!(is_of_schema(EMBEDDED));
    }

    fn assert_agree(table: &[(String, bool)]) {
        for (document, good) in table {
            let changed = EMBEDDED.lines().zip(document.lines()).find(|(one, other)| one != other);
            assert_eq!((is_of_schema(document), Policy::from_json(document).is_ok()), (*good, *good), "{changed:?}");
        }
    }

    /// The reader and the schema accept the same documents and refuse the same malformed ones.
    #[test]
    fn schema_and_reader_agree() {
        let strength =
            |lines: &str| edited("\"rules\": [", &format!("\"attribution\": {{\"minimum_strength\": {lines}}}, \"rules\": ["));
        let table = [
            (EMBEDDED.to_owned(), true),
            (
                strength(
                    r#"[{"from": null, "strength": "attributed"}, {"from": {"amount": "1000", "currency": "EUR"}, "strength": "proven"}]"#,
                ),
                true,
            ),
            (strength(r#"[{"strength": "attested"}]"#), true),
            (strength("[]"), true),
            (edited("tions\": []", "tions\": [\"RU\", \"AE-VARA\"]"), true),
            (edited("\"unknown_after\": 120", "\"unknown_after\": null"), true),
            (edited("\"about\"", "\"abuot\""), false),
            (edited("\"version\": ", "\"version\": -"), false),
            (edited("\"name\": \"default\"", "\"name\": \"De fault\""), false),
            (edited("licence.withdrawn", "licence.taken"), false),
            (edited("\"check\": \"sanctions\"", "\"check\": \"sanction\""), false),
            (edited("\"consequence\": \"reject\"", "\"consequence\": \"refuse\""), false),
            (edited("\"when\": [\"incoming\"]", "\"when\": [\"coming\"]"), false),
            (edited("\"consequence\": \"reject\"", "\"consequence\": \"note\""), false),
            (edited("\"min_health\": \"degraded\"", "\"min_health\": \"poor\""), false),
            (edited("\"warn_after\": 30", "\"warn_after\": 65536"), false),
            (edited("\"warn_after\": 30", "\"warn_after\": 30.5"), false),
            (edited("\"trp\",", "\"trp\", \"trp\","), false),
            (edited("tions\": []", "tions\": [\"Russia\"]"), false),
            (edited("{\"outcome\": \"warn\"", "{\"check\": \"lei\", \"outcome\": \"warn\""), false),
            (strength(r#"[{"from": {"amount": "1.000,50", "currency": "EUR"}, "strength": "proven"}]"#), false),
            (strength(r#"[{"from": {"amount": "1000"}, "strength": "proven"}]"#), false),
            (strength(r#"[{"from": null, "strength": "strong"}]"#), false),
            (strength(r#"[{"from": null}]"#), false),
            (strength(r#"[{"strength": "proven", "since": null}]"#), false),
        ];
        assert_agree(&table);
    }

    #[test]
    fn schema_and_reader_agree_on_screening_and_relationships() {
        let lines = |of: &str, binding: &str| {
            edited(r#""regimes": []"#, &format!(r#""regimes": [{{"of": {of}, "binding": {binding}, "why": "x"}}]"#))
        };
        assert_agree(&[
            (lines(r#"["US", "CA"]"#, r#"["OWN"]"#), true),
            (lines("[]", r#"["OWN"]"#), false),
            (lines(r#"["Europe"]"#, r#"["OWN"]"#), false),
            (lines(r#"["US"]"#, "[]"), false),
            (lines(r#"["US"]"#, r#"["a list"]"#), false),
            (lines(r#"["US"]"#, r#"["OWN"], "binds": []"#), false),
            (edited(r#""addresses_bind": "everywhere""#, r#""addresses_bind": "where_the_list_binds""#), true),
            (edited(r#""addresses_bind": "everywhere""#, r#""addresses_bind": "nowhere""#), false),
            (edited("/slip44:133", "/erc20:0xdAC17F958D2ee523a2206206994597C13D831ec7"), true),
            (edited("/slip44:133", ""), false),
            (edited("\"anonymity_enhanced\"", "\"privacy\""), false),
            (edited(r#""unknown_after_days": 30"#, r#""unknown_after_days": null"#), true),
            (edited(r#""unknown_after_days": 30"#, r#""unknown_after_days": -1"#), false),
            (edited(r#""sure": 95"#, r#""sure": 101"#), false),
            (edited(r#""possible": 85"#, r#""possible": 79"#), false),
            (edited(r#""possible": 85"#, r#""possible": 85, "likely": 90"#), false),
            (edited(r#""single_control": false"#, r#""single_control": true"#), true),
            (edited(r#""single_control": false"#, r#""single_control": "no""#), false),
            (edited(r#""senior_management_in": ["HK"]"#, r#""senior_management_in": ["HK", "AE-VARA"]"#), true),
            (edited(r#""senior_management_in": ["HK"]"#, r#""senior_management_in": ["Hong Kong"]"#), false),
            (edited(r#""travel_rule": ["risk_rating"]"#, r#""travel_rule": ["questionnaire"]"#), true),
            (edited(r#""travel_rule": ["risk_rating"]"#, r#""travel_rule": ["decision"]"#), false),
            (edited(r#""travel_rule": ["risk_rating"]"#, r#""travel": ["risk_rating"]"#), false),
            (edited(r#""review_within_days": 366"#, r#""review_within_days": 0"#), false),
            (edited(r#""review_within_days": 366"#, r#""review_within_days": 65536"#), false),
            (edited(r#""correspondent_trigger": "undetermined""#, r#""correspondent_trigger": "on_record""#), true),
            (edited(r#""correspondent_trigger": "undetermined""#, r#""correspondent_trigger": "never""#), false),
            (edited(r#""warn_from": 3"#, r#""warn_from": 3.5"#), false),
            (edited(r#""warn_from": 3"#, r#""warn_from": 3, "reject_from": 9"#), false),
        ]);
    }

    #[test]
    fn every_check_and_code_may_stand_in_a_line() {
        let schema = schema();
        let words = |name: &str| {
            schema.pointer(&format!("/properties/rules/items/properties/{name}/enum")).unwrap().as_array().unwrap().len()
        };

        assert_eq!((words("check"), words("codes/items")), (15, CheckCode::ALL.len()));
    }
}
