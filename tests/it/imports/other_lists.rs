//! `gleif-lei`, `esma-ncasp` and `master-register` on the fixtures: reports, exit codes, and what stands in the records.
//! Rows, lines and edits are those of `tests/fixtures/README.md`.

use super::*;
use vasp_rules::elsewhere::Elsewhere;

const GOLDEN_COPY: &str = "lei/20260520-0800-invented-lei2-golden-copy.csv";

fn told(report: &Value) -> Value {
    report["rejected"].as_array().unwrap().iter().map(|row| json!([row["line"], row["column"], row["reason"]])).collect()
}

fn elsewhere(generation: &Generation, name: &str) -> Elsewhere {
    generation.records().judged(named(generation, name).id).unwrap().elsewhere.clone()
}

fn finding_codes(generation: &Generation, name: &str) -> Vec<&'static str> {
    elsewhere(generation, name).lei.iter().flat_map(|word| &word.findings).map(|finding| finding.code.as_str()).collect()
}

#[on_every_database(Home::new)]
fn a_golden_copy_keeps_what_stands_on_a_record_and_tells_the_rest(home: Home) {
    home.report("esma-casps", &fixture("esma/CASPS_20260426.csv"), &[], 0);
    let before = home.sequence();

    let rehearsed = home.report("gleif-lei", &fixture(GOLDEN_COPY), &["--dry-run", "--accept-shrink"], 1);
    assert_eq!((home.sequence(), &rehearsed["dry_run"]), (before, &json!(true)));
    let report = home.report("gleif-lei", &fixture(GOLDEN_COPY), &["--accept-shrink"], 1);

    assert_eq!(counts(&rehearsed), counts(&report));
    // Ten rows: seven of them on records of the register, one on nobody's, two that cannot be read.
    assert_eq!(counts(&report), [10, 7, 0, 0, 7, 0, 0, 1]);
    assert_eq!(told(&report), json!([[10, "LEI", "lei_invalid"], [11, "RegistrationStatus", "status_unknown"]]));
    let generation = home.at(home.sequence(), "2026-05-25");
    let findings = |name: &str| finding_codes(&generation, name);
    assert_eq!(findings("Bitpanda GmbH"), ["good_standing", "name_matches", "country_matches"]);
    assert_eq!(
        findings("Bitstamp Europe S.A."),
        ["registration_over", "entity_inactive", "successor_named", "name_matches", "country_matches"]
    );
    assert_eq!(findings("OKX Europe Limited"), ["name_mismatch", "country_mismatch", "good_standing"]);
    assert_eq!(findings("Banking Circle S.A."), ["former_name", "good_standing", "country_matches"]);
    assert!(findings("Coinmotion Oy").is_empty(), "of no row");
    let again = home.report("gleif-lei", &fixture(GOLDEN_COPY), &["--accept-shrink"], 1);
    assert_eq!(counts(&again), [10, 0, 7, 0, 0, 0, 0, 0]);
}

#[on_every_database(Home::new)]
fn real_answers_are_read_from_standard_input_and_compressed_files(home: Home) {
    home.report("esma-casps", &fixture("esma/CASPS_20260426.csv"), &[], 0);
    let answer = std::fs::read(fixture("lei/lei-records.json")).unwrap();
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(&answer).unwrap();
    let packed = home.file("lei-records.json.gz", encoder.finish().unwrap());

    let first = home.report("gleif-lei", &packed, &[], 0);
    let mut piped = home.command(&["import", "gleif-lei", "-", "--json"]);
    let mut child = piped.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(&answer).unwrap();
    let output = child.wait_with_output().unwrap();

    assert_eq!(counts(&first), [3, 1, 0, 0, 1, 0, 0, 1]);
    assert_eq!(first["observed_on"], "2025-05-15");
    let again: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &again[0]["file"], &again[0]["log_changes"]), (Some(0), &json!("stdin"), &json!(0)));
    // GLEIF's answer of 15 May 2025 beside ESMA's row of April 2026: the same bank, its renewal due on 24 April 2026.
    let codes_on = |day: &str| finding_codes(&home.at(home.sequence(), day), "Commerzbank Aktiengesellschaft");
    assert_eq!(codes_on("2026-04-24"), ["good_standing", "name_matches", "country_matches"]);
    assert_eq!(codes_on("2026-04-25")[0], "renewal_overdue");
}

/// Before, half a golden copy, or its heading alone, became the state of every LEI.
#[on_every_database(Home::new)]
fn a_golden_copy_that_was_cut_between_two_records_is_refused(home: Home) {
    let whole = std::fs::read_to_string(fixture(GOLDEN_COPY)).unwrap();
    home.report("gleif-lei", &fixture(GOLDEN_COPY), &["--accept-shrink"], 1);
    let lines: Vec<&str> = whole.lines().collect();
    let cut = |name: &str, lines: &[&str]| home.file(name, format!("{}\n", lines.join("\n")));
    let name = "20260521-0800-invented-lei2-golden-copy.csv";
    let half = cut(name, &lines[..lines.len() / 2]);

    assert_refused(&home.import("gleif-lei", &half, &[]), "so it was cut");
    home.report("gleif-lei", &cut("20260521-0800-invented-lei2-last-day.csv", &lines[..lines.len() / 2]), &[], 0);
    assert_refused(&home.import("gleif-lei", &cut(name, &lines[..1]), &["--accept-shrink"]), "it has no record");
}

#[on_every_database(Home::new)]
fn an_lei_that_enters_later_is_known_from_the_next_file_on(home: Home) {
    let empty = home.report("gleif-lei", &fixture(GOLDEN_COPY), &["--accept-shrink"], 1);
    home.report("esma-casps", &fixture("esma/CASPS_20260426.csv"), &[], 0);
    let before = named(&home.at(home.sequence(), "2026-05-25"), "Bitpanda GmbH");
    let same = home.report("gleif-lei", &fixture(GOLDEN_COPY), &["--accept-shrink"], 1);

    assert_eq!((counts(&empty)[1], before.lei_status), (0, None));
    assert_eq!(counts(&same)[1], 7, "the same file again, for other records");
    assert!(named(&home.at(home.sequence(), "2026-05-25"), "Bitpanda GmbH").lei_status.is_some());
}

#[test]
fn files_of_another_kind_or_day_are_refused_and_nothing_is_written() {
    let home = Home::new(Database::sqlite());
    let refused = |format: &str, name: &str, text: &str, options: &[&str], words: &str| {
        let output = home.import(format, &home.file(name, text), options);
        assert_refused(&output, words);
    };

    refused("gleif-lei", "lei2.csv", "LEI\n", &[], "has no columns `Entity.LegalName`");
    refused("gleif-lei", "lei2.json", r#"{"data": []}"#, &[], "give the day of the register's data with --observed-on");
    refused("gleif-lei", "lei2.json", r#"{"data": []}"#, &["--observed-on", "2999-01-01"], "its day is 2999-01-01");
    refused(
        "gleif-lei",
        "issuers.json",
        r#"{"data": [{"type": "lei-issuers"}]}"#,
        &["--observed-on", "2026-01-01"],
        "only 0 of 1 rows",
    );
    // Its name has a day; a later one would make it look younger than it is.
    refused(
        "esma-ncasp",
        "NCASP20260130.csv",
        "a,b\n",
        &["--observed-on", "2026-03-01"],
        "the file's name has the day 2026-01-30",
    );
    refused("esma-ncasp", "NCASP.csv", "a,b\n", &["--observed-on", "2026-01-01"], "has no columns `ae_competentAuthority`");
    refused("master-register", "m.csv", "a,b\n", &["--observed-on", "2026-01-01"], "has no columns `register_source`");
    refused("non-compliant-json", "n.json", "{}", &[], "the list cannot be read");
    assert_eq!(home.sequence(), 0);
}

#[on_every_database(Home::new)]
fn lists_are_kept_whole_and_a_much_shorter_one_is_refused(home: Home) {
    let first = home.report("esma-ncasp", &fixture("esma/NCASP20260130.csv"), &[], 0);
    let again = home.report("esma-ncasp", &fixture("esma/NCASP20260130.csv"), &[], 0);
    assert_eq!((counts(&first), counts(&again)), ([10, 9, 0, 1, 9, 0, 0, 1], [10, 0, 9, 1, 0, 0, 0, 0]));
    let text = std::fs::read_to_string(fixture("esma/NCASP20260130.csv")).unwrap();
    let half: Vec<&str> = text.lines().take(6).collect();
    let shorter = home.file("NCASP20260228.csv", half.join("\n"));

    assert_refused(
        &home.import("esma-ncasp", &shorter, &[]),
        "it has 5 entries, but the newest stored version (EU-ESMA-NCASP@2026-01-30) has 9",
    );
    home.report("esma-ncasp", &shorter, &["--accept-shrink"], 0);

    let generation = home.at(home.sequence(), "2026-05-25");
    assert_eq!(generation.documents().non_compliant.as_ref().unwrap().value.list().entries.len(), 5);
    let compiled =
        home.report("master-register", &fixture("master_register/master_register_20260520.csv"), &["--accept-shrink"], 1);
    assert_eq!(counts(&compiled), [7, 5, 0, 1, 5, 0, 0, 1]);
    assert_eq!(told(&compiled), json!([[8, "legal_name", "missing"]]));
}

#[test]
fn a_name_that_is_only_alike_is_a_note_and_nothing_follows_from_it() {
    let home = Home::new(Database::sqlite());
    home.report("esma-casps", &fixture("esma/CASPS_20260426.csv"), &[], 0);
    let heading = std::fs::read_to_string(fixture("esma/NCASP20260130.csv")).unwrap().lines().next().unwrap().to_owned();
    let rows = "CONSOB,IT,Bitavvo,,,,https://bitavvo.example.com,No,None,12/02/2025,,\nCONSOB,IT,Dobibo,,,,,No,None,12/02/2025,,";

    let report = home.report("esma-ncasp", &home.file("NCASP20260501.csv", format!("{heading}\n{rows}\n")), &[], 0);

    let note =
        json!({"file": "NCASP20260501.csv", "line": 2, "flag": "name_similar", "text": "`Bitavvo` is similar to `Bitvavo B.V.`"});
    assert_eq!((&report["flagged"], &report["cases"]), (&json!([note]), &json!(0)));
    let bitvavo = elsewhere(&home.at(home.sequence(), "2026-05-25"), "Bitvavo B.V.");
    assert_eq!(bitvavo.non_compliant, Some(vec![]));
}

#[test]
fn what_convert_prints_of_esmas_list_is_what_import_keeps() {
    let home = Home::new(Database::sqlite());
    let file = fixture("esma/NCASP20260130.csv");
    let printed = home.command(&["convert", "esma-ncasp", file.to_str().unwrap()]).output().unwrap();
    assert_eq!(printed.status.code(), Some(0));
    let neutral = home.file("list.json", &printed.stdout);

    let report = home.report("non-compliant-json", &neutral, &[], 0);

    assert_eq!((&report["format"], &report["observed_on"]), (&json!("non-compliant-json"), &json!("2026-01-30")));
    let list = home.at(home.sequence(), "2026-05-25").documents().non_compliant.as_ref().unwrap().value.list().clone();
    assert_eq!((list.entries.len(), list.entries[7].name.as_str()), (9, "MEXC Global"));
}
