//! TLS on the registry's own port: client certificates that speak for users, from enrolment to revocation. Real handshakes, with
//! certificates of the test's own.

mod bindings;
mod handshakes;
mod reload;

use serde_json::{Value, json};
use vasp_clock::Clock;
use vasp_pki::read_leaf;
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::role::{OrganisationKind, Role, Scope, UserKind};
use vasp_registry::node::ServiceError;
use vasp_registry::organisations::{CertificateTerms, enrol, revoke_by_sha256};
use vasp_store::Transaction;
use vasp_words::ids::ClientCertificateId;

use crate::support::{Answer, Badge, Database, Line, Person, Registry, TlsFiles, approval, on_every_database, step};

const CERTIFICATES: &str = "/v1/client-certificates";

/// A registry with TLS, and a person of a gateway who manages its own credentials.
struct World {
    files: TlsFiles,
    registry: Registry,
    person: Person,
}

impl World {
    fn new(database: crate::support::Database) -> Self {
        let files = TlsFiles::new();
        let registry = Registry::start_tls(database, &files, |_| ());
        let scopes = [Scope::Admin, Scope::Resolve, Scope::Precheck];
        let person = registry.person_of(OrganisationKind::Gateway, None, &[Role::Compliance], &scopes);
        Self { files, registry, person }
    }

    fn connect(&self, badge: Option<&Badge>) -> Line {
        self.files.connect(self.registry.address, badge)
    }

    /// Enrols a certificate over a connection with it.
    fn enrol(&self, who: &Person, badge: &Badge, scopes: &[&str]) -> Answer {
        self.connect(Some(badge)).ask_as(&who.bearer, "POST", CERTIFICATES, &terms(scopes))
    }

    /// Enrols what must be taken, and returns its id.
    #[track_caller]
    fn enrolled(&self, who: &Person, badge: &Badge, scopes: &[&str]) -> String {
        let answer = self.enrol(who, badge, scopes).with(201);
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    fn revoke(&self, who: &Person, id: &str) -> Answer {
        who.send(&self.registry, "DELETE", &format!("{CERTIFICATES}/{id}"), &[("x-request-id", "same")], &Value::Null)
    }
}

fn terms(scopes: &[&str]) -> Value {
    json!({"pem": null, "name": "gateway", "scopes": scopes, "expires_at": null, "user": null})
}

/// Asserts that a connection is refused for its certificate.
#[track_caller]
fn assert_refused(answer: &Answer, code: &str) {
    let problem = answer.problem(401, "unauthenticated");
    assert_eq!(problem["errors"].as_array().unwrap().len(), 1, "{problem}");
    assert_eq!((&problem["errors"][0]["pointer"], &problem["errors"][0]["code"]), (&json!(""), &json!(code)), "{problem}");
}

#[on_every_database(World::new)]
fn a_certificate_speaks_for_its_user_until_it_is_revoked_also_on_an_open_connection(world: World) {
    let badge = Badge::new("gateway.alpha.example");
    let id = world.enrolled(&world.person, &badge, &["resolve", "precheck"]);

    let mut line = world.connect(Some(&badge));
    let session = line.get("/v1/session").json();
    assert_eq!((&session["id"], &session["scopes"]), (&json!(id), &json!(["resolve", "precheck"])), "{session}");
    assert_eq!(session["user"]["id"], json!(world.person.user));
    assert_eq!(session["organisation"]["id"], json!(world.person.organisation));
    assert_eq!(line.get("/v1/resolve?subject=1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2").status.as_u16(), 200);
    let one = json!({"direction": "outgoing", "originator": {"jurisdiction": "DE"}, "beneficiary": {"jurisdiction": "SG"}});
    let precheck = line.ask("POST", "/v1/prechecks", &[], &one).json();
    let recorded = format!("/v1/prechecks/{}", precheck["id"].as_str().unwrap_or_else(|| panic!("{precheck}")));
    assert_eq!(line.get(&recorded).status.as_u16(), 200, "it is recorded for the organisation");
    line.get("/v1/api-keys").problem(403, "forbidden");

    let revoked = world.revoke(&world.person, &id).json();

    assert_eq!((&revoked["state"], &revoked["revoked_at"]), (&json!("revoked"), &json!("2026-06-01T12:00:00Z")));
    assert_refused(&line.get("/v1/session"), "certificate_revoked");
    assert_refused(&world.connect(Some(&badge)).get("/v1/session"), "certificate_revoked");
    world.revoke(&world.person, &id).problem(409, "illegal_step");
    let again = world.enrolled(&world.person, &badge, &["resolve"]);
    assert_ne!(again, id);
    assert_eq!(line.get("/v1/session").json()["id"], again);
}

/// As the registry's own authority does: enrolled and revoked in a transaction of its own, which another process may run.
#[on_every_database(World::new)]
fn a_certificate_that_its_authority_revokes_opens_nothing_any_more(world: World) {
    let badge = Badge::new("issued");
    let certificate = read_leaf(&badge.der).unwrap();
    let (registry, now) = (&world.registry.registry, world.registry.clock.now());
    let identity =
        vasp_registry::acts::authenticate(registry, &world.person.bearer, now).unwrap().over(registry, None, now).unwrap();
    let terms = CertificateTerms {
        owner: identity.user,
        name: "issued".to_owned(),
        scopes: vec![Scope::Resolve, Scope::Precheck],
        expires_at: None,
        issued_by_registry: true,
    };
    let write = |deed: &dyn Fn(&mut Transaction<'_>) -> Result<Option<ClientCertificateId>, ServiceError>| {
        let mut rng = world.registry.random.fork();
        let written = registry.store().write(now, &mut rng, |transaction| deed(transaction)).unwrap();
        registry.directory().catch_up().unwrap();
        written.value
    };

    let id = write(&|transaction| Ok(Some(enrol(transaction, &identity, &certificate, &terms)?.id))).unwrap();
    let mut line = world.connect(Some(&badge));
    assert_eq!(line.get("/v1/session").json()["id"], id.to_string());
    let listed = world.person.read(&world.registry, CERTIFICATES);
    assert_eq!(listed["items"][0]["issued_by_registry"], true);
    assert_eq!(listed["items"][0]["expires_at"], "2026-09-01T00:00:00Z");

    assert_eq!(write(&|transaction| revoke_by_sha256(transaction, Sha256Hex(certificate.sha256))), Some(id));
    assert_refused(&line.get("/v1/session"), "certificate_revoked");
    assert_eq!(write(&|transaction| revoke_by_sha256(transaction, Sha256Hex(certificate.sha256))), None);
}

#[on_every_database(World::new)]
fn what_is_kept_of_a_certificate_is_shown(world: World) {
    let badge = Badge::made("gateway.alpha.example", |params| params.serial_number = Some(vec![1, 0xfe].into()));
    let body = json!({"pem": badge.pem, "scopes": ["resolve"], "expires_at": "2026-07-01T00:00:00Z"});

    let made = world.connect(Some(&badge)).ask_as(&world.person.bearer, "POST", CERTIFICATES, &body).json();

    let listed = world.person.read(&world.registry, CERTIFICATES)["items"].as_array().unwrap().clone();
    assert_eq!(listed, std::slice::from_ref(&made));
    let expected = json!({
        "id": made["id"], "name": "", "owner": world.person.user, "scopes": ["resolve"], "state": "active",
        "sha256": badge.sha256(), "spki_sha256": made["spki_sha256"], "subject": "CN=gateway.alpha.example",
        "issuer": "CN=gateway.alpha.example", "serial": "01fe", "key": "EC P-256", "not_before": "2026-01-01T00:00:00Z",
        "not_after": "2026-09-01T00:00:00Z", "issued_by_registry": false, "created_by": world.person.user,
        "created_at": "2026-06-01T12:00:00Z", "expires_at": "2026-07-01T00:00:00Z", "revoked_at": null, "last_used_on": null
    });
    assert_eq!(made, expected);
    world.registry.clock.set("2026-07-01T00:00:00Z".parse().unwrap());
    assert_eq!(world.person.read(&world.registry, CERTIFICATES)["items"][0]["state"], "expired");
    assert_refused(&world.connect(Some(&badge)).get("/v1/session"), "certificate_expired");
}

#[on_every_database(World::new)]
fn unknown_and_expired_certificates_are_told_apart_and_a_key_beside_them_counts(world: World) {
    let (known, unknown) = (Badge::new("known"), Badge::new("unknown"));
    world.enrolled(&world.person, &known, &["resolve"]);
    let (mut line, mut strange) = (world.connect(Some(&known)), world.connect(Some(&unknown)));

    assert_refused(&strange.get("/v1/session"), "certificate_unknown");
    assert_eq!(strange.ask_as(&world.person.bearer, "GET", "/v1/session", &Value::Null).status.as_u16(), 200);
    let by_key = line.ask_as(&world.person.bearer, "GET", "/v1/session", &Value::Null).json();
    assert_eq!(by_key["id"], json!(world.person.key_id), "the key counts, not the certificate");
    let none = world.connect(None).get("/v1/session").problem(401, "unauthenticated");
    assert_eq!(none["errors"], json!([]));
    // People sign in from browsers that may show a certificate unasked.
    let sign_in = json!({"email": "nobody@alpha.example", "password": "correct horse battery"});
    let refused = strange.ask("POST", "/v1/session", &[], &sign_in).problem(401, "unauthenticated");
    assert_eq!(refused["errors"], json!([]));
    assert_eq!(line.get("/v1/session").status.as_u16(), 200);
    world.registry.clock.set("2026-09-01T00:00:01Z".parse().unwrap());
    assert_refused(&line.get("/v1/session"), "certificate_expired");
}

/// Were it not so, one could enrol a certificate that another organisation has published, and would be sent its requests.
#[on_every_database(World::new)]
fn nobody_enrols_a_certificate_whose_key_the_connection_has_not_proved(world: World) {
    let (ours, theirs) = (Badge::new("ours"), Badge::new("theirs"));
    let with = |pem: &str| json!({"pem": pem, "scopes": ["resolve"]});
    let fault = |answer: Answer| {
        let problem = answer.problem(422, "invalid_request");
        (problem["errors"][0]["pointer"].clone(), problem["errors"][0]["code"].clone())
    };

    let post = |line: &mut Line, body: &Value| line.ask_as(&world.person.bearer, "POST", CERTIFICATES, body);
    let missing = (json!("/pem"), json!("possession_not_proven"));
    assert_eq!(fault(post(&mut world.connect(None), &with(&theirs.pem))), missing);
    assert_eq!(fault(post(&mut world.connect(Some(&ours)), &with(&theirs.pem))), missing);
    assert_eq!(fault(post(&mut world.connect(Some(&ours)), &with("-----BEGIN"))).1, "invalid_value");
    let key_as_certificate = ours.pem.replace(" CERTIFICATE", " PUBLIC KEY");
    assert_eq!(fault(post(&mut world.connect(Some(&ours)), &with(&key_as_certificate))).1, "invalid_value");

    assert_eq!(world.person.read(&world.registry, CERTIFICATES)["items"], json!([]));
    world.enrolled(&world.person, &ours, &["resolve"]);
    let problem = world.enrol(&world.person, &ours, &["resolve"]).problem(409, "conflict");
    assert_eq!(problem["errors"][0]["code"], "certificate_in_use");
}

#[on_every_database(World::new)]
fn certificates_that_are_over_or_for_something_else_are_not_enrolled(world: World) {
    let fault = |badge: &Badge| {
        let problem = world.enrol(&world.person, badge, &["resolve"]).problem(422, "invalid_request");
        problem["errors"][0]["code"].as_str().unwrap().to_owned()
    };

    let ended = Badge::made("ended", |params| params.not_after = rcgen::date_time_ymd(2026, 5, 31));
    let later = Badge::made("later", |params| params.not_before = rcgen::date_time_ymd(2026, 6, 2));
    let server = Badge::made("server", |params| {
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    });
    assert_eq!([fault(&ended), fault(&later)], ["certificate_expired", "certificate_not_yet_valid"]);
    assert_eq!(fault(&server), "wrong_key_usage");
    let client = Badge::made("client", |params| {
        params.key_usages = vec![rcgen::KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ClientAuth];
    });
    world.enrolled(&world.person, &client, &["resolve"]);
}

#[on_every_database(World::new)]
fn a_certificate_does_no_more_and_lasts_no_longer_than_the_key_it_is_enrolled_with(world: World) {
    let ends = "2026-07-01T00:00:00Z";
    let (scopes, end) = (&[Scope::Admin, Scope::Resolve][..], Some(ends.parse().unwrap()));
    let short = world.registry.user_with(world.person.organisation, UserKind::Person, &[], (scopes, end));
    let badge = Badge::new("gateway");
    let with = |scope: &str, end: Value| json!({"scopes": [scope], "expires_at": end});
    let post = |body: &Value| world.connect(Some(&badge)).ask_as(&short.bearer, "POST", CERTIFICATES, body);

    post(&with("precheck", Value::Null)).problem(403, "forbidden");
    let late = post(&with("resolve", json!("2026-07-01T00:00:01Z"))).problem(422, "invalid_request");
    assert_eq!(late["errors"][0]["code"], "later_than_own");
    let after = post(&with("resolve", json!("2026-09-01T00:00:01Z"))).problem(422, "invalid_request");
    assert_eq!(after["errors"][0]["code"], "later_than_certificate");
    let made = post(&with("admin", Value::Null)).json();
    assert_eq!(made["expires_at"], ends);

    // What is made with the certificate is bounded by it in turn.
    let mut line = world.connect(Some(&badge));
    let key = |scope: &str, end: Value| json!({"name": "x", "scopes": [scope], "expires_at": end, "owner": null});
    line.ask("POST", "/v1/api-keys", &[], &key("resolve", json!(ends))).problem(403, "forbidden");
    let late = line.ask("POST", "/v1/api-keys", &[], &key("admin", Value::Null)).problem(422, "invalid_request");
    assert_eq!(late["errors"][0]["code"], "later_than_own");
    assert_eq!(line.ask("POST", "/v1/api-keys", &[], &key("admin", json!(ends))).status.as_u16(), 201);
}

#[on_every_database(World::new)]
fn admins_enrol_for_programs_and_certificates_of_others_are_as_absent_as_none(world: World) {
    let home = world.person.organisation;
    let admin = world.registry.person_with(home, &[Role::Admin], &[Scope::Admin, Scope::Resolve]);
    let bot = world.registry.user_with(home, UserKind::Machine, &[], (&[Scope::Resolve], None));
    let stranger = world.registry.home(OrganisationKind::Gateway, None);
    let stranger = world.registry.person_with(stranger, &[Role::Admin], &[Scope::Admin, Scope::Resolve]);
    let badge = Badge::new("bot");
    let for_user = |owner: &Person| json!({"scopes": ["resolve"], "user": owner.user});
    let post =
        |who: &Person, owner: &Person| world.connect(Some(&badge)).ask_as(&who.bearer, "POST", CERTIFICATES, &for_user(owner));

    post(&world.person, &bot).problem(404, "not_found");
    post(&stranger, &bot).problem(404, "not_found");
    post(&admin, &world.person).problem(403, "forbidden");
    let made = post(&admin, &bot).json();

    assert_eq!(world.connect(Some(&badge)).get("/v1/session").json()["user"]["id"], json!(bot.user));
    let id = made["id"].as_str().unwrap();
    let hidden = world.revoke(&stranger, id);
    hidden.assert_same(&world.revoke(&stranger, "ccr_00000000000000000000000000"));
    hidden.problem(404, "not_found");
    world.revoke(&world.person, id).problem(404, "not_found");
    assert_eq!(stranger.read(&world.registry, &format!("{CERTIFICATES}?owner=organisation"))["items"], json!([]));
    world.person.get(&world.registry, &format!("{CERTIFICATES}?owner=organisation")).problem(403, "forbidden");
    let all = admin.read(&world.registry, &format!("{CERTIFICATES}?owner=organisation"));
    assert_eq!(all["items"], json!([made]));
    // A user who may not act any more does not act with a certificate either.
    let disabled = format!("/v1/users/{}/disable", bot.user);
    let etag = admin.get(&world.registry, &format!("/v1/users/{}", bot.user)).header("etag").to_owned();
    admin.send(&world.registry, "POST", &disabled, &[("if-match", &etag)], &Value::Null).with(200);
    assert_refused(&world.connect(Some(&badge)).get("/v1/session"), "certificate_revoked");
}

#[on_every_database]
fn a_certificate_decides_nothing_where_two_people_are_needed(database: Database) {
    let files = TlsFiles::new();
    let registry = Registry::start_tls(database, &files, |_| ());
    let (first, second) = registry.two_admins();
    let badge = Badge::new("first");
    let mut line = files.connect(registry.address, Some(&badge));
    let body = json!({"scopes": ["admin", "operator"], "recovery_code": registry.app_of(&first)[0]});
    line.ask_as(&first.bearer, "POST", CERTIFICATES, &body).problem(403, "session_needed");
    line.ask_as(&registry.session_of(first.user), "POST", CERTIFICATES, &body).with(201);
    let users = format!("/v1/users?organisation={}", first.organisation);
    let invited = json!({"name": "New", "email": "new@registry.example", "roles": ["reviewer"]});
    line.ask("POST", &users, &[], &invited).problem(403, "session_needed");
    let role = first.done(&registry, &users, &invited)["user"]["roles"][0].clone();

    first.approve(&registry, &role).problem(409, "same_person");
    line.ask("POST", &step(&role, "approve"), &[], &approval(&role)).problem(403, "session_needed");
    second.approve(&registry, &role).with(200);

    let told = second.read(&registry, "/v1/audit?organisation=all&limit=1000&action=client_certificate.create");
    assert_eq!(told["items"].as_array().unwrap().len(), 1, "{told}");
}
