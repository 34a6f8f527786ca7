//! OFAC's list of specially designated nationals and blocked persons as published. SDN.CSV comes with ALT.CSV (aliases) and
//! SDN_COMMENTS.CSV, which has remarks that are too long for SDN.CSV. The files have no heading, write `-0- ` for an empty cell, and have a
//! byte 0x1A at the end. Together they make one version of the list. Their rows identify which file is which. The caller is
//! `vasp_registry::imports`.
//!
//! Source: OFAC, "SDN list data formats, DAT_SPEC.txt": the columns and their order.

use std::collections::BTreeMap;

use super::IngestError;
use super::esma_casps::{date_in_name, day_of_file};
use super::ofac_digital_currency::add_new;
use super::ofac_remarks::Remarks;
use super::published_list::ENTRIES_WITH_ALL_DETAILS;
use super::table::PlainNewlines;
use vasp_record::register::{Flag, FlaggedRow, Reason, RejectedRow, RowReport, cut};
use vasp_rules::screening::{EntryKind, ListCoverage, OFAC_SDN, SanctionedAddress, SanctionsEntry, SanctionsList};
use vasp_words::time::Date;

/// The numbers of columns of SDN.CSV, ALT.CSV and SDN_COMMENTS.CSV.
const ENTRIES: usize = 12;
const ALIASES: usize = 5;
const COMMENTS: usize = 2;

/// One file of the list.
#[derive(Clone, Copy, Debug)]
pub struct SdnFile<'a> {
    /// The name of the file.
    pub file: &'a str,
    /// The content of the file.
    pub bytes: &'a [u8],
}

/// The content of all files, by entry number.
#[derive(Default)]
struct Read {
    entries: BTreeMap<u64, (SanctionsEntry, String, String, u64)>,
    aliases: Vec<(u64, String, String, u64)>,
    comments: BTreeMap<u64, String>,
    has_aliases: bool,
    has_comments: bool,
    rows: RowReport,
}

/// Reads one version of the list. `as_of` is its day; the default is the date in the name of a file.
///
/// # Errors
/// `NoDate`; `Table` if the names have different dates, if a file is not one of these, or if no file contains the entries themselves.
pub fn parse(files: &[SdnFile<'_>], as_of: Option<Date>) -> Result<(SanctionsList, RowReport), IngestError> {
    let names = files.iter().map(|one| one.file).collect::<Vec<_>>().join(" + ");
    let mut dated = files.iter().map(|one| one.file).filter(|file| date_in_name(file).is_some());
    let first = dated.next();
    if let Some(other) = first.and_then(|first| dated.find(|other| date_in_name(other) != date_in_name(first))) {
        let first = first.unwrap_or_default();
        let detail = format!("the files are of different days ({first} and {other}): give files of one day");
        return Err(IngestError::Table { file: names, line: 1, detail });
    }
    let as_of = day_of_file(first.unwrap_or(&names), as_of)?;
    let mut read = Read::default();
    for file in files {
        read.file(*file)?;
    }
    if read.entries.is_empty() {
        let detail = "none of these files has entries: SDN.CSV must have 12 columns, the first of them a number".to_owned();
        return Err(IngestError::Table { file: names, line: 1, detail });
    }
    Ok(read.finish(as_of, &names))
}

impl Read {
    fn file(&mut self, SdnFile { file, bytes }: SdnFile<'_>) -> Result<(), IngestError> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(PlainNewlines::new(bytes));
        let mut record = csv::ByteRecord::new();
        let mut width = None;
        loop {
            let more = reader
                .read_byte_record(&mut record)
                .map_err(|error| IngestError::Read { file: file.to_owned(), source: error.into() })?;
            if !more {
                break;
            }
            let line = record.position().map_or(0, csv::Position::line);
            // The end-of-file mark of CP/M, which OFAC's files still have.
            if record.len() == 1 && record.get(0).is_some_and(|cell| cell.trim_ascii() == b"\x1a" || cell.trim_ascii().is_empty())
            {
                continue;
            }
            let width = match width {
                Some(width) => width,
                None => {
                    let found = self.kind_of(file, line, &record)?;
                    width = Some(found);
                    found
                }
            };
            self.rows.read += 1;
            if let Err(rejected) = self.row(file, line, width, &record) {
                self.rows.rejected.push(rejected);
            }
        }
        Ok(())
    }

    /// Identifies the file by its first row.
    fn kind_of(&mut self, file: &str, line: u64, first: &csv::ByteRecord) -> Result<usize, IngestError> {
        match first.len() {
            ENTRIES => (),
            ALIASES => self.has_aliases = true,
            COMMENTS => self.has_comments = true,
            other => {
                let detail = format!(
                    "the file has {other} columns; SDN.CSV has {ENTRIES}, ALT.CSV {ALIASES} and SDN_COMMENTS.CSV {COMMENTS}, all without a heading"
                );
                return Err(IngestError::Table { file: file.to_owned(), line, detail });
            }
        }
        Ok(first.len())
    }

    fn row(&mut self, file: &str, line: u64, width: usize, record: &csv::ByteRecord) -> Result<(), RejectedRow> {
        let rejected = |column: Option<&str>, reason, text: &str| RejectedRow {
            file: file.to_owned(),
            line,
            column: column.map(str::to_owned),
            reason,
            text: cut(text),
        };
        if record.len() != width {
            let found = format!("the line has {} columns, the lines before it have {width}", record.len());
            return Err(rejected(None, Reason::ColumnCount, &found));
        }
        let mut cells = Vec::with_capacity(width);
        for cell in record {
            let text = std::str::from_utf8(cell).map_err(|_| rejected(None, Reason::NotUtf8, &String::from_utf8_lossy(cell)))?;
            if text.contains('\0') {
                return Err(rejected(None, Reason::InvalidCharacter, &text.replace('\0', "␀")));
            }
            let text = text.trim();
            cells.push(if text == "-0-" { "" } else { text });
        }
        let cell = |place: usize| cells.get(place).copied().unwrap_or_default();
        let number: u64 = cell(0).parse().map_err(|_| rejected(Some("ent_num"), Reason::Unrecognised, cell(0)))?;
        match width {
            ENTRIES => {
                let name = cell(1);
                if name.is_empty() {
                    return Err(rejected(Some("SDN_Name"), Reason::Missing, ""));
                }
                let entry = SanctionsEntry {
                    uid: number.to_string(),
                    kind: kind(cell(2)),
                    name: name.to_owned(),
                    programs: cell(3).split("] [").map(str::trim).filter(|one| !one.is_empty()).map(str::to_owned).collect(),
                    ..SanctionsEntry::default()
                };
                // Remarks keep their exact text, including a space at the cut: the comments may continue in the middle of a word.
                let remarks = record.get(11).and_then(|cell| std::str::from_utf8(cell).ok()).filter(|_| !cell(11).is_empty());
                if self.entries.contains_key(&number) {
                    return Err(rejected(Some("ent_num"), Reason::Unrecognised, &format!("the number {number} occurs twice")));
                }
                self.entries.insert(number, (entry, remarks.unwrap_or_default().to_owned(), file.to_owned(), line));
            }
            ALIASES if cell(3).is_empty() => return Err(rejected(Some("alt_name"), Reason::Missing, "")),
            ALIASES => self.aliases.push((number, cell(3).to_owned(), file.to_owned(), line)),
            _ => {
                let text = record.get(1).and_then(|cell| std::str::from_utf8(cell).ok()).unwrap_or_default();
                self.comments.entry(number).or_default().push_str(text);
            }
        }
        Ok(())
    }

    fn finish(mut self, as_of: Date, names: &str) -> (SanctionsList, RowReport) {
        for (number, name, file, line) in std::mem::take(&mut self.aliases) {
            match self.entries.get_mut(&number) {
                Some((entry, ..)) => add_new(&mut entry.aliases, std::iter::once(name)),
                None => self.rows.rejected.push(RejectedRow {
                    file,
                    line,
                    column: Some("ent_num".to_owned()),
                    reason: Reason::Unrecognised,
                    text: cut(&format!("no entry has the number {number}: {name}")),
                }),
            }
        }
        let (mut cut_off, mut entries) = (0_u64, Vec::with_capacity(self.entries.len()));
        for (number, (mut entry, mut remarks, file, line)) in std::mem::take(&mut self.entries) {
            match self.comments.get(&number) {
                Some(more) => remarks.push_str(more),
                // Complete remarks end with a full stop.
                None => cut_off += u64::from(!remarks.is_empty() && !remarks.trim_end().ends_with('.')),
            }
            let mut flag = |text: &str| {
                self.rows.flagged.push(FlaggedRow { file: file.clone(), line, flag: Flag::AddressUnreadable, text: cut(text) });
            };
            fill(&mut entry, Remarks::read(&remarks), &mut flag);
            entries.push(entry);
        }
        let mut lacks = vec![];
        if !self.has_aliases {
            lacks.push("ALT.CSV is missing: no aliases".to_owned());
        }
        if cut_off > 0 {
            let missing = if self.has_comments { "SDN_COMMENTS.CSV lacks rows" } else { "SDN_COMMENTS.CSV is missing" };
            lacks.push(format!("{missing}: the remarks of {cut_off} entries are cut off, with the addresses in them"));
        }
        if entries.len() > ENTRIES_WITH_ALL_DETAILS && entries.iter().all(|entry| entry.addresses.is_empty()) {
            lacks.push("no remark has a digital currency address: were they renamed?".to_owned());
        }
        if !self.rows.rejected.is_empty() {
            lacks.push(format!("{} of {} rows could not be read", self.rows.rejected.len(), self.rows.read));
        }
        let coverage = if lacks.is_empty() { ListCoverage::Complete } else { ListCoverage::Partial };
        let source = std::iter::once(names.to_owned()).chain(lacks).collect::<Vec<_>>().join("; ");
        let list = SanctionsList { id: OFAC_SDN.to_owned(), part_of: None, as_of, source, coverage, entries };
        (list, self.rows)
    }
}

fn fill(entry: &mut SanctionsEntry, remarks: Remarks, flag: &mut dyn FnMut(&str)) {
    for (currency, text) in &remarks.addresses {
        let address = SanctionedAddress::published(currency, text);
        if address.meaning().is_odd {
            flag(text);
        }
        if !entry.addresses.contains(&address) {
            entry.addresses.push(address);
        }
    }
    remarks.unread.iter().for_each(|text| flag(text));
    add_new(&mut entry.weak_aliases, remarks.weak_aliases.into_iter());
    (entry.leis, entry.hosts) = (remarks.leis, remarks.hosts);
    // A person's or a ship's numbers are of other kinds.
    if entry.kind == EntryKind::Entity {
        add_new(&mut entry.countries, remarks.countries.into_iter());
        add_new(&mut entry.numbers, remarks.numbers.into_iter());
        add_new(&mut entry.born, remarks.founded.into_iter());
    }
    entry.leis.dedup();
    entry.hosts.sort();
    entry.hosts.dedup();
}

fn kind(text: &str) -> EntryKind {
    match text {
        "individual" => EntryKind::Individual,
        "vessel" => EntryKind::Vessel,
        "aircraft" => EntryKind::Aircraft,
        "" => EntryKind::Entity,
        _ => EntryKind::Unknown,
    }
}

#[cfg(test)]
mod tests;
