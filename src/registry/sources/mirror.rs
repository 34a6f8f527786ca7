//! Finds the files of a source in a folder that mirrors what publishers offer.

use std::path::{Path, PathBuf};

use crate::node::ServiceError;
use vasp_ingest::sources::SourceDefinition;

/// Returns the newest files of a source in a folder; `None` if there are none. Folders in it are not searched. The inner error says, in words,
/// why nobody can tell which files are the newest.
///
/// # Errors
/// `ServiceError::Failed` if the folder cannot be read.
pub(super) fn files_of(
    definition: &SourceDefinition,
    folder: &Path,
) -> Result<Result<Option<Vec<PathBuf>>, String>, ServiceError> {
    let unreadable =
        |error: std::io::Error| ServiceError::Failed(format!("cannot read the folder {}: {error}", folder.display()).into());
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(unreadable)? {
        let entry = entry.map_err(unreadable)?;
        let is_file = entry.path().is_file();
        names.extend(entry.file_name().into_string().ok().filter(|_| is_file));
    }
    names.sort();
    Ok(definition.choose(&names).map(|chosen| Some(chosen?.iter().map(|name| folder.join(name)).collect())))
}
