//! Which policy judges, and who may change that.

use serde_json::{Value, json};
use vasp_record::role::OrganisationKind::{Gateway, Member};
use vasp_record::role::{Role, Scope};

use super::{Office, lax, like_the_default, strict};
use crate::prechecks::world::{ALSTER, HARBOUR, OWN, World, lei};
use crate::support::{Person, on_every_database, step};

fn judged(answer: &Value) -> (&str, &str) {
    (answer["recommendation"].as_str().unwrap(), answer["policy"].as_str().unwrap())
}

/// The states of all proposals about policies that a person sees, sorted: they are of one moment.
fn states(world: &World, who: &Person) -> Vec<String> {
    let listed = who.read(&world.registry, "/v1/proposals?kind=policy");
    let state = |proposal: &Value| proposal["state"].as_str().unwrap().to_owned();
    let mut states: Vec<String> = listed["items"].as_array().unwrap().iter().map(state).collect();
    states.sort_unstable();
    states
}

/// The registry's default, as the file names it.
fn default_policy() -> String {
    let policy: Value = serde_json::from_str(include_str!("../../../seed/policy.json")).unwrap();
    format!("default@{}", policy["version"])
}

#[on_every_database(World::start)]
fn a_stricter_policy_acts_at_once_and_the_way_back_takes_two_people(world: World) {
    let office = Office::new(&world, Member, None);
    let alster = || office.ask(&world, json!({"vasp": lei(ALSTER)}));
    let default = default_policy();
    assert_eq!(judged(&alster()), ("proceed_with_conditions", default.as_str()));

    office.keep(&world, &strict(1));
    assert_eq!(judged(&alster()), ("proceed_with_conditions", default.as_str()), "what is only kept counts for nothing");
    office.activate_alone(&world, "strict@1");
    assert_eq!(judged(&alster()), ("hold", "strict@1"));
    office.activate(&world, "strict@1").problem(409, "illegal_step");

    let retire = json!({"reason": "too many are held"});
    let waiting = office.ada.post(&world.registry, "/v1/policies/default/propose", &retire).answered(201);
    let looser = ["identity.register_only: note instead of hold"];
    assert_eq!(waiting["content"], json!({"from": "strict@1", "to": default, "looser": looser}));
    assert_eq!((&waiting["subject"], &waiting["state"]), (&json!(office.organisation), &json!("pending")));
    assert_eq!(judged(&alster()), ("hold", "strict@1"), "until the second person has approved");

    assert_eq!(office.ben.approve(&world.registry, &waiting).answered(200)["state"], "approved");
    assert_eq!(judged(&alster()), ("proceed_with_conditions", default.as_str()));
    let listed = office.ben.read(&world.registry, "/v1/policies");
    let held = listed["items"].as_array().unwrap().iter().find(|held| held["policy"] == default.as_str()).unwrap();
    assert_eq!(held["in_force"], true);
    assert_eq!(states(&world, &office.ben), ["approved", "approved"]);
}

#[on_every_database(World::start)]
fn a_looser_policy_takes_two_people_and_a_later_wish_takes_its_place(world: World) {
    let office = Office::new(&world, Gateway, None);
    office.keep(&world, &lax(1));
    office.keep(&world, &strict(1));

    let waiting = office.activate(&world, "lax@1").answered(201);
    office.activate_alone(&world, "strict@1");
    office.ben.approve(&world.registry, &waiting).problem(412, "stale_version");
    let again = office.activate(&world, "lax@1").answered(201);
    let withdrawn = office.ada.post(&world.registry, &step(&again, "withdraw"), &Value::Null);

    assert_eq!(withdrawn.answered(200)["state"], "withdrawn");
    assert_eq!(states(&world, &office.ada), ["approved", "superseded", "withdrawn"]);
    office.activate_together(&world, "lax@1");
    assert_eq!(judged(&office.ask(&world, json!({"vasp": lei(ALSTER)}))).1, "lax@1");
}

#[on_every_database(World::start)]
fn nobody_approves_with_a_program_or_with_what_the_proposer_made(world: World) {
    let office = Office::new(&world, Member, None);
    office.keep(&world, &lax(1));
    let proposed = office.activate(&world, "lax@1").answered(201);
    let machine = world.registry.user_with(
        office.organisation,
        vasp_record::role::UserKind::Machine,
        &[Role::Compliance],
        (&[Scope::Compliance], None),
    );
    let stranger = Office::new(&world, Member, None);

    machine.approve(&world.registry, &proposed).problem(403, "forbidden");
    stranger.ben.approve(&world.registry, &proposed).problem(404, "not_found");
    office.ben.approve(&world.registry, &proposed).with(200);
}

#[on_every_database(World::start)]
fn a_request_may_tighten_and_never_loosen(world: World) {
    let office = Office::new(&world, Member, None);
    office.keep(&world, &strict(1));
    office.keep(&world, &lax(1));
    let default = default_policy();
    let named = |policy: &str| {
        let request = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"},
                             "beneficiary": {"vasp": lei(ALSTER)}, "policy": policy});
        office.ada.post(&world.registry, "/v1/prechecks", &request)
    };
    let refused = |policy: &str, code: &str| {
        let problem = named(policy).problem(422, "invalid_request");
        assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!("/policy"), &json!(code)));
    };

    assert_eq!(judged(&named("strict").json()), ("hold", "strict@1"));
    assert_eq!(judged(&named("default").json()), ("proceed_with_conditions", default.as_str()));
    refused("lax@1", "looser_policy");
    refused("strict@2", "unknown_policy");
    office.activate_alone(&world, "strict@1");
    refused("default", "looser_policy");
    office.activate_together(&world, "lax@1");
    assert_eq!(judged(&named("default").json()).1, default);
}

#[on_every_database(World::start)]
fn whose_vasp_is_asked_for_judges_by_its_own_policy(world: World) {
    let owner = Office::new(&world, Member, Some(OWN));
    let gateway = Office::new(&world, Gateway, None);
    owner.keep(&world, &strict(1));
    owner.activate_alone(&world, "strict@1");
    let admin = world.registry.person_with(owner.organisation, &[Role::Admin], &[Scope::Admin]);
    let grant = json!({"organisation": gateway.organisation, "scopes": ["precheck"], "expires_at": null});
    admin.post(&world.registry, "/v1/delegations", &grant).with(201);
    let for_the_owner = json!({"direction": "outgoing", "originator": {"vasp": lei(OWN)}, "beneficiary": {"vasp": lei(ALSTER)}});

    let answer = gateway.ada.post(&world.registry, "/v1/prechecks", &for_the_owner);

    assert_eq!(judged(&answer.json()), ("hold", "strict@1"), "{answer:?}");
    assert_eq!(judged(&gateway.ask(&world, json!({"vasp": lei(ALSTER)}))).1, default_policy(), "for itself by its own");
    gateway.ada.get(&world.registry, "/v1/policies/strict@1").problem(404, "not_found");
}

/// Source: docs/policies.md, "Strength by value".
#[on_every_database(World::start)]
fn a_policy_asks_for_more_than_third_party_data_from_a_worth_on(world: World) {
    let office = Office::new(&world, Member, None);
    let mut policy = like_the_default("strength", 1);
    policy["attribution"] =
        json!({"minimum_strength": [{"from": {"amount": "1000", "currency": "EUR"}, "strength": "attested"}]});
    office.keep(&world, &policy);
    office.activate_alone(&world, "strength@1");
    let first = |fiat: Value| {
        let request = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"},
                             "beneficiary": {"address": HARBOUR, "network": "eip155:1", "declared": {"kind": "vasp", "vasp": lei(ALSTER)}},
                             "transfer": {"fiat": fiat}});
        let answer = office.ada.post(&world.registry, "/v1/prechecks", &request).json();
        (answer["checks"][0]["code"].as_str().unwrap().to_owned(), answer["recommendation"].as_str().unwrap().to_owned())
    };

    let below = first(json!({"amount": "999.99", "currency": "EUR"}));
    assert_eq!(below, ("attribution.attributed".to_owned(), "proceed_with_conditions".to_owned()));
    for fiat in [json!({"amount": "1000", "currency": "EUR"}), json!({"amount": "1", "currency": "USD"}), Value::Null] {
        assert_eq!(first(fiat.clone()), ("attribution.below_minimum_strength".to_owned(), "hold".to_owned()), "{fiat}");
    }
}
