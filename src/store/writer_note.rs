//! A note beside a SQLite file that names a process with a long write (an import beside a running server). A process that waits for the
//! write lock in vain can then name the holder. SQLite has the lock itself; the note is only text.

use std::path::{Path, PathBuf};

use vasp_words::time::UtcTime;

/// A note that is removed when this is dropped.
#[derive(Debug)]
pub struct WriterNote(PathBuf);

fn note_path(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push("-writer");
    PathBuf::from(name)
}

impl WriterNote {
    pub(super) fn leave(database: &Path, what: &str, now: UtcTime) -> Option<Self> {
        let path = note_path(database);
        let words = format!("process {} ({what}), writing since {now}", std::process::id());
        // If the note is lost, only the error message is less helpful.
        std::fs::write(&path, words).ok().map(|()| Self(path))
    }
}

impl Drop for WriterNote {
    fn drop(&mut self) {
        // A note that stays is harmless: it names a process that may be gone.
        drop(std::fs::remove_file(&self.0));
    }
}

/// Returns a text about the holder of the write lock, as far as the note names it.
pub(super) fn holder(database: &Path) -> String {
    match std::fs::read_to_string(note_path(database)) {
        Ok(words) => format!("it is held by {}", words.chars().take(200).collect::<String>()),
        Err(_) => "another process holds it, which left no note".to_owned(),
    }
}

impl super::Store {
    /// Writes a note beside a SQLite file that names a process before its long write. The note is removed when the guard is dropped.
    #[must_use]
    pub fn announce_long_write(&self, what: &str, now: UtcTime) -> Option<WriterNote> {
        self.target.sqlite_path().and_then(|path| WriterNote::leave(path, what, now))
    }
}
