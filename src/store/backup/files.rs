//! Files that get their final names only when they are complete and on disk.

use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};

use super::BackupError;
use crate::paths::{folder_of, sync_folder_of, with_suffix};

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

/// Builds the error for a file.
pub(super) fn cannot(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> BackupError + use<> {
    let path = path.to_owned();
    move |source| BackupError::File { what, path, source }
}

/// Copies a file, and returns the SHA-256 of the bytes that were copied, in hexadecimal digits.
pub(super) fn copied(from: &Path, to: &mut dyn Write) -> Result<String, BackupError> {
    let mut input = File::open(from).map_err(cannot("read", from))?;
    let (mut context, mut piece) = (Context::new(&SHA256), vec![0; PIECE]);
    loop {
        let read = input.read(&mut piece).map_err(cannot("read", from))?;
        let bytes = piece.get(..read).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(hex::encode(context.finish()));
        }
        context.update(bytes);
        to.write_all(bytes).map_err(cannot("copy", from))?;
    }
}

/// Whether two paths name the same place, whether or not something is there.
pub(super) fn is_same_name(one: &Path, other: &Path) -> bool {
    let folder = |path: &Path| fs::canonicalize(folder_of(path)).ok();
    one.file_name() == other.file_name() && folder(one) == folder(other)
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

    /// Copies a file into it, and returns the SHA-256 of the bytes that were copied.
    pub(super) fn fill_from(&self, from: &Path) -> Result<String, BackupError> {
        copied(from, &mut self.open()?)
    }

    pub(super) fn open(&self) -> Result<File, BackupError> {
        OpenOptions::new().write(true).open(&self.0).map_err(cannot("write", &self.0))
    }

    /// Flushes it to disk, gives it a name that no other file has, and returns its size.
    pub(super) fn publish(self, to: &Path) -> Result<u64, BackupError> {
        let size = self.flush()?;
        let named = match fs::hard_link(&self.0, to) {
            // A file system without links, such as FAT.
            Err(error) if matches!(error.kind(), ErrorKind::PermissionDenied | ErrorKind::Unsupported) => {
                File::create_new(to).and_then(|_| fs::rename(&self.0, to))
            }
            named => named,
        };
        named.map_err(|error| match error.kind() {
            ErrorKind::AlreadyExists => BackupError::Exists(to.to_owned()),
            _ => cannot("name", to)(error),
        })?;
        sync_folder_of(to).map_err(cannot("write", folder_of(to)))?;
        Ok(size)
    }

    /// Flushes it to disk, and gives it the name of a file that it replaces.
    pub(super) fn replace(self, to: &Path) -> Result<(), BackupError> {
        self.flush()?;
        fs::rename(&self.0, to).map_err(cannot("name", to))?;
        sync_folder_of(to).map_err(cannot("write", folder_of(to)))
    }

    /// Flushes it to disk, and returns its size.
    fn flush(&self) -> Result<u64, BackupError> {
        let file = File::open(&self.0).map_err(cannot("read", &self.0))?;
        file.sync_all().map_err(cannot("write", &self.0))?;
        Ok(file.metadata().map_err(cannot("read", &self.0))?.len())
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
