//! With the contents of a pre-check go those of its outcome, and what refuses that tells of no confidential entry.
//!
//! Source: docs/prechecks.md, "What is kept".

use serde_json::json;
use vasp_record::role::{Role, Scope};
use vasp_store::StoreError;

use super::outcomes::{Desk, outcome_of, path_of};
use super::world::{LAGOON, World};
use crate::support::on_every_database;

/// A date that the freeze moved would tell of it; so whoever does not see the freeze gets no date, before and after.
#[on_every_database(World::start)]
fn a_refused_erasure_tells_of_no_freeze(world: World) {
    let desk = Desk::new(world);
    let (answer, registry, ada) = (desk.asked(), &desk.world.registry, &desk.office.ada);
    let erase = |bearer: &str| {
        let headers = [("authorization", bearer), ("content-type", "application/json")];
        registry.client.send("POST", &format!("{}/payload/propose", path_of(&answer)), &headers, r#"{"reason": "asked for"}"#)
    };
    desk.world.set_clock("2026-07-01T12:00:00Z");
    let headers = [("authorization", &*desk.signed_in(ada).bearer), ("content-type", "application/json")];
    registry.client.send("POST", &outcome_of(&answer), &headers, r#"{"result": "frozen"}"#).with(201);

    // Germany's five years from the record are over on 2 June 2031, those from the freeze on 2 July.
    for (now, signed_in) in [("2031-06-01T12:00:00Z", 409), ("2031-06-15T12:00:00Z", 409), ("2031-07-03T12:00:00Z", 201)] {
        desk.world.set_clock(now);
        erase(&ada.bearer).problem(403, "session_needed");
        let told = erase(&desk.signed_in(ada).bearer).answered(signed_in);
        let says_when = told.to_string().contains("until 2031-07-02T12:00:00Z (DE@2024-12-30)");
        assert_eq!(says_when, signed_in == 409, "{told}");
    }
}

/// With the contents of a pre-check, those of its outcome go.
#[on_every_database(World::start)]
fn an_outcome_is_erased_with_its_pre_check(world: World) {
    let desk = Desk::new(world);
    let answer = desk.asked();
    let (id, organisation) = (answer["id"].as_str().unwrap().parse().unwrap(), desk.office.organisation);
    desk.say(&answer, &json!({"result": "refused"})).with(201);
    let store = desk.world.registry.registry.store();

    desk.world.registry.write(|transaction| transaction.erase_prechecks(organisation, &[id], desk.world.now()));

    let rows = store.read::<_, StoreError>(|conn| conn.precheck_outcomes(organisation, id)).unwrap();
    assert_eq!((rows.len(), rows[0].sealed.len()), (1, 0));
    desk.world.get_as(&desk.program, &outcome_of(&answer)).problem(404, "not_found");
    desk.say(&answer, &json!({"result": "refused"})).problem(404, "not_found");
}

/// The transaction and the reason of a release by two people go, wherever they were written; that two people decided it stays.
#[on_every_database(World::start)]
fn an_override_is_erased_with_its_pre_check(world: World) {
    let desk = Desk::new(world);
    let (registry, ada) = (&desk.world.registry, &desk.office.ada);
    let held = || desk.office.ask(&desk.world, json!({"address": LAGOON, "network": "eip155:1"}));
    let (released, waiting) = (held(), held());
    let approved = desk.propose(ada, &released, "released").answered(201);
    desk.office.ben.approve(registry, &approved).with(200);
    desk.propose(ada, &waiting, "released").with(201);
    let proposals = || ada.read(registry, "/v1/proposals?kind=override&limit=1000")["items"].clone();
    assert_eq!(proposals()[0]["content"]["transaction"], "book-7");

    let ids = [&released, &waiting].map(|answer| answer["id"].as_str().unwrap().parse().unwrap());
    registry.write(|transaction| transaction.erase_prechecks(desk.office.organisation, &ids, desk.world.now()));

    assert_eq!(proposals(), json!([]));
    let roles = [Role::Admin, Role::Compliance];
    let chief = registry.person_with(desk.office.organisation, &roles, &[Scope::Admin, Scope::Compliance]);
    let lines = desk.signed_in(&chief).read(registry, "/v1/audit?limit=1000");
    let line = lines["items"].as_array().unwrap().iter().find(|line| line["action"] == "override.approve").unwrap();
    let (details, by) = (&line["details"], &desk.office);
    assert_eq!((&details["proposed_by"], &line["actor"]), (&json!(by.ada.user), &json!(by.ben.user)));
    assert_eq!((&details["proposal"], &details["proposal_digest"]), (&approved["id"], &approved["digest"]));
    for word in ["book-7", "The board decided it."] {
        assert!(!lines.to_string().contains(word), "{word} is in {lines}");
    }
}
