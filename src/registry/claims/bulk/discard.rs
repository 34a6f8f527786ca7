//! Removes what abandoned imports wrote. Their rows have no effect, so the removal may take its time, in small transactions, and may be
//! killed itself.

use super::aside;
use crate::node::{Registry, ServiceError};
use vasp_record::client_certificate::Sha256Hex;
use vasp_store::{ClaimImport, Store, StoreError};
use vasp_words::time::UtcTime;

/// Number of rows removed in one transaction.
const ROWS: i32 = 10_000;
/// Maximum number of transactions in one call of the timer. A server that is told to stop waits for the call to end.
const AT_A_CALL: usize = 10;
/// How long a killed import waits for the same file, in seconds.
const KEPT_SECS: i64 = 7 * 24 * 3_600;

/// Removes every import but one. Only the process whose turn it is to import may call this.
pub(super) fn all_but(store: &Store, kept: Option<Sha256Hex>) -> Result<(), StoreError> {
    discard(store, usize::MAX, |row| kept.is_none_or(|digest| row.digest != digest) || row.is_being_removed())
}

/// Removes the rows of imports whose process died a week ago, some at each call. Does nothing while an import runs.
pub fn discard_abandoned_imports(registry: &Registry, now: UtcTime) -> Result<(), ServiceError> {
    let store = registry.store();
    let is_old = |row: &ClaimImport| row.is_being_removed() || row.updated_at < now.plus_secs(-KEPT_SECS);
    if !store.read::<_, StoreError>(|conn| Ok(conn.claim_imports()?.iter().any(is_old)))? {
        return Ok(());
    }
    match store.try_import_turn("removing what an import left", now)? {
        Some(_turn) => discard(store, AT_A_CALL, is_old).map_err(ServiceError::Store),
        None => Ok(()),
    }
}

/// Stops after `most` transactions; the next call continues.
fn discard(store: &Store, most: usize, is_over: impl Fn(&ClaimImport) -> bool) -> Result<(), StoreError> {
    let mut left = most;
    let mut rows = store.read::<_, StoreError>(|conn| conn.claim_imports())?;
    rows.retain(is_over);
    for row in &rows {
        let batches = aside::batches(row)?;
        store.derive(|conn| conn.stop_claim_import(row.digest))?;
        for batch in batches {
            while store.derive(|conn| conn.remove_unsealed(batch, ROWS))? > 0 {
                left = left.saturating_sub(1);
                if left == 0 {
                    return Ok(());
                }
            }
        }
        store.derive(|conn| conn.forget_claim_import(row.digest))?;
    }
    Ok(())
}
