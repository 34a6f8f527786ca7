//! A member's own brand: two people decide that the labels of a group are its own, and then its claims no longer contradict them.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::claim::Visibility;
use vasp_record::resolution::Parties;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_store::{StoreError, StoreOptions};
use vasp_words::ids::VaspId;

use super::world::{Party, World, address};
use crate::support::{Answer, Label, add_batch, add_group, fact, on_every_database};

struct Scene {
    world: World,
    honest: Party,
    liar: Party,
    gateway: Party,
    reviewer: Party,
    approver: String,
    group: VaspId,
}

impl Scene {
    /// Labels name the brand "Alpha" at two addresses; a member of that name and a liar claim one each.
    fn of(database: crate::support::Database) -> Self {
        let world = World::start(database);
        let now = world.registry.clock.now();
        let store = world.registry.registry.store();
        let written = store.write::<_, StoreError>(now, &mut world.registry.random.fork(), |transaction| {
            let (owner, id) = add_group(transaction, "ALPHA")?;
            let labels = [1, 2].map(|number: u64| {
                let account_key = hex::decode(address(number).trim_start_matches("0x")).unwrap();
                Label { network: 104, account_key, owner, expires_at: None }
            });
            add_batch(transaction, &labels, Visibility::Public)?;
            Ok(id)
        });
        let group = written.unwrap().value;
        world.registry.registry.let_others_know();
        let (honest, liar, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
        world.claim(&honest, &address(1), &json!({}));
        world.claim(&liar, &address(2), &json!({}));
        let roles = vec![Role::Reviewer, Role::Approver];
        let reviewer = world.organisation(OrganisationKind::Operator, None, roles, &[Scope::Operator]);
        let (_, approver) = world.person(reviewer.organisation, vec![Role::Approver], &[Scope::Operator]);
        Self { world, honest, liar, gateway, reviewer, approver, group }
    }

    fn path(&self, step: &str) -> String {
        format!("/v1/operator/vasps/{}/brands{step}", self.honest.vasp)
    }

    fn propose(&self, party: &Party, group: &Value, evidence: &Value) -> Answer {
        let path = format!("/v1/operator/vasps/{}/brands/propose", party.vasp);
        self.world.post(&self.reviewer, &path, &json!({"group": group, "evidence": evidence, "reason": "asked at verification"}))
    }

    fn approve(&self, key: &str, proposed: &Value) -> Answer {
        let digest = json!({"proposal_digest": proposed["proposal"]["digest"]});
        self.world.post_as(key, &self.path("/approve"), &digest)
    }

    fn status(&self, number: u64) -> String {
        self.world.owners(&self.gateway, &address(number)).0
    }
}

fn named_so() -> Value {
    json!([{"kind": "commercial_name", "source": "register of the FMA"}])
}

/// Issue 21, item 3: an honest member's own labels contradicted it, and only a conflict an address at a time could be had.
#[test]
fn two_people_make_a_member_and_the_labels_of_its_brand_one_party_and_end_it() {
    on_every_database(|database| {
        let scene = Scene::of(database);
        let (world, group) = (&scene.world, json!(scene.group));
        assert_eq!([scene.status(1), scene.status(2)], ["conflicted", "conflicted"]);
        let read = || world.get(&scene.reviewer, &scene.path("")).json();
        assert_eq!((&read()["items"], &read()["candidates"][0]["group"]), (&json!([]), &group));

        let proposed = scene.propose(&scene.honest, &group, &named_so()).json();
        assert_eq!(scene.status(1), "conflicted", "one person decides nothing");
        scene.approve(&scene.reviewer.key, &proposed).problem(409, "same_person");
        let before = world.ask(&scene.gateway, &address(1))["directory"]["sequence"].clone();
        let node = world.node(StoreOptions::default());
        let decided = scene.approve(&scene.approver, &proposed);

        assert_eq!(decided.status.as_u16(), 200, "{decided:?}");
        assert_eq!(read()["items"][0]["group"], group);
        assert_eq!(read()["items"][0]["evidence"][0]["method"], "register_look_up");
        assert_eq!(world.owners(&scene.gateway, &address(1)), ("owned".to_owned(), vec![scene.honest.vasp.clone()]));
        assert_eq!(scene.status(2), "conflicted", "the brand is nobody else's");
        let then = format!("/v1/resolve?subject={}&network=eip155:1&as_of=seq:{before}", address(1));
        assert_eq!(world.get(&scene.gateway, &then).json()["status"], "conflicted");
        let record = world.get(&scene.gateway, &format!("/v1/vasps/{}", scene.honest.vasp)).json();
        assert_eq!(record["group"]["id"], group);

        // Another node learns of it from the log, and so does one that starts.
        let now = world.registry.clock.now();
        node.directory().catch_up().unwrap();
        for node in [&node, &world.node(StoreOptions::default())] {
            let vasp: VaspId = scene.honest.vasp.parse().unwrap();
            assert_eq!(node.pin(now).records().party(vasp), scene.group);
        }

        // Nobody takes a second brand unseen, and two people end this one.
        scene.propose(&scene.honest, &group, &named_so()).problem(409, "illegal_step");
        let proposed = scene.propose(&scene.honest, &Value::Null, &json!([])).json();
        scene.approve(&scene.reviewer.key, &proposed).problem(409, "same_person");
        assert_eq!(scene.approve(&scene.approver, &proposed).status.as_u16(), 200);
        assert_eq!((scene.status(1).as_str(), &read()["items"]), ("conflicted", &json!([])));
    });
}

#[test]
fn a_brand_takes_evidence_that_the_record_bears_out() {
    on_every_database(|database| {
        let scene = Scene::of(database);
        let (world, group) = (&scene.world, json!(scene.group));
        let refused = |evidence: Value| {
            scene.propose(&scene.liar, &group, &evidence).problem(422, "invalid_request")["errors"][0]["code"].clone()
        };
        let website = || json!([{"kind": "proven_domain", "source": "https://www.alpha-brand.com/about"}]);
        for evidence in [json!([]), named_so(), website()] {
            assert_eq!(refused(evidence), "evidence_missing");
        }
        scene.propose(&scene.honest, &json!(scene.liar.vasp), &named_so()).problem(422, "invalid_request");
        scene.propose(&scene.honest, &Value::Null, &json!([])).problem(409, "illegal_step");

        let number = world.registry.registry.pin(world.registry.clock.now()).number_of(scene.liar.vasp.parse().unwrap()).unwrap();
        world.say(number, vec![crate::support::said("member", number, ("domain", "alpha-brand.com", "proven"))]);
        let proposed = scene.propose(&scene.liar, &group, &website()).json();
        assert_eq!(proposed["proposal"]["state"], "pending");

        // What is approved is what was proposed, on what there was.
        world.say(number, vec![fact(number, "website", "https://beta.example")]);
        let path = format!("/v1/operator/vasps/{}/brands/approve", scene.liar.vasp);
        let digest = json!({"proposal_digest": proposed["proposal"]["digest"]});
        world.post_as(&scene.approver, &path, &digest).problem(412, "stale_version");
        let withdrawn = world.change(&scene.reviewer, "POST", &path.replace("approve", "withdraw"), "", &Value::Null);
        assert_eq!((withdrawn.status.as_u16(), scene.status(2).as_str()), (200, "conflicted"));
    });
}
