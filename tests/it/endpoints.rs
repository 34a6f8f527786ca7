//! Members publish endpoints: what gateways see of them, what is refused, what stops one at once, and what many writers leave.
//! Who proved what is written through the store; that a domain really is lost is tested where it is proven (`domains`).

mod identifiers;
mod paths;
mod readers;
mod refusals;
mod writers;

use serde_json::{Value, json};
use vasp_words::ids::VaspId;

use crate::support::{Answer, Database, NOW, Person, Registry, Said, on_every_database};

const OWN: &str = "/v1/vasps/mine/endpoints";

/// A registry that everybody reads, and a gateway's key.
struct World {
    registry: Registry,
    gateway: String,
}

impl World {
    fn new(database: Database) -> Self {
        let registry = Registry::start_with(database, |settings| settings.public_read = true);
        let (_, gateway) = registry.api_key("resolve", None);
        Self { registry, gateway }
    }

    /// A member that has proven `alpha.com`, and all of `below.com`.
    fn alpha(&self) -> Person {
        self.registry.verified_member("Alpha", ALPHA)
    }

    fn send(&self, member: &Person, method: &str, path: &str, headers: &[(&str, &str)], body: &Value) -> Answer {
        member.send(&self.registry, method, &format!("{OWN}{path}"), headers, body)
    }

    fn post(&self, member: &Person, path: &str, body: &Value) -> Answer {
        self.send(member, "POST", path, &[], body)
    }

    fn patch(&self, member: &Person, id: &str, version: &str, body: &Value) -> Answer {
        self.send(member, "PATCH", &format!("/{id}"), &[("if-match", version)], body)
    }

    fn published(&self, member: &Person, body: &Value) -> Value {
        self.post(member, "", body).answered(201)
    }

    /// Publishes a TRP endpoint and returns its id.
    fn trp(&self, member: &Person, url: &str) -> String {
        self.published(member, &trp(url))["id"].as_str().unwrap().to_owned()
    }

    fn own(&self, member: &Person, id: &str) -> Answer {
        self.send(member, "GET", &format!("/{id}"), &[], &Value::Null).with(200)
    }

    /// A path as a gateway reads it.
    fn read(&self, path: &str) -> Value {
        self.registry.client.get_with(path, &[("authorization", &self.gateway)]).answered(200)
    }

    fn record(&self, vasp: VaspId) -> Value {
        self.read(&format!("/v1/vasps/{vasp}"))
    }

    /// Whether gateways may use the only endpoint of a record, and why not.
    fn usable(&self, vasp: VaspId) -> (Value, Value) {
        let record = self.record(vasp);
        assert_eq!(record["endpoints"].as_array().unwrap().len(), 1, "{record}");
        (record["endpoints"][0]["usable"].clone(), record["endpoints"][0]["reason"].clone())
    }

    /// Names of the VASPs that have a usable endpoint of a protocol.
    fn speaking(&self, protocol: &str) -> Vec<String> {
        let list = self.read(&format!("/v1/vasps?protocol={protocol}"));
        list["items"].as_array().unwrap().iter().map(|item| item["legal_name"].as_str().unwrap().to_owned()).collect()
    }
}

const ALPHA: &[Said<'static>] =
    &[("domain", "alpha.com", "proven"), ("domain", "below.com", "proven"), ("domain_scope", "below.com", "subdomains")];

/// The version that an answer's `ETag` names; what follows the dot moves by itself.
fn version(answer: &Answer) -> u32 {
    let tag = answer.header("etag").trim_matches('"');
    tag.split('.').next().unwrap().parse().unwrap()
}

fn trp(url: &str) -> Value {
    json!({"protocol": "trp", "versions": ["3.2.1"], "location": {"kind": "url", "url": url}})
}

#[on_every_database(World::new)]
fn an_endpoint_is_seen_at_once_wherever_its_vasp_is(world: World) {
    let member = world.alpha();
    let body = json!({
        "protocol": "trp", "versions": ["3.2.1", "3.1.0"], "location": {"kind": "url", "url": "https://TRP.below.com:443/in"},
        "required_fields": {"incoming": ["originator.name"]}, "networks": ["ethereum"], "assets": ["eip155:1/slip44:60"],
        "regions": ["DE", "AT"],
    });
    let answer = world.post(&member, "", &body);
    assert_eq!((answer.status.as_u16(), version(&answer)), (201, 1), "{answer:?}");
    let endpoint = answer.json();
    let id = endpoint["id"].as_str().unwrap();
    let expected = json!({
        "id": id, "protocol": "trp", "versions": ["3.1.0", "3.2.1"],
        "location": {"kind": "url", "url": "https://trp.below.com/in"},
        "required_fields": {"incoming": ["originator.name"], "outgoing": []}, "networks": ["eip155:1"],
        "assets": ["eip155:1/slip44:60"], "regions": ["AT", "DE"], "maintenance": [], "status": "active", "usable": true,
        "reason": null, "published_at": NOW, "changed_at": NOW,
    });
    assert_eq!(endpoint, expected);

    // Gateways see the same at once, everywhere.
    let record = world.record(member.vasp());
    assert_eq!((&record["endpoints"], &record["protocols"]), (&json!([expected]), &json!(["trp"])));
    assert_eq!((world.speaking("trp"), world.speaking("trisa")), (vec!["Alpha".to_owned()], vec![]));
    let owner = world.read(&format!("/v1/resolve?subject={}", member.vasp()))["owners"][0]["vasp"].clone();
    assert_eq!(owner["protocols"], json!(["trp"]));
    let triggers = world.registry.triggers(member.vasp());
    assert_eq!(triggers.iter().map(|trigger| trigger.kind.as_str()).collect::<Vec<_>>(), ["key_rotation"]);
    assert!(triggers[0].detail.to_string().contains(id), "{triggers:?}");
}

#[on_every_database(World::new)]
fn an_endpoint_changes_rests_and_ends(world: World) {
    let member = world.alpha();
    let body = json!({
        "protocol": "trp", "versions": ["3.2.1", "3.1.0"], "location": {"kind": "url", "url": "https://trp.below.com/in"},
        "required_fields": {"incoming": ["originator.name"]}, "networks": ["ethereum"], "regions": ["DE", "AT"],
    });
    let published = world.published(&member, &body);
    let id = published["id"].as_str().unwrap();

    // What changes the terms opens nothing; another place does.
    let changed = world.patch(
        &member,
        id,
        "\"1\"",
        &json!({"versions": ["3.2.1"], "regions": null, "required_fields": {"outgoing": ["beneficiary.name"]}}),
    );
    assert_eq!((changed.status.as_u16(), version(&changed)), (200, 2), "{changed:?}");
    assert_eq!(changed.json()["required_fields"], json!({"incoming": ["originator.name"], "outgoing": ["beneficiary.name"]}));
    assert_eq!((&changed.json()["regions"], &changed.json()["networks"]), (&json!([]), &json!(["eip155:1"])));
    assert_eq!(world.registry.triggers(member.vasp()).len(), 1);
    let moved = world.patch(&member, id, "\"2\"", &json!({"location": {"kind": "url", "url": "https://alpha.com/trp"}}));
    assert_eq!(version(&moved), 3);
    assert_eq!(world.registry.triggers(member.vasp()).len(), 2);
    // A change that changes nothing makes no version.
    assert_eq!(version(&world.patch(&member, id, "*", &json!({"versions": ["3.2.1"]}))), 3);

    // Paused at once, whatever the version; used again on the version that was read.
    let paused = world.post(&member, &format!("/{id}/pause"), &Value::Null);
    assert_eq!((version(&paused), &paused.json()["status"]), (4, &json!("paused")));
    assert_eq!(version(&world.post(&member, &format!("/{id}/pause"), &Value::Null)), 4);
    assert_eq!(world.usable(member.vasp()), (json!(false), json!("paused")));
    assert_eq!((world.speaking("trp"), &world.record(member.vasp())["protocols"]), (vec![], &json!([])));
    let resumed = world.send(&member, "POST", &format!("/{id}/resume"), &[("if-match", "\"4\"")], &Value::Null);
    assert_eq!((resumed.status.as_u16(), version(&resumed)), (200, 5), "{resumed:?}");
    assert_eq!(world.usable(member.vasp()), (json!(true), Value::Null));

    // Taken back for good.
    let withdrawn = world.send(&member, "DELETE", &format!("/{id}"), &[], &Value::Null);
    assert_eq!((&withdrawn.json()["status"], &withdrawn.json()["reason"]), (&json!("withdrawn"), &json!("withdrawn")));
    assert_eq!(version(&world.send(&member, "DELETE", &format!("/{id}"), &[], &Value::Null)), 6);
    assert_eq!(world.record(member.vasp())["endpoints"], json!([]));
    assert_eq!(world.send(&member, "GET", "", &[], &Value::Null).json(), json!({"items": [], "next_cursor": null}));
    assert_eq!(world.own(&member, id).json()["status"], "withdrawn");
    assert_eq!(world.registry.triggers(member.vasp()).len(), 2);
    // The same place is free again.
    assert_ne!(world.trp(&member, "https://alpha.com/trp"), id);
}

#[on_every_database(World::new)]
fn what_was_published_before_is_answered_as_of_then(world: World) {
    let member = world.alpha();
    let id = world.trp(&member, "https://alpha.com/old");
    let before = world.record(member.vasp())["directory"]["sequence"].as_i64().unwrap();
    world.registry.at(3_600);
    world.patch(&member, &id, "\"1\"", &json!({"location": {"kind": "url", "url": "https://alpha.com/new"}})).with(200);
    world.send(&member, "DELETE", &format!("/{id}"), &[], &Value::Null);

    let url = |query: &str| {
        let record = world.read(&format!("/v1/vasps/{}?as_of={query}", member.vasp()));
        (record["endpoints"][0]["location"]["url"].clone(), record["protocols"].clone())
    };
    assert_eq!(url(&format!("seq:{before}")), (json!("https://alpha.com/old"), json!(["trp"])));
    assert_eq!(url("2026-06-01T12:30:00Z"), (json!("https://alpha.com/old"), json!(["trp"])));
    assert_eq!(world.record(member.vasp())["endpoints"], json!([]));

    let history = world.read(&format!("/v1/vasps/{}/history", member.vasp()));
    let items: Vec<&Value> = history["items"].as_array().unwrap().iter().collect();
    // To the second: the log gives each change a moment of its own.
    let told: Vec<(String, String)> = items
        .iter()
        .filter(|item| item["kind"] == "endpoint_changed")
        .map(|item| {
            let change = &item["changes"][0];
            assert_eq!(change["pointer"], json!(format!("/endpoints/{id}")));
            let to: Value = serde_json::from_str(change["to"].as_str().unwrap()).unwrap();
            (
                item["recorded_at"].as_str().unwrap().get(..19).unwrap().to_owned(),
                format!("{} {}", to["location"]["url"].as_str().unwrap(), to["status"].as_str().unwrap()),
            )
        })
        .collect();
    let at = |time: &str| format!("2026-06-01T{time}");
    let expected = [
        (at("13:00:00"), "https://alpha.com/new withdrawn".to_owned()),
        (at("13:00:00"), "https://alpha.com/new active".to_owned()),
        (at("12:00:00"), "https://alpha.com/old active".to_owned()),
    ];
    assert_eq!(told, expected);
}

#[on_every_database(World::new)]
fn maintenance_begins_and_ends_by_itself_and_no_answer_outlives_it(world: World) {
    let member = world.alpha();
    let id = world.trp(&member, "https://alpha.com/trp");
    let path = format!("/v1/vasps/{}", member.vasp());
    let tag = || world.registry.client.get(&path).header("etag").to_owned();
    let announce = |from: &str, to: &str, reason: Value| {
        world.post(&member, &format!("/{id}/maintenance"), &json!({"from": from, "to": to, "reason": reason}))
    };

    let first = announce("2026-06-01T12:00:20Z", "2026-06-01T12:00:50Z", json!("new certificates"));
    assert_eq!((first.status.as_u16(), version(&first)), (200, 2), "{first:?}");
    // What overlaps becomes one, what is announced twice changes nothing.
    let merged = announce("2026-06-01T12:00:40Z", "2026-06-01T12:01:10Z", Value::Null);
    let window = json!({"from": "2026-06-01T12:00:20Z", "to": "2026-06-01T12:01:10Z", "reason": "new certificates"});
    assert_eq!(merged.json()["maintenance"], json!([window]));
    assert_eq!(version(&announce("2026-06-01T12:00:30Z", "2026-06-01T12:00:40Z", Value::Null)), 3);
    assert_eq!(world.registry.triggers(member.vasp()).len(), 1);

    let until = || (world.usable(member.vasp()).1, world.record(member.vasp())["valid_until"].clone());
    let resolved = || world.read(&format!("/v1/resolve?subject={}", member.vasp()));
    let (announced, own) = (tag(), world.own(&member, &id).header("etag").to_owned());
    let known = || world.send(&member, "GET", &format!("/{id}"), &[("if-none-match", &own)], &Value::Null).status.as_u16();
    assert_eq!(known(), 304);
    assert_eq!(until(), (Value::Null, json!("2026-06-01T12:00:20Z")));
    assert_eq!(resolved()["valid_until"], "2026-06-01T12:00:20Z");
    assert_eq!(world.read("/v1/vasps?protocol=trp")["valid_until"], "2026-06-01T12:00:20Z");
    world.registry.at(20);
    assert_eq!(until(), (json!("maintenance"), json!("2026-06-01T12:01:10Z")));
    assert_eq!(resolved()["valid_until"], json!("2026-06-01T12:01:10Z"));
    assert_eq!(resolved()["owners"][0]["vasp"]["protocols"], json!([]));
    assert_eq!(world.speaking("trp"), [""; 0]);
    assert_ne!(tag(), announced);
    // Its member, too, is told anew; the version to change is the same.
    assert_eq!((known(), version(&world.own(&member, &id))), (200, 3));
    world.registry.at(70);
    assert_eq!(until(), (Value::Null, json!("2026-06-01T12:02:10Z")));
    assert_eq!(world.record(member.vasp())["endpoints"][0]["maintenance"], json!([]));

    // Called off by the list of what stays.
    announce("2026-06-02T00:00:00Z", "2026-06-03T00:00:00Z", Value::Null);
    let off = world.patch(&member, &id, "\"4\"", &json!({"maintenance": []}));
    assert_eq!((off.status.as_u16(), &off.json()["maintenance"]), (200, &json!([])), "{off:?}");
}

#[on_every_database(World::new)]
fn the_history_of_endpoints_has_what_changed_about_them_and_nothing_else(world: World) {
    let member = world.alpha();
    let first = world.trp(&member, "https://alpha.com/first");
    world.registry.replace(member.vasp(), ("country", "", "AT"));
    world.trp(&member, "https://alpha.com/second");
    world.send(&member, "DELETE", &format!("/{first}"), &[], &Value::Null).with(200);

    let path = format!("/v1/vasps/{}/endpoints/history", member.vasp());
    let whole = world.read(&path);
    let pointers = |page: &Value| -> Vec<String> {
        let items = page["items"].as_array().unwrap().iter();
        items.flat_map(|item| item["changes"].as_array().unwrap()).map(|change| change["pointer"].to_string()).collect()
    };
    assert!(pointers(&whole).iter().all(|pointer| pointer.starts_with("\"/endpoints/")), "{whole}");
    assert_eq!(whole["items"].as_array().unwrap().len(), 3, "{whole}");
    assert_eq!(whole["next_cursor"], Value::Null);
    assert!(pointers(&whole)[0].contains(&first), "the newest first: {whole}");

    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = world.read(&format!("{path}?limit=1{cursor}"));
        paged.extend(pointers(&page));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, pointers(&whole));
}
