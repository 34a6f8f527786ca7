//! Who reads what an organisation asked: its programs, and people who answer for it.
//!
//! Source: docs/prechecks.md, "What is kept".

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};

use super::world::{LISTED, World};
use crate::support::on_every_database;

#[on_every_database(World::start)]
fn a_colleague_without_a_role_reads_no_recorded_precheck_and_changes_no_watch(world: World) {
    let registry = &world.registry;
    let home = registry.home(OrganisationKind::Gateway, None);
    let user = |kind, roles: &[Role]| registry.user_with(home, kind, roles, (&[Scope::Precheck, Scope::Resolve], None));
    let program = user(UserKind::Machine, &[]);
    let asked = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"},
                       "beneficiary": {"address": LISTED, "network": "eip155:1"}});
    let verdict = program.done(registry, "/v1/prechecks", &asked);
    assert_eq!(verdict["recommendation"], "reject", "{verdict}");
    let record = format!("/v1/prechecks/{}", verdict["id"].as_str().unwrap());
    let watch = format!("/v1/watches/{}", world.vasp_id(super::world::ALSTER));
    let requests = [
        ("GET", "/v1/prechecks".to_owned()),
        ("GET", record.clone()),
        ("GET", format!("{record}/evidence")),
        ("GET", format!("{record}/report")),
        ("POST", format!("{record}/report-link")),
        ("POST", format!("{record}/replay")),
        ("GET", "/v1/watches".to_owned()),
        ("PUT", watch.clone()),
        ("DELETE", watch),
        ("GET", "/v1/alerts".to_owned()),
    ];

    let (nobody, compliance, admin) =
        (user(UserKind::Person, &[]), user(UserKind::Person, &[Role::Compliance]), user(UserKind::Person, &[Role::Admin]));
    for (method, path) in &requests {
        for credentials in [nobody.bearer.clone(), registry.session_of(nobody.user)] {
            let headers = [("authorization", credentials.as_str()), ("content-type", "application/json")];
            let refused = registry.client.send(method, path, &headers, if *method == "PUT" { "{}" } else { "" });
            let problem = refused.problem(403, "forbidden");
            assert!(problem["detail"].as_str().unwrap().contains("role"), "{method} {path}: {problem}");
        }
        for who in [&program, &compliance, &admin] {
            let body = if *method == "PUT" { json!({"jurisdiction": "DE"}) } else { Value::Null };
            let answer = who.send(registry, method, path, &[], &body);
            // A watch ends once; whoever may end it is told that there is none.
            let ended = *method == "DELETE" && answer.status == 404;
            assert!(answer.status.is_success() || ended, "{method} {path} {who:?}: {answer:?}");
        }
    }
    // Asking needs no role: the answer goes to whoever asks.
    nobody.done(registry, "/v1/prechecks", &asked);
}
