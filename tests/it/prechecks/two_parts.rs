//! The two parts of an answer: the verdict that is sent and signed, and the evidence, whose digest the verdict holds.
//!
//! Source: docs/prechecks.md, "What to do with an answer"; docs/trust.md, "Receipts".

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::{Value, json};
use std::fmt::Formatter;
use vasp_registry::imports::ImportFormat;

use super::world::{ALSTER, GONE, HARBOUR, LAGOON, LIFFEY, OWN, SOFIA, UNLICENSED, VALLETTA, World, lei};
use crate::support::full_view::{canonical, sha256};
use crate::support::{Answer, Database, command, on_every_database};

/// The members of every verdict, in order. Only `candidates_more` may be among them besides.
const VERDICT: [&str; 23] = [
    "id",
    "recommendation",
    "scope",
    "incomplete",
    "reasons",
    "conditions",
    "next_steps",
    "notes",
    "counterparty",
    "candidates",
    "question",
    "owner",
    "data",
    "route",
    "transfer",
    "policy",
    "rulebook",
    "engine",
    "directory",
    "valid_until",
    "environment",
    "evidence_digest",
    "receipt",
];

const EVIDENCE: [&str; 9] =
    ["alternatives", "brand", "checks", "due_diligence", "explanation", "notes", "obligations", "resolution", "routes"];

/// The names of an object's own members, in the order of the text.
struct Names(Vec<String>);

impl<'de> Deserialize<'de> for Names {
    fn deserialize<D: Deserializer<'de>>(text: D) -> Result<Self, D::Error> {
        struct InOrder;
        impl<'de> Visitor<'de> for InOrder {
            type Value = Names;
            fn expecting(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Names, A::Error> {
                let mut names = vec![];
                while let Some((name, IgnoredAny)) = members.next_entry()? {
                    names.push(name);
                }
                Ok(Names(names))
            }
        }
        text.deserialize_map(InOrder)
    }
}

fn members(text: &str) -> Vec<String> {
    serde_json::from_str::<Names>(text).unwrap().0
}

fn outgoing(beneficiary: Value) -> Value {
    json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary,
           "transfer": {"fiat": {"amount": "2000", "currency": "EUR"}, "date": "2026-06-01"}})
}

fn verdict(world: &World, body: &Value) -> Answer {
    world.post("/v1/prechecks?view=verdict", body).with(200)
}

/// The body as it was sent, without any rearrangement.
fn raw(answer: &Answer) -> Value {
    serde_json::from_str(&answer.text).unwrap()
}

#[on_every_database(World::start)]
fn the_verdict_is_the_answer_and_the_evidence_comes_where_it_is_asked_for(world: World) {
    let body = outgoing(json!({"address": LAGOON, "network": "eip155:1"}));

    let answer = verdict(&world, &body);
    let full = world.post("/v1/prechecks?view=full", &body).with(200);

    assert_eq!(members(&answer.text), VERDICT);
    assert_eq!(members(&full.text), [VERDICT.as_slice(), &["evidence"]].concat());
    assert_eq!(raw(&full)["evidence"].as_object().unwrap().keys().collect::<Vec<_>>(), EVIDENCE);
    let batch = json!({"prechecks": [body, outgoing(json!({"jurisdiction": "SG"}))]});
    let verdicts: Value = raw(&world.post("/v1/prechecks/batch?view=verdict", &batch));
    let whole: Value = raw(&world.post("/v1/prechecks/batch?view=full", &batch));
    for place in [0, 1] {
        assert_eq!(verdicts["results"][place].get("evidence"), None);
        assert!(whole["results"][place]["evidence"]["checks"].is_array());
    }
    world.post("/v1/prechecks?view=short", &body).problem(422, "invalid_request");
    world.post("/v1/prechecks?views=full", &body).problem(422, "invalid_request");
}

#[on_every_database(World::start)]
fn a_verdict_says_what_was_asked_and_what_to_do_in_few_words(world: World) {
    let address = LAGOON.to_uppercase().replace("0X", "0x");
    let mut body = outgoing(json!({"address": address, "network": "ethereum", "customer_country": "AT",
        "declared": {"kind": "vasp", "vasp": lei(ALSTER)}}));
    body["provided_fields"] = json!(["originator.name"]);
    body["transfer"]["asset"] = json!("ETH");
    body["transfer"]["amount"] = json!("0.50");

    let answer = raw(&verdict(&world, &body));

    let beneficiary = json!({"network": "eip155:1", "address": raw(&world.post("/v1/prechecks?view=full", &body))["evidence"]
        ["resolution"]["subject"]["address"], "declared": {"kind": "vasp", "vasp": lei(ALSTER)}, "customer_country": "AT"});
    assert_eq!(
        answer["transfer"],
        json!({"direction": "outgoing", "originator": {"vasp": world.vasp_id(OWN), "jurisdiction": "DE"},
               "beneficiary": beneficiary, "asset": "eip155:1/slip44:60", "amount": "0.50",
               "fiat": {"amount": "2000", "currency": "EUR"}, "date": "2026-06-01"})
    );
    let owner = answer["owner"].as_object().unwrap();
    assert_eq!(owner.keys().collect::<Vec<_>>(), ["network", "source", "strength"]);
    assert_eq!((&owner["network"], &owner["strength"]), (&json!("eip155:1"), &json!("attributed")));
    let data = &answer["data"];
    let missing = data["missing"].as_array().unwrap();
    assert!(data["required"].as_array().unwrap().contains(&json!("originator.name")), "{data}");
    assert!(!missing.is_empty() && !missing.contains(&json!("originator.name")), "{data}");
    assert!(answer["notes"].as_array().unwrap().iter().all(Value::is_string), "{}", answer["notes"]);
    let unsaid = raw(&verdict(&world, &outgoing(json!({"vasp": lei(ALSTER)}))));
    assert_eq!((&unsaid["data"]["missing"], &unsaid["owner"]), (&json!([]), &Value::Null));
    let counterparty = unsaid["counterparty"].as_object().unwrap();
    assert_eq!(counterparty.keys().collect::<Vec<_>>(), ["country", "id", "kind", "legal_name", "lei", "status"]);
    let conditions = unsaid["conditions"].as_array().unwrap();
    assert!(!conditions.is_empty(), "{unsaid:#}");
    for (condition, number) in conditions.iter().zip(1..) {
        assert_eq!(condition["id"], format!("c{number}"));
    }
}

#[on_every_database]
fn what_is_not_recorded_has_no_digest_unless_its_evidence_is_sent(database: Database) {
    let world = World::start_with(database, |settings| settings.public_read = true);
    let body = outgoing(json!({"vasp": lei(ALSTER)}));

    let [short, full] =
        ["verdict", "full"].map(|view| raw(&world.registry.client.post(&format!("/v1/prechecks?view={view}"), &body)));

    for answer in [&short, &full] {
        assert_eq!((&answer["id"], &answer["receipt"]), (&Value::Null, &Value::Null));
    }
    assert_eq!(short["evidence_digest"], Value::Null);
    assert_eq!(full["evidence_digest"], sha256(&canonical(&full["evidence"])));
    // Apart from these members, both views say the same.
    let rest = |mut answer: Value| {
        answer.as_object_mut().unwrap().remove("evidence");
        (answer["evidence_digest"], answer["valid_until"]) = (Value::Null, Value::Null);
        answer
    };
    assert_eq!(rest(short), rest(full));
}

#[on_every_database(World::start)]
fn the_evidence_reads_back_byte_by_byte_and_its_digest_is_in_the_verdict_that_is_signed(world: World) {
    for beneficiary in
        [json!({"vasp": lei(ALSTER)}), json!({"address": HARBOUR, "network": "eip155:1"}), json!({"jurisdiction": "SG"})]
    {
        let body = outgoing(beneficiary);
        let answer = world.post("/v1/prechecks?view=full", &body).with(200);
        let said = raw(&answer);
        let path = format!("/v1/prechecks/{}", said["id"].as_str().unwrap());

        let kept = world.get_as(&world.key, &path).with(200);
        let evidence = world.get_as(&world.key, &format!("{path}/evidence")).with(200);

        assert_eq!(answer.text, format!("{},\"evidence\":{}}}", kept.text.strip_suffix('}').unwrap(), evidence.text));
        assert_eq!(evidence.header("cache-control"), "private, no-store");
        assert_eq!(evidence.text, canonical(&said["evidence"]));
        assert_eq!(said["evidence_digest"], sha256(&evidence.text));
        let mut unsigned = raw(&kept);
        unsigned.as_object_mut().unwrap().remove("receipt");
        let receipt = said["receipt"].as_str().unwrap().split('.').nth(1).unwrap();
        let receipt: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(receipt).unwrap()).unwrap();
        assert_eq!(receipt["verdict_digest"], sha256(&canonical(&unsigned)));
        assert_eq!(receipt["request_digest"], sha256(&canonical(&body)));
        let list = world.get_as(&world.key, "/v1/prechecks?limit=1000").json();
        let item = list["items"].as_array().unwrap().iter().find(|item| item["id"] == said["id"]).unwrap();
        assert_eq!((&item["verdict_digest"], &item["evidence_digest"]), (&receipt["verdict_digest"], &said["evidence_digest"]));
    }
}

#[on_every_database]
fn the_evidence_is_for_the_organisation_that_asked(database: Database) {
    let world = World::start(database);
    let stranger = world.organisation("Stranger", None, &["precheck"]).1;
    let id = raw(&verdict(&world, &outgoing(json!({"vasp": lei(ALSTER)}))))["id"].as_str().unwrap().to_owned();

    world.get_as(&stranger, &format!("/v1/prechecks/{id}/evidence")).problem(404, "not_found");
    world.get_as("", &format!("/v1/prechecks/{id}/evidence")).problem(401, "unauthenticated");
    world.get_as(&world.key, "/v1/prechecks/nonsense/evidence").problem(404, "not_found");
    world.get_as(&world.key, &format!("/v1/prechecks/{id}/record")).problem(404, "not_found");
}

#[on_every_database(World::start)]
fn what_only_the_evidence_holds_is_sent_with_it(world: World) {
    for extra in ["alternatives", "explanation"] {
        let mut body = outgoing(json!({"vasp": lei(GONE)}));
        body[extra] = json!(true);

        let answer = raw(&verdict(&world, &body));
        let other = raw(&verdict(&world, &outgoing(json!({"vasp": lei(GONE)}))));

        assert!(answer["evidence"][extra].is_array(), "{extra}");
        assert_eq!(other.get("evidence"), None);
    }
}

#[on_every_database(World::start)]
fn more_than_five_candidates_are_counted(world: World) {
    let heading = "brand,keys,entity,lei,country,countries,role,since,until,evidence_kind,source,sha256,seen_on";
    let firms = [ALSTER, LIFFEY, VALLETTA, GONE, SOFIA, UNLICENSED, OWN];
    let rows = firms.map(|firm| {
        format!("Harbour,harbour,Firm {firm},{},DE,*,operator,,,general_knowledge,invented,,2026-05-20\n", lei(firm))
    });
    world.import(ImportFormat::BrandLinks, "brand-links.csv", &format!("{heading}\n{}", rows.concat()));

    let answer = raw(&verdict(&world, &outgoing(json!({"address": HARBOUR, "network": "eip155:1"}))));

    let candidates = answer["candidates"].as_array().unwrap();
    assert_eq!((candidates.len(), &answer["candidates_more"]), (5, &json!(firms.len() - 5)), "{answer:#}");
    assert_eq!(candidates[0].as_object().unwrap().keys().collect::<Vec<_>>(), ["country", "id", "legal_name"]);
}

#[on_every_database(World::start)]
fn verify_takes_a_verdict_and_its_evidence_apart_or_together(world: World) {
    let answer = world.post("/v1/prechecks?view=full", &outgoing(json!({"vasp": lei(ALSTER)}))).with(200);
    let path = format!("/v1/prechecks/{}", raw(&answer)["id"].as_str().unwrap());
    let read = |path: &str| world.get_as(&world.key, path).text;
    let (short, evidence, keys) = (read(&path), read(&format!("{path}/evidence")), read("/.well-known/jwks.json"));
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let place = folder.path().join(name);
        std::fs::write(&place, text).unwrap();
        place.to_str().unwrap().to_owned()
    };
    let jwks = file("jwks.json", &keys);
    let check = |verdict: &str, evidence: Option<&str>| {
        let mut arguments =
            vec!["verify".to_owned(), "answer".to_owned(), file("verdict.json", verdict), "--jwks".to_owned(), jwks.clone()];
        arguments.extend(evidence.into_iter().flat_map(|text| ["--evidence".to_owned(), file("evidence.json", text)]));
        let output = command(&arguments.iter().map(String::as_str).collect::<Vec<_>>()).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect::<Vec<_>>())
    };
    let altered = evidence.replacen("identity.", "identity_", 1);
    assert_ne!(altered, evidence);

    for (verdict, beside, code, line) in [
        (&short, None, 0, "evidence: not checked (give --evidence FILE)"),
        (&answer.text, None, 0, "evidence: checked"),
        (&short, Some(evidence.as_str()), 0, "evidence: checked"),
        (&short, Some(altered.as_str()), 1, "altered: this is not what the registry signed"),
        (&answer.text.replacen("identity.", "identity_", 1), None, 1, "altered: this is not what the registry signed"),
        (
            &short.replacen("\"scope\":\"counterparty\"", "\"scope\":\"transfer\"", 1),
            None,
            1,
            "altered: this is not what the registry signed",
        ),
    ] {
        let (found, lines) = check(verdict, beside);
        assert_eq!(found, Some(code), "{lines:?}");
        assert!(lines.iter().any(|one| one == line), "{line}: {lines:?}");
    }
}
