//! What is altered in a database with SQL is found, wherever what is stored is read whole: by `verify database`, `backup --verify`,
//! `restore`, and the look that a server takes every day; and what nobody altered is found whole.

use std::path::{Path, PathBuf};
use std::process::Output;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;
use vasp_clock::Clock;
use vasp_registry::imports::ImportFormat;
use vasp_registry::integrity::{Extent, Place, Sample, Suspects, Verified, verify_database};
use vasp_registry::transparency::prepare_signing;
use vasp_store::DocumentFolder;

use super::Story;
use crate::support::{Client, Database, Server, assert_refused, command, is_turn_of, on_every_database};

/// What somebody does with SQL, the table that is put back afterwards, and what is said of it.
struct Alteration {
    table: &'static str,
    sql: &'static str,
    said: &'static str,
}

const fn altered(table: &'static str, sql: &'static str, said: &'static str) -> Alteration {
    Alteration { table, sql, said }
}

const ALTERATIONS: &[Alteration] = &[
    altered("claims", "UPDATE claims SET vasp = vasp + 1 WHERE number = 1", "claims, batch 1: a claim of the batch was changed"),
    altered("claims", "UPDATE claims SET expires_at = 1 WHERE number = 1", "claims, batch 1: a claim of the batch was changed"),
    altered("claims", "DELETE FROM claims WHERE number = 1", "claims, batch 1: rows are missing"),
    altered(
        "claims",
        "INSERT INTO claims (class, controller, network, account_key, memo, number, vasp, batch, position, role) \
         SELECT class, controller, network, account_key, memo, 1000000, vasp, batch, 1000000, role FROM claims WHERE number = 1",
        "claims, batch 1: rows are missing or were added before claim 1000000",
    ),
    altered("claims", "UPDATE claims SET seq_to = 2 WHERE number = 1", "claims, 1: it is marked as ended at 2"),
    altered(
        "claims",
        "UPDATE claims SET seq_to = 100000 WHERE number = 1",
        "claims, 1: it ended at a sequence that the log does not",
    ),
    altered("claims", "UPDATE claims SET seq_to = NULL", "but it is not marked as ended"),
    altered("claim_batches", "UPDATE claim_batches SET strength = 3 WHERE number = 1", "claim_batches, entry"),
    altered("claim_batches", "DELETE FROM claim_batches WHERE number = 1", "claim_batches, entry"),
    altered("claim_batches", "UPDATE claim_batches SET seed = source_key_bytes WHERE number = 1", "claim_batches, 1: its seed"),
    altered("facts", "UPDATE facts SET value = 'Evil AG' WHERE value = 'Lagoon Exchange GmbH'", "another value of /legal_name"),
    altered("facts", "UPDATE facts SET value = 'suspended' WHERE value = 'verified'", "another value of /status"),
    altered(
        "facts",
        "UPDATE facts SET value = '2020-01-01' WHERE attribute = 'licence_start' AND value = '2025-01-01'",
        "/valid_from",
    ),
    altered(
        "facts",
        "UPDATE facts SET valid_to = '2026-01-01' WHERE value = 'Lagoon Exchange GmbH'",
        "another value of /legal_name",
    ),
    altered(
        "facts",
        "DELETE FROM facts WHERE attribute = 'country' AND value = 'DE' AND licence = ''",
        "another value of /country",
    ),
    altered("facts", "DELETE FROM facts WHERE attribute = 'contact'", "another value of /contacts/"),
    altered(
        "facts",
        "INSERT INTO facts (vasp, licence, origin, attribute, item, value, source, seq_from) SELECT vasp, '', origin, 'other_name', \
         'Evil', 'trading', source, seq_from FROM facts WHERE value = 'Lagoon Exchange GmbH'",
        "another value of /other_names/Evil",
    ),
    altered("licences", "DELETE FROM licences WHERE authority = 'DE-BAFIN'", "licences, lic_"),
    altered("evidence", "UPDATE evidence SET seq_to = 1 WHERE attribute = 'legal_name'", "evidence, vasp_"),
    altered("change_payloads", "UPDATE change_payloads SET payload = '{}' WHERE sequence = 1", "change_payloads, 1: the payload"),
    altered(
        "changes",
        "UPDATE changes SET audience = 'operator' WHERE sequence = 1",
        "its frontier is not the frontier of the entries",
    ),
    altered("changes", "UPDATE changes SET subject = NULL WHERE subject IS NOT NULL AND sequence = 1", "changes, 1: its subject"),
    altered("log_head", "UPDATE log_head SET sequence = sequence - 1", "an entry after the last entry of its head"),
    altered("log_tiles", "UPDATE log_tiles SET hashes = (SELECT hash FROM audit_head)", "log_tiles, level 0"),
    altered("checkpoints", "UPDATE checkpoints SET root = (SELECT hash FROM audit_head)", "checkpoints, "),
    altered("signing_keys", "UPDATE signing_keys SET public_key = (SELECT hash FROM audit_head)", "signing_keys, entry"),
    altered(
        "audit_events",
        "UPDATE audit_events SET actor = 'usr_x' WHERE number = 2",
        "audit_events, 2: its hash does not match",
    ),
    altered("audit_events", "UPDATE audit_events SET payload = '{}' WHERE number = 2", "audit_events, 2: its payload"),
    altered("audit_events", "DELETE FROM audit_events WHERE number = 2", "audit_events, 2: the event is missing"),
    // An old row that somebody put back.
    altered("api_keys", "UPDATE api_keys SET revoked_at = NULL", "it is in force, although the audit chain says"),
    // Removed pre-checks.
    altered("prechecks", "DELETE FROM prechecks", "1 of 1 recorded pre-checks of this day are missing"),
    altered(
        "prechecks",
        "INSERT INTO prechecks (organisation, id, recorded_at, sequence, sealed, floor_days, floor_by, kept_until) \
         SELECT organisation, id || 'a', recorded_at, sequence, sealed, floor_days, floor_by, kept_until FROM prechecks",
        "1 of 2 pre-checks of this day were never recorded",
    ),
    altered("precheck_counts", "DELETE FROM precheck_counts", "it has pre-checks, but none was counted"),
    altered("documents", "UPDATE documents SET body = body || ' '", "documents, entry"),
    altered("snapshots", "UPDATE snapshots SET observed_on = '2020-01-01'", "snapshots, entry"),
];

/// A registry as it is used, and what an operator has of it.
struct Used {
    story: Story,
    folder: TempDir,
}

impl Used {
    fn begin(database: Database) -> Self {
        let story = Story::begin(database);
        let registry = &story.registry;
        registry.import(ImportFormat::ClaimsCsv, "labels.csv", include_bytes!("../../fixtures/claims/labels.csv"));
        registry.import(ImportFormat::EsmaCasps, "CASPS_20260426.csv", include_bytes!("../../fixtures/esma/CASPS_20260426.csv"));
        registry.import(ImportFormat::EsmaCasps, "CASPS_20260510.csv", include_bytes!("../../fixtures/esma/CASPS_20260510.csv"));
        registry.import(ImportFormat::NonCompliantJson, "non_compliant.json", include_bytes!("../../../seed/non_compliant.json"));
        let vasp = story.verified();
        story.claims();
        let question = json!({"direction": "outgoing", "beneficiary": {"vasp": vasp}, "transfer": {"fiat": {"amount": "10.00", "currency": "EUR"}},
                              "originator": {"jurisdiction": "DE"}});
        registry.post_as(&story.gateway, "/v1/prechecks", &question).with(200);
        let document = "/v1/documents?name=Licence&type=licence";
        let headers = [("authorization", story.member.bearer.as_str()), ("content-type", "text/plain")];
        assert_eq!(registry.client.upload(document, &headers, b"abc").status, 201);
        let key = story.member.done(registry, "/v1/api-keys", &json!({"name": "a key", "scopes": ["resolve"]}));
        story
            .member
            .send(registry, "DELETE", &format!("/v1/api-keys/{}", key["api_key"]["id"].as_str().unwrap()), &[], &Value::Null)
            .answered(200);
        let sequence = registry.registry.directory().catch_up().unwrap();
        prepare_signing(&registry.registry, sequence, registry.clock.now(), &mut registry.random.fork()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let key = folder.path().join("master-key");
        std::fs::write(&key, registry.keys.to_text()).unwrap();
        std::fs::set_permissions(&key, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        Self { story, folder }
    }

    fn database(&self) -> &Database {
        &self.story.registry.database
    }

    /// Runs the binary on a database with the registry's key and documents.
    fn run(&self, database: &Database, documents: &Path, arguments: &[&str]) -> Output {
        let mut command = command(arguments);
        command.env("VASP_REGISTRY_DATABASE", database.url.whole());
        command.env("VASP_REGISTRY_MASTER_KEY_FILE", self.folder.path().join("master-key"));
        command.env("VASP_REGISTRY_DOCUMENTS", documents).output().unwrap()
    }

    fn verify(&self) -> Output {
        self.run(self.database(), self.story.registry.documents.path(), &["verify", "database"])
    }

    /// Asserts that the look at everything, and the daily one, find an alteration that was made, and name it.
    fn assert_found(&self, name: &str, said: &str) {
        let folder = DocumentFolder::new(self.story.registry.documents.path().to_owned());
        let registry = &self.story.registry;
        let of = Verified { store: registry.registry.store(), keys: Some(&registry.keys), documents: Some(&folder) };
        let sample = Extent::Sample(Sample::draw(Suspects::default(), 1_000_000, &mut registry.random.fork()));
        for extent in [Extent::From(Place::Log), sample] {
            let report = verify_database(of, &extent, &mut |_, _| true).unwrap();
            assert!(report.altered.iter().any(|altered| altered.to_string().contains(said)), "{name}: {:?}", report.altered);
        }
    }

    /// Asserts that `verify database` names the alteration, and that `backup --verify` and `restore` refuse.
    fn assert_commands_find(&self, name: &str, said: &str) {
        let found = self.verify();
        let printed = String::from_utf8_lossy(&found.stdout);
        assert_eq!(found.status.code(), Some(1), "{name}: {printed}{}", String::from_utf8_lossy(&found.stderr));
        assert!(printed.contains(said), "{name}: {printed}");
        let to = self.folder.path().join("kept.backup");
        drop(std::fs::remove_file(&to));
        drop(std::fs::remove_dir_all(self.folder.path().join("kept.backup.documents")));
        let documents = self.story.registry.documents.path();
        let backup = ["backup", "--to", to.to_str().unwrap()];
        assert_refused(
            &self.run(self.database(), documents, &[&backup[..], &["--verify"]].concat()),
            "differs from what was recorded",
        );
        assert!(!to.exists(), "{name}");
        let made = self.run(self.database(), documents, &backup);
        assert!(made.status.success(), "{name}: {}", String::from_utf8_lossy(&made.stderr));
        let (elsewhere, restored) = (Database::beside(self.database()), self.folder.path().join("documents"));
        let put_back = self.run(&elsewhere, &restored, &["restore", "--from", to.to_str().unwrap()]);
        assert_refused(&put_back, "differs from what was recorded");
    }
}

impl Story {
    /// Has the member claim addresses, change one claim and take another back.
    fn claims(&self) {
        let claim = |number: u8| {
            let body = json!({"network": "eip155:1", "address": format!("0x{number:040x}"), "role": "hot"});
            let made = self.registry.post_as(&self.member, "/v1/claims", &body).with(201);
            format!("/v1/claims/{}", made.json()["id"].as_str().unwrap())
        };
        let [first, second, _] = [1, 2, 3].map(claim);
        let send = |method: &str, path: &str, body: &Value| {
            let tag = self.registry.get_as(&self.member, path).header("etag").to_owned();
            let answer = self.registry.send_as(&self.member, method, path, &[("if-match", &tag)], body);
            assert!(answer.status.is_success(), "{answer:?}");
        };
        send("PATCH", &first, &json!({"role": "cold"}));
        send("DELETE", &second, &Value::Null);
    }
}

fn execute(database: &Database, sql: &str) {
    // Whoever alters a database goes round its references too.
    let file = database.file().is_some();
    let freed = if file { "PRAGMA foreign_keys = OFF" } else { "SET session_replication_role = replica" };
    database.run(&format!("{freed}; {sql}"));
}

#[on_every_database]
fn what_nobody_altered_is_whole_and_is_gone_on_with_from_any_place(database: Database) {
    let used = Used::begin(database);

    let whole = used.verify();

    let printed = String::from_utf8_lossy(&whole.stdout);
    assert_eq!(whole.status.code(), Some(0), "{printed}{}", String::from_utf8_lossy(&whole.stderr));
    assert!(printed.contains("data: agrees with the log") && printed.contains(" 1 files"), "{printed}");
    let documents = used.story.registry.documents.path();
    for place in ["audit", "records:5", "claims:2", "documents"] {
        let rest = used.run(used.database(), documents, &["verify", "database", "--from", place]);
        assert_eq!(rest.status.code(), Some(0), "{}", String::from_utf8_lossy(&rest.stderr));
    }
    let mut keyless = command(&["verify", "database"]);
    keyless.env("VASP_REGISTRY_DATABASE", used.database().url.whole());
    keyless.env("VASP_REGISTRY_MASTER_KEY_FILE", used.folder.path().join("none")).env("VASP_REGISTRY_DOCUMENTS", documents);
    let keyless = keyless.output().unwrap();
    assert_eq!(keyless.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&keyless.stdout).contains("not covered: claims"));
    // A folder that is elsewhere says nothing about the files.
    let away = used.run(used.database(), &used.folder.path().join("elsewhere"), &["verify", "database"]);
    let printed = String::from_utf8_lossy(&away.stdout);
    assert_eq!(away.status.code(), Some(2), "{printed}");
    assert!(printed.contains("not covered: documents were not looked at here") && !printed.contains("altered"), "{printed}");
    if used.database().file().is_some() {
        let to = used.folder.path().join("kept.backup");
        let made = used.run(used.database(), documents, &["backup", "--verify", "--to", to.to_str().unwrap()]);
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let bytes = std::fs::read(&to).unwrap();
        let copy = Database::at(format!("sqlite://{}", to.display()).parse().unwrap());
        let read = used.run(&copy, documents, &["verify", "database"]);
        assert_eq!(read.status.code(), Some(0), "{}", String::from_utf8_lossy(&read.stderr));
        assert_eq!(std::fs::read(&to).unwrap(), bytes, "a copy is only read");
    }
}

/// Before, `doctor` said `ok`, and `backup --verify` ended with 0.
#[on_every_database(Used::begin)]
fn a_document_whose_file_is_lost_or_altered_is_told_by_doctor_and_backup(used: Used) {
    let documents = used.story.registry.documents.path();
    let folder = DocumentFolder::new(documents.to_owned());
    let file = folder.list().unwrap().pop().unwrap();
    let path = documents.join(&file.organisation).join(&file.file);
    let whole = std::fs::read(&path).unwrap();
    let mut flipped = whole.clone();
    *flipped.last_mut().unwrap() ^= 1;
    let doctor = || {
        let output = used.run(used.database(), documents, &["doctor", "--json", "--listen", "127.0.0.1:0"]);
        let all: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        let found = all.into_iter().find(|one| one["check"] == "document files").unwrap();
        (output.status.code(), found["health"].as_str().unwrap().to_owned())
    };
    let back_up = |options: &[&str]| {
        let to = tempfile::tempdir().unwrap();
        let place = to.path().join("kept.backup");
        used.run(used.database(), documents, &[&["backup", "--to", place.to_str().unwrap()], options].concat())
    };
    assert_eq!(doctor().1, "ok");

    std::fs::write(&path, &flipped).unwrap();
    assert_eq!(doctor(), (Some(1), "failed".to_owned()));
    assert_refused(&back_up(&["--verify"]), "its file is not the uploaded file");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(doctor(), (Some(1), "failed".to_owned()));
    assert_refused(&back_up(&["--verify"]), "the files of 1 documents are missing");
    assert!(back_up(&[]).status.success());
    std::fs::write(&path, &whole).unwrap();
    assert_eq!(doctor().1, "ok");
}

#[on_every_database(Used::begin)]
fn every_alteration_is_found_and_named(used: Used) {
    let mut missed = Vec::new();
    for (place, Alteration { table, sql, said }) in (0..).zip(ALTERATIONS) {
        let sql = sql.replace("source_key_bytes", "(SELECT hash FROM audit_head)");
        execute(used.database(), &format!("CREATE TABLE kept_aside AS SELECT * FROM {table}; {sql}"));
        // All that are missed are told at once.
        let found = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            used.assert_found(&sql, said);
            if is_turn_of(place) {
                used.assert_commands_find(&sql, said);
            }
        }));
        missed.extend(found.err().map(|_| sql));
        let back = format!("DELETE FROM {table}; INSERT INTO {table} SELECT * FROM kept_aside; DROP TABLE kept_aside");
        execute(used.database(), &back);
    }
    assert_eq!(missed, [""; 0]);
    assert_eq!(used.verify().status.code(), Some(0), "all is put back");
    let file = file_below(used.story.registry.documents.path());
    let whole = std::fs::read(&file).unwrap();
    std::fs::write(&file, [&whole[..whole.len() - 1], &[!whole[whole.len() - 1]]].concat()).unwrap();
    used.assert_found("a document's file", "its file is not the uploaded file");
    used.assert_commands_find("a document's file", "its file is not the uploaded file");
}

/// The one file of a folder of documents.
fn file_below(folder: &Path) -> PathBuf {
    let only = |folder: &Path| std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).next().unwrap();
    only(&only(folder))
}

#[on_every_database]
fn a_server_finds_what_was_altered_under_it_and_says_when_it_is_mended(database: Database) {
    let used = Used::begin(database);
    let Used { story, folder } = used;
    let mut serve = command(&["serve", "--listen", "127.0.0.1:0", "--verify-interval-secs", "1", "--public-metrics"]);
    serve.env("VASP_REGISTRY_DATABASE", story.registry.database.url.whole());
    serve.env("VASP_REGISTRY_MASTER_KEY_FILE", folder.path().join("master-key"));
    serve.env("VASP_REGISTRY_DOCUMENTS", story.registry.documents.path());
    let server = Server::start(serve);
    let client = Client::new(server.address);
    let until = |status: &str| {
        for _ in 0..300 {
            let ready = client.get("/readyz").json();
            if ready["status"] == status {
                return ready;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        panic!("never {status}: {:?}", client.get("/readyz"));
    };
    until("ready");

    execute(&story.registry.database, "UPDATE claims SET vasp = vasp + 1 WHERE number = 1");
    let degraded = until("degraded");
    let gauge = client.get("/metrics").text;
    execute(&story.registry.database, "UPDATE claims SET vasp = vasp - 1 WHERE number = 1");
    until("ready");
    let (code, log) = server.stop("TERM");

    assert_eq!(degraded["reasons"][0]["code"], "data_altered");
    let detail = degraded["reasons"][0]["detail"].as_str().unwrap();
    assert!(detail.contains("claims, batch 1: a claim of the batch was changed"), "{detail}");
    assert!(gauge.contains(r#"vasp_registry_degraded{cause="data_altered"} 1"#), "{gauge}");
    assert_eq!(code, Some(0));
    assert!(log.contains("the stored data differs from what was recorded: run `vasp-registry verify database`"), "{log}");
    assert!(log.contains("the node is degraded") && log.contains("data_altered"), "{log}");
}
