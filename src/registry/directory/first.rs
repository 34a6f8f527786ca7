//! Loads the directory at the start.

use std::panic::resume_unwind;

use super::claim_index::{ClaimIndex, ClaimIndexOptions};
use super::generation::Generation;
use super::load::generation;
use super::{DirectoryError, Documents, Screening};
use vasp_store::{Conn, Store};
use vasp_words::time::Date;

/// Loads the claims and everything else as of `sequence`. Two threads share the work: reading the lists takes as long as the rest.
pub(super) fn load_first(
    conn: &mut Conn,
    store: &Store,
    options: ClaimIndexOptions,
    (sequence, day): (i64, Date),
) -> Result<(ClaimIndex, Generation), DirectoryError> {
    std::thread::scope(|scope| {
        let documents = scope.spawn(|| store.read_beside(|conn| Documents::load(conn, sequence, Screening::Loaded)));
        let claims = ClaimIndex::open(store.clone(), options, conn, sequence)?;
        let documents = |_: &mut Conn| documents.join().unwrap_or_else(|panic| resume_unwind(panic));
        let generation = generation(conn, store, &claims, None, (sequence, day), documents)?;
        Ok((claims, generation))
    })
}
