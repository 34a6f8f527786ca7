//! Organisations, their users and roles: what takes two people, what one does at once, and what others see of it.

mod delegations;
mod four_eyes;
mod links;
mod members;
mod secrecy;
mod sessions;

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};

use crate::support::{Person, Registry, on_every_database};

/// The path of an organisation's users.
fn users_of(organisation: &impl std::fmt::Display) -> String {
    format!("/v1/users?organisation={organisation}")
}

/// Asks for a page of proposals of roles that wait.
fn waiting(registry: &Registry, admin: &Person) -> Vec<Value> {
    admin.read(registry, "/v1/proposals?kind=role_grant&state=pending")["items"].as_array().unwrap().clone()
}

/// Sends a change made on the version that is there.
fn change(
    registry: &Registry,
    who: &Person,
    (method, path): (&str, &str),
    version: &str,
    body: &Value,
) -> crate::support::Answer {
    who.send(registry, method, path, &[("if-match", version)], body)
}

#[on_every_database(Registry::start)]
fn an_operator_makes_an_organisation_renames_it_and_closes_it(registry: Registry) {
    let (admin, _) = registry.two_admins();
    let made = admin.post(&registry, "/v1/organisations", &json!({"name": "Alpha GmbH", "kind": "member"})).with(201);
    let id = made.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/organisations/{id}");
    let machine = json!({"name": "Bot", "scopes": ["member"], "expires_at": null, "roles": ["editor"]});
    let key =
        admin.done(&registry, &format!("/v1/machine-users?organisation={id}"), &machine)["secret"].as_str().unwrap().to_owned();
    let works = || {
        let bearer = format!("Bearer {key}");
        registry.client.get_with("/v1/users", &[("authorization", &bearer)]).status.as_u16()
    };
    assert_eq!(works(), 403, "a key that is known, without the scope");

    let renamed = change(&registry, &admin, ("PATCH", &path), made.header("etag"), &json!({"name": "Alpha AG"}));
    assert_eq!((renamed.status.as_u16(), &renamed.json()["name"]), (200, &json!("Alpha AG")));
    change(&registry, &admin, ("PATCH", &path), made.header("etag"), &json!({"closed": true})).problem(412, "stale_version");
    let closed = change(&registry, &admin, ("PATCH", &path), renamed.header("etag"), &json!({"closed": true}));

    assert_eq!(closed.json()["closed_at"], "2026-06-01T12:00:00Z");
    assert_eq!(works(), 401, "its keys work no longer");
    assert_eq!(admin.read(&registry, &path), closed.json());
    let invited = json!({"name": "Ada", "email": "ada@alpha.example", "roles": ["admin"]});
    admin.post(&registry, &users_of(&id), &invited).problem(409, "illegal_step");
    change(&registry, &admin, ("PATCH", &path), closed.header("etag"), &json!({"closed": false}));
    assert_eq!(works(), 403, "and again once it is open");
}

#[test]
fn nobody_closes_their_own_organisation_nor_opens_one_of_operators_again() {
    let registry = Registry::start(crate::support::Database::sqlite());
    let (admin, _) = registry.two_admins();
    let (other, _) = registry.two_admins();
    let path = |person: &Person| format!("/v1/organisations/{}", person.organisation);
    let close = |who: &Person, whose: &Person, closed: bool| {
        change(&registry, who, ("PATCH", &path(whose)), "*", &json!({"closed": closed}))
    };

    close(&admin, &admin, true).problem(409, "illegal_step");
    assert_eq!(close(&admin, &other, true).status.as_u16(), 200);
    close(&admin, &other, false).problem(409, "illegal_step");
    other.get(&registry, "/v1/organisations").problem(401, "unauthenticated");
}

#[on_every_database(Registry::start)]
fn lists_come_in_pages_that_neither_repeat_nor_leave_out(registry: Registry) {
    let (admin, _) = registry.two_admins();
    let mut made: Vec<String> = (0..5).map(|_| registry.home(OrganisationKind::Gateway, None).to_string()).collect();
    made.push(admin.organisation.to_string());
    made.sort();

    let (mut listed, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = admin.read(&registry, &format!("/v1/organisations?limit=2{cursor}"));
        listed.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }

    assert_eq!(listed, made);
    let broken = format!("/v1/organisations?cursor={}", hex::encode("org_\0"));
    admin.get(&registry, &broken).problem(422, "invalid_request");
    // Before, a cursor of another list, or of other filters, gave a wrong page.
    let of_users = admin.read(&registry, "/v1/users?limit=1&organisation=all")["next_cursor"].as_str().map(str::to_owned);
    let own = of_users.expect("there are two users");
    admin.get(&registry, &format!("/v1/users?organisation=all&cursor={own}")).with(200);
    for foreign in [format!("/v1/organisations?cursor={own}"), format!("/v1/users?cursor={own}")] {
        assert!(
            admin.get(&registry, &foreign).problem(422, "invalid_request")["errors"][0]["detail"]
                .to_string()
                .contains("these filters")
        );
    }
}

#[test]
fn what_cannot_be_is_refused_by_name() {
    let registry = Registry::start(crate::support::Database::sqlite());
    let (admin, _) = registry.two_admins();
    let member = registry.home(OrganisationKind::Member, None);
    let users = users_of(&member);
    let (machines, of_member) = ("/v1/machine-users", format!("/v1/machine-users?organisation={member}"));
    let codes = registry.app_of(&admin);
    let cases = [
        ("/v1/organisations", json!({"name": " ", "kind": "member"}), "/name", "invalid_value"),
        ("/v1/organisations", json!({"name": "A", "kind": "bank"}), "/kind", "invalid_value"),
        (&users, json!({"name": "Ada", "email": "nobody", "roles": []}), "/email", "invalid_value"),
        (&users, json!({"name": "Ada", "email": "a@b.example", "roles": ["approver"]}), "/roles", "invalid_value"),
        (&users, json!({"name": "Ada", "email": "a@b.example", "roles": ["boss"]}), "/roles/0", "invalid_value"),
        (
            machines,
            json!({"name": "Bot", "scopes": ["operator"], "roles": ["approver"], "recovery_code": codes[0]}),
            "/roles",
            "invalid_value",
        ),
        (
            machines,
            json!({"name": "Bot", "scopes": ["operator"], "roles": ["admin"], "recovery_code": codes[1]}),
            "/roles",
            "invalid_value",
        ),
        (&of_member, json!({"name": "Bot", "scopes": ["operator"]}), "/scopes", "invalid_value"),
        (&of_member, json!({"name": "Bot", "scopes": []}), "/scopes", "missing_member"),
        (
            &of_member,
            json!({"name": "Bot", "scopes": ["member"], "expires_at": "2026-06-01T12:00:00Z"}),
            "/expires_at",
            "in_the_past",
        ),
    ];
    for (path, body, pointer, code) in cases {
        let problem = admin.post(&registry, path, &body).problem(422, "invalid_request");
        let fault = &problem["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!(pointer), &json!(code)), "{body}: {problem}");
    }
    let ada = json!({"name": "Ada", "email": "ADA@alpha.example", "roles": []});
    assert_eq!(admin.post(&registry, &users, &ada).status.as_u16(), 201);
    let again = json!({"name": "Ada", "email": "ada@alpha.example", "roles": []});
    let problem = admin.post(&registry, &users_of(&admin.organisation), &again).problem(409, "conflict");
    assert_eq!(problem["errors"][0]["code"], "email_in_use");
}

#[on_every_database(Registry::start)]
fn a_repeated_invitation_is_answered_alike_and_never_with_a_link(registry: Registry) {
    let (admin, _) = registry.two_admins();
    let member = registry.home(OrganisationKind::Member, None);
    let once = [("idempotency-key", "\"first\"")];
    let body = json!({"name": "Ada", "email": "ada@alpha.example", "roles": ["admin"]});
    let send = |body: &Value| admin.send(&registry, "POST", &users_of(&member), &once, body);

    let first = send(&body);
    let second = send(&body);

    assert_eq!((first.status, second.status), (201.try_into().unwrap(), 201.try_into().unwrap()));
    let (shown, again) = (first.json(), second.json());
    assert_eq!((&shown["secret"], &shown["secret_already_shown"]), (&Value::Null, &json!(false)), "no link for the inviter");
    assert_eq!(again, shown);
    send(&json!({"name": "Eve", "email": "eve@alpha.example", "roles": []})).problem(422, "idempotency_key_reused");
    let users = admin.read(&registry, &users_of(&member));
    assert_eq!(users["items"].as_array().unwrap().len(), 1);
}

#[on_every_database(Registry::start)]
fn a_members_roles_count_at_once_and_end_at_once(registry: Registry) {
    let (operator, _) = registry.two_admins();
    let admin = registry.person_of(OrganisationKind::Member, None, &[Role::Admin], &[Scope::Admin]);
    let path = format!("/v1/users/{}", admin.user);
    let read = operator.get(&registry, &path);
    assert_eq!(read.json()["roles"][0]["state"], "active");

    let taken = change(&registry, &operator, ("PATCH", &path), read.header("etag"), &json!({"roles": ["editor"]}));

    let roles: Vec<_> = taken.json()["roles"].as_array().unwrap().iter().map(|held| held["role"].clone()).collect();
    assert_eq!(roles, ["editor"]);
    admin.get(&registry, "/v1/users").problem(403, "forbidden");
    change(&registry, &operator, ("PATCH", &path), read.header("etag"), &json!({"roles": []})).problem(412, "stale_version");
}
