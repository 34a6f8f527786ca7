//! Finds the files of a source in a folder that mirrors what publishers offer.

use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::node::ServiceError;
use vasp_ingest::sources::SourceDefinition;
use vasp_words::time::UtcTime;

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
        names.extend(entry.map_err(unreadable)?.file_name().into_string().ok());
    }
    names.sort();
    let chosen = definition.choose(&names);
    let odd = chosen.iter().flatten().flatten().find(|name| !folder.join(name).is_file());
    if let Some(name) = odd {
        return Ok(Err(format!("{name} is the newest, but it is not a file or a link to one")));
    }
    Ok(chosen.map(|chosen| Some(chosen?.iter().map(|name| folder.join(name)).collect())))
}

/// Returns whether a newest file of a source changed since a moment: it may still be half copied. What cannot be read is not told here, nor is
/// a file that a wrong clock dates later than `now`.
pub(super) fn changed_since(definition: &SourceDefinition, folder: &Path, since: UtcTime, now: UtcTime) -> bool {
    let Ok(Ok(Some(files))) = files_of(definition, folder) else { return false };
    let changed_at = |path: &PathBuf| {
        let passed = std::fs::metadata(path).and_then(|file| file.modified()).ok()?.duration_since(UNIX_EPOCH).ok()?;
        UtcTime::from_micros(i64::try_from(passed.as_micros()).ok()?).ok()
    };
    files.iter().filter_map(changed_at).any(|at| at > since && at <= now)
}
