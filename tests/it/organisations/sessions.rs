//! A stolen key proposes, approves and gives nothing.
//!
//! Source: docs/organisations.md, "Two people".

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};

use super::users_of;
use crate::support::{Answer, Person, Registry, approval, on_every_database, step};

/// Sends with the key itself, as whoever stole it does.
fn with_key(registry: &Registry, who: &Person, method: &str, path: &str, body: &Value) -> Answer {
    let headers = [("authorization", who.bearer.as_str()), ("content-type", "application/json"), ("if-match", "*")];
    registry.client.send(method, path, &headers, &if body.is_null() { String::new() } else { body.to_string() })
}

#[on_every_database(Registry::start)]
fn a_key_neither_proposes_nor_approves_nor_declines_nor_gives_a_role(registry: Registry) {
    let (first, second) = registry.two_admins();
    let users = users_of(&first.organisation);
    let new = json!({"name": "Ada", "email": "ada@registry.example", "roles": ["reviewer"]});
    let refused = |who: &Person, method: &str, path: &str, body: &Value| {
        with_key(&registry, who, method, path, body).problem(403, "session_needed");
    };

    refused(&first, "POST", &users, &new);
    refused(&first, "POST", "/v1/users", &new);
    refused(&first, "PATCH", &format!("/v1/users/{}", first.user), &json!({"roles": ["admin", "reviewer"]}));
    let own = format!("/v1/users/{}", first.user);
    refused(&first, "PATCH", &own, &json!({"roles": ["admin", "reviewer"]}));
    assert_eq!(first.read(&registry, &users)["items"].as_array().unwrap().len(), 2, "nobody was added");
    let held = first.done(&registry, &users, &new)["user"].clone();
    for waiting in [&held["roles"][0]["proposal"], &held["enrolment"]] {
        refused(&second, "POST", &step(waiting, "approve"), &approval(waiting));
        refused(&second, "POST", &step(waiting, "decline"), &json!({"reason": "no"}));
    }
    // Taking away acts at once and takes no session.
    let path = format!("/v1/users/{}", second.user);
    assert_eq!(with_key(&registry, &first, "PATCH", &path, &json!({"roles": []})).status.as_u16(), 200);
    assert_eq!(with_key(&registry, &first, "POST", &format!("{path}/disable"), &Value::Null).status.as_u16(), 200);
}

#[on_every_database(Registry::start)]
fn a_key_decides_on_no_counterparty_and_no_policy(registry: Registry) {
    let home = registry.home(OrganisationKind::Member, None);
    let desk = registry.person_with(home, &[Role::Compliance], &[Scope::Compliance]);
    let machine = json!({"name": "Bot", "scopes": ["compliance"], "expires_at": null, "roles": ["compliance"]});
    let admin = registry.person_with(home, &[Role::Admin], &[Scope::Admin, Scope::Compliance]);
    with_key(&registry, &admin, "POST", "/v1/machine-users", &machine).problem(403, "session_needed");
    let mut policy = crate::policies::lax(1);
    // What every document needs: one line for each outcome.
    let rules = policy["rules"].as_array_mut().unwrap();
    rules.drain(..rules.len() - 5);
    desk.post(&registry, "/v1/policies", &policy).with(201);

    let propose = "/v1/policies/lax@1/propose";
    with_key(&registry, &desk, "POST", propose, &json!({"reason": "looser"})).problem(403, "session_needed");
    desk.done(&registry, propose, &json!({"reason": "looser"}));
}
