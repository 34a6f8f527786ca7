//! A stolen session makes keys to stay. They end when its person changes the password or is reset; keys made by other means stay.

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};

use super::world::{Invited, OTHER_PASSWORD, PASSWORD, SignedIn, begun, token};
use crate::support::{Badge, Database, Deployment, Person, Registry, Server, TlsFiles, on_every_database};

const KEYS: &str = "/v1/api-keys";
const MACHINES: &str = "/v1/machine-users";
const CERTIFICATES: &str = "/v1/client-certificates";

/// What an attacker made with a session, and what others made.
struct Theft {
    person: SignedIn,
    /// Ids of what must end, in order.
    stolen: Vec<String>,
    /// Secrets of the keys among them.
    secrets: Vec<String>,
    /// Keys that must stay.
    others: Vec<Person>,
    badge: Badge,
}

fn admin(registry: &Registry) -> SignedIn {
    let Invited { user, email, link } = registry.invite(OrganisationKind::Member, &[Role::Admin]);
    SignedIn { user, email, token: token(&begun(&registry.redeem(&link, PASSWORD))), totp: None, recovery_codes: Vec::new() }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// Makes keys as whoever stole a session would: own ones, further ones with those, and for programs; and a certificate.
fn theft(registry: &Registry, files: &TlsFiles) -> Theft {
    let person = admin(registry);
    let made = |token: &str, path: &str, body: Value| {
        let answer = registry.send(token, "POST", path, &body).with(201);
        let answer = answer.json();
        (text(&answer["api_key"]["id"]), text(&answer["secret"]))
    };
    let key = json!({"name": "backup", "scopes": ["admin", "resolve"], "expires_at": null, "owner": null});
    let who = registry.send(&person.token, "GET", "/v1/session", &Value::Null).json();
    let home = who["organisation"]["id"].as_str().unwrap().parse().unwrap();
    let bot = registry.user_with(home, UserKind::Machine, &[], (&[Scope::Resolve], None));
    let colleague = registry.person_with(home, &[Role::Admin], &[Scope::Admin, Scope::Resolve]);

    let first = made(&person.token, KEYS, key.clone());
    let further = made(&first.1, KEYS, key.clone());
    // The first one was revoked by the thief: what it made is the thief's all the same.
    assert!(registry.send(&person.token, "DELETE", &format!("{KEYS}/{}", first.0), &Value::Null).status.is_success());
    let for_bot = made(&person.token, KEYS, json!({"name": "x", "scopes": ["resolve"], "expires_at": null, "owner": bot.user}));
    let program = made(&person.token, MACHINES, json!({"name": "Y", "scopes": ["resolve"], "expires_at": null, "roles": []}));
    let rotated = registry.send(&program.1, "POST", &format!("{KEYS}/{}/rotate", program.0), &json!({"overlap_secs": 600}));
    rotated.problem(403, "forbidden");
    let badge = Badge::new("thief");
    let terms = json!({"pem": null, "name": "", "scopes": ["resolve"], "expires_at": null, "user": null});
    let bearer = format!("Bearer {}", person.token);
    let enrolled = files.connect(registry.address, Some(&badge)).ask_as(&bearer, "POST", CERTIFICATES, &terms).with(201);

    let (now, mut rng) = (registry.clock.now(), registry.random.fork());
    let own =
        vasp_registry::organisations::create_api_key(&registry.registry, person.user, &[Scope::Resolve], None, now, &mut rng)
            .unwrap();
    let own = Person { user: person.user, key_id: own.id.to_string(), bearer: format!("Bearer {}", own.text), ..bot.clone() };
    let by_colleague = json!({"name": "x", "scopes": ["resolve"], "expires_at": null, "owner": bot.user});
    let by_colleague = colleague.done(registry, KEYS, &by_colleague);
    let bearer = format!("Bearer {}", text(&by_colleague["secret"]));
    let by_colleague = Person { key_id: text(&by_colleague["api_key"]["id"]), bearer, ..bot.clone() };

    let mut stolen = vec![text(&enrolled.json()["id"]), further.0, for_bot.0, program.0];
    stolen.sort_by_key(|id| (id.starts_with("ccr_"), id.clone()));
    let secrets = vec![further.1, for_bot.1, program.1];
    Theft { person, stolen, secrets, others: vec![bot, colleague, own, by_colleague], badge }
}

impl Theft {
    /// Statuses of asking with what was stolen, and with what others made.
    fn standing(&self, registry: &Registry, files: &TlsFiles) -> (Vec<u16>, Vec<u16>) {
        let shown = files.connect(registry.address, Some(&self.badge)).get("/v1/networks").status.as_u16();
        let stolen = self.secrets.iter().map(|secret| registry.send(secret, "GET", "/v1/networks", &Value::Null).status.as_u16());
        let others = self.others.iter().map(|key| key.get(registry, "/v1/networks").status.as_u16());
        (stolen.chain([shown]).collect(), others.collect())
    }

    fn assert_ended(&self, registry: &Registry, files: &TlsFiles, because: &str) {
        assert_eq!(self.standing(registry, files), (vec![401; 4], vec![200; 4]));
        let told = registry.audited(because);
        let payload = &told.last().unwrap().payload.as_ref().unwrap().0;
        assert_eq!(payload["keys_revoked"], json!(self.stolen));
        let lines = [registry.audited("api_key.revoke"), registry.audited("client_certificate.revoke")].concat();
        let named = |line: &vasp_store::AuditRow| line.payload.as_ref().is_some_and(|payload| payload.0["because"] == because);
        assert_eq!(lines.iter().filter(|line| named(line)).count(), self.stolen.len());
    }
}

#[on_every_database]
fn keys_that_a_stolen_session_made_end_when_the_password_changes(database: Database) {
    let files = TlsFiles::new();
    let registry = Registry::start_tls(database, &files, |_| ());
    let theft = theft(&registry, &files);
    assert_eq!(theft.standing(&registry, &files), (vec![200; 4], vec![200; 4]));

    let change = json!({"current": PASSWORD, "new": OTHER_PASSWORD});
    let changed = begun(&registry.send(&theft.person.token, "POST", "/v1/session/password", &change));

    let listed = changed["revoked"].as_array().unwrap();
    assert_eq!(listed.iter().map(|key| text(&key["id"])).collect::<Vec<_>>(), theft.stolen);
    let own = listed.iter().find(|key| key["owner"] == json!(theft.person.user) && key["name"] == "backup");
    assert!(own.is_some(), "{listed:?}");
    theft.assert_ended(&registry, &files, "password.change");
    let change = json!({"current": OTHER_PASSWORD, "new": PASSWORD});
    let again = begun(&registry.send(&token(&changed), "POST", "/v1/session/password", &change));
    assert_eq!(again["revoked"], json!([]), "each is told once");
}

#[on_every_database]
fn keys_that_a_stolen_session_made_end_when_the_person_is_reset(database: Database) {
    let files = TlsFiles::new();
    let registry = Registry::start_tls(database, &files, |_| ());
    let theft = theft(&registry, &files);

    let (now, mut rng) = (registry.clock.now(), registry.random.fork());
    let reset = vasp_registry::organisations::reset_user(&registry.registry, theft.person.user, now, &mut rng).unwrap();

    assert_eq!(reset.revoked.iter().map(|key| key.id.to_string()).collect::<Vec<_>>(), theft.stolen);
    theft.assert_ended(&registry, &files, "user.reset");
}

#[test]
fn the_command_line_lists_the_keys_that_a_reset_revokes() {
    let deployment = Deployment::new(Database::sqlite());
    let run = |arguments: &[&str]| {
        let output = deployment.command(arguments).output().unwrap();
        let [out, err] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
        assert!(output.status.success(), "{err}");
        (out, err)
    };
    let (organisation, _) = run(&["organisation", "create", "--name", "Alpha", "--kind", "member"]);
    let invite = ["--name", "Anna", "--email", "anna@example.org", "--invite"];
    let (made, _) = run(&[&["user", "create", "--organisation", organisation.trim()], &invite[..]].concat());
    let [user, link] = made.lines().collect::<Vec<_>>()[..] else { panic!("{made}") };
    let server = Server::start(deployment.serve());
    let client = crate::support::Client::new(server.address);
    let secret = link.split_once('#').unwrap().1;
    let session = token(&begun(&client.post("/v1/enrolment", &json!({"secret": secret, "password": PASSWORD}))));
    let bearer = format!("Bearer {session}");
    let headers = [("content-type", "application/json"), ("authorization", bearer.as_str())];
    let key = json!({"name": "backup", "scopes": ["resolve"], "expires_at": null, "owner": null}).to_string();
    let key = text(&client.send("POST", KEYS, &headers, &key).json()["api_key"]["id"]);

    let (link, said) = run(&["user", "reset", "--user", user]);

    assert_eq!(link.lines().count(), 1, "{link}");
    assert!(
        said.contains(&format!("Revoked the API key {key} of {user} (backup), which a session of the user had created.")),
        "{said}"
    );
    assert_eq!(server.stop("TERM").0, Some(0));
}
