//! The answer by country: which entity of a brand serves the customers of a country, for the 50 largest exchanges of a public ranking in ten
//! countries, and for 300 labels drawn from the seed. The table of docs/brands-by-country.md and the file beside it are this test's.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};

use super::reach::seeded;
use crate::prechecks::world::World;
use crate::support::Answer;

const CLAIMS: &str = include_str!("../../../seed/claims.csv");
const LINKS: &str = include_str!("../../../seed/brands/links.csv");

/// The first 50 of CoinMarketCap's ranking of spot exchanges, as kept by github iiemos/coin-gps @ 1e305011fd63 (data/chain/exchange.ts): name and
/// key in labels.
const EXCHANGES: [(&str, &str); 50] = [
    ("Binance", "binance"),
    ("Coinbase Exchange", "coinbase"),
    ("Kraken", "kraken"),
    ("KuCoin", "kucoin"),
    ("Bitfinex", "bitfinex"),
    ("Bitstamp", "bitstamp"),
    ("Bybit", "bybit"),
    ("OKX", "okx"),
    ("Gate.io", "gate-io"),
    ("Binance.US", "binance-us"),
    ("Gemini", "gemini"),
    ("Bithumb", "bithumb"),
    ("bitFlyer", "bitflyer"),
    ("LBank", "lbank"),
    ("Crypto.com Exchange", "crypto-com"),
    ("Huobi", "huobi"),
    ("Bitget", "bitget"),
    ("BKEX", "bkex"),
    ("MEXC", "mexc"),
    ("Coincheck", "coincheck"),
    ("Upbit", "upbit"),
    ("BitMart", "bitmart"),
    ("Biconomy Exchange", "biconomy"),
    ("Bitrue", "bitrue"),
    ("CoinW", "coinw"),
    ("ProBit Global", "probit"),
    ("Korbit", "korbit"),
    ("Zaif", "zaif"),
    ("Binance TR", "binance-tr"),
    ("BitForex", "bitforex"),
    ("Hotcoin Global", "hotcoin"),
    ("BTCEX", "btcex"),
    ("Cointr Pro", "cointr"),
    ("WhiteBIT", "whitebit"),
    ("Coinone", "coinone"),
    ("P2B", "p2b"),
    ("Deepcoin", "deepcoin"),
    ("Bittrex", "bittrex"),
    ("Poloniex", "poloniex"),
    ("BitMEX", "bitmex"),
    ("Coinsbit", "coinsbit"),
    ("Pionex", "pionex"),
    ("BtcTurk | Pro", "btcturk"),
    ("Bitvavo", "bitvavo"),
    ("Coinstore", "coinstore"),
    ("Azbit", "azbit"),
    ("Phemex", "phemex"),
    ("Tapbit", "tapbit"),
    ("Toobit", "toobit"),
    ("BingX", "bingx"),
];

const COUNTRIES: [&str; 10] = ["US", "GB", "SG", "HK", "JP", "KR", "AU", "AE", "CA", "DE"];

fn get(world: &World, path: &str) -> Answer {
    world.get_as(&world.key, path)
}

fn in_country(world: &World, key: &str, country: &str) -> Value {
    let answer = get(world, &format!("/v1/brands/{key}?country={country}")).answered(200);
    answer["in_country"].clone()
}

fn texts<'a>(list: &'a Value, member: &str) -> Vec<&'a str> {
    list.as_array().unwrap().iter().map(|one| one[member].as_str().unwrap()).collect()
}

/// The registers that would show an entity: those from which absence means nothing yet.
fn showing(cell: &Value) -> Vec<&str> {
    let open = cell["registers"].as_array().unwrap().iter().filter(|one| one["absence_counts"] == false);
    open.map(|one| one["authority"].as_str().unwrap()).collect()
}

/// What a cell of the table says, and what it names.
fn shown(cell: &Value) -> (&'static str, String) {
    match cell["result"].as_str().unwrap() {
        "match" => ("this entity", texts(&cell["entities"], "legal_name").join("; ")),
        "close" => {
            let names: BTreeSet<&str> = texts(&cell["entities"], "legal_name").into_iter().collect();
            ("one of these", names.into_iter().collect::<Vec<_>>().join("; "))
        }
        "no" => {
            let whole = cell["registers"].as_array().unwrap().iter().filter(|one| one["absence_counts"] == true);
            let ids: Vec<&str> = whole.map(|one| one["authority"].as_str().unwrap()).collect();
            ("none registered", if cell["country"] == "DE" { "MiCA register".to_owned() } else { ids.join(", ") })
        }
        "not_possible" => {
            let showing = showing(cell).join(", ");
            // A whole register has a row of an entity that serves nobody there now, or one with a similar name, which nobody has linked to the
            // brand or ruled out.
            let is_held = cell["registers"].as_array().unwrap().iter().any(|one| one["absence_counts"] == true);
            let similar = "the brand's row, or one like it, in a register".to_owned();
            let which = if is_held && showing.is_empty() { similar } else { showing };
            let ended = cell["says"].as_str().unwrap().split_once(" Served them before: ").map(|(_, rest)| rest);
            let ended = ended.and_then(|rest| rest.split(" Read whole").next()).map(|names| names.trim_end_matches('.'));
            let ended = ended.map(|names| format!("{names}; ")).unwrap_or_default();
            ("not known", format!("{ended}{which}"))
        }
        other => panic!("{other}: {cell}"),
    }
}

/// Links of the seed that name an entity for the customers of a country today.
fn linked(country: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in csv::Reader::from_reader(LINKS.as_bytes()).deserialize::<BTreeMap<String, String>>().map(Result::unwrap) {
        let is_over = !row["until"].is_empty() && row["until"].as_str() <= "2026-11-24";
        if row["countries"].split('|').any(|one| one == country) && !is_over && row["role"] != "former_operator" {
            for key in row["keys"].split('|') {
                found.entry(key.to_owned()).or_default().insert(row["entity"].clone());
            }
        }
    }
    found
}

/// Each of the 500 cells is one of four answers, and the table is a page of the documentation.
#[test]
fn the_table_of_50_exchanges_in_ten_countries_is_what_comes_out() {
    let (world, _) = seeded();
    let (mut cells, mut counts) = (csv::Writer::from_writer(vec![]), String::new());
    cells.write_record(["country", "exchange", "answer", "which"]).unwrap();
    let (mut ended, mut all) = (0, 0);
    writeln!(counts, "| country | this entity | one of these | none registered | not known |\n|---|---|---|---|---|").unwrap();
    for country in COUNTRIES {
        let mut of: BTreeMap<&str, usize> = BTreeMap::new();
        let links = linked(country);
        for (name, key) in EXCHANGES {
            let cell = in_country(&world, key, country);
            let (answer, which) = shown(&cell);
            assert!(!which.is_empty(), "{name} {country}: {cell}");
            let is_named =
                |entity: &String| texts(&cell["entities"], "legal_name").iter().any(|one| one.eq_ignore_ascii_case(entity));
            for entity in links.get(key).into_iter().flatten() {
                let entity = SAME.iter().find(|(one, _)| one == entity).map_or(entity.clone(), |(_, other)| (*other).to_owned());
                assert!(is_named(&entity), "{name} {country}: {entity} is not in {cell}");
            }
            *of.entry(answer).or_default() += 1;
            cells.write_record([country, &name.replace(" | ", " "), answer, &which]).unwrap();
        }
        let count = |word: &str| of.get(word).copied().unwrap_or(0);
        let words = ["this entity", "one of these", "none registered", "not known"].map(count);
        writeln!(counts, "| {country} | {} | {} | {} | {} |", words[0], words[1], words[2], words[3]).unwrap();
        let done = 50 - words[3];
        println!("{country}: {words:?}");
        // Japan's register has a row like Kraken's Bit Trade, and Coinbase's firm, which has served nobody there since 17 February 2023.
        if ["DE", "JP", "HK", "KR"].contains(&country) {
            assert!(done * 100 >= 95 * 50, "{country}: {words:?}");
        }
        (ended, all) = (ended + done, all + 50);
    }
    println!("{ended} of {all} cells end in entities or a proven none");
    assert!(ended * 100 >= 44 * all, "{ended} of {all}");
    let [page, file] =
        ["md", "csv"].map(|ending| Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/brands-by-country.{ending}")));
    let text = std::fs::read_to_string(&page).unwrap();
    let (head, rest) = text.split_once("<!-- by country -->\n").unwrap();
    let (_, tail) = rest.split_once("<!-- end of by country -->").unwrap();
    let right = format!("{head}<!-- by country -->\n{counts}<!-- end of by country -->{tail}");
    let cells = String::from_utf8(cells.into_inner().unwrap()).unwrap();
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&page, &right).unwrap();
        std::fs::write(&file, &cells).unwrap();
    }
    let is_shown = text == right && std::fs::read_to_string(file).unwrap() == cells;
    assert!(is_shown, "run this test with UPDATE_DOCS=1");
}

/// Rows of `claims.csv`, in an order that depends on nothing but their text.
fn drawn(count: usize) -> Vec<(String, String)> {
    let mut rows: Vec<&str> = CLAIMS.lines().skip(1).filter(|row| !row.contains("bitmex")).collect();
    rows.sort_by_key(|row| digest(&SHA256, row.as_bytes()).as_ref().to_vec());
    let cells = |row: &str| row.split(',').map(str::to_owned).collect::<Vec<_>>();
    rows.into_iter().take(count).map(cells).map(|row| (row[0].clone(), row[1].clone())).collect()
}

/// Firms whose links have the name in English and whose register has it in another script.
///
/// Source: the register of the Korea Financial Intelligence Unit of 21 August 2026, whose row names Upbit's operator.
const SAME: [(&str, &str); 1] = [("Dunamu Inc.", "두나무 주식회사")];

/// What is known of a name behind which no firm serves anybody, in no country.
const NO_FIRM: [&str; 7] = [
    "identity.darknet",
    "identity.defunct",
    "identity.estate",
    "identity.mixer",
    "identity.not_a_vasp",
    "identity.scam",
    "identity.seized",
];

/// What a pre-check says of 300 labels drawn at random, with the customer's country.
#[test]
fn labels_lead_to_an_entity_or_to_a_proven_none() {
    let ((world, _), labels) = (seeded(), drawn(300));
    for (country, least) in [("DE", 90), ("HK", 90), ("JP", 90), ("KR", 90), ("US", 12), ("GB", 6)] {
        let question = |(network, address): &(String, String)| {
            json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "record": false,
                   "beneficiary": {"network": network, "address": address, "customer_country": country},
                   "transfer": {"fiat": {"amount": "2000", "currency": "EUR"}, "originator_type": "natural"}})
        };
        let mut answers = vec![];
        for part in labels.chunks(20) {
            let questions: Vec<Value> = part.iter().map(question).collect();
            let answer = world.post("/v1/prechecks/batch?view=full", &json!({"prechecks": questions})).answered(200);
            answers.extend(answer["results"].as_array().unwrap().iter().cloned());
        }
        let (mut settled, mut candidates, mut none, mut gone, mut open) = (0, 0, 0, 0, BTreeSet::new());
        for answer in &answers {
            let serves = |one: &Value| one["serves_customer"] != "no";
            let is = |code: &str| answer["checks"].as_array().into_iter().flatten().any(|one| one["code"] == code);
            let is_none = is("identity.none_registered_there");
            let no_firm = NO_FIRM.iter().any(|code| is(code));
            match answer["brand"]["candidates"].as_array() {
                _ if !answer["counterparty"].is_null() => settled += 1,
                _ if is_none => none += 1,
                Some(all) if all.iter().any(serves) => candidates += 1,
                _ if no_firm => gone += 1,
                _ => open.extend(answer["brand"]["id"].as_str().map(str::to_owned)),
            }
        }
        println!(
            "{country}: {settled} settled, {candidates} with candidates, {none} proven none, {gone} no firm, of {}",
            answers.len()
        );
        let done = settled + candidates + none + gone;
        assert!(done * 100 >= least * answers.len(), "{country}: {done} of {}; open: {open:?}", answers.len());
        for brand in open {
            let cell = in_country(&world, &brand, country);
            assert!(!cell["registers"].as_array().unwrap().is_empty(), "{brand} {country}: {cell}");
        }
    }
}

#[test]
fn a_brand_is_found_by_key_alias_and_group_and_an_unknown_one_is_not() {
    let (world, _) = seeded();
    let kraken = get(&world, "/v1/brands/kraken").answered(200);
    let group = kraken["group"].as_str().unwrap();

    assert_eq!((&kraken["id"], &kraken["in_country"]), (&json!("kraken"), &Value::Null));
    assert_eq!(get(&world, &format!("/v1/brands/{group}")).answered(200)["id"], "kraken");
    assert_eq!(get(&world, "/v1/brands/bingx").answered(200)["group"], Value::Null);
    get(&world, "/v1/brands/nobody-has-this-key").problem(404, "not_found");
    let listed = get(&world, "/v1/brands?q=KRAKEN").answered(200);
    assert!(texts(&listed["items"], "id").contains(&"kraken"), "{listed}");
    let first = get(&world, "/v1/brands?limit=2").answered(200);
    let next = get(&world, &format!("/v1/brands?limit=2&cursor={}", first["next_cursor"].as_str().unwrap())).answered(200);
    assert!(texts(&first["items"], "id").iter().max() < texts(&next["items"], "id").iter().min());
}

/// Source: the SFC's register as the seed has it, whole, of 21 August 2026: 13 platforms; FinCEN's of which the seed has a part.
#[test]
fn a_whole_register_proves_that_nobody_is_there_and_a_part_does_not() {
    let (world, _) = seeded();
    let hong_kong = in_country(&world, "kraken", "HK");
    assert_eq!((&hong_kong["result"], &hong_kong["registers"][1]["authority"]), (&json!("no"), &json!("HK-SFC")), "{hong_kong}");
    let states = in_country(&world, "bingx", "US");
    assert_eq!(states["result"], "not_possible", "{states}");
    let fincen = states["registers"].as_array().unwrap().iter().find(|one| one["authority"] == "US-FINCEN").unwrap();
    let held = ["extent", "absence_counts", "registration", "load"].map(|member| fincen[member].clone());
    assert_eq!(json!(held), json!(["part", false, "registration", "vasp-registry import fincen-msb FILE"]));
}
