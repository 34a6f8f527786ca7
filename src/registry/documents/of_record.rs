//! The files that rows of documents need. In a backup they are a folder beside it with the same layout; they are sealed, so they are copied
//! unchanged.

use std::collections::HashSet;
use std::path::Path;

use crate::node::ServiceError;
use vasp_store::{Conn, DocumentFile, DocumentFolder, Store};

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

/// Returns the number of documents whose file is missing from the folder: it was removed, or this is another folder.
pub fn missing(store: &Store, folder: Option<&Path>) -> Result<usize, ServiceError> {
    // The rows first: a file is there before its row.
    let needed = store.read(Conn::all_document_files)?;
    let files = folder.map_or_else(|| Ok(vec![]), |folder| DocumentFolder::new(folder.to_owned()).list())?;
    let name = |file: &DocumentFile| (file.organisation.clone(), file.draft_of().unwrap_or(&file.file).to_owned());
    let held: HashSet<(String, String)> = files.iter().filter(|file| !file.is_part()).map(name).collect();
    Ok(needed.iter().filter(|(organisation, hash)| !held.contains(&(organisation.to_string(), hash.to_string()))).count())
}
