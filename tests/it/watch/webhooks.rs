//! Webhooks by the Standard Webhooks specification, against a receiver of the test's own.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::webhooks::Courier;

use super::{HOOKS, NO_BODY, World};
use crate::support::{Database, Reply, on_every_database};

const PLACE: &str = "/registry";

impl World {
    /// Makes a webhook and returns its id and secret.
    pub(super) fn webhook(&self, kinds: &Value) -> (String, String) {
        let body = json!({"url": format!("https://{HOOKS}{PLACE}"), "kinds": kinds});
        let made = self.registry.post_as(&self.gateway, "/v1/webhooks", &body).with(201);
        let (webhook, secret) = (made.json()["webhook"]["id"].clone(), made.json()["secret"].clone());
        (webhook.as_str().unwrap().to_owned(), secret.as_str().unwrap().to_owned())
    }

    pub(super) fn receiver_answers(&self, status: &str) {
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n");
        self.internet.web.set(PLACE, Reply::Raw(head.into_bytes()));
    }

    /// Sends what is due until every message that was taken came to an outcome.
    pub(super) fn deliver(&self, courier: &mut Courier) -> usize {
        let step = |courier: &mut Courier, patience| {
            let (mut rng, clock) = (self.registry.random.fork(), self.registry.clock.as_ref());
            courier.step(&self.registry.registry, clock, &mut rng, Duration::from_secs(patience)).unwrap()
        };
        let mut count = step(courier, 0);
        while courier.under_way() > 0 {
            count += step(courier, 20);
        }
        count
    }

    fn messages(&self, webhook: &str) -> Vec<Value> {
        let path = format!("/v1/webhooks/{webhook}/messages");
        self.registry.get_as(&self.gateway, &path).json()["items"].as_array().unwrap().clone()
    }

    fn wait(&self, secs: i64) {
        self.registry.advance(secs);
    }
}

/// A header of a request.
fn header(head: &str, name: &str) -> String {
    let found = head.lines().find_map(|line| line.split_once(": ").filter(|(key, _)| key.eq_ignore_ascii_case(name)));
    found.unwrap_or_else(|| panic!("{name} in {head}")).1.to_owned()
}

/// Source: Standard Webhooks, "Signature scheme": HMAC-SHA256 over `id.timestamp.body` with the decoded secret.
fn signature(secret: &str, head: &str, body: &str) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let signed = format!("{}.{}.{body}", header(head, "webhook-id"), header(head, "webhook-timestamp"));
    let key = aws_lc_rs::hmac::Key::new(aws_lc_rs::hmac::HMAC_SHA256, &key);
    format!("v1,{}", STANDARD.encode(aws_lc_rs::hmac::sign(&key, signed.as_bytes())))
}

#[on_every_database(World::watched)]
fn an_alert_is_sent_signed_to_the_webhooks_that_take_its_kind(mut world: World) {
    let (taking, secret) = world.webhook(&json!(["licence"]));
    let (other, _) = world.webhook(&json!(["sanctions"]));
    world.receiver_answers("204 No Content");
    let mut courier = Courier::start(&world.registry.registry).unwrap();

    world.licence_ends();
    assert_eq!(world.deliver(&mut courier), 1);

    let (heads, bodies) = (world.internet.web.heads(), world.internet.web.bodies());
    let (head, body) = (&heads[0], &bodies[0]);
    assert!(head.starts_with(&format!("POST {PLACE} HTTP/1.1")), "{head}");
    assert_eq!(header(head, "webhook-signature"), signature(&secret, head, body));
    assert_eq!(header(head, "content-type"), "application/json");
    let message: Value = serde_json::from_str(body).unwrap();
    let alert = &world.alerts(&world.gateway, "")[0];
    assert_eq!((&message["type"], &message["data"]["id"]), (&json!("licence.ended"), &alert["id"]));
    assert_eq!((&message["timestamp"], &message["data"]["vasp"]), (&alert["raised_at"], &json!(world.vasp)));
    let sent = world.messages(&taking);
    assert_eq!((&sent[0]["state"], &sent[0]["last_status"]), (&json!("delivered"), &json!(204)));
    assert_eq!(sent[0]["id"], json!(header(head, "webhook-id")));
    assert!(world.messages(&other).is_empty());
}

/// Nobody of a closed organisation can stop its messages, so none is sent.
#[on_every_database(World::watched)]
fn a_closed_organisation_is_told_nothing_more(mut world: World) {
    let (webhook, _) = world.webhook(&json!(["licence"]));
    world.receiver_answers("204 No Content");
    let mut courier = Courier::start(&world.registry.registry).unwrap();
    world.licence_ends();
    assert_eq!(world.messages(&webhook)[0]["state"], "pending");
    let (operator, _) = world.registry.two_admins();
    let all = operator.read(&world.registry, "/v1/organisations?limit=100")["items"].clone();
    let own = all.as_array().unwrap().iter().find(|one| one["kind"] == "gateway").unwrap();
    let path = format!("/v1/organisations/{}", own["id"].as_str().unwrap());
    let closed = |closed: bool| {
        let body = json!({"name": null, "closed": closed});
        operator.send(&world.registry, "PATCH", &path, &[("if-match", "*")], &body).with(200);
    };

    closed(true);

    assert_eq!(world.deliver(&mut courier), 0);
    assert!(world.internet.web.heads().is_empty());
    // Opened again, it is told what waits.
    closed(false);
    assert_eq!(world.deliver(&mut courier), 1);
}

#[on_every_database(World::watched)]
fn a_message_that_fails_is_sent_again_for_72_hours_and_then_given_up(mut world: World) {
    let (webhook, _) = world.webhook(&json!([]));
    world.receiver_answers("500 Internal Server Error");
    let mut courier = Courier::start(&world.registry.registry).unwrap();
    let began = world.registry.clock.now();
    world.licence_ends();

    let mut attempts = 0;
    while world.messages(&webhook)[0]["state"] == "pending" {
        let next = world.messages(&webhook)[0]["next_at"].as_str().unwrap().parse().unwrap();
        world.registry.clock.set(std::cmp::max(next, world.registry.clock.now()));
        attempts += world.deliver(&mut courier);
    }

    let hours = (world.registry.clock.now().micros() - began.micros()) / 3_600_000_000;
    assert!((72..=76).contains(&hours), "{hours}");
    let message = &world.messages(&webhook)[0];
    assert_eq!(message["state"], "failed");
    assert_eq!(message["attempts"], json!(attempts));
    assert_eq!(message["last_status"], 500);
    // Every attempt carried the same id.
    let ids: std::collections::BTreeSet<_> = world.internet.web.heads().iter().map(|head| header(head, "webhook-id")).collect();
    assert_eq!((ids.len(), attempts), (1, 10));
    assert_eq!(world.kinds(), ["licence.ended", "webhook.failing"]);
    assert!(world.registry.get_as(&world.gateway, &format!("/v1/webhooks/{webhook}")).json()["failing_since"].is_string());

    // It is sent anew when the receiver is back, under the id that it had.
    world.receiver_answers("200 OK");
    let since = json!({"since": began, "failed_only": true});
    let replay = world.registry.post_as(&world.gateway, &format!("/v1/webhooks/{webhook}/replay"), &since);
    assert_eq!((replay.status.as_u16(), &replay.json()["messages"]), (202, &json!(1)));
    world.deliver(&mut courier);
    let states: Vec<_> = world.messages(&webhook).iter().map(|message| message["state"].clone()).collect();
    assert_eq!(states, [json!("delivered")]);
    assert!(world.registry.get_as(&world.gateway, &format!("/v1/webhooks/{webhook}")).json()["failing_since"].is_null());
}

/// A receiver that is back need not wait for the next attempt, which may be hours away.
#[on_every_database(World::watched)]
fn a_message_that_waits_for_its_next_attempt_is_sent_at_once_when_asked(mut world: World) {
    let (webhook, _) = world.webhook(&json!([]));
    world.receiver_answers("500 Internal Server Error");
    let mut courier = Courier::start(&world.registry.registry).unwrap();
    world.licence_ends();
    world.deliver(&mut courier);
    let waiting = world.messages(&webhook)[0].clone();
    assert_eq!((&waiting["state"], &waiting["attempts"]), (&json!("pending"), &json!(1)));
    let path = format!("/v1/webhooks/{webhook}");
    let ask = |world: &World, place: &str, body: &Value| world.registry.post_as(&world.gateway, &format!("{path}{place}"), body);

    ask(&world, &format!("/messages/{}/resend", waiting["id"].as_str().unwrap()), &NO_BODY).with(202);
    assert_eq!(world.deliver(&mut courier), 1);
    let since = json!({"since": waiting["created_at"]});
    assert_eq!(ask(&world, "/replay", &json!({"since": waiting["created_at"], "failed_only": true})).json()["messages"], 0);
    assert_eq!(ask(&world, "/replay", &since).json()["messages"], 1);
    world.receiver_answers("200 OK");
    assert_eq!(world.deliver(&mut courier), 1);

    assert_eq!(world.messages(&webhook)[0]["state"], "delivered");
    let ids: std::collections::BTreeSet<_> = world.internet.web.heads().iter().map(|head| header(head, "webhook-id")).collect();
    assert_eq!((world.internet.web.heads().len(), ids.len()), (3, 1));
}

#[on_every_database(World::watched)]
fn a_receiver_that_is_gone_is_not_called_again_until_its_organisation_says_so(mut world: World) {
    let (webhook, _) = world.webhook(&json!([]));
    world.receiver_answers("410 Gone");
    let mut courier = Courier::start(&world.registry.registry).unwrap();
    world.licence_ends();

    world.deliver(&mut courier);

    let path = format!("/v1/webhooks/{webhook}");
    let seen = world.registry.get_as(&world.gateway, &path);
    assert_eq!(seen.json()["state"], "disabled");
    assert_eq!(world.kinds(), ["licence.ended", "webhook.disabled"]);
    world.registry.post_as(&world.gateway, &format!("{path}/test"), &NO_BODY).problem(409, "illegal_step");
    let again =
        world.registry.send_as(&world.gateway, "PATCH", &path, &[("if-match", seen.header("etag"))], &json!({"paused": false}));
    assert_eq!((again.status.as_u16(), &again.json()["state"]), (200, &json!("active")));
}

#[on_every_database(World::new)]
fn a_new_secret_signs_beside_the_old_one_for_a_time(world: World) {
    let (webhook, old) = world.webhook(&json!([]));
    world.receiver_answers("200 OK");
    let path = format!("/v1/webhooks/{webhook}");
    let mut courier = Courier::start(&world.registry.registry).unwrap();

    let rotated = world.registry.post_as(&world.gateway, &format!("{path}/rotate"), &json!({"overlap_hours": 2}));
    let new = rotated.json()["secret"].as_str().unwrap().to_owned();
    let test = |world: &World| world.registry.post_as(&world.gateway, &format!("{path}/test"), &NO_BODY);
    assert_eq!(test(&world).status, 202);
    world.deliver(&mut courier);
    world.wait(2 * 3_600);
    test(&world);
    world.deliver(&mut courier);

    let (heads, bodies) = (world.internet.web.heads(), world.internet.web.bodies());
    let both = format!("{} {}", signature(&new, &heads[0], &bodies[0]), signature(&old, &heads[0], &bodies[0]));
    assert_eq!(header(&heads[0], "webhook-signature"), both);
    assert_eq!(header(&heads[1], "webhook-signature"), signature(&new, &heads[1], &bodies[1]));
    let message: Value = serde_json::from_str(&bodies[0]).unwrap();
    assert_eq!((&message["type"], &message["data"]["webhook"]), (&json!("webhook.test"), &json!(webhook)));
    let long = json!({"overlap_hours": 169});
    world.registry.post_as(&world.gateway, &format!("{path}/rotate"), &long).problem(422, "invalid_request");
    // The secret is in no answer but that which made it.
    let shown = world.registry.get_as(&world.gateway, &path);
    assert!(!format!("{shown:?}").contains("whsec_"));
}

#[on_every_database(World::new)]
fn a_redirect_is_not_followed_and_a_receiver_that_says_nothing_does_not_hold_others_up(world: World) {
    let (webhook, _) = world.webhook(&json!([]));
    world.internet.web.set(PLACE, Reply::Redirect(format!("https://{HOOKS}/elsewhere")));
    let mut courier = Courier::start(&world.registry.registry).unwrap();
    let test = format!("/v1/webhooks/{webhook}/test");
    world.registry.post_as(&world.gateway, &test, &NO_BODY);
    world.deliver(&mut courier);

    let message = &world.messages(&webhook)[0];
    assert_eq!((&message["state"], &message["last_status"], &message["attempts"]), (&json!("pending"), &json!(302), &json!(1)));
    assert_eq!(world.internet.web.heads().len(), 1);
}

#[on_every_database(World::new)]
fn a_message_that_a_dead_node_held_is_sent_by_another(world: World) {
    let (webhook, _) = world.webhook(&json!([]));
    world.receiver_answers("200 OK");
    world.registry.post_as(&world.gateway, &format!("/v1/webhooks/{webhook}/test"), &NO_BODY);
    let (now, mut rng) = (world.registry.clock.now(), world.registry.random.fork());
    let store = world.registry.registry.store();
    // A node takes the message and dies.
    let due = store.read(|conn| conn.deliveries_due(webhook.parse().unwrap(), now, 10)).unwrap();
    let until = now.plus_secs(60);
    let taken = store.write::<_, vasp_store::StoreError>(now, &mut rng, |t| t.lease_delivery(&due[0], now, until));
    assert!(taken.unwrap().value);
    let mut courier = Courier::start(&world.registry.registry).unwrap();
    let again = format!("/v1/webhooks/{webhook}/messages/{}/resend", due[0].id);
    world.registry.post_as(&world.gateway, &again, &NO_BODY).problem(409, "illegal_step");

    assert_eq!(world.deliver(&mut courier), 0);
    world.wait(60);
    assert_eq!(world.deliver(&mut courier), 1);

    assert_eq!(world.messages(&webhook)[0]["state"], "delivered");
}

#[on_every_database(World::new)]
fn webhooks_are_kept_apart_and_bad_ones_are_refused_with_the_reason(world: World) {
    let post = |body: &Value| world.registry.post_as(&world.gateway, "/v1/webhooks", body);
    for (url, code) in [
        ("http://hooks.example.com/", "https_required"),
        ("https://169.254.169.254/latest", "not_public"),
        ("https://localhost/", "not_public"),
        ("https://hooks.example.com:8443/", "invalid_port"),
        ("https://user@hooks.example.com/", "userinfo_present"),
    ] {
        let refused = post(&json!({"url": url})).problem(422, "invalid_request");
        let error = &refused["errors"][0];
        assert_eq!(error["pointer"], "/url", "{url}");
        assert!(error["code"] == code || error["code"] == "host_not_public", "{url}: {error}");
    }
    let kinds = post(&json!({"url": format!("https://{HOOKS}/"), "kinds": ["licence", "DROP TABLE"]}));
    assert_eq!(kinds.problem(422, "invalid_request")["errors"][0]["pointer"], "/kinds/1");

    let (webhook, _) = world.webhook(&json!([]));
    let path = format!("/v1/webhooks/{webhook}");
    let other = world.registry.person_of_new(OrganisationKind::Member, &[Role::Admin]);
    for (method, place) in [("GET", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/messages")] {
        let headers: &[(&str, &str)] = if method == "DELETE" { &[("if-match", "*")] } else { &[] };
        let answer = world.registry.send_as(&other, method, &format!("{path}{place}"), headers, &NO_BODY);
        answer.problem(404, "not_found");
    }
    let paused = world.registry.send_as(&world.gateway, "PATCH", &path, &[("if-match", "*")], &json!({"paused": true}));
    assert_eq!(paused.json()["state"], "paused");
    world.registry.send_as(&world.gateway, "DELETE", &path, &[("if-match", paused.header("etag"))], &NO_BODY).with(200);
    world.registry.get_as(&world.gateway, &path).problem(404, "not_found");
    let old = json!({"since": "2020-01-01T00:00:00Z"});
    let (webhook, _) = world.webhook(&json!([]));
    let replay = world.registry.post_as(&world.gateway, &format!("/v1/webhooks/{webhook}/replay"), &old);
    assert_eq!(replay.problem(422, "invalid_request")["errors"][0]["code"], "too_old");
}

/// Before, an organisation whose receivers do not answer held every caller, and others' messages waited for hours.
#[on_every_database(World::new)]
fn an_organisation_whose_receivers_do_not_answer_holds_nobody_else_up(world: World) {
    let attacker = world.registry.person_of_new(OrganisationKind::Gateway, &[Role::Admin]);
    world.internet.web.set("/slow", Reply::DripHead);
    for _ in 0..4 {
        let body = json!({"url": format!("https://{HOOKS}/slow"), "kinds": []});
        let made = world.registry.post_as(&attacker, "/v1/webhooks", &body).json();
        let test = format!("/v1/webhooks/{}/test", made["webhook"]["id"].as_str().unwrap());
        for _ in 0..5 {
            assert_eq!(world.registry.post_as(&attacker, &test, &NO_BODY).status, 202);
        }
        world.registry.post_as(&attacker, &test, &NO_BODY).problem(409, "illegal_step");
    }
    world.receiver_answers("200 OK");
    let (webhook, _) = world.webhook(&json!([]));
    world.registry.post_as(&world.gateway, &format!("/v1/webhooks/{webhook}/test"), &NO_BODY);
    let mut courier = Courier::start(&world.registry.registry).unwrap();
    let mut step = |patience| {
        let (mut rng, clock) = (world.registry.random.fork(), world.registry.clock.as_ref());
        courier.step(&world.registry.registry, clock, &mut rng, patience).unwrap();
        courier.under_way()
    };

    assert_eq!(step(Duration::ZERO), 3, "two of the attacker's, and the other's");
    step(Duration::from_secs(5));

    assert_eq!(world.messages(&webhook)[0]["state"], "delivered");
}

#[on_every_database(World::new)]
fn what_fails_puts_off_what_is_due_beside_it_and_what_succeeds_brings_it_back(world: World) {
    let (webhook, _) = world.webhook(&json!([]));
    world.receiver_answers("500 Internal Server Error");
    let test = format!("/v1/webhooks/{webhook}/test");
    for _ in 0..4 {
        world.registry.post_as(&world.gateway, &test, &NO_BODY);
    }
    let mut courier = Courier::start(&world.registry.registry).unwrap();
    let called = || world.internet.web.heads().len();

    world.deliver(&mut courier);
    assert_eq!(called(), 2, "two were on their way when the first failed");
    let messages = world.messages(&webhook);
    let attempts: Vec<i64> = messages.iter().map(|one| one["attempts"].as_i64().unwrap()).collect();
    assert_eq!(attempts.iter().sum::<i64>(), 2, "only what was sent counts an attempt: {messages:?}");
    assert!(messages.iter().all(|one| one["state"] == "pending"), "{messages:?}");
    world.wait(3_600);
    world.deliver(&mut courier);
    assert_eq!(called(), 3, "one at a time decides for all");
    world.receiver_answers("200 OK");
    world.wait(86_400);
    world.deliver(&mut courier);

    assert_eq!(called(), 7);
    assert!(world.messages(&webhook).iter().all(|one| one["state"] == "delivered"));
}

#[test]
fn whoever_waited_longest_for_a_turn_comes_first() {
    let world = World::new(Database::sqlite());
    for number in 0..8 {
        let other = world.registry.person_of_new(OrganisationKind::Gateway, &[Role::Admin]);
        world.internet.web.set("/many", Reply::Raw(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".to_vec()));
        let body = json!({"url": format!("https://{HOOKS}/many"), "kinds": [], "description": format!("{number}")});
        let made = world.registry.post_as(&other, "/v1/webhooks", &body).json();
        let test = format!("/v1/webhooks/{}/test", made["webhook"]["id"].as_str().unwrap());
        for _ in 0..5 {
            assert_eq!(world.registry.post_as(&other, &test, &NO_BODY).status, 202);
        }
    }
    world.wait(1);
    world.receiver_answers("200 OK");
    let (webhook, _) = world.webhook(&json!([]));
    world.registry.post_as(&world.gateway, &format!("/v1/webhooks/{webhook}/test"), &NO_BODY);
    let mut courier = Courier::start(&world.registry.registry).unwrap();

    assert_eq!(world.deliver(&mut courier), 41);

    let heads = world.internet.web.heads();
    let place = heads.iter().position(|head| head.starts_with(&format!("POST {PLACE} "))).unwrap();
    assert!(place < 20, "eight others had forty messages before it, and it came as number {place}");
}
