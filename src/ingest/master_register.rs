//! A list of several authorities' registers that a third party compiled, CSV. The registry did not verify it. Its rows become third-party
//! evidence, never facts of a record. The caller is `vasp_registry::imports`.

use std::collections::BTreeSet;

use super::IngestError;
use super::esma_casps::day_of_file;
use super::esma_cells::{lei, tidy};
use super::table::Table;
use vasp_record::register::{Flag, FlaggedRow, Reason, RowReport, cut};
use vasp_rules::lei_evidence::fold;
use vasp_rules::third_party::{ThirdPartyList, ThirdPartyRow, ThirdPartyWord};
use vasp_words::time::Date;

/// The columns that are read; the list has more.
const COLUMNS: [&str; 9] = [
    "register_source",
    "legal_name",
    "home_country_code",
    "regulator",
    "registration_status",
    "registration_date",
    "lei",
    "last_scraped",
    "commercial_name",
];

/// Reads one compilation. `as_of` is its day; the default is the date in the file name.
///
/// # Errors
/// `NoDate`, and the errors of a file that is not such a table. A wrong row is not an error.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<(ThirdPartyList, RowReport), IngestError> {
    let as_of = day_of_file(file, as_of)?;
    let mut table = Table::open(bytes, file, COLUMNS)?;
    let (mut taken, mut seen, mut rows) = (Vec::new(), BTreeSet::new(), RowReport::default());
    while let Some(row) = table.next_row()? {
        rows.read += 1;
        let row = match row {
            Ok(row) => row,
            Err(rejected) => {
                rows.rejected.push(rejected);
                continue;
            }
        };
        match read_cells(&row.cells.each_ref().map(|cell| said(cell)), as_of) {
            Ok((read, notes)) => {
                let flagged =
                    |(flag, text): (Flag, String)| FlaggedRow { file: file.to_owned(), line: row.line, flag, text: cut(&text) };
                if seen.insert(read.clone()) {
                    rows.flagged.extend(notes.into_iter().map(flagged));
                    taken.push(read);
                } else {
                    rows.repeated += 1;
                }
            }
            Err((column, reason, text)) => rows.rejected.push(table.rejected(row.line, Some(column), reason, &text)),
        }
    }
    Ok((ThirdPartyList { as_of, source: file.to_owned(), rows: taken }, rows))
}

/// Returns the cell with whitespace normalised. `nan` counts as empty: the program that made the list writes it for a missing value.
fn said(cell: &str) -> String {
    let text = tidy(cell);
    if text == "nan" { String::new() } else { text }
}

type Notes = Vec<(Flag, String)>;
type Wrong = (&'static str, Reason, String);

fn read_cells(cells: &[String; COLUMNS.len()], as_of: Date) -> Result<(ThirdPartyRow, Notes), Wrong> {
    let [register, legal_name, country_text, regulator, status, since, lei_text, looked, commercial] = cells;
    let mut notes = Vec::new();
    if register.is_empty() {
        return Err(("register_source", Reason::Missing, String::new()));
    }
    let name = [legal_name, commercial].into_iter().find(|name| fold(name).is_some());
    let name = name.ok_or(("legal_name", Reason::Missing, String::new()))?.clone();
    let (lei, lei_flag) = lei(lei_text);
    notes.extend(lei_flag.filter(|flag| *flag != Flag::LeiMissing).map(|flag| (flag, lei_text.clone())));
    let country = country_text.parse().ok();
    if country.is_none() {
        notes.push((if country_text.is_empty() { Flag::CountryMissing } else { Flag::CountryUnreadable }, country_text.clone()));
    }
    let mut day = |text: &String| {
        let read = (!text.is_empty()).then(|| text.parse::<Date>());
        read.and_then(|read| read.map_err(|_| notes.push((Flag::DateUnreadable, text.clone()))).ok())
    };
    let (since, looked) = (day(since), day(looked));
    let read = ThirdPartyRow {
        register: register.clone(),
        regulator: (!regulator.is_empty()).then(|| regulator.clone()),
        name,
        lei,
        country,
        status: status.clone(),
        since,
        // A compilation cannot contain an observation that is later than the compilation itself.
        observed_on: looked.map_or(as_of, |day| day.min(as_of)),
        source: String::new(),
    };
    if read.word() == ThirdPartyWord::Unclear {
        notes.push((Flag::StatusUnclear, status.clone()));
    }
    Ok((read, notes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &[u8] = include_bytes!("../../tests/fixtures/master_register/master_register_20260520.csv");

    #[test]
    fn rows_are_read_and_nothing_is_taken_for_what_it_is_not() {
        let (list, rows) = parse(FILE, "master_register_20260520.csv", None).unwrap();
        let told: Vec<String> = list
            .rows
            .iter()
            .map(|row| {
                let country = row.country.map(|country| country.to_string()).unwrap_or_default();
                let lei = row.lei.map(|lei| lei.to_string()).unwrap_or_default();
                format!("{}|{}|{country}|{lei}|{}|{}", row.register, row.name, row.status, row.observed_on)
            })
            .collect();

        assert_eq!(
            told,
            [
                "ESMA_MICA|Bybit EU GmbH|AT|529900HNOAA1KXQJUQ27|Withdrawn|2026-05-19",
                "FCA_CRYPTOASSET|Invented Exchange Ltd|GB||Registered|2026-05-19",
                "VARA_UAE|Invented Custody FZE|AE||Licensed|2026-05-20",
                "ESMA_MICA_NONCOMPLIANT|Invented Scheme|IT||Non-compliant|2026-05-19",
                "KOFIU_VASP|Only Brand|||Applicant|2026-05-19",
            ]
        );
        assert_eq!((rows.read, rows.repeated), (7, 1));
        let flags: Vec<(u64, Flag)> = rows.flagged.iter().map(|row| (row.line, row.flag)).collect();
        assert_eq!(flags, [(6, Flag::LeiMalformed), (6, Flag::CountryMissing), (6, Flag::StatusUnclear)]);
        assert_eq!(rows.rejected.iter().map(|row| (row.line, row.reason)).collect::<Vec<_>>(), [(8, Reason::Missing)]);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = parse(format!("{}\n{text}", COLUMNS.join(",")).as_bytes(), "m_20260716.csv", None);
        }
    }
}
