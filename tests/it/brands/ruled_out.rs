//! Two people rule out that an entity is behind a brand: it keeps no pre-check open any more, until a source says something new.
//!
//! Source: docs/brands.md, "Ruled out" and "What a pre-check asks".

use serde_json::{Value, json};
use vasp_registry::brands::AcceptStrong;

use super::decided::{LABELLED, VAVO, VAVO_MALTA, candidates, find, firm, import_firms, link, malta, vavo, world};
use crate::prechecks::world::{World, lei};
use crate::support::{Answer, Database, Person, on_every_database};

const PANAMA: &str = "Bitvavo,bitvavo,Bitvavo Custody Panama,,PA,,operator,,,third_party_list,somebody,,2026-05-21\n";

fn ask(world: &World, customer_country: &str) -> Value {
    world.ask(json!({"address": LABELLED, "network": "eip155:1", "customer_country": customer_country}))
}

/// Operators of a world, and the steps that they take on candidates.
struct Desk<'w> {
    world: &'w World,
    reviewer: Person,
    approver: Person,
}

impl<'w> Desk<'w> {
    fn of(world: &'w World) -> Self {
        let (reviewer, approver) = world.registry.two_operators();
        Self { world, reviewer, approver }
    }

    /// The links of an entity, as operators see them.
    fn links(&self, entity: &str) -> Vec<Value> {
        let all = self.world.registry.get_as(&self.reviewer, "/v1/brands/links").json();
        all["items"].as_array().unwrap().iter().filter(|one| one["legal_name"] == entity).cloned().collect()
    }

    fn id(&self, entity: &str) -> String {
        self.links(entity)[0]["candidate"].as_str().unwrap().to_owned()
    }

    fn candidate(&self, id: &str) -> Value {
        self.reviewer.read(&self.world.registry, &format!("/v1/brands/candidates/{id}"))
    }

    fn propose(&self, id: &str, ruled_out: bool) -> Answer {
        let body = json!({"ruled_out": ruled_out, "reason": "their own pages name no such company"});
        self.world.registry.post_as(&self.reviewer, &format!("/v1/brands/candidates/{id}/propose"), &body)
    }

    /// Rules an entity out, or lifts that, and returns the candidate.
    fn decide(&self, id: &str, ruled_out: bool) -> Value {
        let waiting = self.propose(id, ruled_out).json();
        self.approver.approve(&self.world.registry, &waiting).with(200);
        self.candidate(id)
    }
}

#[on_every_database]
fn what_two_people_rule_out_keeps_nothing_open_and_counts_again_once_they_lift_it(database: Database) {
    let world = world(database, &[vavo()]);
    find(&world, AcceptStrong::Yes);
    link(&world, PANAMA);
    let before = ask(&world, "DE");
    assert_eq!((&before["counterparty"], before["recommendation"].as_str()), (&Value::Null, Some("hold")));
    let desk = Desk::of(&world);
    let id = desk.id("Bitvavo Custody Panama");

    let waiting = desk.propose(&id, true).json();
    assert_eq!(desk.candidate(&id)["standing"], "proposed");
    assert_eq!(ask(&world, "DE")["counterparty"], Value::Null, "one person is not enough");
    desk.reviewer.approve(&world.registry, &waiting).problem(409, "same_person");
    let approved = desk.approver.approve(&world.registry, &waiting).answered(200);

    let done = desk.candidate(&id);
    assert_eq!((&done["standing"], done["links"].as_array().unwrap().len()), (&json!("ruled_out"), 0));
    assert_eq!(done["ruled_out"][0]["link"]["evidence"]["source"], "somebody");
    let after = ask(&world, "DE");
    assert_eq!(after["counterparty"]["lei"], lei(VAVO));
    assert_eq!(candidates(&after), [[json!("Bitvavo B.V."), json!("accepted"), json!("yes")]]);
    assert_eq!(desk.links("Bitvavo Custody Panama")[0]["standing"], "ruled_out");
    assert_eq!((&done["proposal"]["digest"], &approved["state"]), (&approved["digest"], &json!("approved")));

    assert_eq!(desk.decide(&id, false)["standing"], "proposed");
    assert_eq!(ask(&world, "DE")["counterparty"], Value::Null);
}

/// A ruling is about what both people saw.
#[on_every_database]
fn a_document_that_nobody_saw_counts(database: Database) {
    let world = world(database, &[vavo()]);
    find(&world, AcceptStrong::Yes);
    link(&world, PANAMA);
    let desk = Desk::of(&world);
    let id = desk.id("Bitvavo Custody Panama");
    desk.decide(&id, true);
    link(&world, &PANAMA.replace("2026-05-21", "2026-05-22"));
    assert_eq!(ask(&world, "DE")["counterparty"]["lei"], lei(VAVO), "somebody still says so");

    let terms = PANAMA.replace("third_party_list,somebody", "terms_of_use,https://bitvavo.com/terms");
    link(&world, &format!("{PANAMA}{terms}").replace("2026-05-21", "2026-05-23"));

    assert_eq!(ask(&world, "DE")["counterparty"], Value::Null);
    let standings: Vec<Value> = desk.links("Bitvavo Custody Panama").iter().map(|one| one["standing"].clone()).collect();
    assert_eq!(standings, ["proposed", "ruled_out"]);
    assert_eq!(desk.id("Bitvavo Custody Panama"), id, "another source is the same candidate");
    desk.decide(&id, true);
    assert_eq!(ask(&world, "DE")["counterparty"]["lei"], lei(VAVO));
}

#[on_every_database]
fn a_link_that_comes_between_proposal_and_approval_is_not_ruled_out_unseen(database: Database) {
    let world = world(database, &[vavo()]);
    link(&world, PANAMA);
    let desk = Desk::of(&world);
    let id = desk.id("Bitvavo Custody Panama");
    let waiting = desk.propose(&id, true).json();

    link(
        &world,
        &format!("{PANAMA}{}", PANAMA.replace("third_party_list,somebody", "secondary_compilation,https://list.example")),
    );

    assert_eq!(desk.approver.approve(&world.registry, &waiting).status.as_u16(), 412);
    assert!(desk.links("Bitvavo Custody Panama").iter().all(|one| one["standing"] == "proposed"));
}

#[on_every_database]
fn a_find_that_is_ruled_out_is_not_proposed_again_unless_it_is_more_alike(database: Database) {
    let world = world(database, &[vavo(), malta()]);
    find(&world, AcceptStrong::Yes);
    assert_eq!(ask(&world, "DE")["counterparty"], Value::Null, "two may serve Germany");
    let desk = Desk::of(&world);
    desk.decide(&desk.id("Mediterranean Desk Ltd"), true);
    assert_eq!(ask(&world, "DE")["counterparty"]["lei"], lei(VAVO));

    let same = import_firms(&world, "2026-05-31", &[vavo(), malta()]).brands.unwrap();
    assert_eq!((same.proposed, same.cases), (0, 0));
    assert_eq!(ask(&world, "DE")["counterparty"]["lei"], lei(VAVO), "the register of another day says the same");
    let renamed = firm(VAVO_MALTA, "Bitvavo Ltd", "MT", "MT-MFSA", "www.bitvavo.io");
    let more = import_firms(&world, "2026-06-01", &[vavo(), renamed]).brands.unwrap();

    assert_eq!((more.proposed, more.cases), (1, 1));
    assert_eq!(ask(&world, "DE")["counterparty"], Value::Null);
    assert_eq!(find(&world, AcceptStrong::Yes).accepted, 0, "it is not strong");
}

#[on_every_database]
fn policy_accepts_no_strong_find_that_people_ruled_out(database: Database) {
    let world = world(database, &[vavo()]);
    let desk = Desk::of(&world);
    desk.decide(&desk.id("Bitvavo B.V."), true);

    assert_eq!((find(&world, AcceptStrong::Yes).accepted, ask(&world, "NL")["counterparty"].clone()), (0, Value::Null));
    let body = json!({"group": world.group_id("bitvavo"), "reason": "seen in the register",
                      "evidence": [{"kind": "register_website", "source": "AFM register"}]});
    let path = format!("/v1/vasps/{}/brands/propose", world.vasp_id(VAVO));
    let refused = world.registry.post_as(&desk.reviewer, &path, &body).problem(409, "illegal_step");
    assert!(refused["detail"].as_str().unwrap().contains("Two people ruled out"), "{refused}");
}

#[on_every_database]
fn what_cannot_be_ruled_out_or_lifted_is_refused_with_what_to_do(database: Database) {
    let world = world(database, &[vavo()]);
    find(&world, AcceptStrong::Yes);
    link(&world, PANAMA);
    let desk = Desk::of(&world);
    let (accepted, proposed) = (desk.id("Bitvavo B.V."), desk.id("Bitvavo Custody Panama"));

    let refused = desk.propose(&accepted, true).problem(409, "illegal_step");
    assert!(refused["detail"].as_str().unwrap().contains("End that first"), "{refused}");
    desk.propose(&proposed, false).problem(409, "illegal_step");
    for missing in ["brc_0000000000000000", "brc_1", "nothing"] {
        desk.propose(missing, true).problem(404, "not_found");
    }
    desk.decide(&proposed, true);
    desk.propose(&proposed, true).problem(409, "illegal_step");
    assert_eq!(desk.links("Bitvavo B.V.")[0]["standing"], "accepted");
}

/// Source: docs/prechecks.md: with `as_of`, an answer is what the directory knew then.
#[on_every_database]
fn an_earlier_sequence_knows_nothing_of_a_ruling(database: Database) {
    let world = world(database, &[vavo()]);
    find(&world, AcceptStrong::Yes);
    link(&world, PANAMA);
    let desk = Desk::of(&world);
    let before = world.registry.registry.pin(world.now()).sequence();
    desk.decide(&desk.id("Bitvavo Custody Panama"), true);

    let then = world.ask(json!({"address": LABELLED, "network": "eip155:1", "customer_country": "DE"}));
    let request = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "transfer": {},
                         "beneficiary": {"address": LABELLED, "network": "eip155:1", "customer_country": "DE"},
                         "as_of": format!("seq:{before}")});
    let as_of = world.post("/v1/prechecks", &request).answered(200);

    assert_eq!(then["counterparty"]["lei"], lei(VAVO));
    assert_eq!((&as_of["counterparty"], candidates(&as_of).len()), (&Value::Null, 2));
}
