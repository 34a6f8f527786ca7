//! A note beside a SQLite file saying which process writes for long (an import beside a running server), so that whoever
//! waits for the write lock in vain can say who holds it. The lock itself is SQLite's; the note is only words.

use std::path::{Path, PathBuf};

use vasp_words::time::UtcTime;

/// A note that is taken away when this drops.
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
        // Losing the note loses only a better error message.
        std::fs::write(&path, words).ok().map(|()| Self(path))
    }
}

impl Drop for WriterNote {
    fn drop(&mut self) {
        // A note left behind is harmless: it names a process that may be gone.
        drop(std::fs::remove_file(&self.0));
    }
}

/// Says who holds the write lock, as far as a note tells.
pub(super) fn holder(database: &Path) -> String {
    match std::fs::read_to_string(note_path(database)) {
        Ok(words) => format!("it is held by {}", words.chars().take(200).collect::<String>()),
        Err(_) => "it is held by another process that left no note".to_owned(),
    }
}

impl super::Store {
    /// Leaves a note beside a SQLite file that says who is about to write for long; taken away when the guard drops.
    #[must_use]
    pub fn announce_long_write(&self, what: &str, now: UtcTime) -> Option<WriterNote> {
        self.target.sqlite_path().and_then(|path| WriterNote::leave(path, what, now))
    }
}
