//! A member that answers, one that asks, and one that has nothing to do with either.

use serde_json::{Map, Value, json};
use vasp_record::role::{Role, Scope};

use crate::ca::world::World;
use crate::support::{Answer, Database, Person};

pub(crate) const DRAFT: &str = "/v1/questionnaires/draft";
pub(crate) const SUBMIT: &str = "/v1/questionnaires/submit";
pub(crate) const ACCESS: &str = "/v1/questionnaires/access";

/// Text that only the answers have.
pub(crate) const SECRET: &str = "Sealed-Words-4711";
/// A name that only the ownership chain has.
pub(crate) const OWNER: &str = "Ottilie Verborgen-Geheim";

pub(crate) struct Scene {
    pub world: World,
    /// Who answers.
    pub answering: Person,
    /// Its compliance officer, who gives access.
    pub officer: Person,
    /// The compliance officer of who asks.
    pub asker: Person,
    /// The compliance officer of somebody else.
    pub stranger: Person,
}

const READS: &[Scope] = &[Scope::Compliance, Scope::Resolve, Scope::Precheck, Scope::Member];

impl Scene {
    pub(crate) fn new(database: Database) -> Self {
        let world = World::new(database);
        let answering = world.member("Lagoon Exchange AG", &[("one.example.com", false)]);
        let asking = world.member("Harbour Bank AG", &[("two.example.com", false)]);
        let other = world.member("Other Custody AG", &[("three.example.com", false)]);
        let officer = |member: &Person| world.registry.person_with(member.organisation, &[Role::Compliance], READS);
        let (own, asker, stranger) = (officer(&answering), officer(&asking), officer(&other));
        Self { answering, officer: own, asker, stranger, world }
    }

    pub(crate) fn file_path(&self) -> String {
        format!("/v1/vasps/{}/due-diligence", self.answering.vasp())
    }

    #[track_caller]
    pub(crate) fn file(&self, who: &Person) -> Value {
        who.read(&self.world.registry, &self.file_path())
    }

    /// Hands a document in and returns its SHA-256.
    #[track_caller]
    pub(crate) fn document(&self, who: &Person) -> String {
        let headers = [("authorization", who.bearer.as_str()), ("content-type", "text/plain")];
        let path = "/v1/documents?name=Programme&type=policy";
        self.world.registry.client.upload(path, &headers, b"The programme.").answered(201)["sha256"].as_str().unwrap().to_owned()
    }

    pub(crate) fn change(&self, version: &str, body: &Value) -> Answer {
        let tag = format!("\"{version}\"");
        self.answering.send(&self.world.registry, "PATCH", DRAFT, &[("if-match", &tag)], body)
    }

    #[track_caller]
    pub(crate) fn draft(&self) -> Value {
        self.answering.read(&self.world.registry, DRAFT)
    }

    /// Changes the draft on the version that it has.
    #[track_caller]
    pub(crate) fn amend(&self, body: &Value) -> Value {
        self.change(&self.draft()["version"].to_string(), body).answered(200)
    }

    pub(crate) fn hand_in(&self, signature: &Value) -> Answer {
        let tag = format!("\"{}\"", self.draft()["version"]);
        self.answering.send(&self.world.registry, "POST", SUBMIT, &[("if-match", &tag)], signature)
    }

    #[track_caller]
    pub(crate) fn submitted(&self) -> Value {
        let answer = self.hand_in(&json!({})).with(201);
        answer.json()
    }

    /// Answers every item well, with owners, and hands it in.
    #[track_caller]
    pub(crate) fn all_answered(&self) -> Value {
        let document = self.document(&self.answering);
        let found = self.answering.read(&self.world.registry, "/v1/questionnaires");
        let mut answers = Map::new();
        for item in found["questionnaire"]["items"].as_array().unwrap() {
            if let Some(value) = good(item, &document) {
                let evidence =
                    if item["evidence"] == "required" && item["answer"]["kind"] != "document" { vec![&document] } else { vec![] };
                answers.insert(item["id"].as_str().unwrap().to_owned(), json!({"value": value, "evidence": evidence}));
            }
        }
        self.amend(&json!({"answers": answers, "ownership": owners()}));
        self.submitted()
    }

    /// Gives the asker access.
    #[track_caller]
    pub(crate) fn give(&self, more: &Value) -> Value {
        let mut body = json!({"organisation": self.asker.organisation, "expires_at": "2026-12-01T12:00:00Z"});
        for (name, value) in more.as_object().unwrap() {
            body[name] = value.clone();
        }
        self.officer.done(&self.world.registry, ACCESS, &body)
    }
}

/// The chain that stands in the answers: one person by a holding.
pub(crate) fn owners() -> Value {
    json!({
        "as_of": "2026-05-01",
        "parties": [
            {"id": "holding", "kind": "legal_entity", "name": "Verborgen Holding SA", "country": "LU"},
            {"id": "person", "kind": "natural_person", "name": OWNER, "country": "CH"},
        ],
        "links": [
            {"owner": "holding", "owned": "self", "basis_points": 10_000},
            {"owner": "person", "owned": "holding", "basis_points": 10_000, "from": "2020-01-01"},
        ],
    })
}

/// An answer that nothing stands against; none for the chain of owners.
fn good(item: &Value, document: &str) -> Option<Value> {
    let bad = |word: &Value| ["adverse", "warning"].iter().any(|list| item[*list].as_array().unwrap().contains(word));
    let answer = &item["answer"];
    Some(match answer["kind"].as_str().unwrap() {
        "yes_no" => [json!("yes"), json!("no")].into_iter().find(|word| !bad(word)).unwrap(),
        "choice" => {
            let word = answer["options"].as_array().unwrap().iter().find(|word| !bad(word)).unwrap().clone();
            if answer["many"] == true { json!([word]) } else { word }
        }
        "text" => json!(SECRET),
        "number" => answer["min"].clone(),
        "countries" => json!(["CH"]),
        "date" => json!("2026-01-15"),
        "document" => json!(document),
        _ => return None,
    })
}
