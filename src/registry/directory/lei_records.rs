//! GLEIF's records of one generation: the version of each LEI that the registry held, and the last file that showed it.

use std::collections::BTreeMap;

use super::DirectoryError;
use vasp_record::lei_record::LeiRecord;
use vasp_rules::lei_evidence::FoldedRecord;
use vasp_store::{Conn, LeiLookRow, LeiRecordRow};
use vasp_words::lei::Lei;
use vasp_words::time::Date;

/// A record as it is held.
#[derive(Clone, Debug)]
pub struct HeldLeiRecord {
    /// Number of its version in the store.
    pub number: i64,
    /// The record, its names folded.
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

/// The records held at one sequence.
#[derive(Clone, Debug, Default)]
pub struct LeiRecords {
    by_lei: BTreeMap<Lei, HeldLeiRecord>,
    /// Sequence of the last file that is part of this.
    pub(super) sequence: i64,
}

/// How many looks are read at once; nearly always the first ones tell of every record.
const LOOKS: i64 = 50;

impl LeiRecords {
    /// Returns the record of an LEI.
    #[must_use]
    pub fn get(&self, lei: Lei) -> Option<&HeldLeiRecord> {
        self.by_lei.get(&lei)
    }

    /// Puts a record, as a file of `observed_on` shows it, in the place of the one that is held.
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

/// Loads the records of some LEIs, or of all, held at `sequence`.
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

/// The day and file of the last look at each LEI since its version began.
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
            // Files of the latest days come first: what is known of an LEI already is later.
            let showed = look.shown();
            for row in rows.iter().filter(|row| look.seq_from >= row.seq_from && showed(row.lei.as_str())) {
                found.entry(row.lei).or_insert_with(|| (look.observed_on, look.source.clone()));
            }
        }
    }
    Ok(found)
}
