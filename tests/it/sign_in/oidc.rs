//! Signing in at an OpenID provider.

use serde_json::{Value, json};
use vasp_clock::{Clock, SystemClock};
use vasp_log::audit::AuditOutcome;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_store::Organisation;

use super::provider::{CameBack, TestProvider};
use super::world::{OTHER_PASSWORD, PASSWORD, SignedIn, begun, token};
use crate::support::{Answer, Database, Registry, on_every_database};

/// A registry with the provider, at the provider's time; none where there is no provider.
fn with_provider(database: Database) -> Option<(Registry, TestProvider)> {
    let provider = TestProvider::start()?;
    let registry = Registry::start_wired(database, None, vec![provider.known()], |_| ());
    registry.clock.set(SystemClock.now());
    Some((registry, provider))
}

impl Registry {
    fn oidc(&self, step: &str, token: Option<&str>, body: &Value) -> Answer {
        let path = format!("/v1/session/oidc/test/{step}");
        match token {
            Some(token) => self.send(token, "POST", &path, body),
            None => self.client.post(&path, body),
        }
    }

    /// Begins to sign in and returns where the person goes.
    #[track_caller]
    fn start_oidc(&self, token: Option<&str>, body: &Value) -> String {
        self.oidc("start", token, body).answered(201)["url"].as_str().unwrap().to_owned()
    }

    fn finish_oidc(&self, token: Option<&str>, came: &CameBack) -> Answer {
        self.oidc("finish", token, &json!({"code": came.code, "state": came.state}))
    }

    /// Signs in as an account of the provider.
    fn visit(&self, provider: &TestProvider, account: &str) -> Answer {
        let came = provider.visit(&self.start_oidc(None, &json!({})), account);
        self.finish_oidc(None, &came)
    }

    /// A member's person who is linked to an account of the provider.
    fn linked(&self, provider: &TestProvider, account: &str) -> SignedIn {
        let mut person = self.member();
        let came = provider.visit(&self.start_oidc(Some(&person.token), &json!({"password": PASSWORD})), account);
        person.token = token(&begun(&self.finish_oidc(Some(&person.token), &came)));
        person
    }

    /// Has nobody wait.
    fn forget_attempts(&self) {
        self.write(|transaction| transaction.forget_attempts(transaction.now().plus_secs(1_000_000)));
    }

    /// Why attempts were refused, oldest first.
    fn reasons(&self) -> Vec<String> {
        let refused = self.audited("session.begin").into_iter().filter(|row| row.outcome == AuditOutcome::Refused);
        refused.map(|row| row.payload.unwrap()["reason"].as_str().unwrap().to_owned()).collect()
    }
}

#[on_every_database]
fn an_account_that_was_linked_by_its_user_signs_in(database: Database) {
    let Some((registry, provider)) = with_provider(database) else { return };
    let listed = registry.client.get("/v1/session/oidc").json();
    assert_eq!(listed, json!({"items": [{"name": "test", "issuer": provider.issuer}]}));
    let person = registry.member();
    registry.visit(&provider, "anna").problem(401, "unauthenticated");

    let came = provider.visit(&registry.start_oidc(Some(&person.token), &json!({"password": PASSWORD})), "anna");
    let linked = begun(&registry.finish_oidc(Some(&person.token), &came));

    assert_eq!(registry.who(&person.token), 401, "one session in place of the other");
    assert_eq!(registry.who(&token(&linked)), 200);
    let signed_in = begun(&registry.visit(&provider, "anna"));
    assert_eq!((&signed_in["user"]["id"], &signed_in["missing_second_factor"]), (&json!(person.user.to_string()), &Value::Null));
    registry.visit(&provider, "berta").problem(401, "unauthenticated");
    assert_eq!(registry.reasons(), ["unknown_subject", "unknown_subject"]);
    let told = registry.audited("oidc.link").remove(0);
    assert_eq!((told.outcome, told.actor), (AuditOutcome::Done, Some(person.user.to_string())));
    assert_eq!(told.payload.unwrap().0, json!({"issuer": provider.issuer, "subject": "anna"}));
}

#[on_every_database]
fn an_account_is_unlinked_by_its_user_who_can_still_sign_in(database: Database) {
    let Some((registry, provider)) = with_provider(database) else { return };
    let mut person = registry.linked(&provider, "anna");
    registry.set_app_up(&mut person);
    let unlink = |token: &str, body: &Value| registry.oidc("unlink", Some(token), body);

    unlink(&person.token, &json!({})).problem(422, "invalid_request");
    let code = |number: usize| json!({"recovery_code": person.recovery_codes[number]});
    let gone = unlink(&person.token, &code(0));

    assert_eq!(gone.status.as_u16(), 204, "{gone:?}");
    unlink(&person.token, &code(1)).problem(404, "not_found");
    registry.forget_attempts();
    registry.visit(&provider, "anna").problem(401, "unauthenticated");
    assert_eq!(registry.audited("oidc.unlink").last().unwrap().outcome, AuditOutcome::Done);

    let invited = registry.invite(OrganisationKind::Member, &[Role::Editor]);
    let came = provider.visit(&registry.start_oidc(None, &json!({"enrolment_secret": invited.link})), "berta");
    let only = token(&begun(&registry.finish_oidc(None, &came)));
    unlink(&only, &json!({})).problem(409, "illegal_step");
}

#[on_every_database]
fn nobody_of_a_closed_organisation_gets_a_session(database: Database) {
    let Some((registry, provider)) = with_provider(database) else { return };
    let person = registry.linked(&provider, "anna");
    let invited = registry.invite(OrganisationKind::Member, &[Role::Editor]);
    let now = registry.clock.now();
    registry.write(|transaction| {
        for user in [person.user, invited.user] {
            let user = transaction.conn().user(user)?.unwrap();
            let home = transaction.conn().organisation(user.organisation)?.unwrap();
            let version = home.version + 1;
            transaction.change_organisation(&Organisation { closed_at: Some(now), version, ..home })?;
        }
        Ok(())
    });

    registry.visit(&provider, "anna").problem(401, "unauthenticated");
    registry.sign_in(&person, PASSWORD, None).problem(401, "unauthenticated");
    registry.redeem(&invited.link, PASSWORD).problem(401, "unauthenticated");

    assert_eq!(registry.reasons(), ["not_active", "not_active"]);
}

#[test]
fn an_account_of_the_same_e_mail_address_is_nobody() {
    let Some((registry, provider)) = with_provider(Database::sqlite()) else { return };
    let person = registry.member();
    let name = person.email.strip_suffix("@example.org").unwrap();

    registry.visit(&provider, name).problem(401, "unauthenticated");

    assert_eq!(registry.reasons(), ["unknown_subject"]);
}

#[on_every_database]
fn an_enrolment_link_is_redeemed_with_an_account_once(database: Database) {
    let Some((registry, provider)) = with_provider(database) else { return };
    let invited = registry.invite(OrganisationKind::Member, &[Role::Editor]);
    let start = || registry.start_oidc(None, &json!({"enrolment_secret": invited.link}));
    let came = provider.visit(&start(), "anna");
    let second = provider.visit(&start(), "berta");

    let first = begun(&registry.finish_oidc(None, &came));

    assert_eq!(first["user"]["id"], invited.user.to_string());
    registry.finish_oidc(None, &second).problem(401, "unauthenticated");
    registry.redeem(&invited.link, PASSWORD).problem(401, "unauthenticated");
    assert_eq!(begun(&registry.visit(&provider, "anna"))["user"]["id"], first["user"]["id"]);
    let sent = json!({"current": PASSWORD, "new": "seven quiet otters paddle"});
    registry.send(&token(&first), "POST", "/v1/session/password", &sent).problem(409, "illegal_step");
    registry.oidc("start", None, &json!({"enrolment_secret": "ve_x"})).problem(401, "unauthenticated");
}

#[on_every_database]
fn an_account_belongs_to_one_user(database: Database) {
    let Some((registry, provider)) = with_provider(database) else { return };
    registry.linked(&provider, "anna");
    let other = registry.member();

    let came = provider.visit(&registry.start_oidc(Some(&other.token), &json!({"password": PASSWORD})), "anna");
    let refused = registry.finish_oidc(Some(&other.token), &came).problem(409, "conflict");

    assert_eq!(refused["errors"][0]["code"], "linked");
    assert_eq!(registry.who(&other.token), 200);
}

#[test]
fn what_one_session_began_no_other_ends() {
    let Some((registry, provider)) = with_provider(Database::sqlite()) else { return };
    let (person, other) = (registry.member(), registry.member());
    let come = || provider.visit(&registry.start_oidc(Some(&person.token), &json!({"password": PASSWORD})), "anna");

    registry.finish_oidc(None, &come()).problem(401, "unauthenticated");
    registry.finish_oidc(Some(&other.token), &come()).problem(401, "unauthenticated");
    let (_, key) = registry.api_key("resolve", None);
    registry.oidc("start", key.strip_prefix("Bearer "), &json!({})).problem(403, "forbidden");

    assert_eq!(registry.reasons(), ["other_session", "other_session"]);
    registry.visit(&provider, "anna").problem(401, "unauthenticated");
}

#[on_every_database]
fn codes_and_states_are_good_once_for_ten_minutes_and_only_together(database: Database) {
    let Some((registry, provider)) = with_provider(database) else { return };
    registry.linked(&provider, "anna");
    let come = || provider.visit(&registry.start_oidc(None, &json!({})), "anna");
    let (first, second) = (come(), come());
    let mixed = CameBack { code: second.code.clone(), state: first.state.clone() };
    registry.finish_oidc(None, &mixed).problem(401, "unauthenticated");
    begun(&registry.visit(&provider, "anna"));

    let good = come();
    begun(&registry.finish_oidc(None, &good));
    registry.finish_oidc(None, &good).problem(401, "unauthenticated");
    let replayed = CameBack { code: good.code, state: come().state };
    registry.finish_oidc(None, &replayed).problem(401, "unauthenticated");
    let late = come();
    registry.advance(601);
    registry.finish_oidc(None, &late).problem(401, "unauthenticated");

    assert_eq!(registry.reasons(), ["code", "unknown_state", "code", "unknown_state"]);
}

#[test]
fn a_token_that_is_not_as_it_should_be_lets_nobody_in() {
    let Some((registry, provider)) = with_provider(Database::sqlite()) else { return };
    registry.linked(&provider, "anna");
    let now = registry.clock.now().micros() / 1_000_000;
    let cases = [
        (json!({"nonce": "another"}), "rightly", "nonce"),
        (json!({"nonce": null}), "rightly", "nonce"),
        (json!({"aud": "somebody-else"}), "rightly", "audience"),
        (json!({"aud": ["registry", "somebody-else"]}), "rightly", "audience"),
        (json!({"azp": "somebody-else"}), "rightly", "authorized_party"),
        (json!({"iss": "https://elsewhere.example"}), "rightly", "issuer"),
        (json!({"exp": now - 61}), "rightly", "expired"),
        (json!({"iat": now + 300}), "rightly", "expired"),
        (json!({"email_verified": false}), "rightly", "email_not_verified"),
        (json!({"sub": "berta"}), "rightly", "unknown_subject"),
        (json!({}), "by another", "signature"),
        (json!({}), "not", "signature"),
        (json!({}), "with the client secret", "signature"),
    ];

    for (claims, signed, _) in &cases {
        provider.twist(claims, signed);
        // Each from an address that has made nobody wait.
        registry.forget_attempts();
        registry.visit(&provider, "anna").problem(401, "unauthenticated");
    }

    let expected: Vec<_> = cases.iter().map(|(_, _, reason)| *reason).collect();
    assert_eq!(registry.reasons(), expected);
    provider.untwist();
    registry.forget_attempts();
    begun(&registry.visit(&provider, "anna"));
}

#[test]
fn clocks_may_be_a_minute_apart() {
    let Some((registry, provider)) = with_provider(Database::sqlite()) else { return };
    registry.linked(&provider, "anna");
    let now = registry.clock.now().micros() / 1_000_000;

    for claims in [json!({"exp": now - 45}), json!({"iat": now + 45, "exp": now + 90})] {
        provider.twist(&claims, "rightly");
        begun(&registry.visit(&provider, "anna"));
    }
}

#[test]
fn a_provider_may_change_its_keys() {
    let Some((registry, provider)) = with_provider(Database::sqlite()) else { return };
    registry.linked(&provider, "anna");

    provider.change_keys();

    registry.visit(&provider, "anna").problem(401, "unauthenticated");
    assert_eq!(registry.reasons(), ["signature"], "keys were fetched a moment before");
    registry.advance(31);
    begun(&registry.visit(&provider, "anna"));
}

#[test]
fn a_provider_that_is_down_is_said_to_be() {
    let Some((registry, mut provider)) = with_provider(Database::sqlite()) else { return };
    let person = registry.linked(&provider, "anna");
    let came = provider.visit(&registry.start_oidc(None, &json!({})), "anna");
    provider.end();

    let refused = registry.finish_oidc(None, &came);

    refused.problem(503, "provider_unavailable");
    assert_eq!(refused.header("retry-after"), "30");
    registry.finish_oidc(None, &came).problem(401, "unauthenticated");
    registry.advance(86_401);
    registry.oidc("start", None, &json!({})).problem(503, "provider_unavailable");
    begun(&registry.sign_in(&person, PASSWORD, None));
    registry.client.post("/v1/session/oidc/other/start", &json!({})).problem(404, "not_found");
}

#[on_every_database]
fn an_operator_gives_its_second_factor_unless_the_provider_asked_for_one(database: Database) {
    let Some((registry, provider)) = with_provider(database) else { return };
    let mut person = registry.operator(&[Role::Admin]);
    registry.oidc("start", Some(&person.token), &json!({"password": PASSWORD})).problem(422, "invalid_request");
    let code = json!({"password": PASSWORD, "recovery_code": person.recovery_codes[9]});
    let came = provider.visit(&registry.start_oidc(Some(&person.token), &code), "anna");
    registry.oidc("start", Some(&person.token), &code).problem(422, "invalid_request");
    person.token = token(&begun(&registry.finish_oidc(Some(&person.token), &came)));
    registry.forget_attempts();

    let limited = begun(&registry.visit(&provider, "anna"));
    assert_eq!((&limited["missing_second_factor"], &limited["scopes"]), (&json!("code"), &json!([])));
    let session = token(&limited);
    registry.send(&session, "GET", "/metrics", &Value::Null).problem(403, "forbidden");
    registry.oidc("start", Some(&session), &json!({})).problem(403, "forbidden");
    registry.oidc("unlink", Some(&session), &json!({})).problem(403, "forbidden");
    let give = |body: Value| registry.send(&session, "POST", "/v1/session/second-factor", &body);
    give(json!({})).problem(422, "invalid_request");
    give(json!({"totp": registry.code(&person)})).problem(422, "invalid_request");
    let lifted = give(json!({"recovery_code": person.recovery_codes[0]})).with(200);
    assert_eq!((&lifted.json()["missing_second_factor"], &lifted.json()["roles"]), (&Value::Null, &json!(["admin"])));
    assert_eq!(registry.send(&session, "GET", "/metrics", &Value::Null).status.as_u16(), 200);
    give(json!({"recovery_code": person.recovery_codes[1]})).problem(409, "illegal_step");

    for claims in [json!({"amr": ["pwd", "otp"]}), json!({"acr": "urn:two"})] {
        provider.twist(&claims, "rightly");
        assert_eq!(begun(&registry.visit(&provider, "anna"))["missing_second_factor"], Value::Null);
    }
    provider.twist(&json!({"amr": ["pwd"], "acr": "urn:one"}), "rightly");
    assert_eq!(begun(&registry.visit(&provider, "anna"))["missing_second_factor"], "code");
}

/// Whoever steals a session can link an account of its own, to stay.
#[on_every_database]
fn an_account_that_a_stolen_session_linked_ends_with_the_password(database: Database) {
    let Some((registry, provider)) = with_provider(database) else { return };
    let person = registry.linked(&provider, "thief");
    begun(&registry.visit(&provider, "thief"));

    let change = json!({"current": PASSWORD, "new": OTHER_PASSWORD});
    let changed = begun(&registry.send(&person.token, "POST", "/v1/session/password", &change));

    assert_eq!(changed["unlinked"], json!([{"issuer": provider.issuer, "subject": "thief"}]));
    registry.visit(&provider, "thief").problem(401, "unauthenticated");
    let told = registry.audited("password.change").remove(0).payload.unwrap().0;
    assert_eq!(told["unlinked"], changed["unlinked"]);
    // The account may be linked again, by whoever has the password now.
    let came = provider.visit(&registry.start_oidc(Some(&token(&changed)), &json!({"password": OTHER_PASSWORD})), "thief");
    begun(&registry.finish_oidc(Some(&token(&changed)), &came));
}

#[on_every_database]
fn an_invitation_that_binds_an_account_has_no_link(database: Database) {
    let Some((registry, provider)) = with_provider(database) else { return };
    let admin = registry.person_of(OrganisationKind::Member, None, &[Role::Admin], &[Scope::Admin]);
    let body = |email: &str, provider: &str, subject: &str| json!({"name": "Anna", "email": email, "roles": ["editor"], "account": {"provider": provider, "subject": subject}});
    let users = "/v1/users";
    registry.visit(&provider, "anna").problem(401, "unauthenticated");

    let invited = admin.done(&registry, users, &body("anna@alpha.example", "test", "anna"));
    assert_eq!((&invited["secret"], &invited["user"]["enrolment"]), (&Value::Null, &Value::Null));
    let path = format!("{users}/{}", invited["user"]["id"].as_str().unwrap());
    admin.post(&registry, &format!("{path}/invite"), &Value::Null).problem(409, "illegal_step");
    let refused = |answer: Answer, status: u16, code: &str, place: &str| {
        assert_eq!(answer.problem(status, code)["errors"][0]["pointer"], place);
    };
    let other = "other@alpha.example";
    refused(admin.post(&registry, users, &body(other, "test", "anna")), 409, "conflict", "/account/subject");
    refused(admin.post(&registry, users, &body(other, "none", "x")), 422, "invalid_request", "/account/provider");
    refused(admin.post(&registry, users, &body(other, "test", "")), 422, "invalid_request", "/account/subject");

    let session = begun(&registry.visit(&provider, "anna"));
    assert_eq!((&session["user"]["id"], &session["roles"]), (&invited["user"]["id"], &json!(["editor"])));
    assert_eq!(admin.read(&registry, &path)["state"], "active");
    admin.done(&registry, &format!("{path}/disable"), &Value::Null);
    registry.visit(&provider, "anna").problem(401, "unauthenticated");
}

/// Before, a stolen session linked an account of the thief's, or set an app of the thief's up.
#[on_every_database]
fn who_has_no_password_signs_in_at_the_provider_again_before_an_app_is_set_up(database: Database) {
    let Some((registry, provider)) = with_provider(database) else { return };
    let person = registry.member();
    let problem = registry.oidc("start", Some(&person.token), &json!({})).problem(422, "invalid_request");
    assert_eq!(problem["errors"][0]["pointer"], "/password", "an account is linked with the password only");
    let invited = registry.invite(OrganisationKind::Member, &[Role::Editor]);
    let came = provider.visit(&registry.start_oidc(None, &json!({"enrolment_secret": invited.link})), "berta");
    begun(&registry.finish_oidc(None, &came));
    let set_up = |session: &str| registry.send(session, "POST", "/v1/session/totp", &json!({}));
    let visit =
        |start: &Value| token(&begun(&registry.finish_oidc(None, &provider.visit(&registry.start_oidc(None, start), "berta"))));

    set_up(&visit(&json!({}))).problem(403, "forbidden");
    let old = registry.clock.now().micros() / 1_000_000 - 301;
    provider.twist(&json!({"auth_time": old}), "rightly");
    set_up(&visit(&json!({}))).problem(403, "forbidden");
    provider.untwist();
    let url = registry.start_oidc(None, &json!({"fresh": true}));
    assert!(url.contains("prompt=login") && url.contains("max_age=0"), "{url}");
    let fresh = visit(&json!({"fresh": true}));
    assert_eq!(set_up(&fresh).status.as_u16(), 201);
    registry.advance(400);
    set_up(&fresh).problem(403, "forbidden");
}
