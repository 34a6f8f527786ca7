//! `sources`: a folder that mirrors what publishers offer refreshes everything with one command. Files that changed, did not change, shrank, lie
//! about their day, or are something else.

use std::io::Read as _;

use aws_lc_rs::digest::{SHA256, digest};
use flate2::read::GzDecoder;

use super::*;

impl Home {
    fn sources(&self, arguments: &[&str]) -> Output {
        self.command(&[&["sources"], arguments].concat()).output().unwrap()
    }

    /// Fetches from a folder, asserts the exit code, and returns what became of each source that had a file.
    #[track_caller]
    fn fetch(&self, folder: &Path, more: &[&str], code: i32) -> BTreeMap<String, Value> {
        let folder = folder.to_str().unwrap();
        let output = self.sources(&[&["fetch", "--sources-from", folder, "--json"], more].concat());
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(code), "{told} {}", String::from_utf8_lossy(&output.stdout));
        let all: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        let with_file = all.into_iter().filter(|one| one["result"] != "no_file");
        with_file.map(|one| (one["source"].as_str().unwrap().to_owned(), one)).collect()
    }

    /// What the registry knows of a source.
    fn source(&self, id: &str) -> Value {
        let output = self.sources(&["list", "--json"]);
        let all: Vec<Value> = serde_json::from_slice(&output.stdout).unwrap();
        all.into_iter().find(|one| one["id"] == id).unwrap()
    }

    fn esma(&self) -> Generation {
        self.at(self.sequence(), "2026-05-20").as_ref().clone()
    }
}

fn sha256(bytes: &[u8]) -> String {
    hex::encode(digest(&SHA256, bytes))
}

const APRIL: &str = "CASPS_20260426.csv";

#[test]
fn a_mirror_refreshes_everything_and_every_fact_names_its_source_and_snapshot() {
    on_every_database(|database| {
        let home = Home::new(database);
        let mirror = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| std::fs::write(mirror.path().join(name), bytes).unwrap();
        let april = std::fs::read(fixture(&format!("esma/{APRIL}"))).unwrap();
        put(APRIL, &april);
        put("jp-fsa-2026-05-31.csv", &std::fs::read(seed("registers/jp-fsa-2026-05-31.csv")).unwrap());
        put("eurofxref-hist.csv", &std::fs::read(seed("eurofxref-hist.csv")).unwrap());
        put("holiday.jpg", b"no source has this");

        let first = home.fetch(mirror.path(), &[], 0);
        let after = home.sequence();
        let again = home.fetch(mirror.path(), &[], 0);

        assert_eq!(first.keys().collect::<Vec<_>>(), ["ecb-rates", "esma-casps", "jp-fsa"]);
        // Counts of the file: tests/fixtures/README.md.
        assert_eq!((&first["esma-casps"]["report"]["read"], &first["esma-casps"]["report"]["new"]), (&json!(48), &json!(46)));
        assert_eq!(first["jp-fsa"]["report"]["new"], 22);
        assert!(again.values().all(|one| one["result"] == "same"), "{again:?}");
        assert_eq!(home.sequence(), after, "what did not change is not imported again");
        let known = home.source("esma-casps");
        assert_eq!(
            (&known["known_through"], &known["rows"], &known["sha256"]),
            (&json!("2026-04-26"), &json!(48), &json!(sha256(&april)))
        );
        assert_eq!((&known["failure"], &known["file"]), (&Value::Null, &json!(APRIL)));
        let named = format!("esma-casps/{APRIL}@{}", &sha256(&april).chars().take(12).collect::<String>());
        let licences: Vec<String> = home
            .esma()
            .records()
            .iter()
            .filter(|firm| firm.licences.iter().any(|one| one.regime.as_ref() == "MiCA"))
            .map(|firm| firm.licences[0].source.to_string())
            .collect();
        assert!(licences.len() > 40 && licences.iter().all(|source| *source == named), "{licences:?}");
        let rows =
            home.store().read::<_, StoreError>(|conn| conn.imports(&vasp_store::ImportFilter::default(), None, 100)).unwrap();
        assert_eq!(rows.len(), 3);
        assert!(rows.iter().all(|row| row.imported_by == "source"));
        assert!(rows.iter().any(|row| row.source.as_deref() == Some("esma-casps")), "{rows:?}");
    });
}

#[test]
fn a_file_that_shrank_lies_or_is_another_page_changes_nothing_and_is_told() {
    on_every_database(|database| {
        let home = Home::new(database);
        let mirror = tempfile::tempdir().unwrap();
        let put = |name: &str, bytes: &[u8]| std::fs::write(mirror.path().join(name), bytes).unwrap();
        let april = std::fs::read(fixture(&format!("esma/{APRIL}"))).unwrap();
        put(APRIL, &april);
        home.fetch(mirror.path(), &[], 0);
        let before = home.sequence();

        let cut: Vec<u8> = april.split_inclusive(|byte| *byte == b'\n').take(12).flatten().copied().collect();
        for (name, bytes, said) in [
            ("CASPS_20260427.csv", b"<!DOCTYPE html><html><body>Are you a robot?</body></html>".as_slice(), "has no column"),
            ("CASPS_20260428.csv", &cut, "no longer contains"),
            ("CASPS_20990101.csv", &april, "which is after today"),
        ] {
            put(name, bytes);
            let told = home.fetch(mirror.path(), &[], 1);
            let failure = told["esma-casps"]["failure"].as_str().unwrap();
            assert!(failure.contains(said), "{name}: {failure}");
            let known = home.source("esma-casps");
            assert_eq!(
                (&known["known_through"], &known["failure"], &known["file"]),
                (&json!("2026-04-26"), &json!(failure), &json!(name))
            );
            assert_eq!((home.sequence(), &known["sha256"]), (before, &json!(sha256(&april))));
            std::fs::remove_file(mirror.path().join(name)).unwrap();
        }

        put("CASPS_20260510.csv", &std::fs::read(fixture("esma/CASPS_20260510.csv")).unwrap());
        let good = home.fetch(mirror.path(), &["esma-casps"], 0);
        assert_eq!(good["esma-casps"]["result"], "imported");
        let known = home.source("esma-casps");
        assert_eq!((&known["known_through"], &known["failure"]), (&json!("2026-05-10"), &Value::Null));
    });
}

#[test]
fn the_newest_files_are_kept_by_their_hash_and_no_more_than_some() {
    let home = Home::new(Database::sqlite());
    let mirror = tempfile::tempdir().unwrap();
    let april = std::fs::read_to_string(fixture(&format!("esma/{APRIL}"))).unwrap();
    let mut last = String::new();
    for day in 10..19 {
        // A register that gives one firm another address every day.
        last = april.replacen("1220 Vienna", &format!("{day} Vienna"), 1);
        std::fs::write(mirror.path().join(format!("CASPS_202605{day}.csv")), &last).unwrap();
        home.fetch(mirror.path(), &["esma-casps"], 0);
    }

    let store = home.store();
    let kept = store.read::<_, StoreError>(|conn| conn.source_snapshots("esma-casps")).unwrap();
    assert_eq!(kept.len(), 6);
    let digest = digest(&SHA256, last.as_bytes());
    let newest = store.read::<_, StoreError>(|conn| conn.source_snapshot("esma-casps", digest.as_ref())).unwrap().unwrap();
    let mut bytes = String::new();
    GzDecoder::new(newest.body.unwrap().as_slice()).read_to_string(&mut bytes).unwrap();
    assert_eq!((bytes, newest.size_bytes), (last.clone(), i64::try_from(last.len()).unwrap()));
}

#[test]
fn a_paused_source_is_fetched_only_by_its_name_and_an_unknown_one_is_refused() {
    on_every_database(|database| {
        let home = Home::new(database);
        let mirror = tempfile::tempdir().unwrap();
        std::fs::copy(fixture(&format!("esma/{APRIL}")), mirror.path().join(APRIL)).unwrap();

        assert!(home.sources(&["pause", "esma-casps"]).status.success());
        assert_eq!(home.source("esma-casps")["paused"], true);
        assert!(home.fetch(mirror.path(), &[], 0).is_empty());
        assert_eq!(home.fetch(mirror.path(), &["esma-casps"], 0)["esma-casps"]["result"], "imported");
        assert!(home.sources(&["resume", "esma-casps"]).status.success());
        assert_eq!(home.fetch(mirror.path(), &[], 0)["esma-casps"]["result"], "same");

        home.fetch(mirror.path(), &["un-consolidated"], 1);
        assert_refused(&home.sources(&["pause", "esma"]), "there is no source `esma`");
        let unknown = home.sources(&["fetch", "esma", "--sources-from", mirror.path().to_str().unwrap()]);
        assert_refused(&unknown, "there is no source `esma`; `sources list` shows all");
        let nowhere = home.sources(&["fetch", "--sources-from", "/no/such/folder"]);
        assert_refused(&nowhere, "cannot read the folder /no/such/folder");
        let listed = home.sources(&["list"]);
        let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
        let line = listed.lines().find(|line| line.starts_with("esma-casps")).unwrap();
        assert!(line.contains("2026-04-26") && line.contains("48") && line.contains(APRIL), "{line}");
    });
}
