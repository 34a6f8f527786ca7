//! Harvesting: many different addresses that nobody is known to own.

use std::num::NonZeroU32;

use serde_json::{Value, json};
use vasp_addresses::network::NetworkTable;
use vasp_addresses::subject::read_subject;
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::acts::Asker;
use vasp_registry::cli::flush_lossy;
use vasp_registry::enumeration::Counted;
use vasp_registry::node::Registry as Service;
use vasp_store::{AuditFilter, StoreError, StoreOptions};

use super::allowance::import;
use super::world::{Wallet, World, address};
use crate::support::{Answer, Database, Person, on_every_database};

fn world(database: Database) -> World {
    World::start_with(database, |settings| {
        settings.not_found_budget = NonZeroU32::new(3);
        settings.public_read = true;
    })
}

fn large(database: Database) -> World {
    World::start_with(database, |settings| {
        settings.not_found_budget = NonZeroU32::new(10_000);
        settings.body_limit_bytes = NonZeroU32::new(4_000_000).unwrap();
    })
}

fn ask(world: &World, party: &Person, number: u64) -> Answer {
    world.get(party, &format!("/v1/resolve?subject={}&network=eip155:1", address(number)))
}

fn flush(world: &World) {
    flush_lossy(&world.registry.registry, world.registry.clock.now(), &mut world.registry.random.fork()).unwrap();
}

/// The alarms in the audit chain: the organisations that they are about.
fn alarms(registry: &Service) -> Vec<Option<String>> {
    alarms_of(registry, "not_found_budget.spent")
}

fn alarms_of(registry: &Service, action: &str) -> Vec<Option<String>> {
    let filter = AuditFilter { action: Some(action.to_owned()), ..AuditFilter::default() };
    let events = registry.store().read::<_, StoreError>(|conn| conn.audit_events(&filter, i64::MAX, 100)).unwrap();
    events.into_iter().map(|event| event.subject).collect()
}

#[on_every_database(world)]
fn reports_of_wrong_claims_spend_the_budget_where_nobody_claims_anything(world: World) {
    let (member, owner) = (world.member("Alpha"), world.member("Beta"));
    world.claim(&owner, &address(9), &json!({}));
    let report = |number: u64| {
        let body = json!({"network": "eip155:1", "address": address(number), "reason": "not theirs"});
        world.post(&member, "/v1/disputes", &body)
    };
    assert_eq!(report(9).status.as_u16(), 201);
    for number in [1, 1, 2, 3] {
        report(number).problem(404, "not_found");
    }

    report(4).problem(429, "rate_limited");
    ask(&world, &member, 9).problem(429, "rate_limited");
}

#[on_every_database(world)]
fn who_asks_for_too_many_different_unknown_addresses_is_stopped_until_midnight(world: World) {
    let (member, gateway, other) = (world.member("Alpha"), world.gateway(), world.gateway());
    let claimed = address(100);
    world.claim(&member, &claimed, &json!({}));

    // The same again, what is found and what is no address do not count.
    for number in [1, 1, 1, 2, 100, 100] {
        assert_eq!(ask(&world, &gateway, number).status.as_u16(), 200);
    }
    world.get(&gateway, "/v1/resolve?subject=nobody.example.com");
    flush(&world);
    assert_eq!(alarms(&world.registry.registry), []);
    assert_eq!(ask(&world, &gateway, 3).json()["status"], "not_found");

    let refused = ask(&world, &gateway, 100);

    let problem = refused.problem(429, "rate_limited");
    assert!(problem["detail"].as_str().unwrap().contains("midnight UTC"), "{problem}");
    // Noon to midnight.
    assert_eq!(refused.header("retry-after"), "43201");
    assert_eq!(ask(&world, &other, 100).status.as_u16(), 200);
    assert_eq!(world.get(&gateway, &format!("/v1/resolve?subject={}", member.vasp())).status.as_u16(), 200, "no address");
    let body = json!({"subjects": [{"subject": claimed, "network": "eip155:1"}, {"subject": member.vasp()}]});
    let batch = world.post(&gateway, "/v1/resolve", &body).json();
    assert_eq!((&batch["results"][0]["problem"]["status"], &batch["results"][1]["status"]), (&json!(429), &json!("owned")));
    let precheck = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"address": claimed, "network": "eip155:1"}});
    world.post(&gateway, "/v1/prechecks", &precheck).problem(429, "rate_limited");

    flush(&world);
    flush(&world);
    assert_eq!(alarms(&world.registry.registry), [Some(gateway.organisation.to_string())], "once a day");
    let metrics = world.registry.registry.metrics().render(&Default::default(), world.registry.clock.now()).unwrap();
    assert!(metrics.contains("vasp_registry_not_found_budget_spent_total{kind=\"organisation\"} 1"), "{metrics}");
    world.registry.clock.set("2026-06-02T00:00:00Z".parse().unwrap());
    assert_eq!(ask(&world, &gateway, 100).status.as_u16(), 200);
}

#[on_every_database(world)]
fn a_batch_and_prechecks_count_and_anonymous_callers_have_a_budget_too(world: World) {
    let gateway = world.gateway();
    let subjects: Vec<Value> = (1..=5).map(|number| json!({"subject": address(number), "network": "eip155:1"})).collect();

    let batch = world.post(&gateway, "/v1/resolve", &json!({"subjects": subjects})).json();

    let statuses: Vec<_> = batch["results"].as_array().unwrap().iter().map(|r| r["problem"]["status"].as_u64()).collect();
    assert_eq!(statuses, [None, None, None, Some(429), Some(429)]);
    let second = world.gateway();
    let precheck = |number: u64| {
        let beneficiary = json!({"address": address(number), "network": "eip155:1"});
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary});
        world.post(&second, "/v1/prechecks", &body).status.as_u16()
    };
    assert_eq!([1, 2, 3, 4].map(precheck), [200, 200, 200, 429]);
    let public = |number: u64| {
        let path = format!("/v1/resolve?subject={}&network=eip155:1", address(number));
        world.registry.client.get(&path).status.as_u16()
    };
    assert_eq!([1, 2, 3, 4].map(public), [200, 200, 200, 429]);
}

/// Before, who claimed an address asked about it for nothing, and so learnt whether somebody else claims it.
#[on_every_database(world)]
fn questions_about_own_unproven_addresses_spend_a_budget_of_their_own(world: World) {
    let vasp = world.registry.record("Alpha", &[("status", "", "verified"), ("country", "", "DE")]);
    let scopes = [Scope::Member, Scope::Resolve, Scope::Precheck];
    let member = world.registry.person_of(OrganisationKind::Member, Some(vasp), &[Role::Editor], &scopes);
    let (other, gateway, wallet) = (world.member("Beta"), world.gateway(), Wallet::new(1));
    let proven = world.claim(&member, &wallet.address(), &json!({}));
    let path = format!("/v1/claims/{}", proven["id"].as_str().unwrap());
    let challenge = world.post(&member, &format!("{path}/challenge"), &json!({})).json();
    let proof = wallet.prove(challenge["challenge"].as_str().unwrap());
    assert_eq!(world.post(&member, &format!("{path}/proof"), &proof).status.as_u16(), 200);
    for number in 1..=6 {
        world.claim(&member, &address(number), &json!({}));
    }
    world.claim(&other, &address(50), &json!({}));
    world.claim(&other, &address(5), &json!({}));
    let asked = |body: Value| {
        let answer = world.post(&member, "/v1/prechecks", &body);
        assert!([200, 429].contains(&answer.status.as_u16()), "{answer:?}");
        answer.status.as_u16()
    };

    // What the key signed, and what others alone claim, costs nothing.
    for place in [&wallet.address(), &address(50)] {
        assert_eq!(world.owners(&member, place).0, "owned");
    }
    assert_eq!(ask(&world, &member, 1).json()["status"], "owned");
    let beneficiary = json!({"address": address(2), "network": "eip155:1"});
    let outgoing = json!({"direction": "outgoing", "beneficiary": beneficiary});
    assert_eq!(asked(outgoing.clone()), 200);
    assert!((1..=6).all(|number| ask(&world, &gateway, number).status.as_u16() == 200), "others ask as before");
    let incoming = |number: u64| {
        let own = json!({"address": address(number), "network": "eip155:1"});
        asked(json!({"direction": "incoming", "originator": {"vasp": other.vasp()}, "beneficiary": own}))
    };
    assert_eq!(incoming(3), 200);

    let refused = ask(&world, &member, 4);

    let problem = refused.problem(429, "rate_limited");
    assert!(problem["detail"].as_str().unwrap().contains("that you claim without proof"), "{problem}");
    assert_eq!(asked(outgoing), 429);
    assert_eq!(incoming(4), 429);
    // The refusal does not tell whether somebody else claims the address, too.
    ask(&world, &member, 5).problem(429, "rate_limited");
    // Nothing else is refused.
    for place in [&wallet.address(), &address(50)] {
        assert_eq!(world.owners(&member, place).0, "owned");
    }
    assert_eq!(ask(&world, &member, 60).json()["status"], "not_found");
    flush(&world);
    assert_eq!(alarms_of(&world.registry.registry, "own_addresses_budget.spent"), [Some(member.organisation.to_string())]);
    assert_eq!(alarms(&world.registry.registry), []);
}

/// With more deposit addresses than the budget: beyond it only these wait, and two people let the member ask about all of them.
#[on_every_database(large)]
fn a_member_asks_about_twenty_thousand_own_addresses_when_two_people_let_it(world: World) {
    let vasp = world.registry.record("Alpha", &[("status", "", "verified"), ("country", "", "DE")]);
    let scopes = [Scope::Member, Scope::Resolve, Scope::Precheck];
    let member = world.registry.person_of(OrganisationKind::Member, Some(vasp), &[Role::Editor], &scopes);
    let other = world.member("Beta");
    world.claim(&other, &address(50_000), &json!({}));
    assert_eq!(import(&world, &member, (1..=20_000).map(address))["added"], 20_000);
    let incoming = |number: u64| {
        let own = json!({"address": address(number), "network": "eip155:1"});
        json!({"direction": "incoming", "originator": {"vasp": other.vasp()}, "beneficiary": own, "record": false})
    };
    let answered = || -> usize {
        let numbers: Vec<u64> = (1..=20_000).collect();
        let of_part = |part: &[u64]| {
            let questions: Vec<Value> = part.iter().map(|number| incoming(*number)).collect();
            let answer = world.post(&member, "/v1/prechecks/batch", &json!({"prechecks": questions})).answered(200);
            let results = answer["results"].as_array().unwrap();
            assert!(results.iter().all(|one| one["problem"].is_null() || one["problem"]["status"] == 429), "{results:?}");
            results.iter().filter(|one| one["problem"].is_null()).count()
        };
        numbers.chunks(250).map(of_part).sum()
    };

    let first = answered();

    // The count is an estimate; its error is a few in a hundred.
    assert!((9_500..=10_500).contains(&first), "{first}");
    assert_eq!(world.owners(&member, &address(50_000)).0, "owned", "others' addresses are answered");
    let (reviewer, approver) = world.registry.two_operators();
    let admin = world.registry.person(approver.organisation, &[Role::Admin]);
    let path = format!("/v1/organisations/{}/propose", member.organisation);
    let wish = json!({"own_address_budget": 25_000, "reason": "20,000 deposit addresses of its customers"});
    world.post(&member, &path, &wish).problem(403, "forbidden");
    world.post(&reviewer, &path, &json!({"own_address_budget": 0, "reason": "none"})).problem(422, "invalid_request");
    let proposed = world.post(&reviewer, &path, &wish).answered(201);
    assert_eq!(answered(), 0, "a proposal gives nothing");
    approver.approve(&world.registry, &proposed).with(200);

    assert_eq!(answered(), 20_000);
    let shown = world.get(&admin, &format!("/v1/organisations/{}", member.organisation)).json();
    assert_eq!(shown["own_address_budget"], 25_000);
}

/// Source of the vector: TRP 3.1 Travel Address, `beneficiary.com/x/12345?t=i`.
#[on_every_database(world)]
fn a_travel_address_of_a_known_host_given_along_hides_no_unknown_address(world: World) {
    let gateway = world.gateway();
    world.registry.record("Beneficiary", &[("status", "", "verified"), ("domain", "beneficiary.com", "proven")]);
    let precheck = |number: u64| {
        let travel_address = "ta2W2HPKfHxgSgrzY178knqXHg1H3jfeQrwQ9JrKBs9wv";
        let beneficiary = json!({"address": address(number), "network": "eip155:1", "travel_address": travel_address});
        let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary});
        let answer = world.post(&gateway, "/v1/prechecks", &body);
        let (answer, status) = (answer.json(), answer.status.as_u16());
        (status, answer["resolution"]["status"].clone(), answer["checks"][0]["code"].clone())
    };

    let answers = [1, 2, 3].map(precheck);

    // Nothing ties the address to the host but the word of whoever gave both.
    let expected = (200, json!("owned"), json!("attribution.declared_unconfirmed"));
    assert_eq!(answers, [1, 2, 3].map(|_| expected.clone()), "the host speaks for each");
    assert_eq!(precheck(4).0, 429);
}

#[on_every_database(world)]
fn nodes_that_spend_a_budget_together_give_the_alarm(world: World) {
    let gateway = world.gateway();
    let node = world.node(StoreOptions::default());
    let (asker, now) = (Counted::NotFound(Asker::Organisation(gateway.organisation)), world.registry.clock.now());
    for number in [3, 4] {
        let subject = read_subject(NetworkTable::embedded(), &address(number), None, Some("eip155:1"), None).unwrap();
        let budget = NonZeroU32::new(3).unwrap();
        assert!(!node.not_found().note(asker, &subject, budget, now));
    }
    flush_lossy(&node, now, &mut world.registry.random.fork()).unwrap();
    assert_eq!(ask(&world, &gateway, 1).status.as_u16(), 200);
    flush(&world);
    assert_eq!(alarms(&world.registry.registry), []);

    assert_eq!([2, 5].map(|number| ask(&world, &gateway, number).status.as_u16()), [429, 429]);

    flush(&world);
    assert_eq!(alarms(&world.registry.registry), [Some(gateway.organisation.to_string())]);
    let metrics = world.registry.registry.metrics().render(&Default::default(), world.registry.clock.now()).unwrap();
    assert!(metrics.contains("vasp_registry_not_found_budget_spent_total{kind=\"organisation\"} 1"), "{metrics}");
}

#[test]
fn one_count_that_cannot_be_kept_takes_no_other_along() {
    let world = world(Database::sqlite());
    let mut gateways = [world.gateway(), world.gateway()].map(|gateway| gateway.organisation);
    gateways.sort_unstable();
    let (now, budget, node) = (world.registry.clock.now(), NonZeroU32::new(3).unwrap(), &world.registry.registry);
    let subject = read_subject(NetworkTable::embedded(), &address(1), None, Some("eip155:1"), None).unwrap();
    for gateway in gateways {
        node.not_found().note(Counted::NotFound(Asker::Organisation(gateway)), &subject, budget, now);
    }
    let first = gateways[0];
    let when = format!("BEFORE INSERT ON not_found_budgets WHEN NEW.organisation = '{first}'");
    world.registry.database.run(&format!("CREATE TRIGGER broken {when} BEGIN SELECT RAISE(ABORT, 'broken'); END"));
    let kept = || {
        let rows = node.store().read::<_, StoreError>(|conn| conn.budgets_of("2026-06-01".parse().unwrap())).unwrap();
        rows.into_iter().map(|row| row.organisation).collect::<Vec<_>>()
    };

    let failed = flush_lossy(node, now, &mut world.registry.random.fork());

    assert!(failed.is_err());
    assert_eq!(kept(), [gateways[1]]);
    world.registry.database.run("DROP TRIGGER broken");
    flush(&world);
    assert_eq!(kept(), gateways);
}

#[test]
fn what_was_kept_counts_after_a_restart() {
    let world = world(Database::sqlite());
    let gateway = world.gateway();
    for number in 1..=2 {
        ask(&world, &gateway, number);
    }
    flush(&world);
    let store = world.registry.registry.store().clone();
    let limits = vasp_registry::directory::ClaimIndexOptions::default();
    let (now, mut rng) = (world.registry.clock.now(), world.registry.random.fork());
    let again = Service::open(store, world.registry.keys.clone(), limits, now, &mut rng).unwrap();
    let asker = Counted::NotFound(Asker::Organisation(gateway.organisation));
    let budget = NonZeroU32::new(2).unwrap();

    assert!(again.not_found().check(asker, budget, now).is_err());
    assert!(again.not_found().check(asker, NonZeroU32::new(3).unwrap(), now).is_ok());
}

/// Before, everybody behind a proxy had the proxy's budget, so that one who walks through addresses stopped all others.
#[test]
fn behind_a_trusted_proxy_each_anonymous_caller_has_a_budget() {
    let world = World::start_with(Database::sqlite(), |settings| {
        settings.not_found_budget = NonZeroU32::new(3);
        settings.public_read = true;
        settings.trusted_proxies = vec![std::net::IpAddr::from(std::net::Ipv4Addr::LOCALHOST)];
    });
    let ask = |from: &str, number: u64| {
        let path = format!("/v1/resolve?subject={}&network=eip155:1", address(number));
        world.registry.client.get_with(&path, &[("x-forwarded-for", from)]).status.as_u16()
    };

    assert_eq!([1, 2, 3, 4].map(|number| ask("192.0.2.1", number)), [200, 200, 200, 429]);
    assert_eq!(ask("192.0.2.2", 4), 200);
    // Of IPv6 one caller holds a whole /64.
    assert_eq!([1, 2, 3, 4].map(|number| ask(&format!("2001:db8::{number}"), number)), [200, 200, 200, 429]);
    // Whoever has a /56 has the budget of four addresses.
    let of = |subscriber: u64| [1, 2, 3].map(|number| ask(&format!("2001:db8:0:{subscriber}::1"), 10 * subscriber + number));
    assert_eq!([1, 2, 3].map(of), [[200; 3]; 3]);
    assert_eq!(of(4), [429; 3]);
    assert_eq!(ask("2001:db8:0:100::1", 4), 200, "another /56");
}
