//! The change in the log that records a new version of a reference document.

use vasp_log::change::{DocumentRead, HexBytes, NewChange, Payload};
use vasp_store::DocumentRow;

/// Returns the public change that records a new version of a document.
pub(crate) fn document_change(row: &DocumentRow, records: u64) -> NewChange {
    NewChange::public(Payload::Document(DocumentRead {
        document: row.kind.clone(),
        version: row.version.clone(),
        observed_on: row.observed_on,
        source: row.source.clone(),
        sha256: HexBytes::of(&row.digest),
        records,
    }))
}
