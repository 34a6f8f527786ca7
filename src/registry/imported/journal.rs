//! The journal of imports: what was read when, by what, and with which result. It is written right after an import, and never changes what
//! the import did.

use rand_core::RngCore;
use vasp_words::closed_list::closed_list;

use super::ImportReport;
use crate::node::ImportError;
use vasp_record::register::cut;
use vasp_store::{ImportRow, ImportedRow, ImportedRowOutcome, Store, StoreError};
use vasp_words::error_chain::error_chain;
use vasp_words::ids::ImportId;
use vasp_words::time::UtcTime;

/// The most rows that are kept of one import; the counts are of all.
const MOST_ROWS: usize = 10_000;

closed_list! {
    /// What imports a file.
    pub enum ImportedBy {
        /// The command line.
        CommandLine = "command_line",
        /// The first start of a registry, with its compiled-in files.
        Seed = "seed",
        /// A fetch of a source.
        Source = "source",
        /// An amendment of the table of authorities, for which rows had waited.
        Amendment = "amendment",
    }

    /// The result of an import.
    pub enum ImportOutcome as "FileImportOutcome" {
        /// The file was refused, and nothing of it was stored.
        Refused = "refused",
        /// It changed something.
        Changed = "changed",
        /// It only confirmed what was known, or waits for people.
        Unchanged = "unchanged",
    }
}

/// A file that was, or could not be, imported.
#[derive(Clone, Debug)]
pub(crate) struct ReadFile {
    /// Format of the file.
    pub format: String,
    /// Name of the file.
    pub file: String,
    /// SHA-256 of the file; of several that were fetched together, of their digests. `None` if it can be read only once, could not be read, or
    /// is one of several that were not fetched.
    pub digest: Option<Vec<u8>>,
    /// What imports it.
    pub by: ImportedBy,
    /// Id of the source from which it was fetched; `None` if it was not fetched.
    pub source: Option<String>,
}

/// Writes what became of a file. An import that is done stays done if this fails; that is logged. An import that failed because of the
/// database is not noted: its caller reports it.
pub(crate) fn note_import(
    store: &Store,
    read: ReadFile,
    result: Result<&ImportReport, &ImportError>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) {
    // What was not stored because the database failed would fail here, too, and make its caller wait a second time for a lock.
    if matches!(result, Err(ImportError::Store(_))) {
        return;
    }
    let file = read.file.clone();
    if let Some(lost) = result.ok().and_then(|report| report.shrunk.as_ref()) {
        tracing::warn!("{file} is a list that shrinks: {lost}");
    }
    let (row, rows) = rows(read, result, now, rng);
    let written = store.write::<_, StoreError>(now, rng, |transaction| transaction.add_import(&row, &rows));
    match written {
        Err(error) if result.is_err() => {
            tracing::warn!(error.chain = error_chain(&error), "the refused import of {file} is not in the journal of imports");
        }
        Err(error) => {
            tracing::error!(error.chain = error_chain(&error), "the import of {file} is not in the journal of imports");
        }
        Ok(_) => {}
    }
}

fn rows(
    read: ReadFile,
    result: Result<&ImportReport, &ImportError>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> (ImportRow, Vec<ImportedRow>) {
    let refused = ImportReport::default();
    let report = result.unwrap_or(&refused);
    let outcome = match result {
        Err(_) => ImportOutcome::Refused,
        Ok(report) if report.log_changes > 0 => ImportOutcome::Changed,
        Ok(_) => ImportOutcome::Unchanged,
    };
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let length = |number: usize| i64::try_from(number).unwrap_or(i64::MAX);
    let id = ImportId::new(now, rng);
    let row = ImportRow {
        id,
        format: read.format,
        file: read.file,
        digest: read.digest,
        observed_on: report.observed_on,
        imported_by: read.by.to_string(),
        source: read.source,
        at: now,
        outcome: outcome.to_string(),
        reason: result.err().map(|error| error_chain(error).to_string()),
        rows_read: count(report.read),
        taken: count(report.taken),
        unchanged: count(report.unchanged),
        repeated: count(report.repeated),
        rejected: count(report.rejected_count()),
        held: length(report.held.len()),
        flagged: length(report.flagged.len()),
        records_new: count(report.new),
        records_other: count(report.changed),
        vanished: count(report.vanished),
        links: report.brands.as_ref().filter(|search| search.failed.is_none()).map(|search| count(search.proposed)),
        sequence: report.sequence,
    };
    let rows = rows_of(id, report);
    (row, rows)
}

/// Returns the rows that were not taken as they are.
fn rows_of(id: ImportId, report: &ImportReport) -> Vec<ImportedRow> {
    let made = |outcome, line: u64, place: Option<String>, reason: String, text: String| ImportedRow {
        import: id,
        number: 0,
        outcome,
        line: i64::try_from(line).unwrap_or(i64::MAX),
        place,
        reason,
        text,
    };
    let rejected = report
        .rejected
        .iter()
        .map(|one| made(ImportedRowOutcome::Rejected, one.line, one.column.clone(), one.reason.to_string(), one.text.clone()));
    let held =
        report.held.iter().map(|one| made(ImportedRowOutcome::Held, one.line, None, one.why.to_string(), cut(&one.authority)));
    let flagged = report
        .flagged
        .iter()
        .map(|one| made(ImportedRowOutcome::Flagged, one.line, None, one.flag.to_string(), one.text.clone()));
    let mut rows: Vec<ImportedRow> = rejected.chain(held).chain(flagged).take(MOST_ROWS).collect();
    (1..).zip(&mut rows).for_each(|(number, row)| row.number = number);
    rows
}
