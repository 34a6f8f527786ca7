//! A member's own brand: two people decide that the labels of a group are its own, and then its claims no longer contradict them.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::claim::Visibility;
use vasp_record::resolution::Parties;
use vasp_registry::claims::list_disputes;
use vasp_store::StoreOptions;
use vasp_words::ids::VaspId;

use super::world::{World, address, owned_by};
use crate::support::{Answer, Label, Person, add_batch, add_group, controllers, on_every_database, step};

struct Scene {
    world: World,
    honest: Person,
    liar: Person,
    gateway: Person,
    reviewer: Person,
    approver: Person,
    group: VaspId,
}

impl Scene {
    /// Labels name the brand "Alpha" at two addresses; a member of that name and a liar claim one each.
    fn of(database: crate::support::Database) -> Self {
        let world = World::start(database);
        let group = world.registry.write(|transaction| {
            let (owner, id) = add_group(transaction, "ALPHA")?;
            add_batch(transaction, &labels(owner, 1..=2), Visibility::Public)?;
            Ok(id)
        });
        let (honest, liar, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
        world.claim(&honest, &address(1), &json!({}));
        world.claim(&liar, &address(2), &json!({}));
        let (reviewer, approver) = world.registry.two_operators();
        Self { world, honest, liar, gateway, reviewer, approver, group }
    }

    /// Labels name the brand at more addresses.
    fn label(&self, numbers: std::ops::RangeInclusive<u64>) {
        let owner = self.world.registry.number_of(self.group);
        self.world.registry.write(|transaction| add_batch(transaction, &labels(owner, numbers), Visibility::Public));
    }

    fn propose(&self, party: &Person, group: &Value, evidence: &Value) -> Answer {
        let path = format!("/v1/vasps/{}/brands/propose", party.vasp());
        self.world.post(&self.reviewer, &path, &json!({"group": group, "evidence": evidence, "reason": "asked at verification"}))
    }

    fn approve(&self, who: &Person, proposed: &Value) -> Answer {
        who.approve(&self.world.registry, proposed)
    }

    fn status(&self, number: u64) -> String {
        self.world.owners(&self.gateway, &address(number)).0
    }
}

fn labels(owner: i64, numbers: std::ops::RangeInclusive<u64>) -> Vec<Label> {
    let key = |number| hex::decode(address(number).trim_start_matches("0x")).unwrap();
    numbers.map(|number| Label { network: 104, account_key: key(number), owner, expires_at: None }).collect()
}

fn named_so() -> Value {
    json!([{"kind": "commercial_name", "source": "register of the FMA"}])
}

/// Before, an honest member's own labels contradicted it, and only a conflict an address at a time could be had.
#[on_every_database(Scene::of)]
fn two_people_make_a_member_and_the_labels_of_its_brand_one_party_and_end_it(scene: Scene) {
    let (world, group) = (&scene.world, json!(scene.group));
    assert_eq!([scene.status(1), scene.status(2)], ["conflicted", "conflicted"]);
    let read = || world.get(&scene.reviewer, &format!("/v1/vasps/{}/brands", scene.honest.vasp())).json();
    assert_eq!((&read()["items"], &read()["candidates"][0]["group"]), (&json!([]), &group));

    let proposed = scene.propose(&scene.honest, &group, &named_so()).json();
    assert_eq!(scene.status(1), "conflicted", "one person decides nothing");
    scene.approve(&scene.reviewer, &proposed).problem(409, "same_person");
    let before = world.ask(&scene.gateway, &address(1))["directory"]["sequence"].clone();
    let node = world.node(StoreOptions::default());
    let decided = scene.approve(&scene.approver, &proposed);

    assert_eq!(decided.status.as_u16(), 200, "{decided:?}");
    assert_eq!(read()["items"][0]["group"], group);
    assert_eq!(read()["items"][0]["evidence"][0]["method"], "register_look_up");
    assert_eq!(world.owners(&scene.gateway, &address(1)), owned_by(&scene.honest));
    assert_eq!(scene.status(2), "conflicted", "the brand is nobody else's");
    let then = format!("/v1/resolve?subject={}&network=eip155:1&as_of=seq:{before}", address(1));
    assert_eq!(world.get(&scene.gateway, &then).json()["status"], "conflicted");
    let record = world.get(&scene.gateway, &format!("/v1/vasps/{}", scene.honest.vasp())).json();
    assert_eq!(record["group"]["id"], group);

    // Another node learns of it from the log, and so does one that starts.
    let now = world.registry.clock.now();
    node.directory().catch_up().unwrap();
    for node in [&node, &world.node(StoreOptions::default())] {
        let vasp: VaspId = scene.honest.vasp();
        assert_eq!(node.pin(now).records().party(vasp), scene.group);
    }

    // Nobody takes a second brand unseen, and two people end this one.
    scene.propose(&scene.honest, &group, &named_so()).problem(409, "illegal_step");
    let proposed = scene.propose(&scene.honest, &Value::Null, &json!([])).json();
    scene.approve(&scene.reviewer, &proposed).problem(409, "same_person");
    assert_eq!(scene.approve(&scene.approver, &proposed).status.as_u16(), 200);
    assert_eq!((scene.status(1).as_str(), &read()["items"]), ("conflicted", &json!([])));
}

/// Before, a conflict with the labels of a member's own brand stayed open when the brand was decided.
#[on_every_database(Scene::of)]
fn conflicts_with_the_labels_of_a_members_own_brand_are_settled_and_open_again(scene: Scene) {
    let (world, group) = (&scene.world, json!(scene.group));
    let disputes = |status: &str| {
        let listed = world.get(&scene.reviewer, &format!("/v1/disputes?status={status}")).json();
        listed["items"].as_array().unwrap().clone()
    };
    assert_eq!((disputes("open").len(), disputes("closed").len()), (2, 0));

    let proposed = scene.propose(&scene.honest, &group, &named_so()).json();
    assert_eq!(scene.approve(&scene.approver, &proposed).status.as_u16(), 200);

    let settled = disputes("closed");
    assert_eq!((settled.len(), disputes("open").len()), (1, 1), "the liar's stays open");
    assert_eq!(settled[0]["outcome"], format!("own_brand:{}", scene.group));
    assert_eq!(settled[0]["claim"]["vasp"], json!(scene.honest.vasp()));
    // A change of the claim meanwhile does not lose the dispute.
    let claim = format!("/v1/claims/{}", settled[0]["claim"]["id"].as_str().unwrap());
    let moved = world.change(&scene.honest, "PATCH", &claim, "*", &json!({"role": "cold"})).json();
    let proposed = scene.propose(&scene.honest, &Value::Null, &json!([])).json();
    assert_eq!(scene.approve(&scene.approver, &proposed).status.as_u16(), 200);

    let open = disputes("open");
    assert_eq!((open.len(), disputes("closed").len()), (2, 0), "both are open again");
    let again = open.iter().find(|dispute| dispute["id"] == settled[0]["id"]).unwrap();
    assert_eq!((&again["outcome"], &again["claim"]["id"]), (&Value::Null, &moved["id"]));
    let restarted = world.node(StoreOptions::default());
    let listed = list_disputes(&restarted, true, None, 10, world.registry.clock.now()).unwrap();
    let ids = |id: &dyn Fn(usize) -> Value| (0..2).map(id).collect::<Vec<_>>();
    assert_eq!(ids(&|place| json!(listed.items[place].row.id)), ids(&|place| open[place]["id"].clone()));
}

/// What it said of the labels while they were one party contradicted all of them at once, without a dispute.
#[on_every_database(Scene::of)]
fn a_brand_taken_back_lets_as_many_claims_contradict_as_the_allowance_has(scene: Scene) {
    let (world, group) = (&scene.world, json!(scene.group));
    scene.label(10..=20);
    let proposed = scene.propose(&scene.honest, &group, &named_so()).json();
    assert_eq!(scene.approve(&scene.approver, &proposed).status.as_u16(), 200);
    for number in 10..=20 {
        let own = world.claim(&scene.honest, &address(number), &json!({}));
        assert_eq!((&own["state"], &own["disputed"]), (&json!("live"), &json!(false)));
    }
    let node = world.node(StoreOptions::default());
    let proposed = scene.propose(&scene.honest, &Value::Null, &json!([])).json();

    assert_eq!(scene.approve(&scene.approver, &proposed).status.as_u16(), 200);

    let answers = |status: &str| (10..=20).filter(|number| scene.status(*number) == status).count();
    assert_eq!((scene.status(1).as_str(), answers("conflicted"), answers("owned")), ("conflicted", 9, 2));
    assert_eq!(world.owners(&scene.gateway, &address(20)), ("owned".to_owned(), vec![scene.group.to_string()]));
    let open = world.get(&scene.reviewer, "/v1/disputes?limit=100").json()["items"].as_array().unwrap().clone();
    let of_honest = open.iter().filter(|dispute| dispute["claim"]["vasp"] == json!(scene.honest.vasp())).count();
    assert_eq!((of_honest, open.len()), (10, 11), "the liar's is the other");
    let waits = world.get(&scene.honest, "/v1/claims?state=pending_review").json();
    assert_eq!(waits["items"].as_array().unwrap().len(), 2);
    // Another node comes to the same.
    node.directory().catch_up().unwrap();
    let generation = node.pin(world.registry.clock.now());
    let key = controllers(104, &hex::decode(address(20).trim_start_matches("0x")).unwrap());
    let said = node.directory().claims_at(&key, &generation).unwrap();
    assert_eq!(said.iter().map(|(_, claim)| claim.vasp).collect::<Vec<_>>(), [scene.group]);
}

#[on_every_database(Scene::of)]
fn a_brand_takes_evidence_that_the_record_bears_out(scene: Scene) {
    let (world, group) = (&scene.world, json!(scene.group));
    let refused = |evidence: Value| {
        scene.propose(&scene.liar, &group, &evidence).problem(422, "invalid_request")["errors"][0]["code"].clone()
    };
    let website = || json!([{"kind": "proven_domain", "source": "https://www.alpha-brand.com/about"}]);
    for evidence in [json!([]), named_so(), website()] {
        assert_eq!(refused(evidence), "evidence_missing");
    }
    scene.propose(&scene.honest, &json!(scene.liar.vasp()), &named_so()).problem(422, "invalid_request");
    scene.propose(&scene.honest, &Value::Null, &json!([])).problem(409, "illegal_step");

    world.registry.say_from("member", scene.liar.vasp(), &[("domain", "alpha-brand.com", "proven")]);
    let proposed = scene.propose(&scene.liar, &group, &website()).json();
    assert_eq!(proposed["state"], "pending");

    // What is approved is what was proposed, on what there was.
    world.registry.say(scene.liar.vasp(), &[("website", "", "https://beta.example")]);
    scene.approve(&scene.approver, &proposed).problem(412, "stale_version");
    let withdrawn = world.post(&scene.reviewer, &step(&proposed, "withdraw"), &Value::Null);
    assert_eq!((withdrawn.status.as_u16(), scene.status(2).as_str()), (200, "conflicted"));
}
