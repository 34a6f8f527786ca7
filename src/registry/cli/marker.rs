//! The file that says whose a folder is, and keeps a second process out of it.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

/// Opens a folder's marker, and writes its text into a new one. Returns `None` if another process holds it; it is held until the file is
/// dropped or the process ends, however it ends.
pub(super) fn marked(path: &Path, text: &str) -> Result<Option<File>, String> {
    let failed = |error: io::Error| format!("cannot use {}: {error}", path.display());
    let mut file = OpenOptions::new().append(true).create(true).mode(0o600).open(path).map_err(failed)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(None),
        Err(error) => return Err(failed(error.into())),
    }
    if file.metadata().map_err(failed)?.len() == 0 {
        file.write_all(text.as_bytes()).map_err(failed)?;
    }
    Ok(Some(file))
}
