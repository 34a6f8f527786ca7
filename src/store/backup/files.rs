//! Files that have their names only once they are whole and on disk.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use super::BackupError;
use crate::paths::{folder_of, sync_folder_of, with_suffix};

/// Makes the error about a file.
pub(super) fn cannot(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |source| BackupError::File { what, path, source }
}

/// A file under a name of its own, its owner's only; it goes when it is dropped.
#[derive(Debug)]
pub(super) struct Draft(PathBuf);

impl Draft {
    /// Makes an empty one in the folder of `path`.
    pub(super) fn beside(path: &Path) -> Result<Self, BackupError> {
        let draft = with_suffix(path, &format!(".unfinished-{}", std::process::id()));
        // What a killed process of the same number left.
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

    /// Writes it out and gives it its name; returns its size.
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
        // Those that SQLite keeps beside it go with it; after a publication there is none.
        for suffix in ["", "-wal", "-shm", "-journal", "-import", "-writer"] {
            drop(fs::remove_file(with_suffix(&self.0, suffix)));
        }
    }
}
