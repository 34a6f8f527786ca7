//! A member that says of many addresses of others that they are its own: how many answers that changes before a reviewer looked.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::allowance::Allowance;
use vasp_record::claim::Visibility;
use vasp_record::role::Role;

use super::memos::{Account, STELLAR};
use super::world::{Wallet, World, address, owned_by};
use crate::support::{Database, Person, on_every_database};

/// A registry with the default allowance, but for how many claims may wait.
pub(super) fn world(database: Database) -> World {
    World::start_with(database, |settings| {
        settings.claims.allowance = Allowance { waiting: 70, ..Allowance::default() };
    })
}

pub(super) fn operator(world: &World) -> Person {
    world.registry.two_operators().0
}

pub(super) fn days(world: &World, days: i64) {
    let clock = &world.registry.clock;
    clock.set(clock.now().plus_secs(days * 86_400));
}

pub(super) fn import(world: &World, party: &Person, addresses: impl Iterator<Item = String>) -> Value {
    let line = |address: String| json!({"network": "eip155:1", "address": address, "role": "hot"}).to_string();
    let body: Vec<String> = addresses.map(line).collect();
    let headers = [("authorization", party.bearer.as_str()), ("content-type", "application/jsonl")];
    world.registry.client.send("POST", "/v1/claims/import", &headers, &body.join("\n")).answered(200)
}

pub(super) fn counts(report: &Value) -> [u64; 4] {
    ["added", "conflicts", "pending", "unchanged"].map(|name| report[name].as_u64().unwrap())
}

/// How many of some addresses are answered as conflicted.
pub(super) fn conflicted(world: &World, gateway: &Person, numbers: impl Iterator<Item = u64>) -> usize {
    numbers.filter(|number| world.owners(gateway, &address(*number)).0 == "conflicted").count()
}

/// An exchange with sixty addresses, a liar verified for thirty days and more, and a gateway.
pub(super) fn sixty(world: &World) -> (Person, Person, Person) {
    let (exchange, liar, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    days(world, 31);
    import(world, &exchange, (1..=60).map(address));
    (exchange, liar, gateway)
}

/// The cases whose claims wait.
pub(super) fn pending(world: &World, operator: &Person) -> Vec<Value> {
    world.get(operator, "/v1/claims/pending").json()["items"].as_array().unwrap().clone()
}

#[on_every_database(world)]
fn one_import_changes_ten_answers_a_day_and_fifty_at_the_same_time(world: World) {
    let (exchange, liar, gateway) = sixty(&world);

    let report = import(&world, &liar, (1..=60).map(address));

    assert_eq!(counts(&report), [0, 10, 50, 0]);
    assert_eq!(conflicted(&world, &gateway, 1..=60), 10);
    assert_eq!(world.owners(&gateway, &address(60)), owned_by(&exchange));
    let again = import(&world, &liar, (1..=60).map(address));
    assert_eq!((counts(&again), &again["batch"]), ([0, 0, 0, 60], &Value::Null));
    assert_eq!(again["rows"][59]["code"], "pending_review");
    // One claim at a time is no way around, and neither is another day for what waits already.
    let single = world.claim(&liar, &address(61), &json!({}));
    assert_eq!((&single["state"], &single["disputed"]), (&json!("live"), &json!(false)), "nobody else says so");
    import(&world, &exchange, (101..=200).map(address));
    let one = world.claim(&liar, &address(101), &json!({}));
    assert_eq!((&one["state"], &one["disputed"]), (&json!("pending_review"), &json!(true)));
    for day in 1..=5 {
        days(&world, 1);
        import(&world, &liar, (101 + 10 * day..111 + 10 * day).map(address));
    }
    let after = conflicted(&world, &gateway, (1..=60).chain(101..=200));

    assert_eq!(after, 50, "ten a day, until fifty stand");
}

#[on_every_database(world)]
fn a_claim_on_an_address_costs_as_many_answers_as_others_have_memos_there(world: World) {
    let (exchange, other, liar) = (world.member("Alpha"), world.member("Gamma"), world.member("Beta"));
    days(&world, 31);
    let said = |party: &Person, account: u8, memo: Option<String>| {
        world.claim(party, &Account::new(account).address(), &json!({"network": STELLAR, "memo": memo}))["state"].clone()
    };
    for (account, memos) in [(1, 11), (2, 4), (3, 7), (4, 6)] {
        for memo in 0..memos {
            said(if memo == 0 { &other } else { &exchange }, account, Some(memo.to_string()));
        }
    }

    assert_eq!(said(&liar, 1, None), "pending_review", "eleven answers are more than ten");
    assert_eq!(said(&liar, 2, None), "live", "four of ten");
    assert_eq!(said(&liar, 3, None), "pending_review", "six are left");
    assert_eq!([said(&liar, 4, None), said(&liar, 2, Some("1".to_owned()))], ["live", "pending_review"]);

    // What counts goes on to cost until it ends: of fifty forty are left in all, ten of them today.
    days(&world, 1);
    for account in 11..=19 {
        (0..5).for_each(|memo| drop(said(&exchange, account, Some(memo.to_string()))));
    }
    let states: Vec<Value> = (11..=13).map(|account| said(&liar, account, None)).collect();
    assert_eq!(states, ["live", "live", "pending_review"]);
}

#[on_every_database(world)]
fn who_was_just_verified_contradicts_nobody_and_nobody_contradicts_what_stood_undisputed(world: World) {
    let (exchange, gateway) = (world.member("Alpha"), world.gateway());
    world.claim(&exchange, &address(1), &json!({}));
    world.label(&address(2), Visibility::Public);
    days(&world, 61);
    let newcomer = world.member("Beta");
    days(&world, 29);
    let said = world.claim(&newcomer, &address(1), &json!({}));
    assert_eq!(said["state"], "pending_review");

    days(&world, 2);

    // The newcomer may contradict from now on, but neither of these: ninety days without another word.
    for number in [1, 2] {
        world.post(&newcomer, "/v1/claims", &json!({"network": "eip155:1", "address": address(number), "role": "hot"}));
    }
    assert_eq!(conflicted(&world, &gateway, 1..=2), 0);
    world.claim(&exchange, &address(3), &json!({}));
    world.claim(&newcomer, &address(3), &json!({}));
    assert_eq!(conflicted(&world, &gateway, 3..=3), 1);
}

#[on_every_database(world)]
fn what_waits_is_proven_withdrawn_or_counts_when_nobody_says_otherwise_any_more(world: World) {
    let (exchange, liar, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let wallet = Wallet::new(1);
    for place in [wallet.address(), address(1), address(2)] {
        world.claim(&exchange, &place, &json!({}));
    }
    let waits = world.claim(&liar, &wallet.address(), &json!({}));
    let path = |claim: &Value, tail: &str| format!("/v1/claims/{}{tail}", claim["id"].as_str().unwrap());
    let listed = |state: &str| world.get(&liar, &format!("/v1/claims?state={state}")).json()["items"].clone();
    assert_eq!(listed("pending_review"), json!([world.get(&liar, &path(&waits, "")).json()]));
    assert_eq!(listed("live"), json!([]));

    let challenge = world.post(&liar, &path(&waits, "/challenge"), &json!({})).json();
    let proof = wallet.prove(challenge["challenge"].as_str().unwrap());
    let proven = world.post(&liar, &path(&waits, "/proof"), &proof).json();

    assert_eq!((&proven["strength"], &proven["replaces"]), (&json!("proven"), &waits["id"]));
    assert_eq!(world.owners(&gateway, &wallet.address()), owned_by(&liar));
    assert_eq!(world.get(&liar, &path(&waits, "")).json()["state"], "replaced");

    let (gone, kept) = (world.claim(&liar, &address(1), &json!({})), world.claim(&liar, &address(2), &json!({})));
    let longer = json!({"visibility": "public"});
    let changed = world.change(&liar, "PATCH", &path(&kept, ""), "*", &longer).json();
    assert_eq!((&changed["state"], &changed["visibility"]), (&json!("pending_review"), &json!("public")));
    let withdrawn = world.change(&liar, "DELETE", &path(&gone, ""), "*", &Value::Null).json();
    assert_eq!(withdrawn["state"], "withdrawn");
    assert_eq!(conflicted(&world, &gateway, 1..=2), 0);
    let own = world.get(&exchange, "/v1/claims?state=live").json()["items"].clone();
    for claim in own.as_array().unwrap() {
        world.change(&exchange, "DELETE", &path(claim, ""), "*", &Value::Null);
    }
    let counts_now = world.claim(&liar, &address(2), &json!({}));
    assert_eq!((&counts_now["state"], &counts_now["replaces"]), (&json!("live"), &changed["id"]));
    assert_eq!(world.owners(&gateway, &address(2)), owned_by(&liar));
}

#[on_every_database(world)]
fn a_member_has_one_case_whose_rows_one_reviewer_lets_count_and_two_people_end(world: World) {
    let (exchange, liar, gateway) = sixty(&world);
    let reviewer = operator(&world);
    let approver = world.registry.person(reviewer.organisation, &[Role::Approver]);
    import(&world, &liar, (1..=40).map(address));
    import(&world, &liar, (41..=45).map(address));

    let cases = pending(&world, &reviewer);

    assert_eq!((cases.len(), &cases[0]["count"], &cases[0]["vasp"]), (1, &json!(35), &json!(liar.vasp())));
    let case = cases[0]["case"].as_str().unwrap();
    let shown = world.get(&reviewer, &format!("/v1/cases/{case}")).json();
    let triggers = shown["triggers"].as_array().unwrap().iter().filter(|one| one["kind"] == "pending_claims").count();
    assert_eq!(triggers, 1, "{shown}");
    let rows = world.get(&reviewer, &format!("/v1/claims/pending/{case}/rows?limit=2")).json();
    assert_eq!((rows["items"].as_array().unwrap().len(), &rows["items"][0]["claim"]["address"]), (2, &json!(address(11))));
    assert_eq!(rows["items"][0]["against"][0]["vasp"], exchange.vasp().to_string());
    world.get(&liar, "/v1/claims/pending").problem(403, "forbidden");
    let count = |rows: Value| {
        let body = json!({"rows": rows, "reason": "both say so"});
        world.post(&reviewer, &format!("/v1/claims/pending/{case}/count"), &body)
    };
    let first = rows["items"][0]["claim"]["id"].clone();
    let counted = count(json!([first])).json();
    assert_eq!((&counted["counted"], &counted["waiting"]), (&json!(1), &json!(34)));
    assert_eq!(world.owners(&gateway, &address(11)).0, "conflicted", "never owned by who waited");
    count(json!([first])).problem(404, "not_found");
    assert_eq!(world.get(&liar, &format!("/v1/claims/{}", first.as_str().unwrap())).json()["state"], "live");
    assert_eq!(conflicted(&world, &gateway, 12..=60), 0);

    // What nobody may count any more ends with all that the VASP says.
    let body = json!({"vasp": liar.vasp(), "reason": "none of it is its own"});
    let proposed = world.post(&reviewer, "/v1/claims/ends/propose", &body).answered(201);
    assert!(proposed["says"].as_str().unwrap().contains(": 45 are in force now."), "{proposed}");
    approver.approve(&world.registry, &proposed).with(200);
    assert_eq!(conflicted(&world, &gateway, 1..=60), 0);
    assert_eq!(pending(&world, &reviewer), [Value::Null; 0]);
    let ended = world.get(&liar, "/v1/claims?state=ended&limit=100").json();
    assert_eq!(ended["items"].as_array().unwrap().len(), 45);
    count(json!("all")).problem(409, "illegal_step");
}

#[on_every_database(world)]
fn an_address_waits_once_and_a_check_is_drawn_once(world: World) {
    let (exchange, liar, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let path = |claim: &Value| format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    let until = |days: i64| json!({"expires_at": world.registry.clock.now().plus_secs(days * 86_400).to_string()});
    // The liar's own claim is over; the exchange holds the address meanwhile.
    let over = world.claim(&liar, &address(1), &until(1));
    days(&world, 2);
    world.claim(&exchange, &address(1), &json!({}));

    let waits = world.change(&liar, "PATCH", &path(&over), "*", &until(100)).json();

    assert_eq!(waits["state"], "pending_review");
    let again = world.change(&liar, "PATCH", &path(&over), "*", &until(100));
    assert_eq!(again.problem(409, "conflict")["errors"][0]["code"], "claimed_already");
    world
        .post(&liar, "/v1/claims", &json!({"network": "eip155:1", "address": address(1), "role": "hot"}))
        .problem(409, "conflict");
    world.claim(&exchange, &address(2), &json!({}));
    let short = world.claim(&liar, &address(2), &until(1));
    days(&world, 2);
    world.change(&liar, "PATCH", &path(&short), "*", &until(100)).problem(409, "illegal_step");
    let case = pending(&world, &operator(&world))[0]["case"].as_str().unwrap().to_owned();
    // Nothing that came after what the reviewer saw counts with it.
    world.claim(&exchange, &address(3), &json!({}));
    world.claim(&liar, &address(3), &json!({}));
    let body = json!({"rows": "all", "until": waits["id"], "reason": "seen"});
    let counted = world.post(&operator(&world), &format!("/v1/claims/pending/{case}/count"), &body).json();
    assert_eq!((&counted["counted"], &counted["waiting"]), (&json!(1), &json!(1)));
    assert_eq!(conflicted(&world, &gateway, 1..=3), 1);
}

#[on_every_database]
fn what_a_member_may_not_know_of_it_does_not_learn_by_what_waits(database: Database) {
    let world = World::start_with(database, |settings| {
        settings.claims.allowance = Allowance { waiting: 4, ..Allowance::default() };
        settings.not_found_budget = std::num::NonZeroU32::new(2);
    });
    let (exchange, liar, friend) = (world.member("Alpha"), world.member("Beta"), world.gateway());
    let named = json!({"visibility": "named", "named": [friend.organisation.to_string()]});
    world.claim(&exchange, &address(1), &named);
    import(&world, &exchange, (2..=9).map(address));

    let hidden = import(&world, &liar, std::iter::once(address(1)));
    let told = import(&world, &liar, (2..=4).map(address));

    assert_eq!((counts(&hidden), &hidden["rows"][0]["code"]), ([1, 0, 0, 0], &Value::Null));
    let outcomes: Vec<&Value> = told["rows"].as_array().unwrap().iter().map(|row| &row["outcome"]).collect();
    assert_eq!(outcomes, ["pending_review", "added", "added"], "two a day are told, the hidden one among them");
    assert_eq!((hidden["batch"].is_i64(), &hidden["pending_batch"]), (true, &Value::Null), "as if it counted");
    for (report, row) in [(&hidden, 0), (&told, 1), (&told, 2)] {
        let id = report["rows"][row]["claim"].as_str().unwrap();
        let shown = world.get(&liar, &format!("/v1/claims/{id}")).json();
        assert_eq!((&shown["state"], shown["batch"].is_i64()), (&json!("live"), true));
    }
    let live = world.get(&liar, "/v1/claims?state=live").json();
    assert_eq!(live["items"].as_array().unwrap().len(), 3);
    assert_eq!(world.owners(&friend, &address(1)), owned_by(&exchange));
    let reviewer = operator(&world);
    assert_eq!(pending(&world, &reviewer)[0]["count"], 4, "reviewers see all");

    // Four wait; a fifth is refused, and says how to go on.
    let line = json!({"network": "eip155:1", "address": address(5), "role": "hot"}).to_string();
    let headers = [("authorization", liar.bearer.as_str()), ("content-type", "application/jsonl")];
    let refused = world.registry.client.send("POST", "/v1/claims/import", &headers, &line);
    refused.problem(429, "rate_limited");
    assert_eq!(refused.header("retry-after"), "3600");
}
