//! A report's file, opened before the work that it tells about: a report that cannot be written is refused before anything is done, and
//! another file is not overwritten.

use std::fs::File;
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

/// An open report.
#[derive(Debug)]
pub(super) struct ReportFile {
    path: PathBuf,
    file: File,
    is_regular: bool,
}

impl ReportFile {
    /// Opens a report that begins with a character. An older report of that form may be replaced, and an empty file.
    ///
    /// # Errors
    /// In words, if the file cannot be written or is something else.
    pub(super) fn open(path: &Path, begins: char) -> Result<Self, String> {
        let cannot = |error| format!("cannot write the report {}: {error}", path.display());
        // A terminal or a pipe has nothing to lose.
        let is_regular = path.metadata().map_or(true, |found| found.is_file());
        let options = File::options().read(is_regular).write(true).create(true).truncate(false).clone();
        let (mut file, mut first) = (options.open(path).map_err(cannot)?, [0]);
        match if is_regular { file.read(&mut first).map_err(cannot)? } else { 0 } {
            1 if char::from(first[0]) != begins => {
                Err(format!("{} is another file, not an older report: give another name", path.display()))
            }
            _ => Ok(Self { path: path.to_owned(), file, is_regular }),
        }
    }

    /// Writes the whole report, in place of what it said before.
    ///
    /// # Errors
    /// In words, which say what is done nevertheless.
    pub(super) fn write(&mut self, text: &[u8], done: &str) -> Result<(), String> {
        let emptied = if self.is_regular { self.file.rewind().and_then(|()| self.file.set_len(0)) } else { Ok(()) };
        let written = emptied.and_then(|()| self.file.write_all(text));
        written.map_err(|error| format!("{done}, but the report {} cannot be written: {error}", self.path.display()))
    }
}

impl Drop for ReportFile {
    /// Removes a file in which nothing was written.
    fn drop(&mut self) {
        if self.is_regular && self.file.metadata().is_ok_and(|file| file.len() == 0) {
            drop(std::fs::remove_file(&self.path));
        }
    }
}
