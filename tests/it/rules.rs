//! `/v1/jurisdictions`, `/v1/lists` and `/v1/obligations`, by the rulebook and lists that are compiled in.

use serde_json::{Value, json};

use crate::filled::{Filled, fault};
use crate::support::{Database, on_every_database};

#[test]
fn jurisdiction_has_the_rule_of_the_asked_date() {
    let filled = Filled::start(Database::sqlite());
    let version = |path: &str| filled.read(path)["rule"]["version_id"].clone();

    insta::assert_json_snapshot!("jurisdiction", filled.read("/v1/jurisdictions/DE?date=2024-12-30"));
    assert_eq!(version("/v1/jurisdictions/DE"), "DE@2024-12-30");
    assert_eq!(version("/v1/jurisdictions/DE?date=2024-12-29"), "DE@2021-10-01");
    assert_eq!(version("/v1/jurisdictions/DE?date=2021-09-30"), Value::Null);
    assert_eq!(version("/v1/jurisdictions/ae-vara"), "AE-VARA@2023-02-07");
    assert_eq!(version("/v1/jurisdictions/uae"), "AE@2025-12-14");
    assert_eq!(filled.read("/v1/jurisdictions/DE?date=2024-12-29")["next_change"], "2024-12-30");
    // Source: Regulation (EU) 2024/1624 Art. 90: what applies from 10 July 2027 is announced before.
    let german = filled.read("/v1/jurisdictions/DE?date=2026-11-22");
    assert_eq!((&german["next_change"], &german["versions"][2]["version_id"]), (&json!("2027-07-10"), &json!("DE@2027-07-10")));
    let brazil = filled.read("/v1/jurisdictions/BR?date=2026-03-01")["rule"]["max_amount"].clone();
    assert_eq!((&brazil["amount"], &brazil["currency"]), (&json!("100000"), &json!("USD")));
    let versions = filled.read("/v1/jurisdictions/GB")["versions"].clone();
    assert_eq!(versions[1]["effective_from"], "2026-06-30");
}

#[test]
fn answer_about_today_holds_until_the_rule_changes() {
    let filled = Filled::start(Database::sqlite());
    filled.registry.clock.set("2026-06-29T23:59:50Z".parse().unwrap());

    assert_eq!(filled.read("/v1/jurisdictions/GB")["valid_until"], "2026-06-30T00:00:00Z");
    assert_eq!(filled.read("/v1/jurisdictions/GB?date=2026-06-29")["valid_until"], "2026-06-30T00:00:50Z");
    assert_eq!(filled.read("/v1/jurisdictions/DE")["valid_until"], "2026-06-30T00:00:50Z");
}

#[test]
fn unknown_jurisdiction_is_not_found_with_what_would_be_right() {
    let filled = Filled::start(Database::sqlite());

    for (id, right) in [("KZ", "KZ-AIFC"), ("XX", "AE-VARA"), ("AE-NOPE", "AE-VARA"), ("AQ", "/v1/jurisdictions")] {
        let problem = filled.get(&format!("/v1/jurisdictions/{id}")).problem(404, "not_found");
        assert!(problem["detail"].as_str().unwrap().contains(right), "{problem}");
    }
    fault(&filled.get("/v1/jurisdictions/DE?date=30.12.2024"), "invalid_request", "?date");
    fault(&filled.get("/v1/jurisdictions/DE?day=2024-12-30"), "invalid_request", "?day");
}

#[test]
fn walk_sees_every_jurisdiction_once() {
    let filled = Filled::start(Database::sqlite());
    let ids = |items: &[Value]| items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>();

    let all = filled.walk("/v1/jurisdictions", 1_000);

    // Source: `seed/rulebook.json`, 99 entries.
    assert_eq!(all.len(), 99);
    let standard = all.iter().find(|item| item["id"] == "FATF").unwrap();
    assert_eq!((&standard["kind"], &standard["status"]), (&json!("standard"), &json!("adopted_not_in_force")));
    assert_eq!(ids(&filled.walk("/v1/jurisdictions", 7)), ids(&all));
    let china = all.iter().find(|item| item["id"] == "CN").unwrap();
    assert_eq!((&china["status"], &china["rule_version"]), (&json!("banned"), &json!("CN@2021-09-24")));
    fault(&filled.get("/v1/jurisdictions?cursor=x"), "invalid_request", "?cursor");
}

#[on_every_database(Filled::start)]
fn lists_have_the_members_of_the_asked_date(filled: Filled) {
    let read = |path: &str| filled.read(&format!("/v1/lists/{path}"));
    let has = |path: &str, member: &str| read(path)["members"].as_array().unwrap().contains(&json!(member));

    assert_eq!(
        read("FATF-BLACK"),
        json!({"list": "FATF-BLACK", "date": "2026-06-01", "known_through": "2026-06-19", "after_known_through": false, "members": ["IR", "KP", "MM"]})
    );
    // Source: FATF plenaries of February and June 2025: 25 and 24 jurisdictions; Croatia left with the second.
    assert_eq!(read("FATF-GREY?date=2025-03-01")["members"].as_array().unwrap().len(), 25);
    assert_eq!(read("FATF-GREY?date=2025-06-13")["members"].as_array().unwrap().len(), 24);
    assert!(has("FATF-GREY?date=2025-06-12", "HR") && !has("FATF-GREY?date=2025-06-13", "HR"));
    // Source: Delegated Regulation (EU) 2026/46: Burkina Faso, Mali, … leave, Russia comes with 2026/83.
    assert!(has("EU-HRTC?date=2026-01-28", "ML") && !has("EU-HRTC?date=2026-01-29", "ML"));
    assert!(has("EU-HRTC?date=2026-01-29", "RU"));
    let problem = filled.get("/v1/lists/FATF").problem(404, "not_found");
    assert!(problem["detail"].as_str().unwrap().contains("FATF-GREY"), "{problem}");
    fault(&filled.get("/v1/lists/FATF-GREY?date=2025"), "invalid_request", "?date");
    let tag = filled.get("/v1/lists/FATF-GREY").header("etag").to_owned();
    assert_eq!(filled.get_with("/v1/lists/FATF-GREY", &[("if-none-match", &tag)]).status.as_u16(), 304);
}

#[on_every_database(Filled::start)]
fn sources_say_up_to_when_they_are_known_each_list_for_itself(filled: Filled) {
    let all = filled.read("/v1/sources")["items"].clone();
    let source = |id: &str| all.as_array().unwrap().iter().find(|source| source["id"] == id).unwrap().clone();
    let age = |id: &str| ["known_through", "age_days", "limit_days"].map(|member| source(id)[member].clone());

    // The file with the lists was made on 20 November 2026: that makes none of them younger. It is 1 June 2026.
    assert_eq!(age("FATF-GREY"), [json!("2026-06-19"), json!(0), json!(135)]);
    assert_eq!(age("EU-HRTC"), [json!("2026-01-29"), json!(123), json!(120)]);
    assert_eq!(age("rulebook"), [json!("2026-11-26"), json!(0), json!(400)]);
    filled.registry.client.get("/v1/sources").problem(401, "unauthenticated");
}

/// A transfer of 1,500 US dollars.
fn transfer(from: &str, to: &str, date: &str) -> Value {
    json!({
        "originator": {"jurisdiction": from},
        "beneficiary": {"jurisdiction": to},
        "transfer": {"fiat": {"amount": "1500.00", "currency": "USD"}, "date": date},
    })
}

impl Filled {
    #[track_caller]
    fn owed(&self, request: &Value) -> Value {
        self.post("/v1/obligations", request).answered(200)
    }
}

/// Source: Regulation (EU) 2023/1113 Art. 40: it applies from 30 December 2024.
#[on_every_database(Filled::start)]
fn european_rule_applies_from_its_day(filled: Filled) {
    let on = |date: &str| filled.owed(&transfer("FR", "US", date));

    assert_eq!(on("2024-12-29")["originator"]["status"], "adopted_not_in_force");
    assert_eq!(on("2024-12-30")["originator"]["status"], "in_force");
    insta::assert_json_snapshot!("obligations", on("2024-12-31"));
}

#[test]
fn what_is_provided_is_not_missing() {
    let filled = Filled::start(Database::sqlite());
    let mut request = transfer("FR", "IT", "2025-03-01");
    request["provided_fields"] = json!(["originator.name", "originator.dlt_address", "beneficiary.name", "originator.birth"]);

    let answer = filled.owed(&request);

    assert_eq!((&answer["missing_fields"], &answer["missing_one_of"]), (&json!(["beneficiary.dlt_address"]), &json!([])));
    assert_eq!(answer["flow"], "cross_border");
    request["provided_fields"] = json!(["originator.name", "originator.nickname"]);
    let detail = fault(&filled.post("/v1/obligations", &request), "invalid_request", "/provided_fields/1");
    assert!(detail.contains("originator.name"), "{detail}");
}

#[test]
fn whether_there_is_a_correspondent_relationship_counts() {
    let filled = Filled::start(Database::sqlite());
    let mut request = transfer("FR", "US", "2025-03-01");
    let duty = |correspondent: Value| {
        request["transfer"]["correspondent"] = correspondent;
        filled.owed(&request)["originator"]["counterparty_due_diligence"]["correspondent"].clone()
    };

    assert_eq!([json!(true), json!(false), Value::Null].map(duty), ["yes", "not_applicable", "unknown"]);
}

/// A currency is written in either case.
#[test]
fn side_without_an_entry_is_unknown_and_an_id_means_exactly_its_entry() {
    let filled = Filled::start(Database::sqlite());

    let answer = filled.owed(&transfer("KZ", "AE-VARA", "2025-03-01"));
    assert_eq!((&answer["originator"]["status"], &answer["originator"]["rule_version"]), (&json!("unknown"), &Value::Null));
    assert_eq!(answer["beneficiary"]["rule_version"], "AE-VARA@2023-02-07");

    let transfer = json!({"counterparty": "self_hosted", "date": "2025-03-01", "fiat": {"amount": "1000.01", "currency": "eur"}});
    let answer = filled.owed(&json!({"originator": {"jurisdiction": "DE"}, "transfer": transfer}));
    assert_eq!(answer["beneficiary"]["jurisdiction"], Value::Null);
    assert_eq!(answer["originator"]["self_hosted"]["verification"], "yes");
}

#[test]
fn date_is_today_where_none_is_given() {
    let filled = Filled::start(Database::sqlite());
    let request = json!({"originator": {"jurisdiction": "GB"}, "beneficiary": {"jurisdiction": "DE"}});

    let answer = filled.owed(&request);
    assert_eq!(answer["originator"]["rule_version"], "GB@2023-09-01");
    assert_eq!(answer["valid_until"], "2026-06-01T12:01:00Z");

    filled.registry.clock.set("2026-06-29T23:59:50Z".parse().unwrap());
    assert_eq!(filled.owed(&request)["valid_until"], "2026-06-30T00:00:00Z");
    filled.registry.clock.set("2026-06-30T00:00:00Z".parse().unwrap());
    assert_eq!(filled.owed(&request)["originator"]["rule_version"], "GB@2026-06-30");
}

#[test]
fn faults_in_a_request_are_named() {
    let filled = Filled::start(Database::sqlite());
    let ask = |change: &dyn Fn(&mut Value)| {
        let mut request = transfer("DE", "US", "2025-03-01");
        change(&mut request);
        filled.post("/v1/obligations", &request)
    };
    let invalid = |pointer: &str, change: &dyn Fn(&mut Value)| fault(&ask(change), "invalid_request", pointer);

    let detail = invalid("/originator/jurisdiction", &|r| r["originator"]["jurisdiction"] = json!("AE-NOPE"));
    assert!(detail.contains("AE-VARA"), "{detail}");
    invalid("/beneficiary/jurisdiction", &|r| r["beneficiary"]["jurisdiction"] = json!("Germany!"));
    invalid("/beneficiary/vasp", &|r| r["beneficiary"]["vasp"] = json!("x"));
    invalid("/transfer/date", &|r| r["transfer"]["date"] = json!("2025-02-30"));
    invalid("/transfer/fiat/amount", &|r| r["transfer"]["fiat"]["amount"] = json!("1,500"));
    invalid("/transfer/fiat/currency", &|r| r["transfer"]["fiat"]["currency"] = json!("BTC"));
    invalid("/transfer/asset", &|r| r["transfer"]["asset"] = json!("bitcoin"));
    invalid("/transfer/amount", &|r| r["transfer"]["amount"] = json!(1));
    invalid("/transfer/counterparty", &|r| r["transfer"]["counterparty"] = json!("bank"));
    invalid("/transfer/travel", &|r| r["transfer"]["travel"] = json!(1));
    invalid("/originator", &|r| *r = json!({}));
    let accepted = ask(&|r| {
        r["transfer"]["asset"] = json!("eip155:1/slip44:60");
        r["transfer"]["amount"] = json!("0.5");
        r["transfer"]["first_party"] = json!(true);
        r["transfer"]["proprietary"] = json!(false);
        r["transfer"]["linked_total"] = Value::Null;
    });
    assert_eq!(accepted.status.as_u16(), 200, "{accepted:?}");
}
