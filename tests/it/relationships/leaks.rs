//! Nobody but the organisation learns anything: not by answers, their length or entity tags, not by the log, the audit chain, the
//! database or the server's own log.

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role, Scope};
use vasp_store::StoreError;

use super::desk::{Desk, closed};
use crate::prechecks::world::{ALSTER, LIFFEY, lei};
use crate::support::{Answer, Client, Database, Deployment, Person, Server, approval, dump, on_every_database, step};

/// A decision whose every text can be searched for.
fn canaries() -> Value {
    let terms = json!({"risk": "high", "risk_note": "canary-note", "agreement_reference": "canary-agreement",
                       "responsibilities": "canary-duties"});
    let conditions = json!({"other": "canary-condition"});
    let track = json!({"status": "approved_with_conditions", "review_due": "2027-05-31", "conditions": conditions});
    json!({"travel_rule": track, "terms": terms, "reason": "canary-reason"})
}

/// The id of no proposal.
const NONE: &str = "prp_00000000000000000000000000";

const CANARIES: [&str; 5] = ["canary-note", "canary-agreement", "canary-duties", "canary-condition", "canary-reason"];

fn ask(who: Option<&Person>, desk: &Desk, method: &str, path: &str, body: &str) -> Answer {
    let mut headers = vec![("x-request-id", "same"), ("content-type", "application/json")];
    headers.extend(who.map(|who| ("authorization", who.bearer.as_str())));
    desk.world.registry.client.send(method, path, &headers, body)
}

/// Everything that others can ask about a VASP and a proposal about it, as it is answered.
fn seen_by(who: Option<&Person>, desk: &Desk, vasp: &str, proposal: &str) -> Vec<Answer> {
    let get = |path: String| ask(who, desk, "GET", &path, "");
    let precheck =
        json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"vasp": vasp}, "record": false});
    let relationships = "/v1/relationships".to_owned();
    vec![
        get(format!("/v1/vasps/{vasp}")),
        get(format!("/v1/vasps/{vasp}/history")),
        get("/v1/vasps?limit=50&view=full".to_owned()),
        get(relationships.clone()),
        get(format!("{relationships}/{vasp}")),
        get("/v1/changes?since=0".to_owned()),
        get("/v1/proposals".to_owned()),
        get(format!("/v1/proposals/{proposal}")),
        ask(who, desk, "POST", "/v1/prechecks", &precheck.to_string()),
        ask(who, desk, "POST", &format!("/v1/proposals/{proposal}/approve"), r#"{"digest": "00"}"#),
    ]
}

#[on_every_database(Desk::new)]
fn nobody_else_sees_whether_there_is_a_relationship(desk: Desk) {
    let registry = &desk.world.registry;
    let alster = desk.world.vasp_id(ALSTER);
    let every =
        |kind: OrganisationKind| -> Vec<Scope> { Scope::ALL.iter().copied().filter(|scope| scope.exists_in(kind)).collect() };
    let person = |kind, vasp| {
        let roles: Vec<Role> = Role::ALL.iter().copied().filter(|role| role.exists_in(kind)).collect();
        registry.person_of(kind, vasp, &roles, &every(kind))
    };
    let others = [
        Some(person(OrganisationKind::Member, None)),
        Some(person(OrganisationKind::Gateway, None)),
        Some(person(OrganisationKind::Operator, None)),
        // The counterparty itself.
        Some(person(OrganisationKind::Member, Some(alster.parse().unwrap()))),
        None,
    ];
    let look = |proposal: &str| others.iter().map(|who| seen_by(who.as_ref(), &desk, &alster, proposal)).collect::<Vec<_>>();
    let head = || registry.registry.store().read::<_, StoreError>(|conn| Ok(conn.log_head()?.sequence)).unwrap();
    // The registry's keys are made when it signs first, which is in the log.
    look(NONE);
    let (before, sequence) = (look(NONE), head());

    desk.decide(&alster, &canaries());
    desk.restrict(&lei(LIFFEY), &closed("refused"));
    let wanted = json!({"travel_rule": {"status": "terminated", "terminated_for_aml": true}, "reason": "canary-reason"});
    let proposed = desk.propose(&desk.ada, &alster, &wanted).answered(201);

    for (before, after) in before.iter().flatten().zip(look(proposed["id"].as_str().unwrap()).iter().flatten()) {
        before.assert_same(after);
    }
    assert_eq!(head(), sequence, "nothing of it is in the log");
}

#[on_every_database(Desk::new)]
fn the_audit_chain_tells_what_was_done_to_the_organisation_only(desk: Desk) {
    let (registry, alster) = (&desk.world.registry, desk.world.vasp_id(ALSTER));
    let admin = registry.person_with(desk.world.organisation, &[Role::Admin], &[Scope::Admin]);
    let (operator, _) = registry.two_admins();
    let decided = desk.decide(&alster, &canaries());
    desk.approve(&desk.ada, &decided).problem(409, "illegal_step");

    let own = admin.read(registry, "/v1/audit?limit=1000");
    let actions: Vec<&str> = own["items"].as_array().unwrap().iter().map(|item| item["action"].as_str().unwrap()).collect();
    let refused = "POST /v1/proposals/{id}/approve";
    assert_eq!(actions[..3], [refused, "relationship.approve", "relationship.propose"]);
    assert_eq!(own["items"][2]["details"]["content"]["reason"], "canary-reason");
    assert!(own["items"][1]["details"]["says"].as_str().unwrap().contains(&alster), "{own}");
    let all =
        operator.get(registry, "/v1/audit?organisation=all&limit=1000").text + &operator.get(registry, "/v1/audit/export").text;
    assert!(all.contains("private.change"), "{all}");
    for canary in CANARIES.iter().chain(&["relationship", alster.as_str(), "illegal_step"]) {
        assert!(!all.contains(canary), "{canary} is in {all}");
    }
}

/// Where a secret could lie: the files of the database and beside it, or everything that a server's database dumps.
fn stored(database: &Database) -> Option<Vec<u8>> {
    match database.file() {
        Some(file) => {
            let files = std::fs::read_dir(file.parent().unwrap())
                .unwrap()
                .map(|entry| std::fs::read(entry.unwrap().path()).unwrap_or_default());
            Some(files.collect::<Vec<_>>().concat())
        }
        None => dump(&database.url.whole()),
    }
}

/// The real binary at its most talkative: neither its log nor its database holds a word of what was decided.
#[on_every_database]
fn neither_the_log_nor_the_database_holds_a_word_of_it(database: Database) {
    let deployment = Deployment::new(database);
    let register = crate::prechecks::world::register("2026-05-20", &[]).to_string();
    let file = deployment.file("register.json", &register);
    deployment.said(&["import", "register-json", file.to_str().unwrap()]);
    let home = deployment.said(&["organisation", "create", "--kind", "gateway", "--name", "G"]);
    let mut command = deployment.serve();
    command.env("VASP_REGISTRY_LOG_LEVEL", "trace");
    let server = Server::start(command);
    let client = Client::new(server.address);
    let [ada, bert] = ["A", "B"].map(|name| deployment.enrolled(&client, &home, (name, "compliance")).bearer);
    let send = |bearer: &str, method: &str, path: &str, body: &Value| {
        let headers =
            [("authorization", bearer), ("content-type", "application/json"), ("if-match", "*"), ("idempotency-key", path)];
        client.send(method, path, &headers, &if body.is_null() { String::new() } else { body.to_string() })
    };
    let alster = send(&ada, "GET", &format!("/v1/vasps/{}", lei(ALSTER)), &Value::Null).json()["id"].as_str().unwrap().to_owned();
    let mut wanted = canaries();
    // The binary's clock is the machine's.
    wanted["travel_rule"] = json!({"status": "refused"});
    let path = |action: &str| format!("/v1/relationships/{alster}/{action}");

    let proposed = send(&ada, "POST", &path("propose"), &wanted).answered(201);
    let digest = proposed["digest"].as_str().unwrap().to_owned();
    send(&bert, "POST", &step(&proposed, "approve"), &approval(&proposed)).with(200);
    send(&ada, "POST", &path("propose"), &json!({"canary-member": 1}));
    send(&ada, "POST", &path("restrict"), &wanted).problem(409, "illegal_step");
    let relationship = proposed["subject"].as_str().unwrap().to_owned();
    let (code, log) = server.stop("TERM");

    assert_eq!(code, Some(0));
    assert!(log.contains("answered"), "{log}");
    for canary in CANARIES.iter().chain(&[alster.as_str(), relationship.as_str(), digest.as_str(), "refused to deal"]) {
        assert!(!log.contains(canary), "{canary} is in the log: {log}");
    }
    let Some(bytes) = stored(&deployment.database) else { return };
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.contains("Alster Krypto AG") && text.contains(&relationship), "the search finds what is there");
    for canary in CANARIES.iter().chain(&[digest.as_str(), "illegal_step"]) {
        assert!(!text.contains(canary), "{canary} is in the database");
    }
}
