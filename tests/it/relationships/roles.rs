//! Senior management is a role that two admins of the organisation give.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};

use crate::support::{Registry, on_every_database, step};

/// The roles that wait for a second admin.
const WAITING: &str = "/v1/proposals?kind=role_grant&state=pending";

#[on_every_database(Registry::start)]
fn senior_management_is_granted_by_two_admins_of_the_organisation(registry: Registry) {
    for kind in [OrganisationKind::Member, OrganisationKind::Gateway] {
        let home = registry.home(kind, None);
        let admin = || registry.person_with(home, &[Role::Admin], &[Scope::Admin]);
        let (first, second) = (admin(), admin());
        let email = format!("chief-{kind}@example.org");
        let invited =
            first.done(&registry, "/v1/users", &json!({"name": "Chief", "email": email, "roles": ["senior_management"]}));
        let held = &invited["user"]["roles"][0];
        assert_eq!((&held["role"], &held["state"]), (&json!("senior_management"), &json!("pending")));
        let stranger = registry.person_of(kind, None, &[Role::Admin], &[Scope::Admin]);

        assert_eq!(stranger.read(&registry, WAITING)["items"], json!([]));
        stranger.approve(&registry, held).problem(404, "not_found");
        first.approve(&registry, held).problem(409, "same_person");
        assert_eq!(second.read(&registry, WAITING)["items"], json!([held["proposal"]]));
        second.approve(&registry, held).with(200);
        let user = second.read(&registry, &format!("/v1/users/{}", invited["user"]["id"].as_str().unwrap()));
        assert_eq!(user["roles"][0]["state"], "active");
        assert_eq!(second.read(&registry, WAITING)["items"], json!([]));
        stranger.approve(&registry, held).problem(404, "not_found");
    }
}

#[test]
fn a_withdrawn_grant_never_counts() {
    let registry = Registry::start(crate::support::Database::sqlite());
    let admin = registry.person_of(OrganisationKind::Member, None, &[Role::Admin], &[Scope::Admin]);
    let body = json!({"name": "Chief", "email": "chief@example.org", "roles": ["senior_management", "compliance"]});
    let invited = admin.done(&registry, "/v1/users", &body);
    let grant =
        invited["user"]["roles"].as_array().unwrap().iter().find(|held| held["role"] == "senior_management").unwrap().clone();

    assert_eq!(admin.done(&registry, &step(&grant, "withdraw"), &Value::Null)["state"], "withdrawn");

    let user = admin.read(&registry, &format!("/v1/users/{}", invited["user"]["id"].as_str().unwrap()));
    let roles: Vec<&str> = user["roles"].as_array().unwrap().iter().map(|held| held["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["compliance"]);
}
