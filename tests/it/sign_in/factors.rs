//! Passwords, apps and recovery codes.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role};

use super::world::{OTHER_PASSWORD, PASSWORD, begun, secret_of, token};
use crate::support::{Client, Database, Registry, on_every_database};
use crate::write_races::at_once;

#[on_every_database(Registry::start)]
fn an_operator_without_an_app_may_only_set_one_up(registry: Registry) {
    let invited = registry.invite(OrganisationKind::Operator, &[Role::Admin]);
    let first = begun(&registry.redeem(&invited.link, PASSWORD));
    let session = token(&first);
    let metrics = || registry.send(&session, "GET", "/metrics", &Value::Null);
    assert_eq!((&first["scopes"], &first["missing_second_factor"]), (&json!([]), &json!("enrolment")));

    metrics().problem(403, "forbidden");
    let change = json!({"current": PASSWORD, "new": OTHER_PASSWORD});
    registry.send(&session, "POST", "/v1/session/password", &change).problem(403, "forbidden");
    registry.send(&session, "POST", "/v1/session/recovery-codes", &json!({})).problem(403, "forbidden");
    registry.send(&session, "POST", "/v1/session/second-factor", &json!({"totp": "000000"})).problem(409, "illegal_step");
    registry.send(&session, "POST", "/v1/session/totp/confirm", &json!({"code": "000000"})).problem(409, "illegal_step");
    let totp = secret_of(&registry.send(&session, "POST", "/v1/session/totp", &json!({"password": PASSWORD})).json());
    let confirm = |code: &str| registry.send(&session, "POST", "/v1/session/totp/confirm", &json!({"code": code}));
    let code = totp.code_at(vasp_clock::Clock::now(&*registry.clock));
    let wrong = if code == "000000" { "111111" } else { "000000" };
    assert_eq!(confirm(wrong).problem(422, "invalid_request")["errors"][0]["code"], "wrong_code");
    metrics().problem(403, "forbidden");
    let codes = confirm(&code).json();

    assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
    assert_eq!(metrics().status.as_u16(), 200);
    let who = registry.send(&session, "GET", "/v1/session", &Value::Null).json();
    assert_eq!((&who["missing_second_factor"], &who["roles"]), (&Value::Null, &json!(["admin"])));
    assert_eq!((&who["user"]["has_totp"], &who["user"]["recovery_codes_left"]), (&json!(true), &json!(10)));
    registry
        .send(&session, "POST", "/v1/session/totp/remove", &json!({"password": PASSWORD, "totp": code}))
        .problem(409, "illegal_step");
}

#[on_every_database(Registry::start)]
fn who_has_an_app_needs_its_code_and_each_code_works_once(registry: Registry) {
    let person = registry.operator(&[Role::Reviewer]);
    let sign_in = |code: Option<&str>| registry.sign_in(&person, PASSWORD, code.map(|code| ("totp", code)));
    let confirmed = registry.code(&person);
    sign_in(Some(&confirmed)).problem(401, "unauthenticated");
    registry.advance(60);
    let code = registry.code(&person);

    sign_in(None).problem(401, "unauthenticated");
    registry.sign_in(&person, OTHER_PASSWORD, Some(("totp", &code))).problem(401, "unauthenticated");
    begun(&sign_in(Some(&code)));
    sign_in(Some(&code)).problem(401, "unauthenticated");
    // The code of the step before that one is still within the window, but an older one than was used.
    registry.advance(29);
    let next = person.totp.as_ref().unwrap().code_at(vasp_clock::Clock::now(&*registry.clock).plus_secs(30));
    begun(&sign_in(Some(&next)));
    sign_in(Some(&registry.code(&person))).problem(401, "unauthenticated");

    let reasons: Vec<Value> = registry
        .audited("session.begin")
        .iter()
        .map(|row| row.payload.as_ref().unwrap())
        .map(|payload| if payload["reason"].is_null() { payload["second_factor"].clone() } else { payload["reason"].clone() })
        .collect();
    assert_eq!(reasons, ["used_code", "wrong_code", "wrong_password", "totp", "used_code", "totp", "used_code"]);
}

#[on_every_database(Registry::start)]
fn of_many_who_send_one_code_at_once_one_gets_in(registry: Registry) {
    let person = registry.operator(&[]);
    registry.advance(60);
    let code = registry.code(&person);

    let mut statuses = at_once(4, |_| {
        let sent = json!({"email": person.email, "password": PASSWORD, "totp": code});
        Client::new(registry.address).post("/v1/session", &sent).status.as_u16()
    });

    statuses.sort_unstable();
    assert_eq!(statuses, [201, 401, 401, 401]);
}

#[on_every_database(Registry::start)]
fn recovery_codes_work_once_each_and_new_ones_replace_them(registry: Registry) {
    let person = registry.operator(&[]);
    let sign_in = |code: &str| registry.sign_in(&person, PASSWORD, Some(("recovery_code", code)));

    let session = token(&begun(&sign_in(&person.recovery_codes[0].to_uppercase().replace('-', " "))));
    sign_in(&person.recovery_codes[0]).problem(401, "unauthenticated");
    registry.sign_in(&person, OTHER_PASSWORD, Some(("recovery_code", &person.recovery_codes[1]))).problem(401, "unauthenticated");
    begun(&sign_in(&person.recovery_codes[1]));
    let renew = |code: &str| registry.send(&session, "POST", "/v1/session/recovery-codes", &json!({"recovery_code": code}));
    renew(&person.recovery_codes[1]).problem(422, "invalid_request");
    let renewed = renew(&person.recovery_codes[2]).json();

    let fresh = renewed["recovery_codes"][0].as_str().unwrap();
    sign_in(&person.recovery_codes[3]).problem(401, "unauthenticated");
    begun(&sign_in(fresh));
}

#[on_every_database(Registry::start)]
fn a_member_may_have_an_app_put_another_in_its_place_and_take_it_away(registry: Registry) {
    let mut person = registry.member();
    begun(&registry.sign_in(&person, PASSWORD, None));
    registry.set_app_up(&mut person);
    registry.sign_in(&person, PASSWORD, None).problem(401, "unauthenticated");
    let ask = |path: &str, body: Value| registry.send(&person.token, "POST", path, &body);

    let refused = ask("/v1/session/totp", json!({"password": PASSWORD})).problem(422, "invalid_request");
    assert_eq!(refused["errors"][0]["pointer"], "/totp");
    registry.advance(60);
    let second = secret_of(&ask("/v1/session/totp", json!({"password": PASSWORD, "totp": registry.code(&person)})).json());
    registry.advance(60);
    begun(&registry.sign_in(&person, PASSWORD, Some(("totp", &registry.code(&person)))));
    let code = second.code_at(vasp_clock::Clock::now(&*registry.clock));
    assert_eq!(ask("/v1/session/totp/confirm", json!({"code": code})).status.as_u16(), 200);
    registry.advance(60);
    registry.sign_in(&person, PASSWORD, Some(("totp", &registry.code(&person)))).problem(401, "unauthenticated");
    let code = second.code_at(vasp_clock::Clock::now(&*registry.clock));
    ask("/v1/session/totp/remove", json!({"password": PASSWORD})).problem(422, "invalid_request");
    assert_eq!(ask("/v1/session/totp/remove", json!({"password": PASSWORD, "totp": code})).status.as_u16(), 204);

    begun(&registry.sign_in(&person, PASSWORD, None));
    ask("/v1/session/recovery-codes", json!({})).problem(409, "illegal_step");
}

#[test]
fn a_code_is_taken_one_step_early_or_late() {
    let registry = Registry::start(Database::sqlite());
    let person = registry.operator(&[]);
    let sign_in = |code: &str| registry.sign_in(&person, PASSWORD, Some(("totp", code)));
    registry.advance(600);
    let code = registry.code(&person);

    // Steps begin at whole half minutes, and so does this one.
    registry.advance(60);
    sign_in(&code).problem(401, "unauthenticated");
    registry.advance(-91);
    sign_in(&code).problem(401, "unauthenticated");
    registry.advance(1);
    begun(&sign_in(&code));
}

#[on_every_database(Registry::start)]
fn changing_the_password_ends_every_session(registry: Registry) {
    let person = registry.member();
    let other = token(&begun(&registry.sign_in(&person, PASSWORD, None)));
    let change = |current: &str, new: &str| {
        registry.send(&person.token, "POST", "/v1/session/password", &json!({"current": current, "new": new}))
    };

    assert_eq!(change(OTHER_PASSWORD, OTHER_PASSWORD).problem(422, "invalid_request")["errors"][0]["code"], "wrong_password");
    assert_eq!(change(PASSWORD, "short").problem(422, "invalid_request")["errors"][0]["code"], "too_short");
    let fresh = token(&begun(&change(PASSWORD, OTHER_PASSWORD)));

    assert_eq!([registry.who(&person.token), registry.who(&other), registry.who(&fresh)], [401, 401, 200]);
    registry.sign_in(&person, PASSWORD, None).problem(401, "unauthenticated");
    begun(&registry.sign_in(&person, OTHER_PASSWORD, None));
}

#[test]
fn requests_that_cannot_be_meant_are_refused_by_member() {
    let registry = Registry::start(Database::sqlite());
    let sent = |extra: Value| {
        let mut body = json!({"email": "a@example.org", "password": PASSWORD});
        body.as_object_mut().unwrap().extend(extra.as_object().unwrap().clone());
        registry.client.post("/v1/session", &body)
    };

    let both = sent(json!({"totp": "1", "recovery_code": "2"})).problem(422, "invalid_request");
    assert_eq!(both["errors"][0]["pointer"], "/recovery_code");
    assert_eq!(sent(json!({"otp": "1"})).problem(422, "invalid_request")["errors"][0]["code"], "unknown_member");
    registry.client.post("/v1/enrolment", &json!({"secret": "x"})).problem(422, "invalid_request");
}
