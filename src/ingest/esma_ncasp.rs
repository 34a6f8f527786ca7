//! ESMA's list of entities that provide crypto-asset services without authorisation: CSV as published, or the JSON of a tracker that keeps
//! the published values. Every entry that names an entity is
//! kept. An unreadable value is left out and flagged, because losing a warning is worse than losing a date. The caller is
//! `vasp_registry::imports`.
//!
//! Source: Regulation (EU) 2023/1114 (MiCA) Art. 110; columns as published in January 2026.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::IngestError;
use super::esma_casps::{date_in_name, day_at_most, day_of_file};
use super::esma_cells::{date, hosts, lei, tidy};
use super::table::Table;
use vasp_record::register::{Flag, FlaggedRow, Reason, RejectedRow, RowReport, cut};
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

/// A tracker's document.
#[derive(Deserialize)]
struct Tracked {
    register: String,
    generated_at: String,
    records: Vec<TrackedRecord>,
}

/// One row of a tracker's document: the published values under other names.
#[derive(Deserialize)]
struct TrackedRecord {
    competent_authority: Option<String>,
    home_member_state: Option<String>,
    /// Null is a value; a missing member is another form.
    #[serde(deserialize_with = "Option::deserialize")]
    name: Option<String>,
    lei: Option<String>,
    head_office_country: Option<String>,
    commercial_name: Option<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    website: Option<String>,
    #[serde(deserialize_with = "Option::deserialize")]
    article_17_infringement: Option<String>,
    reason: Option<String>,
    decision_date: Option<String>,
    comments: Option<String>,
    last_update: Option<String>,
}

impl TrackedRecord {
    /// In the order of `COLUMNS`.
    fn cells(self) -> [String; COLUMNS.len()] {
        let cells = [
            self.competent_authority,
            self.home_member_state,
            self.name,
            self.lei,
            self.head_office_country,
            self.commercial_name,
            self.website,
            self.article_17_infringement,
            self.reason,
            self.decision_date,
            self.comments,
            self.last_update,
        ];
        cells.map(|cell| tidy(&cell.unwrap_or_default()))
    }
}

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

/// Reads one file, CSV or a tracker's JSON. `as_of` is the day of the list; the default is the date in the file name, or in the JSON.
///
/// # Errors
/// `NoDate`, and the errors of a file that is not such a table or document. A wrong row is not an error.
pub fn parse(bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<NcaspFile, IngestError> {
    let is_json = bytes.trim_ascii_start().starts_with(b"{");
    let mut reading = Reading::default();
    let as_of = if is_json { reading.tracked(bytes, file, as_of)? } else { reading.table(bytes, file, as_of)? };
    let Reading { entries, lines, rows, .. } = reading;
    let list = NonCompliantList { id: LIST_ID.to_owned(), as_of, source: file.to_owned(), entries };
    Ok(NcaspFile { list, lines, rows })
}

#[derive(Default)]
struct Reading {
    entries: Vec<NonCompliantEntry>,
    lines: Vec<u64>,
    seen: BTreeSet<[String; COLUMNS.len()]>,
    rows: RowReport,
}

impl Reading {
    fn table(&mut self, bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<Date, IngestError> {
        let as_of = day_of_file(file, as_of)?;
        let mut table = Table::open(bytes, file, COLUMNS)?;
        while let Some(row) = table.next_row()? {
            self.rows.read += 1;
            match row {
                Ok(row) => self.take(row.line, row.cells.each_ref().map(|cell| tidy(cell)), file, COLUMNS[2]),
                Err(rejected) => self.rows.rejected.push(rejected),
            }
        }
        Ok(as_of)
    }

    /// Lines are the places of the records, from 1.
    fn tracked(&mut self, bytes: &[u8], file: &str, as_of: Option<Date>) -> Result<Date, IngestError> {
        let tracked: Tracked =
            serde_json::from_slice(bytes).map_err(|source| IngestError::Json { file: file.to_owned(), source })?;
        if tracked.register != "non_compliant" {
            let detail = format!("its register is `{}`, not `non_compliant`", cut(&tracked.register));
            return Err(IngestError::Table { file: file.to_owned(), line: 1, detail });
        }
        let own = tracked.generated_at.split_once('T').and_then(|(day, _)| day.parse().ok());
        let as_of = day_at_most(file, as_of, own.or(date_in_name(file)), "content")?;
        for (line, record) in (1..).zip(tracked.records) {
            self.rows.read += 1;
            self.take(line, record.cells(), file, "name");
        }
        Ok(as_of)
    }

    /// Takes one row, with whitespace normalised, in the order of `COLUMNS`.
    fn take(&mut self, line: u64, cells: [String; COLUMNS.len()], file: &str, name_column: &str) {
        if self.seen.contains(&cells) {
            self.rows.repeated += 1;
            return;
        }
        let Some((entry, notes)) = read_cells(&cells) else {
            let (file, column) = (file.to_owned(), Some(name_column.to_owned()));
            self.rows.rejected.push(RejectedRow { file, line, column, reason: Reason::Missing, text: String::new() });
            return;
        };
        let flagged = |(flag, text): (Flag, String)| FlaggedRow { file: file.to_owned(), line, flag, text: cut(&text) };
        self.rows.flagged.extend(notes.into_iter().map(flagged));
        self.entries.push(entry);
        self.lines.push(line);
        self.seen.insert(cells);
    }
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

    /// Two records of the tracker's file of 22 August 2026, with the published words for "nothing".
    #[test]
    fn a_trackers_document_is_read_as_the_same_list() {
        let text = r#"{"register": "non_compliant", "generated_at": "2026-08-22T21:02:44+00:00", "records": [
            {"id": "2ea3967c7748611f", "competent_authority": "Commissione Nazionale per le Societa e la Borsa (CONSOB)",
             "home_member_state": "IT", "name": "Dobibo", "lei": null, "head_office_country": null,
             "website": "https://dobibo.com|https://dobibo1.com|https://dobibo2.com", "article_17_infringement": "No",
             "reason": "None", "decision_date": "12/02/2025", "comments": null, "last_update": "18/02/2025"},
            {"id": "0", "competent_authority": "CONSOB", "name": null, "website": null, "article_17_infringement": null}]}"#;
        let NcaspFile { list, lines, rows } = parse(text.as_bytes(), "non_compliant.json", None).unwrap();

        assert_eq!((list.as_of.to_string().as_str(), lines), ("2026-08-22", vec![1]));
        let published = &read(FILE).0.entries[0];
        assert_eq!((&list.entries[0].name, &list.entries[0].hosts), (&published.name, &published.hosts));
        assert_eq!((&list.entries[0].reason, list.entries[0].decided_on), (&None, "2025-02-12".parse().ok()));
        let rejected = &rows.rejected[0];
        assert_eq!((rejected.line, rejected.column.as_deref(), rejected.reason), (2, Some("name"), Reason::Missing));
        let casps = text.replace("\"non_compliant\"", "\"casps\"");
        let renamed = text.replace("\"website\"", "\"site\"");
        for wrong in ["{\"records\": []}", &casps, &renamed] {
            assert!(parse(wrong.as_bytes(), "NCASP20260130.csv", None).is_err(), "{wrong}");
        }
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
