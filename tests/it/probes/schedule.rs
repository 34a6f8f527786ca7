//! Who is probed when, on both databases: the scheduler is stepped by hand, time is the test's. Whatever waits here waits for a
//! result, not for time; a deadline only ends a test that would never end.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use vasp_clock::{Clock, Stopwatch};
use vasp_log::change::ChangeKind;
use vasp_record::fact::FactValue;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::probes::{ProbeSettings, Probing};
use vasp_store::StoreError;
use vasp_words::ids::{EndpointId, VaspId};

use super::{HOST, LEI, NAME};
use crate::support::{
    Authority, Database, EndpointServer, Internet, Manner, NOW, Names, Registry, UNSIGNED_ZONE, change, on_every_database, said,
};

/// Longer than any of this takes.
const ENOUGH: Duration = Duration::from_secs(120);
const SETTINGS: ProbeSettings = ProbeSettings { interval_secs: 300, at_once: 64 };

/// A registry, an Internet, and a VASP that publishes endpoints.
struct World {
    registry: Registry,
    internet: Internet,
    vasp: VaspId,
    number: i64,
}

impl World {
    fn new(database: Database) -> Self {
        let internet = Internet::start(&[HOST]);
        let registry = Registry::start_calling(database, Some(internet.outbound()), |settings| settings.public_read = true);
        let vasp = registry.record(NAME, &[("status", "", "verified"), ("lei", "", LEI)]);
        Self { number: registry.number_of(vasp), registry, internet, vasp }
    }

    /// Publishes endpoints: host and port.
    fn publish(&self, places: &[(String, u16)]) -> Vec<EndpointId> {
        self.registry.write(|transaction| {
            let mut published = Vec::new();
            let facts = places.iter().map(|(host, port)| {
                let id = EndpointId::new(transaction.now(), transaction.conn_and_rng().1);
                published.push(id);
                let endpoint = json!({
                    "id": id, "version": 1, "protocol": "trp", "versions": [], "location": {"kind": "host_port", "host": host, "port": port},
                    "required_fields": {}, "networks": [], "assets": [], "regions": [], "maintenance": [], "status": "active",
                    "published_at": NOW, "changed_at": NOW,
                });
                said("member", self.number, ("endpoint", &id.to_string(), &endpoint.to_string()))
            });
            let facts = facts.collect();
            transaction.record(change(ChangeKind::EndpointChanged, Some(self.number)), facts);
            Ok(published)
        })
    }

    /// Publishes the certificate of a server.
    fn publish_certificate(&self, server: &EndpointServer) {
        let id = "crt_00000000000000000000000001";
        let certificate = json!({
            "id": id, "version": 1, "use": "tls_server", "sha256": server.pin.sha256, "spki_sha256": server.pin.spki_sha256,
            "common_name": null, "organisation": null, "organisation_identifier": null, "lei": null, "country": null,
            "issuer": "CN=x", "serial": "01", "not_before": NOW, "not_after": "2100-01-01T00:00:00Z",
            "chain_not_after": "2100-01-01T00:00:00Z", "dns_names": [HOST], "key": "EC P-256", "root_set": null, "findings": [],
            "status": "active", "revoked_at": null, "revocation_reason": null, "issued_by_registry": false, "published_at": NOW,
        });
        self.registry.write(|transaction| {
            let facts = vec![said("member", self.number, ("certificate", id, &certificate.to_string()))];
            transaction.record(change(ChangeKind::CertificateChanged, Some(self.number)), facts);
            Ok(())
        });
    }

    /// Takes all endpoints back.
    fn take_back(&self) {
        self.registry.take_back(self.vasp, |said| matches!(said, FactValue::Endpoint(..)), &[]);
    }

    fn probing(&self, settings: ProbeSettings) -> Probing {
        Probing::start(&self.registry.registry, None, settings).unwrap()
    }

    fn step(&self, probing: &mut Probing) -> usize {
        let (registry, clock) = (&self.registry.registry, self.registry.clock.as_ref());
        probing.step(registry, clock, &mut self.registry.random.fork(), Duration::from_millis(20)).unwrap()
    }

    /// Steps until so many results were settled.
    fn settle(&self, probing: &mut Probing, wanted: usize) {
        let (watch, mut settled) = (Stopwatch::start(), 0);
        while settled < wanted {
            settled += self.step(probing);
            assert!(Duration::from_micros(watch.elapsed_micros()) < ENOUGH, "{settled} of {wanted} after {ENOUGH:?}");
        }
    }

    fn health(&self) -> Value {
        self.registry.client.get(&format!("/v1/vasps/{}/health", self.vasp)).json()
    }

    /// The state of the one endpoint.
    fn state(&self) -> String {
        self.health()["items"][0]["health"]["state"].as_str().unwrap().to_owned()
    }

    /// The `Authorization` header of a new editor of a member that keeps this VASP.
    fn member(&self, vasp: Option<VaspId>) -> String {
        let organisation = self.registry.home(OrganisationKind::Member, vasp);
        self.registry.person_with(organisation, &[Role::Editor], &[Scope::Member]).bearer
    }
}

fn serve(authority: &Authority, manner: Manner) -> EndpointServer {
    EndpointServer::start(authority, &[HOST], (2020, 2100), manner)
}

fn place(server: &EndpointServer) -> (String, u16) {
    (HOST.to_owned(), server.port)
}

#[on_every_database(World::new)]
fn endpoint_that_is_published_is_probed_at_once_and_shown(world: World) {
    let server = serve(&world.internet.authority(), Manner::trp(NAME, LEI));
    world.publish_certificate(&server);
    let endpoint = world.publish(&[place(&server)])[0];
    assert_eq!(world.health()["items"][0]["health"]["state"], "unknown");

    world.settle(&mut world.probing(SETTINGS), 1);

    let answer = world.health();
    assert_eq!((&answer["vasp"], &answer["items"][0]["endpoint"]), (&json!(world.vasp), &json!(endpoint)));
    let health = &answer["items"][0]["health"];
    assert_eq!((&health["state"], &health["sampled_at"], &health["age_secs"]), (&json!("responsive"), &json!(NOW), &json!(0)));
    assert_eq!((&health["availability"], &health["findings"]), (&json!({"day": 1.0, "week": 1.0, "month": 1.0}), &json!([])));
    assert!(health["response_ms"]["p99"].as_u64().unwrap() > 0, "{health}");
    world.registry.at(3_600);
    let old = world.health();
    assert_eq!((&old["items"][0]["health"]["state"], &old["items"][0]["health"]["age_secs"]), (&json!("unknown"), &json!(3_600)));
    let metrics = world.registry.registry.metrics().render(&Default::default(), world.registry.clock.now()).unwrap();
    assert!(metrics.contains(r#"vasp_registry_endpoint_probes_ended_total{kind="answered"} 1"#), "{metrics}");
}

#[on_every_database(World::new)]
fn probes_come_again_with_the_interval_and_back_off_while_an_endpoint_is_down(world: World) {
    let port = serve(&world.internet.authority(), Manner::Silent).port;
    world.publish(&[(HOST.to_owned(), port)]);
    let mut probing = world.probing(SETTINGS);
    let mut states = Vec::new();
    // A pause of 300 s is lengthened by a fifth at most; from the third failure on it is 600 s.
    for secs in [0, 361, 722, 1_443] {
        world.registry.at(secs);
        world.settle(&mut probing, 1);
        states.push(world.state());
    }
    assert_eq!(states, ["degraded", "degraded", "down", "down"]);

    // Now 1,200 s: 960 at least.
    world.registry.at(1_443 + 959);
    for _ in 0..5 {
        assert_eq!(world.step(&mut probing), 0);
    }
    assert_eq!(world.state(), "down", "a long pause makes nothing stale");
    world.registry.at(1_443 + 1_441);
    world.settle(&mut probing, 1);
    assert!(world.registry.triggers(world.vasp).is_empty(), "what is down contradicts no record");
}

#[on_every_database(World::new)]
fn endpoint_of_somebody_else_opens_a_case_once_and_changes_no_record(world: World) {
    let server = serve(&world.internet.authority(), Manner::trp(NAME, "5493001KJTIIGC8Y1R12"));
    world.publish(&[place(&server)]);
    let before = world.registry.client.get(&format!("/v1/vasps/{}", world.vasp)).json();
    let mut probing = world.probing(SETTINGS);
    world.settle(&mut probing, 1);
    for number in 1..3 {
        world.registry.at(number * 361);
        world.settle(&mut probing, 1);
    }
    // Another node that knows nothing of the last sample tells it again: it was told.
    let mut other = world.probing(SETTINGS);
    world.registry.at(3 * 361);
    world.settle(&mut other, 1);

    let triggers = world.registry.triggers(world.vasp);
    assert_eq!(triggers.iter().map(|trigger| trigger.kind.as_str()).collect::<Vec<_>>(), ["contradiction"]);
    let detail: &Value = &triggers[0].detail;
    assert_eq!((&detail["finding"], &detail["seen"]), (&json!("identity_lei_differs"), &json!("5493001KJTIIGC8Y1R12")));
    let health = &world.health()["items"][0]["health"];
    assert_eq!((&health["state"], &health["findings"][0]["code"]), (&json!("degraded"), &json!("identity_lei_differs")));
    assert_eq!(health["findings"][0]["detail"], Value::Null, "callers without credentials get no text of a stranger's");
    let gateway = world.registry.person_of(OrganisationKind::Gateway, None, &[], &[Scope::Resolve]);
    let headers = [("authorization", gateway.bearer.as_str())];
    let told = world.registry.client.send("GET", &format!("/v1/vasps/{}/health", world.vasp), &headers, "").json();
    let detail = told["items"][0]["health"]["findings"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("5493001KJTIIGC8Y1R12") && detail.contains(LEI), "{detail}");
    world.registry.at(0);
    assert_eq!(world.registry.client.get(&format!("/v1/vasps/{}", world.vasp)).json(), before);
}

#[on_every_database(World::new)]
fn of_several_nodes_one_probes_and_the_others_know(world: World) {
    let server = serve(&world.internet.authority(), Manner::trp(NAME, LEI));
    let hosts: Vec<_> = (0..20).map(|n| format!("n{n}.{UNSIGNED_ZONE}")).collect();
    let names = hosts.iter().fold(Names::default(), |names, host| names.address(host, "127.0.0.1"));
    world.internet.resolvers.iter().for_each(|resolver| resolver.set(&names));
    world.publish(&hosts.iter().map(|host| (host.clone(), server.port)).collect::<Vec<_>>());
    let mut nodes = [world.probing(SETTINGS), world.probing(SETTINGS), world.probing(SETTINGS)];

    let (watch, mut settled) = (Stopwatch::start(), 0);
    while settled < 20 {
        settled += nodes.iter_mut().map(|node| world.step(node)).sum::<usize>();
        assert!(Duration::from_micros(watch.elapsed_micros()) < ENOUGH);
    }
    for node in &mut nodes {
        assert_eq!(world.step(node), 0);
    }

    assert_eq!(server.connections(), 20);
}

#[on_every_database(World::new)]
fn what_is_taken_back_is_forgotten_and_what_moves_begins_anew(world: World) {
    let server = serve(&world.internet.authority(), Manner::trp(NAME, LEI));
    world.publish(&[place(&server)]);
    let mut probing = world.probing(SETTINGS);
    world.settle(&mut probing, 1);
    let rows = || world.registry.registry.store().read::<_, StoreError>(|conn| conn.endpoint_probe_places()).unwrap();
    assert_eq!(rows().len(), 1);

    world.take_back();
    world.registry.at(10);
    assert_eq!(world.step(&mut probing), 0);

    assert_eq!((rows().len(), world.health()["items"].as_array().unwrap().len()), (0, 0));
    assert_eq!(server.connections(), 1);
}

#[on_every_database(World::new)]
fn member_has_its_own_endpoint_probed_now(world: World) {
    let server = serve(&world.internet.authority(), Manner::trp(NAME, LEI));
    let endpoint = world.publish(&[place(&server)])[0];
    let (own, other) = (world.member(Some(world.vasp)), world.member(None));
    let mut probing = world.probing(SETTINGS);
    world.settle(&mut probing, 1);
    let ask = |key: &str, endpoint: &str| {
        world.registry.client.send("POST", &format!("/v1/vasps/mine/endpoints/{endpoint}/probe"), &[("authorization", key)], "")
    };

    let asked = ask(&own, &endpoint.to_string());
    assert_eq!((asked.status.as_u16(), &asked.json()["endpoint"]), (202, &json!(endpoint)));
    world.registry.at(2);
    world.settle(&mut probing, 1);
    assert_eq!(server.connections(), 2);

    assert_eq!(ask(&own, &endpoint.to_string()).problem(409, "conflict")["errors"][0]["code"], "probed_just_now");
    world.registry.at(33);
    assert_eq!(ask(&own, &endpoint.to_string()).status.as_u16(), 202);
    ask(&other, &endpoint.to_string()).problem(404, "not_found");
    ask(&own, "nonsense").problem(422, "invalid_request");
}

#[on_every_database(World::new)]
fn an_endpoint_that_no_job_planned_yet_can_be_probed(world: World) {
    let server = serve(&world.internet.authority(), Manner::trp(NAME, LEI));
    let endpoint = world.publish(&[place(&server)])[0];
    let path = format!("/v1/vasps/mine/endpoints/{endpoint}/probe");

    let asked = world.registry.client.send("POST", &path, &[("authorization", &world.member(Some(world.vasp)))], "");

    assert_eq!(asked.status.as_u16(), 202, "{asked:?}");
    world.settle(&mut world.probing(SETTINGS), 1);
    assert_eq!(server.connections(), 1);
}

/// One black hole in twenty; the first that are due are all holes. What may run at once bounds everything: how many are under way,
/// how many wait, and so what they hold.
#[on_every_database(World::new)]
fn thousand_endpoints_are_probed_in_bounded_room_and_black_holes_delay_nobody(world: World) {
    const ENDPOINTS: usize = 1_000;
    const HOLES: usize = 50;
    let authority = world.internet.authority();
    let wildcard = format!("*.{UNSIGNED_ZONE}");
    let server = EndpointServer::start(&authority, &[&wildcard], (2020, 2100), Manner::trp(NAME, LEI));
    let hole = EndpointServer::start(&authority, &[&wildcard], (2020, 2100), Manner::BlackHole);
    let hosts: Vec<_> = (0..ENDPOINTS).map(|n| format!("e{n}.{UNSIGNED_ZONE}")).collect();
    let names = hosts.iter().fold(Names::default(), |names, host| names.address(host, "127.0.0.1"));
    world.internet.resolvers.iter().for_each(|resolver| resolver.set(&names));
    let port = |n: usize| if n < HOLES { hole.port } else { server.port };
    let places: Vec<_> = hosts.iter().enumerate().map(|(n, host)| (host.clone(), port(n))).collect();
    world.publish(&places[..HOLES]);
    let mut probing = world.probing(SETTINGS);
    assert_eq!(world.step(&mut probing), 0);
    world.publish(&places[HOLES..]);

    let before = peak_kib();
    let (watch, mut settled, mut before_a_hole) = (Stopwatch::start(), 0, 0);
    while settled < ENDPOINTS {
        // The directory is looked at every two seconds of the registry's clock.
        world.registry.at(i64::try_from(watch.elapsed_micros() / 1_000_000).unwrap() + 2);
        settled += world.step(&mut probing);
        let queue = probing.queue();
        assert!(queue.running() <= 64 && queue.waiting() <= 128 && queue.peak() <= 64);
        if answered(&world) == settled {
            before_a_hole = settled;
        }
        assert!(Duration::from_micros(watch.elapsed_micros()) < ENOUGH, "{settled}");
    }

    assert_eq!((answered(&world), hole.connections(), server.connections()), (ENDPOINTS - HOLES, HOLES, ENDPOINTS - HOLES));
    // 14 places were left beside the holes: they were used again and again before the first hole was given up.
    assert!(before_a_hole > 3 * (64 - HOLES), "{before_a_hole}");
    assert_eq!(probing.queue().peak(), 64);
    report(before, &watch);
}

/// Says for `scripts/long probes` how long it took, and the most memory that the whole process ever had: servers and resolvers of
/// the test among it.
fn report(before_kib: u64, watch: &Stopwatch) {
    if std::env::var_os("TEST_PROBE_REPORT").is_some() {
        let secs = watch.elapsed_micros() / 1_000_000;
        println!(
            "1,000 endpoints, 50 of them black holes: {secs} s; peak memory {before_kib} KiB before, {} KiB after",
            peak_kib()
        );
    }
}

/// Source: proc(5), `VmHWM`; 0 where there is no such file.
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// How many probes were answered so far.
fn answered(world: &World) -> usize {
    let metrics = world.registry.registry.metrics().render(&Default::default(), world.registry.clock.now()).unwrap();
    let line =
        metrics.lines().find_map(|line| line.strip_prefix(r#"vasp_registry_endpoint_probes_ended_total{kind="answered"} "#));
    line.map_or(0, |count| count.parse().unwrap())
}

#[on_every_database(World::new)]
fn scheduler_runs_as_a_job_and_stops_when_told(world: World) {
    let server = serve(&world.internet.authority(), Manner::trp(NAME, LEI));
    world.publish(&[place(&server)]);
    let clock: Arc<dyn Clock> = world.registry.clock.clone();
    let (registry, random) = (Arc::clone(&world.registry.registry), &world.registry.random);
    let job = vasp_registry::probes::probe_endpoints(registry, clock, random, None, SETTINGS).unwrap();

    let watch = Stopwatch::start();
    while world.state() == "unknown" {
        assert!(Duration::from_micros(watch.elapsed_micros()) < ENOUGH);
        std::thread::yield_now();
    }
    drop(job);

    assert_eq!(server.connections(), 1);
}
