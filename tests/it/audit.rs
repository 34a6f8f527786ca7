//! The audit chain: what it says of a story, who reads what of it, and that its export recomputes elsewhere.

use std::io::Write;
use std::process::Stdio;

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope};

use crate::support::{Person, Registry, command, on_every_database};

const AUDIT: &str = "/v1/audit?organisation=all";
const EXPORT: &str = "/v1/audit/export";

/// Two admins, a member with an admin, and some things that they do and are refused.
struct Story {
    registry: Registry,
    first: Person,
    second: Person,
    member: Person,
    grant: String,
}

impl Story {
    fn new(database: crate::support::Database) -> Self {
        let registry = Registry::start(database);
        let (first, second) = registry.two_admins();
        let home = registry.home(OrganisationKind::Member, None);
        let member = registry.person_with(home, &[Role::Admin], &[Scope::Admin, Scope::Member]);
        let users = format!("/v1/users?organisation={}", first.organisation);
        let body = json!({"name": "Canary Name", "email": "canary@registry.example", "roles": ["reviewer"]});
        let invited = first.done(&registry, &users, &body);
        let role = &invited["user"]["roles"][0];
        let grant = role["grant"].as_str().unwrap().to_owned();
        first.approve(&registry, role).problem(409, "same_person");
        registry.clock.set("2026-06-01T13:00:00Z".parse().unwrap());
        second.approve(&registry, role).with(200);
        let machine = json!({"name": "Bot", "scopes": ["member"], "expires_at": null});
        first.done(&registry, &format!("/v1/machine-users?organisation={home}"), &machine);
        let key = json!({"name": "", "scopes": ["member"], "expires_at": null, "owner": null});
        member.done(&registry, "/v1/api-keys", &key);
        member.post(&registry, "/v1/organisations", &json!({})).problem(403, "forbidden");
        Self { registry, first, second, member, grant }
    }

    fn events(&self, query: &str) -> Vec<Value> {
        self.first.read(&self.registry, &format!("{AUDIT}&limit=1000&{query}"))["items"].as_array().unwrap().clone()
    }

    fn export(&self, query: &str) -> String {
        let answer = self.first.get(&self.registry, &format!("{EXPORT}?{query}"));
        assert_eq!((answer.status.as_u16(), answer.header("content-type")), (200, "application/jsonl"), "{answer:?}");
        answer.text
    }
}

/// Has the binary recompute a file, and returns its exit code and what it says.
fn verify(file: &str, options: &[&str]) -> (Option<i32>, String) {
    let mut child =
        command(&[&["verify", "audit", "-"], options].concat()).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    // It stops reading at the first line that breaks.
    drop(child.stdin.take().unwrap().write_all(file.as_bytes()));
    let output = child.wait_with_output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn actions(events: &[Value]) -> Vec<&str> {
    events.iter().map(|event| event["action"].as_str().unwrap()).collect()
}

#[on_every_database(Story::new)]
fn operators_see_who_did_and_tried_what_newest_first(story: Story) {
    let all = story.events("");

    let numbers: Vec<_> = all.iter().map(|event| event["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=i64::try_from(all.len()).unwrap()).rev().collect::<Vec<_>>(), "no gap");
    let approved = &story.events("action=role_grant.approve")[0];
    assert_eq!((&approved["actor"], &approved["subject"]), (&json!(story.second.user), &json!(story.grant)));
    assert_eq!(approved["at"], "2026-06-01T13:00:00Z");
    assert!(approved["credential"].as_str().unwrap().starts_with("ses_"), "a key approves nothing: {approved}");
    assert_eq!(approved["details"]["content"]["role"], "reviewer");
    let refused = story.events("outcome=refused");
    let expected = ["POST /v1/organisations", "POST /v1/proposals/{id}/approve"];
    assert_eq!(actions(&refused), expected, "newest first");
    assert_eq!((&refused[0]["actor"], &refused[0]["details"]["code"]), (&json!(story.member.user), &json!("forbidden")));
    assert_eq!(refused[1]["details"]["code"], "same_person");
}

#[on_every_database(Story::new)]
fn each_filter_leaves_what_it_names_and_pages_follow_each_other(story: Story) {
    let all = story.events("");
    let of = |keep: &dyn Fn(&Value) -> bool| all.iter().filter(|event| keep(event)).cloned().collect::<Vec<_>>();
    let member = json!(story.member.organisation);

    let of_member = format!("/v1/audit?organisation={}&limit=1000", story.member.organisation);
    assert_eq!(story.first.read(&story.registry, &of_member)["items"], json!(of(&|event| event["organisation"] == member)));
    assert_eq!(story.events(&format!("actor={}", story.second.user)), of(&|event| event["actor"] == json!(story.second.user)));
    assert_eq!(story.events(&format!("subject={}", story.grant)), of(&|event| event["subject"] == story.grant));
    assert_eq!(story.events("since=2026-06-01T13:00:00Z"), of(&|event| event["at"] == "2026-06-01T13:00:00Z"));
    assert_eq!(story.events("until=2026-06-01T13:00:00Z"), of(&|event| event["at"] == "2026-06-01T12:00:00Z"));
    for (query, pointer) in [("outcome=maybe", "?outcome"), ("actor=%00", "?actor"), ("since=yesterday", "?since")] {
        let problem = story.first.get(&story.registry, &format!("{AUDIT}&{query}")).problem(422, "invalid_request");
        assert_eq!(problem["errors"][0]["pointer"], pointer);
    }
    let (mut walked, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = story.first.read(&story.registry, &format!("{AUDIT}&limit=3{cursor}"));
        walked.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(walked, all);
}

#[on_every_database(Story::new)]
fn a_member_sees_its_own_events_and_not_who_of_the_registry_acted(story: Story) {
    let read = |query: &str| story.member.get(&story.registry, &format!("/v1/audit?limit=1000{query}"));
    let own = read("");

    let events = own.json()["items"].as_array().unwrap().clone();
    assert!(events.iter().all(|event| event["organisation"] == json!(story.member.organisation)), "{events:?}");
    let made = events.iter().find(|event| event["action"] == "machine_user.create").unwrap();
    assert_eq!((&made["actor"], &made["credential"]), (&Value::Null, &Value::Null));
    let key = events.iter().find(|event| event["action"] == "api_key.create" && event["actor"].is_string()).unwrap();
    assert_eq!((&key["actor"], &key["credential"]), (&json!(story.member.user), &json!(story.member.key_id)));
    assert!(events.iter().any(|event| event["outcome"] == "refused"));
    for person in [&story.first, &story.second] {
        assert!(!own.text.contains(&person.user.to_string()) && !own.text.contains(&person.key_id), "{}", own.text);
        let asked = read(&format!("&actor={}", person.user));
        assert_eq!(asked.json()["items"], json!([]), "whether they acted is not told");
    }
    assert!(!read(&format!("&actor={}", story.member.user)).json()["items"].as_array().unwrap().is_empty());
    read(&format!("&organisation={}", story.first.organisation)).problem(403, "forbidden");
}

#[on_every_database(Story::new)]
fn an_export_recomputes_and_every_change_to_it_is_found(story: Story) {
    let count = story.events("").len();
    let export = story.export("");
    let lines: Vec<&str> = export.lines().collect();
    assert_eq!(lines.len(), count + 1);

    let (code, said) = verify(&export, &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with(&format!("valid: {count} events")), "{said}");

    let file = |lines: &[&str]| lines.join("\n") + "\n";
    let broken = |lines: &[&str], line: usize| {
        let (code, said) = verify(&file(lines), &[]);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.starts_with(&format!("broken: line {line}: ")), "{said}");
    };
    broken(&[&lines[..2], &lines[3..]].concat(), 3);
    broken(&[&lines[..2], &[lines[3], lines[2]], &lines[4..]].concat(), 3);
    broken(&[&lines[..count - 1], &lines[count..]].concat(), count);
    broken(&lines[..count], count + 1);
    let renamed = lines[4].replacen("\"outcome\":\"done\"", "\"outcome\":\"refused\"", 1);
    assert_ne!(renamed, lines[4]);
    broken(&[&lines[..4], &[renamed.as_str()], &lines[5..]].concat(), 5);
    let mut erased: Value = serde_json::from_str(lines[4]).unwrap();
    (erased["payload"], erased["salt"]) = (Value::Null, Value::Null);
    let erased = erased.to_string();
    let (code, said) = verify(&file(&[&lines[..4], &[erased.as_str()], &lines[5..]].concat()), &[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("1 payloads were erased"), "{said}");
}

#[on_every_database(Story::new)]
fn a_filtered_export_says_so(story: Story) {
    let export = story.export("outcome=refused");

    assert_eq!(export.lines().count(), 3);
    assert_eq!(verify(&export, &[]).0, Some(1));
    let (code, said) = verify(&export, &["--filtered"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("valid: 2 events") && said.contains("note: the export was filtered"), "{said}");
}

/// Longer than a page of the export.
#[on_every_database(Story::new)]
fn a_long_chain_is_exported_whole(story: Story) {
    let (now, mut rng) = (story.registry.clock.now(), story.registry.random.fork());
    let store = story.registry.registry.store();
    let event = |number: usize| vasp_log::audit::AuditEvent {
        organisation: None,
        actor: None,
        credential: None,
        action: format!("test.{number}"),
        subject: None,
        outcome: vasp_log::audit::AuditOutcome::Done,
        payload: json!({"number": number}),
    };
    let written = store.write::<_, vasp_store::StoreError>(now, &mut rng, |transaction| {
        (0..1_200).for_each(|number| transaction.audit(event(number)));
        Ok(())
    });
    written.unwrap();

    let export = story.export("");

    let last = story.events("")[0]["number"].as_u64().unwrap();
    assert_eq!(u64::try_from(export.lines().count()).unwrap(), last + 1);
    assert_eq!(verify(&export, &[]).0, Some(0));
}

#[test]
fn verify_audit_tells_an_unreadable_file_from_a_broken_one() {
    assert_eq!(
        verify("", &[]),
        (Some(1), "broken: line 1: the line that marks the end is missing: the file is incomplete\n".to_owned())
    );
    assert_eq!(verify("nonsense\n", &[]).0, Some(1));
    let output = command(&["verify", "audit", "/nonexistent/audit.jsonl"]).output().unwrap();
    crate::support::assert_refused(&output, "cannot read /nonexistent/audit.jsonl");
}

#[on_every_database(Story::new)]
fn keys_show_the_day_of_their_last_use_once_it_is_written(story: Story) {
    let last_use = || {
        let keys = story.member.read(&story.registry, "/v1/api-keys");
        keys["items"][0]["last_used_on"].clone()
    };
    let write = || {
        let registry = &story.registry;
        vasp_registry::acts::keep_key_uses(&registry.registry, registry.clock.now(), &mut registry.random.fork()).unwrap();
    };
    assert_eq!(last_use(), Value::Null);

    write();
    assert_eq!(last_use(), "2026-06-01");
    story.registry.clock.set("2026-06-03T00:00:00Z".parse().unwrap());
    last_use();
    write();

    assert_eq!(last_use(), "2026-06-03");
}

/// Before, each refused write caused a write of its own, as many as the rate allowed.
#[on_every_database(Story::new)]
fn refused_writes_fold_into_one_line_a_minute_key_route_and_code(story: Story) {
    let flush = || {
        let (now, mut rng) = (story.registry.clock.now(), story.registry.random.fork());
        vasp_registry::cli::flush_lossy(&story.registry.registry, now, &mut rng).unwrap();
    };
    let refuse = |times: usize, path: &str| {
        for _ in 0..times {
            story.member.post(&story.registry, path, &json!({})).problem(403, "forbidden");
        }
    };
    let before = story.events("outcome=refused").len();
    let told = || -> Vec<Value> {
        let events = story.events("outcome=refused");
        events[..events.len() - before].iter().map(|event| event["details"]["count"].clone()).collect()
    };

    story.registry.clock.set("2026-06-01T14:00:00Z".parse().unwrap());
    refuse(200, "/v1/organisations");
    flush();
    assert_eq!(told(), [Value::Null], "the first at once");
    refuse(1, "/v1/authorities/amendments");
    assert_eq!(told(), [Value::Null, Value::Null], "another route");
    story.registry.clock.set("2026-06-01T14:01:00Z".parse().unwrap());
    flush();
    assert_eq!(told(), [json!(199), Value::Null, Value::Null], "the others once the minute is over");
    refuse(3, "/v1/organisations");
    story.registry.clock.set("2026-06-01T14:02:00Z".parse().unwrap());
    refuse(1, "/v1/organisations");
    assert_eq!(told(), [json!(4), json!(199), Value::Null, Value::Null]);
    story.registry.clock.set("2026-06-01T14:09:00Z".parse().unwrap());
    flush();
    refuse(1, "/v1/organisations");
    assert_eq!(told()[0], Value::Null, "after a pause at once again");
}
