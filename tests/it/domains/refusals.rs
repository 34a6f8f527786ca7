//! Who may not, and what is not done: each refusal with its code, and nothing that tells of others.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_words::ids::VaspId;

use super::{ALPHA, BETA, World};
use crate::support::{Answer, on_every_database};

fn code(answer: &Answer) -> (u16, Value) {
    (answer.status.as_u16(), answer.json()["errors"][0]["code"].clone())
}

#[on_every_database(World::new)]
fn domains_that_nobody_can_prove_are_refused_by_name(world: World) {
    let member = world.member("Alpha");
    let post = |body: Value| world.ask(&member.bearer, "POST", "", Some(&body));

    for (domain, expected) in [
        ("127.0.0.1", "host_not_public"),
        ("localhost", "host_not_public"),
        ("com", "host_not_public"),
        ("github.io", "host_not_public"),
        ("[::1]", "invalid_host"),
        ("a b.com", "invalid_host"),
        ("https://example.com", "invalid_host"),
        ("", "invalid_host"),
        // Source: seed/platform_hosts.json.
        ("alpha.didit.me", "platform_host"),
    ] {
        assert_eq!(code(&post(json!({"domain": domain}))), (422, json!(expected)), "{domain}");
    }
    // The platform itself proves its host, for the paths that it delegates.
    assert_eq!(post(json!({"domain": "didit.me"})).status.as_u16(), 201);
    assert_eq!(post(json!({"domain": ALPHA, "token": "mine"})).status.as_u16(), 422);
    assert_eq!(post(json!({})).status.as_u16(), 422);
    let unicode = post(json!({"domain": "Bücher.example.com"}));
    assert_eq!(unicode.json()["domain"], "xn--bcher-kva.example.com", "{unicode:?}");
}

#[on_every_database(World::new)]
fn steps_that_do_not_follow_are_refused_with_what_would(world: World) {
    let member = world.member("Alpha");
    let verify = |domain| code(&world.verify(&member, domain));
    world.challenge(&member, ALPHA, false);

    world.verify(&member, ALPHA).problem(409, "conflict");
    assert_eq!(verify(ALPHA), (409, json!("looked_just_now")));
    world.registry.at(15 * 86_400);
    assert_eq!(verify(ALPHA), (409, json!("challenge_expired")));
    world.prove(&member, ALPHA, false);
    let again = world.ask(&member.bearer, "POST", "", Some(&json!({"domain": ALPHA})));
    assert_eq!(code(&again), (409, json!("already_proven")));

    let vasp = VaspId::new(vasp_words::time::UtcTime::EPOCH, &mut world.registry.random.fork());
    let drafting = world.drafting(vasp);
    assert_eq!(world.ask(&drafting.bearer, "POST", "", Some(&json!({"domain": BETA}))).status.as_u16(), 201);
}

#[on_every_database(World::new)]
fn organisation_without_a_record_has_no_domains(world: World) {
    let organisation = world.registry.home(OrganisationKind::Member, None);
    let key = world.registry.person_with(organisation, &[Role::Admin], &[Scope::Member]).bearer;

    world.ask(&key, "GET", "", None).problem(409, "no_vasp");
    world.ask(&key, "POST", "", Some(&json!({"domain": ALPHA}))).problem(409, "no_vasp");
    world.ask(&key, "GET", &format!("/{ALPHA}"), None).problem(409, "no_vasp");
}

#[on_every_database(World::new)]
fn only_those_who_edit_change_and_all_of_the_member_read(world: World) {
    let member = world.member("Alpha");
    world.challenge(&member, ALPHA, false);
    let compliance = world.registry.person_with(member.organisation, &[Role::Compliance], &[Scope::Member]).bearer;
    let (_, operator) = world.registry.api_key("operator", None);
    let (_, gateway) = world.registry.api_key("resolve", None);
    let body = json!({"domain": BETA});
    let own = format!("/{ALPHA}");
    let verify = format!("/{ALPHA}/verify");
    let requests = [
        ("GET", "", None),
        ("GET", own.as_str(), None),
        ("POST", "", Some(&body)),
        ("POST", verify.as_str(), None),
        ("DELETE", own.as_str(), None),
    ];

    for (method, path, body) in requests {
        let answer = world.ask(&compliance, method, path, body);
        assert_eq!(answer.status.as_u16(), if method == "GET" { 200 } else { 403 }, "{method} {path}: {answer:?}");
        world.ask(&operator, method, path, body).problem(403, "forbidden");
        // A gateway reads what VASPs published, and has none of its own.
        let (status, problem) = if method == "GET" { (409, "no_vasp") } else { (403, "forbidden") };
        world.ask(&gateway, method, path, body).problem(status, problem);
        world.ask("Bearer vr_nothing", method, path, body).problem(401, "unauthenticated");
    }
    assert_eq!(world.own(&member, ALPHA)["state"], "pending");
}

#[on_every_database(World::new)]
fn other_members_domains_are_answered_exactly_as_absent_ones(world: World) {
    let (owner, other) = (world.member("Alpha"), world.member("Beta"));
    world.prove(&owner, ALPHA, false);

    for (method, path) in [("GET", ""), ("DELETE", ""), ("POST", "/verify")] {
        let ask = |domain: &str| world.ask(&other.bearer, method, &format!("/{domain}{path}"), None);
        let (private, absent, broken) = (ask(ALPHA), ask("alpha.example.org"), ask("not%20a%20host"));
        let told = |answer: &Answer| {
            let mut problem = answer.problem(404, "not_found");
            problem["request_id"] = json!(null);
            let headers: std::collections::BTreeSet<_> = answer.headers.keys().map(ToString::to_string).collect();
            (problem, answer.text.len(), headers)
        };
        assert_eq!(told(&private), told(&absent), "{method}");
        assert_eq!(told(&private), told(&broken), "{method}");
    }
    assert_eq!(world.own(&owner, ALPHA)["state"], "proven");
}
