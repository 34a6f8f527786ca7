//! Who says otherwise, and how two people decide.

use serde_json::{Value, json};
use std::time::Duration;
use vasp_clock::Clock;
use vasp_record::allowance::{Allowance, ClaimTerms};
use vasp_record::claim::{AddressRole, Visibility};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::claims::{NewAttestation, NewDispute, attest, report_dispute};
use vasp_registry::node::ServiceError;
use vasp_store::{StoreError, StoreOptions};

use super::world::{World, address, owned_by};
use crate::support::{Database, Person, approval, on_every_database, step};

fn operator(world: &World) -> Person {
    world.registry.two_operators().0
}

fn open(world: &World, operator: &Person) -> Vec<Value> {
    world.get(operator, "/v1/disputes").json()["items"].as_array().unwrap().clone()
}

#[on_every_database(World::start)]
fn an_attestation_against_another_partys_claim_opens_a_case_that_two_people_decide(world: World) {
    let (member, rival, gateway, reviewer) = (world.member("Alpha"), world.member("Beta"), world.gateway(), operator(&world));
    let approver = world.registry.person(reviewer.organisation, &[Role::Approver]);
    let first = world.claim(&member, &address(1), &json!({}));
    assert_eq!(open(&world, &reviewer), [Value::Null; 0]);

    let second = world.claim(&rival, &address(1), &json!({}));

    let disputes = open(&world, &reviewer);
    assert_eq!(disputes.len(), 1);
    let dispute = &disputes[0];
    assert_eq!(dispute["kind"], "conflict");
    assert_eq!(dispute["claim"]["id"], second["id"]);
    assert_eq!(dispute["against"]["id"], first["id"]);
    assert_eq!((&dispute["claim"]["vasp"], &dispute["against"]["vasp"]), (&json!(rival.vasp()), &json!(member.vasp())));
    let case = world.registry.registry.store().read::<_, StoreError>(|conn| conn.open_case_of(rival.vasp())).unwrap().unwrap();
    assert_eq!(dispute["case"], case.id.to_string());
    world.get(&member, "/v1/disputes").problem(403, "forbidden");

    // A change of the claim takes the dispute along.
    let path = format!("/v1/claims/{}", second["id"].as_str().unwrap());
    let moved = world.change(&rival, "PATCH", &path, "*", &json!({"role": "cold"})).json();
    let disputed = moved["id"].as_str().unwrap();
    let end = |id: &str| world.post(&reviewer, &format!("/v1/claims/{id}/end/propose"), &json!({"reason": "not theirs"}));
    end(second["id"].as_str().unwrap()).problem(404, "not_found");
    let before = end(disputed).json();
    let proposed = end(disputed).json();
    assert_ne!(before["digest"], proposed["digest"]);
    approver.approve(&world.registry, &before).problem(412, "stale_version");
    world.post(&approver, &step(&proposed, "approve"), &approval(&before)).problem(412, "stale_version");
    assert_eq!(world.owners(&gateway, &address(1)).0, "conflicted");

    let decided = approver.approve(&world.registry, &proposed);

    assert_eq!(decided.status.as_u16(), 200, "{decided:?}");
    assert_eq!(world.owners(&gateway, &address(1)), owned_by(&member));
    let own = world.get(&rival, &format!("/v1/claims/{disputed}")).json();
    assert_eq!(own["state"], "ended");
    assert_eq!(open(&world, &reviewer), [Value::Null; 0]);
    let closed = world.get(&reviewer, "/v1/disputes?status=closed").json();
    assert_eq!(closed["items"][0]["outcome"], format!("ended:{disputed}"));
}

#[on_every_database(World::start)]
fn a_key_or_user_that_the_proposer_made_does_not_approve(world: World) {
    let (member, rival, reviewer) = (world.member("Alpha"), world.member("Beta"), operator(&world));
    world.claim(&member, &address(1), &json!({}));
    let second = world.claim(&rival, &address(1), &json!({}));
    let id = second["id"].as_str().unwrap();
    let proposed = world.post(&reviewer, &format!("/v1/claims/{id}/end/propose"), &json!({"reason": "not theirs"})).json();
    let puppet = world.registry.person(reviewer.organisation, &[Role::Approver]);
    let proposer = proposed["proposed_by"].as_str().unwrap().to_owned();
    // The command line makes users for nobody; as if the proposer had made this one.
    made_by(&world, &puppet.user.to_string(), &proposer);

    let refused = puppet.approve(&world.registry, &proposed);

    refused.problem(409, "same_person");
}

/// Writes into the table that a user was made by another.
fn made_by(world: &World, user: &str, by: &str) {
    world.registry.database.change_row(&format!("UPDATE users SET created_by = '{by}' WHERE id = '{user}'"));
}

#[on_every_database(World::start)]
fn a_member_says_that_an_address_is_not_somebodys_and_no_answer_changes(world: World) {
    let (member, other, gateway, reviewer) = (world.member("Alpha"), world.member("Beta"), world.gateway(), operator(&world));
    let claim = world.claim(&member, &address(1), &json!({}));
    world.label(&address(2), Visibility::Public);
    world.label(&address(3), Visibility::Named);
    let report = |party: &Person, number: u64, more: &Value| {
        let mut body = json!({"network": "ethereum", "address": address(number), "reason": "it is a customer's"});
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        world.post(party, "/v1/disputes", &body)
    };

    let opened = report(&other, 1, &json!({"claim": claim["id"]}));

    assert_eq!((opened.status.as_u16(), &opened.json()["claims"]), (201, &json!([claim["id"]])));
    assert_eq!(world.owners(&gateway, &address(1)), owned_by(&member));
    assert_eq!(report(&other, 1, &json!({})).problem(409, "conflict")["errors"][0]["code"], "disputed_already");
    assert_eq!(report(&other, 2, &json!({})).status.as_u16(), 201, "third-party labels too");
    let unseen = report(&other, 3, &json!({})).problem(404, "not_found");
    assert_eq!(unseen["detail"], report(&other, 4, &json!({})).problem(404, "not_found")["detail"]);
    report(&member, 1, &json!({})).problem(404, "not_found");
    assert_eq!(report(&other, 2, &json!({"reason": " "})).problem(422, "invalid_request")["errors"][0]["pointer"], "/reason");
    let disputes = open(&world, &reviewer);
    assert_eq!(disputes.len(), 2);
    assert_eq!(disputes[0]["kind"], "report");
    assert_eq!(disputes[0]["reason"], "it is a customer's");

    let path = format!("/v1/disputes/{}/dismiss", disputes[0]["id"].as_str().unwrap());
    world.post(&member, &path, &json!({"reason": "no"})).problem(403, "forbidden");
    assert_eq!(world.post(&reviewer, &path, &json!({"reason": "without merit"})).status.as_u16(), 200);
    world.post(&reviewer, &path, &json!({"reason": "without merit"})).problem(404, "not_found");
    assert_eq!(open(&world, &reviewer).len(), 1);
}

#[on_every_database(World::start)]
fn an_expired_claim_that_comes_back_is_disputed_once(world: World) {
    let (member, rival, reviewer) = (world.member("Alpha"), world.member("Beta"), operator(&world));
    let short = json!({"expires_at": "2026-06-02T12:00:00Z"});
    let [extended, anew] = [1, 2].map(|number| world.claim(&rival, &address(number), &short));
    let stood = world.claim(&member, &address(2), &json!({}));
    assert_eq!(open(&world, &reviewer).len(), 1, "about the second address");
    world.registry.clock.set("2026-06-02T12:00:00Z".parse().unwrap());
    let came = world.claim(&member, &address(1), &json!({}));
    assert_eq!((&came["disputed"], open(&world, &reviewer).len()), (&json!(false), 1), "nobody else says so by now");

    let path = format!("/v1/claims/{}", extended["id"].as_str().unwrap());
    let back = world.change(&rival, "PATCH", &path, "*", &json!({"expires_at": "2026-07-01T00:00:00Z"})).json();
    let again = world.claim(&rival, &address(2), &json!({}));

    assert_eq!(again["replaces"], anew["id"]);
    let pairs: Vec<_> = open(&world, &reviewer).iter().map(|d| (d["claim"]["id"].clone(), d["against"]["id"].clone())).collect();
    // A dispute that came along keeps its sides.
    assert_eq!(pairs.len(), 2, "{pairs:?}");
    assert!(pairs.contains(&(back["id"].clone(), came["id"].clone())), "{pairs:?}");
    assert!(pairs.contains(&(stood["id"].clone(), again["id"].clone())), "{pairs:?}");
}

#[on_every_database(World::start)]
fn a_claim_that_ended_while_it_was_read_is_not_disputed(world: World) {
    let (member, other, reviewer) = (world.member("Alpha"), world.member("Beta"), operator(&world));
    let claim = world.claim(&member, &address(1), &json!({}));
    // Another node, which does not know yet that the claim ended.
    let node = world.node(StoreOptions::default());
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    assert_eq!(world.change(&member, "PATCH", &path, "*", &json!({"role": "cold"})).status.as_u16(), 200);
    let report = || {
        let dispute = json!({"network": "eip155:1", "address": address(1), "reason": "it is a customer's"});
        let dispute: NewDispute = serde_json::from_value(dispute).unwrap();
        world.act(&node, &other, |act| report_dispute(act, &dispute))
    };

    let refused = report();

    let is_ended = |fault: &ServiceError| matches!(fault, ServiceError::Conflict(fault) if fault.code == "claim_ended");
    assert!(refused.as_ref().is_err_and(is_ended), "{refused:?}");
    assert_eq!(open(&world, &reviewer), [Value::Null; 0]);
    node.directory().catch_up().unwrap();
    report().unwrap();
    assert_eq!(open(&world, &reviewer)[0]["claim"]["has_ended"], false);
}

/// Locks are taken in one order everywhere, so that nobody waits for whom it keeps waiting: the submission first.
#[on_every_database(World::start)]
fn claims_that_show_each_reader_another_owner_open_a_case(world: World) {
    let (member, rival, reviewer) = (world.member("Alpha"), world.member("Beta"), operator(&world));
    let (friend, victim) = (world.gateway(), world.gateway());
    let named = |reader: &Person| json!({"visibility": "named", "named": [reader.organisation.to_string()]});

    let first = world.claim(&member, &address(1), &named(&friend));
    let second = world.claim(&rival, &address(1), &named(&victim));

    // Neither reader, nor either member, can see that the other is told otherwise.
    assert_eq!(world.owners(&friend, &address(1)), owned_by(&member));
    assert_eq!(world.owners(&victim, &address(1)), owned_by(&rival));
    let pairs: Vec<_> =
        open(&world, &reviewer).iter().map(|one| (one["claim"]["id"].clone(), one["against"]["id"].clone())).collect();
    assert_eq!(pairs, [(second["id"].clone(), first["id"].clone())]);
}

#[on_every_database(World::start)]
fn a_claim_waits_for_whoever_holds_its_vasps_submission(world: World) {
    let member = world.member("Alpha");
    world.submission(&member);
    let node = world.node(StoreOptions { lock_timeout: Duration::from_millis(100), ..StoreOptions::default() });
    let claim = NewAttestation {
        network: "eip155:1".to_owned(),
        address: address(1),
        memo: None,
        role: AddressRole::Hot,
        visibility: Visibility::Gateways,
        named: vec![],
        expires_at: None,
    };
    let allowance = Allowance { after_days: 0, ..Allowance::default() };
    let terms = ClaimTerms { lifetime_secs: 86_400, allowance, told_a_day: None };
    let attest = || world.act(&node, &member, |act| attest(act, &claim, &terms));
    let (now, store) = (world.registry.clock.now(), world.registry.registry.store());

    let waited = store.write::<_, StoreError>(now, &mut world.registry.random.fork(), |transaction| {
        transaction.lock_submission(member.vasp())?;
        let waited = attest();
        // Who waits holds nothing that the other needs next.
        transaction.lock_claims()?;
        Ok(waited)
    });

    assert!(waited.unwrap().value.is_err(), "it came in between");
    attest().unwrap();
}

#[on_every_database(World::start)]
fn claims_of_one_party_do_not_dispute_each_other(world: World) {
    let reviewer = operator(&world);
    let vasp = world.registry.record("Alpha", &[("status", "", "verified")]);
    let scopes = [Scope::Member, Scope::Resolve];
    let member = world.registry.person_of(OrganisationKind::Member, Some(vasp), &[Role::Editor], &scopes);
    // The same VASP, kept by a second organisation of the same house.
    let sister = world.registry.person_of(OrganisationKind::Member, Some(vasp), &[Role::Editor], &scopes);
    world.claim(&member, &address(1), &json!({}));

    let second = world.post(&sister, "/v1/claims", &json!({"network": "eip155:1", "address": address(1), "role": "hot"}));

    assert_eq!(second.problem(409, "conflict")["errors"][0]["code"], "claimed_already");
    assert_eq!(open(&world, &reviewer), [Value::Null; 0]);
}

fn import(world: &World, party: &Person, numbers: std::ops::Range<u64>) -> Value {
    let rows: Vec<String> = numbers.map(|number| format!("eip155:1,{},,hot,", address(number))).collect();
    let file = format!("network,address,memo,role,expires_at\n{}\n", rows.join("\n"));
    let headers = [("authorization", party.bearer.as_str()), ("content-type", "text/csv")];
    world.registry.client.send("POST", "/v1/claims/import", &headers, &file).answered(200)
}

/// Before, a liar's 50,000 claims could only be ended one by one.
#[on_every_database]
fn two_people_end_all_claims_of_a_vasp_a_batch_or_a_selection_at_once(database: Database) {
    let world = World::start_with(database, |settings| {
        settings.claims.allowance = Allowance { a_day: 500, open: 500, after_days: 0, ..Allowance::default() };
    });
    let (honest, liar, gateway, reviewer) = (world.member("Alpha"), world.member("Beta"), world.gateway(), operator(&world));
    let approver = world.registry.person(reviewer.organisation, &[Role::Approver]);
    import(&world, &honest, 0..500);
    let batch = import(&world, &liar, 0..500)["batch"].as_i64().unwrap();
    let last = world.claim(&liar, &address(600), &json!({}));
    assert_eq!((world.owners(&gateway, &address(7)).0.as_str(), open(&world, &reviewer).len()), ("conflicted", 50));
    let propose = |body: Value| world.post(&reviewer, "/v1/claims/ends/propose", &body);
    let approve = |who: &Person, proposed: &Value| who.approve(&world.registry, proposed);

    let proposed = propose(json!({"batch": batch, "reason": "a lie"})).json();
    assert_eq!(proposed["subject"], format!("batch-{batch}"));
    assert!(proposed["says"].as_str().unwrap().contains(": 500 are in force now."), "{proposed}");
    approve(&reviewer, &proposed).problem(409, "same_person");
    let shown = approver.read(&world.registry, &format!("/v1/proposals/{}", proposed["id"].as_str().unwrap()));
    assert_eq!(shown, proposed);
    let before = world.registry.registry.directory().sequence();
    assert_eq!(approve(&approver, &proposed).status.as_u16(), 200);

    assert_eq!(world.registry.registry.directory().sequence(), before + 1, "one change for the batch");
    assert_eq!(world.owners(&gateway, &address(7)), owned_by(&honest));
    assert_eq!(open(&world, &reviewer), [Value::Null; 0]);
    let ended = world.get(&liar, "/v1/claims?state=ended&limit=1000").json();
    assert_eq!(ended["items"].as_array().unwrap().len(), 500);
    propose(json!({"batch": batch, "reason": "again"})).problem(409, "illegal_step");
    // What it says while two people decide ends too.
    let proposed = propose(json!({"vasp": liar.vasp(), "reason": "a lie"})).json();
    world.claim(&liar, &address(601), &json!({}));
    assert_eq!(approve(&approver, &proposed).status.as_u16(), 200);
    for number in [600, 601] {
        assert_eq!(world.owners(&gateway, &address(number)).0, "not_found");
    }
    let own = world.get(&liar, &format!("/v1/claims/{}", last["id"].as_str().unwrap())).json();
    assert_eq!(own["state"], "ended");
    // A selection, across batches; what is no claim is not there.
    let kept = [610, 611].map(|number| world.claim(&liar, &address(number), &json!({}))["id"].clone());
    let proposed = propose(json!({"claims": kept, "reason": "both"})).json();
    assert_eq!(approve(&approver, &proposed).status.as_u16(), 200);
    assert_eq!(world.owners(&gateway, &address(611)).0, "not_found");
    propose(json!({"claims": ["clm_0000000000000000"], "reason": "none"})).problem(404, "not_found");
    for wrong in [
        json!({"reason": "none"}),
        json!({"batch": 1, "vasp": liar.vasp(), "reason": "two"}),
        json!({"claims": [], "reason": "none"}),
    ] {
        propose(wrong).problem(422, "invalid_request");
    }
}
