//! The binary's `import` and `convert` on the fixtures: exit codes, reports, and what stands in the database afterwards.
//! Counts and lines come from `scripts/check_data.py` and from the list of edits in `tests/fixtures/README.md`.

mod april_to_july;
mod brands;
mod other_lists;
mod published_lists;
mod sources;
mod typed_registers;

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use serde_json::{Value, json};
use tempfile::TempDir;
use vasp_clock::{Random, Stopwatch};
use vasp_log::Sealer;
use vasp_pki::MasterKeys;
use vasp_record::vasp::{Vasp, VaspKind};
use vasp_registry::directory::{ClaimIndexOptions, Generation};
use vasp_registry::node::Registry;
use vasp_store::{Store, StoreError, StoreOptions};
use vasp_words::time::{Date, UtcTime};

use crate::support::{Client, Database, NOW, Server, assert_refused, command, on_every_database};

/// A database that the binary works on, with its master key and a folder for files.
struct Home {
    database: Database,
    folder: TempDir,
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn seed(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("seed").join(name)
}

impl Home {
    fn new(database: Database) -> Self {
        let home = Self { database, folder: tempfile::tempdir().unwrap() };
        assert!(home.command(&["migrate"]).output().unwrap().status.success());
        home
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = command(arguments);
        command.env("VASP_REGISTRY_DATABASE", self.database.url.whole());
        command.env("VASP_REGISTRY_MASTER_KEY_FILE", self.folder.path().join("master-key"));
        command
    }

    fn import(&self, format: &str, file: &Path, options: &[&str]) -> Output {
        let mut arguments = vec!["import", format, file.to_str().unwrap(), "--json"];
        arguments.extend(options);
        self.command(&arguments).output().unwrap()
    }

    /// Imports a file, asserts the exit code, and returns the report.
    #[track_caller]
    fn report(&self, format: &str, file: &Path, options: &[&str], code: i32) -> Value {
        let output = self.import(format, file, options);
        assert_eq!(output.status.code(), Some(code), "{}", String::from_utf8_lossy(&output.stderr));
        let reports: Value = serde_json::from_slice(&output.stdout).unwrap();
        reports[0].clone()
    }

    /// Writes a file and returns where.
    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn store(&self) -> Store {
        Store::open(&self.database.url, &StoreOptions::default(), Arc::new(Sealer::default())).unwrap()
    }

    fn sequence(&self) -> i64 {
        self.store().read::<_, StoreError>(|conn| Ok(conn.log_head()?.sequence)).unwrap()
    }

    /// The directory as of a sequence, on a day.
    fn at(&self, sequence: i64, day: &str) -> Arc<Generation> {
        let mut rng = Random::seeded(3).fork();
        let keys = match std::fs::read_to_string(self.folder.path().join("master-key")) {
            Ok(text) => MasterKeys::parse(&text).unwrap(),
            Err(_) => MasterKeys::generate(&mut rng),
        };
        let registry = Registry::open(self.store(), keys, ClaimIndexOptions::default(), now(), &mut rng).unwrap();
        let day: Date = day.parse().unwrap();
        registry.directory().at(sequence, day).unwrap()
    }
}

fn now() -> UtcTime {
    NOW.parse().unwrap()
}

fn counts(report: &Value) -> [u64; 8] {
    ["read", "taken", "unchanged", "repeated", "new", "changed", "vanished", "log_changes"]
        .map(|name| report[name].as_u64().unwrap())
}

/// Line, column and reason of each row that was rejected.
fn told(report: &Value) -> Value {
    report["rejected"].as_array().unwrap().iter().map(|row| json!([row["line"], row["column"], row["reason"]])).collect()
}

fn named(generation: &Generation, name: &str) -> Vasp {
    let found = generation.records().iter().find(|record| record.legal_name == name);
    found.unwrap_or_else(|| panic!("{name} is missing")).as_ref().clone()
}

/// Returns every record without the ids that chance gave it, in order.
fn records(generation: &Generation) -> Vec<String> {
    let mut all: Vec<String> = generation
        .records()
        .iter_judged()
        .map(|judged| {
            let mut record = judged.record.as_ref().clone();
            record.id = "vasp_00000000000000000000000000".parse().unwrap();
            record.licences.iter_mut().for_each(|licence| licence.id = "lic_00000000000000000000000000".parse().unwrap());
            format!("{record:?} {:?}", judged.elsewhere)
        })
        .collect();
    all.sort();
    all
}

#[on_every_database(Home::new)]
fn a_published_register_is_taken_and_the_same_file_again_changes_nothing(home: Home) {
    let file = fixture("esma/CASPS_20260426.csv");

    let first = home.report("esma-casps", &file, &[], 0);
    let again = home.report("esma-casps", &file, &[], 0);

    assert_eq!(counts(&first), [48, 47, 0, 1, 46, 0, 0, 47]);
    assert_eq!((&first["observed_on"], &first["sequence"]), (&json!("2026-04-26"), &json!(47)));
    assert_eq!(counts(&again), [48, 0, 47, 1, 0, 0, 0, 0]);
    assert_eq!(again["sequence"], 47);
}

#[on_every_database(Home::new)]
fn a_dry_run_reports_the_same_and_keeps_nothing(home: Home) {
    for (format, file) in [("esma-casps", "esma/CASPS_20260426.csv"), ("claims-csv", "claims/labels.csv")] {
        let file = fixture(file);
        let code = i32::from(format == "claims-csv");
        let before = home.sequence();
        let rehearsed = home.report(format, &file, &["--dry-run"], code);
        assert_eq!(home.sequence(), before);
        let real = home.report(format, &file, &[], code);

        assert_eq!((&rehearsed["dry_run"], &real["dry_run"]), (&json!(true), &json!(false)));
        assert_eq!(counts(&rehearsed), counts(&real));
    }
}

#[on_every_database(Home::new)]
fn vanished_ended_renamed_and_new_rows_change_what_they_should_and_keep_the_past(home: Home) {
    let first = home.report("esma-casps", &fixture("esma/CASPS_20260426.csv"), &[], 0);
    let second = home.report("esma-casps", &fixture("esma/CASPS_20260510.csv"), &[], 0);

    // Of the six edits one is a row that is missing and one a row that is new.
    assert_eq!(counts(&second), [48, 5, 42, 1, 1, 4, 1, 7]);
    let (old, new) = (first["sequence"].as_i64().unwrap(), second["sequence"].as_i64().unwrap());
    let (before, after) = (home.at(old, "2026-05-10"), home.at(new, "2026-05-10"));
    let earlier_day = home.at(new, "2026-05-09");
    let status = |generation: &Generation, name: &str| {
        let licence = named(generation, name).licences[0].clone();
        serde_json::to_value(licence.status_on(generation.day())).unwrap()
    };
    assert_eq!(status(&before, "COINMATE a.s."), "in_force");
    assert_eq!(status(&earlier_day, "COINMATE a.s."), "in_force");
    assert_eq!(status(&after, "COINMATE a.s."), "not_listed");
    assert_eq!(status(&before, "Coinmotion Oy"), "in_force");
    assert_eq!(status(&after, "Coinmotion Oy"), "ended");
    assert_eq!(status(&home.at(new, "2026-04-29"), "Coinmotion Oy"), "in_force");
    let bank = named(&after, "OPEN BANK S.A.");
    assert_eq!(bank.lei.map(|lei| lei.to_string()).as_deref(), Some("5493000LM0MZ4JPMGM90"));
    assert_eq!(bank.id, named(&before, "OPEN BANK S.A.").id);
    assert_eq!(named(&before, "OPEN BANK S.A.").lei, None);
    assert_eq!(named(&after, "Banking Circle Europe S.A.").id, named(&earlier_day, "Banking Circle S.A.").id);
    let states: Vec<String> = named(&after, "Kvarn Capital Oy").licences[0].territories.iter().map(ToString::to_string).collect();
    assert_eq!(states, ["EE", "FI", "SE"]);
    assert!(before.records().iter().all(|record| record.legal_name != "Okazio s.r.o."));
    assert_eq!(status(&after, "Okazio s.r.o."), "in_force");
}

#[test]
fn snapshots_in_any_order_say_the_same_in_the_end() {
    let (forwards, backwards) = (Home::new(Database::sqlite()), Home::new(Database::sqlite()));
    let files = ["esma/CASPS_20260426.csv", "esma/CASPS_20260510.csv"].map(fixture);
    files.iter().for_each(|file| drop(forwards.report("esma-casps", file, &[], 0)));
    files.iter().rev().for_each(|file| drop(backwards.report("esma-casps", file, &[], 0)));

    for day in ["2025-01-01", "2026-04-26", "2026-05-09", "2026-05-10", "2026-11-20"] {
        let ends = [&forwards, &backwards].map(|home| records(&home.at(home.sequence(), day)));
        assert_eq!(ends[0], ends[1], "on {day}");
    }
}

#[on_every_database(Home::new)]
fn broken_rows_are_told_one_by_one_and_too_many_refuse_the_file(home: Home) {
    let file = fixture("esma/CASPS_20260512.csv");

    let refused = home.import("esma-casps", &file, &[]);
    assert_refused(&refused, "only 41 of 48 rows of CASPS_20260512.csv could be read (less than 95 %)");
    assert_eq!(home.sequence(), 0);
    let report = home.report("esma-casps", &file, &["--accept-shrink"], 1);

    assert_eq!(
        told(&report),
        json!([
            [6, "ac_authorisationNotificationDate", "date_invalid"],
            [37, "ac_serviceCode_cou", "country_unknown"],
            [38, "ae_homeMemberState", "country_unknown"],
            [39, "ae_address", "not_utf8"],
            [41, "ac_serviceCode", "service_unknown"],
            [44, null, "column_count"],
            [50, "ae_lei_name", "missing"],
        ])
    );
    assert!(report["rejected"].as_array().unwrap().iter().all(|row| row["file"] == "CASPS_20260512.csv"));
    let held: Vec<Value> =
        report["held"].as_array().unwrap().iter().map(|row| json!([row["line"], row["why"], row["authority"]])).collect();
    assert_eq!(
        Value::from(held),
        json!([
            [36, "authority_unknown", "Finanzmarktaufsicht (FMA)"],
            [46, "authority_unknown", "Dutch Authority for the Markets"],
        ])
    );
    assert_eq!(counts(&report), [48, 38, 0, 1, 37, 0, 0, 38]);
}

/// The fixture of 26 April without its last rows.
fn shortened(by: usize) -> Vec<u8> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_path(fixture("esma/CASPS_20260426.csv")).unwrap();
    let rows: Vec<csv::ByteRecord> = reader.byte_records().map(Result::unwrap).collect();
    let mut writer = csv::Writer::from_writer(Vec::new());
    rows[..rows.len() - by].iter().for_each(|row| writer.write_byte_record(row).unwrap());
    writer.into_inner().unwrap()
}

#[on_every_database(Home::new)]
fn a_snapshot_that_drops_too_many_is_refused_unless_that_is_accepted(home: Home) {
    home.report("esma-casps", &fixture("esma/CASPS_20260426.csv"), &[], 0);
    // 3 of 46 entities are 6.5 %, 2 are 4.3 %.
    let (few, many) = (home.file("CASPS_20260601.csv", shortened(3)), home.file("CASPS_20260602.csv", shortened(2)));

    let refused = home.import("esma-casps", &few, &[]);
    assert_refused(&refused, "CASPS_20260601.csv no longer contains 3 of the register's 46 entities (more than 5 %)");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("--accept-shrink"));
    assert_eq!(home.sequence(), 47);

    assert_eq!(home.report("esma-casps", &many, &["--dry-run"], 0)["vanished"], 2);
    assert_eq!(home.report("esma-casps", &few, &["--accept-shrink"], 0)["vanished"], 3);
}

#[test]
fn a_file_without_a_date_needs_one_and_says_so() {
    let home = Home::new(Database::sqlite());
    let file = home.file("casps.csv", std::fs::read(fixture("esma/CASPS_20260426.csv")).unwrap());

    let refused = home.import("esma-casps", &file, &[]);
    assert_refused(&refused, "casps.csv has no date in its name (such as 20260426)");
    assert_eq!(String::from_utf8_lossy(&refused.stderr).matches("--observed-on").count(), 1, "said once");
    let report = home.report("esma-casps", &file, &["--observed-on", "2026-04-27"], 0);

    assert_eq!(report["observed_on"], "2026-04-27");
}

#[test]
fn compressed_files_and_standard_input_are_read_like_plain_ones() {
    let home = Home::new(Database::sqlite());
    let bytes = std::fs::read(fixture("esma/CASPS_20260426.csv")).unwrap();
    let mut packed = Vec::new();
    flate2::read::GzEncoder::new(&bytes[..], flate2::Compression::fast()).read_to_end(&mut packed).unwrap();
    let file = home.file("CASPS_20260426.csv.gz", packed);

    let compressed = home.report("esma-casps", &file, &["--dry-run"], 0);
    let mut child = home
        .command(&["import", "esma-casps", "-", "--json", "--dry-run", "--observed-on", "2026-04-26"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(&bytes).unwrap();
    let output = child.wait_with_output().unwrap();

    assert_eq!(counts(&compressed), [48, 47, 0, 1, 46, 0, 0, 47]);
    assert_eq!(output.status.code(), Some(0));
    let piped: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(counts(&piped[0]), counts(&compressed));
}

#[test]
fn a_report_file_keeps_what_went_in_before_a_file_that_is_refused() {
    let home = Home::new(Database::sqlite());
    let report = home.folder.path().join("report.json");
    let (good, bad) = (fixture("esma/CASPS_20260426.csv"), fixture("esma/CASPS_20260512.csv"));
    let arguments = ["import", "esma-casps", good.to_str().unwrap(), bad.to_str().unwrap(), "--report", report.to_str().unwrap()];

    let output = home.command(&arguments).output().unwrap();

    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(said.contains("the files before it (1) stay imported"), "{said}");
    let reports: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    assert_eq!(reports.as_array().unwrap().len(), 1);
    assert_eq!(home.sequence(), 47);
}

#[test]
fn a_converted_register_gives_the_same_records_as_the_published_one() {
    let (direct, converted) = (Home::new(Database::sqlite()), Home::new(Database::sqlite()));
    let file = fixture("esma/CASPS_20260426.csv");
    direct.report("esma-casps", &file, &[], 0);

    let output = converted.command(&["convert", "esma-casps", file.to_str().unwrap()]).output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    let neutral = converted.file("register.json", output.stdout);
    let report = converted.report("register-json", &neutral, &[], 0);

    assert_eq!((&report["new"], &report["observed_on"]), (&json!(46), &json!("2026-04-26")));
    assert_eq!(records(&direct.at(47, "2026-05-01")), records(&converted.at(47, "2026-05-01")));
}

#[on_every_database(Home::new)]
fn labels_become_claims_of_groups_and_rows_that_cannot_are_told(home: Home) {
    let report = home.report("claims-csv", &fixture("claims/labels.csv"), &[], 1);

    assert_eq!(counts(&report), [11, 4, 0, 0, 2, 0, 0, 3]);
    assert_eq!(
        told(&report),
        json!([
            [6, "network", "network_unknown"],
            [7, "network", "network_unsupported"],
            [8, "address", "checksum_mismatch"],
            [9, "address", "checksum_mismatch"],
            [10, "entity", "missing"],
            [11, "added_date", "date_invalid"],
            [12, null, "column_count"],
        ])
    );
    // `okex` is a spelling of `okx`: one group, whose second name is kept.
    let generation = home.at(home.sequence(), "2026-06-01");
    let groups: Vec<&str> =
        generation.records().iter().filter(|r| r.kind == VaspKind::Group).map(|r| r.legal_name.as_str()).collect();
    assert_eq!((groups.len(), groups.contains(&"OKX"), groups.contains(&"somebody")), (2, true, true));
    let names: Vec<String> = named(&generation, "OKX").other_names.into_iter().map(|name| name.name).collect();
    assert_eq!(names, ["OKEx"]);
}

#[on_every_database(Home::new)]
fn the_same_labels_again_and_those_of_a_later_version_are_known_already(home: Home) {
    home.report("claims-csv", &fixture("claims/labels.csv"), &[], 1);
    let text = std::fs::read_to_string(fixture("claims/labels.csv")).unwrap();
    // The last row, again under the same source at another commit, and the first twice in one file.
    let first = text.lines().nth(1).unwrap();
    let later =
        home.file("later.csv", format!("{}{first}\n{}", text.replace("@0:", "@1:"), first.replace("okx,OKX,", "other,Other,")));

    let again = home.report("claims-csv", &fixture("claims/labels.csv"), &[], 1);
    let later = home.report("claims-csv", &later, &[], 1);

    assert_eq!(counts(&again), [11, 0, 4, 0, 0, 0, 0, 0]);
    // New is only what another owner claims.
    assert_eq!(counts(&later), [13, 1, 5, 0, 1, 0, 0, 2]);
}

#[test]
fn rows_repeated_within_one_file_are_counted_and_taken_once() {
    let home = Home::new(Database::sqlite());
    let text = std::fs::read_to_string(fixture("claims/labels.csv")).unwrap();
    let heading = text.lines().next().unwrap();
    let row = text.lines().nth(1).unwrap();
    let file = home.file("twice.csv", format!("{heading}\n{row}\n{row}\n{}\n", row.replace("@0:", "@1:")));

    let report = home.report("claims-csv", &file, &[], 0);

    assert_eq!(counts(&report), [3, 1, 0, 2, 1, 0, 0, 2]);
}

#[test]
fn a_name_that_is_the_key_of_another_entity_is_told_and_not_taken() {
    let home = Home::new(Database::sqlite());
    home.report("claims-csv", &fixture("claims/labels.csv"), &[], 1);
    let text = std::fs::read_to_string(fixture("claims/labels.csv")).unwrap();
    let [heading, row] = text.lines().take(2).collect::<Vec<_>>()[..] else { panic!("{text}") };
    let named = |names: &str| row.replace("okx,OKX,", names).replace("@0:", "@1:");
    // The columns `entity` and `entity_name` were sorted apart. A name of two entities may be right.
    let rows = [
        "gate-io,Gate.io,",
        "kraken,OKX,",
        "kraken,gate io,",
        "kraken,Kraken,",
        "okx,Kraken,",
        "okx,OKX,",
        "kraken,Payward,",
        "okx,Payward,",
    ];
    let file = home.file("mixed.csv", format!("{heading}\n{}\n", rows.map(named).join("\n")));

    let report = home.report("claims-csv", &file, &[], 1);

    assert_eq!(told(&report), json!([3, 4, 6].map(|line| json!([line, "entity_name", "contradicts"]))));
}

#[on_every_database(Home::new)]
fn a_link_needs_its_group_and_its_entity(home: Home) {
    let links = home.file(
        "links.csv",
        "group_key,lei,source,as_of\n\
             okx,54930069NLWEIGLHXU42,read in both,2026-04-26\n\
             nobody,54930069NLWEIGLHXU42,read in both,2026-04-26\n\
             okx,5493007WZ7IFULIL8G21,read in both,2026-04-26\n\
             okx,9.60E+19,read in both,2026-04-26\n",
    );
    home.report("claims-csv", &fixture("claims/labels.csv"), &[], 1);

    let early = home.report("group-links", &links, &[], 1);
    home.report("esma-casps", &fixture("esma/CASPS_20260426.csv"), &[], 0);
    let late = home.report("group-links", &links, &[], 1);
    let again = home.report("group-links", &links, &[], 1);

    assert_eq!((early["taken"].as_u64(), early["rejected"].as_array().unwrap().len()), (Some(0), 4));
    assert!(early["rejected"].as_array().unwrap().iter().all(|row| row["file"] == "links.csv"), "{early}");
    assert!(told(&late).as_array().unwrap().contains(&json!([3, "group_key", "missing"])), "{late}");
    assert!(told(&late).as_array().unwrap().contains(&json!([5, "lei", "lei_invalid"])), "{late}");
    assert_eq!(again["log_changes"], 0);
    let (sequence, okx) = (home.sequence(), "OKX");
    let generation = home.at(sequence, "2026-06-01");
    let group = named(&generation, okx).id;
    assert_eq!(late["taken"], generation.records().entities_of(group).count());
}

#[on_every_database(Home::new)]
fn reference_documents_are_taken_once_and_refused_whole_where_they_are_broken(home: Home) {
    for (format, name, broken, why) in [
        ("rulebook", "rulebook.json", "schema_version", "unknown field `schema_versions`"),
        ("lists", "lists.json", "known_through", "unknown field `known_throughs`"),
        ("policy", "policy.json", "rules", "unknown field `ruless`"),
    ] {
        let text = std::fs::read_to_string(seed(name)).unwrap();
        let bad = home.file("bad.json", text.replacen(&format!("\"{broken}\""), &format!("\"{broken}s\""), 1));
        let before = home.sequence();

        let refused = home.import(format, &bad, &[]);
        assert_refused(&refused, why);
        assert!(String::from_utf8_lossy(&refused.stderr).starts_with("error: bad.json is refused: "));
        assert_eq!(home.sequence(), before);
        let taken = home.report(format, &seed(name), &[], 0);
        let again = home.report(format, &seed(name), &[], 0);

        assert_eq!((&taken["log_changes"], &again["log_changes"]), (&json!(1), &json!(0)), "{format}");
    }
    // One of an earlier day is kept beside the newer one, once.
    let older = ["--observed-on", "2026-01-01"];
    assert_eq!(home.report("lists", &seed("lists.json"), &older, 0)["log_changes"], 1);
    assert_eq!(home.report("lists", &seed("lists.json"), &older, 0)["log_changes"], 0);
    // A policy of a version that pre-checks name already has the same content on every day.
    let policy = std::fs::read_to_string(seed("policy.json")).unwrap();
    let changed = home.file("policy.json", policy.replacen("\"consequence\": \"hold\"", "\"consequence\": \"reject\"", 1));
    assert_refused(&home.import("policy", &changed, &[]), "give the changed one the next version");
    // A protocol that nobody speaks would never be used, and nobody would know why.
    let misspelt =
        home.file("policy.json", policy.replacen("[\"email\"]", "[\"emial\"]", 1).replacen("\"version\": ", "\"version\": 9", 1));
    assert_refused(&home.import("policy", &misspelt, &[]), "no protocol is called `emial`");
    // A second rulebook is proposed, and says what it changes.
    let text = std::fs::read_to_string(seed("rulebook.json")).unwrap();
    let next = home.file("next.json", text.replacen("\"name\":\"Switzerland\"", "\"name\":\"Swiss Confederation\"", 1));
    let report = home.report("rulebook", &next, &[], 0);
    assert_eq!(report["log_changes"], 0);
    assert_eq!(report["proposal"]["changes"], json!(["CH /name: \"Switzerland\" → \"Swiss Confederation\""]));
}

#[on_every_database(Home::new)]
fn reference_rates_are_taken_as_published_and_once(home: Home) {
    let file = fixture("ecb/eurofxref-hist.csv");
    // The headings of the first file are exchanged.
    let exchanged = std::fs::read_to_string(&file).unwrap().replacen("USD,JPY", "JPY,USD", 1);
    let exchanged = home.file("exchanged.csv", exchanged);
    assert_refused(
        &home.import("reference-rates", &exchanged, &[]),
        "is less than half or more than twice the one that comes with the program",
    );

    let first = home.report("reference-rates", &file, &[], 0);
    let again = home.report("reference-rates", &file, &[], 0);

    assert_eq!((counts(&first), counts(&again)), ([7, 7, 0, 0, 0, 0, 0, 1], [7, 0, 7, 0, 0, 0, 0, 0]));
    assert_eq!(first["observed_on"], "2025-01-02");
    let other = home.file("other.csv", "currency,rate\nUSD,1\n");
    assert_refused(&home.import("reference-rates", &other, &[]), "has no column `Date`");
    let torn = home.file("torn.csv", &std::fs::read(&file).unwrap()[..600]);
    assert_refused(&home.import("reference-rates", &torn, &["--dry-run"]), "only 3 of 4 rows of");
    // The headings of a later file are exchanged.
    let text = std::fs::read_to_string(&file).unwrap();
    let swapped = text.replacen("USD,JPY", "JPY,USD", 1);
    assert_ne!(swapped, text);
    let swapped = home.file("swapped.csv", swapped);
    assert_refused(&home.import("reference-rates", &swapped, &[]), "is another than the one of ECB@2025-01-02");
    // The dollar and the yen are exchanged in the newest row only.
    let newer = text.replacen("\n2025-01-02", "\n2025-01-03,161.93,1.0321,1.9558,N/A,25.176,7.4594,0.8287,412.85,4.2745,4.9753,11.4638,0.9394,11.7535,N/A,36.5134,1.6585,1.4855,7.5343,8.0266,1.4132,19.4089,\n2025-01-02", 1);
    let newer = home.file("newer.csv", newer);
    assert_refused(&home.import("reference-rates", &newer, &[]), "is less than half or more than twice that of the day before");
    assert_eq!(home.sequence(), 1);
}

#[test]
fn a_screening_list_counts_every_row_and_is_taken_once() {
    let home = Home::new(Database::sqlite());
    let file = fixture("ofac/ofac_sdn_digital_currency_20260822.csv");

    assert_refused(&home.import("ofac-digital-currency", &file, &[]), "only 6 of 7 rows of");
    assert_eq!(home.sequence(), 0);
    let taken = home.report("ofac-digital-currency", &file, &["--accept-shrink"], 1);
    let again = home.report("ofac-digital-currency", &file, &["--accept-shrink"], 1);

    // The last of its seven rows has no number of the list's entry.
    assert_eq!(counts(&taken)[..4], [7, 5, 0, 1]);
    assert_eq!(json!([taken["rejected"][0]["line"], taken["rejected"][0]["column"]]), json!([8, "sdn_uid"]));
    assert_eq!(counts(&again)[..4], [7, 0, 5, 1]);
    assert_eq!((&taken["log_changes"], &again["log_changes"]), (&json!(1), &json!(0)));
}

fn screening_list(id: &str, as_of: &str, entries: usize, addresses: usize) -> String {
    let address = |n: usize| json!({"currency": "XMR", "text": format!("{n}")});
    let entry = |n: usize| {
        let own: Vec<Value> = (0..if n == 0 { addresses } else { 0 }).map(address).collect();
        json!({"uid": n.to_string(), "name": format!("Somebody {n}"), "aliases": [], "programs": [], "addresses": own})
    };
    let entries: Vec<Value> = (0..entries).map(entry).collect();
    json!({"id": id, "as_of": as_of, "source": "invented", "entries": entries}).to_string()
}

#[on_every_database(Home::new)]
fn of_every_screening_list_the_newest_version_is_searched(home: Home) {
    let lists = [("AA", "2026-08-01"), ("aa.b", "2026-07-01"), ("AA", "2026-08-02"), ("AA", "2026-05-01"), ("A", "2026-06-01")];
    for (id, day) in lists {
        home.report("sanctions-json", &home.file("list.json", screening_list(id, day, 2, 2)), &[], 0);
    }
    let searched = |sequence: i64| {
        let generation = home.at(sequence, "2026-11-20");
        let screen = generation.documents().screen.as_ref().unwrap();
        let lists: Vec<String> = screen.value.lists().iter().map(|list| format!("{} {}", list.id, list.as_of)).collect();
        (lists, screen.observed_on.to_string())
    };
    let expected = |lists: &[&str], oldest: &str| (lists.iter().map(ToString::to_string).collect(), oldest.to_owned());

    assert_eq!(searched(2), expected(&["AA 2026-08-01", "aa.b 2026-07-01"], "2026-07-01"));
    assert_eq!(searched(5), expected(&["A 2026-06-01", "AA 2026-08-02", "aa.b 2026-07-01"], "2026-06-01"));
}

#[on_every_database(Home::new)]
fn a_screening_list_that_is_empty_shrunk_or_misnamed_is_refused(home: Home) {
    let file = |id: &str, day: &str, entries, addresses| home.file("list.json", screening_list(id, day, entries, addresses));
    home.report("sanctions-json", &file("AA", "2026-08-01", 100, 100), &[], 0);
    let long = "A".repeat(65);

    for (id, entries, addresses, why) in [
        ("AA", 94, 100, "it has 94 entries, but the newest stored version (AA@2026-08-01) has 100"),
        ("AA", 100, 94, "it has 94 addresses, but the newest stored version"),
        ("AA", 0, 0, "the list AA has no entries"),
        ("A A", 1, 1, "the list's id must have"),
        ("", 1, 1, "the list's id must have"),
        (long.as_str(), 1, 1, "the list's id must have"),
    ] {
        assert_refused(&home.import("sanctions-json", &file(id, "2026-08-02", entries, addresses), &[]), why);
    }
    assert_eq!(home.sequence(), 1);

    home.report("sanctions-json", &file("AA", "2026-08-02", 95, 95), &[], 0);
    home.report("sanctions-json", &file("AA", "2026-07-01", 1, 1), &[], 0);
    home.report("sanctions-json", &file("BB", "2026-08-02", 1, 1), &[], 0);
    let report = home.report("sanctions-json", &file("AA", "2026-08-03", 1, 1), &["--accept-shrink"], 0);
    assert_eq!((&report["format"], home.sequence()), (&json!("sanctions-json"), 5));
}

/// If a publisher renames an element or a column, the list still has all entries.
#[test]
fn a_screening_list_whose_entries_lost_their_other_names_is_refused() {
    let home = Home::new(Database::sqlite());
    let file = |day: &str, alias: &str| {
        let text = screening_list("AA", day, 20, 0).replace("\"aliases\":[]", &format!("\"aliases\":[{alias}]"));
        home.file("list.json", text)
    };
    home.report("sanctions-json", &file("2026-08-01", "\"Another Name\""), &[], 0);

    let refused = home.import("sanctions-json", &file("2026-08-02", ""), &[]);

    assert_refused(&refused, "it has 0 other names, but the newest stored version (AA@2026-08-01) has 20");
}

/// What bears a later day would count as fresh until that day.
#[test]
fn nothing_that_is_dated_after_today_is_taken() {
    let home = Home::new(Database::sqlite());
    let later = ["--observed-on", "2999-01-01", "--accept-shrink"];
    let list = home.file("list.json", screening_list("AA", "2999-01-01", 1, 1));
    let lists = std::fs::read_to_string(seed("lists.json")).unwrap();
    // The name of a file may have a day too, against which the one given is held first.
    let undated = |name: &str, path: &str| home.file(name, std::fs::read(fixture(path)).unwrap());

    for (format, file) in [
        ("sanctions-json", list),
        ("rulebook", seed("rulebook.json")),
        ("lists", home.file("lists.json", lists)),
        ("policy", seed("policy.json")),
        ("esma-casps", undated("casps.csv", "esma/CASPS_20260426.csv")),
        ("ofac-digital-currency", undated("ofac.csv", "ofac/ofac_sdn_digital_currency_20260822.csv")),
    ] {
        assert_refused(&home.import(format, &file, &later), "its day is 2999-01-01, which is after today (");
    }
    assert_eq!(home.sequence(), 0);
}

/// Asks until the answer is as wished; gives up after a time that only a busy machine needs.
fn answers_soon(client: &Client, path: &str, wished: impl Fn(&Value) -> bool) -> bool {
    let watch = Stopwatch::start();
    while watch.elapsed_micros() < 20_000_000 {
        if wished(&client.get(path).json()) {
            return true;
        }
    }
    false
}

#[on_every_database(Home::new)]
fn a_running_server_answers_with_what_is_imported_beside_it(home: Home) {
    let server = Server::start(home.command(&["serve", "--listen", "127.0.0.1:0", "--public-read"]));
    let client = Client::new(server.address);
    let path = "/v1/resolve?subject=1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2&network=bitcoin";
    assert_eq!(client.get(path).json()["status"], "not_found");

    home.report("claims-csv", &fixture("claims/labels.csv"), &[], 1);

    assert!(answers_soon(&client, path, |answer| answer["status"] == "owned"));
    assert_eq!(client.get(path).json()["owners"][0]["vasp"]["legal_name"], "OKX");
    home.report("esma-casps", &fixture("esma/CASPS_20260426.csv"), &[], 0);
    assert!(answers_soon(&client, "/v1/resolve?subject=5493007WZ7IFULIL8G21", |answer| answer["status"] == "owned"));
    let (code, log) = server.stop("TERM");
    assert_eq!(code, Some(0), "{log}");
}

#[test]
fn an_import_waits_for_the_write_lock_and_then_says_who_holds_it() {
    let home = Home::new(Database::sqlite());
    let file = fixture("esma/CASPS_20260426.csv");
    let options = ["--lock-timeout-secs", "1"];

    let store = home.store();
    let mut rng = Random::seeded(4).fork();
    let refused = store.write::<_, StoreError>(now(), &mut rng, |_| {
        let _note = store.announce_long_write("import of a test", now());
        Ok(home.import("esma-casps", &file, &options))
    });
    assert_refused(
        &refused.unwrap().value,
        &format!(
            "waited 1 s for the write lock of the database: it is held by process {} (import of a test)",
            std::process::id()
        ),
    );

    let other = home.database.hold("");
    assert_refused(&home.import("esma-casps", &file, &options), "another process holds it, which left no note");
    let waiting =
        home.command(&["import", "esma-casps", file.to_str().unwrap(), "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    drop(other);

    assert_eq!(waiting.wait_with_output().unwrap().status.code(), Some(0));
    assert_eq!(home.sequence(), 47);

    // A lock that this process may not open: what another user's killed import left.
    let lock = format!("{}-import", home.database.url.whole().strip_prefix("sqlite://").unwrap());
    std::fs::create_dir(&lock).unwrap();
    assert_refused(&home.import("claims-csv", &fixture("claims/labels.csv"), &options), &format!("{lock}: "));
}

#[on_every_database(Home::new)]
fn imports_at_the_same_time_make_no_record_twice(home: Home) {
    let labels = home.file("many.csv", many_labels(4_000));
    let start = |format: &str, file: PathBuf| {
        home.command(&["import", format, file.to_str().unwrap(), "--json"]).stdout(Stdio::piped()).spawn().unwrap()
    };
    let children = [
        start("esma-casps", fixture("esma/CASPS_20260426.csv")),
        start("esma-casps", fixture("esma/CASPS_20260426.csv")),
        start("claims-csv", labels.clone()),
        start("claims-csv", labels.clone()),
    ];
    let codes = children.map(|child| child.wait_with_output().unwrap().status.code());

    assert_eq!(codes, [Some(0); 4]);
    let generation = home.at(home.sequence(), "2026-06-01");
    assert_eq!(generation.records().iter().count(), 46 + 7);
    assert_eq!(home.store().read::<_, StoreError>(|conn| conn.claim_count()).unwrap(), 4_000);
}

/// Labels of accounts that nobody has, many enough for an import to be caught under way.
fn many_labels(rows: u64) -> String {
    let mut text = "network,address,entity,entity_name,label,category,source,added_date\n".to_owned();
    for number in 0..rows {
        text.push_str(&format!("eip155:1,0x{:040x},group-{},,,exchange,test@0:many.csv,\n", number + 1, number % 7));
    }
    text
}

/// How much an open transaction has written already: SQLite writes pages to its log once its cache is full, PostgreSQL to
/// the table.
fn bytes_under_way(home: &Home) -> i64 {
    if let Some(file) = home.database.file() {
        return std::fs::metadata(file.with_extension("db-wal")).map_or(0, |found| found.len().try_into().unwrap());
    }
    home.database.number("sum(pg_relation_size(relid))::bigint", "pg_partition_tree('claims')")
}

#[on_every_database(Home::new)]
fn a_killed_import_leaves_nothing_and_the_next_one_succeeds(home: Home) {
    // More than SQLite keeps in its cache before it writes.
    let rows = if home.database.file().is_some() { 60_000 } else { 15_000 };
    let file = home.file("many.csv", many_labels(rows));
    let before = bytes_under_way(&home);
    let mut child = home.command(&["import", "claims-csv", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    // Its input does not end before it is killed, so it cannot be done.
    let mut input = child.stdin.take().unwrap();
    input.write_all(&std::fs::read(&file).unwrap()).unwrap();

    let watch = Stopwatch::start();
    while bytes_under_way(&home) < before + (1 << 18) {
        assert!(child.try_wait().unwrap().is_none() && watch.elapsed_micros() < 60_000_000, "it is under way");
    }
    child.kill().unwrap();
    child.wait().unwrap();

    let claims = |home: &Home| -> i64 {
        let counts = home.store().read::<_, StoreError>(|conn| conn.coverage_at(i64::MAX, None)).unwrap();
        counts.iter().map(|count| count.claims).sum()
    };
    assert_eq!((home.sequence(), claims(&home)), (0, 0));
    let report = home.report("claims-csv", &file, &[], 0);
    assert_eq!(counts(&report), [rows, rows, 0, 0, 7, 0, 0, 8]);
    assert_eq!(claims(&home), i64::try_from(rows).unwrap());
}
