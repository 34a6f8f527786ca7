//! Backups of a whole database: copied while others write, and restored into an empty place. A backup gets its final name only when it
//! is complete and on disk; its checksum follows. A restored database takes effect only after the caller has checked it. The master
//! key is never included.

mod checksum;
mod files;
mod identity;
mod postgres;
mod postgres_tools;
mod sqlite;

use std::path::{Path, PathBuf};

pub use checksum::{CheckedBackup, CheckedDocuments, check_backup, check_documents, documents_of};

use super::backend::Conn;
use super::migrations::{self, Compared};
use super::paths::with_suffix;
use super::{DatabaseUrl, StoreError, StoreOptions, damage};

/// Why a backup cannot be made or restored. `Display` never prints its source.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The backup's file exists already.
    #[error("{0} already exists: a backup never replaces another file")]
    Exists(PathBuf),
    /// The name belongs to the database itself.
    #[error("{0} is a name that the database itself uses: give the backup another one")]
    Taken(PathBuf),
    /// The place to restore into is not empty.
    #[error("{0} already exists: restore to a new place, or give --replace to move the existing data aside")]
    NotEmpty(String),
    /// Another process uses the database that would be replaced.
    #[error("another process uses {0}: first stop every server and import that uses it")]
    InUse(String),
    /// A file cannot be read or written.
    #[error("cannot {what} {path}")]
    File {
        /// The operation that failed.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// The cause.
        #[source]
        source: std::io::Error,
    },
    /// The backup is damaged, or the file is no backup.
    #[error("{path} is not a complete backup of this database: {reason}")]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// This program would not use the database, because it is another program's, another version's, or empty. The source's own message says so.
    #[error(transparent)]
    Foreign(StoreError),
    /// The backup was made by a newer program.
    #[error("the backup was made by a newer version of this program (its schema knows `{0}`): restore it with that version")]
    Newer(String),
    /// A PostgreSQL program is missing or too old.
    #[error("{0}")]
    Tool(String),
    /// A PostgreSQL program failed.
    #[error("{program} failed: {words}")]
    Failed {
        /// The program's name.
        program: &'static str,
        /// The end of the program's error output.
        words: String,
    },
    /// The database refused the operation.
    #[error("the database refused the operation")]
    Store(#[source] StoreError),
}

impl From<StoreError> for BackupError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Refuses a database that an earlier program made.
fn assert_not_earlier(ran: &[String]) -> Result<(), BackupError> {
    match migrations::compared(ran) {
        Compared::Earlier(version) => Err(BackupError::Foreign(StoreError::SchemaBefore { version })),
        Compared::Known | Compared::Added(_) | Compared::Ended(_) => Ok(()),
    }
}

/// Refuses to copy a database of which nobody could restore the copy: this program would not use it either. `name` is its name in messages.
fn assert_ours(conn: &mut Conn, name: &str) -> Result<(), BackupError> {
    let any_of_ours = StoreOptions { migrate: true, ..StoreOptions::default() };
    migrations::look(conn, &any_of_ours).map_err(|error| match error {
        StoreError::Empty { .. } | StoreError::Foreign { .. } | StoreError::VersionsLost | StoreError::OtherSchema { .. } => {
            BackupError::Foreign(error.at(name))
        }
        StoreError::SchemaBefore { .. } | StoreError::SchemaAhead { .. } => BackupError::Foreign(error),
        other => BackupError::Store(other),
    })
}

/// Refuses a backup with versions of the schema that this program does not know.
fn assert_known(ran: &[String]) -> Result<(), BackupError> {
    assert_not_earlier(ran)?;
    match migrations::compared(ran) {
        Compared::Added(version) | Compared::Ended(version) => Err(BackupError::Newer(version)),
        Compared::Known | Compared::Earlier(_) => Ok(()),
    }
}

/// What to do if the place to restore into is not empty.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occupied {
    /// Restore nothing.
    Refuse,
    /// Keep the existing database under another name, which the caller gets.
    PutAside,
}

/// A complete copy without its final name. It is removed when dropped.
#[derive(Debug)]
pub struct BackupDraft {
    draft: files::Draft,
    to: PathBuf,
    is_sqlite: bool,
}

/// The ends of the names that belong to a SQLite database: SQLite's own, and those of the program.
///
/// Source: SQLite, "Temporary Files Used By SQLite", section 2.
const OWN_ENDS: [&str; 10] = [
    "-wal",
    "-shm",
    "-journal",
    "-damaged",
    "-write-attempt",
    "-clock-jumped",
    "-writer",
    "-import",
    ".documents",
    ".master-key",
];

/// Copies a database as it is at one moment.
///
/// # Errors
/// `BackupError`; the copy is then removed.
pub fn back_up(url: &DatabaseUrl, to: &Path) -> Result<BackupDraft, BackupError> {
    if to.try_exists().map_err(files::cannot("look for", to))? {
        return Err(BackupError::Exists(to.to_owned()));
    }
    if let DatabaseUrl::Sqlite(path) = url {
        let real = path.canonicalize().unwrap_or_else(|_| path.clone());
        let is_own = |end: &&str| [path, &real].iter().any(|path| files::is_same_name(&with_suffix(path, end), to));
        if OWN_ENDS.iter().any(is_own) {
            return Err(BackupError::Taken(to.to_owned()));
        }
    }
    let draft = files::Draft::beside(to)?;
    match url {
        DatabaseUrl::Sqlite(path) => sqlite::copy(path, draft.path())?,
        DatabaseUrl::Postgres(url) => postgres::dump(url, draft.path())?,
    }
    Ok(BackupDraft { draft, to: to.to_owned(), is_sqlite: matches!(url, DatabaseUrl::Sqlite(_)) })
}

impl BackupDraft {
    /// Reads the copy to its end, with SQLite's own check or PostgreSQL's reader of dumps. Returns the copy's address if it is a database
    /// itself.
    pub fn check(&self) -> Result<Option<DatabaseUrl>, BackupError> {
        if self.is_sqlite {
            sqlite::check(self.draft.path(), &self.to)?;
            return Ok(Some(DatabaseUrl::Sqlite(self.draft.path().to_owned())));
        }
        postgres::check(self.draft.path(), &self.to).map(|()| None)
    }

    /// Gives the copy its final name, and returns its size in bytes.
    ///
    /// # Errors
    /// `BackupError::Exists` if another backup was faster.
    pub fn publish(self) -> Result<u64, BackupError> {
        if self.is_sqlite {
            sqlite::settle(self.draft.path())?;
        }
        let sum = checksum::written(self.draft.path(), &self.to)?;
        let size = self.draft.publish(&self.to)?;
        // Only now. Of two backups to one name, the one that got the name writes the checksum.
        checksum::publish(sum, &self.to)?;
        Ok(size)
    }
}

/// A restored database that has not taken effect. Dropping it undoes the restore.
#[derive(Debug)]
pub struct Restored {
    place: Place,
    has_checksum: bool,
    beginnings: identity::Beginnings,
}

#[derive(Debug)]
enum Place {
    Sqlite { draft: files::Draft, to: PathBuf },
    Postgres(postgres::Filled),
}

/// Restores a backup, also one whose checksum is missing: see [`Restored::has_checksum`].
///
/// # Errors
/// `BackupError`; the place is then as it was before.
pub fn restore(url: &DatabaseUrl, from: &Path, occupied: Occupied) -> Result<Restored, BackupError> {
    let (place, has_checksum, beginnings) = match url {
        DatabaseUrl::Sqlite(to) => {
            sqlite::assert_free(to, occupied)?;
            // A database that cannot be read may be the reason to replace it.
            let replaced = sqlite::first_entry(to).ok().flatten();
            let draft = files::Draft::beside(to)?;
            let has_checksum = checksum::is_compared(from, &draft.fill_from(from)?)?;
            sqlite::check(draft.path(), from)?;
            let brought = sqlite::first_entry(draft.path())?;
            (Place::Sqlite { draft, to: to.clone() }, has_checksum, identity::Beginnings { brought, replaced })
        }
        DatabaseUrl::Postgres(url) => {
            // `pg_restore` then reads the file itself.
            let has_checksum = checksum::check_bytes(from)?.is_some();
            let (filled, beginnings) = postgres::fill(url, from, occupied)?;
            (Place::Postgres(filled), has_checksum, beginnings)
        }
    };
    Ok(Restored { place, has_checksum, beginnings })
}

impl Restored {
    /// Returns whether its bytes were compared with a checksum.
    #[must_use]
    pub fn has_checksum(&self) -> bool {
        self.has_checksum
    }

    /// Says that it replaces another registry, and names both; `None` if it replaces none, an earlier or later state of itself, or a database
    /// that cannot be read.
    #[must_use]
    pub fn other_registry(&self) -> Option<String> {
        self.beginnings.difference()
    }

    /// Returns its address until `keep` is called.
    #[must_use]
    pub fn url(&self) -> DatabaseUrl {
        match &self.place {
            Place::Sqlite { draft, .. } => DatabaseUrl::Sqlite(draft.path().to_owned()),
            Place::Postgres(filled) => DatabaseUrl::Postgres(filled.url().to_owned()),
        }
    }

    /// Makes the restored database take effect. Returns where the earlier database is now; `None` if there was none.
    pub fn keep(self) -> Result<Option<String>, BackupError> {
        match self.place {
            Place::Sqlite { draft, to } => {
                sqlite::settle(draft.path())?;
                let aside = sqlite::put_aside(&to)?;
                damage::forget(&to);
                draft.publish(&to).map_err(|error| match error {
                    BackupError::Exists(path) => BackupError::NotEmpty(path.display().to_string()),
                    other => other,
                })?;
                Ok(aside.map(|path| path.display().to_string()))
            }
            Place::Postgres(filled) => Ok(filled.keep()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_backups_to_one_name_the_later_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let (to, sum) = (folder.path().join("kept.backup"), folder.path().join("kept.backup.sha256"));
        let late = BackupDraft { draft: files::Draft::beside(&to).unwrap(), to: to.clone(), is_sqlite: false };
        std::fs::write(&to, "theirs").unwrap();
        std::fs::write(&sum, "their sum").unwrap();

        let refused = late.publish();

        assert!(matches!(&refused, Err(BackupError::Exists(path)) if *path == to), "{refused:?}");
        assert_eq!([&to, &sum].map(|path| std::fs::read_to_string(path).unwrap()), ["theirs", "their sum"]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no draft is left");
    }

    #[test]
    fn a_backup_takes_the_checksum_of_one_that_was_removed() {
        let folder = tempfile::tempdir().unwrap();
        let to = folder.path().join("kept.backup");
        std::fs::write(folder.path().join("kept.backup.sha256"), "an old sum").unwrap();
        let draft = BackupDraft { draft: files::Draft::beside(&to).unwrap(), to: to.clone(), is_sqlite: false };

        draft.publish().unwrap();

        assert!(check_backup(&to).unwrap().is_some());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 2, "no draft is left");
    }
}
