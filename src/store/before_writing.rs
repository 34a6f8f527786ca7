//! The checks before every write: the clock must be right, and the SQLite file must be undamaged and still the file that was opened.
//! A write into a file that was removed or replaced is lost, because nobody opens that file again.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use super::{Store, StoreError};

/// Device and inode, which distinguish a file from another one at the same path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FileNumber(u64, u64);

impl FileNumber {
    pub(super) fn of(path: &Path) -> std::io::Result<Self> {
        std::fs::metadata(path).map(|file| Self(file.dev(), file.ino()))
    }
}

impl Store {
    /// Refuses to write while the clock is wrong or the file is not the one that was opened.
    pub(super) fn assert_may_write(&self) -> Result<(), StoreError> {
        self.assert_own_file()?;
        self.assert_undamaged()?;
        self.clock.as_ref().and_then(|clock| clock.fault()).map_or(Ok(()), |fault| Err(StoreError::Clock(fault)))
    }

    /// Refuses to continue if the file at the path is no longer the file that was opened.
    pub fn assert_own_file(&self) -> Result<(), StoreError> {
        let (Some(path), Some(opened)) = (self.target.sqlite_path(), self.opened) else { return Ok(()) };
        let what = match FileNumber::of(path) {
            Ok(found) if found == opened => return Ok(()),
            Ok(_) => "is another file than the server opened",
            Err(error) if error.kind() == ErrorKind::NotFound => "no longer exists",
            // If the disk does not answer, the statements that fail on it report that.
            Err(_) => return Ok(()),
        };
        Err(StoreError::Exchanged { path: path.display().to_string(), what })
    }
}
