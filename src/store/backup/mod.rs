//! Copies of a whole database: made while others go on writing, and put back into a fresh place. A copy has its name only once it is
//! whole and on disk, and what is put back counts only once the caller found it good. The master key is never part of it.

mod files;
mod postgres;
mod postgres_tools;
mod sqlite;

use std::path::{Path, PathBuf};

use super::migrations::{self, Compared};
use super::{DatabaseUrl, StoreError};

/// Why a backup cannot be made or put back. `Display` never prints its source.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The file that was to be made is there.
    #[error("{0} is there already: a backup never takes the place of another file")]
    Exists(PathBuf),
    /// The place that was to be filled is not empty.
    #[error("{0} is there already: restore into a fresh place, or say --replace to put what is there aside")]
    NotEmpty(String),
    /// Others work on what was to be replaced.
    #[error("{0} is in use by another process: stop every server and import on it first")]
    InUse(String),
    /// A file cannot be read or written.
    #[error("cannot {what} {path}")]
    File {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        #[source]
        source: std::io::Error,
    },
    /// The backup is damaged, or none.
    #[error("{path} is no whole backup of this database: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// Another program made it, or changed it; says so itself.
    #[error(transparent)]
    Foreign(StoreError),
    /// The backup was made by a newer program.
    #[error("the backup was made by a newer version of this program (its schema knows `{0}`): restore it with that version")]
    Newer(String),
    /// A program of PostgreSQL's is missing or too old.
    #[error("{0}")]
    Tool(String),
    /// A program of PostgreSQL's failed.
    #[error("{program} failed: {words}")]
    Failed {
        /// Its name.
        program: &'static str,
        /// Its last words.
        words: String,
    },
    /// The database.
    #[error("the database refused")]
    Store(#[source] StoreError),
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Refuses what an earlier program made.
fn assert_not_earlier(ran: &[String]) -> Result<(), BackupError> {
    match migrations::compared(ran) {
        Compared::Earlier(version) => Err(BackupError::Foreign(StoreError::SchemaBefore { version })),
        Compared::Known | Compared::Added(_) | Compared::Ended(_) => Ok(()),
    }
}

/// Refuses to copy what an earlier program made, and what a newer one changed so that this one must not work on it.
fn assert_ours(ran: &[String]) -> Result<(), BackupError> {
    match migrations::compared(ran) {
        Compared::Earlier(version) => Err(BackupError::Foreign(StoreError::SchemaBefore { version })),
        Compared::Ended(version) => Err(BackupError::Foreign(StoreError::SchemaAhead { version })),
        Compared::Known | Compared::Added(_) => Ok(()),
    }
}

/// Refuses a backup with versions of the schema that this program does not know.
fn assert_known(ran: &[String]) -> Result<(), BackupError> {
    assert_not_earlier(ran)?;
    match migrations::compared(ran) {
        Compared::Added(version) | Compared::Ended(version) => Err(BackupError::Newer(version)),
        Compared::Known | Compared::Earlier(_) => Ok(()),
    }
}

/// What is to become of what stands where a backup is put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occupied {
    /// Then nothing is put back.
    Refuse,
    /// It is put aside, under a name that the caller is told.
    PutAside,
}

/// A copy that is whole and has not its name yet; it goes when it is dropped.
#[derive(Debug)]
pub struct BackupDraft {
    draft: files::Draft,
    to: PathBuf,
    is_sqlite: bool,
}

/// Copies a database as it is at one moment.
///
/// # Errors
/// `BackupError`; nothing is left then.
pub fn back_up(url: &DatabaseUrl, to: &Path) -> Result<BackupDraft, BackupError> {
    if to.try_exists().map_err(files::cannot("look for", to))? {
        return Err(BackupError::Exists(to.to_owned()));
    }
    let draft = files::Draft::beside(to)?;
    match url {
        DatabaseUrl::Sqlite(path) => sqlite::copy(path, draft.path())?,
        DatabaseUrl::Postgres(url) => postgres::dump(url, draft.path())?,
    }
    Ok(BackupDraft { draft, to: to.to_owned(), is_sqlite: matches!(url, DatabaseUrl::Sqlite(_)) })
}

impl BackupDraft {
    /// Reads it to its end: SQLite's own check, or PostgreSQL's reader of dumps. Where it is a database by itself its address is
    /// returned.
    pub fn check(&self) -> Result<Option<DatabaseUrl>, BackupError> {
        if self.is_sqlite {
            sqlite::check(self.draft.path(), &self.to)?;
            return Ok(Some(DatabaseUrl::Sqlite(self.draft.path().to_owned())));
        }
        postgres::check(self.draft.path(), &self.to).map(|()| None)
    }

    /// Gives it its name, and returns its size in bytes.
    pub fn publish(self) -> Result<u64, BackupError> {
        if self.is_sqlite {
            sqlite::settle(self.draft.path())?;
        }
        self.draft.publish(&self.to)
    }
}

/// A database that was put back and does not count yet; undone when it is dropped.
#[derive(Debug)]
pub struct Restored(Place);

#[derive(Debug)]
enum Place {
    Sqlite { draft: files::Draft, to: PathBuf },
    Postgres(postgres::Filled),
}

/// Puts a backup back.
///
/// # Errors
/// `BackupError`; the place is as it was then.
pub fn restore(url: &DatabaseUrl, from: &Path, occupied: Occupied) -> Result<Restored, BackupError> {
    match url {
        DatabaseUrl::Sqlite(to) => {
            sqlite::assert_free(to, occupied)?;
            let draft = files::Draft::beside(to)?;
            draft.fill_from(from)?;
            sqlite::check(draft.path(), from)?;
            Ok(Restored(Place::Sqlite { draft, to: to.clone() }))
        }
        DatabaseUrl::Postgres(url) => postgres::fill(url, from, occupied).map(|filled| Restored(Place::Postgres(filled))),
    }
}

impl Restored {
    /// Returns where it is until it is kept.
    #[must_use]
    pub fn url(&self) -> DatabaseUrl {
        match &self.0 {
            Place::Sqlite { draft, .. } => DatabaseUrl::Sqlite(draft.path().to_owned()),
            Place::Postgres(filled) => DatabaseUrl::Postgres(filled.url().to_owned()),
        }
    }

    /// Has it count from here on. Returns where what stood there before is now.
    pub fn keep(self) -> Result<Option<String>, BackupError> {
        match self.0 {
            Place::Sqlite { draft, to } => {
                sqlite::settle(draft.path())?;
                let aside = sqlite::put_aside(&to)?;
                draft.publish(&to)?;
                Ok(aside.map(|path| path.display().to_string()))
            }
            Place::Postgres(filled) => Ok(filled.keep()),
        }
    }
}
