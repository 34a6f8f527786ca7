//! Nobody is kept out by wrong passwords from elsewhere: where an account signed in of late, its failures count apart.

use std::net::{IpAddr, Ipv4Addr};

use diesel::prelude::*;
use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role};
use vasp_registry::sign_in::sweep_sign_ins;
use vasp_store::StoreError;

use super::world::{Invited, OTHER_PASSWORD, PASSWORD, begun, token};
use crate::support::{Answer, Database, Registry, on_every_database};

const HOME: &str = "203.0.113.5";
const DAY: i64 = 86_400;

/// A registry behind a proxy that names whom it asks for.
fn behind_a_proxy(database: Database) -> Registry {
    Registry::start_with(database, |settings| settings.trusted_proxies = vec![IpAddr::V4(Ipv4Addr::LOCALHOST)])
}

fn post(registry: &Registry, from: &str, path: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("x-forwarded-for", from)];
    registry.client.send("POST", path, &headers, &body.to_string())
}

fn attempt(registry: &Registry, from: &str, email: &str, password: &str) -> Answer {
    post(registry, from, "/v1/session", &json!({"email": email, "password": password}))
}

/// A member's person who redeemed its link at an address.
fn person_at(registry: &Registry, from: &str) -> Invited {
    let invited = registry.invite(OrganisationKind::Member, &[Role::Editor]);
    begun(&post(registry, from, "/v1/enrolment", &json!({"secret": invited.link, "password": PASSWORD})));
    invited
}

/// Guesses from ever new addresses, until the account has to wait.
fn besiege(registry: &Registry, email: &str) {
    for number in 0..5 {
        attempt(registry, &format!("198.51.100.{number}"), email, OTHER_PASSWORD).problem(401, "unauthenticated");
    }
    attempt(registry, "198.51.100.9", email, OTHER_PASSWORD).problem(429, "rate_limited");
}

#[on_every_database(behind_a_proxy)]
fn wrong_passwords_from_elsewhere_keep_nobody_out_where_the_person_signed_in_before(registry: Registry) {
    let person = person_at(&registry, HOME);
    besiege(&registry, &person.email);

    begun(&attempt(&registry, HOME, &person.email, PASSWORD));

    // Whoever guesses waits on, also once the person is in; so does the person at an address that is new.
    attempt(&registry, "198.51.100.9", &person.email, PASSWORD).problem(429, "rate_limited");
    registry.advance(1);
    attempt(&registry, "198.51.100.9", &person.email, OTHER_PASSWORD).problem(401, "unauthenticated");
    let waits = attempt(&registry, "198.51.100.10", &person.email, PASSWORD);
    waits.problem(429, "rate_limited");
    assert_eq!(waits.header("retry-after"), "2", "the guesser's wait grows as before");
}

#[on_every_database(behind_a_proxy)]
fn guesses_from_a_known_address_wait_as_those_from_any_other(registry: Registry) {
    let person = person_at(&registry, HOME);
    for _ in 0..5 {
        attempt(&registry, HOME, &person.email, OTHER_PASSWORD).problem(401, "unauthenticated");
    }

    attempt(&registry, HOME, &person.email, PASSWORD).problem(429, "rate_limited");
    // Elsewhere nothing has been counted.
    begun(&attempt(&registry, "192.0.2.7", &person.email, PASSWORD));
    // Another account's failures there count against the address alone.
    let other = person_at(&registry, "192.0.2.8");
    attempt(&registry, HOME, &other.email, PASSWORD).problem(429, "rate_limited");
    registry.advance(900);
    begun(&attempt(&registry, HOME, &person.email, PASSWORD));
}

#[on_every_database(behind_a_proxy)]
fn a_known_address_of_ipv6_is_its_whole_64(registry: Registry) {
    let person = person_at(&registry, "2001:db8:1:2::1");
    besiege(&registry, &person.email);

    attempt(&registry, "2001:db8:1:3::1", &person.email, PASSWORD).problem(429, "rate_limited");
    begun(&attempt(&registry, "2001:db8:1:2:ffff::9", &person.email, PASSWORD));
}

#[on_every_database(behind_a_proxy)]
fn an_address_is_known_for_thirty_days_after_the_last_sign_in(registry: Registry) {
    let person = person_at(&registry, HOME);
    registry.advance(29 * DAY);
    begun(&attempt(&registry, HOME, &person.email, PASSWORD));
    registry.advance(30 * DAY - 1);
    besiege(&registry, &person.email);
    attempt(&registry, HOME, &person.email, OTHER_PASSWORD).problem(401, "unauthenticated");

    registry.advance(1);
    besiege_again(&registry, &person.email);

    attempt(&registry, HOME, &person.email, PASSWORD).problem(429, "rate_limited");
    assert_eq!(known(&registry).len(), 1);
    sweep_sign_ins(&registry.registry, registry.clock.now(), &mut registry.random.fork()).unwrap();
    assert_eq!(known(&registry).len(), 0);
}

/// The next wrong guess after a wait of a second.
fn besiege_again(registry: &Registry, email: &str) {
    attempt(registry, "198.51.100.20", email, OTHER_PASSWORD).problem(401, "unauthenticated");
}

#[derive(QueryableByName)]
struct Known {
    #[diesel(sql_type = diesel::sql_types::Binary)]
    account: Vec<u8>,
    #[diesel(sql_type = diesel::sql_types::Binary)]
    address: Vec<u8>,
}

fn known(registry: &Registry) -> Vec<Known> {
    let rows = diesel::sql_query("SELECT account, address FROM sign_in_addresses");
    registry.registry.store().read::<_, StoreError>(|conn| Ok(rows.load(conn).unwrap())).unwrap()
}

#[on_every_database(behind_a_proxy)]
fn twenty_addresses_are_kept_of_an_account_and_none_in_clear(registry: Registry) {
    let person = person_at(&registry, HOME);
    for number in 0..20 {
        registry.advance(60);
        begun(&attempt(&registry, &format!("192.0.2.{number}"), &person.email, PASSWORD));
    }
    besiege(&registry, &person.email);

    attempt(&registry, HOME, &person.email, PASSWORD).problem(429, "rate_limited");
    begun(&attempt(&registry, "192.0.2.0", &person.email, PASSWORD));

    let known = known(&registry);
    assert_eq!(known.len(), 20);
    for Known { account, address } in &known {
        assert_eq!((account.len(), address.len()), (32, 32), "keyed digests");
    }
}

#[on_every_database(behind_a_proxy)]
fn a_new_password_is_known_where_it_was_set_and_nowhere_else(registry: Registry) {
    let person = person_at(&registry, HOME);
    let session = token(&begun(&attempt(&registry, "192.0.2.66", &person.email, PASSWORD)));
    let bearer = format!("Bearer {session}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str()), ("x-forwarded-for", HOME)];
    let change = json!({"current": PASSWORD, "new": OTHER_PASSWORD}).to_string();
    begun(&registry.client.send("POST", "/v1/session/password", &headers, &change));
    for number in 0..5 {
        attempt(&registry, &format!("198.51.100.{number}"), &person.email, PASSWORD).problem(401, "unauthenticated");
    }

    attempt(&registry, "192.0.2.66", &person.email, OTHER_PASSWORD).problem(429, "rate_limited");
    begun(&attempt(&registry, HOME, &person.email, OTHER_PASSWORD));

    let (now, mut rng) = (registry.clock.now(), registry.random.fork());
    vasp_registry::organisations::reset_user(&registry.registry, person.user, now, &mut rng).unwrap();
    assert_eq!(known(&registry).len(), 0, "a reset forgets them all");
}
