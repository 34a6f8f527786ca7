//! Imports one snapshot of a register: matches its entities to known records, computes what changed, and writes it in one transaction.
//! There is one change for each changed record and one for the snapshot. The final result does not depend on the order in which snapshots
//! are imported. Rows whose authority is not known are kept aside (`held`), and imported once it is.

mod held;
pub(crate) mod http;
mod plan;
mod read;
#[cfg(test)]
mod tests;

pub use held::settle_held_rows;
pub use read::{HeldPosition, list_held_rows};

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;

use crate::contradictions::{Found, entered, found_in_register, lock_cases, open_cases};
use crate::directory::Documents;
use crate::imported::{ImportReport, RegisterOptions, check_day, check_readable};
use crate::ledger::known::Known;
use crate::node::ImportError;
use held::keep_held_rows;
use plan::{Ids, Plan, PlannedVasp, Rows};
use vasp_log::change::{HexBytes, NewChange, Payload, RecordKind, RowCount, SnapshotRead};
use vasp_record::register::RegisterSnapshot;
use vasp_record::vasp::VaspKind;
use vasp_store::{Conn, Edit, LicenceRow, SnapshotRow, Store, StoreError, Transaction, VaspRow, WriteMode};
use vasp_words::time::{Date, UtcTime};

/// A snapshot that drops a larger percentage of a register's entities is refused.
const SHRINK_LIMIT_PERCENT: usize = 5;

/// Imports a snapshot. `bytes` are those of the file, for its digest.
///
/// # Errors
/// `ImportError::Document` for a day after today and for no firm, `ImportError::Shrink`, `ImportError::Unreadable`, `ImportError::Store`. Nothing is
/// written on an error.
pub fn import_register(
    store: &Store,
    snapshot: &RegisterSnapshot,
    bytes: &[u8],
    options: RegisterOptions,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    check_day(snapshot.observed_on, &snapshot.source, options, now)?;
    check_readable(&snapshot.rows, &snapshot.source, options)?;
    if snapshot.entities.is_empty() && snapshot.held.is_empty() && !options.accept_shrink {
        let reason = "it has no firm: a register that is empty says that nobody has a licence. --accept-shrink takes it";
        return Err(ImportError::Document { file: snapshot.source.clone(), reason: reason.to_owned() });
    }
    let row = snapshot_row(snapshot, digest(&SHA256, bytes).as_ref());
    // The note is made after the write lock is held. So it never hides the note of the writer that holds the lock before.
    let mut note = None;
    let written = store.write_as(options.mode, now, rng, |transaction| {
        transaction.lock_vasps()?;
        lock_cases(transaction)?;
        note = store.announce_long_write(&format!("import {}", snapshot.register), now);
        let waiting = keep_held_rows(transaction, snapshot, &row)?;
        // A file of which no row can be placed says nothing yet: neither of its register, nor of who is missing from it.
        let report = match snapshot.entities.is_empty() && !snapshot.held.is_empty() {
            true => report(snapshot, None, options),
            false => take(transaction, snapshot, Rows::of(snapshot), row, options)?,
        };
        Ok::<_, ImportError>(ImportReport { waiting, ..report })
    });
    drop(note);
    let written = written?;
    Ok(ImportReport { sequence: written.sequence, ..written.value })
}

fn snapshot_row(snapshot: &RegisterSnapshot, digest: &[u8]) -> SnapshotRow {
    SnapshotRow {
        register: snapshot.register.clone(),
        observed_on: snapshot.observed_on,
        source: snapshot.source.clone(),
        digest: digest.to_vec(),
        extent: snapshot.extent,
        seq_from: 0,
    }
}

/// Takes a snapshot into the records, within a transaction that holds the locks of VASPs and of cases.
fn take(
    transaction: &mut Transaction<'_>,
    snapshot: &RegisterSnapshot,
    rows: Rows,
    row: SnapshotRow,
    options: RegisterOptions,
) -> Result<ImportReport, ImportError> {
    let now = transaction.now();
    let (conn, rng) = transaction.conn_and_rng();
    let plan = work_out(conn, snapshot, rows, &row, &mut Ids { now, rng })?;
    check_shrink(snapshot, plan.as_ref(), options)?;
    let mut report = report(snapshot, plan.as_ref(), options);
    if let Some(plan) = plan {
        let found = found_against(transaction, snapshot, &plan)?;
        report.cases = open_cases(transaction, found)?;
        report.log_changes = write(transaction, snapshot, row, plan, &report)?;
    }
    Ok(report)
}

fn check_shrink(snapshot: &RegisterSnapshot, plan: Option<&Plan>, options: RegisterOptions) -> Result<(), ImportError> {
    match plan {
        Some(plan) if !options.accept_shrink && plan.vanished * 100 > plan.listed_before * SHRINK_LIMIT_PERCENT => {
            Err(ImportError::Shrink {
                file: snapshot.source.clone(),
                missing: plan.vanished,
                listed: plan.listed_before,
                limit_percent: SHRINK_LIMIT_PERCENT,
            })
        }
        _ => Ok(()),
    }
}

/// Computes what the snapshot changes; `None` if this very file was imported before.
fn work_out(
    conn: &mut Conn,
    snapshot: &RegisterSnapshot,
    rows: Rows,
    row: &SnapshotRow,
    ids: &mut Ids<'_>,
) -> Result<Option<Plan>, ImportError> {
    let read: Vec<SnapshotRow> = conn.snapshots_at(i64::MAX)?.into_iter().filter(|s| s.register == snapshot.register).collect();
    let is_known = read.iter().any(|s| s.observed_on == row.observed_on && s.digest == row.digest);
    if is_known && rows != Rows::Addition {
        return Ok(None);
    }
    let mut days: Vec<Date> = read.iter().filter(|s| s.extent.is_whole()).map(|s| s.observed_on).collect();
    // A second file of the same day is compared with the first: a cut one must not pass because nothing earlier was read.
    let before = days.iter().copied().filter(|day| *day <= snapshot.observed_on).max();
    days.extend(snapshot.extent.is_whole().then_some(snapshot.observed_on));
    days.sort();
    days.dedup();
    let anchors: Vec<VaspRow> = conn.vasp_anchors(None)?.into_iter().filter(|v| v.kind == VaspKind::Entity).collect();
    let licences = conn.licence_anchors(None)?;
    let head = conn.log_head()?.sequence;
    let known = Known::of(anchors, licences, conn.facts_at(head)?);
    Ok(Some(plan::plan(snapshot, rows, &known, &days, before, ids)))
}

/// Returns what the snapshot says against approved records, and which of its newly shown entities are on a list of non-compliant providers.
fn found_against(transaction: &mut Transaction<'_>, snapshot: &RegisterSnapshot, plan: &Plan) -> Result<Vec<Found>, ImportError> {
    let against = plan.vasps.iter().filter_map(|planned| Some((planned.about?, &planned.against)));
    let mut found: Vec<Found> = against.filter_map(|(vasp, said)| found_in_register(vasp, said, snapshot)).collect();
    // The plan starts with the entities of the snapshot, in the same order.
    let shown = snapshot.entities.iter().zip(&plan.vasps).filter(|(_, planned)| !planned.changes.is_empty());
    let shown: Vec<_> = shown.filter_map(|(entity, planned)| Some((entity, planned.about?))).collect();
    if shown.is_empty() {
        return Ok(found);
    }
    let today = transaction.now().date();
    let listed = Documents::newest_non_compliant(transaction.conn()).map_err(|error| ImportError::Document {
        file: snapshot.source.clone(),
        reason: format!("the list to compare it with cannot be read: {error}"),
    })?;
    if let Some((list, platforms)) = listed {
        found.extend(shown.iter().flat_map(|(entity, vasp)| entered(*vasp, entity, &list, &platforms, today)));
    }
    Ok(found)
}

fn report(snapshot: &RegisterSnapshot, plan: Option<&Plan>, options: RegisterOptions) -> ImportReport {
    let rows = &snapshot.rows;
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    let not_taken = count(rows.rejected.len() + snapshot.held.len());
    let shown = || plan.iter().flat_map(|p| &p.vasps).filter(|v| !v.lines.is_empty());
    let taken = shown().filter(|v| !v.changes.is_empty()).map(|v| count(v.lines.len())).sum::<u64>();
    ImportReport {
        proposal: None,
        format: snapshot.register.clone(),
        file: snapshot.source.clone(),
        observed_on: Some(snapshot.observed_on),
        dry_run: options.mode == WriteMode::Rehearse,
        read: rows.read,
        taken,
        unchanged: rows.read.saturating_sub(taken + rows.repeated + not_taken),
        repeated: rows.repeated,
        new: count(shown().filter(|v| v.number.is_none()).count()),
        changed: count(shown().filter(|v| v.number.is_some() && !v.changes.is_empty()).count()),
        vanished: count(plan.map_or(0, |p| p.vanished)),
        cases: 0,
        log_changes: 0,
        sequence: 0,
        rejected: rows.rejected.clone(),
        held: snapshot.held.clone(),
        flagged: rows.flagged.clone(),
        ..ImportReport::default()
    }
}

/// Writes new anchors immediately and records the changes. Returns their number.
fn write(
    transaction: &mut Transaction<'_>,
    snapshot: &RegisterSnapshot,
    row: SnapshotRow,
    plan: Plan,
    report: &ImportReport,
) -> Result<u64, StoreError> {
    let mut recorded = 1;
    let shown = plan.shown();
    for vasp in plan.vasps.into_iter().filter(|v| !v.changes.is_empty()) {
        write_vasp(transaction, vasp)?;
        recorded += 1;
    }
    let said = SnapshotRead {
        register: snapshot.register.clone(),
        observed_on: snapshot.observed_on,
        source: snapshot.source.clone(),
        extent: snapshot.extent,
        sha256: HexBytes::of(&row.digest),
        entities: shown,
        vanished: report.vanished,
        rows: RowCount {
            read: report.read,
            taken: report.taken,
            unchanged: report.unchanged,
            repeated: report.repeated,
            rejected: report.rejected.len() + report.held.len(),
        },
    };
    transaction.record(NewChange::public(Payload::RegisterSnapshot(said)), vec![Edit::AddSnapshot(row)]);
    Ok(recorded)
}

fn write_vasp(transaction: &mut Transaction<'_>, vasp: PlannedVasp) -> Result<(), StoreError> {
    let (kind, number): (RecordKind, _) = match vasp.number {
        Some(number) => (Payload::VaspChanged, number),
        None => (Payload::VaspListed, transaction.add_vasp(vasp.id, VaspKind::Entity)?.number),
    };
    for licence in vasp.licences {
        transaction.add_licence(&LicenceRow { vasp: number, ..licence })?;
    }
    vasp.changes.record(transaction, vasp.id, number, kind);
    Ok(())
}
