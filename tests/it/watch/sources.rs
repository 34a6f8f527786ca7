//! A publisher's server under the poller: what it withdraws reaches the webhook of a gateway that watches; and a server that stalls, shrinks,
//! redirects, lies about its day or sends other pages changes nothing, says why, and is believed again with its next good file.

mod timing;

use std::time::Duration;

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_outbound::DownloadLimits;
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::node::DegradedCause;
use vasp_registry::sources::{PollSettings, Poller, note_overdue_sources};
use vasp_registry::watch::Watcher;
use vasp_registry::webhooks::Courier;
use vasp_store::StoreError;

use super::World;
use crate::support::{Database, Internet, Names, Person, Registry, Reply, on_every_database};

/// Where the register is downloaded.
const PUBLISHER: &str = "publisher.example.com";
/// Another name of the same server.
const OTHER: &str = "files.example.com";
/// A name that leads into a private network.
const INSIDE: &str = "inside.example.com";
const HOOKS: &str = super::HOOKS;
const PLACE: &str = "/register/CASPS.csv";
/// The time between two looks, in seconds.
const INTERVAL_SECS: u32 = 60;

const APRIL: &str = include_str!("../../fixtures/esma/CASPS_20260426.csv");
const MAY: &str = include_str!("../../fixtures/esma/CASPS_20260510.csv");
/// When the publisher says that it wrote its files.
const APRIL_DAY: &str = "Sun, 26 Apr 2026 08:00:00 GMT";
const MAY_DAY: &str = "Tue, 26 May 2026 08:00:00 GMT";

/// A registry that polls one publisher.
struct Polled {
    world: World,
    poller: Poller,
    operator: Person,
}

impl Polled {
    fn new(database: Database) -> Self {
        let internet = Internet::start(&[HOOKS, PUBLISHER, OTHER]);
        let registry = Registry::start_calling(database, Some(internet.outbound()), |_| ());
        let gateway = registry.person_of_new(OrganisationKind::Gateway, &[Role::Admin]);
        let (operator, _) = registry.two_admins();
        let world = World { registry, internet, watcher: Watcher::default(), gateway, vasp: String::new() };
        Self { poller: poller(LIMITS), world, operator }
    }

    /// Has the publisher offer a file of a day.
    fn offers(&self, day: &str, more: &str, body: &str) {
        let length = body.len();
        let head = format!("HTTP/1.1 200 OK\r\nLast-Modified: {day}\r\n{more}Content-Length: {length}\r\n\r\n{body}");
        self.answers(Reply::Raw(head.into_bytes()));
    }

    fn answers(&self, reply: Reply) {
        self.world.internet.web.set(PLACE, reply);
    }

    /// Has the poller look at the register; returns whether it did.
    fn look(&self) -> bool {
        let registry = &self.world.registry;
        self.poller
            .look(&registry.registry, "esma-casps", registry.clock.as_ref(), &mut registry.random.fork(), &|| false)
            .unwrap()
    }

    /// What callers are told of the register.
    fn source(&self) -> Value {
        let all = self.world.registry.get_as(&self.world.gateway, "/v1/sources").json()["published"].clone();
        all.as_array().unwrap().iter().find(|one| one["id"] == "esma-casps").unwrap().clone()
    }

    /// The newest import of the register that the journal has, and how many it has.
    fn journal(&self) -> (Value, usize) {
        let all = self.operator.read(&self.world.registry, "/v1/imports?source=esma-casps")["items"].clone();
        let all = all.as_array().unwrap().clone();
        (all[0].clone(), all.len())
    }

    fn sequence(&self) -> i64 {
        self.world.registry.registry.store().read::<_, StoreError>(|conn| Ok(conn.log_head()?.sequence)).unwrap()
    }
}

/// Limits that a test can wait for.
const LIMITS: DownloadLimits =
    DownloadLimits { whole: Duration::from_secs(4), silence: Duration::from_secs(1), size_bytes: 100_000 };

fn poller(limits: DownloadLimits) -> Poller {
    let url = format!("https://{PUBLISHER}{PLACE}").parse().unwrap();
    let addresses = [("esma-casps".to_owned(), vec![url])].into();
    Poller::new(PollSettings { network: true, interval_secs: INTERVAL_SECS, addresses, limits, ..PollSettings::default() })
}

/// It takes at most the poll interval and 60 seconds.
#[on_every_database(Polled::new)]
fn a_withdrawal_at_a_source_reaches_the_webhook_of_a_gateway_that_watches(mut polled: Polled) {
    polled.offers(APRIL_DAY, "ETag: \"april\"\r\n", APRIL);
    assert!(polled.look());
    polled.world.registry.registry.directory().catch_up().unwrap();
    let listed = polled.world.registry.get_as(&polled.world.gateway, "/v1/vasps?q=coinmotion").json();
    polled.world.vasp = listed["items"][0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/watches/{}", polled.world.vasp);
    polled.world.registry.send_as(&polled.world.gateway, "PUT", &path, &[], &json!({"jurisdiction": "FI"})).with(200);
    polled.world.look();
    polled.world.webhook(&json!(["licence"]));
    polled.world.receiver_answers("204 No Content");
    let mut courier = Courier::start(&polled.world.registry.registry).unwrap();
    assert_eq!(polled.source()["file"], "CASPS_20260426.csv");

    // The licence of Coinmotion ended on 30 April: tests/fixtures/README.md.
    polled.offers(MAY_DAY, "ETag: \"may\"\r\n", MAY);
    let changed_at = polled.world.registry.clock.now();
    let mut waited = 0;
    while !polled.look() {
        polled.world.registry.advance(10);
        waited += 10;
    }
    polled.world.look();
    assert_eq!(polled.world.deliver(&mut courier), 1);

    let told = polled.world.internet.web.bodies().into_iter().find(|body| body.contains("licence.ended")).unwrap();
    let told: Value = serde_json::from_str(&told).unwrap();
    assert_eq!(told["data"]["vasp"], json!(polled.world.vasp));
    let passed = (polled.world.registry.clock.now().micros() - changed_at.micros()) / 1_000_000;
    assert!(waited > 0 && passed <= i64::from(INTERVAL_SECS) + 60, "{passed} seconds");
    let asked: Vec<String> = polled.world.internet.web.heads().into_iter().filter(|head| head.contains(PLACE)).collect();
    assert!(!asked[0].to_lowercase().contains("if-none-match"), "{}", asked[0]);
    let conditions = asked[1].to_lowercase();
    assert!(
        conditions.contains("if-none-match: \"april\"") && conditions.contains("if-modified-since: sun, 26 apr"),
        "{conditions}"
    );
}

#[on_every_database(Polled::new)]
fn a_server_that_still_has_the_file_is_asked_only_whether_it_does(polled: Polled) {
    polled.offers(APRIL_DAY, "ETag: \"april\"\r\n", APRIL);
    assert!(polled.look() && !polled.look());
    let (before, first) = (polled.sequence(), polled.source());

    polled.world.registry.advance(i64::from(INTERVAL_SECS));
    polled.answers(Reply::Raw(b"HTTP/1.1 304 Not Modified\r\nETag: \"april\"\r\n\r\n".to_vec()));
    assert!(polled.look());

    let seen = polled.source();
    assert_eq!(polled.sequence(), before);
    assert_eq!(seen["failing"], false);
    assert_eq!(seen["file"], "CASPS_20260426.csv");
    assert_eq!(seen["sha256"], first["sha256"]);
    assert!(seen["last_success"].as_str() > first["last_success"].as_str(), "{seen}");
    // That it was looked at makes what is known of it no newer.
    assert_eq!(seen["known_through"], "2026-04-26");
    assert_eq!(seen["next_due"], "2026-05-04T00:00:00Z");
    assert_eq!(seen["overdue"], true);
    assert_eq!(polled.journal().1, 1);
    // The same bytes under a newer day are news.
    polled.world.registry.advance(i64::from(INTERVAL_SECS));
    polled.offers(MAY_DAY, "ETag: \"again\"\r\n", APRIL);
    assert!(polled.look());
    assert_eq!(polled.source()["known_through"], "2026-05-26");
}

/// What a hostile server answers, and what is said about it.
fn evils() -> Vec<(&'static str, Reply, &'static str)> {
    let text = |day: &str, more: &str, body: &str| {
        let length = body.len();
        Reply::Raw(
            format!("HTTP/1.1 200 OK\r\nLast-Modified: {day}\r\n{more}Content-Length: {length}\r\n\r\n{body}").into_bytes(),
        )
    };
    let cut: String = MAY.split_inclusive('\n').take(12).collect();
    let captcha = "<!DOCTYPE html><html><body>Are you a robot?</body></html>";
    let half = format!("HTTP/1.1 200 OK\r\nLast-Modified: {MAY_DAY}\r\nContent-Length: 90000\r\n\r\n{cut}");
    vec![
        ("stalls", Reply::Stall, "was silent for 1 seconds"),
        ("dribbles", Reply::Drip, "did not send the file within 4 seconds"),
        ("dribbles in its head", Reply::DripHead, "did not send the file within 4 seconds"),
        ("never ends", Reply::Endless, "the file has more than 100000 bytes"),
        ("breaks off", Reply::Raw(half.into_bytes()), "does not follow the HTTP protocol"),
        ("shrinks", text(MAY_DAY, "", &cut), "no longer contains"),
        ("redirects to a private address", Reply::Redirect("https://10.1.2.3/CASPS.csv".to_owned()), "redirects to a place"),
        (
            "redirects inside",
            Reply::Redirect(format!("https://{INSIDE}/CASPS.csv")),
            "10.1.2.3 is not an address of the public Internet",
        ),
        ("redirects to itself", Reply::Redirect(PLACE.to_owned()), "more than 3 redirects"),
        ("redirects to HTTP", Reply::Redirect(format!("http://{OTHER}{PLACE}")), "redirects to a place"),
        // Later than every day of the compiled-in data, which a wrong clock does not refuse.
        ("is of the future", text("Tue, 01 Dec 2026 08:00:00 GMT", "", MAY), "which is after today"),
        (
            "is older",
            text("Sat, 25 Apr 2026 08:00:00 GMT", "", MAY),
            "its day is 2026-04-25, but the last file of this source was of 2026-04-26",
        ),
        ("has no day", Reply::Text(MAY.to_owned()), "has no date"),
        (
            "asks who is there",
            text(MAY_DAY, "Content-Type: text/html; charset=utf-8\r\n", captcha),
            "sent a web page, not the file",
        ),
        ("asks as if it were the file", text(MAY_DAY, "Content-Type: text/csv\r\n", captcha), "is a web page, not the file"),
        (
            "packs without being asked",
            text(MAY_DAY, "Content-Encoding: gzip\r\n", MAY),
            "compressed, although the registry did not ask",
        ),
        ("is another file", text(MAY_DAY, "", "a,b\n1,2\n"), "has no column"),
        (
            "has an error",
            Reply::Raw(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n".to_vec()),
            "answered with the status 503",
        ),
    ]
}

#[test]
fn a_hostile_source_server_changes_nothing_says_why_and_is_believed_again() {
    let polled = Polled::new(Database::sqlite());
    let names: Names = polled.world.internet.names(&[]).address(INSIDE, "10.1.2.3");
    polled.world.internet.resolvers.iter().for_each(|resolver| resolver.set(&names));
    polled.offers(APRIL_DAY, "", APRIL);
    assert!(polled.look());
    let (before, kept) = (polled.sequence(), polled.source()["sha256"].clone());

    for (failures, (does, reply, said)) in (1..).zip(evils()) {
        polled.look_again_at(reply);
        let seen = polled.source();
        let why = seen["failure"].as_str().unwrap_or_else(|| panic!("{does}: {seen}")).to_owned();
        assert!(why.contains(said), "{does}: {why}");
        assert_eq!((&seen["failing"], &seen["failures"]), (&json!(true), &json!(failures)), "{does}");
        assert_eq!((polled.sequence(), &seen["sha256"], &seen["known_through"]), (before, &kept, &json!("2026-04-26")), "{does}");
        let (newest, count) = polled.journal();
        assert_eq!((&newest["outcome"], count), (&json!("refused"), failures + 1), "{does}: {newest}");
        assert!(newest["reason"].as_str().unwrap().contains(said), "{does}: {newest}");
    }

    // A good file, behind a redirect that is allowed.
    let good = format!(
        "HTTP/1.1 200 OK\r\nContent-Disposition: attachment; filename=\"CASPS_20260526.csv\"\r\nContent-Length: {}\r\n\r\n{MAY}",
        MAY.len()
    );
    polled.world.internet.web.set(&format!("{OTHER}/moved.csv"), Reply::Raw(good.into_bytes()));
    polled.look_again_at(Reply::Redirect(format!("https://{OTHER}/moved.csv")));
    let seen = polled.source();
    assert_eq!((&seen["failure"], &seen["failures"], &seen["known_through"]), (&Value::Null, &json!(0), &json!("2026-05-26")));
    assert!(polled.sequence() > before);
}

impl Polled {
    /// Looks at an answer a minute later, whatever pause the failures before earned.
    fn look_again_at(&self, reply: Reply) {
        self.answers(reply);
        let (registry, mut rng) = (&self.world.registry, self.world.registry.random.fork());
        let now = registry.advance(60);
        let due = |row: &mut vasp_store::SourceState| row.next_look_at = None;
        let written = registry
            .registry
            .store()
            .write::<_, StoreError>(now, &mut rng, |transaction| transaction.change_source_state("esma-casps", due));
        written.unwrap();
        assert!(self.look());
    }
}

#[test]
fn pauses_after_failures_double_and_a_good_file_ends_them() {
    let polled = Polled::new(Database::sqlite());
    polled.answers(Reply::Raw(b"HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n".to_vec()));
    let mut pauses = Vec::new();
    for _ in 0..4 {
        assert!(polled.look());
        let mut pause = 0;
        while !polled.look_is_due() {
            polled.world.registry.advance(20);
            pause += 20;
        }
        pauses.push(pause);
    }
    assert_eq!(pauses, [60, 120, 240, 480]);

    polled.offers(MAY_DAY, "", MAY);
    assert!(polled.look());
    polled.world.registry.advance(60);
    assert!(polled.look_is_due());
}

impl Polled {
    fn look_is_due(&self) -> bool {
        let store = self.world.registry.registry.store();
        let states = store.read::<_, StoreError>(|conn| conn.source_states()).unwrap();
        let due = states.iter().find(|state| state.id == "esma-casps").and_then(|state| state.next_look_at);
        due.is_none_or(|due| due <= self.world.registry.clock.now())
    }
}

/// Of several servers on one database, one looks; if it dies, another does when its lease ends.
#[on_every_database(Polled::new)]
fn only_one_server_looks_at_a_time(polled: Polled) {
    polled.offers(MAY_DAY, "", MAY);
    let registry = &polled.world.registry;
    let now = registry.clock.now();
    let take = || {
        let mut rng = registry.random.fork();
        let until = now.plus_secs(1_800);
        let taken = registry
            .registry
            .store()
            .write::<_, StoreError>(now, &mut rng, |transaction| transaction.take_source_look("esma-casps", None, until));
        taken.unwrap().value
    };

    assert!(take() && !take(), "one of two that saw the same is first");
    assert!(!polled.look(), "another server has it");
    registry.advance(1_800);
    assert!(polled.look(), "it died");
    assert_eq!(polled.source()["known_through"], "2026-05-26");
}

#[on_every_database(Polled::new)]
fn a_paused_source_is_not_looked_at_and_a_pause_in_the_meantime_is_kept(polled: Polled) {
    polled.offers(MAY_DAY, "", MAY);
    let registry = &polled.world.registry;
    let pause = |paused| {
        let (store, now) = (registry.registry.store(), registry.clock.now());
        vasp_registry::sources::pause_source(store, "esma-casps", paused, now, &mut registry.random.fork()).unwrap();
    };

    pause(true);
    assert!(!polled.look());
    assert_eq!((&polled.source()["paused"], &polled.source()["last_tried"]), (&json!(true), &Value::Null));
    pause(false);
    assert!(polled.look());
    assert_eq!(polled.source()["known_through"], "2026-05-26");
}

#[test]
fn a_node_is_degraded_while_a_source_that_it_refreshes_is_overdue() {
    let polled = Polled::new(Database::sqlite());
    let registry = &polled.world.registry;
    let note = || {
        note_overdue_sources(&registry.registry, registry.clock.now()).unwrap();
        registry.registry.condition().has(DegradedCause::SourceOverdue)
    };
    assert!(!note(), "what was never fetched is not overdue");

    polled.offers(MAY_DAY, "", MAY);
    assert!(polled.look());
    // The register comes weekly, so that it is overdue after two weeks: on 10 June.
    registry.clock.set("2026-06-09T23:59:59Z".parse().unwrap());
    assert!(!note() && polled.source()["overdue"] == false);
    registry.clock.set("2026-06-10T00:00:00Z".parse().unwrap());
    assert!(note() && polled.source()["overdue"] == true);
    let reasons = serde_json::to_value(registry.registry.condition().reasons()).unwrap();
    assert_eq!(reasons, json!([{"code": "source_overdue", "detail": "no new file has come for too long from esma-casps"}]));
    polled.offers("Tue, 09 Jun 2026 08:00:00 GMT", "", MAY);
    assert!(polled.look());
    assert!(!note());
}
