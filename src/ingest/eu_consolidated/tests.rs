//! Tests of all three forms. All persons are invented; the headings are as published, and the XML follows the published schema.

use super::*;
use crate::published_list::broken;
use proptest::prelude::*;
use vasp_record::register::Flag;
use vasp_rules::screening::ListCoverage;

const XML: &str = include_str!("../../../tests/fixtures/eu_consolidated/fsf_1_1.xml");
const CSV_1_1: &str = include_str!("../../../tests/fixtures/eu_consolidated/fsf_1_1.csv");
const CSV_1_0: &str = include_str!("../../../tests/fixtures/eu_consolidated/fsf_1_0.csv");

fn read(text: &str) -> Result<(SanctionsList, RowReport), IngestError> {
    parse(text.as_bytes(), "eu", None)
}

fn refused(text: &str) -> String {
    read(text).unwrap_err().to_string()
}

#[test]
fn xml_and_csv_of_one_day_say_the_same_of_an_entry() {
    for (form, text, weak) in [("xml", XML, &["NFX", "Nightfall"][..]), ("csv", CSV_1_1, &["NFX"])] {
        let (list, _) = read(text).unwrap();

        assert_eq!(list.id.as_str(), EU_SANCTIONS);
        assert_eq!(list.list(), EU_SANCTIONS);
        assert_eq!(list.as_of.to_string(), "2026-08-21");
        assert_eq!((list.coverage, list.source.as_str()), (ListCoverage::Complete, "eu"), "{form}");
        let [third, firm, person] = list.entries.as_slice() else { panic!("{form}: {list:?}") };
        assert_eq!(firm.uid.as_str(), "EU.1.11", "{form}");
        assert_eq!(firm.kind, EntryKind::Entity, "{form}");
        assert_eq!(firm.name.as_str(), "Nightfall Exchange", "{form}");
        assert_eq!(
            (firm.aliases.as_slice(), firm.weak_aliases.as_slice()),
            (&["Найтфолл".to_owned()][..], weak.iter().map(|one| (*one).to_owned()).collect::<Vec<_>>().as_slice()),
            "{form}"
        );
        assert_eq!(firm.programs, ["UKR", "RUS"], "{form}");
        assert_eq!(firm.countries, ["RU"], "{form}");
        assert_eq!(firm.since.unwrap().to_string(), "2025-02-25", "{form}");
        assert_eq!(firm.hosts[0].to_string(), "example.org", "{form}");
        assert_eq!((firm.leis[0].to_string(), firm.addresses.len()), ("485100GBI2SE0KIX8T70".to_owned(), 1), "{form}");
        assert_eq!(person.uid.as_str(), "EU.2.22", "{form}");
        assert_eq!(person.kind, EntryKind::Individual, "{form}");
        assert_eq!(person.name.as_str(), "Ann Mary Example", "{form}");
        assert_eq!(person.since.unwrap().to_string(), "2014-03-17", "{form}");
        assert_eq!(person.countries, ["UA"], "{form}");
        assert_eq!(person.born[0], "1937-04-28", "{form}");
        assert_eq!((third.uid.as_str(), third.name.as_str(), third.weak_aliases.len()), ("33", "Third & Sons", 0), "{form}");
    }
}

#[test]
fn births_of_the_xml_are_told_as_exactly_as_published() {
    let (list, rows) = read(XML).unwrap();

    assert_eq!(list.entries[2].born, ["1937-04-28", "about 1938", "1936 to 1939"]);
    assert_eq!(rows.flagged.iter().map(|row| (row.line, row.flag)).collect::<Vec<_>>(), [(24, Flag::DateUnreadable)]);
}

#[test]
fn csv_of_version_1_0_is_read_as_published_and_partial_when_a_spreadsheet_saved_it() {
    let (list, rows) = read(CSV_1_0).unwrap();
    let wrapped: String =
        CSV_1_0.lines().map(|line| format!("\"{}\t\t\"\n", line.replace("Date_file", "Date_filexxxx"))).collect();
    let (saved, _) = read(&wrapped).unwrap();

    assert_eq!((list.as_of.to_string(), list.coverage, rows.read), ("2018-07-04".to_owned(), ListCoverage::Complete, 5));
    let [bank, person] = list.entries.as_slice() else { panic!("{list:?}") };
    assert_eq!(bank.uid.as_str(), "EU.36.00");
    assert_eq!(bank.name.as_str(), "Example Bank");
    assert_eq!(bank.aliases, ["Bank of Example"]);
    assert_eq!((person.name.as_str(), person.born.as_slice()), ("Ann Example", &["1924-02-21".to_owned()][..]));
    assert_eq!(saved.entries, list.entries);
    assert_eq!(saved.coverage, ListCoverage::Partial);
    assert_eq!(saved.source.as_str(), "eu; each line is in quotation marks: a spreadsheet program has saved the file");
}

#[test]
fn a_row_that_cannot_be_read_makes_the_list_partial_with_its_line() {
    let (list, rows) = read(&CSV_1_1.replacen("21/08/2026;22;", "soon;22;", 1)).unwrap();

    // The row with the person's name is rejected, so the rest of her entry has no name.
    let said: Vec<(u64, Reason)> = rows.rejected.iter().map(|row| (row.line, row.reason)).collect();
    assert_eq!(said, [(8, Reason::DateInvalid), (9, Reason::Missing)]);
    assert_eq!((list.coverage, list.source.as_str()), (ListCoverage::Partial, "eu; 2 of 12 rows could not be read"));
}

#[test]
fn a_renamed_column_makes_the_list_partial() {
    let (list, _) = read(&CSV_1_1.replacen("Address_CountryIso2Code", "Address_Country", 1)).unwrap();

    assert_eq!(list.coverage, ListCoverage::Partial);
    assert_eq!(list.source.as_str(), "eu; it has no column `Address_CountryIso2Code`");
}

#[test]
fn other_files_files_of_two_days_and_broken_ones_are_refused() {
    assert!(refused("a;b\n1;2\n").contains("no columns `fileGenerationDate`"));
    assert!(
        refused("<CONSOLIDATED_LIST/>")
            .contains("its outermost element is `CONSOLIDATED_LIST`, but the EU's consolidated list (XML 1.1) has `export`")
    );
    assert!(refused(&XML.replace("generationDate", "day")).contains("has no date of generation"));
    assert!(
        refused(&CSV_1_1.replacen("21/08/2026;33", "22/08/2026;33", 1))
            .contains("line 13: one row is from 2026-08-22 and the file is from 2026-08-21")
    );
    assert!(refused(CSV_1_1.lines().next().unwrap()).contains("no row has the date"));
    assert!(refused(XML.split_once("<sanctionEntity logicalId=\"33\">").unwrap().0).contains("the file is incomplete"));
}

proptest! {
    #[test]
    fn a_broken_xml_file_is_refused_and_never_a_shorter_whole_list(at in 0..XML.len(), text in "\\PC{0,5}") {
        for broken in broken(XML, at, &text) {
            if let Ok((list, _)) = read(&broken) {
                prop_assert!(list.entries.len() == 3 || list.coverage == ListCoverage::Partial, "{broken}");
            }
        }
    }

    #[test]
    fn any_rows_are_read_without_panic(text in "\\PC*", version in any::<bool>()) {
        let heading = if version { CSV_1_0 } else { CSV_1_1 }.lines().next().unwrap();
        let _ = read(&format!("{heading}\n{text}"));
        let _ = read(&text);
        let _ = read(&format!("\"Date_file{text}"));
    }
}
