//! The errors of the store. Errors that an operator or time can fix are kept apart from defects. The database's messages tell them apart,
//! because Diesel keeps neither SQLite's codes nor PostgreSQL's for these.

use std::sync::Arc;
use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error};
use serde::de::DeserializeOwned;

use super::backend::Target;
use vasp_clock::ClockFault;

/// The message of the database or its library.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why the store could not do what it was asked to do. `Display` never prints its source.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The SQLite file does not exist and may not be created.
    #[error("there is no database file {path}: put it back or `restore` a backup; `--create` creates a new, empty registry")]
    NoSuchFile {
        /// Path as given.
        path: String,
    },
    /// The database has no schema and may not get one.
    #[error(
        "the database {target} is empty: give the right database or `restore` a backup; `--create` creates a new registry in it"
    )]
    Empty {
        /// The database, without any password.
        target: String,
    },
    /// The database is not a registry's.
    #[error("the database {target} is not a registry's: it has tables of another program, and nothing in it was changed")]
    Foreign {
        /// The database, without any password.
        target: String,
    },
    /// The database is a registry's, but the table of its versions is empty or gone.
    #[error(
        "the database has the tables of a registry, but `__diesel_schema_migrations` does not say of which version: stop every process that uses it, and `restore --replace` a backup"
    )]
    VersionsLost,
    /// The connection failed.
    #[error("cannot connect to {target}: {reason}")]
    Connect {
        /// The database, without any password.
        target: String,
        /// The library's message.
        reason: String,
    },
    /// No connection became free, or the database is not reachable.
    #[error("no database connection is available: {0}")]
    Pool(String),
    /// The address given as a replica is the database of another registry.
    #[error("{target} is not a replica of this database: its log starts with another change")]
    NotAReplica {
        /// The database, without any password.
        target: String,
    },
    /// With this setting the database could lose acknowledged data.
    #[error("the database could lose or falsify confirmed changes: {setting} is `{found}`, it must be {wanted}")]
    NotDurable {
        /// Name of the setting.
        setting: &'static str,
        /// Its present value.
        found: String,
        /// The required value.
        wanted: &'static str,
    },
    /// The tables are not in the first schema of the search path.
    #[error(
        "the registry's tables are in the schema {schema}, but search_path begins with another one: begin it with {schema}, or leave {schema} out to create another registry"
    )]
    OtherSchema {
        /// The schema of the tables.
        schema: String,
    },
    /// The schema is older than this program.
    #[error("the database schema is older than this program: run `vasp-registry migrate` (or start with --migrate)")]
    SchemaBehind,
    /// An earlier program made the database, and its schema cannot be migrated to this program's.
    #[error(
        "an earlier version of this program created this database (migration {version}), and this version cannot upgrade it: use that version, or start with an empty database"
    )]
    SchemaBefore {
        /// A migration of the earlier program.
        version: String,
    },
    /// A newer program changed the schema, so that this program must not use it.
    #[error(
        "a newer version of this program changed the database schema (migration {version}), and this version must not use it: run the newer version"
    )]
    SchemaAhead {
        /// The first migration that removes or changes something that this program relies on.
        version: String,
    },
    /// A migration failed.
    #[error("the database schema could not be upgraded: {0}")]
    Migrate(String),
    /// Another process held the write lock for too long.
    #[error("waited {waited_secs} s for the write lock of the database: {holder}")]
    Locked {
        /// How long the store waited, in seconds.
        waited_secs: u64,
        /// The process that holds it, as far as known.
        holder: String,
    },
    /// Another transaction held a row for too long, or two transactions waited for each other.
    #[error("other writers locked {table} for too long")]
    Busy {
        /// Table.
        table: &'static str,
        /// The database's message.
        #[source]
        source: Cause,
    },
    /// The disk is full.
    #[error("the disk of the database is full: free some space and try again; nothing of this write was stored")]
    DiskFull(#[source] Cause),
    /// The disk refuses to read or write.
    #[error("the disk of the database failed: it may be over a quota or broken; nothing of this write was stored")]
    Disk(#[source] Cause),
    /// The data on the disk is not what the database wrote there.
    #[error("the database is damaged: stop every process that uses it and `restore` a backup")]
    Damaged(#[source] Cause),
    /// The folder of documents refuses to read or write.
    #[error("the folder of documents cannot be read or written; nothing of this write was stored")]
    Files(#[source] std::io::Error),
    /// The database can be read but not written.
    #[error("the database is read-only for this process: its file, folder, disk or server does not allow writes")]
    ReadOnly(#[source] Cause),
    /// The server is a standby that follows a primary.
    #[error("the database is a standby, which can only be read: connect the node to the primary")]
    Standby,
    /// The time of day must not date what is written.
    #[error("{0}: the server writes nothing until the clock is right or it is started with --accept-clock")]
    Clock(ClockFault),
    /// The SQLite file was removed or replaced.
    #[error("the database file {path} {what}")]
    Exchanged {
        /// Path as given.
        path: String,
        /// What has become of the file.
        what: &'static str,
    },
    /// The SQLite file has, or is open under, another name, which has another log.
    #[error(
        "the database file {path} {what}; SQLite keeps one log for each name: use one name, and mount the folder, not the file"
    )]
    OtherName {
        /// Path as given.
        path: String,
        /// How it comes to have another name.
        what: &'static str,
    },
    /// The connection ended during a statement.
    #[error("the connection to the database was lost")]
    Away(#[source] Cause),
    /// The connection ended during a commit.
    #[error("the connection to the database was lost during a commit; it is unknown whether the change was stored")]
    Undecided(#[source] Cause),
    /// The disk failed during a commit. What was written may be complete there, and count after the next start.
    #[error("the disk of the database failed during a commit; it is unknown whether the change was stored")]
    DiskUndecided(#[source] Cause),
    /// Collected pre-checks could not be committed. All their callers get the same error.
    #[error("pre-checks could not be recorded")]
    Unrecorded(#[source] Arc<StoreError>),
    /// A row changed between reading and writing it.
    #[error("a row of {table} changed under this write; nothing was written, try again")]
    Stale {
        /// Table.
        table: &'static str,
    },
    /// The program cannot have written this stored value. The source says why and, if known, in which row.
    #[error("a row of {table} has an impossible value")]
    Impossible {
        /// Table.
        table: &'static str,
        /// What is wrong with it.
        #[source]
        source: Cause,
    },
    /// A change could not be sealed.
    #[error("a change could not be sealed")]
    Seal(#[source] vasp_log::audit::SealError),
    /// A statement failed.
    #[error("a statement on {table} failed")]
    Query {
        /// Table.
        table: &'static str,
        /// The database's message.
        #[source]
        source: diesel::result::Error,
    },
}

/// Builds the error about a table, or about the whole database.
type Variant = fn(&'static str, Cause) -> StoreError;

/// Maps the databases' messages to errors.
///
/// Source: SQLite, `sqlite3ErrStr` in main.c; PostgreSQL 15, messages of fd.c, md.c, bufmgr.c, detoast.c, xact.c, postgres.c and deadlock.c. A
/// PostgreSQL server that speaks another language than English is understood only as far as diesel tells kinds apart.
const WORDS: &[(&str, Variant)] = &[
    ("database or disk is full", |_, source| StoreError::DiskFull(source)),
    ("No space left on device", |_, source| StoreError::DiskFull(source)),
    ("Disk quota exceeded", |_, source| StoreError::DiskFull(source)),
    ("database disk image is malformed", |_, source| StoreError::met_damage(source)),
    ("file is not a database", |_, source| StoreError::met_damage(source)),
    ("malformed database schema", |_, source| StoreError::met_damage(source)),
    ("invalid page in block", |_, source| StoreError::Damaged(source)),
    ("could not read block", |_, source| StoreError::Damaged(source)),
    ("missing chunk number", |_, source| StoreError::Damaged(source)),
    ("disk I/O error", |_, source| StoreError::Disk(source)),
    ("attempt to write a readonly database", |_, source| StoreError::ReadOnly(source)),
    ("read-only transaction", |_, source| StoreError::ReadOnly(source)),
    ("database is locked", |table, source| StoreError::Busy { table, source }),
    ("lock timeout", |table, source| StoreError::Busy { table, source }),
    ("deadlock detected", |table, source| StoreError::Busy { table, source }),
    ("terminating connection", |_, source| StoreError::Away(source)),
    ("the database system is", |_, source| StoreError::Away(source)),
];

impl StoreError {
    /// Tells whether the same operation may succeed later, without a change to the request or to this program. The database is then not
    /// reachable, busy, full or not writable.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        match self {
            Self::Pool(_)
            | Self::Connect { .. }
            | Self::Locked { .. }
            | Self::Busy { .. }
            | Self::DiskFull(_)
            | Self::Disk(_)
            | Self::Damaged(_)
            | Self::Files(_)
            | Self::ReadOnly(_)
            | Self::Standby
            | Self::NotDurable { .. }
            | Self::Clock(_)
            | Self::Exchanged { .. }
            | Self::Away(_)
            | Self::Undecided(_)
            | Self::DiskUndecided(_)
            | Self::Unrecorded(_) => true,
            Self::NoSuchFile { .. }
            | Self::Empty { .. }
            | Self::Foreign { .. }
            | Self::NotAReplica { .. }
            | Self::VersionsLost
            | Self::OtherName { .. }
            | Self::OtherSchema { .. }
            | Self::SchemaBehind
            | Self::SchemaBefore { .. }
            | Self::SchemaAhead { .. }
            | Self::Migrate(_)
            | Self::Stale { .. }
            | Self::Impossible { .. }
            | Self::Seal(_)
            | Self::Query { .. } => false,
        }
    }

    /// Returns one word that says why a write was refused, for a metric; `None` if no operator can fix the cause.
    #[must_use]
    pub fn refusal(&self) -> Option<&'static str> {
        match self {
            Self::DiskFull(_) => Some("disk_full"),
            Self::Disk(_) | Self::DiskUndecided(_) | Self::Files(_) => Some("disk_failed"),
            Self::Damaged(_) => Some("data_damaged"),
            Self::ReadOnly(_) => Some("read_only"),
            Self::Standby => Some("standby"),
            Self::NotDurable { .. } => Some("not_durable"),
            Self::Clock(fault) => Some(fault.cause()),
            Self::Exchanged { .. } => Some("exchanged"),
            Self::Locked { .. } | Self::Busy { .. } => Some("locked"),
            Self::Pool(_) | Self::Connect { .. } | Self::Away(_) | Self::Undecided(_) => Some("out_of_touch"),
            Self::Unrecorded(error) => error.refusal(),
            _ => None,
        }
    }

    /// Tells whether the write may have been kept although it failed.
    #[must_use]
    pub fn is_undecided(&self) -> bool {
        match self {
            Self::Undecided(_) | Self::DiskUndecided(_) => true,
            Self::Unrecorded(error) => error.is_undecided(),
            _ => false,
        }
    }

    /// Adds the name of the database to the error that it is empty or not a registry's.
    pub(super) fn at(self, target: impl std::fmt::Display) -> Self {
        match self {
            Self::Empty { .. } => Self::Empty { target: target.to_string() },
            Self::Foreign { .. } => Self::Foreign { target: target.to_string() },
            other => other,
        }
    }

    pub(super) fn pool(error: diesel::r2d2::PoolError) -> Self {
        Self::Pool(error.to_string())
    }

    /// Returns the mapper of a statement's errors for a table.
    pub(super) fn on(table: &'static str) -> impl Fn(Error) -> Self {
        move |source| match source {
            Error::DatabaseError(DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand, _) => {
                Self::Away(source.into())
            }
            Error::DatabaseError(DatabaseErrorKind::SerializationFailure, _) => Self::Busy { table, source: source.into() },
            Error::DatabaseError(DatabaseErrorKind::ReadOnlyTransaction, _) => Self::ReadOnly(source.into()),
            Error::DeserializationError(source) => Self::impossible(table, source),
            source => match Self::by_words(&source.to_string()) {
                Some(variant) => variant(table, source.into()),
                None => Self::Query { table, source },
            },
        }
    }

    /// Returns the error for a message that a library passes on as text; `otherwise` if the message is unknown.
    pub(super) fn said(words: String, otherwise: impl FnOnce(String) -> Self) -> Self {
        match Self::by_words(&words) {
            Some(variant) => variant("the database", words.into()),
            None => otherwise(words),
        }
    }

    fn by_words(said: &str) -> Option<Variant> {
        WORDS.iter().find(|(words, _)| said.contains(words)).map(|(_, variant)| *variant)
    }

    /// Returns the error that SQLite's file is damaged, and keeps it for the store whose statement met it.
    fn met_damage(source: Cause) -> Self {
        super::damage::meet(&source.to_string());
        Self::Damaged(source)
    }

    /// Returns the error that the program cannot have written a stored value, and why.
    #[must_use]
    pub fn impossible(table: &'static str, why: impl Into<Cause>) -> Self {
        Self::Impossible { table, source: why.into() }
    }

    /// Returns the error that the program cannot have written a value of a row.
    #[must_use]
    pub fn impossible_column(table: &'static str, column: &'static str, id: impl std::fmt::Display) -> Self {
        Self::impossible(table, format!("row {id} has an impossible {column}"))
    }

    /// Parses a JSON payload whose type the store does not know.
    pub fn read_json<T: DeserializeOwned>(table: &'static str, text: &str) -> Result<T, Self> {
        serde_json::from_str(text).map_err(|error| Self::impossible(table, error))
    }

    /// Returns the error that a required row is missing.
    #[must_use]
    pub fn missing(table: &'static str) -> Self {
        Self::impossible(table, "a required row is missing")
    }

    /// Adds the holder of a lock to the error that a wait for the lock was in vain.
    pub(super) fn or_locked(self, target: &Target, waited: Duration) -> Self {
        match self {
            Self::Busy { .. } => Self::Locked {
                waited_secs: waited.as_secs(),
                holder: match target.sqlite_path() {
                    Some(path) => super::writer_note::holder(path),
                    None => "another writer to the same database holds it".to_owned(),
                },
            },
            other => other,
        }
    }
}
