//! API keys that users make, rotate and revoke themselves.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{GrantState, OrganisationKind, Role, Scope, UserKind};
use vasp_registry::node::ServiceError;
use vasp_store::{RoleGrantRow, StoreError};

use crate::support::{Answer, Person, Registry, on_every_database};

const KEYS: &str = "/v1/api-keys";

/// A person of a gateway who may manage its own keys.
fn gateway(registry: &Registry) -> Person {
    registry.person_of(OrganisationKind::Gateway, None, &[], &[Scope::Admin, Scope::Resolve])
}

fn body(scopes: &[&str], expires_at: Option<&str>) -> Value {
    json!({"name": "laptop", "scopes": scopes, "expires_at": expires_at, "owner": null})
}

/// What a key in use is answered with.
fn ask(registry: &Registry, secret: &Value) -> u16 {
    let bearer = format!("Bearer {}", secret.as_str().unwrap());
    registry.client.get_with("/v1/networks", &[("authorization", &bearer)]).status.as_u16()
}

fn id(answer: &Value) -> String {
    answer["api_key"]["id"].as_str().unwrap().to_owned()
}

fn delete(registry: &Registry, who: &Person, key: &str) -> Answer {
    who.send(registry, "DELETE", &format!("{KEYS}/{key}"), &[("x-request-id", "same")], &Value::Null)
}

#[on_every_database(Registry::start)]
fn a_key_works_from_when_it_is_shown_until_it_is_revoked(registry: Registry) {
    let person = gateway(&registry);

    let made = person.done(&registry, KEYS, &body(&["resolve"], None));
    let key = &made["api_key"];

    assert_eq!(ask(&registry, &made["secret"]), 200);
    assert_eq!((&key["owner"], &key["created_by"]), (&json!(person.user), &json!(person.user)));
    assert_eq!(key["name"], "laptop");
    assert_eq!(key["scopes"], json!(["resolve"]));
    assert_eq!(made["secret_already_shown"], false);
    let revoked = delete(&registry, &person, &id(&made)).json();
    assert_eq!(revoked["revoked_at"], "2026-06-01T12:00:00Z");
    assert_eq!(ask(&registry, &made["secret"]), 401);
    delete(&registry, &person, &id(&made)).problem(409, "illegal_step");
    let listed = person.read(&registry, KEYS)["items"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[1], revoked);
}

#[on_every_database(Registry::start)]
fn no_key_does_more_or_lasts_longer_than_the_one_it_is_made_with(registry: Registry) {
    let home = registry.home(OrganisationKind::Gateway, None);
    let ends = "2026-07-01T00:00:00Z";
    let (scopes, end) = (&[Scope::Admin, Scope::Resolve][..], Some(ends.parse().unwrap()));
    let person = registry.user_with(home, UserKind::Person, &[], (scopes, end));

    person.post(&registry, KEYS, &body(&["precheck"], Some(ends))).problem(403, "forbidden");
    for late in [None, Some("2026-07-01T00:00:00.000001Z")] {
        let problem = person.post(&registry, KEYS, &body(&["resolve"], late)).problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], "/expires_at");
        assert_eq!(problem["errors"][0]["code"], "later_than_own");
    }
    let made = person.done(&registry, KEYS, &body(&["resolve"], Some(ends)));

    assert_eq!(made["api_key"]["expires_at"], ends);
    registry.clock.set("2026-06-30T23:59:59Z".parse().unwrap());
    assert_eq!(ask(&registry, &made["secret"]), 200);
    registry.clock.set(ends.parse().unwrap());
    assert_eq!(ask(&registry, &made["secret"]), 401);
}

#[on_every_database(Registry::start)]
fn a_key_of_an_operators_user_ends_after_ninety_days_at_the_latest(registry: Registry) {
    let person = registry.operator(&[Role::Admin]);
    let session = format!("Bearer {}", person.token);
    let who = registry.client.get_with("/v1/session", &[("authorization", &session)]).json();
    let home = &who["organisation"]["id"];
    let organisation = home.as_str().unwrap().parse().unwrap();
    let session = Person { organisation, vasp: None, user: person.user, key_id: String::new(), bearer: session };
    let (latest, late) = ("2026-08-30T12:00:00Z", "2026-08-30T12:00:00.000001Z");
    let by_command = |end: Option<&str>| {
        let (end, mut rng) = (end.map(|end| end.parse().unwrap()), registry.random.fork());
        vasp_registry::organisations::create_api_key(
            &registry.registry,
            person.user,
            &[Scope::Admin],
            end,
            registry.clock.now(),
            &mut rng,
        )
    };

    let first = by_command(None).unwrap();
    by_command(Some(latest)).unwrap();
    assert!(matches!(by_command(Some(late)), Err(ServiceError::Invalid(fault)) if fault.code == "too_late"));
    for key in session.read(&registry, KEYS)["items"].as_array().unwrap() {
        assert_eq!(key["expires_at"], latest);
    }
    let coded = |mut body: Value, number: usize| {
        body["recovery_code"] = json!(person.recovery_codes[number]);
        body
    };
    let problem = session.post(&registry, KEYS, &coded(body(&["operator"], Some(late)), 0)).problem(422, "invalid_request");
    assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!("/expires_at"), &json!("too_late")));
    let made = session.done(&registry, KEYS, &coded(body(&["operator"], None), 1));
    assert_eq!(made["api_key"]["expires_at"], latest);
    let machine = json!({"name": "metrics", "scopes": ["operator"], "expires_at": null, "roles": []});
    let machine = session.done(&registry, "/v1/machine-users", &coded(machine, 2));
    assert_eq!(machine["api_key"]["expires_at"], latest);
    let rotate = coded(json!({"overlap_secs": 0}), 3);
    let rotated = session.done(&registry, &format!("{KEYS}/{}/rotate", id(&made)), &rotate);
    assert_eq!(rotated["api_key"]["expires_at"], latest);

    registry.clock.set(latest.parse().unwrap());
    for secret in [&json!(first.text), &made["secret"], &machine["secret"], &rotated["secret"]] {
        assert_eq!(ask(&registry, secret), 401);
    }
}

/// A stolen session or key of an operator makes no key that stays.
#[on_every_database(Registry::start)]
fn an_operators_key_takes_a_session_and_a_fresh_code(registry: Registry) {
    let person = registry.operator(&[Role::Admin]);
    let send = |path: &str, body: &Value| registry.send(&person.token, "POST", path, body);
    let wrong = |answer: Answer| {
        let problem = answer.problem(422, "invalid_request");
        assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!("/totp"), &json!("wrong_code")));
    };
    let machine = json!({"name": "Bot", "scopes": ["operator"], "roles": []});
    let coded = |code: &str| json!({"name": "laptop", "scopes": ["operator"], "totp": code});

    wrong(send(KEYS, &body(&["operator"], None)));
    wrong(send("/v1/machine-users", &machine));
    let certificate = json!({"scopes": ["operator"]});
    wrong(send("/v1/client-certificates", &certificate));
    let used = registry.code(&person);
    wrong(send(KEYS, &coded(&used)));
    registry.advance(60);
    let fresh = coded(&registry.code(&person));
    let once = [("idempotency-key", "\"k\"")];
    let bearer = format!("Bearer {}", person.token);
    let headers = [&[("authorization", bearer.as_str()), ("content-type", "application/json")], &once[..]].concat();
    let [made, again] = [(); 2].map(|()| registry.client.send("POST", KEYS, &headers, &fresh.to_string()));
    assert_eq!((made.status.as_u16(), again.status.as_u16()), (201, 201), "{again:?}");
    assert_eq!(again.json()["secret"], Value::Null, "a repeated request uses no further code");
    wrong(send(KEYS, &fresh));
    registry.advance(30);
    let key = format!("Bearer {}", made.json()["secret"].as_str().unwrap());
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let code = coded(&registry.code(&person));
    registry.client.send("POST", KEYS, &headers, &code.to_string()).problem(403, "forbidden");
    let (now, mut rng) = (registry.clock.now(), registry.random.fork());
    let scopes = [Scope::Admin, Scope::Operator];
    let strong =
        vasp_registry::organisations::create_api_key(&registry.registry, person.user, &scopes, None, now, &mut rng).unwrap();
    let key = format!("Bearer {}", strong.text);
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    registry.client.send("POST", KEYS, &headers, &code.to_string()).problem(403, "session_needed");
}

/// Before, making an operator's key took a fresh code, but rotating one did not.
#[on_every_database(Registry::start)]
fn an_operators_key_is_rotated_by_a_session_with_a_fresh_code_only(registry: Registry) {
    let person = registry.operator(&[Role::Admin]);
    let (now, mut rng) = (registry.clock.now(), registry.random.fork());
    let old = vasp_registry::organisations::create_api_key(&registry.registry, person.user, &[Scope::Admin], None, now, &mut rng)
        .unwrap();
    let path = format!("{KEYS}/{}/rotate", old.id);
    let rotate = |secret: &str, body: Value| registry.send(secret, "POST", &path, &body);

    let problem = rotate(&person.token, json!({"overlap_secs": 0})).problem(422, "invalid_request");
    assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!("/totp"), &json!("wrong_code")));
    let code = json!({"overlap_secs": 0, "recovery_code": person.recovery_codes[0]});
    rotate(&old.text, code.clone()).problem(403, "session_needed");
    rotate(&old.text, json!({"overlap_secs": 0})).problem(403, "session_needed");

    let rotated = rotate(&person.token, code).with(201);
    assert_eq!(rotated.json()["replaces"]["id"], old.id.to_string());
}

#[on_every_database(Registry::start)]
fn both_keys_work_until_the_overlap_ends(registry: Registry) {
    let person = gateway(&registry);
    let old = person.done(&registry, KEYS, &body(&["resolve"], None));
    let path = format!("{KEYS}/{}/rotate", id(&old));

    let new = person.done(&registry, &path, &json!({"overlap_secs": 3600}));

    assert_eq!(new["replaces"]["replaced_by"], new["api_key"]["id"]);
    assert_eq!(new["replaces"]["expires_at"], "2026-06-01T13:00:00Z");
    assert_eq!((&new["api_key"]["scopes"], &new["api_key"]["expires_at"]), (&json!(["resolve"]), &Value::Null));
    let both = |at: &str| {
        registry.clock.set(at.parse().unwrap());
        (ask(&registry, &old["secret"]), ask(&registry, &new["secret"]))
    };
    assert_eq!(both("2026-06-01T12:59:59.999999Z"), (200, 200));
    assert_eq!(both("2026-06-01T13:00:00Z"), (401, 200));
    person.post(&registry, &path, &json!({"overlap_secs": 0})).problem(409, "illegal_step");
}

#[on_every_database(Registry::start)]
fn the_usual_overlap_is_a_day_and_the_longest_thirty(registry: Registry) {
    let person = gateway(&registry);
    let rotate = |overlap: &Value| {
        let old = person.done(&registry, KEYS, &body(&["resolve"], Some("2026-06-20T00:00:00Z")));
        person.post(&registry, &format!("{KEYS}/{}/rotate", id(&old)), &json!({"overlap_secs": overlap}))
    };

    assert_eq!(rotate(&Value::Null).json()["replaces"]["expires_at"], "2026-06-02T12:00:00Z");
    assert_eq!(rotate(&json!(0)).json()["replaces"]["expires_at"], "2026-06-01T12:00:00Z");
    let longest = rotate(&json!(2_592_000)).json();
    assert_eq!(longest["replaces"]["expires_at"], "2026-06-20T00:00:00Z", "never longer than it would have");
    assert_eq!(longest["api_key"]["expires_at"], "2026-06-20T00:00:00Z");
    rotate(&json!(2_592_001)).problem(422, "invalid_request");
    rotate(&json!(-1)).problem(422, "invalid_request");
}

#[on_every_database(Registry::start)]
fn a_stronger_key_is_not_rotated_with_a_weaker_one(registry: Registry) {
    let person = gateway(&registry);
    let weak = person.done(&registry, KEYS, &body(&["admin"], None));
    let bearer = format!("Bearer {}", weak["secret"].as_str().unwrap());
    let with_the_weak = Person { bearer, ..person.clone() };

    let path = format!("{KEYS}/{}/rotate", person.key_id);
    with_the_weak.post(&registry, &path, &json!({"overlap_secs": null})).problem(403, "forbidden");

    assert_eq!(person.read(&registry, KEYS)["items"][0]["replaced_by"], Value::Null);
}

#[on_every_database(Registry::start)]
fn admins_make_keys_for_programs_and_revoke_those_of_everybody_but_make_none_for_people(registry: Registry) {
    let home = registry.home(OrganisationKind::Gateway, None);
    let admin = registry.person_with(home, &[Role::Admin], &[Scope::Admin, Scope::Resolve]);
    let colleague = registry.person_with(home, &[], &[Scope::Admin, Scope::Resolve]);
    let bot = registry.user_with(home, UserKind::Machine, &[], (&[Scope::Resolve], None));
    let for_user = |owner: &Person| json!({"name": "x", "scopes": ["resolve"], "expires_at": null, "owner": owner.user});

    let made = admin.done(&registry, KEYS, &for_user(&bot));
    assert_eq!((&made["api_key"]["owner"], &made["api_key"]["created_by"]), (&json!(bot.user), &json!(admin.user)));
    assert_eq!(ask(&registry, &made["secret"]), 200);
    admin.post(&registry, KEYS, &for_user(&colleague)).problem(403, "forbidden");
    colleague.post(&registry, KEYS, &for_user(&bot)).problem(404, "not_found");
    admin
        .post(&registry, &format!("{KEYS}/{}/rotate", colleague.key_id), &json!({"overlap_secs": null}))
        .problem(403, "forbidden");
    admin.done(&registry, &format!("{KEYS}/{}/rotate", bot.key_id), &json!({"overlap_secs": 0}));

    assert_eq!(admin.read(&registry, &format!("{KEYS}?owner=organisation"))["items"].as_array().unwrap().len(), 5);
    colleague.get(&registry, &format!("{KEYS}?owner=organisation")).problem(403, "forbidden");
    assert_eq!(delete(&registry, &admin, &colleague.key_id).status.as_u16(), 200);
    colleague.get(&registry, KEYS).problem(401, "unauthenticated");
}

#[on_every_database(Registry::start)]
fn keys_of_others_are_exactly_as_absent_as_those_that_are_not_there(registry: Registry) {
    let (ours, theirs) = (gateway(&registry), gateway(&registry));

    let (hidden, absent) = (delete(&registry, &ours, &theirs.key_id), delete(&registry, &ours, "key_00000000000000000000000000"));

    assert_eq!(hidden.status.as_u16(), 404);
    hidden.assert_same(&absent);
    assert_eq!(theirs.get(&registry, KEYS).status.as_u16(), 200);
}

#[on_every_database(Registry::start)]
fn an_idempotency_key_is_its_callers_own_not_that_of_its_colleagues(registry: Registry) {
    let home = registry.home(OrganisationKind::Gateway, None);
    let scopes = &[Scope::Admin, Scope::Resolve];
    let (person, colleague) = (registry.person_with(home, &[], scopes), registry.person_with(home, &[], scopes));
    let program = registry.user_with(home, UserKind::Machine, &[], (scopes, None));
    let send = |who: &Person, body: &Value| who.send(&registry, "POST", KEYS, &[("idempotency-key", "one")], body);
    let wanted = body(&["resolve"], None);

    let made = [&person, &colleague, &program].map(|who| (who, send(who, &wanted).json()));

    for (who, answer) in &made {
        assert_eq!(answer["api_key"]["owner"], json!(who.user), "{answer}");
        assert_eq!(ask(&registry, &answer["secret"]), 200, "each has its own secret");
        assert_eq!(id(&send(who, &wanted).json()), id(answer), "its own repetition is answered alike");
    }
    send(&person, &body(&["admin"], None)).problem(422, "idempotency_key_reused");
}

/// Sends a request of which the end comes only after `meanwhile`, and returns the first line of the answer. The caller was asked
/// who it is before that: the use of its key is noted then.
fn slowly(registry: &Registry, who: &Person, sent: &str, meanwhile: impl FnOnce()) -> String {
    let (now, (first, rest)) = (registry.clock.now(), sent.split_at(sent.len() / 2));
    let mut stream = TcpStream::connect(registry.address).unwrap();
    let head = format!(
        "POST {KEYS} HTTP/1.1\r\nhost: registry\r\nconnection: close\r\nauthorization: {}\r\ncontent-type: application/json\r\n\
         content-length: {}\r\n\r\n{first}",
        who.bearer,
        sent.len()
    );
    stream.write_all(head.as_bytes()).unwrap();
    let is_used = || {
        vasp_registry::acts::keep_key_uses(&registry.registry, now, &mut registry.random.fork()).unwrap();
        let uses = registry.registry.store().read::<_, StoreError>(|conn| conn.uses_of(&[who.key_id.parse().unwrap()]));
        !uses.unwrap().is_empty()
    };
    while !is_used() {
        std::thread::yield_now();
    }
    meanwhile();
    stream.write_all(rest.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.lines().next().unwrap().to_owned()
}

#[on_every_database(Registry::start)]
fn what_is_withdrawn_while_a_body_comes_is_not_used_up(registry: Registry) {
    let (now, home) = (registry.clock.now(), registry.home(OrganisationKind::Member, None));
    let holder = || registry.person_with(home, &[Role::Admin], &[Scope::Admin, Scope::Member]);
    let sent = body(&["member"], None).to_string();

    let person = holder();
    assert_eq!(slowly(&registry, &person, &sent, || ()), "HTTP/1.1 201 Created");
    let person = holder();
    let revoke = || {
        let key = person.key_id.parse().unwrap();
        vasp_registry::organisations::revoke_api_key(&registry.registry, key, now, &mut registry.random.fork()).unwrap();
    };
    assert_eq!(slowly(&registry, &person, &sent, revoke), "HTTP/1.1 401 Unauthorized");
    let person = holder();
    let take_role = || {
        let user = person.user;
        let moved = registry.write(|transaction| {
            let grant = transaction.conn().open_grants_of(&[user])?.remove(0);
            let ended = RoleGrantRow { state: GrantState::Ended, ended_at: Some(now), ..grant };
            transaction.move_role_grant(&ended, GrantState::Active)
        });
        assert!(moved);
    };
    assert_eq!(slowly(&registry, &person, &sent, take_role), "HTTP/1.1 403 Forbidden");
}

/// Before, an organisation could make as many keys, and have as many rates, as it liked.
#[on_every_database(Registry::start)]
fn an_organisation_has_a_hundred_keys_in_use_at_most(registry: Registry) {
    let person = gateway(&registry);
    let make = || person.post(&registry, KEYS, &body(&["resolve"], None));
    let made: Vec<Value> = (1..100).map(|_| make().json()).collect();

    let refused = make().problem(409, "conflict");
    assert_eq!(refused["errors"][0]["code"], "too_many_keys");
    assert!(refused["detail"].as_str().unwrap().contains("Revoke keys that nobody uses"), "{refused}");
    person.post(&registry, &format!("{KEYS}/{}/rotate", id(&made[0])), &json!({})).problem(409, "conflict");
    assert_eq!(delete(&registry, &person, &id(&made[0])).status, 200);
    assert_eq!(make().status, 201);
}

#[test]
fn the_command_line_makes_no_key_that_never_works() {
    let registry = Registry::start(crate::support::Database::sqlite());
    let person = gateway(&registry);
    let now = registry.clock.now();

    let made = vasp_registry::organisations::create_api_key(
        &registry.registry,
        person.user,
        &[Scope::Resolve],
        Some(now),
        now,
        &mut registry.random.fork(),
    );

    assert!(matches!(made, Err(ServiceError::Invalid(fault)) if fault.code == "in_the_past"));
}
