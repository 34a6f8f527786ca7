//! Roles with which the registry's word is given take two people; whoever made the other is not a second one.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};

use super::{change, users_of, waiting};
use crate::support::{Person, Registry, on_every_database, step};

/// Proposes a role for a new reviewer of the proposer's organisation and returns the role, with its proposal, and the user's id.
fn propose(registry: &Registry, proposer: &Person, role: &str) -> (Value, String) {
    let email = format!("{role}-{}@registry.example", waiting(registry, proposer).len());
    let body = json!({"name": "Somebody", "email": email, "roles": [role]});
    let invited = proposer.done(registry, &users_of(&proposer.organisation), &body);
    let held = &invited["user"]["roles"][0];
    assert_eq!((&held["role"], &held["state"]), (&json!(role), &json!("pending")));
    (held.clone(), invited["user"]["id"].as_str().unwrap().to_owned())
}

fn roles(registry: &Registry, admin: &Person, user: &str) -> Vec<(String, String)> {
    let user = admin.read(registry, &format!("/v1/users/{user}"));
    let held = user["roles"].as_array().unwrap().iter();
    held.map(|held| (held["role"].as_str().unwrap().to_owned(), held["state"].as_str().unwrap().to_owned())).collect()
}

#[on_every_database(Registry::start)]
fn a_role_waits_until_another_admin_approves_it(registry: Registry) {
    let (first, second) = registry.two_admins();

    for role in ["reviewer", "approver", "admin"] {
        let (held, user) = propose(&registry, &first, role);
        assert_eq!(waiting(&registry, &second).last().unwrap()["subject"], held["grant"]);
        first.approve(&registry, &held).problem(409, "same_person");
        assert_eq!(roles(&registry, &first, &user), [(role.to_owned(), "pending".to_owned())]);

        let approved = second.approve(&registry, &held).answered(200);

        assert_eq!((&approved["state"], &approved["decided_by"]), (&json!("approved"), &json!(second.user)));
        assert_eq!(roles(&registry, &first, &user), [(role.to_owned(), "active".to_owned())]);
        second.approve(&registry, &held).problem(409, "illegal_step");
    }
    assert!(waiting(&registry, &second).is_empty());
}

#[on_every_database(Registry::start)]
fn a_declined_role_never_counts_and_may_be_proposed_again(registry: Registry) {
    let (first, second) = registry.two_admins();
    let (held, user) = propose(&registry, &first, "reviewer");

    let declined = second.done(&registry, &step(&held, "decline"), &json!({"reason": "not yet"}));

    assert_eq!(declined["state"], "declined");
    assert!(roles(&registry, &first, &user).is_empty());
    second.approve(&registry, &held).problem(409, "illegal_step");
    let path = format!("/v1/users/{user}");
    let again = change(&registry, &second, ("PATCH", &path), "*", &json!({"roles": ["reviewer"]})).json();
    second.approve(&registry, &again["roles"][0]).problem(409, "same_person");
    first.approve(&registry, &again["roles"][0]).with(200);
}

/// A user whom the proposer invited, or whom somebody invited whom the proposer did, is no second person; nor is whoever made
/// the proposer.
#[on_every_database(Registry::start)]
fn a_chain_of_users_is_one_person(registry: Registry) {
    let (root, other) = registry.two_admins();
    let child = enrolled_admin(&registry, (&root, &other), "child");
    let grandchild = enrolled_admin(&registry, (&child, &other), "grandchild");

    let (by_root, _) = propose(&registry, &root, "reviewer");
    let (by_grandchild, _) = propose(&registry, &grandchild, "reviewer");

    for (who, held) in [(&child, &by_root), (&grandchild, &by_root), (&child, &by_grandchild), (&root, &by_grandchild)] {
        who.approve(&registry, held).problem(409, "same_person");
    }
    other.approve(&registry, &by_root).with(200);
    other.approve(&registry, &by_grandchild).with(200);
}

/// Invites an admin, has the second one approve it and redeems the link.
fn enrolled_admin(registry: &Registry, (inviter, approver): (&Person, &Person), name: &str) -> Person {
    let body = json!({"name": name, "email": format!("{name}@registry.example"), "roles": ["admin"]});
    let invited = inviter.done(registry, &users_of(&inviter.organisation), &body);
    approver.approve(registry, &invited["user"]["roles"][0]).with(200);
    registry.redeemed(&invited["user"]["id"], inviter.organisation)
}

#[on_every_database(Registry::start)]
fn nobody_approves_a_role_of_their_own(registry: Registry) {
    let (first, second) = registry.two_admins();
    let path = format!("/v1/users/{}", second.user);
    let both = json!({"roles": ["admin", "approver"]});
    let proposed = change(&registry, &first, ("PATCH", &path), "*", &both).json();
    let held = proposed["roles"].as_array().unwrap().iter().find(|held| held["state"] == "pending").unwrap();

    second.approve(&registry, held).problem(409, "same_person");
    first.approve(&registry, held).problem(409, "same_person");
    let third = registry.person_with(first.organisation, &[Role::Admin], &[Scope::Admin]);
    third.approve(&registry, held).with(200);
}

#[on_every_database(Registry::start)]
fn taking_a_role_acts_at_once_but_never_on_the_last_admin(registry: Registry) {
    let (first, second) = registry.two_admins();
    let path = |person: &Person| format!("/v1/users/{}", person.user);
    let none = json!({"roles": []});

    let taken = change(&registry, &first, ("PATCH", &path(&second)), "*", &none);

    assert_eq!(taken.json()["roles"], json!([]));
    second.get(&registry, "/v1/organisations").problem(403, "forbidden");
    change(&registry, &first, ("PATCH", &path(&first)), "*", &none).problem(409, "illegal_step");
    first.post(&registry, &format!("{}/disable", path(&first)), &Value::Null).problem(409, "illegal_step");
    assert_eq!(roles(&registry, &first, &first.user.to_string()), [("admin".to_owned(), "active".to_owned())]);
}

#[on_every_database(Registry::start)]
fn disabling_acts_at_once_and_enabling_an_operator_takes_two(registry: Registry) {
    let (first, second) = registry.two_admins();
    let third = registry.person_with(first.organisation, &[Role::Reviewer, Role::Approver], &[Scope::Operator, Scope::Admin]);
    let path = format!("/v1/users/{}", third.user);
    assert_eq!(third.get(&registry, "/v1/api-keys").status.as_u16(), 200);

    let disabled = first.done(&registry, &format!("{path}/disable"), &Value::Null);
    assert_eq!(disabled["state"], "disabled");
    third.get(&registry, "/v1/api-keys").problem(401, "unauthenticated");
    first.post(&registry, &format!("{path}/disable"), &Value::Null).problem(409, "illegal_step");
    change(&registry, &first, ("PATCH", &path), "*", &json!({"roles": ["admin", "reviewer", "approver"]}))
        .problem(409, "illegal_step");

    let enabling = first.done(&registry, &format!("{path}/enable"), &Value::Null);
    assert_eq!(enabling["state"], "disabled", "it waits: {enabling}");
    third.get(&registry, "/v1/api-keys").problem(401, "unauthenticated");
    first.post(&registry, &format!("{path}/enable"), &Value::Null).problem(409, "illegal_step");
    let grants = waiting(&registry, &second);
    assert_eq!(grants.len(), 2);
    first.approve(&registry, &grants[0]).problem(409, "same_person");
    second.approve(&registry, &grants[0]).with(200);

    assert_eq!(third.get(&registry, "/v1/api-keys").status.as_u16(), 200);
    assert_eq!(second.read(&registry, &path)["state"], "active");
    first.post(&registry, &format!("{path}/enable"), &Value::Null).problem(409, "illegal_step");
}

#[on_every_database(Registry::start)]
fn an_invited_person_who_never_came_is_invited_anew(registry: Registry) {
    let (first, second) = registry.two_admins();
    let member = registry.home(OrganisationKind::Member, None);
    let body = json!({"name": "Ada", "email": "ada@alpha.example", "roles": ["admin"]});
    let invited = first.done(&registry, &users_of(&member), &body);
    let path = format!("/v1/users/{}", invited["user"]["id"].as_str().unwrap());
    assert_eq!(invited["user"]["state"], "invited");

    let again = first.done(&registry, &format!("{path}/invite"), &Value::Null);
    assert_ne!(again["user"]["enrolment"]["digest"], invited["user"]["enrolment"]["digest"]);
    second.post(&registry, &format!("{path}/invite"), &Value::Null).problem(403, "forbidden");
    first.done(&registry, &format!("{path}/disable"), &Value::Null);
    first.post(&registry, &format!("{path}/invite"), &Value::Null).problem(409, "illegal_step");
    first.post(&registry, &format!("{path}/enable"), &Value::Null).problem(409, "illegal_step");
    second.done(&registry, &users_of(&member), &body);
}

/// The same two roles, changed by eight at once: what each sees is one of the allowed answers, and one change is kept a version.
#[on_every_database(Registry::start)]
fn many_admins_at_once_lose_nothing(registry: Registry) {
    let (first, second) = registry.two_admins();
    let path = format!("/v1/users/{}", second.user);
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let ask = |number: usize| {
            let (registry, first, path) = (&registry, &first, &path);
            scope.spawn(move || match number % 4 {
                0 => change(registry, first, ("PATCH", path), "\"1\"", &json!({"roles": ["admin", "reviewer"]})),
                1 => change(registry, first, ("PATCH", path), "*", &json!({"roles": ["admin"]})),
                2 => first.post(registry, &format!("{path}/disable"), &Value::Null),
                _ => first.post(registry, &format!("{path}/enable"), &Value::Null),
            })
        };
        let asked: Vec<_> = (0..16).map(ask).collect();
        asked.into_iter().map(|one| one.join().unwrap().status.as_u16()).collect()
    });

    assert!(statuses.iter().all(|status| [200, 409, 412].contains(status)), "{statuses:?}");
    let held = roles(&registry, &first, &second.user.to_string());
    let mut names: Vec<_> = held.iter().map(|(role, _)| role.clone()).collect();
    names.dedup();
    assert_eq!(names.len(), held.len(), "no role twice: {held:?}");
}
