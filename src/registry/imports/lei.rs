//! Imports a file of GLEIF's records. It keeps the records of LEIs that a VASP has or ever had, and of the successors that those records
//! name. A record for a new LEI comes with the next file (GLEIF publishes three a day). Until then its `lei_status` is null, which means
//! "not looked at". A file makes one transaction and one change. For an unchanged record, only its part of the look is written.

use std::collections::BTreeSet;
use std::io::Read;

use aws_lc_rs::digest::{Context, SHA256};
use rand_core::RngCore;

use crate::contradictions::{against_gleif, lock_cases, open_cases};
use crate::directory::{HeldLeiRecord, LeiRecords, held_lei_records, records_with};
use crate::imported::ImportReport;
use crate::imported::{RegisterOptions, check_day, check_readable};
use crate::node::ImportError;
use vasp_ingest::gleif_lei;
use vasp_ingest::gleif_lei::{LeiFile, REGISTER};
use vasp_ingest::source::Source;
use vasp_log::change::{HexBytes, LeiRecordsRead, NewChange, Payload};
use vasp_record::lei_record::LeiRecord;
use vasp_record::register::Extent;
use vasp_store::{Conn, Edit, ImportFilter, ImportRow, LeiLookRow, NewLeiRecord, SnapshotRow, Store, Transaction, WriteMode};
use vasp_words::lei::Lei;
use vasp_words::sql::Json;
use vasp_words::time::{Date, UtcTime};

/// Reads the file outside any transaction, then writes what is new in one transaction.
///
/// # Errors
/// `ImportError::Ingest`; `ImportError::Document` for a day after today and a file that was cut; `ImportError::Unreadable`; `ImportError::Store`. Nothing is
/// written on an error.
pub fn import_lei_records(
    store: &Store,
    input: Source,
    observed_on: Option<Date>,
    options: RegisterOptions,
    progress: &mut dyn FnMut(u64),
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let file = input.file.clone();
    let wanted = store.read(|conn| wanted(conn, &file))?;
    let mut input = Hashed { input: input.streamed(), hash: Context::new(&SHA256) };
    let read = gleif_lei::read(&mut input, &file, observed_on, wanted, progress)?;
    let digest = input.hash.finish().as_ref().to_vec();
    check_day(read.observed_on, &file, options, now)?;
    check_readable(&read.rows, &file, options)?;
    check_whole(store, &read, &file, options)?;
    let mut note = None;
    let written = store.write_as(options.mode, now, rng, |transaction| {
        // Two imports at the same time would both start a version of a record.
        transaction.lock_vasps()?;
        lock_cases(transaction)?;
        note = store.announce_long_write("import gleif-lei", now);
        let held = held_lei_records(transaction.conn(), None, i64::MAX).map_err(|error| refused(&file, &error))?;
        let plan = Plan::of(&read, &held, &file);
        let known = transaction.conn().snapshots_at(i64::MAX)?.into_iter().any(|snapshot| {
            snapshot.register == REGISTER && snapshot.observed_on == read.observed_on && snapshot.digest == digest
        });
        let cases = open_against(transaction, &plan, read.observed_on, &file)?;
        if known && plan.edits.is_empty() {
            return Ok::<_, ImportError>((plan, 0, cases));
        }
        let edits = plan.edits.iter().cloned().chain(looked(&read, &held, &file, digest.clone())).collect();
        let said = LeiRecordsRead {
            source: file.clone(),
            observed_on: read.observed_on,
            sha256: HexBytes::of(&digest),
            count: read.records.len(),
            new: plan.new,
            changed: plan.changed,
        };
        transaction.record(NewChange::public(Payload::LeiRecords(said)), edits);
        Ok((plan, 1, cases))
    });
    drop(note);
    let written = written?;
    let (plan, log_changes, cases) = written.value;
    Ok(ImportReport { log_changes, cases, sequence: written.sequence, ..report(read, &plan, &file, options.mode) })
}

/// GLEIF's name of a whole golden copy. Files of changes end in `intra-day`, `last-day`, `last-week` or `last-month` instead.
///
/// Source: GLEIF, golden copy and delta files, names of files.
const WHOLE: &str = "lei2-golden-copy";

/// A whole golden copy with less than this percentage of the rows of the one before was cut: GLEIF keeps lapsed and retired LEIs.
const KEPT_LIMIT_PERCENT: u64 = 95;

/// How many imports are searched for the last whole copy: a year of one whole copy and many files of changes a day.
const SEARCHED: i64 = 4_000;

/// Refuses a file that was cut between two rows.
fn check_whole(store: &Store, read: &LeiFile, file: &str, options: RegisterOptions) -> Result<(), ImportError> {
    let rows = read.rows.read;
    if rows == 0 {
        return Err(refused(file, &"it has no record, so it was cut; fetch it again"));
    }
    if options.accept_shrink || !file.contains(WHOLE) {
        return Ok(());
    }
    let filter = ImportFilter { format: Some(REGISTER.to_owned()), ..ImportFilter::default() };
    let imports = store.read(|conn| conn.imports(&filter, None, SEARCHED))?;
    let is_whole = |import: &&ImportRow| import.reason.is_none() && import.file.contains(WHOLE);
    let before = imports.iter().find(is_whole).map_or(0, |import| u64::try_from(import.rows_read).unwrap_or_default());
    if rows * 100 >= before * KEPT_LIMIT_PERCENT {
        return Ok(());
    }
    let why = format!(
        "it has {rows} records, and the whole copy before it had {before}, so it was cut; fetch it again, or give --accept-shrink"
    );
    Err(refused(file, &why))
}

fn refused(file: &str, error: &dyn std::fmt::Display) -> ImportError {
    ImportError::Document { file: file.to_owned(), reason: error.to_string() }
}

/// Returns the LEIs whose records are kept: those of VASPs, and the successors that held records name.
fn wanted(conn: &mut Conn, file: &str) -> Result<BTreeSet<Lei>, ImportError> {
    let mut wanted: BTreeSet<Lei> = conn.leis_of_vasps()?.into_iter().collect();
    let held = held_lei_records(conn, None, i64::MAX).map_err(|error| refused(file, &error))?;
    for known in held.leis().filter_map(|lei| held.get(lei)) {
        let record = known.record();
        wanted.extend(record.successors.iter().filter_map(|successor| successor.lei).chain([record.lei]));
    }
    Ok(wanted)
}

/// Opens cases about approved records that the newest GLEIF record contradicts.
fn open_against(transaction: &mut Transaction<'_>, plan: &Plan, day: Date, file: &str) -> Result<u64, ImportError> {
    let today = transaction.now().date();
    let records = records_with(transaction.conn(), today, |_, held| {
        plan.records.iter().for_each(|record| held.replace(record, day, file));
    });
    open_cases(transaction, against_gleif(&records.map_err(|error| refused(file, &error))?))
}

/// The changes that a file makes.
struct Plan {
    /// Records that are new, or that replace another version.
    records: Vec<LeiRecord>,
    edits: Vec<Edit>,
    new: u64,
    changed: u64,
}

impl Plan {
    fn of(read: &LeiFile, held: &LeiRecords, file: &str) -> Self {
        let mut plan = Self { records: vec![], edits: vec![], new: 0, changed: 0 };
        for record in read.records.values() {
            let known = held.get(record.lei);
            let stands = |known: &HeldLeiRecord| {
                *known.record() == *record || !record.is_later(read.observed_on, known.record(), known.observed_on)
            };
            if known.is_some_and(stands) {
                continue;
            }
            match known {
                Some(known) => {
                    plan.changed += 1;
                    plan.edits.push(Edit::CloseLeiRecord(known.number));
                }
                None => plan.new += 1,
            }
            plan.records.push(record.clone());
            plan.edits.push(begun(record, read.observed_on, file));
        }
        plan
    }
}

fn begun(record: &LeiRecord, observed_on: Date, file: &str) -> Edit {
    Edit::OpenLeiRecord(NewLeiRecord { observed_on, source: file.to_owned(), body: Json(record.clone()) })
}

/// Returns the look: which of the LEIs held after this import are in the file. It lists those found or those missing, whichever is shorter.
fn looked(read: &LeiFile, held: &LeiRecords, file: &str, digest: Vec<u8>) -> [Edit; 2] {
    let shown: BTreeSet<Lei> = read.records.keys().copied().collect();
    let missed: BTreeSet<Lei> = held.leis().filter(|lei| !shown.contains(lei)).collect();
    let (all_but, named) = if missed.len() < shown.len() { (1, &missed) } else { (0, &shown) };
    let leis: Vec<&str> = named.iter().map(Lei::as_str).collect();
    let observed_on = read.observed_on;
    let look = LeiLookRow { seq_from: 0, observed_on, source: file.to_owned(), all_but, leis: leis.join(" ") };
    let snapshot = SnapshotRow {
        register: REGISTER.to_owned(),
        observed_on,
        source: file.to_owned(),
        digest,
        extent: Extent::Part,
        seq_from: 0,
    };
    [Edit::AddLeiLook(look), Edit::AddSnapshot(snapshot)]
}

fn report(read: LeiFile, plan: &Plan, file: &str, mode: WriteMode) -> ImportReport {
    let kept = u64::try_from(read.records.len()).unwrap_or(u64::MAX);
    let taken = plan.new + plan.changed;
    ImportReport {
        format: REGISTER.to_owned(),
        file: file.to_owned(),
        observed_on: Some(read.observed_on),
        dry_run: mode == WriteMode::Rehearse,
        read: read.rows.read,
        taken,
        unchanged: kept.saturating_sub(taken),
        repeated: read.rows.repeated,
        new: plan.new,
        changed: plan.changed,
        rejected: read.rows.rejected,
        flagged: read.rows.flagged,
        ..ImportReport::default()
    }
}

/// A reader that computes the digest of what it reads.
struct Hashed {
    input: Source,
    hash: Context,
}

impl Read for Hashed {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.input.read(buffer)?;
        self.hash.update(buffer.get(..count).unwrap_or_default());
        Ok(count)
    }
}
