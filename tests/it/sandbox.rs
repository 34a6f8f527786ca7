//! The sandbox as a program meets it: the binary itself, every scenario of its catalogue, its clock, and what tells it from a registry.

mod endpoint;
mod events;
pub(crate) mod examples;
mod receiver;

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use socket2::{Domain, Socket, Type};
use tempfile::TempDir;
use vasp_clock::Stopwatch;
use vasp_record::resolution::ResolutionStatus;
use vasp_registry::node::ProblemCode;
use vasp_rules::obligations::{CorrespondentDuty, TravelRuleDuty, WalletVerification};
use vasp_rules::policy::{ConditionCode, Recommendation, StepCode};
use vasp_rules::precheck::{CheckCode, CheckName, CheckOutcome};
use vasp_words::time::UtcTime;

use crate::support::{Answer, Client, Server, assert_refused, command, full_view, talk};

/// Check codes that no scenario can reach, each with the reason. A code that one reaches must not stand here.
const NOT_REACHED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/sandbox/not_reached.txt");

pub(crate) struct Sandbox {
    server: Server,
    pub client: Client,
    pub folder: TempDir,
}

impl Sandbox {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().to_str().unwrap().to_owned();
        let server = Server::start(command(&["sandbox", "--listen", "127.0.0.1:0", "--log-level=warn", "--data", &data]));
        let client = Client::new(server.address);
        Self { server, client, folder }
    }

    fn catalogue(&self) -> Value {
        self.client.get("/v1/sandbox/scenarios").answered(200)
    }

    /// Sends a request; pre-checks ask for their evidence, too.
    pub(crate) fn send(&self, request: &Value) -> Answer {
        let path = full_view::path_of(request["method"].as_str().unwrap(), request["path"].as_str().unwrap());
        self.send_as_it_is(
            &json!({"method": request["method"], "path": path, "headers": request["headers"], "body": request["body"]}),
        )
    }

    /// Sends a request as it stands.
    pub(crate) fn send_as_it_is(&self, request: &Value) -> Answer {
        let headers: Vec<(&str, &str)> = request["headers"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
            .collect();
        let body = match &request["body"] {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            body => body.to_string(),
        };
        let (method, path) = (request["method"].as_str().unwrap(), request["path"].as_str().unwrap());
        self.client.try_send(method, path, &headers, &body).expect("the server answers")
    }

    fn named<'a>(catalogue: &'a Value, name: &str) -> &'a Value {
        catalogue["items"].as_array().unwrap().iter().find(|scenario| scenario["name"] == name).unwrap()
    }
}

/// What of the expected answer the answer does not have; of a list, each expected item must match some item.
fn differs(expected: &Value, got: &Value) -> Option<String> {
    match (expected, got) {
        (Value::Object(members), _) => {
            members.iter().find_map(|(name, value)| differs(value, &got[name]).map(|at| format!("/{name}{at}")))
        }
        (Value::Array(items), Value::Array(found)) if items.is_empty() => (!found.is_empty()).then(|| " is not empty".to_owned()),
        (Value::Array(items), Value::Array(found)) => items
            .iter()
            .enumerate()
            .find(|(_, item)| found.iter().all(|one| differs(item, one).is_some()))
            .map(|(at, item)| format!("/{at} has nothing like {item}")),
        _ => (expected != got).then(|| format!(" is {got}, not {expected}")),
    }
}

/// As `differs`; a scenario may state nothing.
fn stated(expected: &Value, got: &Value) -> Option<String> {
    if expected.is_null() { None } else { differs(expected, got) }
}

fn codes(list: &Value) -> impl Iterator<Item = &str> {
    list.as_array().into_iter().flatten().filter_map(|item| item["code"].as_str())
}

fn codes_with_outcomes(checks: &Value) -> impl Iterator<Item = String> {
    checks.as_array().into_iter().flatten().map(|check| format!("{} {}", check["check"], check["outcome"]))
}

/// Calls `see` with each text inside an answer, and the name of its member.
fn each_text<'a>(value: &'a Value, see: &mut dyn FnMut(&'a str, &'a str)) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| match value {
            Value::String(text) => see(name, text),
            other => each_text(other, see),
        }),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, see)),
        _ => {}
    }
}

#[test]
fn every_scenario_answers_as_the_catalogue_says_and_together_they_reach_the_closed_lists() {
    let sandbox = Sandbox::start();
    let catalogue = sandbox.catalogue();
    let (mut wrong, mut seen, mut bytes) = (Vec::new(), BTreeSet::new(), Vec::new());

    for scenario in catalogue["items"].as_array().unwrap() {
        for first in scenario["before"].as_array().unwrap() {
            sandbox.send(first);
        }
        let answer = sandbox.send(&scenario["request"]);
        let body: Value = serde_json::from_str(&answer.text).unwrap_or(Value::Null);
        let status = u64::from(answer.status.as_u16());
        if let Some((verdict, _)) = answer.text.split_once(",\"evidence\":{") {
            bytes.push((verdict.len() + 1, scenario["name"].as_str().unwrap().to_owned()));
        }
        if scenario["status"] != status {
            wrong.push(format!("{}: {status} {}", scenario["name"], answer.text));
        } else if let Some(at) = stated(&scenario["answer"], &body).or_else(|| stated(&scenario["evidence"], &body["evidence"])) {
            wrong.push(format!("{}: {at}", scenario["name"]));
        }
        for list in ["reasons", "conditions", "next_steps", "errors"] {
            seen.extend(codes(&body[list]).map(str::to_owned));
        }
        for list in ["checks", "notes"] {
            seen.extend(codes(&body["evidence"][list]).map(str::to_owned));
        }
        seen.extend(["recommendation", "status"].iter().filter_map(|member| body[*member].as_str().map(str::to_owned)));
        seen.extend(body["code"].as_str().map(|code| format!("problem {code}")));
        each_text(&body, &mut |member, text| {
            seen.insert(format!("{member} {text}"));
        });
        seen.extend(codes_with_outcomes(&body["evidence"]["checks"]));
    }

    assert_eq!(wrong, Vec::<String>::new());
    verdicts_are_short(bytes);
    let names = catalogue["items"].as_array().unwrap().iter().map(|scenario| scenario["name"].as_str());
    assert_eq!(names.collect::<BTreeSet<_>>().len(), catalogue["items"].as_array().unwrap().len(), "a name occurs twice");
    hold_against_the_closed_lists(&seen);
}

/// Nine of ten verdicts of the catalogue have at most 4,500 bytes.
fn verdicts_are_short(mut bytes: Vec<(usize, String)>) {
    bytes.sort();
    let at = |percent: usize| &bytes[bytes.len() * percent / 100];
    println!("verdicts: {}, bytes p50 {:?}, p90 {:?}, most {:?}", bytes.len(), at(50), at(90), bytes.last().unwrap());
    assert!(bytes.len() > 150 && at(90).0 <= 4_500, "p50 {:?}, p90 {:?}, most {:?}", at(50), at(90), bytes.last().unwrap());
}

/// Problems about a recorded pre-check, whose id no scenario can name; tests of outcomes and of retention reach them.
const ABOUT_A_RECORD: [&str; 3] = ["two_people_needed", "still_kept", "legal_hold"];

/// Finds each code of the closed lists in what scenarios were answered.
fn hold_against_the_closed_lists(seen: &BTreeSet<String>) {
    let all =
        |names: &[&str]| names.iter().filter(|name| !seen.contains(**name)).map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let recommendations: Vec<&str> = Recommendation::ALL.iter().map(|one| one.as_str()).collect();
    assert_eq!(all(&recommendations), Vec::<String>::new());
    assert_eq!(all(&ConditionCode::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>()), Vec::<String>::new());
    assert_eq!(all(&StepCode::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>()), Vec::<String>::new());
    let unseen = all(&CheckCode::ALL.iter().map(|one| one.as_str()).collect::<Vec<_>>());
    let not_reached = std::fs::read_to_string(NOT_REACHED).unwrap();
    let not_reached: Vec<&str> = not_reached.lines().map(|line| line.split_once(": ").unwrap().0).collect();
    assert_eq!(unseen, not_reached, "keep tests/it/sandbox/not_reached.txt up to date");
    assert_eq!(all(&ResolutionStatus::ALL.map(|one| one.as_str())), Vec::<String>::new());
    let missing = |member: &str, all: &[&str]| -> Vec<String> {
        all.iter().filter(|one| !seen.contains(&format!("{member} {one}"))).map(|one| (*one).to_owned()).collect()
    };
    assert_eq!(missing("problem", &ProblemCode::ALL.map(|one| one.as_str())), ABOUT_A_RECORD);
    assert_eq!(missing("travel_rule", &TravelRuleDuty::ALL.map(|one| one.as_str())), Vec::<String>::new());
    assert_eq!(missing("correspondent", &CorrespondentDuty::ALL.map(|one| one.as_str())), Vec::<String>::new());
    assert_eq!(missing("verification", &WalletVerification::ALL.map(|one| one.as_str())), Vec::<String>::new());
    // `transfer` is no check of its own.
    for check in CheckName::ALL.into_iter().filter(|check| *check != CheckName::Transfer) {
        let outcomes = CheckOutcome::ALL.iter().filter(|one| seen.contains(&format!("\"{check}\" \"{one}\""))).count();
        assert!(outcomes > 1, "{check}");
    }
}

#[test]
fn a_receipt_says_that_a_sandbox_signed_it_and_is_refused_without_a_word() {
    let sandbox = Sandbox::start();
    let catalogue = sandbox.catalogue();
    let scenario = Sandbox::named(&catalogue, "all_clear");
    let answer = sandbox.send(&scenario["request"]);
    let place = |name: &str| sandbox.folder.path().join(name).to_str().unwrap().to_owned();
    std::fs::write(place("answer.json"), &answer.text).unwrap();
    std::fs::write(place("jwks.json"), sandbox.client.get("/.well-known/jwks.json").text).unwrap();
    let (file, jwks) = (place("answer.json"), place("jwks.json"));

    let refused = command(&["verify", "answer", &file, "--jwks", &jwks]).output().unwrap();
    let checked = command(&["verify", "answer", &file, "--jwks", &jwks, "--sandbox"]).output().unwrap();

    assert_eq!(answer.json()["environment"], "sandbox");
    assert_eq!(answer.json()["recommendation"], "proceed");
    assert_eq!(answer.json()["resolution"].get("environment"), None, "the pre-check says it");
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("a sandbox signed this receipt"));
    assert_eq!(checked.status.code(), Some(0), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[test]
fn answers_about_owners_say_that_they_are_a_sandboxs_and_those_of_a_registry_do_not() {
    let sandbox = Sandbox::start();
    let key = sandbox.key("gateway");
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let body = json!({"subjects": [{"subject": "tidewater.test"}]}).to_string();
    let ask = |client: &Client, path: &str| client.send("POST", path, &headers, &body).answered(200);

    let one = sandbox.client.get_with("/v1/resolve?subject=tidewater.test", &headers[..1]).answered(200);
    let full = ask(&sandbox.client, "/v1/resolve");
    let compact = ask(&sandbox.client, "/v1/resolve?view=compact");

    assert_eq!(one["environment"], "sandbox");
    assert_eq!((&full["results"][0]["environment"], full.get("environment")), (&json!("sandbox"), None));
    assert_eq!((&compact["environment"], compact["results"][0].get("environment")), (&json!("sandbox"), None));
    let live = Server::start(command(&["serve", "--listen", "127.0.0.1:0", "--public-read"]));
    let live = Client::new(live.address).get("/v1/resolve?subject=tidewater.com").answered(200);
    assert_eq!(live.get("environment"), None, "{live}");
}

#[test]
fn a_replay_in_a_sandbox_is_the_same() {
    let sandbox = Sandbox::start();
    let asked = sandbox.send(&Sandbox::named(&sandbox.catalogue(), "travel_rule_approved")["request"]).answered(200);
    let path = format!("/v1/prechecks/{}/replay", asked["id"].as_str().unwrap());

    let replay = sandbox.client.send("POST", &path, &[("authorization", sandbox.key("gateway").as_str())], "").answered(200);

    assert_eq!((&replay["same"], &replay["differences"]), (&json!(true), &json!([])));
    assert_eq!((&replay["now"]["environment"], &asked["environment"]), (&json!("sandbox"), &json!("sandbox")));
}

#[test]
fn the_clock_moves_forward_only_and_what_ends_by_time_ends() {
    let sandbox = Sandbox::start();
    let catalogue = sandbox.catalogue();
    let approved = Sandbox::named(&catalogue, "travel_rule_approved");
    let track = |answer: &Answer| answer.json()["due_diligence"]["travel_rule"]["status"].clone();
    assert_eq!(track(&sandbox.send(&approved["request"])), "approved");

    let json = [("content-type", "application/json")];
    sandbox.client.send("POST", "/v1/sandbox/clock", &json, &json!({"advance_secs": 301 * 86_400}).to_string()).answered(200);
    let back = sandbox.client.send("POST", "/v1/sandbox/clock", &json, &json!({"advance_secs": 0}).to_string());

    assert_eq!(track(&sandbox.send(&approved["request"])), "expired");
    back.problem(422, "invalid_request");
    let set = |body: &Value| sandbox.client.send("POST", "/v1/sandbox/clock", &json, &body.to_string());
    let now: UtcTime = sandbox.client.get("/v1/sandbox/clock").json()["now"].as_str().unwrap().parse().unwrap();
    let later = now.plus_secs(1_000 * 86_400);
    let past = set(&json!({"at": now})).problem(422, "invalid_request");
    assert_eq!(past["errors"][0]["pointer"], "/at", "{past}");
    assert_eq!(set(&json!({"at": "9000-01-01T00:00:00Z"})).problem(422, "invalid_request")["errors"][0]["pointer"], "/at");
    set(&json!({})).problem(422, "invalid_request");
    set(&json!({"at": later, "advance_secs": 1})).problem(422, "invalid_request");
    let told: UtcTime = set(&json!({"at": later})).answered(200)["now"].as_str().unwrap().parse().unwrap();
    assert!(later <= told && told < later.plus_secs(60), "{told}");
}

#[test]
fn a_scenario_of_a_later_day_can_be_sent_alone() {
    let sandbox = Sandbox::start();
    let catalogue = sandbox.catalogue();
    let scenario = Sandbox::named(&catalogue, "time_certificate_7_days");

    scenario["before"].as_array().unwrap().iter().for_each(|request| _ = sandbox.send(request).answered(200));

    let answer = sandbox.send(&scenario["request"]).answered(200);
    assert_eq!(stated(&scenario["evidence"], &answer), None, "the answer is laid out");
}

#[test]
fn a_member_walks_from_a_draft_to_a_proven_domain_on_one_machine() {
    let sandbox = Sandbox::start();
    let catalogue = sandbox.catalogue();
    let key = Sandbox::named(&catalogue, "stale_version")["request"]["headers"]["Authorization"].as_str().unwrap().to_owned();
    let headers = [("authorization", key.as_str()), ("content-type", "application/json")];
    let asked = sandbox.client.send("POST", "/v1/vasps/mine/domains", &headers, &json!({"domain": "second.test"}).to_string());
    let asked = asked.json();
    let txt = &asked["challenge"]["dns_txt"];

    let records = json!({"records": {txt["name"].as_str().unwrap(): [txt["value"]]}});
    let published =
        sandbox.client.send("PATCH", "/v1/sandbox/names", &[("content-type", "application/json")], &records.to_string());
    published.answered(200);
    let proven = sandbox.client.send("POST", "/v1/vasps/mine/domains/second.test/verify", &headers, "");

    assert_eq!(proven.json()["state"], "proven", "{proven:?}");
    let foreign = json!({"records": {"example.org": ["x"]}}).to_string();
    sandbox
        .client
        .send("PATCH", "/v1/sandbox/names", &[("content-type", "application/json")], &foreign)
        .problem(422, "invalid_request");
}

#[test]
fn it_begins_anew_when_asked_and_takes_no_folder_of_somebody_else() {
    let sandbox = Sandbox::start();
    let key = |catalogue: &Value| Sandbox::named(catalogue, "all_clear")["request"]["headers"]["Authorization"].clone();
    let before = key(&sandbox.catalogue());

    sandbox.client.send("POST", "/v1/sandbox/reset", &[], "").answered(200);
    let watch = Stopwatch::start();
    let anew = loop {
        // While it begins anew, it answers nobody, and no other program can take its port.
        let rival = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        rival.set_reuse_address(true).unwrap();
        assert!(rival.bind(&sandbox.server.address.into()).is_err(), "another program took the port");
        let asked = sandbox.client.try_send("GET", "/v1/sandbox/scenarios", &[], "");
        let found = asked.filter(|answer| answer.status == 200).map(|answer| key(&answer.json()));
        if let Some(found) = found.filter(|found| *found != before) {
            break found;
        }
        if watch.elapsed_micros() > 180_000_000 {
            panic!("it did not begin anew: {}", sandbox.server.kill());
        }
        std::thread::sleep(Duration::from_millis(200));
    };
    assert!(anew.as_str().unwrap().starts_with("Bearer vr_test_"));
    assert!(before.as_str().unwrap().starts_with("Bearer vr_test_"));

    let full = tempfile::tempdir().unwrap();
    std::fs::write(full.path().join("registry.db"), "somebody's").unwrap();
    let refused = command(&["sandbox", "--data", full.path().to_str().unwrap()]).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is not empty and not a sandbox's folder"));
    assert_eq!(std::fs::read_to_string(full.path().join("registry.db")).unwrap(), "somebody's");
}

#[test]
fn a_sandboxs_database_is_not_served_as_a_registry_and_its_keys_say_so_elsewhere() {
    let sandbox = Sandbox::start();
    let catalogue = sandbox.catalogue();
    let key = Sandbox::named(&catalogue, "all_clear")["request"]["headers"]["Authorization"].as_str().unwrap().to_owned();
    let database = |folder: &Path| format!("sqlite://{}", folder.join("registry.db").display());
    let url = database(sandbox.folder.path());
    let (code, _) = sandbox.server.stop("TERM");
    assert_eq!(code, Some(0));

    let master = sandbox.folder.path().join("master-key");
    let serve = ["serve", "--listen", "127.0.0.1:0", "--database", &url, "--master-key-file", master.to_str().unwrap()];
    let refused = command(&serve).output().unwrap();
    assert_eq!(refused.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("sandbox"), "{refused:?}");

    // Whatever writes or answers looks whose database it is, and `demo` whose folder.
    let (folder, master) = (sandbox.folder.path().to_str().unwrap(), master.to_str().unwrap());
    let on_it = ["--database", &url, "--master-key-file", master];
    for arguments in [
        &["organisation", "create", "--name", "Real", "--kind", "member"][..],
        &["sources", "pause", "un-consolidated"],
        &["ask", "elbe.test"],
        &["brands", "find"],
    ] {
        assert_refused(&command(&[arguments, &on_it].concat()).output().unwrap(), "is a sandbox's database");
    }
    let before = std::fs::read(sandbox.folder.path().join("registry.db")).unwrap();
    assert_refused(&command(&["demo", "--listen", "127.0.0.1:0", "--data", folder]).output().unwrap(), "is a sandbox's folder");
    assert!(std::fs::read(sandbox.folder.path().join("registry.db")).unwrap() == before, "nothing was written");

    let live = Server::start(command(&["serve", "--listen", "127.0.0.1:0"]));
    let answer = Client::new(live.address).get_with("/v1/prechecks", &[("authorization", &key)]);
    answer.problem(401, "unauthenticated");
    assert!(answer.text.contains("belongs to a sandbox"), "{answer:?}");
    Client::new(live.address).get("/v1/sandbox/scenarios").problem(404, "not_found");
}

/// Before, a page of another site in a browser on this machine reached everything; later still where the browser sends no `Sec-Fetch-Site`.
#[test]
fn only_its_own_names_and_no_pages_of_other_sites_reach_a_sandbox() {
    let sandbox = Sandbox::start();
    let port = sandbox.server.address.port();
    let send = |method: &str, path: &str, headers: &str| {
        let request = format!("{method} {path} HTTP/1.1\r\nConnection: close\r\n{headers}\r\n");
        let answer = talk(sandbox.server.address, request.as_bytes());
        answer.split(' ').nth(1).map(str::to_owned).unwrap_or(answer)
    };
    let ask = |path: &str, headers: &str| send("GET", path, headers);

    for host in ["127.0.0.1", "localhost", "sandbox.test", "[::1]", "LOCALHOST"] {
        for fetched in ["", "Sec-Fetch-Site: none\r\n", "Sec-Fetch-Site: same-origin\r\n"] {
            assert_eq!(ask("/v1/sandbox/clock", &format!("Host: {host}:{port}\r\n{fetched}")), "200", "{host} {fetched}");
        }
        for page in [format!("Origin: http://{host}:{port}"), format!("Referer: http://{host}:{port}/v1/reference?a=b")] {
            assert_eq!(ask("/v1/sandbox/clock", &format!("Host: {host}:{port}\r\n{page}\r\n")), "200", "{page}");
        }
    }
    for page in ["http://evil.example", "null", "http://localhost", "http://localhost:1", "http://localhost.evil.example", ""] {
        for name in ["Origin", "Referer"] {
            let headers = format!("Host: localhost:{port}\r\n{name}: {page}\r\n");
            assert_eq!(ask("/v1/sandbox/clock", &headers), "403", "{headers}");
            assert_eq!(send("POST", "/v1/sandbox/reset", &format!("{headers}Content-Length: 0\r\n")), "403", "{headers}");
        }
    }
    // A page that sends its own origin and another page's address does not stand here.
    let both = format!("Host: localhost:{port}\r\nOrigin: http://localhost:{port}\r\nReferer: http://evil.example/\r\n");
    assert_eq!(ask("/v1/sandbox/clock", &both), "403");
    for path in ["/v1/sandbox/scenarios", "/", "/v1/resolve?subject=elbe.test", "/healthz", "/nothing"] {
        for host in ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example"] {
            assert_eq!(ask(path, &format!("Host: {host}:{port}\r\n")), "403", "{path} {host}");
        }
        for fetched in ["cross-site", "same-site", "strange"] {
            assert_eq!(ask(path, &format!("Host: localhost:{port}\r\nSec-Fetch-Site: {fetched}\r\n")), "403", "{path} {fetched}");
        }
    }
}

#[test]
fn two_sandboxes_do_not_serve_one_folder() {
    let sandbox = Sandbox::start();
    let folder = sandbox.folder.path().to_str().unwrap();

    let second = command(&["sandbox", "--listen", "127.0.0.1:0", "--data", folder]).output().unwrap();

    assert_refused(&second, "another `sandbox` serves it");
}
