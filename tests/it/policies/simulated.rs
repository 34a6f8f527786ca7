//! What another policy would have recommended.

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::{Gateway, Member};
use vasp_record::role::{Role, Scope};

use super::{Office, like_the_default, strict};
use crate::prechecks::world::{ALSTER, ENDED, OWN, World, lei};
use crate::support::on_every_database;

#[on_every_database(World::start)]
fn the_newest_prechecks_are_replayed_under_another_policy_and_nothing_is_recorded(world: World) {
    let office = Office::new(&world, Member, None);
    let alster = office.ask(&world, json!({"vasp": lei(ALSTER)}));
    office.ask(&world, json!({"vasp": lei(ENDED)}));
    // Pre-checks of one instant have no order.
    world.registry.advance(1);
    let iran = office.ask(&world, json!({"jurisdiction": "IR"}));
    assert_eq!((&alster["recommendation"], &iran["recommendation"]), (&json!("proceed_with_conditions"), &json!("reject")));
    world.import_sanctions("2026-05-30");
    let simulate = |body: &Value| office.ben.post(&world.registry, "/v1/policies/simulate", body);

    let found = simulate(&json!({"policy": strict(1)})).json();

    assert_eq!((&found["policy"], &found["replayed"], &found["left_out"]), (&json!("strict@1"), &json!(3), &json!(0)));
    assert_eq!(
        found["counts"],
        json!([{"from": "reject", "to": "reject", "prechecks": 1}, {"from": "hold", "to": "hold", "prechecks": 1},
               {"from": "proceed_with_conditions", "to": "hold", "prechecks": 1}])
    );
    assert_eq!((&found["changed"], &found["items"][0]["id"]), (&json!(1), &alster["id"]));
    assert_eq!(found["items"][0]["reasons"][0], "identity.register_only");
    let newest = simulate(&json!({"policy": strict(1), "last": 1})).json();
    assert_eq!((&newest["replayed"], &newest["changed"]), (&json!(1), &json!(0)));
    let same = simulate(&json!({"policy": like_the_default("same", 1)})).json();
    assert_eq!(same["changed"], 0);
    let listed = office.ada.read(&world.registry, "/v1/prechecks");
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);

    simulate(&json!({"policy": "strict@1"})).problem(404, "not_found");
    office.keep(&world, &strict(1));
    assert_eq!(simulate(&json!({"policy": "strict@1"})).json()["changed"], 1);
    for (body, pointer) in [
        (json!({"policy": strict(1), "last": 0}), "/last"),
        (json!({"policy": strict(1), "last": 1_001}), "/last"),
        (json!({"policy": "No Policy"}), "/policy"),
        (json!({"policy": {"name": "x"}}), "/policy"),
        (json!({"policy": like_the_default("default", 99)}), "/policy/name"),
    ] {
        assert_eq!(simulate(&body).problem(422, "invalid_request")["errors"][0]["pointer"], pointer);
    }
}

/// What was asked for another one by its leave was judged by that one's relationships; a policy of one's own choice held against them, again and
/// again, would tell what they are.
#[on_every_database(World::start)]
fn what_was_asked_for_another_is_not_judged_by_a_policy_of_ones_own(world: World) {
    let (member, gateway) = (Office::new(&world, Member, Some(OWN)), Office::new(&world, Gateway, None));
    let admin = world.registry.person_with(member.organisation, &[Role::Admin], &[Scope::Admin]);
    let leave = json!({"organisation": gateway.organisation, "scopes": ["precheck"], "expires_at": null});
    admin.done(&world.registry, "/v1/delegations", &leave);
    let own = gateway.ask(&world, json!({"vasp": lei(ALSTER)}));
    let request = json!({"direction": "outgoing", "originator": {"vasp": lei(OWN)}, "beneficiary": {"vasp": lei(ALSTER)}});
    let asked = gateway.ada.done(&world.registry, "/v1/prechecks", &request);

    let found = gateway.ben.done(&world.registry, "/v1/policies/simulate", &json!({"policy": strict(1)}));

    assert_eq!((&found["replayed"], &found["left_out"]), (&json!(1), &json!(1)));
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(found["items"][0]["id"], own["id"]);
    // It replays as it was told all the same.
    let replay = format!("/v1/prechecks/{}/replay", asked["id"].as_str().unwrap());
    assert_eq!(gateway.ben.done(&world.registry, &replay, &Value::Null)["same"], true);
}
