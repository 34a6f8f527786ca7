//! What a compliance officer gets who asks about an address of a known exchange: ten countries, 26 brands, three ways to ask. The table in
//! docs/prechecks.md is this test's.

mod walk;

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Value, json};
use vasp_registry::imports::{ImportFormat, SeedPolicy, load_seed};

use crate::corridors::{ASKERS, LISTS};
use crate::prechecks::expect::finding;
use crate::prechecks::world::{World, all_fields};
use crate::support::{Database, turn};

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

/// Noon of the day of the seed's newest document, before which nothing takes it.
pub(crate) const NOW: &str = "2026-11-28T12:00:00Z";

/// Who asks: in a short run, two of the ten.
fn askers() -> Vec<&'static str> {
    let part = turn().map(|turn| usize::try_from(turn % 5).unwrap());
    let is_asked = |(place, _): &(usize, &str)| part.is_none_or(|part| place % 5 == part);
    ASKERS.into_iter().enumerate().filter(is_asked).map(|(_, asker)| asker).collect()
}

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

fn codes<'a>(answer: &'a Value, list: &str) -> BTreeSet<&'a str> {
    answer[list].as_array().unwrap().iter().map(|one| one["code"].as_str().unwrap()).collect()
}

/// Checks that a fact told is not asked for again, and that the answer names only what can be done.
#[track_caller]
fn learns(asker: &str, brand: &str, before: &Value, after: &Value) {
    let asks = |answer: &Value, member: &str| {
        let all = ["next_steps", "conditions"].map(|list| answer[list].as_array().unwrap().clone()).concat();
        answer["brand"]["question"] == format!("beneficiary.{member}")
            || all.iter().any(|one| one["detail"].as_str().unwrap().contains(&format!("`{member}`")))
    };
    assert!(asks(before, "customer_country") && !asks(after, "customer_country"), "{asker} {brand}: {after}");
    let has_data = |answer: &Value| {
        !codes(answer, "conditions").contains("provide_missing_data")
            && !codes(answer, "reasons").contains("transfer.data_untold")
    };
    assert!(has_data(after), "{asker} {brand}: {after}");
    let may_be_named = |one: &&Value| one["serves_customer"] != "no" && !one["id"].is_null();
    let names = after["brand"]["candidates"].as_array().into_iter().flatten().filter(may_be_named).count() > 0;
    assert!(names || !codes(after, "next_steps").contains("name_entity"), "{asker} {brand}: there is nobody to name: {after}");
}

#[test]
fn the_table_of_the_document_is_what_comes_out() {
    let (world, addresses) = (world(), addresses());
    let mut rows = String::new();
    for asker in askers() {
        let all = |told, declared: &[Option<Value>]| {
            let one = |(index, address)| question(asker, address, told, declared.get(index).and_then(Option::as_ref));
            ask(&world, &addresses.iter().enumerate().map(one).collect::<Vec<_>>())
        };
        let bare = all(Told::Nothing, &[]);
        let told = all(Told::CountryAndData, &[]);
        let declared: Vec<Option<Value>> = told.iter().map(named).collect();
        let entity = all(Told::CountryAndData, &declared);
        for (place, brand) in BRANDS.iter().enumerate() {
            learns(asker, brand, &bare[place], &told[place]);
            let has_settled =
                entity[place]["recommendation"] != told[place]["recommendation"] || told[place]["counterparty"] != Value::Null;
            let is_named = declared[place].is_some();
            assert!(has_settled || !is_named || entity[place]["next_steps"] != told[place]["next_steps"], "{asker} {brand}");
        }
        writeln!(rows, "| {asker} | {} | {} | {} |", counts(&bare), counts(&told), counts(&entity)).unwrap();
    }
    let document = include_str!("../../docs/prechecks.md").split_once("<!-- officer -->\n").unwrap().1;
    let document = document.split_once("<!-- end of officer -->").unwrap().0;
    let heading = "| asked from | the address alone | with the customer's country and all data | with the entity named |\n|---|---|---|---|\n";
    let whole = document == format!("{heading}{rows}");
    assert!(whole || turn().is_some() && rows.lines().all(|row| document.contains(row)), "\n{heading}{rows}");
}

/// The names that an answer prints: of parties, brands and candidates.
fn printed(answer: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open = vec![("", answer)];
    while let Some((member, value)) = open.pop() {
        match value {
            Value::Array(all) => open.extend(all.iter().map(|one| (member, one))),
            Value::Object(all) => open.extend(all.iter().map(|(name, one)| (name.as_str(), one))),
            Value::String(text) if member == "legal_name" => drop(found.insert(text.clone())),
            _ => {}
        }
    }
    found.extend(answer["brand"]["name"].as_str().map(str::to_owned));
    found
}

/// Puts one printed name of each brand at a time on a sanctions list: then the answer about that brand must say so. A short run takes every
/// third name.
#[test]
fn every_name_that_an_answer_prints_was_screened() {
    let (world, addresses) = (world(), addresses());
    let ask_all = || {
        let all: Vec<Value> = addresses.iter().map(|one| question("FR", one, Told::CountryAndData, None)).collect();
        ask(&world, &all)
    };
    let names: Vec<Vec<String>> = ask_all().iter().map(|answer| printed(answer).into_iter().collect()).collect();
    let most = names.iter().map(Vec::len).max().unwrap();
    assert!(most > 2 && names.iter().all(|names| !names.is_empty()), "{names:?}");
    let (first, step) = turn().map_or((0, 1), |turn| (usize::try_from(turn % 3).unwrap(), 3));
    for turn in (first..most).step_by(step) {
        let listed = names.iter().filter_map(|names| names.get(turn));
        let entry = |(uid, name): (usize, &String)| json!({"uid": uid.to_string(), "name": name, "aliases": [], "programs": ["TEST"], "addresses": []});
        let entries: Vec<Value> = listed.enumerate().map(entry).collect();
        let list = json!({"id": "FR-GELS", "as_of": "2026-11-25", "source": format!("turn {turn}"), "entries": entries});
        world.import(ImportFormat::SanctionsJson, "list.json", &list.to_string());
        for ((answer, brand), names) in ask_all().iter().zip(BRANDS).zip(&names) {
            let Some(name) = names.get(turn) else { continue };
            let found = finding(answer, "sanctions");
            let is_told = ["name_listed", "possible_match", "provider_banned"].iter().any(|code| found.contains(code));
            // An entity that is not the counterparty is told in a note.
            let noted = answer["notes"].as_array().unwrap().iter().any(|note| note["code"] == "sanctions.other_entity_listed");
            assert!(is_told || noted, "{brand}: {name}: {found}");
        }
    }
}
