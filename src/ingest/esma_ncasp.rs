//! ESMA's list of entities that provide crypto-asset services without authorisation, CSV as published. Every entry that names an entity is
//! kept. An unreadable value is left out and flagged, because losing a warning is worse than losing a date. The caller is
//! `vasp_registry::imports`.
//!
//! Source: Regulation (EU) 2023/1114 (MiCA) Art. 110; columns as published in January 2026.

use std::collections::BTreeSet;

use super::IngestError;
use super::esma_casps::day_of_file;
use super::esma_cells::{date, hosts, lei, tidy};
use super::table::Table;
use vasp_record::register::{Flag, FlaggedRow, Reason, RowReport, cut};
use vasp_rules::lei_evidence::fold;
use vasp_rules::non_compliant::{NonCompliantEntry, NonCompliantList};
use vasp_words::country::Country;
use vasp_words::time::Date;

/// The id of the list.
pub const LIST_ID: &str = "EU-ESMA-NCASP";

/// The columns, spelt as published.
const COLUMNS: [&str; 12] = [
    "ae_competentAuthority",
    "ae_homeMemberState",
    "ae_lei_name",
    "ae_lei",
    "ae_lei_cou_code",
    "ae_commercial_name",
    "ae_website",
    "ae_infrigment",
    "ae_reason",
    "ae_decision_date",
    "ae_comments",
    "ae_lastupdate",
];

/// The content of one published file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NcaspFile {
    /// The list.
    pub list: NonCompliantList,
    /// The line of each entry, counted from 1.
    pub lines: Vec<u64>,
    /// The report of the rows.
    pub rows: RowReport,
}

/// Reads one published file. `as_of` is the day of the list; the default is the date in the file name.
///
/// # Errors
/// `NoDate`, and the errors of a file that is not such a table. A wrong row is not an error.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<NcaspFile, IngestError> {
    let as_of = day_of_file(file, as_of)?;
    let mut table = Table::open(bytes, file, COLUMNS)?;
    let (mut entries, mut lines, mut seen, mut rows) = (Vec::new(), Vec::new(), BTreeSet::new(), RowReport::default());
    while let Some(row) = table.next_row()? {
        rows.read += 1;
        let row = match row {
            Ok(row) => row,
            Err(rejected) => {
                rows.rejected.push(rejected);
                continue;
            }
        };
        let cells = row.cells.each_ref().map(|cell| tidy(cell));
        if seen.contains(&cells) {
            rows.repeated += 1;
            continue;
        }
        match read_cells(&cells) {
            Some((entry, notes)) => {
                let flagged =
                    |(flag, text): (Flag, String)| FlaggedRow { file: file.to_owned(), line: row.line, flag, text: cut(&text) };
                rows.flagged.extend(notes.into_iter().map(flagged));
                entries.push(entry);
                lines.push(row.line);
                seen.insert(cells);
            }
            None => rows.rejected.push(table.rejected(row.line, Some("ae_lei_name"), Reason::Missing, "")),
        }
    }
    let list = NonCompliantList { id: LIST_ID.to_owned(), as_of, source: file.to_owned(), entries };
    Ok(NcaspFile { list, lines, rows })
}

/// Reads the cells of one row, with whitespace normalised, in the order of `COLUMNS`, and its irregularities. `None` if they name nobody.
fn read_cells(cells: &[String; COLUMNS.len()]) -> Option<(NonCompliantEntry, Vec<(Flag, String)>)> {
    let [authority, home, name, lei_text, country, commercial, website, infringement, reason, decided, comments, updated] = cells;
    let mut notes = Vec::new();
    let mut names = [name, commercial].into_iter().flat_map(|cell| cell.split('|')).map(tidy).filter(|name| fold(name).is_some());
    let name = names.next()?;
    let commercial_names: BTreeSet<String> = names.filter(|other| *other != name).collect();
    let (lei, lei_flag) = lei(lei_text);
    // Hardly any entry has an LEI, so a missing LEI is not an irregularity here.
    notes.extend(lei_flag.filter(|flag| *flag != Flag::LeiMissing).map(|flag| (flag, lei_text.clone())));
    let (hosts, website_flag) = hosts(website);
    notes.extend(website_flag.map(|flag| (flag, website.clone())));
    let mut day = |text: &String| {
        date(said(text).unwrap_or_default().as_str()).unwrap_or_else(|()| {
            notes.push((Flag::DateUnreadable, text.clone()));
            None
        })
    };
    let (decided_on, updated_on) = (day(decided), day(updated));
    let mut state = |text: &String| {
        let read = said(text).map(|code| code.parse::<Country>());
        read.and_then(|read| read.map_err(|_| notes.push((Flag::CountryUnreadable, text.clone()))).ok())
    };
    let (home_state, country) = (state(home), state(country));
    let entry = NonCompliantEntry {
        authority: authority.clone(),
        home_state,
        name,
        lei,
        country,
        commercial_names: commercial_names.into_iter().collect(),
        hosts,
        infringement: said(infringement),
        reason: said(reason),
        decided_on,
        comments: said(comments),
        updated_on,
    };
    Some((entry, notes))
}

/// Returns the content of a cell; `None` if it is empty. The list writes `None` and `No` for empty cells.
fn said(cell: &str) -> Option<String> {
    (!matches!(cell, "" | "None" | "No" | "-")).then(|| cell.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FILE: &[u8] = include_bytes!("../../tests/fixtures/esma/NCASP20260130.csv");

    fn read(bytes: &[u8]) -> (NonCompliantList, RowReport) {
        let NcaspFile { list, lines, rows } = parse(bytes, "NCASP20260130.csv", None).unwrap();
        assert_eq!(lines.len(), list.entries.len());
        (list, rows)
    }

    #[test]
    fn published_rows_are_read_with_their_quirks() {
        let (list, rows) = read(FILE);
        let names: Vec<&str> = list.entries.iter().map(|entry| entry.name.as_str()).collect();
        let hosts = |name: &str| {
            let entry = list.entries.iter().find(|entry| entry.name == name).unwrap();
            entry.hosts.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };

        assert_eq!((list.id.as_str(), list.as_of.to_string().as_str()), ("EU-ESMA-NCASP", "2026-01-30"));
        assert_eq!(
            names,
            [
                "Dobibo",
                "Spazio Finanziario",
                "HTXcoin-az",
                "Arbismart UAB",
                "Uyr968",
                "DFG789",
                "Cryptoin24",
                "MEXC Global",
                "LWEX"
            ]
        );
        assert_eq!((rows.read, rows.repeated, rows.rejected.len(), rows.flagged.len()), (10, 1, 0, 0));
        assert_eq!(hosts("Dobibo"), "dobibo.com dobibo1.com dobibo2.com");
        assert_eq!(hosts("Spazio Finanziario"), "spaziofinanziario.com");
        assert_eq!(hosts("HTXcoin-az"), "m.htxcoin-az.com");
        assert_eq!(hosts("Cryptoin24"), "clients.cryptoin24.com cryptoin24.com cryptoin24.io trading.cryptoin24.com");
        let mexc = list.entries.iter().find(|entry| entry.name == "MEXC Global").unwrap();
        assert_eq!(mexc.authority, "Netherlands Authority for the Financial Markets (AFM)");
        assert_eq!((mexc.decided_on, mexc.updated_on), ("2025-09-16".parse().ok(), "2025-09-25".parse().ok()));
        assert_eq!((mexc.home_state, mexc.country), ("NL".parse().ok(), "NL".parse().ok()));
        assert!(mexc.reason.as_ref().unwrap().starts_with("MEXC Global provides crypto-asset services"));
        let dobibo = &list.entries[0];
        assert_eq!((&dobibo.reason, &dobibo.infringement, &dobibo.comments), (&None, &None, &None));
        assert_eq!(list.entries[4].commercial_names, ["Fwq367"]);
    }

    #[test]
    fn what_cannot_be_read_is_left_out_and_only_a_nameless_row_is_refused() {
        let heading = COLUMNS.join(",");
        let text = format!("{heading}\nX,ZZ,Firm,9.60E+19,IT,,not a site,Yes,Why,30/02/2026,,\nX,IT,-,,,,https://a.com,,,,,\n");
        let (list, rows) = read(text.as_bytes());

        let entry = &list.entries[0];
        assert_eq!((entry.home_state, entry.lei, entry.decided_on, entry.hosts.len()), (None, None, None, 0));
        assert_eq!((entry.infringement.as_deref(), entry.reason.as_deref()), (Some("Yes"), Some("Why")));
        let flags: Vec<Flag> = rows.flagged.iter().map(|row| row.flag).collect();
        assert_eq!(flags, [Flag::LeiMalformed, Flag::WebsiteUnreadable, Flag::DateUnreadable, Flag::CountryUnreadable]);
        assert_eq!(rows.rejected.iter().map(|row| (row.line, row.reason)).collect::<Vec<_>>(), [(3, Reason::Missing)]);
    }

    #[test]
    fn what_is_read_is_a_list_that_reads_back() {
        let (list, _) = read(FILE);
        let text = serde_json::to_string(&list).unwrap();

        assert_eq!(NonCompliantList::from_json(&text).unwrap(), list);
    }

    proptest! {
        #[test]
        fn any_text_is_read_without_panic(text in "\\PC*") {
            let _ = read(format!("{}\n{text}", COLUMNS.join(",")).as_bytes());
        }
    }
}
