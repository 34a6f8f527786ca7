//! Guessing is slow, costs the guesser and tells nothing.

use serde_json::json;
use vasp_log::audit::AuditOutcome;
use vasp_record::role::{OrganisationKind, Role, UserState};
use vasp_registry::sign_in::sweep_sign_ins;
use vasp_words::ids::UserId;

use super::world::{OTHER_PASSWORD, PASSWORD, begun};
use crate::support::{Answer, Client, Database, Registry, on_every_database};
use crate::write_races::at_once;

fn attempt(registry: &Registry, email: &str, password: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("x-request-id", "same")];
    let body = json!({"email": email, "password": password, "totp": "123456"});
    registry.client.send("POST", "/v1/session", &headers, &body.to_string())
}

/// Time for the address to be forgiven; the account is not.
const QUARTER_OF_AN_HOUR: i64 = 900;

#[on_every_database(Registry::start)]
fn the_fifth_failure_makes_whoever_guesses_wait_longer_and_longer(registry: Registry) {
    let person = registry.member();
    for _ in 0..5 {
        attempt(&registry, &person.email, OTHER_PASSWORD).problem(401, "unauthenticated");
    }

    for wait in ["1", "2", "4", "8"] {
        let refused = attempt(&registry, &person.email, PASSWORD);
        refused.problem(429, "rate_limited");
        assert_eq!(refused.header("retry-after"), wait);
        registry.advance(wait.parse::<i64>().unwrap());
        attempt(&registry, &person.email, OTHER_PASSWORD).problem(401, "unauthenticated");
    }
    registry.advance(16);
    begun(&registry.sign_in(&person, PASSWORD, None));
    registry.advance(QUARTER_OF_AN_HOUR);
    for _ in 0..4 {
        attempt(&registry, &person.email, OTHER_PASSWORD).problem(401, "unauthenticated");
    }
    begun(&registry.sign_in(&person, PASSWORD, None));
    assert_eq!(registry.audited("session.begin").iter().filter(|row| row.outcome == AuditOutcome::Refused).count(), 5 + 4 + 4);
}

#[on_every_database(Registry::start)]
fn an_address_waits_whichever_accounts_it_tries_and_an_account_whichever_address(registry: Registry) {
    let person = registry.member();
    for number in 0..5 {
        attempt(&registry, &format!("nobody{number}@example.org"), PASSWORD).problem(401, "unauthenticated");
    }

    let refused = attempt(&registry, &person.email, PASSWORD);

    refused.problem(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "1");
    registry.redeem("ve_x", PASSWORD).problem(429, "rate_limited");
    registry.advance(1);
    // Signing in does not clear the address: whoever has an account could guess at others.
    begun(&registry.sign_in(&person, PASSWORD, None));
    attempt(&registry, "nobody@example.org", PASSWORD).problem(401, "unauthenticated");
    attempt(&registry, "nobody@example.org", PASSWORD).problem(429, "rate_limited");
}

#[on_every_database(Registry::start)]
fn waiting_survives_a_restart_and_is_forgotten_after_a_day(registry: Registry) {
    let person = registry.member();
    for _ in 0..5 {
        attempt(&registry, &person.email, OTHER_PASSWORD);
    }

    let second = Registry::start(Database::at(registry.database.url.clone()));
    attempt(&second, &person.email, PASSWORD).problem(429, "rate_limited");
    second.advance(86_401);
    sweep_sign_ins(&second.registry, vasp_clock::Clock::now(&*second.clock), &mut second.random.fork()).unwrap();

    for _ in 0..4 {
        attempt(&second, &person.email, OTHER_PASSWORD).problem(401, "unauthenticated");
    }
}

#[on_every_database(Registry::start)]
fn many_guesses_at_once_are_no_way_round(registry: Registry) {
    let person = registry.member();

    let mut statuses = at_once(12, |_| {
        Client::new(registry.address)
            .post("/v1/session", &json!({"email": person.email, "password": OTHER_PASSWORD}))
            .status
            .as_u16()
    });

    statuses.sort_unstable();
    assert_eq!(statuses, [401, 401, 401, 401, 401, 429, 429, 429, 429, 429, 429, 429]);
}

#[on_every_database(Registry::start)]
fn answers_tell_neither_who_exists_nor_what_was_wrong(registry: Registry) {
    let operator = registry.operator(&[Role::Admin]);
    let member = registry.member();
    let invited = registry.invite(OrganisationKind::Member, &[]);
    let disabled = registry.member();
    disable(&registry, disabled.user);
    let accounts = [
        (operator.email.as_str(), PASSWORD),
        (operator.email.as_str(), OTHER_PASSWORD),
        (member.email.as_str(), OTHER_PASSWORD),
        (invited.email.as_str(), PASSWORD),
        (disabled.email.as_str(), PASSWORD),
        ("nobody@example.org", PASSWORD),
        ("no address at all", PASSWORD),
        ("nobody@example.org", &"x".repeat(5_000)),
    ];

    let answers: Vec<_> = accounts
        .iter()
        .map(|(email, password)| {
            registry.advance(QUARTER_OF_AN_HOUR);
            attempt(&registry, email, password)
        })
        .collect();

    let headers = |answer: &Answer| {
        let mut names: Vec<_> =
            answer.headers.iter().filter(|(name, _)| *name != "date").map(|(n, v)| format!("{n}: {v:?}")).collect();
        names.sort();
        names
    };
    for answer in &answers {
        answer.problem(401, "unauthenticated");
        assert_eq!((&answer.text, headers(answer)), (&answers[0].text, headers(&answers[0])));
    }
    for _ in 0..6 {
        attempt(&registry, "nobody@example.org", PASSWORD);
    }
    attempt(&registry, "nobody@example.org", PASSWORD).problem(429, "rate_limited");
}

/// Disables a user as the operators' routes do.
pub(super) fn disable(registry: &Registry, user: UserId) {
    registry.write(|transaction| {
        let mut row = transaction.conn().user(user)?.unwrap();
        (row.state, row.version) = (UserState::Disabled, row.version + 1);
        transaction.change_user(&row)
    });
}

#[test]
fn behind_a_trusted_proxy_each_address_waits_for_itself() {
    let proxy = std::net::IpAddr::from(std::net::Ipv4Addr::LOCALHOST);
    let registry = Registry::start_with(Database::sqlite(), |settings| settings.trusted_proxies = vec![proxy]);
    let from = |address: &str, email: &str| {
        let headers = [("content-type", "application/json"), ("x-forwarded-for", address)];
        registry.client.send("POST", "/v1/session", &headers, &json!({"email": email, "password": PASSWORD}).to_string())
    };
    for number in 0..5 {
        from("203.0.113.5, 192.0.2.1", &format!("nobody{number}@example.org")).problem(401, "unauthenticated");
    }

    from("192.0.2.1", "nobody@example.org").problem(429, "rate_limited");
    from("203.0.113.5", "nobody@example.org").problem(401, "unauthenticated");
    // Of IPv6 a /56 waits as four addresses do, whose fifth failure in a row costs a second each.
    for number in 0..20 {
        from(&format!("2001:db8:0:{number:x}::1"), &format!("somebody{number}@example.org")).problem(401, "unauthenticated");
    }
    from("2001:db8:0:20::1", "somebody@example.org").problem(429, "rate_limited");
    from("2001:db8:0:100::1", "somebody@example.org").problem(401, "unauthenticated");
}
