//! Senior management is a role that two admins of the organisation give.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};

use crate::support::{Registry, approval, on_every_database};

#[on_every_database(Registry::start)]
fn senior_management_is_granted_by_two_admins_of_the_organisation(registry: Registry) {
    for kind in [OrganisationKind::Member, OrganisationKind::Gateway] {
        let home = registry.home(kind, None);
        let admin = || registry.person_with(home, &[Role::Admin], &[Scope::Admin]);
        let (first, second) = (admin(), admin());
        let email = format!("chief-{kind}@example.org");
        let invited =
            first.done(&registry, "/v1/member/users", &json!({"name": "Chief", "email": email, "roles": ["senior_management"]}));
        let held = &invited["user"]["roles"][0];
        assert_eq!((&held["role"], &held["state"]), (&json!("senior_management"), &json!("pending")));
        let approve = format!("/v1/member/role-grants/{}/approve", held["grant"].as_str().unwrap());
        let body = approval(held);
        let stranger = registry.person_of(kind, None, &[Role::Admin], &[Scope::Admin]);

        assert_eq!(stranger.read(&registry, "/v1/member/role-grants")["items"], json!([]));
        stranger.post(&registry, &approve, &body).problem(404, "not_found");
        first.post(&registry, &approve, &body).problem(409, "same_person");
        assert_eq!(second.read(&registry, "/v1/member/role-grants")["items"].as_array().unwrap().len(), 1);
        assert_eq!(second.done(&registry, &approve, &body)["state"], "active");
        assert_eq!(second.read(&registry, "/v1/member/role-grants")["items"], json!([]));
        stranger.post(&registry, &approve, &body).problem(404, "not_found");
    }
}

#[test]
fn a_withdrawn_grant_never_counts() {
    let registry = Registry::start(crate::support::Database::sqlite());
    let admin = registry.person_of(OrganisationKind::Member, None, &[Role::Admin], &[Scope::Admin]);
    let body = json!({"name": "Chief", "email": "chief@example.org", "roles": ["senior_management", "compliance"]});
    let invited = admin.done(&registry, "/v1/member/users", &body);
    let grant =
        invited["user"]["roles"].as_array().unwrap().iter().find(|held| held["role"] == "senior_management").unwrap().clone();

    let path = format!("/v1/member/role-grants/{}/withdraw", grant["grant"].as_str().unwrap());
    assert_eq!(admin.done(&registry, &path, &Value::Null)["state"], "declined");

    let user = admin.read(&registry, &format!("/v1/member/users/{}", invited["user"]["id"].as_str().unwrap()));
    let roles: Vec<&str> = user["roles"].as_array().unwrap().iter().map(|held| held["role"].as_str().unwrap()).collect();
    assert_eq!(roles, ["compliance"]);
}
