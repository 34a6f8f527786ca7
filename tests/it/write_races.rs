//! Many who write the same record at once: nothing is lost, nothing is done twice, nobody is told that the server failed.

use std::collections::BTreeSet;
use std::sync::Barrier;

use serde_json::{Value, json};
use vasp_record::role::{OrganisationKind, Role};

use crate::support::{Answer, Database, Person, Registry, on_every_database};

/// How many write at once.
const WRITERS: usize = 50;

/// Has everybody send at the same moment.
pub(crate) fn at_once<T: Send>(count: usize, send: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(count);
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|number| {
                let (start, send) = (&start, &send);
                scope.spawn(move || {
                    start.wait();
                    send(number)
                })
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    })
}

fn member(registry: &Registry) -> Person {
    let member = registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
    registry.post_as(&member, "/v1/vasps", &json!({"legal_name": "Lagoon GmbH", "country": "DE"})).with(201);
    member
}

fn statuses(answers: &[Answer]) -> BTreeSet<u16> {
    answers.iter().map(|answer| answer.status.as_u16()).collect()
}

#[on_every_database]
fn fifty_writers_on_one_record_lose_no_change(database: Database) {
    let registry = Registry::start_with(database, |settings| settings.workers = std::num::NonZeroU16::new(4).unwrap());
    let member = member(&registry);
    let names: Vec<BTreeSet<String>> = at_once(WRITERS, |number| {
        let name = format!("name {number}");
        // Each adds its name to those that it read, until nobody was faster.
        loop {
            let read = registry.get_as(&member, "/v1/vasps/mine/draft");
            let mut names: Vec<Value> = read.json()["said"]["other_names"].as_array().unwrap().clone();
            names.push(json!({"name": name, "type": "test"}));
            let tag = read.header("etag").to_owned();
            let body = json!({"other_names": names});
            let sent = registry.send_as(&member, "PATCH", "/v1/vasps/mine/draft", &[("if-match", &tag)], &body);
            match sent.status.as_u16() {
                200 => break BTreeSet::from([name]),
                412 => {}
                _ => panic!("{sent:?}"),
            }
        }
    });

    let expected: BTreeSet<String> = names.into_iter().flatten().collect();
    let record = registry.get_as(&member, "/v1/vasps/mine/draft").json();
    let kept = record["said"]["other_names"].as_array().unwrap();
    let kept: BTreeSet<String> = kept.iter().map(|name| name["name"].as_str().unwrap().to_owned()).collect();
    assert_eq!(kept, expected);
    assert_eq!(record["version"], WRITERS + 1);
}

#[on_every_database]
fn fifty_who_hand_a_record_in_make_one_case(database: Database) {
    let registry = Registry::start_with(database, |settings| settings.workers = std::num::NonZeroU16::new(4).unwrap());
    let member = member(&registry);
    let operator = registry.person_of_new(OrganisationKind::Operator, &[Role::Reviewer]);

    let headers = [("if-match", "*")];
    let submitted =
        at_once(WRITERS, |_| registry.send_as(&member, "POST", "/v1/vasps/mine/draft/submit", &headers, &Value::Null));

    assert_eq!(statuses(&submitted), BTreeSet::from([200, 409]));
    assert_eq!(submitted.iter().filter(|answer| answer.status == 200).count(), 1);
    let cases = registry.get_as(&operator, "/v1/cases").json();
    assert_eq!(cases["items"].as_array().unwrap().len(), 1, "{cases}");

    // What fifty reviewers open about it joins that one.
    let vasp = cases["items"][0]["vasp"].as_str().unwrap().to_owned();
    let taken = at_once(WRITERS, |_| {
        let case = cases["items"][0]["id"].as_str().unwrap();
        registry.post_as(&operator, &format!("/v1/cases/{case}/take"), &Value::Null)
    });
    assert_eq!(statuses(&taken), BTreeSet::from([200]));
    let after = registry.get_as(&operator, &format!("/v1/cases?vasp={vasp}")).json();
    assert_eq!(after["items"].as_array().unwrap().len(), 1);
}

#[on_every_database]
fn one_request_sent_many_times_at_once_is_done_once(database: Database) {
    let registry = Registry::start_with(database, |settings| settings.workers = std::num::NonZeroU16::new(4).unwrap());
    let member = registry.person_of_new(OrganisationKind::Member, &[Role::Editor]);
    let body = json!({"legal_name": "Lagoon GmbH", "country": "DE"});

    let sent = at_once(20, |_| registry.send_as(&member, "POST", "/v1/vasps", &[("idempotency-key", "once")], &body));

    let done: BTreeSet<String> = sent.iter().filter(|a| a.status == 201).map(|a| a.json()["id"].to_string()).collect();
    assert_eq!(done.len(), 1, "{sent:?}");
    for refused in sent.iter().filter(|answer| answer.status != 201) {
        refused.problem(409, "in_progress");
        assert!(!refused.header("retry-after").is_empty());
    }
    let again = registry.send_as(&member, "POST", "/v1/vasps", &[("idempotency-key", "once")], &body);
    assert_eq!(again.json()["id"].to_string(), *done.first().unwrap());
    // Before, if a proxy added a key of its own, only the first of the two counted.
    let two = [("idempotency-key", "proxy-1"), ("idempotency-key", "once")];
    registry.send_as(&member, "POST", "/v1/vasps", &two, &body).problem(400, "malformed_request");
}
