//! Whoever relied on what the registry told of an address is told when another claim, or the end of one, changes that answer.

use serde_json::{Value, json};
use vasp_addresses::travel_address::TravelAddress;
use vasp_clock::Clock;
use vasp_record::claim::Visibility;
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_registry::node::Registry as Node;
use vasp_registry::precheck::erase_due_prechecks;
use vasp_registry::watch::Watcher;
use vasp_store::{AlertFilter, ReliedDestinationRow, ReliedPart, StoreError, StoreOptions, WatchPart};
use vasp_words::time::UtcTime;

use crate::member_claims::world::{World, address};
use crate::support::{Person, controllers, on_every_database};

/// Has a node look once; then a second goes by, so that alerts have an order.
fn look(world: &World, node: &Node, watcher: &mut Watcher) {
    watcher.step(node, world.registry.clock.now(), &mut world.registry.random.fork(), &|| false).unwrap();
    world.registry.advance(1);
}

/// Somebody who may do all that a gateway may.
fn gateway(world: &World) -> Person {
    let scopes: Vec<Scope> = Scope::ALL.iter().copied().filter(|scope| scope.exists_in(OrganisationKind::Gateway)).collect();
    world.registry.person_of(OrganisationKind::Gateway, None, &[Role::Admin, Role::Compliance], &scopes)
}

/// Asks about a destination and has it recorded; returns the id.
#[track_caller]
fn rely(world: &World, party: &Person, beneficiary: &Value) -> String {
    let body = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": beneficiary});
    let answer = world.post(party, "/v1/prechecks", &body).with(200);
    assert_ne!(answer.json()["recommendation"], "reject");
    answer.json()["id"].as_str().unwrap().to_owned()
}

fn ethereum(number: u64) -> Value {
    json!({"address": address(number), "network": "eip155:1"})
}

/// The alerts about destinations, oldest first.
fn alerts(world: &World, party: &Person) -> Vec<Value> {
    let listed = world.get(party, "/v1/alerts").json();
    let mut alerts: Vec<Value> = listed["items"].as_array().unwrap().clone();
    alerts.retain(|alert| alert["kind"].as_str().unwrap().starts_with("claim."));
    alerts.reverse();
    alerts
}

fn kinds(world: &World, party: &Person) -> Vec<String> {
    alerts(world, party).iter().map(|alert| alert["kind"].as_str().unwrap().to_owned()).collect()
}

fn rows(world: &World) -> Vec<ReliedDestinationRow> {
    let store = world.registry.registry.store();
    store.read::<_, StoreError>(|conn| conn.relied_destinations(ReliedPart::Whole, None, 1_000)).unwrap()
}

#[track_caller]
fn withdraw(world: &World, party: &Person, claim: &Value) {
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    assert_eq!(world.change(party, "DELETE", &path, "*", &Value::Null).status.as_u16(), 200);
}

#[on_every_database(World::start)]
fn a_disputed_and_an_ended_claim_are_told_once_by_two_nodes(world: World) {
    let (member, rival, relying, other) = (world.member("Alpha"), world.member("Beta"), gateway(&world), gateway(&world));
    let node = world.node(StoreOptions::default());
    let (mut here, mut there) = (Watcher::default(), Watcher::default());
    let claim = world.claim(&member, &address(1), &json!({}));
    world.claim(&member, &address(2), &json!({}));
    rely(&world, &relying, &ethereum(1));
    let precheck = rely(&world, &relying, &ethereum(1));
    rely(&world, &other, &ethereum(2));
    look(&world, &world.registry.registry, &mut here);

    let against = world.claim(&rival, &address(1), &json!({}));
    look(&world, &world.registry.registry, &mut here);

    let told = alerts(&world, &relying);
    assert_eq!(told.len(), 1, "{told:?}");
    let alert = &told[0];
    assert_eq!(alert["kind"], "claim.disputed");
    assert_eq!(alert["severity"], "high");
    assert_eq!(alert["vasp"], json!(member.vasp()));
    assert_eq!((&alert["check"], &alert["precheck"]), (&json!("attribution"), &json!(precheck)));
    assert_eq!((&alert["from"], &alert["to"]), (&json!([format!("owned {}", member.vasp())]), &json!(["conflicted"])));
    assert!(alerts(&world, &other).is_empty());
    // A node that is behind sees what was: it tells nothing, and nothing twice once it is as far.
    look(&world, &node, &mut there);
    node.directory().catch_up().unwrap();
    look(&world, &node, &mut there);
    here = Watcher::default();
    look(&world, &world.registry.registry, &mut here);
    assert_eq!(kinds(&world, &relying), ["claim.disputed"]);

    withdraw(&world, &rival, &against);
    look(&world, &world.registry.registry, &mut here);
    assert_eq!(alerts(&world, &relying)[1]["severity"], "info");
    withdraw(&world, &member, &claim);
    node.directory().catch_up().unwrap();
    // Both look at the same moment.
    std::thread::scope(|scope| {
        scope.spawn(|| look(&world, &world.registry.registry, &mut here));
        scope.spawn(|| look(&world, &node, &mut there));
    });
    assert_eq!(kinds(&world, &relying), ["claim.disputed", "claim.restored", "claim.ended"]);
    let third = world.member("Gamma");
    world.claim(&third, &address(1), &json!({}));
    look(&world, &world.registry.registry, &mut here);
    let told = alerts(&world, &relying);
    assert_eq!((&told[3]["kind"], &told[3]["to"]), (&json!("claim.owner_changed"), &json!([format!("owned {}", third.vasp())])));
    assert!(alerts(&world, &other).is_empty());
    // A member that relied on nothing learns nothing either, nor do those whose claims it is about.
    assert!(world.get(&rival, "/v1/alerts").json()["items"].as_array().is_none_or(Vec::is_empty));
}

#[on_every_database(World::start)]
fn a_report_alone_is_for_operators_and_changes_nothing(world: World) {
    let (member, other, relying) = (world.member("Alpha"), world.member("Beta"), gateway(&world));
    let mut watcher = Watcher::default();
    world.claim(&member, &address(1), &json!({}));
    rely(&world, &relying, &ethereum(1));
    look(&world, &world.registry.registry, &mut watcher);

    let report = json!({"network": "ethereum", "address": address(1), "reason": "it is a customer's"});
    assert_eq!(world.post(&other, "/v1/disputes", &report).status.as_u16(), 201);
    look(&world, &world.registry.registry, &mut watcher);
    look(&world, &world.registry.registry, &mut Watcher::default());

    assert!(alerts(&world, &relying).is_empty());
    // It was looked at all the same: what changes the answer is told.
    world.claim(&other, &address(1), &json!({}));
    look(&world, &world.registry.registry, &mut watcher);
    assert_eq!(kinds(&world, &relying), ["claim.disputed"]);
}

#[on_every_database(World::start)]
fn a_claim_that_runs_out_is_told_by_the_clock_alone(world: World) {
    let (member, relying) = (world.member("Alpha"), gateway(&world));
    let mut watcher = Watcher::default();
    world.claim(&member, &address(1), &json!({"expires_at": "2026-06-02T12:00:00Z"}));
    rely(&world, &relying, &ethereum(1));
    look(&world, &world.registry.registry, &mut watcher);

    world.registry.clock.set("2026-06-02T11:59:59Z".parse().unwrap());
    look(&world, &world.registry.registry, &mut watcher);
    assert!(alerts(&world, &relying).is_empty());
    world.registry.clock.set("2026-06-02T13:00:00Z".parse().unwrap());
    look(&world, &world.registry.registry, &mut watcher);

    assert_eq!(kinds(&world, &relying), ["claim.ended"]);
}

/// What one may not see changes no answer, and so no alert: a claim that only others are named for.
#[on_every_database(World::start)]
fn a_claim_that_the_organisation_may_not_see_is_not_told(world: World) {
    let (member, relying) = (world.member("Alpha"), gateway(&world));
    let mut watcher = Watcher::default();
    world.claim(&member, &address(1), &json!({}));
    rely(&world, &relying, &ethereum(1));
    look(&world, &world.registry.registry, &mut watcher);

    world.label(&address(1), Visibility::Named);
    look(&world, &world.registry.registry, &mut watcher);
    assert!(alerts(&world, &relying).is_empty());

    world.label(&address(1), Visibility::Gateways);
    look(&world, &world.registry.registry, &mut watcher);
    assert_eq!(kinds(&world, &relying), ["claim.disputed"]);
}

/// Custodians serve many customers at one address: each memo is a destination of its own.
#[on_every_database(World::start)]
fn memos_of_one_address_are_told_apart(world: World) {
    const CLASSIC: &str = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";
    let (member, other, relying) = (world.member("Alpha"), world.member("Beta"), gateway(&world));
    let mut watcher = Watcher::default();
    let claim =
        |party: &Person, memo: &str| world.claim(party, CLASSIC, &json!({"network": "xrpl:0", "memo": memo, "role": "deposit"}));
    claim(&member, "1");
    let second = claim(&other, "2");
    let [_, precheck] =
        ["1", "2"].map(|memo| rely(&world, &relying, &json!({"address": CLASSIC, "network": "xrpl:0", "memo": memo})));
    look(&world, &world.registry.registry, &mut watcher);

    withdraw(&world, &other, &second);
    look(&world, &world.registry.registry, &mut watcher);

    let told = alerts(&world, &relying);
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["precheck"], &told[0]["vasp"]), (&json!(precheck), &json!(other.vasp())));
}

/// Tells whether bytes, or a printed row, tell an address of Ethereum: its last eight bytes in hex, as they are, or printed as numbers.
fn tells(bytes: &[u8], number: u64) -> bool {
    let last = number.to_be_bytes();
    let printed = format!("{last:?}");
    let printed = printed.trim_matches(['[', ']']).as_bytes();
    let lower = bytes.to_ascii_lowercase();
    let has = |wanted: &[u8]| lower.windows(wanted.len()).any(|part| part == wanted);
    has(hex::encode(last).as_bytes()) || has(printed) || bytes.windows(last.len()).any(|part| part == last)
}

#[on_every_database(World::start)]
fn no_table_tells_which_address_it_is(world: World) {
    // A number that stands nowhere by chance.
    const NUMBER: u64 = 0x5eed_a5da_7e50_0dd1;
    let (member, rival, relying) = (world.member("Alpha"), world.member("Beta"), gateway(&world));
    let mut watcher = Watcher::default();
    let made = world.post(&relying, "/v1/webhooks", &json!({"url": "https://hooks.example.com/registry"})).with(201);
    let webhook = made.json()["webhook"]["id"].as_str().unwrap().to_owned();
    world.claim(&member, &address(NUMBER), &json!({}));
    let precheck = rely(&world, &relying, &ethereum(NUMBER));
    look(&world, &world.registry.registry, &mut watcher);
    world.claim(&rival, &address(NUMBER), &json!({}));
    look(&world, &world.registry.registry, &mut watcher);
    assert_eq!(kinds(&world, &relying), ["claim.disputed"]);

    let key = [vec![0; 12], NUMBER.to_be_bytes().to_vec()].concat();
    let looked = world.registry.registry.store().read::<_, StoreError>(|conn| {
        let of = controllers(104, &key);
        let claims = conn.claims_of(of.first().class.0, &[&key])?;
        assert!(claims.len() == 2 && tells(format!("{claims:?}").as_bytes(), NUMBER), "it is found where it stands");
        let relied = conn.relied_destinations(ReliedPart::Whole, None, 10)?;
        assert!(relied.len() == 1 && !tells(&relied[0].sealed, NUMBER) && !tells(&relied[0].token, NUMBER));
        let row = conn.precheck(precheck.parse().unwrap(), relying.organisation)?.unwrap();
        assert_eq!(row.destination.as_ref(), Some(&relied[0].token));
        let raised = conn.alerts(relying.organisation, &AlertFilter::default(), "", 10)?;
        let sent = conn.deliveries_of(webhook.parse().unwrap(), "", 10)?;
        assert_eq!((sent.len(), raised.len()), (1, 1), "{sent:?} {raised:?}");
        Ok(format!("{relied:?} {row:?} {raised:?} {sent:?}"))
    });
    assert!(!tells(looked.unwrap().as_bytes(), NUMBER));
}

#[on_every_database(World::start)]
fn rows_of_two_organisations_have_nothing_in_common_for_one_address(world: World) {
    world.claim(&world.member("Alpha"), &address(1), &json!({}));
    for relying in [gateway(&world), gateway(&world)] {
        rely(&world, &relying, &ethereum(1));
    }

    let tokens: Vec<Vec<u8>> = rows(&world).into_iter().flat_map(|row| [Some(row.token), row.account]).flatten().collect();

    let different: std::collections::BTreeSet<_> = tokens.iter().collect();
    assert_eq!((tokens.len(), different.len()), (4, 4));
}

#[on_every_database(World::start)]
fn what_is_erased_is_forgotten_by_hand_and_by_the_sweep(world: World) {
    let (member, rival, relying) = (world.member("Alpha"), world.member("Beta"), gateway(&world));
    let mut watcher = Watcher::default();
    for number in [1, 2, 3] {
        world.claim(&member, &address(number), &json!({"expires_at": "2031-01-01T00:00:00Z"}));
    }
    let destination = |id: &str| {
        let store = world.registry.registry.store();
        store
            .read::<_, StoreError>(|conn| Ok(conn.precheck(id.parse().unwrap(), relying.organisation)?.unwrap().destination))
            .unwrap()
    };
    let erase = |id: &str| {
        let (id, now) = (id.parse().unwrap(), world.registry.clock.now());
        world.registry.write(|transaction| transaction.erase_prechecks(relying.organisation, &[id], now));
    };
    let [earlier, last] = [1, 1].map(|number| rely(&world, &relying, &ethereum(number)));
    let kept = rely(&world, &relying, &ethereum(2));

    // The last one stands for the destination.
    erase(&earlier);
    assert_eq!((rows(&world).len(), destination(&earlier)), (2, None));
    erase(&last);

    let left = rows(&world);
    assert_eq!((left.len(), left[0].precheck.to_string(), destination(&last)), (1, kept.clone(), None));
    assert_eq!(destination(&kept), Some(left[0].token.clone()));
    look(&world, &world.registry.registry, &mut watcher);
    for number in [1, 2] {
        world.claim(&rival, &address(number), &json!({}));
    }
    look(&world, &world.registry.registry, &mut watcher);
    let told = alerts(&world, &relying);
    assert_eq!((told.len(), &told[0]["precheck"]), (1, &json!(kept)));

    // Germany's law demands five years.
    world.registry.clock.set("2031-06-03T00:00:00Z".parse().unwrap());
    erase_due_prechecks(&world.registry.registry, world.registry.clock.now(), &mut world.registry.random.fork()).unwrap();
    assert_eq!((rows(&world), destination(&kept)), (vec![], None));
}

/// Before, whoever read the database saw the codes of what an organisation's own checks found, and what it was told.
#[on_every_database(World::start)]
fn what_checks_found_and_what_was_told_is_sealed_for_the_organisation(world: World) {
    let (member, rival, relying) = (world.member("Alpha"), world.member("Beta"), gateway(&world));
    let mut watcher = Watcher::default();
    let made = world.post(&relying, "/v1/webhooks", &json!({"url": "https://hooks.example.com/registry"}));
    let webhook = made.json()["webhook"]["id"].as_str().unwrap().parse().unwrap();
    world.claim(&member, &address(1), &json!({}));
    rely(&world, &relying, &ethereum(1));
    look(&world, &world.registry.registry, &mut watcher);
    world.claim(&rival, &address(1), &json!({}));
    look(&world, &world.registry.registry, &mut watcher);
    let alert = world.get(&relying, "/v1/alerts").json()["items"][0].clone();
    assert_eq!(alert["kind"], "claim.disputed");
    let path = format!("/v1/alerts/{}/acknowledge", alert["id"].as_str().unwrap());
    let noted = world.post(&relying, &path, &json!({"note": "asked our compliance"}));
    assert_eq!((noted.status.as_u16(), &noted.json()["note"]), (200, &json!("asked our compliance")));
    assert_eq!(world.get(&relying, "/v1/alerts").json()["items"][0], noted.json());

    let kept = world.registry.registry.store().read::<_, StoreError>(|conn| {
        let mut kept: Vec<Vec<u8>> = vec![];
        let of_alerts = conn.alerts(relying.organisation, &AlertFilter::default(), "", 10)?;
        kept.extend(of_alerts.into_iter().map(|row| row.sealed));
        kept.extend(conn.deliveries_of(webhook, "", 10)?.into_iter().map(|row| row.sealed));
        let watches = conn.watches(WatchPart::OfOrganisations(&[relying.organisation]), None, 10)?;
        let findings: Vec<Vec<u8>> = watches.into_iter().filter_map(|row| row.findings).collect();
        assert_eq!((kept.len(), findings.len()), (2, 1));
        Ok([kept, findings].concat())
    });
    for sealed in kept.unwrap() {
        assert!(sealed.len() > 1_024, "it is filled up: its length tells nothing");
        for word in ["claim", "attribution", "due_diligence", "compliance"] {
            assert!(!sealed.windows(word.len()).any(|part| part == word.as_bytes()), "{word}");
        }
    }
}

#[on_every_database(World::start)]
fn what_was_not_relied_on_for_a_year_and_whose_organisation_closed_is_left_alone(world: World) {
    let (member, relying) = (world.member("Alpha"), gateway(&world));
    world.claim(&member, &address(1), &json!({"expires_at": "2027-01-01T00:00:00Z"}));
    world.claim(&member, &address(2), &json!({"expires_at": "2028-01-01T00:00:00Z"}));
    rely(&world, &relying, &ethereum(1));
    rely(&world, &relying, &ethereum(2));
    look(&world, &world.registry.registry, &mut Watcher::default());
    let now = world.registry.clock.now();
    let store = world.registry.registry.store();
    let close = |at: Option<UtcTime>| {
        world.registry.write(|transaction| {
            let mut row = transaction.conn().organisation(relying.organisation)?.unwrap();
            (row.closed_at, row.version) = (at, row.version + 1);
            transaction.change_organisation(&row)
        });
    };
    close(Some(now));
    world.registry.clock.set("2027-01-02T00:00:00Z".parse().unwrap());
    look(&world, &world.registry.registry, &mut Watcher::default());
    let count = || {
        let raised = store.read::<_, StoreError>(|conn| conn.alerts(relying.organisation, &AlertFilter::default(), "", 10));
        raised.unwrap().len()
    };
    assert_eq!((rows(&world).len(), count()), (2, 0), "closed");
    close(None);
    look(&world, &world.registry.registry, &mut Watcher::default());
    assert_eq!((rows(&world).len(), count()), (2, 1));

    world.registry.clock.set("2027-06-01T12:00:01Z".parse().unwrap());
    look(&world, &world.registry.registry, &mut Watcher::default());
    assert_eq!(rows(&world), []);
}

/// Beside an address that nobody is known to own, the Travel Address speaks; a claim to the address speaks louder.
#[on_every_database(World::start)]
fn a_travel_address_is_a_destination_too(world: World) {
    let (member, rival, relying) = (world.member("Alpha"), world.member("Beta"), gateway(&world));
    let mut watcher = Watcher::default();
    world.registry.prove_domain(&member.vasp().to_string(), "alpha.example.com");
    let travel = TravelAddress::from_url("pay.alpha.example.com/customer/7?t=i").unwrap().to_string();
    let alone = rely(&world, &relying, &json!({"travel_address": travel}));
    let beside = rely(&world, &relying, &json!({"address": address(1), "network": "eip155:1", "travel_address": travel}));
    assert_eq!(rows(&world).iter().filter(|row| row.account.is_none()).count(), 1);
    look(&world, &world.registry.registry, &mut watcher);

    let claim = world.claim(&rival, &address(1), &json!({}));
    look(&world, &world.registry.registry, &mut watcher);
    let told = alerts(&world, &relying);
    assert_eq!((told.len(), &told[0]["kind"], &told[0]["precheck"]), (1, &json!("claim.owner_changed"), &json!(beside)));
    withdraw(&world, &rival, &claim);
    look(&world, &world.registry.registry, &mut watcher);
    assert_eq!(kinds(&world, &relying), ["claim.owner_changed", "claim.restored"]);

    // Another record that proves the same host: seen with the next going through, an hour later at most.
    world.registry.prove_domain(&rival.vasp().to_string(), "alpha.example.com");
    let later = world.registry.clock.now().plus_secs(3_600);
    world.registry.clock.set(later);
    look(&world, &world.registry.registry, &mut watcher);
    let told = alerts(&world, &relying).split_off(2);
    let told: std::collections::BTreeSet<_> =
        told.iter().map(|alert| (alert["kind"].as_str().unwrap(), alert["precheck"].as_str().unwrap())).collect();
    assert_eq!(told, [("claim.disputed", alone.as_str()), ("claim.disputed", beside.as_str())].into());
    let store = world.registry.registry.store();
    let raised = store.read::<_, StoreError>(|conn| conn.alerts(relying.organisation, &AlertFilter::default(), "", 20));
    assert!(!format!("{:?} {:?}", raised.unwrap(), rows(&world)).contains(&travel));
}
