//! The checksum of a backup: the SHA-256 of its bytes in a file `BACKUP.sha256` beside it, in the form that `sha256sum --check` reads. SQLite's
//! own check of a copy finds a broken structure, but not a changed value.

use std::fs::{self, File};
use std::io::{ErrorKind, Read, Write};
use std::path::{Path, PathBuf};

use aws_lc_rs::digest::{Context, SHA256};

use super::BackupError;
use super::files::cannot;
use crate::paths::with_suffix;

/// Bytes that are read at once.
const PIECE: usize = 1 << 20;

fn path_of(backup: &Path) -> PathBuf {
    with_suffix(backup, ".sha256")
}

/// Returns the SHA-256 of a file in hexadecimal digits.
fn sum(file: &Path) -> Result<String, BackupError> {
    let mut input = File::open(file).map_err(cannot("read", file))?;
    let (mut context, mut piece) = (Context::new(&SHA256), vec![0; PIECE]);
    loop {
        match input.read(&mut piece).map_err(cannot("read", file))? {
            0 => return Ok(hex::encode(context.finish())),
            read => context.update(piece.get(..read).unwrap_or_default()),
        }
    }
}

/// A checksum beside a backup that has no name yet. It is removed when dropped, unless it is kept.
#[derive(Debug)]
pub(super) struct Written(Option<PathBuf>);

impl Written {
    /// Writes the checksum of `draft`, which will be named `backup`.
    pub(super) fn of(draft: &Path, backup: &Path) -> Result<Self, BackupError> {
        let (path, name) = (path_of(backup), backup.file_name().unwrap_or_default().to_string_lossy());
        let line = format!("{}  {name}\n", sum(draft)?);
        let written = Self(Some(path.clone()));
        let mut file = File::create(&path).map_err(cannot("make", &path))?;
        file.write_all(line.as_bytes()).and_then(|()| file.sync_all()).map_err(cannot("write", &path))?;
        Ok(written)
    }

    pub(super) fn keep(mut self) {
        self.0 = None;
    }
}

impl Drop for Written {
    fn drop(&mut self) {
        self.0.take().map(fs::remove_file);
    }
}

/// Checks the bytes of a backup against the checksum beside it. Returns their SHA-256; `None` if there is no checksum.
///
/// # Errors
/// `BackupError::Damaged` if they are not the bytes that `backup` wrote; `BackupError::File`.
pub fn check_bytes(backup: &Path) -> Result<Option<String>, BackupError> {
    let path = path_of(backup);
    let kept = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(cannot("read", &path)(error)),
    };
    let found = sum(backup)?;
    if kept.split_whitespace().next() == Some(found.as_str()) {
        return Ok(Some(found));
    }
    let reason = format!("its bytes are not those that `backup` wrote: their SHA-256 is not the one in {}", path.display());
    Err(BackupError::Damaged { path: backup.to_owned(), reason })
}
