//! How old a source may be: the oldest that another check used decides, by the policy's limits.
//!
//! Source: docs/prechecks.md, "How old a source may be": registers are noted after 30 days and too old after 120; screening lists after 7 and 30;
//! FATF's lists are too old after 135, the EU's after 120, the rulebook after 400. The register was looked at on 20 May 2026; FATF's lists are known
//! through 19 June 2026, the rulebook through 31 July 2026, whenever their files were made.

use serde_json::{Value, json};

use super::expect::{check, finding};
use super::world::{ALSTER, LAGOON, World, lei};
use crate::support::on_every_database;

/// Asks at noon of a day, with a screening list of `screened`.
fn on(world: &World, day: &str, screened: &str, beneficiary: Value) -> Value {
    world.set_clock(&format!("{day}T12:00:00Z"));
    world.import_sanctions(screened);
    world.import_lists(screened, screened);
    world.ask(beneficiary)
}

#[on_every_database(World::start)]
fn a_register_warns_after_30_days_and_is_unknown_after_120(world: World) {
    let asked = |day: &str| on(&world, day, day, json!({"vasp": lei(ALSTER)}));

    assert_eq!(finding(&asked("2026-06-19"), "freshness"), "pass freshness.current");
    let old = asked("2026-06-20");
    assert_eq!(finding(&old, "freshness"), "warn freshness.register_old");
    assert_eq!(check(&old, "freshness")["evidence"][0]["observed_at"], "2026-05-20T00:00:00Z");
    assert_eq!(finding(&asked("2026-09-17"), "freshness"), "warn freshness.register_old");
    let too_old = asked("2026-09-18");
    assert_eq!(finding(&too_old, "freshness"), "unknown freshness.register_too_old");
    assert_eq!(too_old["incomplete"], true);
}

#[on_every_database(World::start)]
fn a_register_that_no_check_used_does_not_count(world: World) {
    let answer = on(&world, "2026-09-18", "2026-09-18", json!({"address": LAGOON, "network": "eip155:1"}));

    assert_eq!(finding(&answer, "freshness"), "pass freshness.current");
}

#[on_every_database(World::start)]
fn a_screening_list_warns_after_7_days_and_is_unknown_after_30(world: World) {
    let asked = |day: &str| finding(&on(&world, day, "2026-05-28", json!({"jurisdiction": "SG"})), "freshness");

    assert_eq!(asked("2026-06-04"), "pass freshness.current");
    assert_eq!(asked("2026-06-05"), "warn freshness.screening_list_old");
    assert_eq!(asked("2026-06-27"), "warn freshness.screening_list_old");
    assert_eq!(asked("2026-06-28"), "unknown freshness.screening_list_too_old");
}

#[on_every_database(World::start)]
fn the_age_of_lists_and_rulebook_counts_from_what_they_know_not_from_when_their_files_were_made(world: World) {
    let asked = |day: &str| finding(&on(&world, day, day, json!({"jurisdiction": "SG"})), "freshness");

    assert_eq!(asked("2026-10-17"), "pass freshness.current");
    assert_eq!(asked("2026-10-18"), "warn freshness.jurisdiction_list_old");
    let late = on(&world, "2026-11-02", "2026-11-02", json!({"jurisdiction": "SG"}));
    assert_eq!(finding(&late, "freshness"), "unknown freshness.jurisdiction_list_too_old");
    assert_eq!(finding(&late, "jurisdiction"), "unknown jurisdiction.list_too_old");
    let rule = asked("2027-09-05");
    assert_eq!(rule, "unknown freshness.jurisdiction_list_too_old", "the worse speaks");
    let answer = on(&world, "2027-09-05", "2027-09-05", json!({"jurisdiction": "SG"}));
    let evidence = check(&answer, "jurisdiction")["evidence"].as_array().unwrap().clone();
    let of = |id: &str| evidence.iter().find(|one| one["id"] == id).unwrap()["observed_at"].clone();
    assert_eq!((of("FATF-GREY"), of("EU-HRTC")), (json!("2026-06-19T00:00:00Z"), json!("2027-09-05T00:00:00Z")));
    assert_eq!(evidence.last().unwrap()["observed_at"], "2026-11-26T00:00:00Z", "the rulebook's rule");
}

#[on_every_database(World::start)]
fn a_licence_of_a_register_past_its_limit_holds_and_says_when_it_was_last_seen(world: World) {
    let answer = on(&world, "2026-09-18", "2026-09-18", json!({"vasp": lei(ALSTER)}));

    assert_eq!(finding(&answer, "licence"), "unknown licence.register_too_old");
    let detail = check(&answer, "licence")["detail"].as_str().unwrap();
    assert!(detail.contains("was in force when last seen on 2026-05-20. That is 121 days ago"), "{detail}");
    assert_eq!(answer["recommendation"], "hold");
}
