//! The duties inside a pre-check are those of `POST /v1/obligations`, and how long the answer may be used follows the next
//! change of a rule. Expected values are read from the published rulebook.

use serde_json::{Value, json};

use super::world::{ALSTER, LATER, UNKNOWN, World, lei};
use crate::support::on_every_database;

fn transfer(date: &str, amount: &str, currency: &str) -> Value {
    json!({"date": date, "fiat": {"amount": amount, "currency": currency}, "correspondent": true})
}

/// The duties by a pre-check, after comparing them with those that are asked for alone.
#[track_caller]
fn duties(world: &World, from: &str, to: &str, transfer: &Value) -> Value {
    let precheck = world.ask_untold(from, json!({"jurisdiction": to}), transfer.clone());
    let alone = json!({"originator": {"jurisdiction": from}, "beneficiary": {"jurisdiction": to}, "transfer": transfer});
    let mut alone = world.post("/v1/obligations", &alone).json();
    for member in ["directory", "rulebook", "valid_until"] {
        assert!(alone.as_object_mut().unwrap().remove(member).is_some(), "{member}");
    }
    assert_eq!(precheck["obligations"], alone);
    precheck["obligations"].clone()
}

const EU_DATA: [&str; 4] = ["beneficiary.dlt_address", "beneficiary.name", "originator.dlt_address", "originator.name"];

/// Source: Resolução BCB 521/2025: at most USD 100,000 in one transfer abroad to a counterparty that is not authorised.
#[on_every_database(World::start)]
fn brazils_cap_holds_above_it_and_is_a_condition_where_the_amount_is_not_told(world: World) {
    let ask = |from: &str, transfer: Value| {
        let mut transfer = transfer;
        transfer["date"] = json!("2026-06-01");
        let answer = world.ask_untold(from, json!({"vasp": lei(ALSTER)}), transfer);
        let check =
            answer["checks"].as_array().unwrap().iter().find(|check| check["check"] == "travel_rule_due_diligence").unwrap();
        let asks = answer["conditions"].as_array().unwrap().iter().any(|condition| condition["code"] == "max_amount");
        (answer["recommendation"].clone(), check["detail"].as_str().unwrap().to_owned(), asks)
    };
    let fiat = |amount: &str, currency: &str| json!({"fiat": {"amount": amount, "currency": currency}});

    let (recommendation, above, asks) = ask("BR", fiat("100000.01", "USD"));
    assert_eq!((recommendation, asks), (json!("hold"), true));
    assert!(
        above.starts_with("The transfer is worth more than allowed. The asker's own rule allows at most 100000 USD"),
        "{above}"
    );
    for untold in [json!({}), fiat("900000", "BRL")] {
        let (_, untold, asks) = ask("BR", untold);
        assert!(asks && untold.contains("The transfer's value in USD is not known (transfer.fiat)."), "{untold}");
    }
    for (from, amount) in [("BR", "100000"), ("DE", "100000.01")] {
        let (_, below, asks) = ask(from, fiat(amount, "USD"));
        assert!(!asks && !below.contains("worth more"), "{from}: {below}");
    }
}

/// What they are is in `tests/fixtures/rules/cases.txt`, which has a line for each of these.
#[on_every_database(World::start)]
fn duties_are_the_same_in_a_precheck_and_asked_for_alone(world: World) {
    for (from, to, day, amounts, currency) in [
        ("DE", "SG", "2024-12-29", &["1000", "1000.01"][..], "EUR"),
        ("DE", "SG", "2024-12-30", &["1000"], "EUR"),
        ("DE", "SG", "2024-12-31", &["1500", "1500.01"], "SGD"),
        ("DE", "US", "2024-12-31", &["2999.99", "3000"], "USD"),
        ("JP", "DE", "2024-12-29", &["1"], "JPY"),
        ("JP", "FR", "2024-12-29", &["1"], "JPY"),
        ("DE", "FR", "2024-12-29", &["1000"], "EUR"),
        ("DE", "KZ", "2024-12-31", &["1"], "EUR"),
    ] {
        for amount in amounts {
            duties(&world, from, to, &transfer(day, amount, currency));
        }
    }
    let inside = duties(&world, "DE", "FR", &transfer("2024-12-30", "1", "EUR"));
    assert_eq!(inside["required_fields"], json!(EU_DATA));
    assert_eq!(inside["originator"]["counterparty_due_diligence"]["correspondent"], "not_applicable");
}

#[on_every_database(World::start)]
fn the_beneficiarys_side_is_the_counterpartys_country(world: World) {
    let duty = transfer("2026-06-01", "10", "EUR");

    let firm = world.ask_untold("DE", json!({"vasp": lei(LATER)}), duty.clone());
    let own = world.post("/v1/prechecks", &json!({"direction": "outgoing", "beneficiary": {"vasp": lei(ALSTER)}}));
    let nobody = world.ask_untold("DE", json!({"address": UNKNOWN, "network": "eip155:1"}), duty.clone());

    assert_eq!(firm["obligations"], duties(&world, "DE", "NL", &duty));
    // Without a jurisdiction the originator is the caller's own VASP, in Germany.
    assert_eq!(own.json()["obligations"]["originator"]["jurisdiction"], "DE");
    assert_eq!(nobody["obligations"]["beneficiary"]["jurisdiction"], Value::Null);
    assert_eq!(nobody["obligations"]["beneficiary"]["status"], "unknown");
}

#[on_every_database(World::start)]
fn what_is_provided_is_not_missing(world: World) {
    let missing = |provided: Value| {
        let request = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"},
                             "beneficiary": {"jurisdiction": "FR"}, "provided_fields": provided});
        let owed = world.post("/v1/prechecks", &request).json()["obligations"].clone();
        (owed["missing_fields"].clone(), owed["missing_one_of"].as_array().unwrap().len())
    };

    assert_eq!(missing(json!([])), (json!(EU_DATA), 1));
    let named = json!(["originator.name", "beneficiary.name", "originator.birth"]);
    assert_eq!(missing(named), (json!(["beneficiary.dlt_address", "originator.dlt_address"]), 0));
}

#[on_every_database(World::start)]
fn an_answer_may_be_used_for_a_minute_or_until_a_rule_or_record_changes(world: World) {
    let until = |beneficiary: Value| world.ask_untold("DE", beneficiary, json!({}))["valid_until"].clone();

    assert_eq!(until(json!({"vasp": lei(ALSTER)})), "2026-06-01T12:01:00Z");
    assert_eq!(until(json!({"address": UNKNOWN, "network": "eip155:1"})), "2026-06-01T12:00:10Z");
    world.set_clock("2024-12-29T23:59:30Z");
    assert_eq!(until(json!({"jurisdiction": "SG"})), "2024-12-30T00:00:00Z");
    world.set_clock("2024-12-30T00:00:00Z");
    assert_eq!(until(json!({"jurisdiction": "SG"})), "2024-12-30T00:01:00Z");
    // The licence begins on 1 July.
    world.set_clock("2026-06-30T23:59:30Z");
    assert_eq!(until(json!({"vasp": lei(LATER)})), "2026-07-01T00:00:00Z");
}

/// What few transfers have reaches the duties of a pre-check too. Source: `DE@2021-10-01` (linked transfers count together), `SG@2020-01-28`;
/// Regulation (EU) 2023/1113 Art. 2(4)(a), 14(5).
#[on_every_database(World::start)]
fn linked_totals_rates_own_behalf_and_own_wallets_reach_the_duties(world: World) {
    let euros = |amount: &str| json!({"amount": amount, "currency": "EUR"});
    let rate = json!([{"from": "EUR", "to": "SGD", "rate": "1.4", "as_of": "2024-12-29", "source": "desk"}]);

    let linked = json!({"date": "2024-12-29", "fiat": euros("600"), "linked_total": euros("1200"), "rates": rate});
    let linked = duties(&world, "DE", "SG", &linked);
    assert_eq!(linked["originator"]["counted"]["basis"], "linked_total");
    assert_eq!(linked["originator"]["above_threshold"], true);
    assert_eq!(linked["beneficiary"]["above_threshold"], true);
    let own = duties(&world, "DE", "SG", &json!({"date": "2025-03-01", "fiat": euros("5000"), "proprietary": true}));
    assert_eq!((&own["originator"]["exemption"], &own["required_fields"]), (&json!("proprietary"), &json!([])));

    let verification = |own_wallet: Value, first_party: Value| {
        let declared = json!({"kind": "self_hosted", "own_wallet": own_wallet});
        let to = json!({"address": UNKNOWN, "network": "eip155:1", "declared": declared});
        let transfer = json!({"date": "2025-03-01", "fiat": euros("5000"), "first_party": first_party});
        world.ask_untold("DE", to, transfer)["obligations"]["originator"]["self_hosted"]["verification"].clone()
    };
    assert_eq!(verification(json!(true), Value::Null), "yes");
    assert_eq!(verification(json!(false), Value::Null), "no");
    assert_eq!(verification(Value::Null, json!(false)), "no");
    assert_eq!(verification(Value::Null, Value::Null), "yes");

    let mut wrong = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "SG"}});
    wrong["transfer"] = json!({"fiat": euros("600"), "linked_total": euros("599")});
    let problem = world.post("/v1/prechecks", &wrong).problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "/transfer/linked_total");
}
