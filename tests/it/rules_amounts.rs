//! Amounts that count against thresholds: linked totals, rates that a caller gives, and imported reference rates.

use serde_json::{Value, json};
use vasp_ingest::ecb_rates;
use vasp_registry::imported::ImportReport;
use vasp_registry::imports::{DocumentKind, Moment, RegisterOptions, import_document};
use vasp_store::WriteMode;

use crate::filled::{Filled, fault};
use crate::support::{Database, on_every_database};

const RATES: &[u8] = include_bytes!("../fixtures/ecb/eurofxref-hist.csv");

/// From Britain, whose threshold is 1,000 euros or more, abroad.
fn british(transfer: Value) -> Value {
    json!({"originator": {"jurisdiction": "GB"}, "beneficiary": {"jurisdiction": "US"}, "transfer": transfer})
}

fn dollars(amount: &str, date: &str) -> Value {
    british(json!({"fiat": {"amount": amount, "currency": "USD"}, "date": date}))
}

fn owed(filled: &Filled, request: &Value) -> Value {
    filled.post("/v1/obligations", request).answered(200)
}

fn import_rates(filled: &Filled, bytes: &[u8]) -> ImportReport {
    let (rates, _) = ecb_rates::parse(bytes, "eurofxref-hist.csv").unwrap();
    let text = serde_json::to_string(&rates).unwrap();
    let (store, mut rng) = (filled.registry.registry.store(), filled.registry.random.fork());
    let options = RegisterOptions { mode: WriteMode::Keep, accept_shrink: false, not_before: None };
    let now = "2026-06-01T12:00:00Z".parse().unwrap();
    let report = import_document(
        store,
        DocumentKind::ReferenceRates,
        &text,
        "eurofxref-hist.csv",
        None,
        options,
        Moment { now, rng: &mut rng },
    );
    filled.registry.registry.directory().catch_up().unwrap();
    report.unwrap()
}

#[on_every_database(Filled::start)]
fn imported_rates_compare_other_currencies_on_their_days(filled: Filled) {
    let above = |amount: &str, date: &str| owed(&filled, &dollars(amount, date))["originator"]["above_threshold"].clone();

    assert_eq!(above("1038.90", "2024-12-31"), Value::Null);
    assert_eq!(import_rates(&filled, RATES).log_changes, 1);
    assert_eq!(import_rates(&filled, RATES).log_changes, 0);

    // One euro was 1.0389 dollars on 31 December, 1.0444 on the 30th, by the file.
    assert_eq!((above("1038.89", "2024-12-31"), above("1038.90", "2024-12-31")), (json!(false), json!(true)));
    assert_eq!((above("1044.39", "2024-12-30"), above("1044.40", "2024-12-30")), (json!(false), json!(true)));
    // Sunday the 29th: Friday's 1.0435 counts.
    assert_eq!((above("1043.49", "2024-12-29"), above("1043.50", "2024-12-29")), (json!(false), json!(true)));
    // Nothing before the first day; after the last its rate counts on, and the answer names its day.
    assert_eq!((above("5000", "2024-12-19"), above("5000", "2025-01-09")), (Value::Null, json!(true)));
    let late = owed(&filled, &dollars("5000", "2026-05-01"))["originator"].clone();
    assert_eq!((&late["above_threshold"], &late["counted"]["rates"][0]["as_of"]), (&json!(true), &json!("2025-01-02")));

    let side = owed(&filled, &dollars("1500.00", "2024-12-31"))["originator"].clone();
    let rate = json!({"from": "EUR", "to": "USD", "rate": "1.0389", "as_of": "2024-12-31",
                      "source": "European Central Bank, euro foreign exchange reference rates"});
    assert_eq!(side["counted"], json!({"basis": "transfer", "amount": "1500.00", "currency": "USD", "rates": [rate]}));
    assert_eq!(side["undetermined"], Value::Null);
}

/// Source: `seed/eurofxref-hist.csv`: on 13 April 2026 a euro was 1.1684 dollars and 0.87058 pounds, on 30 December 2024 1.0444 dollars.
#[test]
fn the_rates_of_the_seed_decide_thresholds_in_other_currencies() {
    let filled = Filled::start(Database::sqlite());
    import_rates(&filled, include_bytes!("../../seed/eurofxref-hist.csv"));
    let wallet = |amount: &str, currency: &str, date: &str| {
        let transfer = json!({"fiat": {"amount": amount, "currency": currency}, "date": date, "counterparty": "self_hosted"});
        owed(&filled, &json!({"originator": {"jurisdiction": "DE"}, "transfer": transfer}))["originator"]["self_hosted"].clone()
    };

    assert_eq!(wallet("1168.40", "USD", "2026-11-22")["verification"], "no");
    assert_eq!(wallet("1168.41", "USD", "2026-11-22")["verification"], "yes");
    assert_eq!(wallet("870.59", "GBP", "2026-04-13")["verification"], "yes");
    assert_eq!(wallet("1044.40", "USD", "2024-12-30")["verification"], "no");
    assert_eq!(wallet("5000", "AED", "2026-11-22")["undetermined"]["reason"], "no_rate");
}

#[test]
fn two_currencies_of_the_reference_meet_in_its_base() {
    let filled = Filled::start(Database::sqlite());
    import_rates(&filled, RATES);
    let request = |amount: &str| {
        json!({"originator": {"jurisdiction": "SG"}, "beneficiary": {"jurisdiction": "US"},
               "transfer": {"fiat": {"amount": amount, "currency": "CHF"}, "date": "2024-12-31"}})
    };

    // 1,500 Singapore dollars at 1.4164 a euro, francs at 0.9412: 996.7523… francs.
    assert_eq!(owed(&filled, &request("996.75"))["originator"]["above_threshold"], false);
    let above = owed(&filled, &request("996.76"));
    assert_eq!(above["originator"]["above_threshold"], true);
    let used = above["originator"]["counted"]["rates"].as_array().unwrap().iter().map(|rate| rate["to"].clone());
    assert_eq!(used.collect::<Vec<_>>(), ["CHF", "SGD"]);
}

#[test]
fn a_given_rate_comes_before_the_reference() {
    let filled = Filled::start(Database::sqlite());
    import_rates(&filled, RATES);
    let mut request = dollars("1038.90", "2024-12-31");
    assert_eq!(owed(&filled, &request)["originator"]["above_threshold"], true);

    request["transfer"]["rates"] =
        json!([{"from": "USD", "to": "EUR", "rate": "0.9", "as_of": "2024-12-31", "source": " treasury desk "}]);

    let side = owed(&filled, &request)["originator"].clone();
    assert_eq!(side["above_threshold"], false);
    assert_eq!(side["counted"]["rates"][0]["source"], "treasury desk");
}

#[test]
fn a_shorter_history_is_refused_unless_it_is_meant() {
    let filled = Filled::start(Database::sqlite());
    import_rates(&filled, RATES);
    let short: Vec<&[u8]> = RATES.split_inclusive(|byte| *byte == b'\n').take(4).collect();
    let (rates, _) = ecb_rates::parse(&short.concat(), "short.csv").unwrap();
    let text = serde_json::to_string(&rates).unwrap();
    let (store, mut rng) = (filled.registry.registry.store(), filled.registry.random.fork());
    let options = RegisterOptions { mode: WriteMode::Keep, accept_shrink: false, not_before: None };
    let now = "2026-06-01T12:00:00Z".parse().unwrap();

    let refused =
        import_document(store, DocumentKind::ReferenceRates, &text, "short.csv", None, options, Moment { now, rng: &mut rng });

    assert!(refused.unwrap_err().to_string().contains("it has 3 days, but the newest stored version"));
}

#[test]
fn rates_and_totals_that_cannot_be_are_refused_by_place() {
    let filled = Filled::start(Database::sqlite());
    let rate = |change: &dyn Fn(&mut Value)| {
        let mut rate = json!({"from": "USD", "to": "EUR", "rate": "0.9", "as_of": "2024-12-31", "source": "desk"});
        change(&mut rate);
        let mut request = dollars("1000", "2024-12-31");
        request["transfer"]["rates"] = json!([rate]);
        filled.post("/v1/obligations", &request)
    };
    let wrong =
        |place: &str, change: &dyn Fn(&mut Value)| fault(&rate(change), "invalid_request", &format!("/transfer/rates/0{place}"));

    assert_eq!(rate(&|_| ()).status.as_u16(), 200);
    wrong("/from", &|rate| rate["from"] = json!("BTC"));
    wrong("/rate", &|rate| rate["rate"] = json!(0.9));
    wrong("/rate", &|rate| rate["rate"] = json!("-1"));
    assert!(wrong("", &|rate| rate["rate"] = json!("0")).contains("more than zero"));
    assert!(wrong("", &|rate| rate["to"] = json!("USD")).contains("two different currencies"));
    assert!(wrong("", &|rate| rate["as_of"] = json!("2025-01-01")).contains("after the day of the transfer"));
    assert!(wrong("", &|rate| rate["as_of"] = json!("2024-12-23")).contains("more than 7 days before"));
    assert!(wrong("", &|rate| rate["source"] = json!("")).contains("source"));
    wrong("/fee", &|rate| rate["fee"] = json!("1"));

    let mut request = dollars("1000", "2024-12-31");
    request["transfer"]["rates"] =
        json!(vec![json!({"from": "USD", "to": "EUR", "rate": "0.9", "as_of": "2024-12-31", "source": "d"}); 2]);
    assert!(
        fault(&filled.post("/v1/obligations", &request), "invalid_request", "/transfer/rates/1")
            .contains("there is already a rate")
    );
    let mut request = dollars("1000", "2024-12-31");
    request["transfer"]["linked_total"] = json!({"amount": "999.99", "currency": "USD"});
    let detail = fault(&filled.post("/v1/obligations", &request), "invalid_request", "/transfer/linked_total");
    assert!(detail.contains("at least 1000 USD"), "{detail}");
    let mut request = dollars("1000", "2024-12-31");
    request["transfer"]["own_wallet"] = json!(true);
    fault(&filled.post("/v1/obligations", &request), "invalid_request", "/transfer/own_wallet");
}

/// Source: Regulation (EU) 2023/1113 Art. 14(5): the originator's own; whose it is, `first_party` says too.
#[test]
fn a_first_party_s_self_hosted_address_is_its_own() {
    let filled = Filled::start(Database::sqlite());
    let verification = |first_party: Value| {
        let transfer = json!({"fiat": {"amount": "5000", "currency": "EUR"}, "date": "2025-03-01", "counterparty": "self_hosted",
                              "first_party": first_party});
        let owed = owed(&filled, &json!({"originator": {"jurisdiction": "DE"}, "transfer": transfer}));
        owed["originator"]["self_hosted"]["verification"].clone()
    };

    assert_eq!([json!(true), json!(false), Value::Null].map(verification), ["yes", "no", "yes"]);
}
