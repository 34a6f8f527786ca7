//! The checksums of a backup: the SHA-256 of its bytes in a file `BACKUP.sha256` beside it, and of each file of a document in
//! `BACKUP.documents`, in the form that `sha256sum --check` reads. SQLite's own check of a copy finds a broken structure, but not a changed value.

use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use super::BackupError;
use super::files::{Draft, cannot, copied};
use crate::document_files::DocumentFolder;
use crate::paths::with_suffix;

fn path_of(backup: &Path) -> PathBuf {
    with_suffix(backup, ".sha256")
}

/// What a backup and the documents beside it are compared with their checksums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckedBackup {
    /// The SHA-256 of the backup, in hexadecimal digits.
    pub sum: String,
    /// What is said of its documents.
    pub documents: CheckedDocuments,
}

/// How many documents beside a backup are as they were written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CheckedDocuments {
    /// Files with the bytes that `backup` wrote.
    pub whole: usize,
    /// The lines of the files that are gone.
    pub missing: Vec<String>,
    /// Files of which no checksum was written.
    pub without_sum: usize,
}

/// Returns the folder of the documents that go with a backup.
#[must_use]
pub fn documents_of(backup: &Path) -> PathBuf {
    with_suffix(backup, ".documents")
}

/// Writes the checksums of `draft`, which will be named `backup`, and of its documents, to a file that has no name yet either.
pub(super) fn written(draft: &Path, backup: &Path) -> Result<Draft, BackupError> {
    let (written, name) = (Draft::beside(&path_of(backup))?, backup.file_name().unwrap_or_default().to_string_lossy());
    let mut lines = format!("{}  {name}\n", copied(draft, &mut std::io::sink())?);
    for file in DocumentFolder::new(documents_of(backup)).list()?.into_iter().filter(|file| !file.is_part()) {
        let sum = copied(file.path(), &mut std::io::sink())?;
        lines.push_str(&format!("{sum}  {name}.documents/{}/{}\n", file.organisation, file.file));
    }
    written.open()?.write_all(lines.as_bytes()).map_err(cannot("write", written.path()))?;
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
pub(super) fn check_bytes(backup: &Path) -> Result<Option<String>, BackupError> {
    let found = copied(backup, &mut std::io::sink())?;
    Ok(is_compared(backup, &found)?.then_some(found))
}

/// Checks the bytes of a backup and of its documents against the checksums beside it; `None` if there are none.
///
/// # Errors
/// `BackupError::Damaged` if bytes are not those that `backup` wrote, or a document is missing; `BackupError::File`.
pub fn check_backup(backup: &Path) -> Result<Option<CheckedBackup>, BackupError> {
    let Some(sum) = check_bytes(backup)? else { return Ok(None) };
    let documents = check_documents(backup)?;
    match documents.missing.first() {
        Some(line) => Err(damaged(backup, "the file of a document is missing", line)),
        None => Ok(Some(CheckedBackup { sum, documents })),
    }
}

fn damaged(backup: &Path, what: &str, line: &str) -> BackupError {
    BackupError::Damaged { path: backup.to_owned(), reason: format!("{what}: {line}") }
}

/// Checks the documents beside a backup against their checksums.
///
/// # Errors
/// `BackupError::Damaged` if one has other bytes than `backup` wrote; `BackupError::File`.
pub fn check_documents(backup: &Path) -> Result<CheckedDocuments, BackupError> {
    let (sums, folder) = (path_of(backup), documents_of(backup));
    let there = DocumentFolder::new(folder.clone()).list()?.into_iter().filter(|file| !file.is_part()).count();
    let lines = match fs::read_to_string(&sums) {
        Err(error) if error.kind() == ErrorKind::NotFound => String::new(),
        read => read.map_err(cannot("read", &sums))?,
    };
    let mut checked = CheckedDocuments::default();
    for line in lines.lines().skip(1) {
        let damaged = |what: &str| damaged(backup, what, line);
        // The backup may have another name than when it was made.
        let (sum, name) = line.split_once("  ").ok_or_else(|| damaged("a line beside it is no checksum"))?;
        let path = folder.join(name.split_once('/').ok_or_else(|| damaged("a line beside it names no document"))?.1);
        if !path.try_exists().map_err(cannot("look for", &path))? {
            checked.missing.push(line.to_owned());
            continue;
        }
        if copied(&path, &mut std::io::sink())? != sum {
            return Err(damaged("the file of a document is not the one that `backup` wrote"));
        }
        checked.whole += 1;
    }
    checked.without_sum = there.saturating_sub(checked.whole);
    Ok(checked)
}
