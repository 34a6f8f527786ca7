//! Tests of the three published forms, with rows that GLEIF published (`tests/fixtures/lei`), and of hostile input.

use proptest::prelude::*;

use super::*;
use vasp_record::lei_record::{EntityStatus, LeiName, LeiNameType, Successor};
use vasp_record::vasp::LeiStatus;

const GOLDEN: &str = include_str!("../../../tests/fixtures/lei/20240505-0000-gleif-goldencopy-lei2-intra-day.json");
const ANSWER: &str = include_str!("../../../tests/fixtures/lei/lei-records.json");
const TABLE: &str = include_str!("../../../tests/fixtures/lei/20260520-0800-invented-lei2-golden-copy.csv");

fn lei(text: &str) -> Lei {
    text.parse().unwrap()
}

fn read_as(text: &str, file: &str, wanted: &[&str]) -> Result<LeiFile, IngestError> {
    read(text.as_bytes(), file, None, wanted.iter().map(|text| lei(text)).collect(), &mut |_| ())
}

#[test]
fn a_golden_copy_in_json_is_read_with_names_states_and_days() {
    let wanted = ["097900BID10000147476", "213800E5Z6QRDSMZMK84", "2549000ZKR0L3Y1XAM11"];
    let file = read_as(GOLDEN, "20240505-0000-gleif-goldencopy-lei2-intra-day.json", &wanted).unwrap();

    assert_eq!((file.observed_on.to_string().as_str(), file.rows.read, file.records.len()), ("2024-05-05", 3, 3));
    let first = &file.records[&lei("097900BID10000147476")];
    assert_eq!(
        *first,
        LeiRecord {
            lei: lei("097900BID10000147476"),
            legal_name: "ALFA REY s.r.o.".into(),
            other_names: vec![LeiName { name: "ALFA REY SRO".into(), kind: LeiNameType::AutoAsciiTransliteratedLegalName }],
            jurisdiction: Some("SK".into()),
            country: Some("SK".parse().unwrap()),
            category: Some("GENERAL".into()),
            entity_status: EntityStatus::Active,
            registration_status: LeiStatus::Lapsed,
            successors: vec![],
            next_renewal_on: Some("2024-05-03".parse().unwrap()),
            updated_at: Some("2024-05-03T22:00:00Z".parse().unwrap()),
        }
    );
    let renamed = &file.records[&lei("213800E5Z6QRDSMZMK84")];
    assert_eq!(renamed.other_names, [LeiName { name: "GREENCARE CAPITAL LTD".into(), kind: LeiNameType::PreviousLegalName }]);
    let state = &file.records[&lei("2549000ZKR0L3Y1XAM11")];
    assert_eq!((state.jurisdiction.as_deref(), state.countries()), (Some("US-VA"), vec!["US".parse().unwrap()]));
}

#[test]
fn an_answer_of_the_api_names_its_own_day() {
    let file = read_as(ANSWER, "lei-records.json", &["851WYGNLUQLFZBSYGB56", "254900LNRYNOQ9YPU758"]).unwrap();

    assert_eq!((file.observed_on.to_string().as_str(), file.rows.read, file.records.len()), ("2025-05-15", 3, 2));
    let bank = &file.records[&lei("851WYGNLUQLFZBSYGB56")];
    assert_eq!((bank.legal_name.as_str(), bank.registration_status), ("COMMERZBANK Aktiengesellschaft", LeiStatus::Issued));
    let amazon = &file.records[&lei("254900LNRYNOQ9YPU758")];
    assert_eq!((amazon.other_names.len(), amazon.next_renewal_on), (4, "2026-05-20".parse().ok()));
    assert!(amazon.successors.is_empty());
}

#[test]
fn one_record_is_read_as_a_list_of_one_is() {
    let list: serde_json::Value = serde_json::from_str(ANSWER).unwrap();
    let one = serde_json::json!({"meta": list["meta"], "data": list["data"][0]}).to_string();
    let wanted = [list["data"][0]["id"].as_str().unwrap()];

    let (single, listed) = (read_as(&one, "x.json", &wanted).unwrap(), read_as(ANSWER, "x.json", &wanted).unwrap());

    assert_eq!(single.records, listed.records);
    assert_eq!(single.records.len(), 1);
}

#[test]
fn a_table_is_read_by_its_heading_and_only_what_is_wanted_is_kept() {
    let wanted = ["549300XIBGTJ0PLIEO72", "213800W1NGBLERUS6M39", "529900JB9XYZ8E87N345"];
    let file = read_as(TABLE, "20260520-0800-invented-lei2-golden-copy.csv", &wanted).unwrap();

    assert_eq!((file.observed_on.to_string().as_str(), file.rows.read, file.records.len()), ("2026-05-20", 10, 2));
    let retired = &file.records[&lei("549300XIBGTJ0PLIEO72")];
    assert_eq!((retired.entity_status, retired.registration_status), (EntityStatus::Inactive, LeiStatus::Retired));
    let successor = Successor { lei: Some(lei("254900GTP4UXQO1UMI36")), name: Some("Robinhood Europe UAB".into()) };
    assert_eq!(retired.successors, [successor]);
    let former = LeiName { name: "Banking Circle S.A.".into(), kind: LeiNameType::PreviousLegalName };
    assert_eq!(file.records[&lei("213800W1NGBLERUS6M39")].other_names, [former]);
    let told: Vec<_> = file.rows.rejected.iter().map(|row| (row.line, row.column.as_deref(), row.reason)).collect();
    assert_eq!(
        told,
        [(10, Some("LEI"), Reason::LeiInvalid), (11, Some("RegistrationStatus"), Reason::StatusUnknown)],
        "a status that is not known could be a bad one"
    );
}

/// Returns a table with these rows under a short heading.
fn table(rows: &[[&str; 10]]) -> String {
    let heading = "LEI,Entity.LegalName,Entity.LegalAddress.Country,Entity.LegalJurisdiction,Entity.EntityStatus,\
                   Registration.LastUpdateDate,Registration.RegistrationStatus,Registration.NextRenewalDate,\
                   Entity.SuccessorEntity.1.SuccessorLEI,Entity.SuccessorEntity.1.SuccessorEntityName";
    let rows: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
    format!("{heading}\n{}\n", rows.join("\n"))
}

#[test]
fn a_successor_is_kept_where_it_follows_and_of_two_versions_the_later() {
    let (old, new) = ("5493001KJTIIGC8Y1R12", "529900T8BM49AURSDO55");
    let row = |lei, name, updated, successor| [lei, name, "DE", "DE", "ACTIVE", updated, "ISSUED", "", successor, ""];
    let rows = [
        row(old, "Old", "2026-01-02T00:00:00Z", new),
        row(old, "Older", "2026-01-01T00:00:00Z", ""),
        row(new, "New", "2026-01-01T00:00:00Z", ""),
        row("529900HNOAA1KXQJUQ27", "Nobody asked", "2026-01-01T00:00:00Z", ""),
        row(new, "New", "2026-01-01T00:00:00Z", ""),
    ];
    let file = read_as(&table(&rows), "x_20260101.csv", &[old]).unwrap();

    let names: Vec<&str> = file.records.values().map(|record| record.legal_name.as_str()).collect();
    assert_eq!(names, ["New", "Old"]);
    assert_eq!((file.rows.read, file.rows.repeated), (5, 1));
}

#[test]
fn a_document_of_another_kind_is_refused_or_its_records_are() {
    let refused = |text: &str| read_as(text, "x_20260101.json", &[]).unwrap_err().to_string();

    assert_eq!(refused("{}"), "x_20260101.json does not have this format");
    assert_eq!(refused(r#"{"data": 1}"#), "x_20260101.json does not have this format");
    assert_eq!(refused(r#"{"data": [], "records": []}"#), "x_20260101.json does not have this format");
    assert_eq!(refused(r#"{"data": []} x"#), "x_20260101.json does not have this format");
    assert!(refused("a,b\n1,2\n").contains("has no columns `LEI`"));
    let issuers = read_as(r#"{"data": [{"type": "lei-issuers", "id": "x"}]}"#, "x_20260101.json", &[]).unwrap();
    assert_eq!((issuers.rows.read, issuers.rows.rejected[0].reason), (1, Reason::OtherKind));
    assert!(matches!(read_as(r#"{"data": []}"#, "x.json", &[]), Err(IngestError::NoDate { .. })));
}

#[test]
fn a_file_of_nothing_but_wrong_rows_ends_early() {
    let rows = "x,,,,,,,\n".repeat(MOST_REJECTED + 2);
    let heading = table(&[]);
    let text =
        format!("{}\n{rows}", heading.trim_end().rsplit_once(",Entity.Succ").unwrap().0.rsplit_once(",Entity.Succ").unwrap().0);

    let error = read_as(&text, "x_20260101.csv", &[]).unwrap_err().to_string();

    assert!(error.contains("more than 10000 records cannot be read"), "{error}");
}

#[test]
fn rows_that_nobody_wants_are_counted_and_not_kept() {
    let row = "5493001KJTIIGC8Y1R12,Bloomberg Finance L.P.,US,US-DE,ACTIVE,2026-01-01T00:00:00Z,ISSUED,2027-01-01T00:00:00Z,,\n";
    let mut counted = 0;
    let text = format!("{}{}", table(&[]).trim_end(), format!("\n{}", row.trim_end()).repeat(50_000));
    let file = read(text.as_bytes(), "x_20260101.csv", None, BTreeSet::new(), &mut |rows| counted = rows).unwrap();

    assert_eq!((file.rows.read, file.records.len(), counted), (50_000, 0, 49_152));
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), text in "\\PC*") {
        let wanted = || BTreeSet::from([lei("5493001KJTIIGC8Y1R12")]);
        let _ = read(bytes.as_slice(), "x_20260101", None, wanted(), &mut |_| ());
        let _ = read(format!("{{\"data\": {text}}}").as_bytes(), "x_20260101", None, wanted(), &mut |_| ());
        let row = format!("{}5493001KJTIIGC8Y1R12,{text}", table(&[]));
        let _ = read(row.as_bytes(), "x_20260101", None, wanted(), &mut |_| ());
    }

    #[test]
    fn a_damaged_golden_copy_is_read_without_panic(at in 0..GOLDEN.len(), put in "[\\[\\]{}\":,a-z0-9$]{0,6}") {
        let mut damaged = GOLDEN.to_owned();
        damaged.insert_str(GOLDEN.floor_char_boundary(at), &put);
        let _ = read_as(&damaged, "x_20260101.json", &["097900BID10000147476"]);
    }
}
