//! What an organisation's admins do with its users, and that those of others are not there for them.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};

use super::{change, waiting};
use crate::support::{Registry, on_every_database};

#[on_every_database(Registry::start)]
fn admins_keep_the_users_of_their_own_organisation(registry: Registry) {
    let admin = registry.person_of(OrganisationKind::Member, None, &[Role::Admin], &[Scope::Admin, Scope::Member]);

    let invited =
        admin.post(&registry, "/v1/users", &json!({"name": "Ada", "email": "ada@alpha.example", "roles": ["editor"]})).with(201);
    let path = format!("/v1/users/{}", invited.json()["user"]["id"].as_str().unwrap());
    let read = admin.get(&registry, &path);
    let mut expected = invited.json()["user"].clone();
    assert_eq!(read.json(), expected);
    assert_eq!(expected["created_by"], json!(admin.user));
    let body = json!({"name": "Ada Lovelace", "roles": ["editor", "compliance"]});
    let changed = change(&registry, &admin, ("PATCH", &path), read.header("etag"), &body).with(200);
    let changed = changed.json();

    expected["name"] = json!("Ada Lovelace");
    let held: Vec<_> = changed["roles"].as_array().unwrap().iter().map(|held| (&held["role"], &held["state"])).collect();
    assert_eq!(held, [(&json!("editor"), &json!("active")), (&json!("compliance"), &json!("pending"))]);
    assert_eq!(changed["name"], expected["name"]);
    let listed = admin.read(&registry, "/v1/users");
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
    let disabled = admin.done(&registry, &format!("{path}/disable"), &Value::Null);
    assert_eq!(disabled["state"], "disabled");
}

#[on_every_database(Registry::start)]
fn a_programs_key_does_no_more_than_the_one_it_is_made_with(registry: Registry) {
    let admin = registry.person_of(OrganisationKind::Member, None, &[Role::Admin], &[Scope::Admin, Scope::Member]);
    let machine = |scopes: &[&str]| json!({"name": "Bot", "scopes": scopes, "expires_at": null, "roles": []});

    admin.post(&registry, "/v1/machine-users", &machine(&["precheck"])).problem(403, "forbidden");
    let made = admin.done(&registry, "/v1/machine-users", &machine(&["member"]));

    assert_eq!((&made["user"]["kind"], &made["user"]["state"]), (&json!("machine"), &json!("active")));
    assert_eq!((&made["api_key"]["scopes"], &made["api_key"]["created_by"]), (&json!(["member"]), &json!(admin.user)));
    let machines = admin.read(&registry, "/v1/machine-users")["items"].clone();
    let users = admin.read(&registry, "/v1/users")["items"].clone();
    assert_eq!((&machines[0]["id"], machines.as_array().unwrap().len()), (&made["user"]["id"], 1));
    assert_eq!(users.as_array().unwrap().len(), 2, "{users:#}");
    let bearer = format!("Bearer {}", made["secret"].as_str().unwrap());
    registry.client.get_with("/v1/users", &[("authorization", &bearer)]).problem(403, "forbidden");
}

/// Through the member's routes too: the registry's own people do not give each other roles alone.
#[on_every_database(Registry::start)]
fn an_operators_own_routes_are_no_way_around_two_people(registry: Registry) {
    let (first, second) = registry.two_admins();

    let invited = first.done(&registry, "/v1/users", &json!({"name": "R", "email": "r@registry.example", "roles": ["reviewer"]}));
    assert_eq!(invited["user"]["roles"][0]["state"], "pending");
    let path = format!("/v1/users/{}", first.user);
    let own = change(&registry, &first, ("PATCH", &path), "*", &json!({"name": null, "roles": ["admin", "approver"]})).json();

    let states: Vec<_> = own["roles"].as_array().unwrap().iter().map(|held| (&held["role"], &held["state"])).collect();
    assert_eq!(states, [(&json!("approver"), &json!("pending")), (&json!("admin"), &json!("active"))]);
    assert_eq!(waiting(&registry, &second).len(), 2);
    let code = registry.app_of(&first)[0].clone();
    let machine = json!({"name": "Bot", "scopes": ["operator"], "roles": ["reviewer"], "recovery_code": code});
    first.post(&registry, "/v1/machine-users", &machine).problem(422, "invalid_request");
}

/// Other organisations get exactly the answer that they get about absent ones: status, headers, length of the body.
#[on_every_database(Registry::start)]
fn users_of_others_are_exactly_as_absent_as_those_that_are_not_there(registry: Registry) {
    let admin_of = |kind| registry.person_of(kind, None, &[Role::Admin], &[Scope::Admin]);
    let (theirs, ours) = (admin_of(OrganisationKind::Member), admin_of(OrganisationKind::Gateway));
    let absent = "usr_00000000000000000000000000";

    for (method, tail, body) in [
        ("GET", "", Value::Null),
        ("PATCH", "", json!({"name": "X", "roles": null})),
        ("POST", "/disable", Value::Null),
        ("POST", "/enable", Value::Null),
        ("POST", "/invite", Value::Null),
    ] {
        let ask = |id: &str| {
            let path = format!("/v1/users/{id}{tail}");
            ours.send(&registry, method, &path, &[("if-match", "*"), ("x-request-id", "same")], &body)
        };
        let (hidden, missing, unreadable) = (ask(&theirs.user.to_string()), ask(absent), ask("nonsense"));

        assert_eq!(hidden.status.as_u16(), 404, "{hidden:?}");
        hidden.assert_same(&missing);
        hidden.assert_same(&unreadable);
    }
    assert_eq!(theirs.read(&registry, &format!("/v1/users/{}", theirs.user))["state"], "active");
}

#[on_every_database(Registry::start)]
fn members_are_not_told_the_ids_of_the_registrys_people(registry: Registry) {
    let (operator, _) = registry.two_admins();
    let home = registry.home(OrganisationKind::Member, None);
    let admin = registry.person_with(home, &[Role::Admin], &[Scope::Admin]);
    let body = json!({"name": "Bot", "scopes": ["precheck"], "expires_at": null});
    let made = operator.done(&registry, &format!("/v1/machine-users?organisation={home}"), &body);
    assert_eq!(made["user"]["created_by"], json!(operator.user));
    let machines = operator.read(&registry, &format!("/v1/machine-users?organisation={home}"));
    assert_eq!((&machines["items"][0]["id"], &machines["next_cursor"]), (&made["user"]["id"], &json!(null)));
    assert_eq!(operator.read(&registry, "/v1/machine-users")["items"], json!([]), "the operator's own");
    assert_eq!(operator.read(&registry, "/v1/machine-users?organisation=all")["items"], machines["items"]);
    admin.get(&registry, &format!("/v1/machine-users?organisation={home}")).problem(403, "forbidden");
    operator.get(&registry, "/v1/machine-users?organisation=x").problem(422, "invalid_request");

    let users = admin.get(&registry, "/v1/users");
    let keys = admin.get(&registry, "/v1/api-keys?owner=organisation");

    assert_eq!((users.json()["items"].as_array().unwrap().len(), keys.json()["items"].as_array().unwrap().len()), (2, 2));
    for answer in [users, keys] {
        assert!(!answer.text.contains(&operator.user.to_string()), "{}", answer.text);
    }
}
