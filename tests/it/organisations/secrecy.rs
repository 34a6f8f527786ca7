//! Secrets that are shown once are nowhere else: neither in the log, however much it says, nor in the database or beside it.
//! Names and addresses of people are in the database, where they belong, and never in the log.

use std::path::Path;

use serde_json::{Value, json};

use crate::support::{Answer, Client, Database, Deployment, Server, approval, dump, on_every_database, step};

/// The forms in which a secret of ours could be found: as it is sent, its bits, and these in base64.
fn forms(secret: &str) -> Vec<Vec<u8>> {
    let digits = secret.rsplit('_').next().unwrap();
    let bits = hex::decode(digits).unwrap();
    assert_eq!(bits.len(), 32);
    let base64 = base64_of(&bits);
    // The first characters are the same however the text around them is cut.
    vec![digits.as_bytes().to_vec(), digits.to_uppercase().into_bytes(), base64.as_bytes()[..40].to_vec(), bits]
}

fn base64_of(bits: &[u8]) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(bits)
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Every file below a folder, with its name.
fn contents(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(contents(&path));
        } else {
            found.push((path.display().to_string(), std::fs::read(&path).unwrap()));
        }
    }
    found
}

struct Operator {
    client: Client,
    bearer: String,
    recovery_codes: Vec<String>,
    /// Another admin, who hands links out.
    other: String,
}

impl Operator {
    fn send(&self, bearer: &str, method: &str, path: &str, body: &Value) -> Answer {
        let headers = [("authorization", bearer), ("content-type", "application/json"), ("idempotency-key", path)];
        self.client.send(method, path, &headers, &body.to_string())
    }

    #[track_caller]
    fn secret(&self, path: &str, body: &Value) -> (Value, String) {
        let answer = self.send(&self.bearer, "POST", path, body).with(201);
        let body = answer.json();
        let secret = body["secret"].as_str().unwrap().to_owned();
        (body, secret)
    }
}

const CONTENT: &[u8] = b"canary content of a document";

/// Has every kind of secret shown, and used, and a document handed in. Returns the secrets.
fn have_secrets_shown(operator: &Operator) -> Vec<String> {
    let member = operator.send(&operator.bearer, "POST", "/v1/organisations", &json!({"name": "M", "kind": "member"}));
    let member = member.json()["id"].as_str().unwrap().to_owned();
    let person = json!({"name": "Canary Person", "email": "canary@person.example", "roles": ["admin"]});
    let users = format!("/v1/users?organisation={member}");
    let invited = operator.send(&operator.bearer, "POST", &users, &person).json()["user"].clone();
    let waiting = &invited["enrolment"];
    let handed = operator.send(&operator.other, "POST", &step(waiting, "approve"), &approval(waiting));
    let link = handed.json()["secret"].as_str().unwrap().to_owned();
    let scopes = ["member", "admin"];
    let machine = json!({"name": "Canary Bot", "scopes": scopes, "expires_at": null, "roles": ["admin"]});
    let (bot, bots) = operator.secret(&format!("/v1/machine-users?organisation={member}"), &machine);
    let key = json!({"name": "n", "scopes": ["admin"], "recovery_code": operator.recovery_codes[0]});
    let (_, own) = operator.secret("/v1/api-keys", &key);
    let rotate = format!("/v1/api-keys/{}/rotate", bot["api_key"]["id"].as_str().unwrap());
    let as_bot = format!("Bearer {bots}");
    let rotated = operator.send(&as_bot, "POST", &rotate, &json!({"overlap_secs": 60})).json();
    let rotated = rotated["secret"].as_str().unwrap().to_owned();
    let headers = [("authorization", as_bot.as_str()), ("content-type", "text/plain")];
    let path = "/v1/documents?name=Canary%20Document&type=other";
    operator.client.upload(path, &headers, CONTENT).with(201);
    vec![link, bots, own, rotated]
}

/// Sends a secret in every way that is refused: what is refused must not be repeated either.
fn send_wrongly(operator: &Operator, secret: &str) {
    let wrong = secret.chars().rev().collect::<String>();
    for bearer in [&format!("Bearer {wrong}"), &format!("Basic {secret}"), secret] {
        assert_eq!(operator.send(bearer, "GET", "/v1/users", &Value::Null).status.as_u16(), 401);
    }
    let misplaced = operator.send(&operator.bearer, "DELETE", &format!("/v1/api-keys/{secret}"), &Value::Null);
    misplaced.problem(404, "not_found");
    operator.client.get(&format!("/v1/nowhere/{secret}?key={secret}"));
    operator.client.post("/v1/resolve", &json!({"subjects": [], "key": secret}));
    let body = json!({"name": secret.repeat(9), "kind": "member"});
    operator.send(&operator.bearer, "POST", "/v1/organisations?", &body).problem(422, "invalid_request");
}

/// Where a secret could lie: the files of the database and beside it, or everything that a server's database dumps.
fn stored(database: &Database) -> Option<Vec<(String, Vec<u8>)>> {
    match database.file() {
        Some(file) => Some(contents(file.parent().unwrap())),
        None => dump(&database.url.whole()).map(|bytes| vec![("the dump".to_owned(), bytes)]),
    }
}

#[test]
fn secrets_are_nowhere_but_in_the_answer_that_shows_them() {
    on_every_database(look_everywhere);
}

fn look_everywhere(database: Database) {
    let deployment = Deployment::new(database);
    let home = deployment.said(&["organisation", "create", "--kind", "operator", "--name", "Registry"]);
    let mut command = deployment.serve();
    let documents = tempfile::tempdir().unwrap();
    command.env("VASP_REGISTRY_LOG_LEVEL", "trace").env("VASP_REGISTRY_DOCUMENTS", documents.path());
    let server = Server::start(command);
    let client = Client::new(server.address);
    let [first, second] = ["First", "Second"].map(|name| deployment.enrolled(&client, &home, (name, "admin")));
    let operator = Operator { client, bearer: first.bearer.clone(), recovery_codes: first.recovery_codes, other: second.bearer };

    let mut secrets = have_secrets_shown(&operator);
    for secret in &secrets {
        send_wrongly(&operator, secret);
    }
    let (code, log) = server.stop("TERM");

    assert_eq!(code, Some(0));
    assert!(log.contains("answered"), "{log}");
    let Some(mut places) = stored(&deployment.database) else { return };
    let files = contents(documents.path());
    assert!(!files.is_empty(), "a document was handed in");
    places.extend(files);
    assert!(places.iter().any(|(_, bytes)| holds(bytes, b"canary@person.example")), "the search finds what is there");
    places.push(("the log".to_owned(), log.clone().into_bytes()));
    secrets.push(first.bearer);
    for form in secrets.iter().flat_map(|secret| forms(secret)) {
        for (place, bytes) in &places {
            assert!(!holds(bytes, &form), "{} is in {place}", String::from_utf8_lossy(&form));
        }
    }
    for canary in ["Canary Person", "canary@person.example", "Canary Bot", "Canary Document", "canary content"] {
        assert!(!log.contains(canary), "{canary} is in the log");
    }
    for canary in [&b"Canary Document"[..], b"Canary%20Document", CONTENT] {
        assert!(places.iter().all(|(_, bytes)| !holds(bytes, canary)), "{}", String::from_utf8_lossy(canary));
    }
}
