//! What an owner answers about memos of its address: yes, or no, which nobody else says in its place; and how the other side is told.

use serde_json::{Value, json};
use vasp_record::role::{Role, Scope};

use super::memos::{Account, ask, claim, found, open_disputes, say, sub_account};
use super::world::World;
use crate::support::{Person, on_every_database};

fn alerts(world: &World, member: &Person) -> Vec<Value> {
    let reader = world.registry.person_with(member.organisation, &[Role::Admin], &[Scope::Member, Scope::Precheck]);
    let told = reader.get(&world.registry, "/v1/alerts").json();
    told["items"].as_array().unwrap().clone()
}

/// What is made later has a later id.
fn later(world: &World) {
    world.registry.advance(1);
}

/// An owner could only stay silent, and two people then said yes in its place.
#[on_every_database(World::start)]
fn what_its_owner_refused_two_people_cannot_give_away(world: World) {
    let (owner, holder, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let (reviewer, approver) = world.registry.two_operators();
    let account = Account::new(7);
    claim(&world, &owner, &account, None);
    let taken = claim(&world, &holder, &account, Some("4711"));
    world.registry.advance(14 * 86_400);
    let path = format!("/v1/claims/{}/sub-account/propose", taken["id"].as_str().unwrap());
    let body = json!({"evidence": "it did not answer", "reason": "the holder asked"});
    let proposed = world.post(&reviewer, &path, &body).json();

    let refused = say(&world, &owner, "/refuse", &account, Some("4711"), &holder);

    assert_eq!((refused.status.as_u16(), &refused.json()["state"]), (200, &json!("refused")));
    approver.approve(&world.registry, &proposed).problem(412, "stale_version");
    let again = world.post(&reviewer, &path, &body).problem(409, "conflict");
    assert_eq!(again["errors"][0]["code"], "owner_refused");
    assert_eq!((ask(&world, &gateway, &account, Some("4711")).0.as_str(), open_disputes(&world)), ("conflicted", 1));
    let cases = world.get(&reviewer, "/v1/cases").json();
    let case = world.get(&reviewer, &format!("/v1/cases/{}", cases["items"][0]["id"].as_str().unwrap())).json();
    let noted = case["entries"].as_array().unwrap().iter().filter(|entry| entry["kind"] == "sub_account_refused").count();
    assert_eq!(noted, 1, "{case}");
    let told = alerts(&world, &holder);
    assert_eq!((told.len(), &told[0]["kind"], &told[0]["vasp"]), (1, &json!("sub_account.refused"), &json!(owner.vasp())));
}

#[on_every_database(World::start)]
fn a_refusal_is_its_owners_who_alone_takes_it_back(world: World) {
    let (owner, holder, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let account = Account::new(7);
    let refuse = |party: &Person, other: &Person| say(&world, party, "/refuse", &account, Some("4711"), other);
    refuse(&owner, &holder).problem(409, "illegal_step");
    claim(&world, &owner, &account, None);
    claim(&world, &holder, &account, Some("4711"));
    refuse(&holder, &owner).problem(409, "illegal_step");
    let named = sub_account(&world, &owner, &account, Some("4711"), &holder).json();

    later(&world);
    let refused = refuse(&owner, &holder).json();

    let path = |row: &Value| format!("/v1/sub-accounts/{}", row["id"].as_str().unwrap());
    let confirm = |row: &Value| world.post(&holder, &format!("{}/confirm", path(row)), &json!({}));
    assert_eq!(refuse(&owner, &holder).json(), refused, "said twice it is one refusal");
    let states = |party: &Person| {
        let seen = world.get(party, "/v1/sub-accounts").json();
        seen["items"].as_array().unwrap().iter().map(|row| row["state"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(states(&holder), ["ended", "refused"]);
    for row in [&named, &refused] {
        confirm(row).problem(409, "illegal_step");
    }
    world.change(&holder, "DELETE", &path(&refused), "", &Value::Null).problem(409, "illegal_step");
    later(&world);
    let again = sub_account(&world, &owner, &account, Some("4711"), &holder).json();
    assert_eq!(states(&owner), ["ended", "ended", "named"]);
    assert_eq!(confirm(&again).status.as_u16(), 200);
    assert_eq!(ask(&world, &gateway, &account, Some("4711")), found("owned", &[&holder], &[]));
    refuse(&owner, &holder).problem(409, "illegal_step");
    // The owner ends a refusal as it ends a sub-account.
    let other = say(&world, &owner, "/refuse", &account, Some("1"), &holder).json();
    assert_eq!(world.change(&owner, "DELETE", &path(&other), "", &Value::Null).json()["state"], "ended");
}

#[on_every_database(World::start)]
fn sub_accounts_of_one_day_by_one_vasp_are_one_alert_of_each_kind(world: World) {
    let (owner, other, holder) = (world.member("Alpha"), world.member("Gamma"), world.member("Beta"));
    let (account, second) = (Account::new(7), Account::new(8));
    claim(&world, &holder, &account, Some("1"));
    claim(&world, &owner, &account, None);
    claim(&world, &other, &second, None);

    let ids = ["1", "2", "3"].map(|memo| {
        later(&world);
        sub_account(&world, &owner, &account, Some(memo), &holder).json()["id"].clone()
    });
    later(&world);
    sub_account(&world, &other, &second, Some("1"), &holder);

    let told = alerts(&world, &holder);
    let counted = |told: &[Value]| told.iter().map(|one| (one["kind"].clone(), one["count"].clone())).collect::<Vec<_>>();
    let named = |count: u64| (json!("sub_account.named"), json!(count));
    assert_eq!(counted(&told), [named(1), named(3), (json!("own.claim_disputed"), json!(1))], "newest first");
    assert_eq!((&told[1]["vasp"], &told[1]["to"]), (&json!(owner.vasp()), &json!(ids)));
    // Tomorrow is told anew.
    world.registry.advance(86_400);
    sub_account(&world, &owner, &account, Some("4"), &holder);
    assert_eq!(counted(&alerts(&world, &holder))[0], named(1));
}
