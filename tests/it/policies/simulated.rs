//! What another policy would have recommended.

use serde_json::{Value, json};
use vasp_registry::domain::role::OrganisationKind::Member;

use super::{Office, like_the_default, strict};
use crate::prechecks::world::{ALSTER, UNLICENSED, World, lei};
use crate::support::on_every_database;

#[test]
fn the_newest_prechecks_are_replayed_under_another_policy_and_nothing_is_recorded() {
    on_every_database(|database| {
        let world = World::start(database);
        let office = Office::new(&world, Member, None);
        let alster = office.ask(&world, json!({"vasp": lei(ALSTER)}));
        office.ask(&world, json!({"vasp": lei(UNLICENSED)}));
        let iran = office.ask(&world, json!({"jurisdiction": "IR"}));
        assert_eq!((&alster["recommendation"], &iran["recommendation"]), (&json!("proceed_with_conditions"), &json!("reject")));
        world.import_sanctions("2026-05-30");
        let simulate = |body: &Value| office.ben.post(&world.registry, "/v1/member/policies/simulate", body);

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
        ] {
            assert_eq!(simulate(&body).problem(422, "invalid_request")["errors"][0]["pointer"], pointer);
        }
    });
}
