//! Versions of policies: what is kept, what is refused and why, and who sees it.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::{Gateway, Member};
use vasp_registry::directory::ClaimIndexOptions;
use vasp_registry::node::Registry;

use super::{Office, lax, like_the_default, strict};
use crate::prechecks::world::World;
use crate::support::on_every_database;
use crate::write_races::at_once;

#[on_every_database(World::start)]
fn versions_are_kept_listed_and_never_changed(world: World) {
    let office = Office::new(&world, Member, None);
    let keep = |policy: &Value| office.ada.post(&world.registry, "/v1/policies", policy);
    office.keep(&world, &strict(1));
    office.keep(&world, &strict(2));
    office.keep(&world, &lax(1));

    for version in [1, 2, 4] {
        let problem = keep(&strict(version)).problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["code"], "not_the_next_version", "{version}");
    }
    let listed = office.ada.read(&world.registry, "/v1/policies");
    let names: Vec<(&str, bool)> = listed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| (item["policy"].as_str().unwrap(), item["in_force"].as_bool().unwrap()))
        .collect();
    let default = listed["items"][0]["policy"].as_str().unwrap();
    assert!(default.starts_with("default@"));
    assert_eq!(names, [(default, true), ("lax@1", false), ("strict@1", false), ("strict@2", false)]);
    let read = |policy: &str| office.ben.read(&world.registry, &format!("/v1/policies/{policy}"));
    assert_eq!(read("strict@1")["document"], keep_form(&strict(1)));
    assert_eq!(read("strict")["policy"], "strict@2");
    assert_eq!(read("default")["policy"], *default);
    office.ada.get(&world.registry, "/v1/policies/Strict%401").problem(404, "not_found");
}

/// A document as it is read: what may be left out is written.
fn keep_form(policy: &Value) -> Value {
    let mut policy = policy.clone();
    policy.as_object_mut().unwrap().entry("attribution").or_insert(json!({"minimum_strength": []}));
    for rule in policy["rules"].as_array_mut().unwrap() {
        let rule = rule.as_object_mut().unwrap();
        for (member, value) in [
            ("check", Value::Null),
            ("outcome", Value::Null),
            ("codes", json!([])),
            ("when", json!([])),
            ("conditions", json!([])),
            ("next_steps", json!([])),
        ] {
            rule.entry(member).or_insert(value);
        }
        for condition in rule["conditions"].as_array_mut().unwrap() {
            condition.as_object_mut().unwrap().entry("asked_by").or_insert(json!("policy"));
        }
    }
    policy
}

#[on_every_database(World::start)]
fn what_is_no_policy_is_refused_with_the_place(world: World) {
    let office = Office::new(&world, Gateway, None);
    let mut unknown = strict(1);
    unknown["rules"][0]["check"] = json!("sanction");
    let mut limits = strict(1);
    limits["freshness_days"]["register"] = json!({"warn_after": 30, "unknown_after": 30});
    let mut country = strict(1);
    country["prohibited_jurisdictions"] = json!(["ZZ"]);
    let mut stepless = strict(1);
    stepless["rules"][0]["next_steps"] = json!([]);
    let mut twice = strict(1);
    let line = twice["rules"][0].clone();
    twice["rules"].as_array_mut().unwrap().insert(0, line);

    for (policy, pointer, code) in [
        (like_the_default("default", 9), "/name", "reserved_name"),
        (like_the_default("Strict", 1), "/name", "invalid_policy"),
        (unknown, "", "invalid_policy"),
        (limits, "/freshness_days", "invalid_policy"),
        (country, "/prohibited_jurisdictions", "invalid_policy"),
        (twice, "/rules", "invalid_policy"),
        (stepless, "/rules", "invalid_policy"),
        (json!({}), "", "invalid_policy"),
    ] {
        let problem = office.ada.post(&world.registry, "/v1/policies", &policy).problem(422, "invalid_request");
        let fault = &problem["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!(pointer), &json!(code)), "{problem}");
    }
}

#[on_every_database(World::start)]
fn of_two_who_keep_the_same_version_at_once_one_does(world: World) {
    let office = Office::new(&world, Member, None);

    let keep = || office.ada.post(&world.registry, "/v1/policies", &strict(1)).status.as_u16();
    let answers = at_once(4, |_| keep());

    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
    let rest: BTreeSet<u16> = answers.into_iter().filter(|status| *status != 201).collect();
    assert!(rest.is_subset(&BTreeSet::from([412, 422, 503])), "{rest:?}");
}

#[on_every_database(World::start)]
fn the_difference_says_where_it_is_looser_and_where_stricter(world: World) {
    let office = Office::new(&world, Member, None);
    office.keep(&world, &strict(1));
    let read = |path: &str| office.ada.read(&world.registry, &format!("/v1/policies/{path}"));

    let to_strict = read("strict@1/difference");
    let back = read("default/difference?from=strict@1");

    let words = json!(["identity.register_only: note instead of hold"]);
    let of_default = json!(["default@6 is looser: identity.register_only: note instead of hold"]);
    assert_eq!((&to_strict["looser"], &to_strict["stricter"]), (&json!([]), &of_default));
    assert_eq!((&back["looser"], &back["stricter"]), (&words, &json!([])));
    let names = to_strict["differences"].as_array().unwrap();
    assert!(names.iter().any(|one| one["pointer"] == "/name" && one["to"] == "strict"), "{names:?}");
}

#[on_every_database(World::start)]
fn nobody_else_sees_a_policy_and_the_schema_is_for_all(world: World) {
    let office = Office::new(&world, Member, None);
    let stranger = Office::new(&world, Member, None);
    office.keep(&world, &strict(1));

    stranger.ada.get(&world.registry, "/v1/policies/strict@1").problem(404, "not_found");
    stranger.ada.post(&world.registry, "/v1/policies/strict@1/propose", &json!({"reason": "x"})).problem(404, "not_found");
    assert_eq!(stranger.ada.read(&world.registry, "/v1/policies")["items"].as_array().unwrap().len(), 1);
    let schema = stranger.ada.read(&world.registry, "/v1/policies/schema");
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    let (operator, _) = world.registry.two_admins();
    let shipped: Value = serde_json::from_str(include_str!("../../../seed/policy.json")).unwrap();
    assert_eq!(operator.read(&world.registry, "/v1/policies/default")["document"], keep_form(&shipped));
}

/// Damages a policy in the table, and has its organisation's state read again.
fn damage(world: &World, organisation: &str) {
    let statements = [
        format!("UPDATE policies SET body = '{{\"name\":1}}' WHERE organisation = '{organisation}'"),
        format!(
            "UPDATE private_states SET revision = (SELECT max(revision) + 1 FROM private_states) WHERE organisation = '{organisation}'"
        ),
    ];
    for statement in statements {
        world.registry.database.change_row(&statement);
    }
}

#[on_every_database(World::start)]
fn a_stored_policy_that_does_not_read_stops_its_organisation_and_nobody_else(world: World) {
    let (hurt, well) = (Office::new(&world, Member, None), Office::new(&world, Member, None));
    for office in [&hurt, &well] {
        office.keep(&world, &strict(1));
        office.activate_alone(&world, "strict@1");
    }
    let question = json!({
        "direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": world.vasp_id(1)},
    });
    damage(&world, &hurt.organisation.to_string());
    world.registry.registry.let_others_know();

    // To judge by the registry's default instead would be a wrong yes.
    hurt.ada.post(&world.registry, "/v1/prechecks", &question).problem(500, "internal_error");
    hurt.ada.get(&world.registry, "/v1/policies").problem(500, "internal_error");
    let answer = well.ada.post(&world.registry, "/v1/prechecks", &question);
    assert_eq!((answer.status.as_u16(), &answer.json()["policy"]), (200, &json!("strict@1")));

    // A node that starts now serves everybody else, too.
    let (store, keys) = (world.registry.registry.store().clone(), world.registry.keys.clone());
    let (limits, mut rng) = (ClaimIndexOptions::default(), world.registry.random.fork());
    let other = Registry::open(store, keys, limits, world.now(), &mut rng).unwrap();
    assert!(other.directory().private(hurt.organisation).is_err());
    assert!(other.directory().private(well.organisation).unwrap().policies.active().is_some());
}
