//! GLEIF's LEI records (LEI-CDF 3.1): the golden copy as CSV or JSON, complete or changes only, and answers of GLEIF's API. The file is
//! read record by record. Of three million rows, only the wanted ones and their successors are kept. The caller is `vasp_registry::imports`.
//!
//! Source: GLEIF, golden copy files `lei2` (columns by name), LEI-CDF 3.1; API v1, `lei-records`.

mod columns;
mod published;
mod shapes;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read};

use super::IngestError;
use super::esma_casps::date_in_name;
use super::table::Table;
use vasp_record::lei_record::LeiRecord;
use vasp_record::register::{Reason, RejectedRow, RowReport, cut};
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// The name of the format, and of the snapshots that record when a file was read.
pub const REGISTER: &str = "gleif-lei";

/// The maximum number of rejected rows. A file with more cannot be of this format, and they could not be reported one by one.
const MOST_REJECTED: usize = 10_000;

/// The content of one file for the wanted LEIs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeiFile {
    /// The day of GLEIF's data.
    pub observed_on: Date,
    /// The records of the wanted LEIs.
    pub records: BTreeMap<Lei, LeiRecord>,
    /// The report of all rows; rows of LEIs that are not wanted count as read.
    pub rows: RowReport,
}

/// Reads a file: as a JSON document if it begins like one, otherwise as a table. `observed_on` is the day of the file. The default is the
/// day in an API's answer, otherwise the date in the file name. `wanted` lists the LEIs to keep; a successor that a kept record names is
/// wanted from that record on. `progress` receives the number of rows read so far.
///
/// # Errors
/// `NoDate`, the errors of a file that is not such a table or document, and `Table` for one with too many wrong rows.
pub fn read(
    input: impl Read,
    file: &str,
    observed_on: Option<Date>,
    wanted: BTreeSet<Lei>,
    progress: &mut dyn FnMut(u64),
) -> Result<LeiFile, IngestError> {
    let mut input = BufReader::with_capacity(1 << 16, input);
    let first = first_byte(&mut input).map_err(|source| IngestError::Read { file: file.to_owned(), source })?;
    let mut kept = Kept { file, wanted, records: BTreeMap::new(), rows: RowReport::default(), progress };
    let published = match first {
        Some(b'{') => shapes::read(input, &mut kept)?,
        _ => {
            read_table(input, &mut kept)?;
            None
        }
    };
    let observed_on = observed_on.or(published).or_else(|| date_in_name(file));
    let observed_on = observed_on.ok_or_else(|| IngestError::NoDate { file: file.to_owned() })?;
    Ok(LeiFile { observed_on, records: kept.records, rows: kept.rows })
}

/// Returns the first byte that is not whitespace, without consuming it; a byte order mark is consumed.
fn first_byte(input: &mut impl BufRead) -> std::io::Result<Option<u8>> {
    loop {
        let start = input.fill_buf()?;
        let blank = |byte: &u8| byte.is_ascii_whitespace() || b"\xef\xbb\xbf".contains(byte);
        match start.iter().position(|byte| !blank(byte)) {
            Some(at) => {
                let byte = start.get(at).copied();
                input.consume(at);
                return Ok(byte);
            }
            None if start.is_empty() => return Ok(None),
            None => {
                let all = start.len();
                input.consume(all);
            }
        }
    }
}

/// The state of reading a file.
struct Kept<'a> {
    file: &'a str,
    wanted: BTreeSet<Lei>,
    records: BTreeMap<Lei, LeiRecord>,
    rows: RowReport,
    progress: &'a mut dyn FnMut(u64),
}

/// A record that cannot be used: the column, the reason and the text.
type Wrong = (&'static str, Reason, String);

impl Kept<'_> {
    /// Counts a row.
    fn count(&mut self) {
        self.rows.read += 1;
        if self.rows.read.is_multiple_of(1 << 14) {
            (self.progress)(self.rows.read);
        }
    }

    /// Reads the LEI of a record; `None` if the LEI is not wanted.
    fn wants(&self, column: &'static str, text: &str) -> Result<Option<Lei>, Wrong> {
        let lei: Lei = text.parse().map_err(|_| (column, Reason::LeiInvalid, text.to_owned()))?;
        Ok(Some(lei).filter(|lei| self.wanted.contains(lei)))
    }

    /// Keeps a record. If the file has two records of one LEI, the one with the later update is kept.
    fn take(&mut self, record: LeiRecord) {
        self.wanted.extend(record.successors.iter().filter_map(|successor| successor.lei));
        let known = self.records.get(&record.lei);
        if known.is_some_and(|known| known == &record) {
            self.rows.repeated += 1;
        } else if known.is_none_or(|known| known.updated_at <= record.updated_at) {
            self.records.insert(record.lei, record);
        }
    }

    /// Adds a rejected row to the report.
    fn reject(&mut self, rejected: RejectedRow) -> Result<(), IngestError> {
        let line = rejected.line;
        self.rows.rejected.push(rejected);
        if self.rows.rejected.len() <= MOST_REJECTED {
            return Ok(());
        }
        let detail = format!("more than {MOST_REJECTED} records cannot be read: the file does not have this format");
        Err(IngestError::Table { file: self.file.to_owned(), line, detail })
    }

    /// Adds a rejected record of a document to the report; its line is its position in the list, counted from 1.
    fn reject_record(&mut self, (column, reason, text): Wrong) -> Result<(), IngestError> {
        let rejected = RejectedRow {
            file: self.file.to_owned(),
            line: self.rows.read,
            column: Some(column.to_owned()),
            reason,
            text: cut(&text),
        };
        self.reject(rejected)
    }
}

fn read_table(input: impl Read, kept: &mut Kept<'_>) -> Result<(), IngestError> {
    let mut table = Table::open_with(input, kept.file, columns::NAMES, columns::NEEDED)?;
    while let Some(row) = table.next_row()? {
        kept.count();
        let read = row.and_then(|row| {
            let wrong = |(column, reason, text): Wrong| table.rejected(row.line, Some(column), reason, &text);
            match kept.wants(columns::LEI, row.cells.first().map_or("", String::as_str)).map_err(wrong)? {
                Some(lei) => columns::record(lei, &row.cells).map(Some).map_err(wrong),
                None => Ok(None),
            }
        });
        match read {
            Ok(Some(record)) => kept.take(record),
            Ok(None) => (),
            Err(rejected) => kept.reject(rejected)?,
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
