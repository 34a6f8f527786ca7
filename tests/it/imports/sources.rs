//! `sources`: a folder that mirrors what publishers offer refreshes everything with one command. Files that changed, did not change, shrank, lie
//! about their day, or are something else.

use std::io::{Read as _, Write as _};

use aws_lc_rs::digest::{SHA256, digest};
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::*;

impl Home {
    fn sources(&self, arguments: &[&str]) -> Output {
        self.command(&[&["sources"], arguments].concat()).output().unwrap()
    }

    /// Fetches from a folder, asserts the exit code, and returns what became of each source that had a file.
    #[track_caller]
    pub(super) fn fetch(&self, folder: &Path, more: &[&str], code: i32) -> BTreeMap<String, Value> {
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

#[on_every_database(Home::new)]
fn a_mirror_refreshes_everything_and_every_fact_names_its_source_and_snapshot(home: Home) {
    let mirror = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(mirror.path().join(name), bytes).unwrap();
    let april = std::fs::read(fixture(&format!("esma/{APRIL}"))).unwrap();
    put(APRIL, &april);
    put("jp-fsa-2026-08-21.csv", &std::fs::read(seed("registers/jp-fsa-2026-08-21.csv")).unwrap());
    put("eurofxref-hist.csv", &std::fs::read(seed("eurofxref-hist.csv")).unwrap());
    put("holiday.jpg", b"no source has this");

    let first = home.fetch(mirror.path(), &[], 0);
    let after = home.sequence();
    let again = home.fetch(mirror.path(), &[], 0);

    assert_eq!(first.keys().collect::<Vec<_>>(), ["ecb-rates", "esma-casps", "jp-fsa"]);
    // Counts of the file: tests/fixtures/README.md.
    assert_eq!((&first["esma-casps"]["report"]["read"], &first["esma-casps"]["report"]["new"]), (&json!(48), &json!(46)));
    assert_eq!(first["jp-fsa"]["report"]["new"], 26);
    assert!(again.values().all(|one| one["result"] == "same"), "{again:?}");
    assert_eq!(home.sequence(), after, "what did not change is not imported again");
    let known = home.source("esma-casps");
    assert_eq!(known["known_through"], "2026-04-26");
    assert_eq!(known["rows"], 48);
    assert_eq!(known["sha256"], json!(sha256(&april)));
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
    let rows = home.store().read::<_, StoreError>(|conn| conn.imports(&vasp_store::ImportFilter::default(), None, 100)).unwrap();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.imported_by == "source"));
    assert!(rows.iter().any(|row| row.source.as_deref() == Some("esma-casps")), "{rows:?}");
}

#[on_every_database(Home::new)]
fn a_file_that_shrank_lies_or_is_another_page_changes_nothing_and_is_told(home: Home) {
    let mirror = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(mirror.path().join(name), bytes).unwrap();
    let april = std::fs::read(fixture(&format!("esma/{APRIL}"))).unwrap();
    put(APRIL, &april);
    home.fetch(mirror.path(), &[], 0);
    let before = home.sequence();

    let heading = april.split_inclusive(|byte| *byte == b'\n').next().unwrap();
    let cut: Vec<u8> = april.split_inclusive(|byte| *byte == b'\n').take(12).flatten().copied().collect();
    for (name, bytes, said) in [
        (
            "CASPS_20260427.csv",
            b"<!DOCTYPE html><html><body>Are you a robot?</body></html>".as_slice(),
            "is a web page, not the file",
        ),
        ("CASPS_20260428.csv", &cut, "no longer contains"),
        ("CASPS_20990101.csv", &april, "which is after today"),
        ("CASPS_20260430.csv", &b"\xff\xfea\0"[..], "the text is in UTF-16"),
        ("CASPS_20260429.csv", heading, "it has no firm"),
    ] {
        put(name, bytes);
        let told = home.fetch(mirror.path(), &[], 1);
        let failure = told["esma-casps"]["failure"].as_str().unwrap();
        assert!(failure.contains(said), "{name}: {failure}");
        let known = home.source("esma-casps");
        assert_eq!(known["known_through"], "2026-04-26");
        assert_eq!(known["failure"], json!(failure));
        assert_eq!(known["file"], json!(name));
        assert_eq!((home.sequence(), &known["sha256"]), (before, &json!(sha256(&april))));
        std::fs::remove_file(mirror.path().join(name)).unwrap();
    }

    put("CASPS_20260510.csv", &std::fs::read(fixture("esma/CASPS_20260510.csv")).unwrap());
    let good = home.fetch(mirror.path(), &["esma-casps"], 0);
    assert_eq!(good["esma-casps"]["result"], "imported");
    let known = home.source("esma-casps");
    assert_eq!((&known["known_through"], &known["failure"]), (&json!("2026-05-10"), &Value::Null));

    // Before, another register under the name of this one took its place and looked fresh.
    let japan = std::fs::read_to_string(seed("registers/jp-fsa-2026-08-21.csv")).unwrap();
    put("jp-fsa-2026-08-21.csv", japan.replace("JP-FSA", "GB-FCA").as_bytes());
    let told = home.fetch(mirror.path(), &["jp-fsa"], 1);
    let failure = told["jp-fsa"]["failure"].as_str().unwrap();
    assert!(failure.contains("its `authority` makes it the register GB-FCA, not jp-fsa"), "{failure}");
    std::fs::remove_file(mirror.path().join("jp-fsa-2026-08-21.csv")).unwrap();

    // Before, an old list under the name of today looked fresh.
    put("CASPS_20260512.csv", &april);
    let told = home.fetch(mirror.path(), &[], 1);
    let failure = told["esma-casps"]["failure"].as_str().unwrap();
    assert!(failure.contains("of 2026-04-26, under a new name, which another file has replaced since"), "{failure}");
    assert_eq!(home.source("esma-casps")["known_through"], "2026-05-10");
    let accepted = home.fetch(mirror.path(), &["--accept-shrink"], 0);
    assert_eq!(accepted["esma-casps"]["result"], "imported");
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

#[on_every_database(Home::new)]
fn a_paused_source_is_fetched_only_by_its_name_and_an_unknown_one_is_refused(home: Home) {
    let mirror = tempfile::tempdir().unwrap();
    std::fs::copy(fixture(&format!("esma/{APRIL}")), mirror.path().join(APRIL)).unwrap();

    assert!(home.sources(&["pause", "esma-casps"]).status.success());
    assert_eq!(home.source("esma-casps")["paused"], true);
    // Every other source has no file: nobody would notice a mirror that is dead.
    assert!(home.fetch(mirror.path(), &[], 1).is_empty());
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
}

impl Home {
    /// What the journal of imports says of a source: file, outcome and reason of each, the newest first.
    fn journal_of(&self, source: &str) -> Vec<(String, String, Option<String>)> {
        let filter = vasp_store::ImportFilter { source: Some(source.to_owned()), ..vasp_store::ImportFilter::default() };
        let rows = self.store().read::<_, StoreError>(|conn| conn.imports(&filter, None, 100)).unwrap();
        rows.into_iter().map(|row| (row.file, row.outcome, row.reason)).collect()
    }
}

/// The day of such a file is in its name, so that its facts would grow old although the publisher published again.
#[on_every_database(Home::new)]
fn the_same_bytes_under_a_newer_day_are_imported_and_a_file_that_goes_back_is_refused(home: Home) {
    let mirror = tempfile::tempdir().unwrap();
    let april = std::fs::read(fixture(&format!("esma/{APRIL}"))).unwrap();
    let put = |name: &str| std::fs::write(mirror.path().join(name), &april).unwrap();
    put(APRIL);
    home.fetch(mirror.path(), &[], 0);
    let changed = home.source("esma-casps")["last_changed"].clone();

    put("CASPS_2026-05-03.csv");
    let newer = home.fetch(mirror.path(), &[], 0);
    assert_eq!(newer["esma-casps"]["result"], "imported");
    assert_eq!(newer["esma-casps"]["report"]["observed_on"], "2026-05-03");
    assert_eq!(home.source("esma-casps")["known_through"], "2026-05-03");
    // A mirror that only renames its file must not look refreshed for ever.
    assert_eq!(home.source("esma-casps")["last_changed"], changed);

    std::fs::remove_file(mirror.path().join("CASPS_2026-05-03.csv")).unwrap();
    let back = home.fetch(mirror.path(), &[], 1);
    let said = "its day is 2026-04-26, but the last file of this source was of 2026-05-03";
    assert!(back["esma-casps"]["failure"].as_str().unwrap().contains(said), "{back:?}");
    assert_eq!(home.source("esma-casps")["known_through"], "2026-05-03");
}

#[on_every_database(Home::new)]
fn a_file_that_cannot_be_read_or_chosen_is_in_the_journal_and_keeps_no_other_source_back(home: Home) {
    let mirror = tempfile::tempdir().unwrap();
    let put = |name: &str, bytes: &[u8]| std::fs::write(mirror.path().join(name), bytes).unwrap();
    put("CASPS_20260426.csv", b"\xff\xfea\0");
    put("NCASP.csv", b"x");
    put("NCASP20260130.csv", b"x");
    for (name, day) in [("SDN", "01"), ("ALT", "02"), ("SDN_COMMENTS", "02")] {
        put(&format!("{name}-202608{day}.CSV"), b"x");
    }
    put("jp-fsa-2026-08-21.csv", &std::fs::read(seed("registers/jp-fsa-2026-08-21.csv")).unwrap());
    std::os::unix::fs::symlink("unmounted/eurofxref-hist.csv", mirror.path().join("eurofxref-hist.csv")).unwrap();

    let told = home.fetch(mirror.path(), &[], 1);

    assert_eq!(told["jp-fsa"]["result"], "imported");
    for (source, said) in [
        ("esma-casps", "the text is in UTF-16"),
        ("esma-ncasp", "NCASP.csv has no date in its name, but another file of this source has one"),
        ("ofac-sdn", "are not all the files of one day"),
        // Before, such a file was passed over, and an older one looked like the newest.
        ("ecb-rates", "eurofxref-hist.csv is the newest, but it is not a file or a link to one"),
    ] {
        assert!(told[source]["failure"].as_str().unwrap().contains(said), "{source}: {}", told[source]);
        let journal = home.journal_of(source);
        let [(_, outcome, Some(reason))] = journal.as_slice() else { panic!("{source}: {journal:?}") };
        assert!(outcome == "refused" && reason.contains(said), "{source}: {reason}");
    }
}

/// A mirror that nobody fills any more, or that was emptied, must not look healthy.
#[test]
fn a_mirror_that_is_empty_or_lost_a_file_ends_with_code_1() {
    let home = Home::new(Database::sqlite());
    let mirror = tempfile::tempdir().unwrap();
    home.fetch(mirror.path(), &[], 1);
    let rates = mirror.path().join("eurofxref-hist.csv");
    std::fs::copy(seed("eurofxref-hist.csv"), &rates).unwrap();
    std::fs::copy(fixture(&format!("esma/{APRIL}")), mirror.path().join(APRIL)).unwrap();
    home.fetch(mirror.path(), &[], 0);
    home.fetch(mirror.path(), &[], 0);
    // It was looked at just now, but what is known is of April.
    let overdue = home.sources(&["list"]);
    let overdue = String::from_utf8_lossy(&overdue.stdout).into_owned();
    assert!(overdue.lines().any(|line| line.starts_with("esma-casps") && line.trim_end().ends_with("overdue")), "{overdue}");

    std::fs::remove_file(rates).unwrap();
    home.fetch(mirror.path(), &[], 1);
}

#[on_every_database(Home::new)]
fn a_kept_file_comes_back_as_it_was_or_not_at_all(home: Home) {
    let mirror = tempfile::tempdir().unwrap();
    let april = std::fs::read(fixture(&format!("esma/{APRIL}"))).unwrap();
    std::fs::write(mirror.path().join(APRIL), &april).unwrap();
    home.fetch(mirror.path(), &[], 0);
    let hash = sha256(&april);
    let short: String = hash.chars().take(12).collect();

    assert_eq!(home.sources(&["snapshot", "esma-casps", &hash]).stdout, april);
    let to = home.folder.path().join("again.csv");
    let written = home.sources(&["snapshot", "esma-casps", &short, "--to", to.to_str().unwrap()]);
    assert!(written.status.success() && std::fs::read(&to).unwrap() == april, "{written:?}");
    assert_refused(&home.sources(&["snapshot", "esma-casps", &short, "--to", to.to_str().unwrap()]), "cannot write");
    assert_refused(
        &home.sources(&["snapshot", "esma-casps", "4f0c"]),
        "is not the SHA-256 of a file, or its first 12 digits or more",
    );
    assert_refused(&home.sources(&["snapshot", "esma-casps", &sha256(b"x")]), "is kept");
    assert_refused(&home.sources(&["snapshot", "esma", &hash]), "there is no source `esma`");

    let bad = gzip(b"other bytes");
    let store = home.store();
    let mut rng = Random::seeded(4).fork();
    let altered = store.write::<_, StoreError>(now(), &mut rng, |transaction| {
        let kept = transaction.conn().source_snapshot("esma-casps", &hex::decode(&hash).unwrap())?.unwrap();
        let other = vasp_store::SourceSnapshot { source: "jp-fsa".to_owned(), body: Some(bad.clone()), ..kept };
        transaction.keep_source_snapshot(&other, 6)
    });
    altered.unwrap();
    assert_refused(&home.sources(&["snapshot", "jp-fsa", &hash]), "do not have its hash");
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A file that returns is the newest again, so that newer ones do not push it out.
#[on_every_database(Home::new)]
fn a_file_that_returns_is_kept_as_the_newest(home: Home) {
    let (store, mut rng) = (home.store(), Random::seeded(4).fork());
    let mut keep = |name: &str, secs: i64| {
        let row = vasp_store::SourceSnapshot {
            source: "esma-casps".to_owned(),
            digest: name.as_bytes().to_vec(),
            file: name.to_owned(),
            observed_on: None,
            fetched_at: now().plus_secs(secs),
            size_bytes: 1,
            body: None,
        };
        store.write::<_, StoreError>(now(), &mut rng, |transaction| transaction.keep_source_snapshot(&row, 2)).unwrap();
    };
    keep("a", 0);
    keep("b", 1);
    keep("a", 2);
    keep("c", 3);

    let kept = store.read::<_, StoreError>(|conn| conn.source_snapshots("esma-casps")).unwrap();
    assert_eq!(kept.iter().map(|(_, name, _)| name.as_str()).collect::<Vec<_>>(), ["c", "a"]);
}

#[on_every_database(Home::new)]
fn the_rows_of_old_imports_are_forgotten_and_the_imports_stay(home: Home) {
    // The row of an authority that nobody knows is held at every import.
    let rows = |day: u32| {
        format!(
            "authority,number,name,lei,country,activities,from,to,website,source,seen_on\n\
            Authority of Atlantis,1,Invented Ltd,,GB,custody,2024-05-01,,,https://a.example,2026-10-{day:02}\n"
        )
    };
    for day in 1..=22 {
        home.report("register-csv", &home.file("table.csv", rows(day)), &[], 1);
    }
    let store = home.store();
    let filter = vasp_store::ImportFilter::default();
    let all = store.read::<_, StoreError>(|conn| conn.imports(&filter, None, 100)).unwrap();
    assert_eq!(all.len(), 22);
    let with_rows =
        all.iter().filter(|one| !store.read::<_, StoreError>(|conn| conn.import_rows(one.id, None, 0, 10)).unwrap().is_empty());
    assert_eq!(with_rows.map(|one| one.id).collect::<Vec<_>>(), all.iter().take(20).map(|one| one.id).collect::<Vec<_>>());
}

#[on_every_database(Home::new)]
fn a_server_takes_files_from_a_folder_and_says_when_a_source_is_overdue(home: Home) {
    let mirror = tempfile::tempdir().unwrap();
    std::fs::copy(fixture(&format!("esma/{APRIL}")), mirror.path().join(APRIL)).unwrap();
    // A file that came just now could be half copied, and would have to wait.
    let settled = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_777_190_400); // 26 April 2026
    std::fs::File::options().write(true).open(mirror.path().join(APRIL)).unwrap().set_modified(settled).unwrap();
    let folder = mirror.path().to_str().unwrap();
    let server = Server::start(home.command(&["serve", "--listen", "127.0.0.1:0", "--public-read", "--sources-from", folder]));
    let (client, watch) = (Client::new(server.address), Stopwatch::start());

    // The file is of April, and the server's clock is later than that by more than the register's patience.
    let told = loop {
        let told = client.get("/readyz").text;
        if told.contains("source_overdue") || watch.elapsed_micros() > 30_000_000 {
            break told;
        }
    };
    assert!(told.contains("no new file has come for too long from esma-casps"), "{told}");
    let known = home.source("esma-casps");
    assert_eq!((&known["known_through"], &known["file"]), (&json!("2026-04-26"), &json!(APRIL)));
    let unknown = home.command(&[
        "serve",
        "--listen",
        "127.0.0.1:0",
        "--sources-from",
        folder,
        "--source-address",
        "esma=https://a.example.com/x",
    ]);
    let Err(said) = Server::try_start(unknown) else { panic!() };
    assert!(said.contains("there is no source `esma`"), "{said}");
}

/// The most memory that a process has had, in kB.
fn peak_kb(server: &Server) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Before, 0.6 MB of gzip in the folder of sources took 1.3 GB of memory, and a small server with it.
#[test]
fn whatever_is_in_a_file_of_a_source_the_server_keeps_its_memory_and_says_why_the_file_is_not_used() {
    let home = Home::new(Database::sqlite());
    let mirror = tempfile::tempdir().unwrap();
    let settled = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_777_190_400);
    let put = |name: &str, start: &[u8], part: &[u8], times: usize| {
        let file = std::fs::File::create(mirror.path().join(name)).unwrap();
        let mut packed = GzEncoder::new(file, Compression::fast());
        packed.write_all(start).unwrap();
        (0..times).for_each(|_| packed.write_all(part).unwrap());
        let file = packed.finish().unwrap();
        file.set_modified(settled).unwrap();
        assert!(file.metadata().unwrap().len() < 10_000_000);
    };
    // One is far larger than its format allows; the other is not, but has millions of rows.
    put(APRIL, b"", &vec![b'x'; 1 << 20], 600);
    let heading = std::fs::read_to_string(fixture("esma/NCASP20260130.csv")).unwrap().lines().next().unwrap().to_owned() + "\n";
    put("NCASP20260130.csv", heading.as_bytes(), &b"a\n".repeat(500_000), 15);
    let serve =
        |more: &[&str]| Server::start(home.command(&[&["serve", "--listen", "127.0.0.1:0", "--log-level=warn"], more].concat()));
    let idle = serve(&[]);
    let idle_kb = peak_kb(&idle);
    drop(idle);

    let server = serve(&["--sources-from", mirror.path().to_str().unwrap()]);
    let watch = Stopwatch::start();
    let failures = loop {
        let failures = ["esma-casps", "esma-ncasp"].map(|id| home.source(id)["failure"].clone());
        if failures.iter().all(Value::is_string) || watch.elapsed_micros() > 120_000_000 {
            break failures;
        }
    };

    assert!(
        failures[0].as_str().unwrap().contains("larger than the limit of 33554432 bytes after decompression"),
        "{failures:?}"
    );
    assert!(failures[1].as_str().unwrap().contains("needs more than the 220 MB of memory"), "{failures:?}");
    let grown_kb = peak_kb(&server) - idle_kb;
    assert!(grown_kb < 150_000, "{grown_kb} kB more than an idle server");
    assert_eq!(Client::new(server.address).get("/healthz").status, 200);
    assert_eq!(server.stop("TERM").0, Some(0));
}
