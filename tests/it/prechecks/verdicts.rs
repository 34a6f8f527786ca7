//! Forty verdicts as text, one a law and kind of question, for a lawyer to read: what was asked, what to do, and by which law. The firms,
//! addresses and matches are invented; the rulebook, the policy and the lists of laws are the shipped ones. A change of any of them shows
//! here as a difference of sentences.

use std::fmt::Write;

use serde_json::{Value, json};

use super::brand_kinds::{MIXER, SEIZED, at, world};
use super::world::{ADVICE, ALSTER, ENDED as EXPIRED, LAGOON, LISTED, NIGHTFALL, UNKNOWN, World, lei};
use crate::corridors::LISTS;
use crate::support::Database;

const MONERO: &str = "monero:418015bb9ae982a1975da7d79277c270";
const ON_MONERO: &str = "48X4rKu5aeKFvLqrv3KmRV3XK7k9CdekAWvduncUoUXnGXEmjtESoG6aVtDHTkUU4pBN6WKbVjhrk5SVjCChH1iqSoWLs9W";
const A7A5: &str = "eip155:1/erc20:0x6fa0be17e4bea2fcfa22ef89bf8ac9aab0ab0fc9";

/// One question: what it is about, whose law, the other side, the transfer.
type Question = (&'static str, &'static str, Value, Value);

fn worth(amount: &str, currency: &str) -> Value {
    json!({"date": "2026-09-01", "fiat": {"amount": amount, "currency": currency}, "originator_type": "natural", "correspondent": false})
}

fn own_wallet(address: &str, network: &str) -> Value {
    json!({"address": address, "network": network, "declared": {"kind": "self_hosted", "own_wallet": true}})
}

/// The law's reach: bans, embargoes, prohibited assets, lists.
fn forbidden() -> Vec<Question> {
    let on = |day: &str| json!({"date": day});
    let towards = |place: &str| json!({"jurisdiction": place});
    vec![
        ("A provider established in Russia, since the ban", "DE", towards("RU"), on("2026-09-01")),
        ("A provider established in Belarus, since the ban", "FR", towards("BY"), on("2026-09-01")),
        ("A provider established in Russia, the day before the ban", "DE", towards("RU"), on("2026-05-23")),
        ("A provider established in Russia", "US", towards("RU"), on("2026-09-01")),
        ("A provider established in Iran", "US", towards("IR"), on("2026-09-01")),
        ("A provider established in North Korea", "JP", towards("KP"), on("2026-09-01")),
        ("A provider established in Cuba", "US", towards("CU"), on("2026-09-01")),
        ("Monero to the customer's own wallet", "AE-VARA", own_wallet(ON_MONERO, MONERO), on("2026-09-01")),
        ("Monero to the customer's own wallet", "IN", own_wallet(ON_MONERO, MONERO), on("2026-09-01")),
        ("Monero to the customer's own wallet, before the prohibition", "DE", own_wallet(ON_MONERO, MONERO), on("2026-09-01")),
        ("Monero to the customer's own wallet, from the prohibition", "DE", own_wallet(ON_MONERO, MONERO), on("2027-07-10")),
        ("A token that the law names", "DE", own_wallet(UNKNOWN, "eip155:1"), json!({"date": "2026-09-01", "asset": A7A5})),
        ("An address on a binding list", "DE", json!({"address": LISTED, "network": "eip155:1"}), on("2026-09-01")),
        ("A firm with a name on a binding list", "DE", json!({"vasp": lei(NIGHTFALL)}), on("2026-09-01")),
        ("A mixer", "US", at(MIXER.0, Value::Null), on("2026-09-01")),
        ("A provider that authorities seized", "GB", at(SEIZED.0, Value::Null), on("2026-09-01")),
    ]
}

/// What each law asks before money and data go to a licensed firm of the EU.
fn duties() -> Vec<Question> {
    let firm = || json!({"vasp": lei(ALSTER)});
    vec![
        ("A licensed firm, EUR 900", "DE", firm(), worth("900", "EUR")),
        ("A licensed firm, GBP 799.99", "GB", firm(), worth("799.99", "GBP")),
        ("A licensed firm, GBP 800", "GB", firm(), worth("800", "GBP")),
        ("A licensed firm, USD 2,999", "US", firm(), worth("2999", "USD")),
        ("A licensed firm, USD 3,000", "US", firm(), worth("3000", "USD")),
        ("A licensed firm, CAD 1,000", "CA", firm(), worth("1000", "CAD")),
        ("A licensed firm, CHF 500", "CH", firm(), worth("500", "CHF")),
        ("A licensed firm, SGD 1,500", "SG", firm(), worth("1500", "SGD")),
        ("A licensed firm, HKD 8,000", "HK", firm(), worth("8000", "HKD")),
        ("A licensed firm, JPY 100,000", "JP", firm(), worth("100000", "JPY")),
        ("A licensed firm, AUD 10", "AU", firm(), worth("10", "AUD")),
        ("A firm of Korea, KRW 500,000", "KR", json!({"jurisdiction": "KR"}), worth("500000", "KRW")),
        ("A licensed firm, INR 50,000", "IN", firm(), worth("50000", "INR")),
        (
            "A licensed firm, BRL 1,000, in a time of grace",
            "BR",
            firm(),
            json!({"date": "2026-06-01", "fiat": {"amount": "1000", "currency": "BRL"}}),
        ),
        ("A licensed firm, USD 150,000, above the cap", "BR", firm(), worth("150000", "USD")),
        ("A licensed firm, ZAR 4,000", "ZA", firm(), worth("4000", "ZAR")),
    ]
}

/// Wallets and firms about which something is open.
fn open() -> Vec<Question> {
    vec![
        ("The customer's own wallet, EUR 1,500", "DE", own_wallet(UNKNOWN, "eip155:1"), worth("1500", "EUR")),
        ("The customer's own wallet, GBP 1,500", "GB", own_wallet(UNKNOWN, "eip155:1"), worth("1500", "GBP")),
        ("The customer's own wallet, CHF 1,500", "CH", own_wallet(UNKNOWN, "eip155:1"), worth("1500", "CHF")),
        ("The customer's own wallet, SGD 1,500", "SG", own_wallet(UNKNOWN, "eip155:1"), worth("1500", "SGD")),
        ("An address that nobody knows", "DE", json!({"address": UNKNOWN, "network": "eip155:1"}), worth("1500", "EUR")),
        (
            "An address of a brand with several firms",
            "DE",
            json!({"address": LAGOON, "network": "eip155:1"}),
            worth("1500", "EUR"),
        ),
        ("A firm whose licence ended", "DE", json!({"vasp": lei(EXPIRED)}), worth("1500", "EUR")),
        ("A firm that may only give advice", "DE", json!({"vasp": lei(ADVICE)}), worth("1500", "EUR")),
    ]
}

fn lines(text: &mut String, title: &str, told: &Value, line: impl Fn(&Value) -> String) {
    let told = told.as_array().unwrap();
    if !told.is_empty() {
        writeln!(text, "{title}:").unwrap();
    }
    told.iter().for_each(|one| writeln!(text, "  - {}", line(one)).unwrap());
}

/// An answer as somebody without a program reads it.
fn told(number: usize, (title, from, beneficiary, transfer): &Question, answer: &Value) -> String {
    let word = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let mut text = format!("{number}. {from}: {title}\n");
    writeln!(text, "Asked: towards {beneficiary}, transfer {transfer}").unwrap();
    writeln!(text, "Verdict: {}", word(&answer["recommendation"])).unwrap();
    lines(&mut text, "Because", &answer["reasons"], |one| {
        let kept = if one["confidential"] == true { " [confidential]" } else { "" };
        format!("{}{kept}: {}", word(&one["code"]), word(&one["detail"]))
    });
    let step = |one: &Value| {
        let by = &one["asked_by"];
        let law = [&by["rule_version"], &by["clause"]].into_iter().filter(|value| !value.is_null()).map(word);
        let law = law.collect::<Vec<_>>().join(", ");
        let law = if law.is_empty() { String::new() } else { format!(" [{law}]") };
        let who = if one["who"].is_null() { &one["fulfilled_by"] } else { &one["who"] };
        format!("{} ({}): {}{law}", word(&one["code"]), word(who), word(&one["detail"]))
    };
    lines(&mut text, "First", &answer["next_steps"], step);
    lines(&mut text, "On condition", &answer["conditions"], step);
    let rule = &answer["obligations"]["originator"];
    writeln!(text, "Rule: {}, {}", word(&rule["rule_version"]), word(&rule["status"])).unwrap();
    text
}

#[test]
fn forty_verdicts_read_as_before() {
    let world: World = world(Database::sqlite());
    let binding = ["CA-AUTONOMOUS", "CA-TERRORISTS", "AU-DFAT", "KR-RESTRICTED", "IN-UAPA"];
    let held = ["EU-SANCTIONS", "EU-TRANSACTION-BANS", "US-OFAC-SDN", "UN-SANCTIONS"];
    let others = LISTS.into_iter().filter(|id| !held.contains(id));
    others.chain(binding).for_each(|id| world.import_list(id, "2026-05-31"));
    let questions = [forbidden(), duties(), open()].concat();
    assert_eq!(questions.len(), 40);
    let answered = questions.iter().enumerate().map(|(place, question)| {
        let answer = world.ask_from(question.1, question.2.clone(), question.3.clone());
        told(place + 1, question, &answer)
    });
    insta::assert_snapshot!("verdicts", answered.collect::<Vec<_>>().join("\n"));
}
