//! Before, a stolen session set an app of the thief's up, and passed every question for a fresh code from then on.

use serde_json::{Value, json};

use super::world::{OTHER_PASSWORD, PASSWORD, begun, token};
use crate::support::{Database, Inbox, Registry, on_every_database};

const SET_UP: &str = "/v1/session/totp";
const REMOVE: &str = "/v1/session/totp/remove";

#[on_every_database(Registry::start)]
fn a_stolen_session_sets_no_app_up_and_its_guesses_count(registry: Registry) {
    let person = registry.member();
    let ask = |body: Value| registry.send(&person.token, "POST", SET_UP, &body);
    let refused = |body: Value, code: &str| {
        let problem = ask(body).problem(422, "invalid_request");
        assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!("/password"), &json!(code)));
    };

    refused(json!({}), "missing_member");
    for _ in 0..5 {
        refused(json!({"password": OTHER_PASSWORD}), "wrong_password");
    }

    ask(json!({"password": PASSWORD})).problem(429, "rate_limited");
    registry.sign_in(&person, PASSWORD, None).problem(429, "rate_limited");
    let told = registry.audited("totp.begin");
    assert_eq!(told.len(), 5);
    assert_eq!(told[0].payload.as_ref().unwrap()["reason"], "wrong_password");
}

#[on_every_database]
fn an_app_that_is_set_up_or_removed_ends_other_sessions_and_the_person_is_told(database: Database) {
    let inbox = Inbox::start();
    let registry = Registry::start_calling(database, Some(inbox.outbound()), |_| ());
    let mut person = registry.member();
    let stolen = token(&begun(&registry.sign_in(&person, PASSWORD, None)));
    let kept = person.token.clone();
    let alerts = || registry.send(&kept, "GET", "/v1/alerts", &Value::Null).json()["items"].clone();

    registry.set_app_up(&mut person);

    assert_eq!((registry.who(&stolen), registry.who(&kept)), (401, 200));
    assert_eq!((&alerts()[0]["kind"], &alerts()[1]), (&json!("second_factor.set_up"), &Value::Null));
    assert!(alerts()[0]["detail"].as_str().unwrap().contains(&person.user.to_string()), "{}", alerts());
    registry.advance(60);
    let other = token(&begun(&registry.sign_in(&person, PASSWORD, Some(("totp", &registry.code(&person))))));
    let remove = |password: &str, number: usize| {
        let body = json!({"password": password, "recovery_code": person.recovery_codes[number]});
        registry.send(&kept, "POST", REMOVE, &body)
    };
    assert_eq!(remove(OTHER_PASSWORD, 0).problem(422, "invalid_request")["errors"][0]["code"], "wrong_password");
    assert_eq!(remove(PASSWORD, 0).status.as_u16(), 204, "a code beside a wrong password is not used up");

    assert_eq!((registry.who(&other), registry.who(&kept)), (401, 200));
    assert_eq!(alerts()[0]["kind"], "second_factor.removed");
    // Lines may be cut (RFC 2045, section 6.7).
    let mails: Vec<String> = inbox.mails().iter().map(|mail| mail.replace("=\n", "")).collect();
    assert_eq!(mails.len(), 2, "{mails:?}");
    assert!(mails.iter().all(|mail| mail.contains(&format!("To: {}", person.email))), "{mails:?}");
    assert!(mails[0].contains("set up an app") && mails[1].contains("removed the app"), "{mails:?}");
}

#[test]
fn a_mail_that_does_not_go_keeps_nobody_from_setting_an_app_up() {
    let inbox = Inbox::start();
    inbox.fill(true);
    let registry = Registry::start_calling(crate::support::Database::sqlite(), Some(inbox.outbound()), |_| ());
    let mut person = registry.member();

    registry.set_app_up(&mut person);

    assert!(inbox.mails().is_empty());
}
