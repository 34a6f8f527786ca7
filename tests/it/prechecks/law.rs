//! What the law of the asker's side forbids outright: transactions with providers, and assets. And what is only reported of it.
//!
//! Source: rows 8, 40, 46, 48 and 52 of `tests/fixtures/rules/law_changes.csv`; Regulation (EU) No 833/2014 Annex LIII (A7A5).

use serde_json::{Value, json};

use super::expect::{check, finding, reasons};
use super::world::{UNKNOWN, World};
use crate::support::on_every_database;

const MONERO: &str = "monero:418015bb9ae982a1975da7d79277c270";
const ON_MONERO: &str = "48X4rKu5aeKFvLqrv3KmRV3XK7k9CdekAWvduncUoUXnGXEmjtESoG6aVtDHTkUU4pBN6WKbVjhrk5SVjCChH1iqSoWLs9W";
const A7A5: &str = "eip155:1/erc20:0x6fa0be17e4bea2fcfa22ef89bf8ac9aab0ab0fc9";

#[on_every_database(World::start)]
fn a_provider_of_a_banned_country_is_rejected_in_confidence(world: World) {
    let ask = |from: &str, towards: &str, day: &str| world.ask_from(from, json!({"jurisdiction": towards}), json!({"date": day}));

    for towards in ["RU", "BY"] {
        let answer = ask("DE", towards, "2026-05-24");
        assert_eq!(answer["recommendation"], "reject", "{towards}");
        assert_eq!(finding(&answer, "sanctions"), "fail sanctions.provider_banned");
        let reason = answer["reasons"].as_array().unwrap().iter().find(|one| one["code"] == "sanctions.provider_banned").unwrap();
        assert_eq!(reason["confidential"], true);
        let evidence = &check(&answer, "sanctions")["evidence"][0];
        assert_eq!((&evidence["kind"], &evidence["id"]), (&json!("provider_ban"), &json!(towards)));
        assert_ne!(finding(&ask("DE", towards, "2026-05-23"), "sanctions"), "fail sanctions.provider_banned");
        assert_ne!(finding(&ask("US", towards, "2026-05-24"), "sanctions"), "fail sanctions.provider_banned");
    }
}

#[on_every_database(World::start)]
fn an_asset_that_the_askers_law_prohibits_is_rejected(world: World) {
    let own_wallet = |address: &str, network: &str| json!({"address": address, "network": network, "declared": {"kind": "self_hosted", "own_wallet": true}});
    let monero = |from: &str, day: &str| world.ask_from(from, own_wallet(ON_MONERO, MONERO), json!({"date": day}));
    let rejects = |answer: &Value| {
        let told = reasons(answer).contains(&"transfer.asset_prohibited");
        assert_eq!(told, answer["recommendation"] == "reject", "{answer}");
        told
    };

    assert!(rejects(&monero("AE-VARA", "2026-06-01")) && rejects(&monero("IN", "2026-06-01")));
    assert!(!rejects(&monero("IN", "2026-01-07")) && !rejects(&monero("DE", "2026-06-01")));
    assert!(rejects(&monero("DE", "2027-07-10")));
    let rouble = |from: &str| world.ask_from(from, own_wallet(UNKNOWN, "eip155:1"), json!({"asset": A7A5}));
    assert!(rejects(&rouble("DE")) && !rejects(&rouble("US")));
}

#[on_every_database(World::start)]
fn a_change_that_nobody_read_is_noted_and_a_grace_period_is_no_rule_in_force(world: World) {
    let brazil = world.ask_with(json!({"jurisdiction": "BR"}), json!({"date": "2026-06-01"}));
    assert!(finding(&brazil, "jurisdiction").ends_with("jurisdiction.rule_not_in_force"), "{brazil}");

    let emirates = world.ask_from("AE", json!({"jurisdiction": "AE"}), json!({"date": "2025-12-14"}));
    assert!(emirates["notes"].as_array().unwrap().iter().any(|note| note["code"] == "jurisdiction.rule_unread"), "{emirates}");
    let unread = &emirates["obligations"]["originator"]["unread"];
    assert_eq!((&unread["rule_version"], &unread["effective_from"]), (&json!("AE@2025-12-14"), &json!("2025-12-14")));
}
