//! Each example of the document, sent to a sandbox: first about something that is not there, without its version, and with one that is not
//! current; then twice under one idempotency key, and under that key with another body. Only the first of all these may write.

use std::collections::BTreeSet;

use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use serde_json::{Value, json};

use super::{absent, absent_part, assert_wrong_methods_are_refused};
use crate::sandbox::examples::{Teller, written};
use crate::support::contract::{document, operations, takes};
use crate::support::{Answer, connect_to_file};

/// How much was written: the end of the log, and the lines of the audit chain about what was done. A refusal is a line there too.
#[derive(Debug, PartialEq, Eq, QueryableByName)]
struct Written {
    #[diesel(sql_type = BigInt)]
    log: i64,
    #[diesel(sql_type = BigInt)]
    done: i64,
}

/// What is tried of operations.
struct Trial {
    teller: Teller,
    database: SqliteConnection,
    /// What was tried, of each operation.
    done: BTreeSet<(&'static str, String)>,
    /// How many idempotency keys were used.
    keys: usize,
    /// What went wrong.
    faults: Vec<String>,
}

/// Returns the method, path and description of an operation.
fn operation(id: &str) -> (&'static str, &'static str, &'static Value) {
    operations(document()).find(|(.., operation)| operation["operationId"] == id).unwrap()
}

/// Returns a request with another header, or without one (null).
fn with_header(request: &Value, name: &str, value: Value) -> Value {
    let mut request = request.clone();
    let headers = request["headers"].as_object_mut().unwrap();
    headers.retain(|known, _| !known.eq_ignore_ascii_case(name));
    if !value.is_null() {
        headers.insert(name.to_owned(), value);
    }
    request
}

/// Returns what an answer is once its secret was shown.
fn without_secret(answer: &Answer) -> Value {
    let mut body: Value = serde_json::from_str(&answer.text).unwrap_or_else(|_| json!(answer.text));
    if !body["secret"].is_null() {
        (body["secret"], body["secret_already_shown"]) = (Value::Null, json!(true));
    }
    body
}

impl Trial {
    fn new() -> Self {
        let teller = Teller::new();
        let database = connect_to_file(&teller.sandbox.folder.path().join("registry.db"));
        Self { teller, database, done: BTreeSet::new(), keys: 0, faults: Vec::new() }
    }

    fn written(&mut self) -> Written {
        let written =
            "SELECT (SELECT sequence FROM log_head) AS log, (SELECT count(*) FROM audit_events WHERE outcome = 'done') AS done";
        sql_query(written).get_result(&mut self.database).unwrap()
    }

    /// Sends what may write nothing. A job of the sandbox may write meanwhile, but not each time.
    fn send_idly(&mut self, (trial, id): (&'static str, &str), request: &Value) -> Answer {
        self.done.insert((trial, id.to_owned()));
        for _ in 0..3 {
            let before = self.written();
            let answer = self.teller.sandbox.send_as_it_is(request);
            if self.written() == before {
                return answer;
            }
        }
        self.faults.push(format!("{trial}: {id} writes: {request}"));
        self.teller.sandbox.send_as_it_is(request)
    }

    /// Sends what must be refused.
    fn refused(&mut self, (trial, id): (&'static str, &str), request: &Value, status: u16, code: &str) {
        let answer = self.send_idly((trial, id), request);
        let named = serde_json::from_str::<Value>(&answer.text).is_ok_and(|problem| problem["code"] == code);
        if answer.status.as_u16() != status || !named {
            self.faults.push(format!("{trial}: {id} {request}: {} {}", answer.status, answer.text));
        } else {
            answer.problem(status, code);
        }
    }

    /// Keeps what later examples need of an answer.
    fn keep(&mut self, example: &Value, request: &Value, answer: &Answer) {
        self.faults.extend(self.teller.told(example, request, answer).err());
    }

    /// Asks for what is not there: one part of the path after another has an id of its form that nothing has.
    fn ask_for_the_absent(&mut self, id: &str, request: &Value) {
        let (method, path, _) = operation(id);
        let (place, query) =
            request["path"].as_str().unwrap().split_once('?').map_or((request["path"].as_str().unwrap(), ""), |both| both);
        let parts: Vec<&str> = path.split('/').collect();
        for (n, _) in parts.iter().enumerate().filter(|(_, part)| part.contains('{')) {
            let mut asked: Vec<String> = place.split('/').map(str::to_owned).collect();
            asked[n] = absent_part(method, path, &parts[..=n].join("/"));
            let mut request = request.clone();
            request["path"] = json!(format!("{}{}{query}", asked.join("/"), if query.is_empty() { "" } else { "?" }));
            self.refused(("absent", id), &request, 404, "not_found");
        }
    }

    /// Returns the operations of which this was not tried although it should have been.
    fn untried(&self, trial: &'static str, of: impl Fn(&str, &Value) -> bool) -> BTreeSet<&'static str> {
        let all = operations(document()).filter(|(_, path, operation)| of(path, operation));
        let ids = all.map(|(.., operation)| operation["operationId"].as_str().unwrap());
        ids.filter(|id| !self.done.contains(&(trial, (*id).to_owned()))).collect()
    }

    /// Sends an example in all ways that must be refused, and once or twice in earnest.
    fn send_example(&mut self, example: &Value) {
        let id = example["operation"].as_str().unwrap();
        let (request, (.., operation)) = (self.teller.request(example), operation(id));
        if example["path"].is_string() {
            self.ask_for_the_absent(id, &request);
        }
        if takes(operation, "If-Match").is_some() {
            self.refused(("unversioned", id), &with_header(&request, "if-match", Value::Null), 428, "version_needed");
            for stale in ["\"stale\"", "W/\"0\"", "stale"] {
                self.refused(("stale", id), &with_header(&request, "if-match", json!(stale)), 412, "stale_version");
            }
        }
        if takes(operation, "Idempotency-Key").is_none() {
            let answer = self.teller.sandbox.send_as_it_is(&request);
            self.keep(example, &request, &answer);
            return;
        }
        self.keys += 1;
        let request = with_header(&request, "idempotency-key", json!(format!("trial-{}", self.keys)));
        let first = self.teller.sandbox.send_as_it_is(&request);
        self.keep(example, &request, &first);
        let again = self.send_idly(("replay", id), &request);
        let tags = [&first, &again].map(|answer| (answer.status, answer.header("etag").to_owned(), without_secret(answer)));
        if tags[0] != tags[1] || [&first, &again].map(|answer| answer.header("idempotency-replayed")) != ["", "true"] {
            self.faults.push(format!("replay: {id} {request}: {first:?} {again:?}"));
        }
        // A pre-check is told by what it asks, not by its bytes: `prechecks/once.rs`.
        if !request["body"].is_null() && id != "create_precheck" {
            let mut other = request.clone();
            let text = request["body"].as_str().map_or_else(|| request["body"].to_string(), str::to_owned);
            other["body"] = json!(text + " ");
            self.refused(("reused", id), &other, 422, "idempotency_key_reused");
        }
    }
}

const PROOF: &str = r#"{"scheme": "eip191", "network": "eip155:1", "address": "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "challenge": "x",
    "signature": "0x00"}"#;

/// Operations that are asked for nothing absent: a sandbox has no OpenID provider. `sign_in/oidc.rs` asks them.
const WITHOUT_ABSENT: &[&str] = &["delete_oidc_link", "finish_oidc"];

/// Operations that are not sent again, for want of an example.
const WITHOUT_REPLAY: &[&str] = &[
    "count_pending_claims",
    "create_client_certificate",
    "propose_brand_candidate",
    "propose_precheck_erasure",
    "propose_rulebook",
    "prove_claim",
    "prove_key",
    "resend_webhook_message",
    "revoke_key",
];

/// Operations without an example: a sandbox has no key that signs, no message that failed, no draft of a rulebook, no brand to judge and no
/// pre-check that the law lets erase. With whose key and which body they are asked for what is not there.
const WITHOUT_EXAMPLE: [(&str, &str, &str); 17] = [
    ("get_crl", "", ""),
    ("get_authority_certificate", "", ""),
    ("get_log_tile", "", ""),
    ("start_oidc", "", "{}"),
    ("get_precheck_report", "us_gateway", ""),
    ("list_webhook_messages", "gateway_admin", ""),
    ("resend_webhook_message", "gateway_admin", ""),
    ("prove_claim", "member", PROOF),
    ("prove_key", "member", r#"{"jws": "a.b.c"}"#),
    ("revoke_key", "member", r#"{"reason": "superseded"}"#),
    ("get_brand_candidate", "anna", ""),
    ("propose_precheck_erasure", "eve", r#"{"reason": "The law lets us erase it now."}"#),
    ("propose_brand_candidate", "anna", r#"{"ruled_out": true, "reason": "Another firm."}"#),
    ("get_pending_claims", "anna", ""),
    ("count_pending_claims", "anna", r#"{"rows": "all", "reason": "Both say so."}"#),
    ("get_rulebook_import", "anna", ""),
    ("propose_rulebook", "ben", r#"{"reason": "The law changed."}"#),
];

#[test]
fn each_route_refuses_what_is_absent_or_stale_and_does_once_what_is_sent_again() {
    let mut trial = Trial::new();

    for example in &written() {
        trial.send_example(example);
    }
    for (id, by, body) in WITHOUT_EXAMPLE {
        let (method, path, _) = operation(id);
        let by = if by.is_empty() { Value::Null } else { json!(by) };
        let body: Value = if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap() };
        let request = trial.teller.request(&json!({"operation": id, "path": absent(method, path), "by": by, "body": body}));
        trial.refused(("absent", id), &request, 404, "not_found");
    }

    assert_eq!(trial.faults, [""; 0]);
    let takes_it = |header: &'static str| move |_: &str, operation: &Value| takes(operation, header).is_some();
    let list = |ids: &[&'static str]| ids.iter().copied().collect::<BTreeSet<_>>();
    assert_eq!(trial.untried("absent", |path, _| path.contains('{')), list(WITHOUT_ABSENT));
    assert_eq!(trial.untried("unversioned", takes_it("If-Match")), list(&[]));
    assert_eq!(trial.untried("stale", takes_it("If-Match")), list(&[]));
    assert_eq!(trial.untried("replay", takes_it("Idempotency-Key")), list(WITHOUT_REPLAY));
    assert_wrong_methods_are_refused(&trial.teller.sandbox.client, |path| path.starts_with("/v1/sandbox/"));
}
