//! Australia's consolidated list, the sheet of the Department of Foreign Affairs and Trade (DFAT) saved as CSV: a row for each name. References
//! such as `2`, `2a` and `2b` are one entry. Days are the numbers of a spreadsheet. The department changed the form in 2025, and nobody here
//! has seen the new one. The caller is `vasp_registry::imports`.
//!
//! Source: DFAT, Consolidated List (`regulation8_consolidated`), as published on 11 November 2024 (CC BY 4.0).

use super::IngestError;
use super::esma_casps::date_in_name;
use super::ofac_digital_currency::add_new;
use super::published_list::{Collected, add_addresses, add_alias, joined, sheet_day};
use super::table::Table;
use vasp_record::register::{Flag, RowReport};
use vasp_rules::screening::{EntryKind, SanctionsEntry, SanctionsList};
use vasp_words::time::Date;

/// Id of the list, as in `seed/sanctions_by_law.json`.
const ID: &str = "AU-DFAT";

const COLUMNS: [&str; 9] = [
    "Reference",
    "Name of Individual or Entity",
    "Type",
    "Name Type",
    "Date of Birth",
    "Citizenship",
    "Additional Information",
    "Committees",
    "Control Date",
];

/// Reads the list. Its day is `as_of`, otherwise the date in the file name, otherwise the newest control date.
///
/// # Errors
/// `Table` if nobody is on the list, or a control date is after its day; and the errors of a file that is not such a table.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let mut table = Table::open(bytes, file, COLUMNS)?;
    let mut list = Collected::new(file);
    let mut newest = None;
    while let Some(row) = table.next_row()? {
        list.rows.read += 1;
        match row {
            Ok(row) => newest = newest.max(read(&mut list, row.line, &row.cells)),
            Err(rejected) => list.rows.rejected.push(rejected),
        }
    }
    list.finish_dated(ID, as_of.or_else(|| date_in_name(file)), newest)
}

/// Reads one name of an entry; returns its control date.
fn read(list: &mut Collected<'_>, line: u64, cells: &[String; COLUMNS.len()]) -> Option<Date> {
    let [reference, name, kind, name_type, born, citizenship, remarks, committees, control] =
        cells.each_ref().map(|cell| cell.trim());
    let number: String = reference.chars().take_while(char::is_ascii_digit).collect();
    let mut entry = SanctionsEntry {
        uid: number,
        kind: match kind.to_ascii_lowercase().as_str() {
            "individual" => EntryKind::Individual,
            "entity" => EntryKind::Entity,
            _ => EntryKind::Unknown,
        },
        ..SanctionsEntry::default()
    };
    let name = joined([name]);
    if name_type.eq_ignore_ascii_case("primary name") {
        entry.name = name
    } else {
        add_alias(&mut entry, &name)
    }
    let is_said = |cell: &&str| !["", "na", "n/a"].contains(&cell.to_ascii_lowercase().as_str());
    let born = Some(born).filter(is_said).map(|cell| sheet_day(cell).map_or_else(|| joined([cell]), |day| day.to_string()));
    add_new(&mut entry.born, born.into_iter());
    add_new(&mut entry.countries, Some(citizenship).filter(is_said).map(|cell| joined([cell])).into_iter());
    add_new(&mut entry.programs, std::iter::once(joined([committees])));
    add_addresses(&mut entry, remarks);
    list.add(line, entry);
    let day = sheet_day(control);
    if day.is_none() && !control.is_empty() {
        list.flag(line, Flag::DateUnreadable, control);
    }
    day
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use vasp_rules::screening::ListCoverage;

    /// Written in the published form, with the defects of the published file; everybody in it is invented.
    const FILE: &str = include_str!("../../tests/fixtures/au/regulation8_consolidated.csv");

    fn read(text: &str) -> Result<(SanctionsList, RowReport), IngestError> {
        parse(text.as_bytes(), "au.csv", None)
    }

    #[test]
    fn names_of_one_reference_are_one_entry_and_days_are_those_of_a_spreadsheet() {
        let (list, rows) = read(FILE).unwrap();

        assert_eq!((list.id.as_str(), list.as_of.to_string().as_str()), ("AU-DFAT", "2024-11-11"));
        assert_eq!((list.coverage, rows.read, rows.rejected.len()), (ListCoverage::Complete, 6, 0));
        let [firm, person] = list.entries.as_slice() else { panic!("{list:?}") };
        assert_eq!((person.uid.as_str(), person.kind, person.name.as_str()), ("396", EntryKind::Individual, "Ann Mary EXAMPLE"));
        assert_eq!(person.aliases, ["Anne Example", "آن"]);
        assert_eq!(person.born, ["1957-08-17"]);
        assert_eq!(person.countries, ["Indonesian"]);
        assert_eq!(person.programs, ["1988 (Taliban)"]);
        assert_eq!((firm.uid.as_str(), firm.name.as_str()), ("1254", "Invented Trading"));
        assert_eq!((firm.weak_aliases.as_slice(), firm.addresses.len()), (&["ITC".to_owned()][..], 1));
    }

    #[test]
    fn a_control_date_after_the_day_is_refused() {
        let early = parse(FILE.as_bytes(), "au.csv", "2024-11-10".parse().ok());

        assert!(early.unwrap_err().to_string().contains("a listing of 2024-11-11, which is after 2024-11-10"));
    }

    proptest! {
        #[test]
        fn any_rows_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
            let heading = FILE.split_inclusive('\n').next().unwrap();
            let _ = parse(&[heading.as_bytes(), &bytes].concat(), "au.csv", None);
        }
    }
}
