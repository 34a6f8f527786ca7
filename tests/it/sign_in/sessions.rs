//! How long sessions last, and where they work.

use rand_core::RngCore;
use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{Role, UserState};
use vasp_registry::acts::keep_session_stamps;
use vasp_registry::sign_in::sweep_sign_ins;
use vasp_store::{Conn, StoreError};

use super::back_off::disable;
use super::world::{PASSWORD, begun, token};
use crate::support::{Database, Registry, on_every_database};

const MINUTE: i64 = 60;

#[on_every_database(Registry::start)]
fn a_session_works_wherever_a_key_does(registry: Registry) {
    let person = registry.member();
    let subject = "/v1/resolve?subject=example.com";

    assert_eq!(registry.send(&person.token, "GET", subject, &Value::Null).status.as_u16(), 200);
    registry.send(&person.token, "GET", "/metrics", &Value::Null).problem(403, "forbidden");
    registry.send(&person.token.replace("vs_", "vr_"), "GET", subject, &Value::Null).problem(401, "unauthenticated");
    let (head, tail) = person.token.split_at(person.token.len() - 1);
    let changed = format!("{head}{}", if tail == "0" { "1" } else { "0" });
    registry.send(&changed, "GET", subject, &Value::Null).problem(401, "unauthenticated");
}

#[test]
fn an_api_key_tells_who_holds_it_but_ends_no_session() {
    let registry = Registry::start(Database::sqlite());
    let (id, key) = registry.api_key("resolve", None);
    let key = key.strip_prefix("Bearer ").unwrap();

    let who = registry.send(key, "GET", "/v1/session", &Value::Null).json();

    assert_eq!(who["id"], json!(id.to_string()));
    assert_eq!(who["scopes"], json!(["resolve"]));
    assert_eq!(who["idle_after_secs"], Value::Null);
    for (method, path) in [("DELETE", "/v1/session"), ("DELETE", "/v1/sessions"), ("POST", "/v1/session/totp")] {
        let body = if method == "POST" { json!({}) } else { Value::Null };
        registry.send(key, method, path, &body).problem(403, "forbidden");
    }
    registry.client.get("/v1/session").problem(401, "unauthenticated");
}

#[on_every_database(Registry::start)]
fn a_session_ends_after_twelve_hours_however_much_it_is_used(registry: Registry) {
    let person = registry.member();

    for _ in 0..25 {
        registry.advance(28 * MINUTE);
        assert_eq!(registry.who(&person.token), 200);
    }
    registry.advance(20 * MINUTE - 1);
    assert_eq!(registry.who(&person.token), 200, "a second before");
    registry.advance(1);
    assert_eq!(registry.who(&person.token), 401);

    sweep_sign_ins(&registry.registry, registry.clock.now(), &mut registry.random.fork()).unwrap();
    let left = registry.registry.store().read(Conn::session_stamps).unwrap();
    assert!(left.is_empty(), "{left:?}");
}

#[on_every_database(Registry::start)]
fn a_session_that_is_not_used_for_half_an_hour_ends(registry: Registry) {
    let person = registry.member();

    registry.advance(30 * MINUTE);
    assert_eq!(registry.who(&person.token), 200);
    registry.advance(30 * MINUTE + 1);
    assert_eq!(registry.who(&person.token), 401);
    registry.advance(-20 * MINUTE);
    assert_eq!(registry.who(&person.token), 200, "it ended by the clock alone, and the clock was set back");
}

#[on_every_database(Registry::start)]
fn what_one_node_saw_counts_on_others_and_after_a_restart(registry: Registry) {
    let second = Registry::start(Database::at(registry.database.url.clone()));
    second.random.lock().next_u64();
    let person = registry.member();
    assert_eq!(second.who(&person.token), 401, "not told yet");
    second.registry.directory().catch_up().unwrap();
    assert_eq!(second.who(&person.token), 200);
    let keep = |registry: &Registry| {
        keep_session_stamps(&registry.registry, registry.clock.now(), &mut registry.random.fork()).unwrap();
    };

    registry.advance(25 * MINUTE);
    assert_eq!(registry.who(&person.token), 200);
    keep(&registry);
    second.advance(50 * MINUTE);
    keep(&second);
    assert_eq!(second.who(&person.token), 200, "used 25 minutes before on the other node");
    let third = Registry::start(Database::at(registry.database.url.clone()));
    third.advance(50 * MINUTE);
    assert_eq!(third.who(&person.token), 200, "after a restart");
    third.advance(6 * MINUTE);
    let stored = third.registry.store().read::<_, StoreError>(Conn::session_stamps).unwrap();
    assert_eq!(stored[0].1, registry.clock.now());

    assert_eq!(registry.send(&person.token, "DELETE", "/v1/session", &Value::Null).status.as_u16(), 204);
    second.registry.directory().catch_up().unwrap();
    assert_eq!([registry.who(&person.token), second.who(&person.token)], [401, 401]);
}

#[on_every_database(Registry::start)]
fn signing_out_ends_one_session_or_all_of_them(registry: Registry) {
    let (person, other) = (registry.member(), registry.member());
    let sign_in = || token(&begun(&registry.sign_in(&person, PASSWORD, None)));
    let sessions = [person.token.clone(), sign_in(), sign_in()];
    let standing = || sessions.each_ref().map(|session| registry.who(session));

    let one = registry.send(&sessions[0], "DELETE", "/v1/session", &Value::Null);
    assert_eq!((one.status.as_u16(), one.text.as_str(), standing()), (204, "", [401, 200, 200]));
    assert_eq!(registry.send(&sessions[1], "DELETE", "/v1/sessions", &Value::Null).status.as_u16(), 204);
    assert_eq!((standing(), registry.who(&other.token)), ([401; 3], 200));
    registry.send(&sessions[1], "DELETE", "/v1/session", &Value::Null).problem(401, "unauthenticated");
    assert_eq!(registry.audited("session.end").len(), 2);
}

#[on_every_database(Registry::start)]
fn a_disabled_user_is_out_at_once_and_comes_back_without_sessions(registry: Registry) {
    let person = registry.operator(&[Role::Admin]);
    let user = person.user;

    disable(&registry, user);

    assert_eq!(registry.who(&person.token), 401);
    registry.write(|transaction| {
        let mut row = transaction.conn().user(user)?.unwrap();
        (row.state, row.version) = (UserState::Active, row.version + 1);
        transaction.change_user(&row)
    });
    assert_eq!(registry.who(&person.token), 401);
    registry.advance(60);
    begun(&registry.sign_in(&person, PASSWORD, Some(("totp", &registry.code(&person)))));
}
