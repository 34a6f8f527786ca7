//! A member that says its claims anew while two people decide about their end.

use serde_json::{Value, json};
use vasp_record::allowance::Allowance;

use super::allowance::{days, import};
use super::world::{Wallet, World, address};
use crate::support::{Database, Person, on_every_database};

/// A registry, the liar, and the two people who end what it says.
struct Story {
    world: World,
    liar: Person,
    reviewer: Person,
    approver: Person,
}

impl Story {
    fn begin(database: Database) -> Self {
        let world = World::start_with(database, |settings| {
            settings.claims.allowance = Allowance { after_days: 0, open: 1, ..Allowance::default() };
        });
        let (reviewer, approver) = world.registry.two_operators();
        let liar = world.member("Beta");
        Self { world, liar, reviewer, approver }
    }

    fn propose(&self, mut which: Value) -> Value {
        which["reason"] = json!("a lie");
        self.world.post(&self.reviewer, "/v1/claims/ends/propose", &which).answered(201)
    }

    fn approve(&self, proposed: &Value) {
        self.approver.approve(&self.world.registry, proposed).with(200);
    }

    /// How many of the liar's claims two people ended.
    fn ended(&self) -> usize {
        let ended = self.world.get(&self.liar, "/v1/claims?state=ended&limit=100").json();
        ended["items"].as_array().unwrap().len()
    }

    /// Says one of the liar's claims anew, and returns what took its place.
    fn renew(&self, claim: &Value, change: &Value) -> Value {
        let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
        self.world.change(&self.liar, "PATCH", &path, "*", change).answered(200)
    }

    /// Addresses of the liar's claims that are not over.
    fn left(&self) -> Vec<String> {
        let of = |state: &str| self.world.get(&self.liar, &format!("/v1/claims?state={state}&limit=100")).json();
        let both = [of("live"), of("pending_review")];
        let items = both.iter().flat_map(|list| list["items"].as_array().unwrap());
        items.map(|claim| claim["address"].as_str().unwrap().to_lowercase()).collect()
    }
}

/// Before, the end of a batch or a selection named rows; what took their place since was new, and stayed.
#[on_every_database(Story::begin)]
fn what_took_the_place_of_a_claim_ends_with_it_however_often_it_was_said_anew(story: Story) {
    let (world, liar, wallet) = (&story.world, &story.liar, Wallet::new(1));
    let batch = import(world, liar, (1..=3).map(address).chain([wallet.address()]));
    let row = |place: usize| json!({"id": batch["rows"][place]["claim"]});
    let (single, kept) = (world.claim(liar, &address(5), &json!({})), world.claim(liar, &address(6), &json!({})));
    let of_batch = story.propose(json!({"batch": batch["batch"]}));
    let of_claim = story.propose(json!({"claims": [single["id"]]}));
    let says = of_batch["says"].as_str().unwrap();
    assert!(says.contains("the claims that replaced them"), "{says}");

    let (cold, deposit) = (json!({"role": "cold"}), json!({"role": "deposit"}));
    let twice = story.renew(&story.renew(&row(0), &cold), &deposit);
    story.renew(&story.renew(&twice, &json!({"visibility": "public"})), &cold);
    let line = json!({"network": "eip155:1", "address": address(2), "role": "cold"}).to_string();
    let headers = [("authorization", liar.bearer.as_str()), ("content-type", "application/jsonl")];
    let again = world.registry.client.send("POST", "/v1/claims/import", &headers, &line).json();
    assert_eq!(again["rows"][0]["code"], "renewed");
    // What the address's key signed since is another word than the one that two people decide about.
    let path = format!("/v1/claims/{}", row(3)["id"].as_str().unwrap());
    let challenge = world.post(liar, &format!("{path}/challenge"), &json!({})).json();
    let proof = wallet.prove(challenge["challenge"].as_str().unwrap());
    assert_eq!(world.post(liar, &format!("{path}/proof"), &proof).status.as_u16(), 200);
    story.renew(&single, &cold);

    story.approve(&of_batch);
    assert_eq!(story.ended(), 3, "one of the batch, two in the place of others");
    story.approve(&of_claim);

    let mut expected = vec![address(6), wallet.address()];
    expected.sort_unstable();
    let mut left = story.left();
    left.sort_unstable();
    assert_eq!(left, expected);
    let gateway = world.gateway();
    assert_eq!(world.owners(&gateway, &address(1)).0, "not_found");
    assert_eq!(world.get(liar, &format!("/v1/claims/{}", kept["id"].as_str().unwrap())).json()["state"], "live");
}

#[on_every_database(Story::begin)]
fn what_waits_in_the_place_of_a_claim_ends_with_it(story: Story) {
    let (world, liar, honest) = (&story.world, &story.liar, story.world.member("Alpha"));
    let until = |days: i64| {
        let now = vasp_clock::Clock::now(&*world.registry.clock);
        json!({"expires_at": now.plus_secs(days * 86_400).to_string()})
    };
    // One contradiction counts; the next ones wait.
    for number in [1, 3] {
        world.claim(&honest, &address(number), &json!({}));
    }
    world.claim(liar, &address(1), &json!({}));
    let (over, waits) = (world.claim(liar, &address(2), &until(1)), world.claim(liar, &address(3), &json!({})));
    days(world, 2);
    world.claim(&honest, &address(2), &json!({}));
    let of_batch = story.propose(json!({"batch": over["batch"]}));
    let of_claim = story.propose(json!({"claims": [waits["id"]]}));

    let in_its_place = story.renew(&over, &until(100));
    assert_eq!(in_its_place["state"], "pending_review");
    story.renew(&in_its_place, &json!({"role": "cold"}));
    story.renew(&story.renew(&waits, &json!({"role": "cold"})), &json!({"role": "hot"}));
    assert_eq!(story.left().len(), 3);
    story.approve(&of_batch);
    story.approve(&of_claim);

    assert_eq!(story.left(), [address(1)]);
}
