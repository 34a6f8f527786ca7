//! The UK Sanctions List of the Foreign, Commonwealth and Development Office, CSV as published since January 2026, and OFSI's consolidated
//! list, which it replaced. Both have a line with their date, a heading, and a row for each name, address and birth of an entry. The first
//! line identifies the form. The caller is `vasp_registry::screening`.
//!
//! Source: FCDO, UK Sanctions List CSV (58 columns) as of 13 February 2026; HM Treasury (OFSI), Consolidated list format guide, with
//! the columns of 2018 and those added in February 2022. Both under the Open Government Licence v3.0.

use std::io::Read;

use super::IngestError;
use super::ofac_digital_currency::add_new;
use super::published_list::{Collected, add_addresses, date, joined, windows_1252};
use super::table::Table;
use vasp_record::register::RowReport;
use vasp_rules::screening::{EntryKind, SanctionsEntry, SanctionsList, UK_SANCTIONS};
use vasp_words::time::Date;

/// Columns of the UK Sanctions List.
const SANCTIONS_LIST: [&str; 20] = [
    "Unique ID",
    "Name 1",
    "Name 2",
    "Name 3",
    "Name 4",
    "Name 5",
    "Name 6",
    "Name type",
    "Designation Type",
    "Regime Name",
    "Date Designated",
    "D.O.B",
    "Nationality(/ies)",
    "Other Information",
    "Address Country",
    "Alias strength",
    "Name non-latin script",
    "Sanctions Imposed",
    "Website",
    "Business registration number (s)",
];
/// The same columns in OFSI's consolidated list; the last five exist since 2022 or not at all.
const CONSOLIDATED_LIST: [&str; 20] = [
    "Group ID",
    "Name 1",
    "Name 2",
    "Name 3",
    "Name 4",
    "Name 5",
    "Name 6",
    "Alias Type",
    "Group Type",
    "Regime",
    "Listed On",
    "DOB",
    "Nationality",
    "Other Information",
    "Country",
    "Alias Quality",
    "Name Non-Latin Script",
    "-",
    "-",
    "-",
];
/// How many of the columns OFSI's list has in every version. The UK Sanctions List has all.
const NEEDED: usize = 15;

/// Reads a file in either form. The file contains its own date; `as_of`, if given, must be the same day.
///
/// # Errors
/// `Table` if the file has neither form or does not state its date; and the errors of a file without the columns of its form.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let wrong = |line, detail: String| IngestError::Table { file: file.to_owned(), line, detail };
    let text = windows_1252(bytes, file)?;
    let text = text.trim_start_matches('\u{feff}');
    let (first, rest) = text.split_once('\n').unwrap_or((text, ""));
    let first = first.trim().trim_matches([',', '"']);
    let (day, columns, needed) = match (first.strip_prefix("Report Date:"), first.strip_prefix("Last Updated,")) {
        (Some(day), _) => (day, SANCTIONS_LIST, SANCTIONS_LIST.len()),
        (None, Some(day)) => (day, CONSOLIDATED_LIST, NEEDED),
        (None, None) => {
            let detail =
                "the first line must be `Report Date: …` (UK Sanctions List) or `Last Updated,…` (OFSI's consolidated list)";
            return Err(wrong(1, detail.to_owned()));
        }
    };
    let day = date(day.trim()).ok_or_else(|| wrong(1, format!("`{}` is not a date", day.trim())))?;
    // An empty line replaces the first line, so that line numbers match those of the file.
    let mut table = Table::open_with(b"\n".chain(rest.as_bytes()), file, columns, needed)?;
    let mut list = Collected::new(file);
    while let Some(row) = table.next_row()? {
        list.rows.read += 1;
        match row {
            Ok(row) => read(&mut list, row.line, row.cells.each_ref().map(|cell| cell.trim())),
            Err(rejected) => list.rows.rejected.push(rejected),
        }
    }
    list.finish(UK_SANCTIONS, day, as_of)
}

/// Reads one row: one name of an entry, with one of its addresses, births or other details.
fn read(list: &mut Collected<'_>, line: u64, cells: [&str; 20]) {
    let [uid, one, two, three, four, five, six, name_type, kind, regime, cells @ ..] = cells;
    let [since, born, nationality, other, country, strength, script, imposed, website, registration] = cells;
    let name = joined([one, two, three, four, five, six]);
    let mut entry = SanctionsEntry {
        uid: uid.to_owned(),
        kind: match kind {
            "Individual" => EntryKind::Individual,
            "Entity" => EntryKind::Entity,
            "Ship" => EntryKind::Vessel,
            _ => EntryKind::Unknown,
        },
        since: list.since(line, since),
        hosts: list.hosts(line, website),
        numbers: registration.split([',', ';']).map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect(),
        leis: registration.split(|c: char| !c.is_ascii_alphanumeric()).filter_map(|word| word.parse().ok()).collect(),
        ..SanctionsEntry::default()
    };
    if ["primary name", "prime alias"].iter().any(|primary| name_type.eq_ignore_ascii_case(primary)) {
        entry.name = name;
    } else if strength.to_ascii_lowercase().starts_with("low") {
        add_new(&mut entry.weak_aliases, std::iter::once(name));
    } else {
        add_new(&mut entry.aliases, std::iter::once(name));
    }
    add_new(&mut entry.aliases, std::iter::once(joined([script])));
    add_new(&mut entry.programs, std::iter::once(regime).chain(imposed.split('|')).map(|one| one.trim().to_owned()));
    // `00/00/1980` and `dd/mm/1980` state only the year.
    let born = born.trim_start_matches("00/00/").trim_start_matches("dd/mm/");
    add_new(&mut entry.born, std::iter::once(born.to_owned()));
    add_new(&mut entry.countries, [nationality, country].into_iter().map(str::to_owned));
    add_addresses(&mut entry, other);
    list.add(line, entry);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vasp_record::register::{Flag, Reason};
    use vasp_rules::screening::ListCoverage;

    /// The two top lines as published on 13 February 2026, and rows of one real and two invented entries.
    const LIST: &[u8] = include_bytes!("../../tests/fixtures/uk/uk_sanctions_list_20260213.csv");
    /// The two top lines of OFSI's list of 13 April 2018, one of its rows shortened, and invented rows with Windows-1252 characters.
    const CON_LIST: &[u8] = include_bytes!("../../tests/fixtures/uk/conlist_20180413.csv");

    fn parsed(bytes: &[u8]) -> Result<(SanctionsList, RowReport), IngestError> {
        parse(bytes, "uk.csv", None)
    }

    /// One wrong byte must not make the file be read in another encoding: every other script would be garbled.
    #[test]
    fn a_wrong_byte_in_a_file_in_utf_8_is_refused_with_its_line() {
        let place = LIST.windows(4).position(|part| part == b"HAJI").unwrap();
        let damaged = [&LIST[..place], b"\x92", &LIST[place..]].concat();

        let refused = parsed(&damaged).unwrap_err().to_string();

        assert!(refused.contains("line 3") && refused.contains("a byte is wrong"), "{refused}");
    }

    #[test]
    fn rows_of_one_unique_id_are_one_entry_of_a_whole_list() {
        let (list, rows) = parsed(LIST).unwrap();

        assert_eq!(list.id.as_str(), UK_SANCTIONS);
        assert_eq!(list.as_of.to_string(), "2026-02-13");
        assert_eq!(list.coverage, ListCoverage::Complete);
        let [exchange, person, ship] = list.entries.as_slice() else { panic!("{list:?}") };
        assert_eq!(exchange.uid.as_str(), "AFG0001");
        assert_eq!(exchange.kind, EntryKind::Entity);
        assert_eq!(exchange.name.as_str(), "HAJI KHAIRULLAH HAJI SATTAR MONEY EXCHANGE");
        assert_eq!(exchange.aliases, ["حاجی خيرالله و حاجی ستار صرافی", "Haji Khairullah Money Exchange"]);
        assert_eq!(exchange.weak_aliases, ["HKHS"]);
        assert_eq!(exchange.programs, ["The Afghanistan (Sanctions) (EU Exit) Regulations 2020", "Asset freeze"]);
        assert_eq!(exchange.since.unwrap().to_string(), "2012-06-29");
        assert_eq!(exchange.hosts[0].to_string(), "example.org");
        assert_eq!(exchange.countries, ["Afghanistan", "Pakistan"]);
        assert_eq!((exchange.leis[0].to_string(), exchange.addresses.len()), ("485100GBI2SE0KIX8T70".to_owned(), 1));
        assert_eq!(person.name.as_str(), "Ann Mary EXAMPLE");
        assert_eq!(person.born, ["1980", "01/02/1981"]);
        assert_eq!((ship.kind, ship.programs.len()), (EntryKind::Vessel, 3));
        assert_eq!((rows.read, rows.rejected.len()), (6, 0));
        assert_eq!(rows.flagged.iter().map(|row| (row.line, row.flag)).collect::<Vec<_>>(), [(8, Flag::DateUnreadable)]);
    }

    #[test]
    fn ofsis_list_is_read_in_its_own_letters_and_grouped_by_its_number() {
        let (list, rows) = parsed(CON_LIST).unwrap();

        assert_eq!((list.as_of.to_string(), list.coverage), ("2018-04-13".to_owned(), ListCoverage::Complete));
        let person = list.entries.iter().find(|entry| entry.uid == "10001").unwrap();
        assert_eq!((person.name.as_str(), person.born.as_slice()), ("Ann Mary EXAMPLE", &["1980".to_owned(), "1981".into()][..]));
        let firm = list.entries.iter().find(|entry| entry.uid == "12927").unwrap();
        assert_eq!(firm.kind, EntryKind::Entity);
        assert_eq!(firm.name.as_str(), "Société Exemple");
        assert_eq!(firm.aliases, ["EXAMPLE SA"]);
        assert_eq!((rows.read, list.entries.len()), (5, 3));
    }

    #[test]
    fn a_row_that_is_cut_off_makes_the_list_partial_with_its_line() {
        let text = String::from_utf8(LIST.to_vec()).unwrap();
        let (cut, _) = text.rsplit_once("Ship").unwrap();

        let (list, rows) = parsed(cut.as_bytes()).unwrap();

        assert_eq!((rows.rejected[0].line, rows.rejected[0].reason), (8, Reason::ColumnCount));
        assert_eq!((list.coverage, list.source.as_str()), (ListCoverage::Partial, "uk.csv; 1 of 6 rows could not be read"));
    }

    #[test]
    fn other_tables_are_refused() {
        let refused = |text: &str| parsed(text.as_bytes()).unwrap_err().to_string();

        // The export of the search on the FCDO's page has primary names only.
        assert!(refused("Unique ID,OFSI Group ID,Name,Regime Name\nAFG0001,1,A,B\n").contains("the first line must be"));
        assert!(refused("Report Date: soon\n").contains("line 1: `soon` is not a date"));
        assert!(refused("Report Date: 13-Feb-2026\nUnique ID,Name 1\n").contains("no columns `Name 2`"));
        let renamed = String::from_utf8_lossy(LIST).replacen(",Website,", ",Site,", 1);
        assert!(refused(&renamed).contains("has no column `Website`"));
        let heading = String::from_utf8_lossy(LIST).lines().take(2).collect::<Vec<_>>().join("\n");
        assert!(refused(&heading).contains("nobody is on the list"));
    }

    proptest! {
        #[test]
        fn any_rows_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300), old in any::<bool>()) {
            let file = if old { CON_LIST } else { LIST };
            let heading: Vec<u8> = file.split_inclusive(|byte| *byte == b'\n').take(2).flatten().copied().collect();
            let _ = parsed(&[heading, bytes].concat());
        }

        #[test]
        fn a_file_cut_within_a_row_is_never_whole(at in 0..LIST.len()) {
            let rows_end = matches!(LIST[..at].last(), Some(b'\n' | b'\r' | b','));
            if let Ok((list, _)) = parsed(&LIST[..at]) {
                prop_assert!(rows_end || list.entries.len() == 3 || list.coverage == ListCoverage::Partial);
            }
        }
    }
}
