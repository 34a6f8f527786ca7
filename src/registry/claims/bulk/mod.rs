//! Imports address labels as claims: groups by entity key, and one batch for each source. Known claims are confirmed and not repeated. The
//! file is read in stretches. Each is written in its own transaction while the next one is read, so two are in memory at most. Neither memory nor
//! the waiting time of other writers grows with the file. Nothing takes effect before the last stretch, which seals the batches. If an
//! import was killed, an import of the same file continues it; an import of another file removes it.
//!
//! Between two stretches, the table `claim_imports` stores what the next one needs: sealed seeds, frontiers, groups and the report
//! (`aside`). One import at a time has the turn (`vasp_store`, `import_turn`). Each stretch names how far the import had come, so that a
//! lost turn causes an error but never loses a row.

mod aside;
mod discard;
mod fresh;
mod seen_keys;
mod under_way;

use std::io::Read;

use rand_core::RngCore;

use crate::imported::ImportReport;
use crate::node::data_keys::{SEEDS, named_key};
use crate::node::{ImportError, ServiceError};
use under_way::Import;
use vasp_ingest::IngestError;
use vasp_ingest::claims_csv::{ClaimRow, ClaimRows};
use vasp_pki::{DataKey, MasterKeys};
use vasp_record::client_certificate::Sha256Hex;
use vasp_record::register::RejectedRow;
use vasp_store::{Store, WriteMode, Written};
use vasp_words::time::UtcTime;

pub use discard::discard_abandoned_imports;

/// Name of the format, and origin of the groups that it makes.
pub(crate) const ORIGIN: &str = "claims-csv";
/// Number of rows in the first stretch, so that a small file is written in one transaction.
const FIRST_STRETCH: u64 = 4_096;
/// Maximum number of rows in a stretch. Writing them takes some tenths of a second, for which other writers wait.
const STRETCH_MAX: u64 = 32_768;
/// How much of the table an SQLite connection may cache while it writes, in KiB.
const CACHE_KIB: u32 = 128 * 1024;

/// How to import claims.
pub struct ClaimOptions<'a> {
    /// File name for the report.
    pub file: &'a str,
    /// SHA-256 of the file, which identifies a killed import of the same file. `None` for input that cannot be read twice.
    pub digest: Option<[u8; 32]>,
    /// Whether to read rows while others are written. Not from a pipe: a failed write would be told only when the pipe gives more.
    pub reads_ahead: bool,
    /// Whether to store the claims, or only rehearse the import.
    pub mode: WriteMode,
    /// Called from time to time with the number of rows done; the first call comes before any row is written.
    pub progress: &'a mut dyn FnMut(u64),
}

/// Imports rows.
///
/// # Errors
/// `ImportError::Ingest` if the file cannot be read further: nothing of it is stored. With `Key` and `Store`, nothing of it takes effect,
/// and the next import of the same file continues from where this one stopped.
pub fn import_claims<R: Read + Send>(
    store: &Store,
    keys: &MasterKeys,
    rows: ClaimRows<'_, R>,
    options: ClaimOptions<'_>,
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let stretches = Stretches { rows, next: FIRST_STRETCH };
    if options.mode == WriteMode::Rehearse {
        // Nothing is stored, not even a key or a turn: others wait for the one transaction.
        return rehearse(store, &DataKey::generate(rng), stretches, options, clock(), rng);
    }
    let seal_key = named_key(store, keys, SEEDS, clock(), rng).map_err(|error| match error {
        ServiceError::Key(error) => ImportError::Key(error),
        ServiceError::Store(error) => ImportError::Store(error),
        other => ImportError::Document { file: SEEDS.to_owned(), reason: other.to_string() },
    })?;
    let _turn = store.take_import_turn("import claims-csv", clock())?;
    keep(store, &seal_key, stretches, options, clock, rng)
}

/// Writes everything and rolls it back, in one transaction that other writers wait for.
fn rehearse<R: Read>(
    store: &Store,
    seal_key: &DataKey,
    mut stretches: Stretches<'_, R>,
    ClaimOptions { file, progress, .. }: ClaimOptions<'_>,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let mut note = None;
    let written = store.write_as(WriteMode::Rehearse, now, rng, |transaction| {
        transaction.lock_vasps()?;
        note = store.announce_long_write("import claims-csv", now);
        let mut import = Import::begin(transaction.conn(), file)?;
        loop {
            let stretch = stretches.take()?;
            let is_last = stretch.is_last;
            import.write(transaction, stretch, seal_key)?;
            progress(import.rows_read());
            if is_last {
                return import.finish(transaction);
            }
        }
    });
    drop(note);
    let written = written?;
    Ok(ImportReport { sequence: written.sequence, dry_run: true, ..written.value })
}

fn keep<R: Read + Send>(
    store: &Store,
    seal_key: &DataKey,
    mut stretches: Stretches<'_, R>,
    ClaimOptions { file, digest, reads_ahead, progress, .. }: ClaimOptions<'_>,
    clock: &dyn Fn() -> UtcTime,
    rng: &mut dyn RngCore,
) -> Result<ImportReport, ImportError> {
    let digest = digest.unwrap_or_else(|| {
        let mut random = [0; 32];
        rng.fill_bytes(&mut random);
        random
    });
    let digest = Sha256Hex(digest);
    let mut import = begin(store, digest, file, seal_key)?;
    stretches.rows.skip_rows(import.rows_read())?;
    progress(import.rows_read());
    let kept = Kept { store, seal_key, digest, started_at: clock() };
    let mut taken = stretches.take();
    loop {
        let stretch = match taken {
            Ok(stretch) => stretch,
            Err(unreadable) => {
                discard::all_but(store, None)?;
                return Err(unreadable.into());
            }
        };
        let may_read = reads_ahead && !stretch.is_last;
        let (written, next) = std::thread::scope(|scope| {
            let reader = std::thread::Builder::new().name("claims-reader".to_owned());
            let next = may_read.then(|| reader.spawn_scoped(scope, || stretches.take()).ok()).flatten();
            let written = kept.write(&mut import, stretch, clock(), rng);
            (written, next.map(|next| next.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))))
        });
        let written = written?;
        progress(import.rows_read());
        if let Some(report) = written.value {
            return Ok(ImportReport { sequence: written.sequence, ..report });
        }
        taken = next.unwrap_or_else(|| stretches.take());
    }
}

/// An import whose stretches are kept one after another.
struct Kept<'a> {
    store: &'a Store,
    seal_key: &'a DataKey,
    digest: Sha256Hex,
    started_at: UtcTime,
}

impl Kept<'_> {
    /// Writes a stretch, and how far the import has come; after the last one, returns its report.
    fn write(
        &self,
        import: &mut Import,
        stretch: Stretch,
        now: UtcTime,
        rng: &mut dyn RngCore,
    ) -> Result<Written<Option<ImportReport>>, ImportError> {
        let (is_last, before) = (stretch.is_last, aside::count(import.rows_read()));
        // The note is made after the write lock is held. So it never hides the note of the writer that holds the lock before.
        let mut note = None;
        let written = self.store.write(now, rng, |transaction| {
            transaction.lock_vasps()?;
            note = self.store.announce_long_write("import claims-csv", now);
            transaction.conn().expect_many_rows(CACHE_KIB)?;
            import.write(transaction, stretch, self.seal_key)?;
            if is_last {
                transaction.end_claim_import(self.digest, before)?;
                return import.finish(transaction).map(Some);
            }
            let row = aside::row(import, self.digest, self.started_at, now)?;
            transaction.note_claim_import(&row, before).map(|()| None).map_err(ImportError::Store)
        });
        drop(note);
        written
    }
}

/// Begins or continues the import of a file, and removes the rows of any other import.
fn begin(store: &Store, digest: Sha256Hex, file: &str, seal_key: &DataKey) -> Result<Import, ImportError> {
    discard::all_but(store, Some(digest))?;
    if let Some(import) = aside::take_up(store, digest, file, seal_key)? {
        return Ok(import);
    }
    // There is no unfinished import of this file, or it cannot be continued.
    discard::all_but(store, None)?;
    store.read(|conn| Import::begin(conn, file))
}

/// Some rows of the file, read outside any transaction.
struct Stretch {
    rows: Vec<ClaimRow>,
    rejected: Vec<RejectedRow>,
    read: u64,
    is_last: bool,
}

/// The file in stretches, each twice as long as the previous one.
struct Stretches<'a, R> {
    rows: ClaimRows<'a, R>,
    next: u64,
}

impl<R: Read> Stretches<'_, R> {
    fn take(&mut self) -> Result<Stretch, IngestError> {
        let mut stretch = Stretch { rows: vec![], rejected: vec![], read: 0, is_last: false };
        while stretch.read < self.next {
            match self.rows.next().transpose()? {
                Some(Ok(row)) => stretch.rows.push(row),
                Some(Err(rejected)) => stretch.rejected.push(rejected),
                None => {
                    stretch.is_last = true;
                    return Ok(stretch);
                }
            }
            stretch.read += 1;
        }
        self.next = self.next.saturating_mul(2).min(STRETCH_MAX);
        Ok(stretch)
    }
}
