//! Keeps the index in a file, so that the next start need not read every claim. It is written in the background when enough has changed.
//! It is only accepted if the database has recorded its digest. The file contains exactly the claims as of one sequence; later changes are
//! applied as usual. If the file is missing or does not fit, a start takes longer and has the same result.

use std::collections::HashSet;
use std::fs::{File, OpenOptions, Permissions, TryLockError};
use std::io::{self, BufWriter, ErrorKind, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::class::{Class, Classes};
use super::file;
use super::file::{Contents, Head, Unread, Writer};
use super::segment::{Entry, Memos, Segment, merge};
use vasp_clock::Stopwatch;
use vasp_store::{Conn, Store, StoreError, sync_folder_of, with_suffix};

/// The file is rewritten when one in this many claims has changed.
const CHANGED: usize = 32;
/// It is not rewritten for fewer changes than the minimum number of claims divided by this.
const CHANGED_LEAST: usize = 4;
/// If more than one in this many claims came or ended since the file was written, reading all claims is faster.
const CAUGHT_UP: i64 = 8;
/// Pause after a failed write, unless enough has changed again.
const PAUSE_MICROS: u64 = 600_000_000;

/// The file of the index and its state.
#[derive(Debug)]
pub(super) struct Kept {
    path: PathBuf,
    /// Number of claims from which the file is worthwhile.
    from: usize,
    stamp: String,
    changed: AtomicUsize,
    is_writing: AtomicBool,
    /// The time since the last failure, and how much had changed by then; `None` if the last write did not fail.
    failed: Mutex<Option<(Stopwatch, usize)>>,
    /// Digest of the file that this process read or wrote, and the sequence of its claims; `None` if there is none.
    file: Mutex<Option<(Vec<u8>, i64)>>,
    /// Sequence of a file that was ahead of the database when it was read.
    found_ahead: OnceLock<i64>,
}

/// The data to write: every claim of the directory as of a sequence, and possibly more.
pub(super) struct Picture {
    pub segments: Vec<Arc<Segment>>,
    /// Classes, by class number.
    pub classes: Vec<Class>,
    pub head: Head,
}

/// The reason why a file was not written.
#[derive(Debug, thiserror::Error)]
enum Unwritten {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("another process is writing it")]
    Busy,
    #[error("the disk has {left} bytes left, but the file needs {size}, and the same size must stay free")]
    NoRoom { left: u64, size: u64 },
}

impl Kept {
    pub(super) fn new(path: PathBuf, from: usize, stamp: String) -> Self {
        let (changed, is_writing) = (AtomicUsize::new(0), AtomicBool::new(false));
        let (failed, file, found_ahead) = (Mutex::default(), Mutex::default(), OnceLock::new());
        Self { path, from, stamp, changed, is_writing, failed, file, found_ahead }
    }

    pub(super) fn stamp(&self) -> String {
        self.stamp.clone()
    }

    /// Returns the sequence of the claims in the file; `None` if there is no file.
    pub(super) fn sequence(&self) -> Option<i64> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|(_, sequence)| *sequence)
    }

    /// Returns the sequence of the found file if it was ahead of the database; otherwise `None`.
    pub(super) fn found_ahead(&self) -> Option<i64> {
        self.found_ahead.get().copied()
    }

    /// Adds to the number of claims that came or ended, or that were not read from the file.
    pub(super) fn note_changed(&self, claims: usize) {
        self.changed.fetch_add(claims, Ordering::Relaxed);
    }

    /// Returns whether the file should be written now; `claims` is the size of the index.
    pub(super) fn is_due(&self, claims: usize) -> bool {
        let enough = (claims / CHANGED).max(self.from / CHANGED_LEAST).max(1);
        let changed = self.changed.load(Ordering::Relaxed);
        if claims < self.from.max(1) || changed < enough || self.is_writing.load(Ordering::Acquire) {
            return false;
        }
        let failed = self.failed.lock().unwrap_or_else(PoisonError::into_inner);
        failed.as_ref().is_none_or(|(watch, then)| watch.elapsed_micros() > PAUSE_MICROS || changed >= then + enough)
    }

    /// Reads the file, if it contains the claims of this database as of some earlier sequence.
    ///
    /// # Errors
    /// `StoreError` of the store. A file that cannot be used is treated as missing.
    pub(super) fn read(&self, conn: &mut Conn, sequence: i64) -> Result<Option<Contents>, StoreError> {
        let added = conn.claim_count()?;
        let fits = |head: &Head| match head {
            _ if head.sequence > sequence => {
                // Fails only if it is already set; the file is read once.
                let _ = self.found_ahead.set(head.sequence);
                Err(Unread::Unfit("it is newer than the database"))
            }
            _ if head.stamp != self.stamp => Err(Unread::Unfit("another version of the program wrote it")),
            _ => {
                let since = added.saturating_sub(head.added).saturating_add(conn.claims_ended_since(head.sequence)?);
                if since > head.added / CAUGHT_UP {
                    Err(Unread::Unfit("too many claims changed since it was written"))
                } else {
                    Ok(())
                }
            }
        };
        let found = File::open(&self.path).map_err(Unread::Io).and_then(|file| file::read(file, fits));
        let refusal = match found {
            Ok((contents, digest)) if conn.has_claim_index_file(digest.as_ref(), contents.head.sequence)? => {
                self.replace(digest.as_ref().to_vec(), contents.head.sequence);
                return Ok(Some(contents));
            }
            Ok(_) => Unread::Unfit("the database has no entry for it"),
            Err(Unread::Io(error)) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(Unread::Store(error)) => return Err(error),
            Err(error) => error,
        };
        tracing::info!(file = %self.path.display(), reason = %refusal, "the claim index file is not used");
        Ok(None)
    }

    /// Writes the file in the background.
    pub(super) fn write(self: &Arc<Self>, store: Store, picture: Picture) {
        self.is_writing.store(true, Ordering::Release);
        let changed = self.changed.swap(0, Ordering::Relaxed);
        let kept = Arc::clone(self);
        let write = move || {
            let attempt = Attempt { kept: &kept, changed, has_failed: true };
            match kept.write_now(&store, &picture) {
                Ok(()) => attempt.succeeded(),
                Err(Unwritten::Busy) => tracing::debug!("another process writes the same claim index file"),
                Err(error) => {
                    let file = kept.path.display();
                    tracing::warn!(%file, %error, "the claim index was not saved: the next start reads more claims, or all");
                }
            }
        };
        if let Err(error) = std::thread::Builder::new().name("claim-file".to_owned()).spawn(write) {
            tracing::warn!(%error, "no thread to save the claim index: the next start reads more claims, or all");
            drop(Attempt { kept: self, changed, has_failed: true });
        }
    }

    fn write_now(&self, store: &Store, picture: &Picture) -> Result<(), Unwritten> {
        let draft = with_suffix(&self.path, ".new");
        let file = alone_in(&draft)?;
        let digest = self.write_draft(store, picture, &draft, &file).inspect_err(|_| {
            // A failed removal is ignored: the remains only take disk space.
            let _ = std::fs::remove_file(&draft);
        })?;
        // The file is in use from here on. If the rest fails, only a power failure could lose the file, or a useless row remains.
        let synced = sync_folder_of(&self.path).map_err(Unwritten::Io);
        let forgotten = match self.replace(digest.clone(), picture.head.sequence) {
            Some((before, _)) if before != digest => forget(store, &before),
            _ => Ok(()),
        };
        if let Err(error) = synced.and(forgotten) {
            tracing::debug!(%error, "the claim index file was saved, but a later step failed");
        }
        Ok(())
    }

    fn write_draft(&self, store: &Store, picture: &Picture, draft: &Path, file: &File) -> Result<Vec<u8>, Unwritten> {
        let space = rustix::fs::fstatvfs(file).map_err(io::Error::from)?;
        let (left, size) = (space.f_bavail.saturating_mul(space.f_frsize), picture.size());
        if left < size.saturating_mul(2) {
            return Err(Unwritten::NoRoom { left, size });
        }
        let sequence = picture.head.sequence;
        let batches = store.read(|conn| conn.claim_batches_between(0, sequence))?;
        let sealed: HashSet<i64> = batches.iter().map(|batch| batch.number).collect();
        let digest = picture.write(BufWriter::with_capacity(1 << 20, file), |batch| sealed.contains(&batch))?;
        file.sync_all()?;
        // Recorded before the file gets its name. A named file that the database does not know would only make the next start slow.
        store.derive(|conn| conn.note_claim_index_file(&digest, sequence))?;
        std::fs::rename(draft, &self.path).inspect_err(|_| drop(forget(store, &digest)))?;
        Ok(digest)
    }

    fn replace(&self, digest: Vec<u8>, sequence: i64) -> Option<(Vec<u8>, i64)> {
        self.file.lock().unwrap_or_else(PoisonError::into_inner).replace((digest, sequence))
    }
}

fn forget(store: &Store, digest: &[u8]) -> Result<(), Unwritten> {
    store.derive(|conn| conn.forget_claim_index_file(digest)).map_err(Unwritten::Store)
}

/// A write in progress. If it fails, even by a panic, its changes count again, and there is a pause before the next attempt.
struct Attempt<'a> {
    kept: &'a Kept,
    changed: usize,
    has_failed: bool,
}

impl Attempt<'_> {
    fn succeeded(mut self) {
        self.has_failed = false;
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        let mut failed = self.kept.failed.lock().unwrap_or_else(PoisonError::into_inner);
        *failed = self.has_failed.then(|| {
            let since = self.kept.changed.fetch_add(self.changed, Ordering::Relaxed);
            (Stopwatch::start(), since + self.changed)
        });
        drop(failed);
        self.kept.is_writing.store(false, Ordering::Release);
    }
}

/// Opens an empty draft that no other process is writing. Only its owner can read it, as with the database.
fn alone_in(draft: &Path) -> Result<File, Unwritten> {
    let file = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(draft)?;
    file.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => Unwritten::Busy,
        TryLockError::Error(error) => Unwritten::Io(error),
    })?;
    // The previous holder of the lock may have renamed the file to its final name since.
    if std::fs::metadata(draft).ok().map(|named| named.ino()) != Some(file.metadata()?.ino()) {
        return Err(Unwritten::Busy);
    }
    file.set_permissions(Permissions::from_mode(0o600))?;
    file.set_len(0)?;
    Ok(file)
}

impl Picture {
    /// Returns the approximate size of its file in bytes.
    fn size(&self) -> u64 {
        u64::try_from(file::size(&self.segments, self.classes.len())).unwrap_or(u64::MAX)
    }

    /// Writes the claims of the batches that are `sealed`, as of the head's sequence. Returns the digest.
    fn write(&self, to: impl Write, sealed: impl Fn(i64) -> bool) -> io::Result<Vec<u8>> {
        let class = |number: u32| usize::try_from(number).ok().and_then(|number| self.classes.get(number));
        let number = |entry: &Entry| class(entry.class).map_or(0, |class| class.number(entry.low));
        let is_ended = |number: u32| class(number).is_some_and(Class::has_ended);

        let (mut classes, mut memos) = (Classes::default(), Memos::new());
        let mut writer = Writer::begin(to, &self.head)?;
        merge(&self.segments, number, is_ended, |entry| {
            let class = class(entry.class).ok_or_else(|| io::Error::other("a claim of no class"))?;
            if !sealed(class.batch()) {
                return Ok(());
            }
            let class = class.at(self.head.sequence);
            let key = classes.key_of(class).and_then(|key| classes.number_of(key, 1));
            let renumbered = key.ok_or_else(|| io::Error::other("more kinds of claims than can be numbered"))?;
            if class.has_memo() {
                let number = class.number(entry.low);
                let memo = self.segments.iter().find_map(|segment| segment.memo(number));
                // Without its memo, the claim would cover the whole account.
                memos.insert(number, memo.ok_or_else(|| io::Error::other("a claim without its memo"))?.into());
            }
            writer.entry(&Entry { class: renumbered, ..*entry })
        })?;
        let (mut to, digest) = writer.finish(&classes, &memos)?;
        to.flush()?;
        Ok(digest.as_ref().to_vec())
    }
}
