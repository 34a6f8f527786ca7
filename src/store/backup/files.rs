//! Files that get their final names only when they are complete and on disk.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::BackupError;
use crate::paths::{folder_of, sync_folder_of, with_suffix};

/// Builds the error for a file.
pub(super) fn cannot(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |source| BackupError::File { what, path, source }
}

/// A file with a temporary name that only its owner can access. It is removed when dropped.
#[derive(Debug)]
pub(super) struct Draft(PathBuf);

impl Draft {
    /// Creates an empty file in the folder of `path`.
    pub(super) fn beside(path: &Path) -> Result<Self, BackupError> {
        let draft = with_suffix(path, &format!(".unfinished-{}", std::process::id()));
        // Remove what a killed process with the same process id left.
        drop(fs::remove_file(&draft));
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft);
        made.map_err(cannot("make", &draft))?;
        Ok(Self(draft))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Copies a file into it.
    pub(super) fn fill_from(&self, from: &Path) -> Result<(), BackupError> {
        let mut input = File::open(from).map_err(cannot("read", from))?;
        let mut output = OpenOptions::new().write(true).open(&self.0).map_err(cannot("write", &self.0))?;
        io::copy(&mut input, &mut output).map(drop).map_err(cannot("copy", from))
    }

    /// Flushes it to disk, gives it its final name and returns its size.
    pub(super) fn publish(self, to: &Path) -> Result<u64, BackupError> {
        let file = File::open(&self.0).map_err(cannot("read", &self.0))?;
        file.sync_all().map_err(cannot("write", &self.0))?;
        let size = file.metadata().map_err(cannot("read", &self.0))?.len();
        fs::rename(&self.0, to).map_err(cannot("name", to))?;
        sync_folder_of(to).map_err(cannot("write", folder_of(to)))?;
        Ok(size)
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // Remove the files that SQLite keeps beside it. After `publish` there are none.
        for suffix in ["", "-wal", "-shm", "-journal", "-import", "-writer"] {
            drop(fs::remove_file(with_suffix(&self.0, suffix)));
        }
    }
}
