//! A gateway asks for a member only by that member's leave, which ends by the clock or at once.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::imports::ImportFormat;
use vasp_words::ids::VaspId;

use crate::support::{Database, Person, Registry, on_every_database};

/// Bitpanda GmbH, of Austria: an entity of the register.
const MEMBER_LEI: &str = "5493007WZ7IFULIL8G21";

const CASPS: &[u8] = include_bytes!("../../fixtures/esma/CASPS_20260426.csv");

struct World {
    registry: Registry,
    vasp: VaspId,
    member: Person,
    gateway: Person,
}

impl World {
    fn new(database: Database) -> Self {
        let registry = Registry::start(database);
        registry.import(ImportFormat::EsmaCasps, "CASPS_20260426.csv", CASPS);
        let (_, anybody) = registry.api_key("resolve", None);
        let found = registry.client.get_with(&format!("/v1/vasps?q={MEMBER_LEI}"), &[("authorization", &anybody)]).json();
        let vasp: VaspId = found["items"][0]["id"].as_str().unwrap().parse().unwrap();
        let home = registry.home(OrganisationKind::Member, Some(vasp));
        let member = registry.person_with(home, &[Role::Admin], &[Scope::Admin]);
        let gateway = registry.home(OrganisationKind::Gateway, None);
        let gateway = registry.person_with(gateway, &[Role::Compliance], &[Scope::Precheck, Scope::Resolve, Scope::Admin]);
        Self { registry, vasp, member, gateway }
    }

    /// A pre-check on behalf of the member.
    fn request(&self) -> Value {
        json!({
            "direction": "outgoing", "originator": {"vasp": self.vasp}, "beneficiary": {"jurisdiction": "SG"},
            "transfer": {"asset": "bip122:000000000019d6689c085ae165831e93/slip44:0", "amount": "0.1"},
        })
    }

    fn ask(&self) -> crate::support::Answer {
        self.gateway.post(&self.registry, "/v1/prechecks", &self.request())
    }

    fn ask_as_of(&self, as_of: &str) -> crate::support::Answer {
        let mut body = self.request();
        body["as_of"] = json!(as_of);
        self.gateway.post(&self.registry, "/v1/prechecks", &body)
    }

    fn delegate(&self, scopes: &[&str], expires_at: Option<&str>) -> Value {
        let body = json!({"organisation": self.gateway.organisation, "scopes": scopes, "expires_at": expires_at});
        self.member.done(&self.registry, "/v1/delegations", &body)
    }
}

#[on_every_database(World::new)]
fn a_gateway_asks_for_a_member_from_the_leave_until_it_is_taken_back(world: World) {
    world.ask().problem(403, "not_delegated");

    let delegation = world.delegate(&["precheck"], None);
    let asked = world.ask();

    assert_eq!(asked.status.as_u16(), 200, "{asked:?}");
    // The member's VASP is Austrian, and the gateway has none of its own.
    assert_eq!(asked.json()["obligations"]["originator"]["jurisdiction"], "AT");
    let recorded = format!("/v1/prechecks/{}", asked.json()["id"].as_str().unwrap());
    assert_eq!(world.gateway.get(&world.registry, &recorded).status.as_u16(), 200);
    let path = format!("/v1/delegations/{}", delegation["id"].as_str().unwrap());
    let ended = world.member.send(&world.registry, "DELETE", &path, &[], &Value::Null);
    assert_eq!(ended.json()["revoked_at"], "2026-06-01T12:00:00Z");
    world.ask().problem(403, "not_delegated");
    assert_eq!(world.gateway.get(&world.registry, &recorded).status.as_u16(), 200, "what it asked stays its own");
    world.member.send(&world.registry, "DELETE", &path, &[], &Value::Null).problem(404, "not_found");
    let listed = world.member.read(&world.registry, "/v1/delegations");
    assert_eq!(listed["items"].as_array().unwrap(), &[ended.json()]);
}

#[on_every_database(World::new)]
fn a_leave_ends_by_the_clock_and_counts_for_its_scopes_only(world: World) {
    world.delegate(&["resolve"], None);
    world.ask().problem(403, "not_delegated");

    world.delegate(&["precheck"], Some("2026-06-01T13:00:00Z"));

    assert_eq!(world.ask().status.as_u16(), 200);
    world.registry.clock.set("2026-06-01T12:59:59.999999Z".parse().unwrap());
    assert_eq!(world.ask().status.as_u16(), 200);
    world.registry.clock.set("2026-06-01T13:00:00Z".parse().unwrap());
    world.ask().problem(403, "not_delegated");
}

/// Whoever names a day on which the leave stood must not see what the member keeps for itself today.
#[on_every_database(World::new)]
fn a_leave_that_is_over_is_not_brought_back_by_asking_about_the_past(world: World) {
    let sequence = world.registry.registry.pin(world.registry.clock.now()).sequence();
    let points = ["2026-06-01T12:30:00Z".to_owned(), format!("seq:{sequence}")];
    world.registry.clock.set("2026-06-01T12:45:00Z".parse().unwrap());
    for as_of in &points {
        world.ask_as_of(as_of).problem(403, "not_delegated");
    }
    world.delegate(&["precheck"], Some("2026-06-01T13:00:00Z"));
    // While it stands, the past may be asked about, also that from before.
    let recorded: Vec<Value> = points.iter().map(|as_of| world.ask_as_of(as_of).json()["id"].clone()).collect();

    world.registry.clock.set("2026-06-01T13:00:00Z".parse().unwrap());

    for as_of in &points {
        world.ask_as_of(as_of).problem(403, "not_delegated");
        let mut body = world.request();
        body["as_of"] = json!(as_of);
        let batch = world.gateway.done(&world.registry, "/v1/prechecks/batch", &json!({"prechecks": [body]}));
        assert_eq!(batch["results"][0]["problem"]["code"], "not_delegated", "{batch}");
    }
    // What was answered while it stood replays for whoever asked.
    for id in recorded {
        let replay = format!("/v1/prechecks/{}/replay", id.as_str().unwrap());
        let replayed = world.gateway.done(&world.registry, &replay, &Value::Null);
        assert_eq!((&replayed["same"], &replayed["differences"]), (&json!(true), &json!([])));
    }
}

#[test]
fn a_closed_members_leave_counts_no_longer() {
    let world = World::new(Database::sqlite());
    world.delegate(&["precheck"], None);
    let (operator, _) = world.registry.two_admins();
    let path = format!("/v1/organisations/{}", world.member.organisation);
    assert_eq!(world.ask().status.as_u16(), 200);

    operator.send(&world.registry, "PATCH", &path, &[("if-match", "*")], &json!({"name": null, "closed": true}));

    world.ask().problem(403, "not_delegated");
}

#[test]
fn nobody_takes_back_the_leave_of_another_organisation() {
    let world = World::new(Database::sqlite());
    let delegation = world.delegate(&["precheck"], None);
    let stranger = world.registry.home(OrganisationKind::Member, None);
    let stranger = world.registry.person_with(stranger, &[Role::Admin], &[Scope::Admin]);
    let path = |id: &str| format!("/v1/delegations/{id}");
    let end = |id: &str| stranger.send(&world.registry, "DELETE", &path(id), &[("x-request-id", "same")], &Value::Null);

    let (hidden, absent) = (end(delegation["id"].as_str().unwrap()), end("del_00000000000000000000000000"));

    assert_eq!((hidden.status.as_u16(), &hidden.text), (404, &absent.text));
    assert_eq!(stranger.read(&world.registry, "/v1/delegations")["items"], json!([]));
    assert_eq!(world.ask().status.as_u16(), 200);
}

#[test]
fn leaves_that_make_no_sense_are_refused() {
    let world = World::new(Database::sqlite());
    let (gateway, own) = (world.gateway.organisation.to_string(), world.member.organisation.to_string());
    for (organisation, scopes, expires_at, pointer, code) in [
        (own.as_str(), "precheck", None, "/organisation", "own_organisation"),
        ("org_00000000000000000000000000", "precheck", None, "/organisation", "unknown_organisation"),
        ("gateway", "precheck", None, "/organisation", "invalid_value"),
        (gateway.as_str(), "admin", None, "/scopes", "invalid_value"),
        (gateway.as_str(), "member", None, "/scopes", "invalid_value"),
        (gateway.as_str(), "precheck", Some("2026-06-01T12:00:00Z"), "/expires_at", "in_the_past"),
    ] {
        let body = json!({"organisation": organisation, "scopes": [scopes], "expires_at": expires_at});
        let problem = world.member.post(&world.registry, "/v1/delegations", &body).problem(422, "invalid_request");
        let fault = &problem["errors"][0];
        assert_eq!((&fault["pointer"], &fault["code"]), (&json!(pointer), &json!(code)), "{body}");
    }
}
