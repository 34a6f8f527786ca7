//! How old a source may be: the oldest that another check used decides, by the policy's limits.
//!
//! Source: wire contract, `freshness`: registers 30 days warn, 120 unknown; screening lists 7 and 30; lists of FATF and the
//! EU 200 warn; rulebook 400 warn. The register was looked at on 20 May 2026; lists and rulebook are of 20 November 2026.

use serde_json::{Value, json};
use vasp_registry::service::ImportFormat;

use super::expect::{check, finding};
use super::world::{ALSTER, LAGOON, World, lei};
use crate::support::on_every_database;

/// Asks at noon of a day, with a screening list of `screened`.
fn on(world: &World, day: &str, screened: &str, beneficiary: Value) -> Value {
    world.set_clock(&format!("{day}T12:00:00Z"));
    world.import_sanctions(screened);
    world.ask(beneficiary)
}

#[test]
fn a_register_warns_after_30_days_and_is_unknown_after_120() {
    on_every_database(|database| {
        let world = World::start(database);
        let asked = |day: &str| on(&world, day, day, json!({"vasp": lei(ALSTER)}));

        assert_eq!(finding(&asked("2026-06-19"), "freshness"), "pass freshness.current");
        let old = asked("2026-06-20");
        assert_eq!(finding(&old, "freshness"), "warn freshness.register_old");
        assert_eq!(check(&old, "freshness")["evidence"][0]["observed_at"], "2026-05-20T00:00:00Z");
        assert_eq!(finding(&asked("2026-09-17"), "freshness"), "warn freshness.register_old");
        let too_old = asked("2026-09-18");
        assert_eq!(finding(&too_old, "freshness"), "unknown freshness.register_too_old");
        assert_eq!((&too_old["recommendation"], &too_old["incomplete"]), (&json!("proceed_with_conditions"), &json!(true)));
    });
}

#[test]
fn a_register_that_no_check_used_does_not_count() {
    on_every_database(|database| {
        let world = World::start(database);

        let answer = on(&world, "2026-09-18", "2026-09-18", json!({"address": LAGOON, "network": "eip155:1"}));

        assert_eq!(finding(&answer, "freshness"), "pass freshness.current");
    });
}

#[test]
fn a_screening_list_warns_after_7_days_and_is_unknown_after_30() {
    on_every_database(|database| {
        let world = World::start(database);
        let asked = |day: &str| finding(&on(&world, day, "2026-05-28", json!({"jurisdiction": "SG"})), "freshness");

        assert_eq!(asked("2026-06-04"), "pass freshness.current");
        assert_eq!(asked("2026-06-05"), "warn freshness.screening_list_old");
        assert_eq!(asked("2026-06-27"), "warn freshness.screening_list_old");
        assert_eq!(asked("2026-06-28"), "unknown freshness.screening_list_too_old");
    });
}

#[test]
fn lists_warn_after_200_days_and_the_rulebook_after_400() {
    on_every_database(|database| {
        let world = World::start(database);
        let asked = |day: &str| finding(&on(&world, day, day, json!({"jurisdiction": "SG"})), "freshness");

        assert_eq!(asked("2027-06-08"), "pass freshness.current");
        assert_eq!(asked("2027-06-09"), "warn freshness.jurisdiction_list_old");
        let newer = include_str!("../../../seed/lists.json").replacen("2026-11-20", "2027-12-01", 1);
        world.set_clock("2027-12-01T00:00:00Z");
        world.import(ImportFormat::Lists, "lists.json", &newer);
        assert_eq!(asked("2027-12-25"), "pass freshness.current");
        assert_eq!(asked("2027-12-26"), "warn freshness.rulebook_old");
    });
}
