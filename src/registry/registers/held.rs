//! Rows of a register whose authority is not known: they are kept as they were read, with one case for each spelling in each register. Once
//! the table of authorities has the spelling, they are imported as if their file had come then, and the case is closed.

use std::collections::{BTreeMap, BTreeSet};

use rand_core::RngCore;
use serde_json::json;

use super::plan::Rows;
use super::{snapshot_row, take};
use crate::cases::{Trigger, close, open_about_authority};
use crate::contradictions::lock_cases;
use crate::directory::{DirectoryError, known_authorities};
use crate::imported::{ImportReport, ImportedBy, ReadFile, RegisterOptions, note_import};
use crate::node::{ImportError, ServiceError};
use vasp_ingest::held_rows::{HeldFile, reread};
use vasp_record::authority::Authorities;
use vasp_record::case::{Decision, TriggerKind};
use vasp_record::register::{HeldRow, RegisterSnapshot, WhyHeld};
use vasp_store::{Case, Conn, HeldFileRow, HeldRowRow, NamedAuthority, SnapshotRow, Store, Transaction, WriteMode};
use vasp_words::country::Country;
use vasp_words::error_chain::error_chain;
use vasp_words::ids::{CaseId, ImportId};
use vasp_words::name::NameKey;
use vasp_words::sql::Json;
use vasp_words::time::UtcTime;

/// The most rows that wait at the same time. A file with more is refused, so that nothing is lost in silence.
const MOST_HELD: usize = 100_000;

/// The most bytes of one row that is kept.
const LONGEST_ROW: usize = 1 << 16;

/// How many lines a case names.
const SHOWN_LINES: usize = 20;

/// The outcome of a case whose authority was added.
const AUTHORITY_KNOWN: &str = "authority_known";

/// Keeps the held rows of a file, unless this very file was kept before, and opens or joins the case of each spelling. Returns the ids of
/// the cases about the file's held rows.
///
/// # Errors
/// `ImportError::Document` if too many rows would wait, or a row is too long; `Store`.
pub(super) fn keep_held_rows(
    transaction: &mut Transaction<'_>,
    snapshot: &RegisterSnapshot,
    row: &SnapshotRow,
) -> Result<Vec<String>, ImportError> {
    if snapshot.held.is_empty() {
        return Ok(vec![]);
    }
    let mut spelt: BTreeMap<(String, Option<Country>), Vec<&HeldRow>> = BTreeMap::new();
    for held in &snapshot.held {
        spelt.entry((spelling(&held.authority), held.state)).or_default().push(held);
    }
    let is_known = transaction.conn().is_held(&row.register, row.observed_on, &row.digest)?;
    if !is_known {
        check_bounds(transaction.conn(), snapshot)?;
    }
    let now = transaction.now();
    let file = HeldFileRow {
        id: ImportId::new(now, transaction.conn_and_rng().1),
        register: row.register.clone(),
        observed_on: row.observed_on,
        source: row.source.clone(),
        digest: row.digest.clone(),
        is_whole: snapshot.entities.is_empty(),
        held_at: now,
    };
    let (mut rows, mut cases) = (Vec::new(), Vec::new());
    for ((spelling, country), held) in spelt {
        let known = transaction.conn().held_case(&row.register, &spelling, country)?;
        let case_id = match known.filter(|_| is_known) {
            Some(case) => case,
            None => case_about(transaction, known, &file, &held)?,
        };
        cases.push(case_id.to_string());
        rows.extend(held.into_iter().map(|held| HeldRowRow {
            file: file.id,
            number: 0,
            line: i64::try_from(held.line).unwrap_or(i64::MAX),
            authority: held.authority.clone(),
            spelling: spelling.clone(),
            country,
            why: held.why,
            cells: Json(held.cells.clone()),
            case_id,
            settled_at: None,
        }));
    }
    if !is_known {
        rows.sort_by_key(|held| held.line);
        (1..).zip(&mut rows).for_each(|(number, held)| held.number = number);
        transaction.add_held_file(&file, &rows)?;
    }
    Ok(cases)
}

fn spelling(authority: &str) -> String {
    NameKey::of(authority).map(|key| key.to_string()).unwrap_or_default()
}

fn check_bounds(conn: &mut Conn, snapshot: &RegisterSnapshot) -> Result<(), ImportError> {
    let refused = |reason| ImportError::Document { file: snapshot.source.clone(), reason };
    let waiting = usize::try_from(conn.held_count()?).unwrap_or(usize::MAX);
    if waiting.saturating_add(snapshot.held.len()) > MOST_HELD {
        return Err(refused(format!(
            "{} of its rows name authorities that the registry does not know, and {waiting} rows of other files wait for theirs; \
             at most {MOST_HELD} may wait: add the authorities of those first (GET /v1/held-rows)",
            snapshot.held.len()
        )));
    }
    let size = |row: &HeldRow| row.cells.iter().map(|(column, cell)| column.len() + cell.len()).sum::<usize>();
    match snapshot.held.iter().find(|row| size(row) > LONGEST_ROW) {
        Some(row) => Err(refused(format!(
            "line {} names the authority `{}`, which the registry does not know, and is too long to be kept (more than {LONGEST_ROW} \
             bytes); add the authority first",
            row.line, row.authority
        ))),
        None => Ok(()),
    }
}

/// Returns the case about the authority of some rows: opens it, or joins the open one. A case that two people closed without naming the
/// authority stays closed.
fn case_about(
    transaction: &mut Transaction<'_>,
    known: Option<CaseId>,
    file: &HeldFileRow,
    held: &[&HeldRow],
) -> Result<CaseId, ImportError> {
    let known = match known {
        Some(id) => transaction.lock_case(id)?,
        None => None,
    };
    let kept = |case: &&Case| case.outcome.as_deref() == Some(Decision::Keep.as_str());
    if let Some(case) = known.as_ref().filter(kept) {
        return Ok(case.id);
    }
    let Some(first) = held.first() else { return Err(refused("a case", "it has no row")) };
    let state = first.state.map(|state| format!(" ({state})")).unwrap_or_default();
    let why = match first.why {
        WhyHeld::AuthorityUnknown => "the registry knows no such authority",
        WhyHeld::AuthorityAmbiguous => "several authorities have this name",
    };
    let rows = if held.len() == 1 { "1 row waits".to_owned() } else { format!("{} rows wait", held.len()) };
    let detail = json!({
        "summary": format!("{} of {} names `{}`{state} as an authority; {why}, so {rows}.", file.source, file.observed_on, first.authority),
        "register": file.register, "authority": first.authority, "country": first.state, "why": first.why, "source": file.source,
        "observed_on": file.observed_on, "sha256": hex::encode(&file.digest), "rows": held.len(),
        "lines": held.iter().take(SHOWN_LINES).map(|row| row.line).collect::<Vec<_>>(),
    });
    let trigger = Trigger { kind: TriggerKind::UnknownAuthority, detail, actor: None };
    let open = known.filter(|case| case.closed_at.is_none());
    open_about_authority(transaction, open, &trigger).map(|case| case.id).map_err(|error| of_service(error, &file.source))
}

fn refused(file: &str, reason: &str) -> ImportError {
    ImportError::Document { file: file.to_owned(), reason: reason.to_owned() }
}

fn of_service(error: ServiceError, file: &str) -> ImportError {
    match error {
        ServiceError::Store(error) => ImportError::Store(error),
        other => refused(file, &other.to_string()),
    }
}

fn of_directory(error: DirectoryError) -> ImportError {
    match error {
        DirectoryError::Store(error) => ImportError::Store(error),
        other => refused("the table of authorities", &other.to_string()),
    }
}

/// Imports the held rows whose authority is known now, file by file in order of their days, and closes the cases that have no row left.
/// Each file is a transaction of its own; one that fails leaves its rows as they are, and the next call tries again.
///
/// # Errors
/// `ImportError::Store`. A file that cannot be imported for another reason is logged.
pub fn settle_held_rows(store: &Store, now: UtcTime, rng: &mut dyn RngCore) -> Result<Vec<ImportReport>, ImportError> {
    let (mut reports, mut passed) = (Vec::new(), BTreeSet::new());
    while let Some(id) = store.read(|conn| next_file(conn, &passed))? {
        passed.insert(id);
        let settled = store.write_as(WriteMode::Keep, now, rng, |transaction| settle_file(transaction, id));
        match settled {
            Ok(written) => {
                let Some(Settled { file, report: Some(report) }) = written.value else { continue };
                let report = ImportReport { sequence: written.sequence, ..report };
                let read = ReadFile {
                    format: report.format.clone(),
                    file: file.source,
                    digest: Some(file.digest),
                    by: ImportedBy::Amendment,
                    source: None,
                };
                note_import(store, read, Ok(&report), now, rng);
                reports.push(report);
            }
            Err(ImportError::Store(error)) => return Err(ImportError::Store(error)),
            Err(error) => tracing::warn!(import.id = %id, error.chain = error_chain(&error), "held rows could not be imported"),
        }
    }
    Ok(reports)
}

/// Returns the first file with a row whose authority is known now.
fn next_file(conn: &mut Conn, passed: &BTreeSet<ImportId>) -> Result<Option<ImportId>, ImportError> {
    let files = conn.held_authorities()?;
    if files.is_empty() {
        return Ok(None);
    }
    let known = known_authorities(conn).map_err(of_directory)?;
    let is_known = |(authority, country): &NamedAuthority| known.find(authority, *country).is_ok();
    let mut ready = files.iter().filter(|(file, named)| !passed.contains(&file.id) && named.iter().any(is_known));
    Ok(ready.next().map(|(file, _)| file.id))
}

/// A file of which rows were imported.
struct Settled {
    file: HeldFileRow,
    /// `None` if a later file of the same day took its place, so nothing was imported.
    report: Option<ImportReport>,
}

fn settle_file(transaction: &mut Transaction<'_>, id: ImportId) -> Result<Option<Settled>, ImportError> {
    transaction.lock_vasps()?;
    lock_cases(transaction)?;
    let files = transaction.conn().held_authorities()?;
    // Another process may have imported its rows in the meantime.
    let Some((file, _)) = files.into_iter().find(|(file, _)| file.id == id) else { return Ok(None) };
    let known = known_authorities(transaction.conn()).map_err(of_directory)?;
    let rows = transaction.conn().held_rows_of(id)?;
    let (ready, waiting): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| known.find(&row.authority, row.country).is_ok());
    let (snapshot, unread) = read_again(&file, &ready, &waiting, &known)?;
    let ready: Vec<HeldRowRow> = ready.into_iter().filter(|row| !unread.contains(&row.line)).collect();
    if ready.is_empty() {
        return Err(refused(&file.source, "none of its held rows can be read"));
    }
    let report = match is_replaced(transaction.conn(), &file, &snapshot.register)? {
        true => None,
        false => {
            let rows = if file.is_whole { Rows::of(&snapshot) } else { Rows::Addition };
            let options = RegisterOptions { mode: WriteMode::Keep, accept_shrink: false, not_before: None };
            Some(take(transaction, &snapshot, rows, snapshot_row(&snapshot, &file.digest), options)?)
        }
    };
    let numbers: Vec<i32> = ready.iter().map(|row| row.number).collect();
    transaction.settle_held_rows(id, &numbers)?;
    for case in ready.iter().map(|row| row.case_id).collect::<BTreeSet<_>>() {
        close_if_done(transaction, case, &file.source)?;
    }
    Ok(Some(Settled { file, report }))
}

/// Reads rows again. Returns the snapshot of those that could be read, and the lines of the others. `waiting` are rows of the same file
/// that still wait: the register shows their entities, too.
fn read_again(
    file: &HeldFileRow,
    ready: &[HeldRowRow],
    waiting: &[HeldRowRow],
    known: &Authorities,
) -> Result<(RegisterSnapshot, BTreeSet<i64>), ImportError> {
    let held = |row: &HeldRowRow| HeldRow {
        line: u64::try_from(row.line).unwrap_or_default(),
        authority: row.authority.clone(),
        state: row.country,
        why: row.why,
        cells: row.cells.0.clone(),
    };
    let rows: Vec<HeldRow> = ready.iter().map(held).collect();
    let (register, source, observed_on) = (file.register.as_str(), file.source.as_str(), file.observed_on);
    let mut snapshot = reread(&rows, HeldFile { register, source, observed_on }, known)?;
    let cells = waiting.iter().flat_map(|row| row.cells.0.iter());
    cells.for_each(|(_, cell)| snapshot.rows.unread.add(cell));
    let lines = |line: u64| i64::try_from(line).ok();
    let unread = snapshot.rows.rejected.iter().map(|row| row.line).chain(snapshot.held.iter().map(|row| row.line));
    let unread = unread.filter_map(lines).collect();
    Ok((snapshot, unread))
}

/// Returns whether a later file of the register for the same day took the place of this one. A file of which no row was imported was not
/// read for its register, so the times tell.
fn is_replaced(conn: &mut Conn, file: &HeldFileRow, register: &str) -> Result<bool, ImportError> {
    let read = conn.snapshots_at(i64::MAX)?;
    let last = read.iter().rfind(|row| row.register == register && row.observed_on == file.observed_on);
    let Some(last) = last.filter(|row| row.digest != file.digest) else { return Ok(false) };
    let read_at = conn.recorded_at(&[last.seq_from])?.into_iter().map(|(_, at)| at).next();
    Ok(!file.is_whole || read_at.is_some_and(|at| at > file.held_at))
}

fn close_if_done(transaction: &mut Transaction<'_>, id: CaseId, source: &str) -> Result<(), ImportError> {
    if transaction.conn().held_count_of(id)? > 0 {
        return Ok(());
    }
    let Some(case) = transaction.lock_case(id)?.filter(|case| case.closed_at.is_none()) else { return Ok(()) };
    close(transaction, case, AUTHORITY_KNOWN, None).map_err(|error| of_service(error, source))
}
