//! What a compliance officer gets who asks about an address of a known exchange: ten countries, 26 brands, three ways to ask. The table in
//! docs/prechecks.md is this test's.
//!
//! Source: issue 43, "It is done when".

use serde_json::{Value, json};
use vasp_registry::imports::{SeedPolicy, load_seed};

use crate::corridors::{ASKERS, LISTS};
use crate::prechecks::world::{World, all_fields};
use crate::support::Database;

/// The brands' keys in `seed/claims.csv`: the first row of each gives the address.
const BRANDS: [&str; 26] = [
    "binance",
    "coinbase",
    "kraken",
    "okx",
    "bybit",
    "kucoin",
    "gate-io",
    "huobi",
    "bitfinex",
    "bitget",
    "crypto-com",
    "mexc",
    "bitstamp",
    "gemini",
    "bithumb",
    "upbit",
    "bitkub",
    "indodax",
    "coindcx",
    "nexo",
    "deribit",
    "poloniex",
    "bitmex",
    "valr",
    "coincheck",
    "bitpanda",
];

const NOW: &str = "2026-11-26T12:00:00Z";

/// The seed as the demo loads it, and beside its lists the other binding ones, whole, with nobody on them.
fn world() -> World {
    let world = World::start_empty(Database::sqlite(), |settings| {
        settings.body_limit_bytes = std::num::NonZeroU32::new(2 << 20).unwrap();
    });
    world.set_clock(NOW);
    let registry = &world.registry;
    let keys = (registry.registry.store(), &registry.keys);
    load_seed(keys, SeedPolicy::ForDemonstrations, &mut |_, _| (), world.now(), &mut registry.random.fork()).unwrap();
    registry.registry.directory().catch_up().unwrap();
    let of_seed = ["EU-SANCTIONS", "EU-TRANSACTION-BANS"];
    LISTS.iter().filter(|id| !of_seed.contains(id)).for_each(|id| world.import_list(id, "2026-11-25"));
    world
}

/// An address of each brand: network and address.
fn addresses() -> Vec<(String, String)> {
    let claims = include_str!("../../seed/claims.csv");
    let first = |brand: &&str| {
        let cells = |line: &'static str| line.split(',').collect::<Vec<_>>();
        let row = claims.lines().map(cells).find(|row| row.get(2) == Some(brand)).unwrap();
        (row[0].to_owned(), row[1].to_owned())
    };
    BRANDS.iter().map(first).collect()
}

/// What is told beside the address.
#[derive(Clone, Copy, PartialEq)]
enum Told {
    Nothing,
    /// The customer's country, which is the asker's, and that all data are there.
    CountryAndData,
}

fn question(asker: &str, (network, address): &(String, String), told: Told, declared: Option<&Value>) -> Value {
    let mut beneficiary = json!({"network": network, "address": address});
    if told == Told::CountryAndData {
        beneficiary["customer_country"] = json!(asker.split('-').next());
    }
    if let Some(vasp) = declared {
        beneficiary["declared"] = json!({"kind": "vasp", "vasp": vasp});
    }
    let fields = if told == Told::Nothing { Value::Null } else { json!(all_fields()) };
    json!({"direction": "outgoing", "originator": {"jurisdiction": asker}, "beneficiary": beneficiary, "provided_fields": fields,
           "transfer": {"fiat": {"amount": "2000", "currency": "USD"}, "originator_type": "natural", "correspondent": false},
           "record": false})
}

fn ask(world: &World, questions: &[Value]) -> Vec<Value> {
    let answer = world.post("/v1/prechecks/batch", &json!({"prechecks": questions})).answered(200);
    answer["results"].as_array().unwrap().clone()
}

/// The entity that the answer leads to: the one it settled on, or the first of its candidates that may serve the customer.
fn named(answer: &Value) -> Option<Value> {
    let settled = &answer["counterparty"]["id"];
    let candidates = answer["brand"]["candidates"].as_array().into_iter().flatten();
    let serving = candidates.filter(|one| one["serves_customer"] != "no").map(|one| one["id"].clone());
    [settled.clone()].into_iter().chain(serving).find(|id| !id.is_null())
}

fn counts(answers: &[Value]) -> String {
    let count = |word: &str| answers.iter().filter(|answer| answer["recommendation"] == word).count();
    ["proceed", "proceed_with_conditions", "hold", "reject"].map(|word| count(word).to_string()).join(" / ")
}

#[test]
fn the_officers_table() {
    let world = world();
    let addresses = addresses();
    let mut table = String::new();
    for asker in ASKERS {
        let all = |told, declared: &[Option<Value>]| {
            let one = |(index, address)| question(asker, address, told, declared.get(index).and_then(Option::as_ref));
            ask(&world, &addresses.iter().enumerate().map(one).collect::<Vec<_>>())
        };
        let bare = all(Told::Nothing, &[]);
        let told = all(Told::CountryAndData, &[]);
        let declared: Vec<Option<Value>> = told.iter().map(named).collect();
        let entity = all(Told::CountryAndData, &declared);
        table += &format!("| {asker} | {} | {} | {} |\n", counts(&bare), counts(&told), counts(&entity));
        if let Ok(folder) = std::env::var("OFFICER") {
            std::fs::write(format!("{folder}/{asker}.json"), json!([bare, told, entity]).to_string()).unwrap();
        }
    }
    println!("{table}");
}
