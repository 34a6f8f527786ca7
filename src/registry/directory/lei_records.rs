//! GLEIF's records of one generation: the registry's version for each LEI, and the last file that showed it.

use std::collections::BTreeMap;

use super::DirectoryError;
use vasp_record::lei_record::LeiRecord;
use vasp_rules::lei_evidence::FoldedRecord;
use vasp_store::{Conn, LeiLookRow, LeiRecordRow};
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// A stored GLEIF record.
#[derive(Clone, Debug)]
pub struct HeldLeiRecord {
    /// Number of its version in the store.
    pub number: i64,
    /// The record, with folded names.
    pub folded: FoldedRecord,
    /// File that last showed it.
    pub source: String,
    /// Day of that file.
    pub observed_on: Date,
}

impl HeldLeiRecord {
    /// Returns the record.
    #[must_use]
    pub fn record(&self) -> &LeiRecord {
        &self.folded.record
    }
}

/// The records in the registry at one sequence.
#[derive(Clone, Debug, Default)]
pub struct LeiRecords {
    by_lei: BTreeMap<Lei, HeldLeiRecord>,
    /// Sequence of the last file that is included.
    pub(super) sequence: i64,
}

/// How many file reads are loaded at a time. Nearly always the first ones cover every record.
const LOOKS: i64 = 50;

impl LeiRecords {
    /// Returns the record of an LEI.
    #[must_use]
    pub fn get(&self, lei: Lei) -> Option<&HeldLeiRecord> {
        self.by_lei.get(&lei)
    }

    /// Replaces the stored record by the one that a file of `observed_on` shows.
    pub fn replace(&mut self, record: &LeiRecord, observed_on: Date, source: &str) {
        let number = self.by_lei.get(&record.lei).map_or(0, |held| held.number);
        let folded = FoldedRecord::of(record.clone());
        self.by_lei.insert(record.lei, HeldLeiRecord { number, folded, source: source.to_owned(), observed_on });
    }

    /// Returns the LEIs held.
    pub fn leis(&self) -> impl Iterator<Item = Lei> {
        self.by_lei.keys().copied()
    }
}

/// Loads the records of some LEIs, or of all, as of `sequence`.
pub fn held_lei_records(conn: &mut Conn, of: Option<&[Lei]>, sequence: i64) -> Result<LeiRecords, DirectoryError> {
    let rows = conn.lei_records_at(of, sequence)?;
    let last = last_looks(conn, sequence, &rows)?;
    let mut by_lei = BTreeMap::new();
    for row in rows {
        let (observed_on, source) = match last.get(&row.lei) {
            Some((day, source)) if *day > row.observed_on => (*day, source.clone()),
            _ => (row.observed_on, row.source),
        };
        let held = HeldLeiRecord { number: row.number, source, observed_on, folded: FoldedRecord::of(row.body.0) };
        by_lei.insert(row.lei, held);
    }
    Ok(LeiRecords { by_lei, sequence: conn.lei_sequence(sequence)? })
}

/// Returns the day and name of the last file that showed each LEI since its version began.
fn last_looks(conn: &mut Conn, sequence: i64, rows: &[LeiRecordRow]) -> Result<BTreeMap<Lei, (Date, String)>, DirectoryError> {
    let mut found: BTreeMap<Lei, (Date, String)> = BTreeMap::new();
    let mut skip = 0;
    while found.len() < rows.len() {
        let looks: Vec<LeiLookRow> = conn.lei_looks_at(sequence, skip, LOOKS)?;
        if looks.is_empty() {
            break;
        }
        skip += LOOKS;
        for look in looks {
            // Files of the latest days come first, so an entry that exists already is the later one.
            let showed = look.shown();
            for row in rows.iter().filter(|row| look.seq_from >= row.seq_from && showed(row.lei.as_str())) {
                found.entry(row.lei).or_insert_with(|| (look.observed_on, look.source.clone()));
            }
        }
    }
    Ok(found)
}
