//! What can go wrong in the store.

use std::time::Duration;

use super::backend::Target;

/// Why the store could not do what was asked. `Display` never prints its source.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The SQLite file does not exist and was not to be created.
    #[error("there is no database file {path}; `vasp-registry migrate --database sqlite://{path}` makes one")]
    NoSuchFile {
        /// Path as given.
        path: String,
    },
    /// No connection.
    #[error("cannot connect to {target}: {reason}")]
    Connect {
        /// The database, without any password.
        target: String,
        /// The library's words.
        reason: String,
    },
    /// No connection became free, or the database is away.
    #[error("no database connection is to be had: {0}")]
    Pool(String),
    /// A setting that could lose acknowledged data.
    #[error("the database would not keep what it acknowledges: {setting} is `{found}`, it must be {wanted}")]
    NotDurable {
        /// Name of the setting.
        setting: &'static str,
        /// Its value.
        found: String,
        /// What it must be.
        wanted: &'static str,
    },
    /// The schema is older than this program.
    #[error("the database schema is behind this program: run `vasp-registry migrate` (or start with --migrate)")]
    SchemaBehind,
    /// A migration failed.
    #[error("the database schema could not be brought up to date: {0}")]
    Migrate(String),
    /// Another process held the write lock for too long.
    #[error("waited {waited_secs} s for the write lock of the database: {holder}")]
    Locked {
        /// How long.
        waited_secs: u64,
        /// Who holds it, as far as known.
        holder: String,
    },
    /// A row changed between reading and writing it.
    #[error("a row of {table} changed under this write; nothing was written, try again")]
    Stale {
        /// Table.
        table: &'static str,
    },
    /// A stored value cannot be what the program wrote.
    #[error("row {id} of {table} holds an impossible {column}")]
    Inconsistent {
        /// Table.
        table: &'static str,
        /// Column.
        column: &'static str,
        /// Which row.
        id: String,
    },
    /// A change could not be sealed.
    #[error("a change could not be sealed")]
    Seal(#[source] crate::domain::change::SealError),
    /// A statement failed.
    #[error("a statement on {table} failed")]
    Query {
        /// Table.
        table: &'static str,
        /// The database's words.
        #[source]
        source: diesel::result::Error,
    },
}

impl StoreError {
    /// Tells whether the same may succeed later: the database is away or busy.
    #[must_use]
    pub fn is_unavailable(&self) -> bool {
        matches!(self, Self::Pool(_) | Self::Connect { .. } | Self::Locked { .. })
    }

    pub(super) fn pool(error: diesel::r2d2::PoolError) -> Self {
        Self::Pool(error.to_string())
    }

    /// Makes the mapper of a statement's errors for a table.
    pub(super) fn on(table: &'static str) -> impl Fn(diesel::result::Error) -> Self {
        move |source| Self::Query { table, source }
    }

    pub(super) fn inconsistent(table: &'static str, column: &'static str, id: impl ToString) -> Self {
        Self::Inconsistent { table, column, id: id.to_string() }
    }

    /// Names the holder where this is SQLite's "database is locked".
    pub(super) fn or_locked(self, target: &Target, waited: Duration) -> Self {
        match &self {
            Self::Query { source, .. } if source.to_string().contains("locked") => Self::Locked {
                waited_secs: waited.as_secs(),
                holder: target.sqlite_path().map_or_else(String::new, super::writer_note::holder),
            },
            _ => self,
        }
    }
}
