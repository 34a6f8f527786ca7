//! What people prove who they are with reaches neither the log nor the database in clear.

use serde_json::{Value, json};
use vasp_registry::sign_in::totp_code::TotpSecret;

use super::world::{OTHER_PASSWORD, PASSWORD, begun, secret_of, token};
use crate::support::{Client, Database, Deployment, Server};

/// The forms in which a secret could stand somewhere: as sent, as bytes, in hex, in base 64.
fn forms(text: &str) -> Vec<Vec<u8>> {
    let mut forms = vec![text.as_bytes().to_vec()];
    let hidden = text.rsplit('_').next().unwrap();
    let bytes = [
        Some(text.as_bytes().to_vec()),
        hex::decode(hidden).ok(),
        data_encoding::BASE32_NOPAD.decode(text.replace('-', "").to_uppercase().as_bytes()).ok(),
    ];
    for bytes in bytes.into_iter().flatten().filter(|bytes| bytes.len() >= 10) {
        forms.push(hex::encode(&bytes).into_bytes());
        forms.push(hex::encode_upper(&bytes).into_bytes());
        let base64 = data_encoding::BASE64_NOPAD.encode(&bytes);
        // The last group depends on what follows.
        forms.push(base64.as_bytes()[..base64.len() / 4 * 4].to_vec());
        forms.push(bytes);
    }
    forms
}

fn tells<'a>(haystack: &[u8], secrets: &'a [String]) -> Option<&'a str> {
    let holds = |form: &Vec<u8>| haystack.windows(form.len()).any(|window| window == form.as_slice());
    secrets.iter().find(|secret| forms(secret).iter().any(holds)).map(String::as_str)
}

struct Story {
    client: Client,
    secrets: Vec<String>,
}

impl Story {
    fn send(&self, token: &str, path: &str, body: &Value) -> Value {
        let bearer = format!("Bearer {token}");
        let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
        let answer = self.client.send("POST", path, &headers, &body.to_string());
        assert!(answer.status.is_success(), "{answer:?}");
        answer.json()
    }

    fn now() -> vasp_words::time::UtcTime {
        vasp_clock::Clock::now(&vasp_clock::SystemClock)
    }

    /// Everything that takes or gives a secret, once right and once wrong.
    fn play(&mut self, email: &str, link: &str) {
        let first = begun(&self.client.post("/v1/enrolment", &json!({"secret": link, "password": PASSWORD})));
        self.client.post("/v1/enrolment", &json!({"secret": link, "password": PASSWORD})).problem(401, "unauthenticated");
        let session = token(&first);
        let made = self.send(&session, "/v1/session/totp", &json!({"password": PASSWORD}));
        let totp: TotpSecret = secret_of(&made);
        let confirmed = self.send(&session, "/v1/session/totp/confirm", &json!({"code": totp.code_at(Self::now())}));
        let codes: Vec<String> =
            confirmed["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned()).collect();
        let body = json!({"email": email, "password": PASSWORD, "recovery_code": codes[0]});
        let second = token(&begun(&self.client.post("/v1/session", &body)));
        self.client.post("/v1/session", &body).problem(401, "unauthenticated");
        self.client
            .post("/v1/session", &json!({"email": PASSWORD, "password": email, "totp": codes[1]}))
            .problem(401, "unauthenticated");
        self.client.post("/v1/session", &json!({"email": email, "password": [PASSWORD]})).problem(422, "invalid_request");
        let changed = self.send(&second, "/v1/session/password", &json!({"current": PASSWORD, "new": OTHER_PASSWORD}));
        self.client.get(&format!("/v1/session?secret={}", token(&changed)));
        self.secrets.extend([PASSWORD.to_owned(), OTHER_PASSWORD.to_owned(), link.to_owned(), session, second, token(&changed)]);
        self.secrets.push(made["secret"].as_str().unwrap().to_owned());
        self.secrets.extend(codes);
    }
}

#[test]
fn secrets_of_people_are_found_neither_in_the_log_nor_in_the_database() {
    let deployment = Deployment::new(Database::sqlite());
    let said = |arguments: &[&str]| String::from_utf8(deployment.command(arguments).output().unwrap().stdout).unwrap();
    let organisation = said(&["organisation", "create", "--name", "Operator", "--kind", "operator"]);
    let create = ["user", "create", "--organisation", organisation.trim(), "--name", "A", "--email", "a@example.org", "--invite"];
    let made = said(&create);
    let link = made.trim().split_once('#').unwrap().1;
    let mut command = deployment.serve();
    command.env("VASP_REGISTRY_LOG_LEVEL", "trace");
    let server = Server::start(command);
    let mut story = Story { client: Client::new(server.address), secrets: Vec::new() };

    story.play("a@example.org", link);

    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0));
    assert!(log.matches("answered").count() >= 9, "{log}");
    assert_eq!(story.secrets.len(), 7 + 10);
    let control = format!("… {} …", data_encoding::BASE64.encode(PASSWORD.as_bytes()));
    assert!(tells(control.as_bytes(), &story.secrets).is_some(), "what is searched for would be found");
    assert_eq!(tells(log.as_bytes(), &story.secrets), None);
    let folder = deployment.database.file().unwrap().parent().unwrap().to_owned();
    for file in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        assert_eq!(tells(&std::fs::read(&file).unwrap(), &story.secrets), None, "{}", file.display());
    }
}
