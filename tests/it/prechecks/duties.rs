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
const ACCOUNTS: [&str; 4] = ["beneficiary.account", "beneficiary.name", "originator.account", "originator.name"];
/// Both sets together.
const BOTH: [&str; 6] = [
    "beneficiary.account",
    "beneficiary.dlt_address",
    "beneficiary.name",
    "originator.account",
    "originator.dlt_address",
    "originator.name",
];

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

/// Rulebook: `DE@2021-10-01` asks for the full set above EUR 1,000, `DE@2024-12-30` at any amount; `SG@2020-01-28` asks for
/// its full set above SGD 1,500, for names and accounts below.
#[on_every_database(World::start)]
fn germany_to_singapore_around_the_first_day_of_the_eu_regulation(world: World) {
    let to_singapore = |day: &str, amount: &str, currency: &str| duties(&world, "DE", "SG", &transfer(day, amount, currency));

    let below = to_singapore("2024-12-29", "1000", "EUR");
    assert_eq!(below["originator"]["rule_version"], "DE@2021-10-01");
    assert_eq!(below["originator"]["above_threshold"], false);
    assert_eq!(below["originator"]["one_of"], json!([]));
    assert_eq!(below["required_fields"], json!(ACCOUNTS));
    // The amount in euro cannot be held against Singapore's dollars: counted as above.
    assert_eq!(below["beneficiary"]["above_threshold"], Value::Null);
    let above = to_singapore("2024-12-29", "1000.01", "EUR");
    assert_eq!(above["originator"]["above_threshold"], true);
    let alternatives =
        json!([["originator.address"], ["originator.national_id"], ["originator.customer_id"], ["originator.birth"]]);
    assert_eq!(above["originator"]["one_of"], json!([{"alternatives": alternatives}]));
    for day in ["2024-12-30", "2024-12-31"] {
        for amount in ["0.01", "1000", "1000.01"] {
            let under = to_singapore(day, amount, "EUR");
            assert_eq!(under["originator"]["rule_version"], "DE@2024-12-30");
            assert_eq!((&under["flow"], &under["originator"]["above_threshold"]), (&json!("cross_border"), &json!(true)));
            let mut required = under["originator"]["required_fields"].as_array().unwrap().clone();
            required.sort_by_key(|code| code.as_str().unwrap().to_owned());
            assert_eq!(required, EU_DATA);
            assert_eq!(under["required_fields"], json!(BOTH));
            // Outside the EU: enhanced diligence of a correspondent relationship, which there is.
            assert_eq!(under["originator"]["counterparty_due_diligence"]["correspondent"], "yes");
            assert_eq!(under["originator"]["counterparty_due_diligence"]["travel_rule"], "not_established");
        }
    }
    let at = to_singapore("2024-12-31", "1500", "SGD");
    let over = to_singapore("2024-12-31", "1500.01", "SGD");
    assert_eq!((&at["beneficiary"]["above_threshold"], &over["beneficiary"]["above_threshold"]), (&json!(false), &json!(true)));
    assert_eq!(at["one_of"].as_array().unwrap().len() + 1, over["one_of"].as_array().unwrap().len());
}

/// Rulebook: `US@2013` asks nothing below USD 3,000; 31 CFR 1010.410(f): $3,000 or more, of the recipient's data what is received.
#[on_every_database(World::start)]
fn germany_to_the_united_states_below_at_and_above_their_threshold(world: World) {
    for day in ["2024-12-29", "2024-12-30", "2024-12-31"] {
        let side = |amount: &str| duties(&world, "DE", "US", &transfer(day, amount, "USD"))["beneficiary"].clone();
        let (below, at, above) = (side("2999.99"), side("3000"), side("3000.01"));

        assert_eq!((&below["above_threshold"], &below["required_fields"]), (&json!(false), &json!([])));
        assert_eq!((&at["above_threshold"], &at["threshold"]["equality_certain"]), (&json!(true), &json!(false)));
        assert_eq!(above["above_threshold"], true);
        assert_eq!(above["required_fields"].as_array().unwrap().len(), 6);
        assert_eq!((&above["rule_version"], &above["status"]), (&json!("US@2013"), &json!("in_force")));
        assert_eq!(above["self_hosted"]["verification"], "not_applicable");
    }
}

/// Rulebook: `JP@2024-05-01` has no threshold and counts Germany among the countries it asks towards, France not.
#[on_every_database(World::start)]
fn japan_to_germany_and_to_a_country_that_it_does_not_list(world: World) {
    for (day, version, status) in [("2024-12-29", "DE@2021-10-01", "in_force"), ("2024-12-31", "DE@2024-12-30", "in_force")] {
        let owed = duties(&world, "JP", "DE", &transfer(day, "1", "JPY"));

        assert_eq!(
            (&owed["originator"]["rule_version"], &owed["originator"]["exemption"]),
            (&json!("JP@2024-05-01"), &Value::Null)
        );
        assert_eq!((&owed["beneficiary"]["rule_version"], &owed["beneficiary"]["status"]), (&json!(version), &json!(status)));
        assert_eq!(owed["originator"]["above_threshold"], true);
    }
    let france = duties(&world, "JP", "FR", &transfer("2024-12-29", "1", "JPY"));
    assert_eq!(france["originator"]["exemption"], "counterparty_not_covered");
    assert_eq!((&france["beneficiary"]["status"], &france["required_fields"]), (&json!("adopted_not_in_force"), &json!([])));
}

#[on_every_database(World::start)]
fn inside_the_eu_and_without_a_record_the_duties_are_those_of_the_rulebook(world: World) {
    let inside = duties(&world, "DE", "FR", &transfer("2024-12-30", "1", "EUR"));
    assert_eq!(inside["required_fields"], json!(EU_DATA));
    assert_eq!(inside["originator"]["counterparty_due_diligence"]["correspondent"], "not_applicable");
    assert_eq!(inside["one_of"][0]["from"], json!(["EU-TFR@2024-12-30"]));
    let eve = duties(&world, "DE", "FR", &transfer("2024-12-29", "1000", "EUR"));
    assert_eq!(
        (&eve["flow"], &eve["required_fields"]),
        (&json!("domestic"), &json!(["beneficiary.account", "originator.account"]))
    );
    let unknown = duties(&world, "DE", "KZ", &transfer("2024-12-31", "1", "EUR"));
    assert_eq!((&unknown["beneficiary"]["status"], &unknown["beneficiary"]["rule_version"]), (&json!("unknown"), &Value::Null));
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
    assert_eq!(
        (&nobody["obligations"]["beneficiary"]["jurisdiction"], &nobody["obligations"]["beneficiary"]["status"]),
        (&Value::Null, &json!("unknown"))
    );
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
    // Of an alternative with several items all are needed.
    assert_eq!(missing(json!(["originator.address", "originator.country"])), (json!(EU_DATA), 1));
    let document = ["originator.address", "originator.country", "originator.national_id", "originator.customer_id"];
    assert_eq!(missing(json!(document)).1, 0);
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
    assert_eq!(
        (&linked["originator"]["above_threshold"], &linked["beneficiary"]["above_threshold"]),
        (&json!(true), &json!(true))
    );
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
