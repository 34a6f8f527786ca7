//! Organisations are told when something they relied on turned: in their list of alerts, and by their webhooks.

mod destinations;
mod reliance;
mod sources;
mod webhooks;

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::imports::ImportFormat;
use vasp_registry::watch::Watcher;

use crate::support::{Database, Internet, Person, Registry, on_every_database};

const NO_BODY: Value = Value::Null;
/// What answers for webhooks.
const HOOKS: &str = "hooks.example.com";

/// A register of one VASP; its licence ends on a day.
fn register(observed_on: &str, licence_ends: Option<&str>) -> &'static [u8] {
    let register = json!({"register": "esma-casps", "observed_on": observed_on, "source": "register.csv", "entities": [{
        "lei": null, "authority": "DE-BAFIN", "name_key": "harbour exchange gmbh", "flags": [],
        "legal_name": "Harbour Exchange GmbH", "commercial_names": [], "country": "DE", "registered_address": null,
        "website": null, "domains": [], "lines": [2],
        "licences": [{"authority": "DE-BAFIN", "regime": "MiCA", "number": null, "valid_from": "2025-01-01", "valid_to": licence_ends,
                      "last_update": null, "territories": ["DE"],
                      "services": [{"activity": "custody", "valid_from": "2025-01-01", "valid_to": licence_ends}]}]}]});
    register.to_string().leak().as_bytes()
}

/// A registry with a listed VASP, and a gateway that watches it.
struct World {
    registry: Registry,
    internet: Internet,
    watcher: Watcher,
    gateway: Person,
    vasp: String,
}

impl World {
    fn new(database: Database) -> Self {
        let internet = Internet::start(&[HOOKS]);
        let registry = Registry::start_calling(database, Some(internet.outbound()), |_| ());
        registry.import(ImportFormat::RegisterJson, "register.json", register("2026-05-20", None));
        let gateway = registry.person_of_new(OrganisationKind::Gateway, &[Role::Admin]);
        let listed = registry.get_as(&gateway, "/v1/vasps?q=harbour").json();
        let vasp = listed["items"][0]["id"].as_str().unwrap().to_owned();
        Self { registry, internet, watcher: Watcher::default(), gateway, vasp }
    }

    fn watched(database: Database) -> Self {
        let mut world = Self::new(database);
        let path = format!("/v1/watches/{}", world.vasp);
        world.registry.send_as(&world.gateway, "PUT", &path, &[], &json!({"jurisdiction": "DE"})).with(200);
        world.look();
        world
    }

    /// Has the job look once.
    fn look(&mut self) -> usize {
        let (now, mut rng) = (vasp_clock::Clock::now(self.registry.clock.as_ref()), self.registry.random.fork());
        self.watcher.step(&self.registry.registry, now, &mut rng, &|| false).unwrap()
    }

    /// Has the register say that the licence ended.
    fn licence_ends(&mut self) {
        self.registry.import(ImportFormat::RegisterJson, "register.json", register("2026-05-30", Some("2026-05-25")));
        self.look();
    }

    fn kinds(&self) -> Vec<String> {
        let mut kinds: Vec<_> =
            self.alerts(&self.gateway, "").iter().map(|alert| alert["kind"].as_str().unwrap().to_owned()).collect();
        kinds.sort();
        kinds
    }

    fn alerts(&self, who: &Person, query: &str) -> Vec<Value> {
        self.registry.get_as(who, &format!("/v1/alerts{query}")).answered(200)["items"].as_array().unwrap().clone()
    }
}

#[on_every_database(World::watched)]
fn who_relied_on_a_licence_is_told_that_it_ended_and_nobody_else(mut world: World) {
    assert!(world.alerts(&world.gateway, "").is_empty());

    world.licence_ends();

    let alerts = world.alerts(&world.gateway, "");
    assert_eq!(alerts.len(), 1, "{alerts:?}");
    let alert = &alerts[0];
    // By the default policy an ended licence holds, which is `high`. Source: docs/watch.md, "Alerts".
    assert_eq!((&alert["kind"], &alert["severity"]), (&json!("licence.ended"), &json!("high")));
    assert_eq!((&alert["vasp"], &alert["check"]), (&json!(world.vasp), &json!("licence")));
    assert_eq!((&alert["from"], &alert["to"]), (&json!(["licence.in_force"]), &json!(["licence.ended"])));
    assert!(alert["detail"].as_str().unwrap().contains("ended"), "{alert}");
    let other = world.registry.person_of_new(OrganisationKind::Gateway, &[Role::Compliance]);
    assert!(world.alerts(&other, "").is_empty());
    world.registry.get_as(&other, &format!("/v1/alerts/{}", alert["id"].as_str().unwrap())).problem(404, "not_found");

    // Looking again tells nothing twice; another process that looks finds nothing new.
    world.look();
    world.watcher = Watcher::default();
    assert!(world.look() > 0);
    assert_eq!(world.alerts(&world.gateway, "").len(), 1);

    // Members read the same list under their own path, and what is better is told, too.
    world.registry.import(ImportFormat::RegisterJson, "register.json", register("2026-05-31", None));
    world.look();
    let member_path = world.registry.get_as(&world.gateway, "/v1/alerts?min_severity=info").json();
    assert_eq!(member_path["items"][0]["severity"], "info");
    assert_eq!(member_path["items"][0]["to"], json!(["licence.in_force"]));
    assert_eq!(world.alerts(&world.gateway, "?min_severity=high").len(), 1);
}

#[on_every_database(World::watched)]
fn an_alert_is_taken_note_of_once(mut world: World) {
    world.licence_ends();
    let id = world.alerts(&world.gateway, "?acknowledged=false")[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/alerts/{id}/acknowledge");

    let noted = world.registry.post_as(&world.gateway, &path, &json!({"note": "stopped sending"}));

    assert_eq!((noted.status.as_u16(), &noted.json()["note"]), (200, &json!("stopped sending")));
    assert!(noted.json()["acknowledged_by"].as_str().unwrap().starts_with("usr_"));
    world.registry.post_as(&world.gateway, &path, &json!({})).problem(409, "illegal_step");
    assert!(world.alerts(&world.gateway, "?acknowledged=false").is_empty());
    assert_eq!(world.alerts(&world.gateway, "?acknowledged=true").len(), 1);
    let long = json!({"note": "x".repeat(2_001)});
    world.registry.post_as(&world.gateway, &path, &long).problem(422, "invalid_request");
    world.registry.get_as(&world.gateway, "/v1/alerts/alr_0").problem(404, "not_found");
    world.registry.get_as(&world.gateway, "/v1/alerts?min_severity=worst").problem(422, "invalid_request");
}

#[on_every_database(World::new)]
fn watches_are_asked_for_listed_and_ended(mut world: World) {
    let path = format!("/v1/watches/{}", world.vasp);
    let put = |world: &World, path: &str, body: &Value| world.registry.send_as(&world.gateway, "PUT", path, &[], body);

    // A gateway without a VASP says for which regime it asks.
    let nowhere = put(&world, &path, &json!({}));
    assert_eq!(nowhere.problem(422, "invalid_request")["errors"][0]["pointer"], "/jurisdiction");
    assert_eq!(put(&world, &path, &json!({"jurisdiction": "DE"})).status, 200);
    assert_eq!(put(&world, &path, &json!({"jurisdiction": "CH"})).json()["jurisdiction"], "CH");

    let listed = world.registry.get_as(&world.gateway, "/v1/watches").json();
    assert_eq!((listed["items"].as_array().unwrap().len(), &listed["items"][0]["asked"]), (1, &json!(true)));
    assert_eq!(listed["items"][0]["jurisdiction"], "CH");
    // The job writes what it finds and leaves that as it is.
    world.look();
    assert_eq!(world.registry.get_as(&world.gateway, "/v1/watches").json()["items"][0]["jurisdiction"], "CH");
    let ended = world.registry.send_as(&world.gateway, "DELETE", &path, &[], &NO_BODY);
    assert_eq!((ended.status.as_u16(), &ended.json()["asked"]), (200, &json!(false)));
    world.registry.send_as(&world.gateway, "DELETE", &path, &[], &NO_BODY).problem(404, "not_found");
    world.look();
    world.licence_ends();
    assert!(world.alerts(&world.gateway, "").is_empty());
}

#[on_every_database(World::new)]
fn what_changed_between_the_first_reliance_and_the_first_look_is_told(mut world: World) {
    let path = format!("/v1/watches/{}", world.vasp);
    world.registry.send_as(&world.gateway, "PUT", &path, &[], &json!({"jurisdiction": "DE"}));

    // The job has not looked yet when the licence ends.
    world.licence_ends();

    let alerts = world.alerts(&world.gateway, "");
    assert_eq!((alerts.len(), &alerts[0]["kind"]), (1, &json!("licence.ended")));
}
