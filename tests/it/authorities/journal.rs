//! The journal of imports: what was read when, by what, with which result, and every row that was not taken as it is.

use serde_json::{Value, json};
use vasp_registry::imported::ImportReport;
use vasp_registry::imports::ImportFormat;
use vasp_registry::node::ImportError;
use vasp_store::WriteMode;

use super::Desk;
use crate::filled::fault;
use crate::support::{Database, on_every_database};

const IMPORTS: &str = "/v1/imports";
const APRIL: &str = include_str!("../../fixtures/esma/CASPS_20260426.csv");

fn import(desk: &Desk, file: &str, text: &str, mode: WriteMode) -> Result<ImportReport, ImportError> {
    desk.registry().try_import(ImportFormat::EsmaCasps, file, text.as_bytes().to_vec(), |job| job.mode = mode)
}

fn items(desk: &Desk, path: &str) -> Vec<Value> {
    desk.alice.read(desk.registry(), path)["items"].as_array().unwrap().clone()
}

#[on_every_database(Desk::open)]
fn every_import_is_in_the_journal_with_its_counts_and_one_that_is_refused_with_its_reason(desk: Desk) {
    let first = import(&desk, "CASPS_20260426.csv", APRIL, WriteMode::Keep).unwrap();
    import(&desk, "CASPS_20260426.csv", APRIL, WriteMode::Keep).unwrap();
    import(&desk, "CASPS_20260427.csv", APRIL, WriteMode::Rehearse).unwrap();
    let short: String = APRIL.split_inclusive('\n').take(10).collect();
    let refused = import(&desk, "CASPS_20260428.csv", &short, WriteMode::Keep).unwrap_err();
    import(&desk, "captcha.html", "<html><body>Are you a robot?</body></html>", WriteMode::Keep).unwrap_err();

    let all = items(&desk, IMPORTS);
    assert_eq!(all.len(), 4, "a rehearsal is none");
    let of = |file: &str| all.iter().filter(|one| one["file"] == file).cloned().collect::<Vec<_>>();
    let taken = of("CASPS_20260426.csv");
    let outcomes: Vec<&Value> = taken.iter().map(|one| &one["outcome"]).collect();
    assert!(outcomes.contains(&&json!("changed")) && outcomes.contains(&&json!("unchanged")), "{taken:?}");
    let changed = taken.iter().find(|one| one["outcome"] == "changed").unwrap();
    // 48 rows of 46 firms, of which one is there twice: tests/fixtures/README.md.
    let rows =
        json!({"read": 48, "taken": 47, "unchanged": 0, "repeated": 1, "rejected": 0, "held": 0, "flagged": first.flagged.len()});
    assert_eq!((&changed["rows"], &changed["new"], &changed["observed_on"]), (&rows, &json!(46), &json!("2026-04-26")));
    assert_eq!(changed["imported_by"], "command_line");
    assert_eq!(changed["source"], Value::Null);
    assert_eq!(changed["reason"], Value::Null);
    assert_eq!(changed["sequence"], first.sequence);
    assert_eq!(desk.alice.read(desk.registry(), &format!("{IMPORTS}/{}", changed["id"].as_str().unwrap())), *changed);
    let shrunk = &of("CASPS_20260428.csv")[0];
    assert_eq!((&shrunk["outcome"], &shrunk["reason"]), (&json!("refused"), &json!(refused.to_string())));
    assert_eq!(of("captcha.html")[0]["outcome"], "refused");
    assert_eq!(items(&desk, &format!("{IMPORTS}?outcome=refused")).len(), 2);
    assert_eq!(items(&desk, &format!("{IMPORTS}?format=un-consolidated")), Vec::<Value>::new());
    fault(&desk.alice.get(desk.registry(), &format!("{IMPORTS}?format=x")), "invalid_request", "?format");
}

#[on_every_database(Desk::open)]
fn rows_that_were_not_taken_as_they_are_are_listed_page_by_page(desk: Desk) {
    // The first row of Malta names an authority that nobody knows, the first row of Cyprus a country that is none.
    let text = APRIL.replacen("Malta Financial Services Authority", "Authority of Atlantis", 1).replacen(",CY,", ",XX,", 1);
    let report = import(&desk, "CASPS_20260426.csv", &text, WriteMode::Keep).unwrap();
    assert_eq!((report.rejected.len(), report.held.len()), (1, 1));
    let id = items(&desk, IMPORTS)[0]["id"].as_str().unwrap().to_owned();

    let rows = items(&desk, &format!("{IMPORTS}/{id}/rows?limit=1000"));
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = desk.alice.read(desk.registry(), &format!("{IMPORTS}/{id}/rows?limit=2{cursor}"));
        paged.extend(page["items"].as_array().unwrap().iter().cloned());
        match page["next_cursor"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => break,
        }
    }

    assert_eq!(rows, paged);
    assert_eq!(rows.len(), 2 + report.flagged.len());
    let line = |wanted: &str| {
        let is_it = |line: &(usize, &str)| line.1.contains(wanted);
        text.split('\n').enumerate().find(is_it).map(|(number, _)| number + 1).unwrap()
    };
    let rejected = &rows[0];
    assert_eq!((&rejected["outcome"], &rejected["reason"]), (&json!("rejected"), &json!("country_unknown")));
    assert_eq!((&rejected["text"], &rejected["line"]), (&json!("XX"), &json!(line(",XX,"))));
    let held = &rows[1];
    assert_eq!((&held["outcome"], &held["reason"]), (&json!("held"), &json!("authority_unknown")));
    assert_eq!((&held["text"], &held["line"]), (&json!("Authority of Atlantis (MFSA)"), &json!(line("Authority of Atlantis"))));
    let flagged = items(&desk, &format!("{IMPORTS}/{id}/rows?outcome=flagged&limit=1000"));
    assert_eq!(flagged, rows[2..]);
}

#[test]
fn an_import_that_is_not_there_has_no_rows() {
    let desk = Desk::open(Database::sqlite());
    for path in ["imp_00000000000000000000000000", "imp_00000000000000000000000000/rows", "x"] {
        desk.alice.get(desk.registry(), &format!("{IMPORTS}/{path}")).problem(404, "not_found");
    }
    desk.registry().client.get(IMPORTS).problem(401, "unauthenticated");
}
