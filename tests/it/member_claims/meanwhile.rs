//! What becomes of claims that wait, and of a case, when something else happens meanwhile: a revocation, a merge, another decision,
//! a proof, a liar who goes on.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::allowance::Allowance;
use vasp_record::claim::Visibility;
use vasp_record::role::{Role, Scope};
use vasp_store::{StoreError, StoreOptions};

use super::allowance::{conflicted, days, import, operator, pending};
use super::world::{Wallet, World, address, owned_by};
use crate::support::{Answer, Database, Person, add_group, on_every_database};

/// An exchange and a liar whose claims contradict it, two of them at once; a reviewer and an approver.
struct Scene {
    world: World,
    exchange: Person,
    liar: Person,
    gateway: Person,
    reviewer: Person,
    approver: Person,
}

impl Scene {
    fn of(database: Database) -> Self {
        let world = World::start_with(database, |settings| {
            settings.claims.allowance = Allowance { a_day: 2, after_days: 0, ..Allowance::default() };
        });
        let (exchange, liar, gateway, reviewer) =
            (world.member("Alpha"), world.member("Beta"), world.gateway(), operator(&world));
        let approver = world.registry.person(reviewer.organisation, &[Role::Approver]);
        import(&world, &exchange, (1..=6).map(address));
        world.registry.advance(60);
        Self { world, exchange, liar, gateway, reviewer, approver }
    }

    /// The liar's case, taken.
    fn case(&self) -> String {
        let path = format!("/v1/vasps/{}/cases", self.liar.vasp());
        let opened = self.world.post(&self.reviewer, &path, &json!({"reason": "looked at"})).json();
        let case = opened["id"].as_str().unwrap().to_owned();
        self.world.post(&self.reviewer, &format!("/v1/cases/{case}/take"), &Value::Null).with(200);
        case
    }

    fn propose(&self, case: &str, decision: Value) -> Answer {
        let mut body = decision;
        body["reason"] = json!("a lie");
        self.world.post(&self.reviewer, &format!("/v1/cases/{case}/propose"), &body)
    }

    fn approve(&self, proposed: &Value) -> Answer {
        self.approver.approve(&self.world.registry, proposed)
    }

    fn shown(&self, case: &str) -> Value {
        self.world.get(&self.reviewer, &format!("/v1/cases/{case}")).json()
    }

    fn count(&self, case: &str, rows: &Value) -> Value {
        let body = json!({"rows": rows, "reason": "both say so"});
        self.world.post(&self.reviewer, &format!("/v1/claims/pending/{case}/count"), &body).answered(200)
    }

    fn state(&self, claim: &Value) -> Value {
        self.world.get(&self.liar, &format!("/v1/claims/{}", claim.as_str().unwrap())).json()["state"].clone()
    }
}

fn batches(numbers: &[&Value]) -> Value {
    json!({"decision": "revoke", "claims": {"batches": numbers}})
}

/// Before, suspending and revoking the liar lifted none of its conflicts. Which of its claims end is a part of what is decided.
#[test]
fn a_revocation_says_which_claims_end_and_ends_them_with_all_that_waits() {
    let ends = |database, which: &str| {
        let scene = Scene::of(database);
        let (world, liar) = (&scene.world, &scene.liar);
        let report = import(world, liar, (1..=5).map(address));
        world.claim(liar, &address(9), &json!({}));
        let case = scene.case();
        let faulty = |decision: Value| scene.propose(&case, decision).problem(422, "invalid_request")["errors"][0].clone();
        assert_eq!(faulty(json!({"decision": "revoke"}))["pointer"], "/claims");
        assert_eq!(faulty(json!({"decision": "keep", "claims": "none"}))["pointer"], "/claims");
        assert_eq!(faulty(batches(&[]))["pointer"], "/claims");
        assert_eq!(faulty(batches(&[&report["batch"], &json!(1)]))["pointer"], "/claims/batches/1", "the exchange's");
        let wanted = match which {
            "batches" => batches(&[&report["batch"]]),
            which => json!({"decision": "revoke", "claims": which}),
        };

        let proposed = scene.propose(&case, wanted.clone()).answered(201);
        assert_eq!(scene.shown(&case)["claims"], wanted["claims"]);
        let before = world.registry.registry.directory().sequence();
        scene.approve(&proposed).with(200);

        let (batches, counting) = match which {
            "all" => (2, 0),
            "none" => (0, 3),
            _ => (1, 1),
        };
        let after = world.registry.registry.directory().sequence();
        assert_eq!(after - before, batches + 1, "{which}: one change a batch, and the status");
        let live = world.get(liar, "/v1/claims?state=live").json();
        assert_eq!(live["items"].as_array().unwrap().len(), counting, "{which}");
        assert_eq!(pending(world, &scene.reviewer), [Value::Null; 0], "{which}");
        assert_eq!(scene.state(&report["rows"][4]["claim"]), "ended", "{which}: it waited");
        assert_eq!(world.owners(&scene.gateway, &address(9)).0, if which == "all" { "not_found" } else { "owned" });
        assert_eq!(conflicted(world, &scene.gateway, 1..=5), 0, "{which}");
        // A node that starts reads the same.
        let node = world.node(StoreOptions::default());
        assert_eq!(node.directory().sequence(), after);
    };
    on_every_database(|database| ends(database, "all"));
    on_every_database(|database| ends(database, "none"));
    on_every_database(|database| ends(database, "batches"));
}

#[on_every_database(Scene::of)]
fn what_a_vasp_does_itself_takes_back_no_revocation_and_what_others_say_does(scene: Scene) {
    let (world, liar) = (&scene.world, &scene.liar);
    let case = scene.case();
    let revoke = json!({"decision": "revoke", "claims": "all"});
    let proposed = scene.propose(&case, revoke.clone()).json();

    // A conflict within its allowance, claims that wait, something that it publishes.
    let own = world.claim(liar, &address(1), &json!({}));
    import(world, liar, (2..=5).map(address));
    world.registry.say_from("member", liar.vasp(), &[("domain", "beta.example", "proven")]);

    let shown = scene.shown(&case);
    assert_eq!((&shown["status"], &shown["proposal"]["state"]), (&json!("proposed"), &json!("pending")), "{shown}");
    let since = shown["since_proposed"].as_array().unwrap();
    assert_eq!(since[0], "1 of its claims contradict claims of other parties (conflicts: 1)", "{since:?}");
    assert!(since.iter().any(|one| one.as_str().unwrap().contains("wait for a reviewer")), "{since:?}");
    // Another party says so too: whoever approves must have seen it.
    let report = json!({"network": "eip155:1", "address": address(1), "claim": own["id"], "reason": "it is ours"});
    assert_eq!(world.post(&scene.exchange, "/v1/disputes", &report).status.as_u16(), 201);
    scene.approve(&proposed).problem(412, "stale_version");
    assert_eq!(scene.shown(&case)["since_proposed"], json!([]), "nothing is proposed");

    let again = scene.propose(&case, revoke).json();
    assert_eq!(scene.shown(&case)["since_proposed"], json!([]));
    world.claim(liar, &address(8), &json!({}));
    scene.approve(&again).with(200);
    assert_eq!(scene.shown(&case)["status"], "closed");
    assert_eq!(world.owners(&scene.gateway, &address(8)).0, "not_found");
    world
        .post(liar, "/v1/claims", &json!({"network": "eip155:1", "address": address(8), "role": "hot"}))
        .problem(409, "illegal_step");
}

#[on_every_database(Scene::of)]
fn a_case_that_is_closed_leaves_nothing_waiting_without_one(scene: Scene) {
    import(&scene.world, &scene.liar, (1..=5).map(address));
    let case = scene.case();

    let proposed = scene.propose(&case, json!({"decision": "keep"})).json();
    assert_eq!(scene.approve(&proposed).status.as_u16(), 200);

    let waiting = pending(&scene.world, &scene.reviewer);
    let next = waiting[0]["case"].as_str().expect("another case").to_owned();
    assert_ne!(next, case);
    assert_eq!(scene.shown(&next)["triggers"][0]["kind"], "pending_claims");
    assert_eq!(scene.count(&next, &json!("all"))["counted"], 3);
}

#[on_every_database(Scene::of)]
fn what_waits_of_a_record_that_is_merged_ends_with_it(scene: Scene) {
    let (world, stays) = (&scene.world, scene.world.member("Beta Holding"));
    let report = import(world, &scene.liar, (1..=5).map(address));
    let path = format!("/v1/vasps/{}/merge", scene.liar.vasp());
    let merging = json!({"into": stays.vasp(), "reason": "one register entry"});
    let proposed = world.post(&scene.reviewer, &path, &merging).json();
    // What it publishes meanwhile takes that back no more than a revocation.
    world.claim(&scene.liar, &address(8), &json!({}));
    world.registry.say_from("member", scene.liar.vasp(), &[("domain", "beta.example", "proven")]);

    let approved = scene.approve(&proposed);

    assert_eq!(approved.status.as_u16(), 200, "{approved:?}");
    assert_eq!(pending(world, &scene.reviewer), [Value::Null; 0]);
    assert_eq!(scene.state(&report["rows"][4]["claim"]), "ended");
    assert_eq!(world.owners(&scene.gateway, &address(8)), owned_by(&stays), "what counted stays");
}

#[on_every_database(Scene::of)]
fn a_proof_counts_although_a_reviewer_let_the_rows_count_meanwhile(scene: Scene) {
    let (world, liar) = (&scene.world, &scene.liar);
    let wallets: Vec<Wallet> = (1..=6).map(Wallet::new).collect();
    import(world, &scene.exchange, wallets.iter().map(Wallet::address));
    import(world, liar, (1..=2).map(address));
    let report = import(world, liar, wallets[..4].iter().map(Wallet::address));
    let one = world.claim(liar, &wallets[4].address(), &json!({}));
    let own = format!("/v1/claims/{}", one["id"].as_str().unwrap());
    let challenge = world.post(liar, &format!("{own}/challenge"), &json!({})).json();
    // First one of the batch, then all else.
    let case = scene.case();
    scene.count(&case, &json!([report["rows"][0]["claim"]]));
    scene.count(&case, &json!("all"));

    let proven = world.post(liar, &format!("{own}/proof"), &wallets[4].prove(challenge["challenge"].as_str().unwrap()));

    assert_eq!(proven.json()["strength"], "proven", "{proven:?}");
    assert_eq!(scene.state(&report["rows"][3]["claim"]), "live");
}

/// Whoever writes about a VASP locks its submission, then its case, then claims: in another order two wait for each other.
#[on_every_database(Scene::of)]
fn who_proposes_to_end_selected_claims_holds_none_of_them_while_it_waits_for_their_case(scene: Scene) {
    let (world, liar) = (&scene.world, &scene.liar);
    if world.registry.database.file().is_some() {
        return; // SQLite's writers are alone.
    }
    world.submission(liar);
    let claim = world.claim(liar, &address(9), &json!({}));
    let number = world.registry.registry.directory().claim_ids().number(claim["id"].as_str().unwrap()).unwrap().0;
    let (now, store) = (world.registry.clock.now(), world.registry.registry.store());

    let (written, proposed) = std::thread::scope(|scope| {
        let mut proposer = None;
        let written = store.write::<_, StoreError>(now, &mut world.registry.random.fork(), |transaction| {
            transaction.lock_submission(liar.vasp())?;
            proposer = Some(scope.spawn(|| {
                let body = json!({"claims": [claim["id"]], "reason": "a lie"});
                world.post(&scene.reviewer, "/v1/claims/ends/propose", &body)
            }));
            wait_for_a_waiter(world);
            transaction.lock_claims()?;
            transaction.lock_member_claim(number).map(drop)
        });
        (written, proposer.unwrap().join().unwrap())
    });

    written.unwrap();
    assert_eq!(proposed.status.as_u16(), 201, "{proposed:?}");
}

/// Waits until somebody waits for a lock in the world's own database.
fn wait_for_a_waiter(world: &World) {
    use diesel::{Connection, PgConnection, RunQueryDsl, sql_query};
    let mut connection = PgConnection::establish(&world.registry.database.url.whole()).unwrap();
    let waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while sql_query(waiting).execute(&mut connection).unwrap() == 0 {
        std::thread::yield_now();
    }
}

#[on_every_database(Scene::of)]
fn a_waiting_claim_is_shown_beside_those_of_other_parties_alone_and_has_replaced_nothing(scene: Scene) {
    let (world, liar) = (&scene.world, &scene.liar);
    let until = |days: i64| json!({"expires_at": world.registry.clock.now().plus_secs(days * 86_400).to_string()});
    let over = world.claim(liar, &address(7), &until(1));
    days(world, 2);
    world.claim(&scene.exchange, &address(7), &json!({}));
    // Its own brand's label says so too.
    let group = world.registry.write(|transaction| {
        let (owner, group) = add_group(transaction, "BETA")?;
        let account_key = hex::decode(address(7).trim_start_matches("0x")).unwrap();
        let label = crate::support::Label { network: 104, account_key, owner, expires_at: None };
        crate::support::add_batch(transaction, &[label], Visibility::Public)?;
        Ok(group)
    });
    let brands = format!("/v1/vasps/{}/brands/propose", liar.vasp());
    let evidence = json!([{"kind": "commercial_name", "source": "register"}]);
    let brand = json!({"group": group, "evidence": evidence, "reason": "its brand"});
    let proposed = world.post(&scene.reviewer, &brands, &brand).json();
    assert_eq!(scene.approve(&proposed).status.as_u16(), 200);
    import(world, liar, (1..=2).map(address));

    let waits = world.claim(liar, &address(7), &json!({}));

    assert_eq!(waits["state"], "pending_review", "the other is over, not replaced");
    assert_eq!(waits["replaces"], Value::Null, "the other is over, not replaced");
    let case = scene.case();
    let rows = world.get(&scene.reviewer, &format!("/v1/claims/pending/{case}/rows")).json();
    let against = rows["items"][0]["against"].as_array().unwrap();
    assert_eq!((against.len(), &against[0]["vasp"]), (1, &json!(scene.exchange.vasp())), "{rows}");
    scene.count(&case, &json!("all"));
    let path = |claim: &Value| format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    assert_eq!(world.get(liar, &path(&waits)).json()["replaces"], over["id"]);
    assert_eq!(world.get(liar, &path(&over)).json()["replaced_by"], waits["id"]);
}

#[on_every_database]
fn contradictions_of_one_day_by_one_vasp_are_one_alert(database: Database) {
    let world = World::start_with(database, |settings| {
        settings.claims.allowance = Allowance { after_days: 0, ..Allowance::default() };
    });
    let (exchange, liar, other) = (world.member("Alpha"), world.member("Beta"), world.member("Gamma"));
    import(&world, &exchange, (1..=9).map(address));
    let reader = watcher(&world, &exchange);
    let alerts = || reader.get(&world.registry, "/v1/alerts").json()["items"].clone();

    world.claim(&liar, &address(1), &json!({}));
    let first = alerts()[0].clone();
    import(&world, &liar, (2..=4).map(address));

    let folded = alerts();
    assert_eq!((folded.as_array().unwrap().len(), &folded[0]["id"]), (1, &first["id"]), "{folded}");
    assert_eq!((&first["count"], &folded[0]["count"]), (&json!(1), &json!(4)));
    // Another VASP, the same one after somebody took note, and the same one tomorrow are told anew.
    world.claim(&other, &address(1), &json!({}));
    assert_eq!(alerts().as_array().unwrap().len(), 2);
    let path = format!("/v1/alerts/{}/acknowledge", first["id"].as_str().unwrap());
    assert_eq!(world.post(&reader, &path, &json!({"note": "seen"})).status.as_u16(), 200);
    world.claim(&liar, &address(5), &json!({}));
    days(&world, 1);
    world.claim(&liar, &address(6), &json!({}));
    assert_eq!(alerts().as_array().unwrap().len(), 4);
}

/// A person of a member who reads its alerts.
fn watcher(world: &World, member: &Person) -> Person {
    world.registry.person_with(member.organisation, &[Role::Admin], &[Scope::Member, Scope::Precheck])
}
