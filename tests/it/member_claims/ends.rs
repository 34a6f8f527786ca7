//! The end of a claim decides nothing: who waited for it, or contradicted it, does not get the address by that.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::claims::count_unopposed;

use super::allowance::{days, operator, world as allowing};
use super::world::{Wallet, World, address, owned_by};
use crate::support::{Database, Person, on_every_database};

/// How Alpha's claim ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Expired,
    Withdrawn,
    Suspended,
    Revoked,
}

/// Alpha's claim, attested or proven, for 40 days; and Beta, verified since then, whose claim on the same address waits.
struct Scene {
    world: World,
    alpha: Person,
    beta: Person,
    asker: Person,
    claim: Value,
    waiting: Value,
    place: String,
}

impl Scene {
    fn of(database: Database, is_proven: bool) -> Self {
        let world = allowing(database);
        let (alpha, wallet) = (world.member("Alpha"), Wallet::new(1));
        let place = wallet.address();
        let in_40_days = world.registry.clock.now().plus_secs(40 * 86_400).to_string();
        let mut claim = world.claim(&alpha, &place, &json!({"expires_at": in_40_days}));
        if is_proven {
            claim = prove(&world, &alpha, &wallet, &claim, 200);
            let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
            claim = world.change(&alpha, "PATCH", &path, "*", &json!({"expires_at": in_40_days})).with(200).json();
        }
        days(&world, 1);
        let beta = world.member("Beta");
        let waiting = world.claim(&beta, &place, &json!({}));
        assert_eq!(waiting["state"], "pending_review");
        let asker_vasp = world.registry.record("Asker", &[("status", "", "verified"), ("country", "", "DE")]);
        let scopes = [Scope::Resolve, Scope::Precheck];
        let asker = world.registry.person_of(OrganisationKind::Gateway, Some(asker_vasp), &[Role::Compliance], &scopes);
        Self { world, alpha, beta, asker, claim, waiting, place }
    }

    fn end(&self, how: End) {
        match how {
            End::Expired => days(&self.world, 41),
            End::Withdrawn => {
                days(&self.world, 1);
                let path = format!("/v1/claims/{}", self.claim["id"].as_str().unwrap());
                let ended = self.world.change(&self.alpha, "DELETE", &path, "*", &Value::Null).with(200).json();
                assert_eq!((&ended["id"], &ended["state"]), (&self.claim["id"], &json!("withdrawn")));
            }
            End::Suspended => self.world.set_status(&self.alpha, "suspended"),
            End::Revoked => self.world.set_status(&self.alpha, "revoked"),
        }
    }

    fn sweep(&self) -> usize {
        let registry = &self.world.registry;
        count_unopposed(&registry.registry, registry.clock.now(), &mut registry.random.fork()).unwrap()
    }

    fn resolved(&self) -> Value {
        self.world.ask(&self.asker, &self.place)
    }

    /// What the pre-check says of the address, and of its attribution.
    fn judged(&self) -> (Value, Value) {
        let beneficiary = json!({"address": self.place, "network": "eip155:1"});
        let body = json!({"direction": "outgoing", "beneficiary": beneficiary});
        let answer = self.world.post(&self.asker, "/v1/prechecks", &body).answered(200);
        (answer["recommendation"].clone(), answer["checks"][0]["code"].clone())
    }
}

fn prove(world: &World, member: &Person, wallet: &Wallet, claim: &Value, status: u16) -> Value {
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    let challenge = world.post(member, &format!("{path}/challenge"), &json!({})).json();
    let proof = wallet.prove(challenge["challenge"].as_str().unwrap_or_default());
    world.post(member, &format!("{path}/proof"), &proof).with(status).json()
}

#[on_every_database]
fn who_waits_for_the_end_of_a_claim_never_gets_the_address(database: Database) {
    for is_proven in [false, true] {
        for how in [End::Expired, End::Withdrawn, End::Suspended, End::Revoked] {
            let scene = Scene::of(Database::beside(&database), is_proven);

            scene.end(how);
            let swept = scene.sweep();

            let (resolved, (recommendation, code)) = (scene.resolved(), scene.judged());
            let told = format!("{is_proven} {how:?}: {resolved}");
            // The pre-check rejects a revoked firm, whatever it owns.
            let expected = if how == End::Revoked { "reject" } else { "hold" };
            assert_eq!((swept, recommendation), (0, json!(expected)), "{told}");
            let owners: Vec<&Value> = resolved["owners"].as_array().unwrap().iter().map(|owner| &owner["vasp"]["id"]).collect();
            assert!(!owners.contains(&&json!(scene.beta.vasp())), "{told}");
            let waiting = scene.world.get(&scene.beta, &format!("/v1/claims/{}", scene.waiting["id"].as_str().unwrap()));
            assert_eq!(waiting.json()["state"], "pending_review", "{told}");
            match (is_proven, how) {
                (false, End::Expired | End::Withdrawn) => {
                    assert_eq!(code, "attribution.unsettled_end", "{told}");
                    assert_eq!(
                        (&resolved["status"], &resolved["related_reason"]),
                        (&json!("not_found"), &json!("unsettled_end"))
                    );
                }
                (true, End::Expired | End::Withdrawn) => {
                    assert_eq!(code, "attribution.recently_proven", "{told}");
                    assert_eq!(resolved["related_reason"], "recently_proven", "{told}");
                }
                (_, End::Suspended | End::Revoked) => assert_eq!(resolved["status"], "owned", "{told}"),
            }
        }
    }
}

/// Before, a row that was sent again, or changed, after the end of what it contradicted took effect.
#[on_every_database]
fn a_waiting_claim_that_is_sent_again_or_changed_after_the_end_stays_waiting(database: Database) {
    let scene = Scene::of(database, false);
    scene.end(End::Expired);
    let (world, beta) = (&scene.world, &scene.beta);
    let body = json!({"network": "eip155:1", "address": scene.place, "role": "hot"});

    world.post(beta, "/v1/claims", &body).problem(409, "conflict");
    let path = format!("/v1/claims/{}", scene.waiting["id"].as_str().unwrap());
    let changed = world.change(beta, "PATCH", &path, "*", &json!({"role": "cold"})).with(200).json();

    assert_eq!((&changed["state"], scene.sweep()), (&json!("pending_review"), 0));
    let log_head = scene.resolved()["directory"]["sequence"].clone();
    assert_eq!((scene.sweep(), &scene.resolved()["directory"]["sequence"]), (0, &log_head), "a claim is marked once");
    assert_eq!(scene.judged().1, "attribution.unsettled_end");
}

#[on_every_database]
fn who_contradicted_a_claim_in_force_is_held_after_its_end_until_two_people_decide(database: Database) {
    let world = allowing(database);
    let (alpha, beta) = (world.member("Alpha"), world.member("Beta"));
    let gateway = world.gateway();
    days(&world, 31);
    let in_40_days = world.registry.clock.now().plus_secs(40 * 86_400).to_string();
    let older = world.claim(&alpha, &address(1), &json!({"expires_at": in_40_days}));
    days(&world, 1);
    assert_eq!(world.claim(&beta, &address(1), &json!({}))["disputed"], true);
    assert_eq!(world.owners(&gateway, &address(1)).0, "conflicted");

    days(&world, 40);

    let held = world.ask(&gateway, &address(1));
    assert_eq!((&held["status"], &held["related_reason"]), (&json!("conflicted"), &json!("unsettled_end")));
    assert_eq!(held["owners"][0]["vasp"]["id"], json!(beta.vasp()));
    let (reviewer, approver) = world.registry.two_operators();
    let body = json!({"claims": [older["id"]], "reason": "the address is Beta's"});
    let proposed = world.post(&reviewer, "/v1/claims/ends/propose", &body).answered(201);
    approver.approve(&world.registry, &proposed).with(200);

    assert_eq!(world.owners(&gateway, &address(1)), owned_by(&beta));
    assert!(world.ask(&gateway, &address(1)).get("related_reason").is_none());
}

#[on_every_database]
fn a_proof_settles_what_an_end_left(database: Database) {
    let scene = Scene::of(database, true);
    scene.end(End::Expired);
    scene.sweep();

    let proven = prove(&scene.world, &scene.beta, &Wallet::new(1), &scene.waiting, 200);

    assert_eq!(proven["strength"], "proven");
    assert_eq!(scene.world.owners(&scene.asker, &scene.place), owned_by(&scene.beta));
}

#[on_every_database]
fn a_signature_prolongs_a_proven_claim_after_its_end(database: Database) {
    let scene = Scene::of(database, true);
    scene.end(End::Expired);

    let proven = prove(&scene.world, &scene.alpha, &Wallet::new(1), &scene.claim, 200);

    assert_eq!(proven["asserted_at"], scene.claim["asserted_at"]);
    assert_eq!(scene.world.owners(&scene.asker, &scene.place), owned_by(&scene.alpha));
}

#[on_every_database]
fn who_claims_again_within_ninety_days_has_the_age_and_the_answer_again(database: Database) {
    for how in [End::Expired, End::Withdrawn] {
        let scene = Scene::of(Database::beside(&database), false);
        scene.end(how);
        scene.sweep();

        let again = scene.world.claim(&scene.alpha, &scene.place, &json!({}));

        assert_eq!((&again["state"], &again["asserted_at"]), (&json!("live"), &scene.claim["asserted_at"]), "{how:?}");
        assert_eq!(scene.world.owners(&scene.asker, &scene.place), owned_by(&scene.alpha));
    }
    let scene = Scene::of(database, false);
    scene.end(End::Expired);
    days(&scene.world, 90);
    let anew = scene.world.claim(&scene.alpha, &scene.place, &json!({}));
    assert_ne!(anew["asserted_at"], scene.claim["asserted_at"], "after 90 days its age starts anew");
}

/// The liar files rows and ends them: the honest firm, whose claim is older, is answered as before.
#[on_every_database]
fn the_end_of_the_younger_claim_leaves_everything_as_if_it_had_never_been(database: Database) {
    let world = allowing(database);
    let (alpha, beta, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    days(&world, 31);
    world.claim(&alpha, &address(1), &json!({}));
    days(&world, 1);
    let younger = world.claim(&beta, &address(1), &json!({}));
    assert_eq!(world.owners(&gateway, &address(1)).0, "conflicted");

    let path = format!("/v1/claims/{}", younger["id"].as_str().unwrap());
    world.change(&beta, "DELETE", &path, "*", &Value::Null).with(200);

    assert_eq!(world.owners(&gateway, &address(1)), owned_by(&alpha));
    assert_eq!(world.get(&beta, "/v1/claims").json()["items"].as_array().unwrap().len(), 1, "one withdrawn claim is shown");
}

#[on_every_database]
fn a_party_that_proved_in_secret_makes_an_unproven_claim_hold(database: Database) {
    let world = World::start(database);
    let (alpha, beta, gateway, wallet) = (world.member("Alpha"), world.member("Beta"), world.gateway(), Wallet::new(1));
    let named = json!({"visibility": "named", "named": [operator(&world).organisation.to_string()]});
    let claim = world.claim(&alpha, &wallet.address(), &named);
    let told = world.ask(&gateway, &wallet.address());
    assert_eq!((&told["status"], told.get("related_reason")), (&json!("not_found"), None), "an unproven one is not told");
    prove(&world, &alpha, &wallet, &claim, 200);

    let hidden = world.ask(&gateway, &wallet.address());

    assert_eq!((&hidden["status"], &hidden["related_reason"]), (&json!("not_found"), &json!("hidden_proof")));
    days(&world, 31);
    world.claim(&beta, &wallet.address(), &json!({}));
    let held = world.ask(&gateway, &wallet.address());
    assert!(["conflicted", "not_found"].contains(&held["status"].as_str().unwrap()), "{held}");
    assert_eq!(held["related_reason"], "hidden_proof");
    assert!(!held.to_string().contains(&alpha.vasp().to_string()), "it names nobody: {held}");
}
