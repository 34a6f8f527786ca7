//! Identifiers inside closed networks: what a member only published names nobody, and no liar takes a confirmed one away.

use serde_json::{Value, json};

use super::World;
use crate::support::{Person, on_every_database};

fn inside(protocol: &str, value: &str) -> Value {
    json!({"protocol": protocol, "versions": [], "location": {"kind": "identifier", "value": value}})
}

impl World {
    /// Who bears an identifier: status, owners, and who only says so.
    fn bearers(&self, scheme: &str, value: &str) -> (String, Vec<String>, Vec<String>) {
        let answer = self.read(&format!("/v1/resolve?kind=identifier:{scheme}&subject={value}"));
        let ids = |of: &Value| of.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect();
        let owners: Vec<Value> = answer["owners"].as_array().unwrap().iter().map(|owner| owner["vasp"]["id"].clone()).collect();
        let candidates: Vec<Value> =
            answer["unverified_candidates"].as_array().unwrap().iter().map(|vasp| vasp["id"].clone()).collect();
        (answer["status"].as_str().unwrap().to_owned(), ids(&json!(owners)), ids(&json!(candidates)))
    }

    fn kinds(&self, member: &Person) -> Vec<String> {
        self.registry.trigger_kinds(member.vasp())
    }
}

fn id(member: &Person) -> Vec<String> {
    vec![member.vasp().to_string()]
}

/// Before, an identifier that was published unproven resolved as `owned` at once.
#[on_every_database(World::new)]
fn an_identifier_that_a_member_only_published_names_nobody(world: World) {
    let liar = world.registry.verified_member("Liar", &[]);
    for (protocol, scheme) in [("gtr", "gtr_vasp_code"), ("trust", "trust_member"), ("verifyvasp", "verifyvasp_id")] {
        let published = world.published(&liar, &inside(protocol, "victim-1"));
        assert_eq!((&published["usable"], &published["reason"]), (&json!(false), &json!("declared")));
        assert_eq!(world.bearers(scheme, "victim-1"), ("not_found".to_owned(), vec![], id(&liar)), "{scheme}");
        assert_eq!(world.speaking(protocol), [""; 0]);
    }
    let record = world.record(liar.vasp());
    assert_eq!((&record["endpoints"][0]["reason"], &record["protocols"]), (&json!("declared"), &json!([])));
}

/// Two members may publish the same identifier.
#[on_every_database(World::new)]
fn a_confirmed_identifier_stays_its_bearers_whoever_publishes_it(world: World) {
    let (first, second) = (world.registry.verified_member("Alpha", &[]), world.registry.verified_member("Beta", &[]));
    world.published(&first, &inside("gtr", "code-1"));
    world.registry.at(60);

    // Of two that nobody confirmed neither is usable; the second is looked at.
    world.published(&second, &inside("gtr", "code-1"));
    assert_eq!(world.usable(first.vasp()), (json!(false), json!("declared")));
    assert_eq!(world.usable(second.vasp()), (json!(false), json!("identifier_conflicted")));
    let (status, owners, mut candidates) = world.bearers("gtr_vasp_code", "code-1");
    candidates.sort();
    assert_eq!((status.as_str(), owners, candidates.len()), ("not_found", vec![], 2));
    assert_eq!((world.kinds(&first), world.kinds(&second)), (vec!["key_rotation".to_owned()], vec!["dispute".to_owned()]));

    // Whichever of them is confirmed is used, and the other takes nothing away.
    world.registry.replace(second.vasp(), ("identifier", "gtr_vasp_code", "code-1"));
    assert_eq!(world.usable(second.vasp()), (json!(true), Value::Null));
    assert_eq!(world.usable(first.vasp()), (json!(false), json!("identifier_conflicted")));
    assert_eq!(world.bearers("gtr_vasp_code", "code-1"), ("owned".to_owned(), id(&second), id(&first)));
    assert_eq!(world.speaking("gtr"), ["Beta"]);
    let liar = world.registry.verified_member("Liar", &[]);
    let lie = world.published(&liar, &inside("gtr", "code-1"));
    assert_eq!(lie["reason"], "identifier_conflicted");
    assert_eq!((world.usable(second.vasp()).0, world.speaking("gtr")), (json!(true), vec!["Beta".to_owned()]));

    // An older endpoint that is moved to the identifier was not there before.
    let moved = world.registry.verified_member("Gamma", &[]);
    let id = world.published(&moved, &inside("gtr", "own"))["id"].as_str().unwrap().to_owned();
    world.registry.at(120);
    world.published(&first, &inside("trust", "t-1"));
    world.registry.at(180);
    let location = json!({"location": {"kind": "identifier", "value": "code-1"}});
    assert_eq!(world.patch(&moved, &id, "*", &location).json()["reason"], "identifier_conflicted");
    assert_eq!(world.kinds(&moved), ["key_rotation", "dispute"]);
}

/// Source: docs/endpoints.md, "Identifiers"; did:web Method Specification, section 3.2.
#[on_every_database(World::new)]
fn an_identifier_of_a_host_needs_its_domain_proven(world: World) {
    let (owner, liar) = (world.alpha(), world.registry.verified_member("Liar", &[]));
    for did in ["did:web:alpha.com", "did:web:x.below.com:vasps:7"] {
        let lie = world.published(&liar, &inside("notabene", did));
        assert_eq!((&lie["usable"], &lie["reason"]), (&json!(false), &json!("domain_not_proven")));
        assert_eq!(world.bearers("did", did), ("not_found".to_owned(), vec![], id(&liar)));
        let published = world.published(&owner, &inside("notabene", did));
        assert_eq!((&published["usable"], &published["reason"]), (&json!(true), &Value::Null), "{did}");
        assert_eq!(world.bearers("did", did), ("owned".to_owned(), id(&owner), id(&liar)));
    }
    // Confirmed or not: without the domain it names nobody.
    world.registry.replace(liar.vasp(), ("identifier", "did", "did:web:alpha.com"));
    assert_eq!(world.bearers("did", "did:web:alpha.com").1, id(&owner));
    world.registry.replace(owner.vasp(), ("domain", "alpha.com", "lost"));
    assert_eq!(world.bearers("did", "did:web:alpha.com").0, "not_found");
    // Another method has no host: a case confirms it.
    let other = world.published(&owner, &inside("notabene", "did:key:z6Mk1"));
    assert_eq!(other["reason"], "declared");
}
