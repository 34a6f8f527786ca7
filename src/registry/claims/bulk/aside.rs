//! What is stored of an import between two stretches, and how the import continues after its process was killed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::under_way::{Import, said};
use super::{DataKey, ORIGIN};
use crate::claims::batch::{BatchAside, OpenBatch};
use crate::claims::groups::{GroupAside, Groups};
use crate::imported::ImportReport;
use crate::node::ImportError;
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::register::RejectedRow;
use vasp_store::{ClaimImport, Store, StoreError};
use vasp_words::time::UtcTime;

/// Version of this program. An import by another version is not continued, because that version may have read the rows in another way.
const PROGRAM: &str = env!("CARGO_PKG_VERSION");

#[derive(Serialize, Deserialize)]
struct Aside {
    program: String,
    taken: u64,
    unchanged: u64,
    repeated: u64,
    rejected: Vec<RejectedRow>,
    rejected_more: u64,
    groups: Vec<GroupAside>,
    batches: Vec<BatchAside>,
}

/// The part of the stored state that is needed to remove its rows, whatever version wrote it.
#[derive(Deserialize)]
struct Batches {
    batches: Vec<BatchNumber>,
}

#[derive(Deserialize)]
struct BatchNumber {
    number: i64,
}

/// Returns a number of rows as the store's integer type.
pub(super) fn count(rows: u64) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// Makes the row that records how far an import has come.
///
/// # Errors
/// `ImportError::Document`, which does not happen: everything in it has a JSON form.
pub(super) fn row(import: &Import, digest: Sha256Hex, started_at: UtcTime, now: UtcTime) -> Result<ClaimImport, ImportError> {
    let ImportReport { taken, unchanged, repeated, rejected, rejected_more, .. } = &import.report;
    let aside = Aside {
        program: PROGRAM.to_owned(),
        taken: *taken,
        unchanged: *unchanged,
        repeated: *repeated,
        rejected: rejected.clone(),
        rejected_more: *rejected_more,
        groups: import.groups.put_aside(),
        batches: import.batches.values().map(OpenBatch::put_aside).collect(),
    };
    let file = import.report.file.clone();
    let state =
        serde_json::to_string(&aside).map_err(|error| ImportError::Document { file: file.clone(), reason: error.to_string() })?;
    Ok(ClaimImport { digest, started_at, updated_at: now, rows_read: count(import.rows_read()), state })
}

/// Returns the batches of the rows that an import wrote.
///
/// # Errors
/// `StoreError::Impossible` if no version could have written its row.
pub(super) fn batches(row: &ClaimImport) -> Result<Vec<i64>, StoreError> {
    let state: Batches = StoreError::read_json("claim_imports", &row.state)?;
    Ok(state.batches.into_iter().map(|batch| batch.number).collect())
}

/// Continues the unfinished import of this file. `None` if there is none, or if it cannot be continued.
pub(super) fn take_up(store: &Store, digest: Sha256Hex, file: &str, seal_key: &DataKey) -> Result<Option<Import>, ImportError> {
    store.read(|conn| {
        let rows = conn.claim_imports()?;
        let Some(row) = rows.iter().find(|row| row.digest == digest && !row.is_being_removed()) else { return Ok(None) };
        let Ok(aside) = serde_json::from_str::<Aside>(&row.state) else { return Ok(None) };
        let (Ok(read), true) = (u64::try_from(row.rows_read), aside.program == PROGRAM) else { return Ok(None) };
        let Some(groups) = Groups::load(conn)?.take_up(aside.groups) else { return Ok(None) };
        let mut batches = BTreeMap::new();
        for batch in aside.batches {
            let source = batch.source.clone();
            let Some(open) = OpenBatch::take_up(batch, said(&source), seal_key).map_err(ImportError::Key)? else {
                return Ok(None);
            };
            batches.insert(source, open);
        }
        let report = ImportReport {
            format: ORIGIN.to_owned(),
            file: file.to_owned(),
            read,
            resumed_at: read,
            taken: aside.taken,
            unchanged: aside.unchanged,
            repeated: aside.repeated,
            rejected: aside.rejected,
            rejected_more: aside.rejected_more,
            ..ImportReport::default()
        };
        Import::go_on(conn, groups, batches, report).map(Some)
    })
}
