//! Paths of shared hosts, over HTTP: they are a VASP's once it and whoever proved the host said so, and no longer once either ended it.

use serde_json::{Value, json};
use vasp_registry::imports::ImportFormat;

use super::{World, trp};
use crate::support::{Answer, Database, Person, on_every_database};

const PATHS: &str = "/v1/vasps/mine/path-delegations";

impl World {
    fn on_paths(&self, member: &Person, step: &str, path: &str, vasp: Option<&Person>) -> Answer {
        let headers = [("authorization", member.bearer.as_str()), ("content-type", "application/json")];
        let body = json!({"host": "shared.com", "path": path, "vasp": vasp.map(|vasp| vasp.vasp())});
        self.registry.client.send("POST", &format!("{PATHS}{step}"), &headers, &body.to_string())
    }

    fn owner(&self, url: &str) -> (Value, usize) {
        let answer = self.read(&format!("/v1/resolve?kind=url&subject={url}"));
        let owners = answer["owners"].as_array().unwrap();
        assert!(owners.len() < 2, "{answer}");
        (owners.first().map_or(Value::Null, |owner| owner["vasp"]["id"].clone()), owners.len())
    }

    fn listed(&self, member: &Person) -> Value {
        member.get(&self.registry, PATHS).answered(200)["items"].clone()
    }
}

/// A platform that proved its shared host, a VASP on it, and a third.
fn scene(database: Database) -> (World, Person, Person, Person) {
    let world = World::new(database);
    let platforms = br#"{"version": "1", "generated_on": "2026-05-01", "hosts": [
        {"host": "shared.com", "covers_subdomains": true, "platform": "Shared", "source": "test"}]}"#;
    world.registry.import(ImportFormat::PlatformHosts, "platforms.json", platforms);
    let platform = world.registry.verified_member("Shared", &[("domain", "shared.com", "proven")]);
    let (vasp, third) = (world.registry.verified_member("Alpha", &[]), world.registry.verified_member("Third", &[]));
    (world, platform, vasp, third)
}

const URL: &str = "https://shared.com/alpha/trp";

/// Before, nobody could confirm a path. It takes both sides. Source: docs/endpoints.md, "Publish".
#[on_every_database(scene)]
fn a_path_is_a_vasps_once_the_platform_and_it_said_so_and_either_ends_it(
    (world, platform, vasp, _): (World, Person, Person, Person),
) {
    for (first, second) in [((&vasp, "requested"), &platform), ((&platform, "offered"), &vasp)] {
        let of = |side: &Person| (side.vasp() == platform.vasp()).then_some(&vasp);
        let said = world.on_paths(first.0, "", "/alpha", of(first.0));
        assert_eq!((said.status.as_u16(), &said.json()["status"]), (200, &json!(first.1)), "{said:?}");
        assert_eq!(world.owner(URL), (Value::Null, 0), "one side is not enough");
        world.post(&vasp, "", &trp(URL)).problem(422, "invalid_request");
        world.on_paths(first.0, "", "/alpha", of(first.0)).problem(409, "illegal_step");

        assert_eq!(world.on_paths(second, "", "/alpha", of(second)).json()["status"], "confirmed");
        assert_eq!(world.owner(URL).0, json!(vasp.vasp()));
        assert_eq!(world.owner("https://shared.com/beta").0, Value::Null);
        assert_eq!((world.listed(&vasp), &world.listed(&vasp)[0]["path"]), (world.listed(&platform), &json!("/alpha")));
        let endpoint = world.trp(&vasp, URL);
        assert_eq!(world.own(&vasp, &endpoint).json()["usable"], true);

        // The one who said so second ends it, at once; then the other way about.
        let ended = world.on_paths(second, "/end", "/alpha", of(second));
        assert_eq!((ended.status.as_u16(), &ended.json()["status"]), (200, &Value::Null));
        assert_eq!(world.owner(URL), (Value::Null, 0));
        assert_eq!(world.own(&vasp, &endpoint).json()["reason"], "domain_not_proven");
        world.send(&vasp, "DELETE", &format!("/{endpoint}"), &[], &Value::Null);
        world.on_paths(second, "/end", "/alpha", of(second)).problem(404, "not_found");
    }
}

#[on_every_database(scene)]
fn nobody_gives_away_or_takes_a_path_that_is_not_its_own((world, platform, vasp, third): (World, Person, Person, Person)) {
    // Who did not prove the host offers nothing, confirms nothing and ends nothing.
    world.on_paths(&vasp, "", "/alpha", None);
    world.on_paths(&third, "", "/alpha", Some(&vasp)).problem(409, "illegal_step");
    world.on_paths(&third, "/end", "/alpha", Some(&vasp)).problem(404, "not_found");
    assert_eq!(world.owner(URL), (Value::Null, 0));
    assert_eq!(world.listed(&third), json!([]));
    // A path is one VASP's; the whole of a shared host is nobody's.
    assert_eq!(world.on_paths(&platform, "", "/alpha", Some(&vasp)).json()["status"], "confirmed");
    world.on_paths(&third, "", "/alpha", None);
    let refused = world.on_paths(&platform, "", "/alpha", Some(&third)).problem(409, "conflict");
    assert_eq!(refused["errors"][0]["code"], "delegated_already");
    let refused = world.on_paths(&platform, "", "/", Some(&vasp)).problem(422, "invalid_request");
    assert_eq!(refused["errors"][0]["code"], "whole_host");
    world.on_paths(&platform, "", "/alpha/..", Some(&vasp)).problem(422, "invalid_request");
    // What a platform offered while the host was its own is no word any more.
    world.on_paths(&platform, "", "/beta", Some(&vasp));
    world.registry.replace(platform.vasp(), ("domain", "shared.com", "lost"));
    assert_eq!(world.on_paths(&vasp, "", "/beta", None).json()["status"], "requested");
    world.registry.replace(vasp.vasp(), ("status", "", "suspended"));
    world.on_paths(&vasp, "", "/gamma", None).problem(409, "illegal_step");
    assert_eq!(world.on_paths(&vasp, "/end", "/alpha", None).status, 200, "taking back acts for everybody");
}
