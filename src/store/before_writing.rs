//! What is looked at before every write: whether the clock is right, and whether the SQLite file at the path is still the one that was
//! opened. What is written into a file that was removed or exchanged is lost: nobody opens it again.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use diesel::r2d2::PooledConnection;

use super::backend::Manager;
use super::{Store, StoreError};

/// What tells a file from another at the same path: device and inode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileNumber(u64, u64);

impl FileNumber {
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        std::fs::metadata(path).map(|file| Self(file.dev(), file.ino()))
    }
}

impl Store {
    /// Returns a connection to write on.
    pub(super) fn writer(&self) -> Result<PooledConnection<Manager>, StoreError> {
        self.assert_own_file()?;
        match self.clock.as_ref().and_then(|clock| clock.jumped_secs()) {
            Some(secs) => Err(StoreError::ClockJumped { secs }),
            None => self.writers.get().map_err(StoreError::pool),
        }
    }

    /// Refuses to go on where the file at the path is no longer the one that was opened.
    pub fn assert_own_file(&self) -> Result<(), StoreError> {
        let (Some(path), Some(opened)) = (self.target.sqlite_path(), self.opened) else { return Ok(()) };
        let what = match FileNumber::of(path) {
            Ok(found) if found == opened => return Ok(()),
            Ok(_) => "is another file than the server opened",
            Err(error) if error.kind() == ErrorKind::NotFound => "is no longer there",
            // A disk that does not answer is told by the statements that fail on it.
            Err(_) => return Ok(()),
        };
        Err(StoreError::Exchanged { path: path.display().to_string(), what })
    }
}
