//! The files of members' documents in a backup: a folder beside the backup, with the same layout. The files are sealed, so they are copied
//! unchanged.

use std::path::{Path, PathBuf};

use crate::node::ServiceError;
use vasp_store::{Conn, DocumentFolder, Store, with_suffix};

/// Returns the folder of documents that goes with a backup.
#[must_use]
pub fn beside(backup: &Path) -> PathBuf {
    with_suffix(backup, ".documents")
}

/// Copies all complete files that the target lacks. Returns the number of complete files.
pub fn copy(from: &Path, to: &Path) -> Result<usize, ServiceError> {
    let (from, to) = (DocumentFolder::new(from.to_owned()), DocumentFolder::new(to.to_owned()));
    let mut copied = 0;
    for file in from.list()?.into_iter().filter(|file| !file.is_part()) {
        // A draft was removed meanwhile, so nobody needs it, or has its name now.
        let name = file.draft_of().unwrap_or(&file.file);
        let Some(bytes) = from.read(&file.organisation, name)? else { continue };
        copied += 1;
        if to.read(&file.organisation, name)?.as_deref() != Some(&bytes) {
            to.keep(&file.organisation, &file.file, &bytes, &format!("copy-{}", file.file))?;
        }
    }
    Ok(copied)
}

/// Returns the number of documents whose file is missing from the folder.
pub fn missing(store: &Store, folder: Option<&Path>) -> Result<usize, ServiceError> {
    let folder = folder.map(|folder| DocumentFolder::new(folder.to_owned()));
    let needed = store.read(Conn::all_document_files)?;
    let mut missing = 0;
    for (organisation, sha256) in needed {
        let found = match &folder {
            Some(folder) => folder.read(&organisation.to_string(), &sha256.to_string())?,
            None => None,
        };
        missing += usize::from(found.is_none());
    }
    Ok(missing)
}
