//! A server killed while members and reviewers write: what was acknowledged is in the record, in the case and in the audit chain,
//! and both chains recompute. `TEST_KILLS` and `TEST_SEED` as in `crash`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use vasp_clock::Stopwatch;
use vasp_log::audit::AuditOutcome;
use vasp_store::{AuditFilter, AuditRow, Store, StoreError};

use crate::crash::{kills, seeded, wait_below};
use crate::support::{
    Client, Database, Deployment, Server, SetAtEnd, assert_audit_recomputes, assert_undamaged, on_every_database, open_store,
};

/// Writes that were acknowledged: version of the record after a change, or number of a note in the case.
#[derive(Debug, Default)]
struct Acknowledged {
    versions: Vec<i64>,
    notes: Vec<i64>,
    keys: Vec<(String, Value)>,
}

/// Counts writes, so that no two say the same.
static WRITES: AtomicUsize = AtomicUsize::new(0);

struct Parties {
    member: String,
    reviewer: String,
    case: String,
}

fn parties(deployment: &Deployment) -> Parties {
    let key = |kind: &str, role: &str, scope: &str| {
        let organisation = deployment.said(&["organisation", "create", "--name", kind, "--kind", kind]);
        let user = deployment.said(&["user", "create", "--organisation", &organisation, "--name", kind, "--role", role]);
        format!("Bearer {}", deployment.said(&["api-key", "create", "--user", &user, "--scope", scope]))
    };
    let (member, reviewer) = (key("member", "editor", "member"), key("operator", "reviewer", "operator"));
    let server = Server::start(deployment.serve());
    let client = Client::new(server.address);
    let send = |path: &str, headers: &[(&str, &str)], body: &str| {
        let mut all = vec![("authorization", member.as_str()), ("content-type", "application/json")];
        all.extend(headers);
        let answer = client.send("POST", path, &all, body);
        assert!(answer.status.is_success(), "{answer:?}");
        answer.json()
    };
    send("/v1/vasps", &[], r#"{"legal_name": "Name 0", "country": "DE"}"#);
    let submitted = send("/v1/vasps/mine/draft/submit", &[("if-match", "*")], "");
    let case = submitted["case"]["id"].as_str().unwrap().to_owned();
    server.kill();
    Parties { member, reviewer, case }
}

/// Changes the record, or notes something in its case, again and again until told to stop or the server is gone.
fn keep_writing(client: &Client, parties: &Parties, number: usize, done: &Mutex<Acknowledged>, stop: &AtomicBool) {
    for write in 0.. {
        if stop.load(Ordering::SeqCst) {
            return;
        }
        let key = format!("{}-{number}-{write}", WRITES.fetch_add(1, Ordering::SeqCst));
        let headers = |who: &'static str| [("content-type", "application/json"), ("if-match", who)];
        let answer = if number.is_multiple_of(2) {
            let mut all = headers("*").to_vec();
            all.push(("authorization", &parties.member));
            client.try_send("PATCH", "/v1/vasps/mine/draft", &all, &json!({"legal_name": format!("Name {key}")}).to_string())
        } else {
            let all = [("authorization", parties.reviewer.as_str()), ("content-type", "application/json")];
            let path = format!("/v1/cases/{}/notes", parties.case);
            client.try_send("POST", &path, &all, &json!({"text": key}).to_string())
        };
        let Some(answer) = answer else { return };
        let mut done = done.lock().unwrap();
        match (answer.status.as_u16(), number.is_multiple_of(2)) {
            (200, true) => {
                let body = answer.json();
                done.versions.push(body["version"].as_i64().unwrap());
                done.keys.push((key, body));
            }
            (201, false) => done.notes.push(answer.json()["number"].as_i64().unwrap()),
            (412, true) => {}
            _ => panic!("{answer:?}"),
        }
    }
}

fn audit(store: &Store) -> Vec<AuditRow> {
    store.read::<_, StoreError>(|conn| conn.audit_chain(&AuditFilter::default(), 0, i64::MAX, i64::MAX)).unwrap()
}

#[on_every_database]
fn a_killed_server_has_kept_every_change_of_a_member_that_it_acknowledged(database: Database) {
    let rounds = kills(&database, 2);
    let deployment = Deployment::new(database);
    let parties = parties(&deployment);
    let (mut rng, mut all) = (seeded(4), Acknowledged::default());

    for _ in 0..rounds {
        let server = Server::start(deployment.serve());
        let (address, done, stop) = (server.address, Mutex::new(Acknowledged::default()), AtomicBool::new(false));
        std::thread::scope(|scope| {
            let _end = SetAtEnd(&stop);
            for number in 0..4 {
                let (parties, done, stop) = (&parties, &done, &stop);
                scope.spawn(move || keep_writing(&Client::new(address), parties, number, done, stop));
            }
            let watch = Stopwatch::start();
            while done.lock().unwrap().versions.is_empty() {
                assert!(watch.elapsed_micros() < 30_000_000, "nothing was acknowledged");
                std::thread::yield_now();
            }
            wait_below(&mut rng, Duration::from_millis(250));
            server.kill();
        });
        let done = done.into_inner().unwrap();
        all.versions.extend(done.versions);
        all.notes.extend(done.notes);
        all.keys.extend(done.keys);

        assert_undamaged(&deployment.database);
        let store = open_store(&deployment.database, 1);
        assert_audit_recomputes(&store);
        let amended: Vec<i64> = audit(&store)
            .iter()
            .filter(|row| row.action == "vasp.amend" && row.outcome == AuditOutcome::Done)
            .map(|row| row.payload.as_ref().unwrap()["version"].as_i64().unwrap())
            .collect();
        let entries = store.read::<_, StoreError>(|conn| conn.case_entries(parties.case.parse().unwrap())).unwrap();
        let lost: Vec<_> = all.versions.iter().filter(|version| !amended.contains(version)).collect();
        assert!(lost.is_empty(), "acknowledged and gone: {lost:?}");
        for number in &all.notes {
            assert!(entries.iter().any(|entry| i64::from(entry.number) == *number && entry.kind == "note"), "note {number}");
        }
    }

    let (last, body) = all.keys.iter().max_by_key(|(_, body)| body["version"].as_i64()).unwrap();
    let server = Server::start(deployment.serve());
    let record = Client::new(server.address).get_with("/v1/vasps/mine/draft", &[("authorization", &parties.member)]).json();
    assert!(record["version"].as_i64() >= body["version"].as_i64(), "{last}: {record}");
    server.kill();
}
