//! The checksum of a backup: the SHA-256 of its bytes in a file `BACKUP.sha256` beside it, in the form that `sha256sum --check` reads. SQLite's
//! own check of a copy finds a broken structure, but not a changed value.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::BackupError;
use super::files::{Draft, cannot, copied};
use crate::paths::with_suffix;

fn path_of(backup: &Path) -> PathBuf {
    with_suffix(backup, ".sha256")
}

/// Writes the checksum of `draft`, which will be named `backup`, to a file that has no name yet either.
pub(super) fn written(draft: &Path, backup: &Path) -> Result<Draft, BackupError> {
    let (written, name) = (Draft::beside(&path_of(backup))?, backup.file_name().unwrap_or_default().to_string_lossy());
    let line = format!("{}  {name}\n", copied(draft, &mut std::io::sink())?);
    written.open()?.write_all(line.as_bytes()).map_err(cannot("write", written.path()))?;
    Ok(written)
}

/// Puts a checksum beside its backup, which has its name. It replaces the one of a backup that was removed.
pub(super) fn publish(written: Draft, backup: &Path) -> Result<(), BackupError> {
    written.replace(&path_of(backup))
}

/// Compares the SHA-256 of a backup's bytes with the checksum beside it. Returns whether there is one.
///
/// # Errors
/// `BackupError::Damaged` if they are not the bytes that `backup` wrote; `BackupError::File`.
pub(super) fn is_compared(backup: &Path, found: &str) -> Result<bool, BackupError> {
    let path = path_of(backup);
    let kept = match fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(cannot("read", &path)(error)),
    };
    if kept.split_whitespace().next() == Some(found) {
        return Ok(true);
    }
    let reason = format!("its bytes are not those that `backup` wrote: their SHA-256 is not the one in {}", path.display());
    Err(BackupError::Damaged { path: backup.to_owned(), reason })
}

/// Checks the bytes of a backup against the checksum beside it. Returns their SHA-256; `None` if there is no checksum.
///
/// # Errors
/// `BackupError::Damaged` if they are not the bytes that `backup` wrote; `BackupError::File`.
pub fn check_bytes(backup: &Path) -> Result<Option<String>, BackupError> {
    let found = copied(backup, &mut std::io::sink())?;
    Ok(is_compared(backup, &found)?.then_some(found))
}
