//! One claim from its first day to its last, and who may see it meanwhile.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_store::StoreError;

use super::world::{World, address, owned_by};
use crate::support::{Database, NOW, assert_undamaged, on_every_database};
use crate::write_races::at_once;

#[on_every_database]
fn a_claim_is_seen_conflicts_changes_and_is_taken_back_at_once(database: Database) {
    let world = World::start(database);
    let (member, other, gateway) = (world.member("Alpha"), world.member("Beta"), world.gateway());

    let made = world.claim(&member, &address(1), &json!({}));

    assert_eq!(made["strength"], "attested");
    assert_eq!(made["visibility"], "gateways");
    assert_eq!(made["state"], "live");
    assert_eq!((&made["disputed"], &made["method"]), (&json!(false), &json!("member_attestation")));
    // 365 days after the clock of tests.
    assert_eq!(made["expires_at"], "2027-06-01T12:00:00Z");
    assert_eq!(world.owners(&gateway, &address(1)), owned_by(&member));
    assert_eq!(world.ask(&gateway, &address(1))["owners"][0]["claim"]["id"], made["id"]);

    let second = world.claim(&other, &address(1), &json!({}));
    assert_eq!(second["disputed"], true);
    let (status, owners) = world.owners(&gateway, &address(1));
    assert_eq!((status.as_str(), owners.len()), ("conflicted", 2));

    let path = format!("/v1/claims/{}", second["id"].as_str().unwrap());
    let version = world.get(&other, &path).header("etag").to_owned();
    let taken_back = world.change(&other, "DELETE", &path, &version, &Value::Null);
    assert_eq!((taken_back.status.as_u16(), &taken_back.json()["state"]), (200, &json!("withdrawn")));
    assert_eq!(world.owners(&gateway, &address(1)), owned_by(&member));
    world.change(&other, "DELETE", &path, &version, &Value::Null).problem(412, "stale_version");

    let path = format!("/v1/claims/{}", made["id"].as_str().unwrap());
    let version = world.get(&member, &path).header("etag").to_owned();
    let body = json!({"role": "cold", "expires_at": "2028-01-01T00:00:00Z"});
    let changed = world.change(&member, "PATCH", &path, &version, &body).json();
    assert_eq!((&changed["replaces"], &changed["role"]), (&made["id"], &json!("cold")));
    assert_ne!(changed["id"], made["id"]);
    let old = world.get(&member, &path).json();
    assert_eq!((&old["state"], &old["replaced_by"]), (&json!("replaced"), &changed["id"]));
    world.change(&member, "PATCH", &path, "*", &body).problem(409, "illegal_step");
    let shown = &world.ask(&gateway, &address(1))["owners"][0]["claim"];
    assert_eq!(shown["id"], changed["id"]);
    assert_eq!(shown["role"], "cold");
    assert_eq!(shown["expires_at"], "2028-01-01T00:00:00Z");

    let database = &world.registry.database;
    assert_undamaged(database);
}

#[on_every_database(World::start)]
fn an_expired_claim_does_not_resolve_and_can_be_said_again(world: World) {
    let (member, gateway) = (world.member("Alpha"), world.gateway());
    let short = world.claim(&member, &address(1), &json!({"expires_at": "2026-06-02T12:00:00Z"}));
    world.claim(&member, &address(2), &json!({}));
    let soon = world.get(&member, "/v1/claims?expires_before=2026-06-30T00:00:00Z").json();
    let ids: Vec<_> = soon["items"].as_array().unwrap().iter().map(|claim| &claim["id"]).collect();
    assert_eq!(ids, [&short["id"]]);

    world.registry.clock.set("2026-06-02T12:00:00Z".parse().unwrap());

    assert_eq!(world.owners(&gateway, &address(1)).0, "not_found");
    assert_eq!(world.owners(&gateway, &address(2)).0, "owned");
    let expired = world.get(&member, "/v1/claims?state=expired").json();
    assert_eq!(expired["items"][0]["id"], short["id"]);
    let path = format!("/v1/claims/{}", short["id"].as_str().unwrap());
    let past = world.change(&member, "PATCH", &path, "*", &json!({"role": "cold"}));
    assert_eq!(past.problem(422, "invalid_request")["errors"][0]["code"], "in_the_past");
    let again = world.change(&member, "PATCH", &path, "*", &json!({"expires_at": "2026-07-01T00:00:00Z"}));
    assert_eq!(again.json()["state"], "live");
    assert_eq!(world.owners(&gateway, &address(1)).0, "owned");
    world.registry.clock.set("2026-07-01T00:00:00Z".parse().unwrap());
    // Saying it anew takes the expired one's place.
    let anew = world.claim(&member, &address(1), &json!({}));
    assert_eq!(anew["replaces"], again.json()["id"]);
}

#[on_every_database(World::start)]
fn the_end_of_a_claim_is_told_in_the_log_to_whom_the_claim_was(world: World) {
    let member = world.member("Alpha");
    let changed = |claim: &Value, visibility: &str| {
        let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
        let store = world.registry.registry.store();
        let before = store.read::<_, StoreError>(|conn| Ok(conn.log_head()?.sequence)).unwrap();
        let after = world.change(&member, "PATCH", &path, "*", &json!({"visibility": visibility})).json();
        let entries = store.read::<_, StoreError>(|conn| conn.log_entries(before, 10)).unwrap();
        let told = entries.into_iter().map(|entry| {
            let payload: Value = serde_json::from_str(&entry.payload.unwrap()).unwrap();
            (entry.envelope.kind, entry.envelope.audience, payload["ended"].clone(), payload["claims"].clone())
        });
        (after, told.collect::<Vec<_>>())
    };
    let entry = |kind: &str, audience: &str, ended: Value, claims: Value| (kind.to_owned(), audience.to_owned(), ended, claims);
    let hidden = world.claim(&member, &address(1), &json!({}));

    let (open, opened) = changed(&hidden, "public");
    let (closed, hid) = changed(&open, "gateways");
    let (_, stayed) = changed(&closed, "gateways");

    let (none, one) = (json!([]), json!(1));
    let ids = |claim: &Value| json!([claim["id"]]);
    assert_eq!(
        opened,
        [entry("claim_batch", "public", none.clone(), one.clone()), entry("claims_ended", "operator", Value::Null, ids(&hidden))]
    );
    assert_eq!(
        hid,
        [entry("claim_batch", "operator", none, one.clone()), entry("claims_ended", "public", Value::Null, ids(&open))]
    );
    assert_eq!(stayed, [entry("claim_batch", "operator", ids(&closed), one)]);
    assert_undamaged(&world.registry.database);
}

#[on_every_database]
fn only_whom_a_claim_names_sees_anything_of_it(database: Database) {
    let world = World::start_with(database, |settings| settings.public_read = true);
    let (member, friend, stranger) = (world.member("Alpha"), world.gateway(), world.gateway());
    let named = json!({"visibility": "named", "named": [friend.organisation.to_string()]});
    let claim = world.claim(&member, &address(1), &named);
    let without = |party| {
        let mut answer = world.ask(party, &address(2));
        answer["subject"].take();
        answer
    };

    assert_eq!(claim["named"].as_array().unwrap().len(), 2, "the member sees its own: {claim}");
    assert_eq!(world.owners(&friend, &address(1)).0, "owned");
    assert_eq!(world.owners(&member, &address(1)).0, "owned");
    let mut hidden = world.ask(&stranger, &address(1));
    hidden["subject"].take();
    assert_eq!(hidden, without(&stranger), "all is as if it were not there");
    assert_eq!(hidden["coverage"][0]["claims"], 0);
    assert_eq!(world.ask(&friend, &address(2))["coverage"][0]["claims"], 1);
    let owning = |party| world.get(party, "/v1/vasps?network=eip155:1").json()["items"].as_array().unwrap().len();
    assert_eq!((owning(&stranger), owning(&friend)), (0, 1));
    let public =
        world.registry.client.post("/v1/resolve", &json!({"subjects": [{"subject": address(1), "network": "eip155:1"}]}));
    assert_eq!(public.json()["results"][0]["status"], "not_found");

    // A second member is not told of what it may not see; the operators are.
    let rival = world.member("Beta");
    assert_eq!(world.claim(&rival, &address(1), &json!({}))["disputed"], false);
    assert_eq!(world.owners(&stranger, &address(1)), owned_by(&rival));
    assert_eq!(world.owners(&friend, &address(1)).0, "conflicted");
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    let opened = world.change(&member, "PATCH", &path, "*", &json!({"visibility": "gateways"}));
    assert_eq!(opened.json()["named"], json!([]));
    assert_eq!(world.owners(&stranger, &address(1)).0, "conflicted");
}

#[on_every_database(World::start)]
fn other_organisations_claims_are_answered_exactly_as_absent_ones(world: World) {
    let (member, other) = (world.member("Alpha"), world.member("Beta"));
    let claim = world.claim(&member, &address(1), &json!({}));
    let id = claim["id"].as_str().unwrap();
    let absent = if id.ends_with('0') { format!("{}1", id.get(..19).unwrap()) } else { format!("{}0", id.get(..19).unwrap()) };
    let seen = |method: &str, id: &str, rest: &str, body: &Value| {
        let answer = world.change(&other, method, &format!("/v1/claims/{id}{rest}"), "*", body);
        let mut problem = answer.problem(404, "not_found");
        problem["request_id"].take();
        let mut headers: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        headers.sort();
        (problem, headers, answer.text.len())
    };
    let proof = json!({"scheme": "eip191", "network": "eip155:1", "address": address(1), "challenge": "x", "signature": "x"});

    for (method, rest, body) in [
        ("GET", "", Value::Null),
        ("GET", "/usage", Value::Null),
        ("PATCH", "", json!({"role": "cold"})),
        ("DELETE", "", Value::Null),
        ("POST", "/challenge", Value::Null),
        ("POST", "/proof", proof),
    ] {
        assert_eq!(seen(method, id, rest, &body), seen(method, &absent, rest, &body), "{method} {rest}");
        assert_eq!(seen(method, id, rest, &body), seen(method, "clm_nonsense", rest, &body), "{method} {rest}");
    }
}

#[on_every_database(World::start)]
fn only_a_verified_vasp_claims_and_a_suspended_one_may_still_take_back(world: World) {
    let body = json!({"network": "eip155:1", "address": address(1), "role": "hot"});
    let scopes = [Scope::Member, Scope::Resolve];
    let listed = world.registry.record("Listed", &[("status", "", "listed")]);
    for vasp in [None, Some(listed)] {
        let member = world.registry.person_of(OrganisationKind::Member, vasp, &[Role::Editor], &scopes);
        world.post(&member, "/v1/claims", &body).problem(409, "illegal_step");
    }
    let vasp = world.registry.record("Gamma", &[("status", "", "verified")]);
    let member = world.registry.person_of(OrganisationKind::Member, Some(vasp), &[Role::Editor], &scopes);
    let reader = world.registry.person_of(OrganisationKind::Member, Some(vasp), &[Role::Compliance], &scopes);
    let gateway = world.gateway();
    world.post(&reader, "/v1/claims", &body).problem(403, "forbidden");
    world.post(&gateway, "/v1/claims", &body).problem(403, "forbidden");
    let claim = world.claim(&member, &address(1), &json!({}));

    world.set_status(&member, "suspended");

    // Whoever asks must find whom the registry warns of.
    let found = world.ask(&gateway, &address(1));
    assert_eq!((&found["status"], &found["owners"][0]["vasp"]["status"]), (&json!("owned"), &json!("suspended")));
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    world.change(&member, "PATCH", &path, "*", &json!({"role": "cold"})).problem(409, "illegal_step");
    assert_eq!(world.change(&member, "DELETE", &path, "*", &Value::Null).status.as_u16(), 200);
    assert_eq!(world.owners(&gateway, &address(1)).0, "not_found");
}

#[on_every_database(World::start)]
fn whose_record_was_merged_into_anothers_does_not_speak_for_that_one(world: World) {
    let scopes = [Scope::Member, Scope::Resolve];
    let vasp = world.registry.record("Alpha", &[("status", "", "verified")]);
    let member = world.registry.person_of(OrganisationKind::Member, Some(vasp), &[Role::Editor], &scopes);
    let (stayed, gateway) = (world.member("Beta"), world.gateway());
    let claim = world.claim(&member, &address(1), &json!({}));
    world.set_status(&member, "retired");
    world.registry.say(vasp, &[("merged_into", "", &stayed.vasp().to_string())]);

    let refused = world.post(&member, "/v1/claims", &json!({"network": "eip155:1", "address": address(2), "role": "hot"}));

    let detail = refused.problem(409, "illegal_step")["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains(&format!("{vasp} was merged into {}", stayed.vasp())), "{detail}");
    assert_eq!(world.owners(&gateway, &address(2)).0, "not_found");
    let path = format!("/v1/claims/{}", claim["id"].as_str().unwrap());
    world.change(&member, "PATCH", &path, "*", &json!({"role": "cold"})).problem(409, "illegal_step");
    assert_eq!(world.change(&member, "DELETE", &path, "*", &Value::Null).status.as_u16(), 200, "it may take back");
}

#[test]
fn a_wrong_address_a_second_claim_and_a_repeated_key_are_told_apart() {
    let world = World::start(Database::sqlite());
    let member = world.member("Alpha");
    let post = |body: Value| world.post(&member, "/v1/claims", &body);
    let code = |answer: crate::support::Answer, status, code: &str| answer.problem(status, code)["errors"][0]["code"].clone();

    let wrong = post(json!({"network": "eip155:1", "address": "0x5aaeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "role": "hot"}));
    assert_eq!(code(wrong, 422, "invalid_subject"), "checksum_mismatch");
    let unknown = post(json!({"network": "eip155:1", "address": address(1), "role": "warm"}));
    assert_eq!(code(unknown, 422, "invalid_request"), "invalid_value");
    let memo = post(json!({"network": "eip155:1", "address": address(1), "role": "hot", "memo": "1"}));
    assert_eq!(code(memo, 422, "invalid_subject"), "memo_invalid");
    let names =
        post(json!({"network": "eip155:1", "address": address(1), "role": "hot", "named": [member.organisation.to_string()]}));
    assert_eq!(code(names, 422, "invalid_request"), "invalid_value");
    let body = json!({"network": "eip155:1", "address": address(1), "role": "hot"}).to_string();
    let headers = [("authorization", member.bearer.as_str()), ("content-type", "application/json"), ("idempotency-key", "one")];
    let first = world.registry.client.send("POST", "/v1/claims", &headers, &body);
    let again = world.registry.client.send("POST", "/v1/claims", &headers, &body);
    assert_eq!((first.status.as_u16(), first.json()), (201, again.json()));
    let second = post(serde_json::from_str(&body).unwrap());
    assert_eq!(code(second, 409, "conflict"), "claimed_already");
}

#[on_every_database(World::start)]
fn usage_is_told_in_counts_and_never_below_three(world: World) {
    let (member, gateway) = (world.member("Alpha"), world.gateway());
    let often = world.claim(&member, &address(1), &json!({}));
    let seldom = world.claim(&member, &address(2), &json!({}));
    let days = |claim: &Value| {
        let answer = world.get(&member, &format!("/v1/claims/{}/usage", claim["id"].as_str().unwrap()));
        answer.json()["days"].as_array().unwrap().clone()
    };
    let flush = || {
        let now = vasp_clock::Clock::now(&*world.registry.clock);
        vasp_registry::cli::flush_lossy(&world.registry.registry, now, &mut world.registry.random.fork()).unwrap();
    };

    for _ in 0..4 {
        world.ask(&gateway, &address(1));
    }
    flush();
    world.ask(&gateway, &address(1));
    world.ask(&gateway, &address(2));
    world.registry.clock.set("2026-06-02T12:00:00Z".parse().unwrap());
    flush();

    let shown = days(&often);
    assert_eq!(shown.len(), 30);
    assert_eq!(shown[28..], [json!({"date": "2026-06-01", "asked": 5}), json!({"date": "2026-06-02", "asked": "fewer than 3"})]);
    assert!(days(&seldom).iter().all(|day| day["asked"] == "fewer than 3"), "one looks like none");
    assert!(NOW.starts_with("2026-06-01"));
}

#[on_every_database]
fn many_at_once_make_one_claim_each_and_one_case(database: Database) {
    let world = World::start_with(database, |settings| settings.workers = 4.try_into().unwrap());
    let members = [world.member("Alpha"), world.member("Beta")];
    let body = json!({"network": "eip155:1", "address": address(1), "role": "hot"});

    let post = |who: usize| (who, world.post(&members[who], "/v1/claims", &body).status.as_u16());
    let statuses = at_once(50, |number| post(number % 2));

    for who in [0, 1] {
        let of = |status| statuses.iter().filter(|seen| **seen == (who, status)).count();
        assert_eq!((of(201), of(409)), (1, 24), "{statuses:?}");
    }
    let disputes = world.registry.registry.store().read::<_, StoreError>(|conn| conn.disputes(true, "", 10)).unwrap();
    assert_eq!(disputes.len(), 1, "whoever came second saw the first");
    let path = "/v1/claims".to_owned();
    let claim = world.get(&members[0], &path).json()["items"][0].clone();
    let path = format!("{path}/{}", claim["id"].as_str().unwrap());
    let version = world.get(&members[0], &path).header("etag").to_owned();
    let change = || world.change(&members[0], "PATCH", &path, &version, &json!({"role": "cold"})).status.as_u16();
    let changed = at_once(20, |_| change());
    assert_eq!(changed.iter().filter(|status| **status == 200).count(), 1, "{changed:?}");
    assert!(changed.iter().all(|status| [200, 412].contains(status)), "{changed:?}");
    assert_undamaged(&world.registry.database);
}
