//! The settings under which a database keeps what it acknowledges. Each new connection checks them, because a server may restart with others.

use std::sync::LazyLock;

use super::edge::*;
use diesel::sql_types::Text;

use super::backend::Target;
use super::claim_scan::rusqlite_error;
use super::own_schema::{own_keys, own_tables, own_unique_indexes, strange};
use super::{Conn, StoreError};

const NONE: &str = "none";

/// What others changed on the registry's tables of a PostgreSQL database.
static OTHERS_MADE: LazyLock<String> = LazyLock::new(|| {
    let tables: Vec<String> = own_tables().map(|(name, constraints)| format!("('{name}', {constraints})")).collect();
    let indexes: Vec<String> = own_unique_indexes().map(|(name, partial)| format!("('{name}', {partial})")).collect();
    let keys: Vec<String> = own_keys().map(|(table, columns)| format!("('{table}', '{columns}')")).collect();
    let values = [("{tables}", tables), ("{indexes}", indexes), ("{keys}", keys)];
    let sql = include_str!("others_made.sql").to_owned();
    values.iter().fold(sql, |sql, (place, values)| sql.replace(place, &values.join(", ")))
});

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

fn setting(conn: &mut Conn, sql: &str) -> Result<String, StoreError> {
    let row: Setting = diesel::sql_query(sql).get_result(conn).map_err(StoreError::on("settings"))?;
    Ok(row.value)
}

/// Returns in words what others changed on the tables of a PostgreSQL database; `None` if nothing.
pub(super) fn made_by_others(conn: &mut Conn) -> Result<Option<String>, StoreError> {
    match conn {
        Conn::Sqlite(_) => Ok(None),
        Conn::Postgres(_) => Ok(Some(setting(conn, &OTHERS_MADE)?).filter(|made| made != NONE)),
    }
}

/// The tables of a PostgreSQL database that every role may use, at most three.
const GRANTED_TO_ALL: &str = "SELECT COALESCE(string_agg(name, ', '), '') AS value FROM (SELECT DISTINCT c.relname AS name \
     FROM pg_class c, aclexplode(c.relacl) granted WHERE c.relnamespace = current_schema()::regnamespace AND granted.grantee = 0 \
     ORDER BY 1 LIMIT 3) found";

impl Conn {
    /// Returns tables that every role of PostgreSQL may use, at most three; `None` if there are none.
    pub fn granted_to_all(&mut self) -> Result<Option<String>, StoreError> {
        match self {
            Self::Sqlite(_) => Ok(None),
            Self::Postgres(_) => Ok(Some(setting(self, GRANTED_TO_ALL)?).filter(|tables| !tables.is_empty())),
        }
    }
}

/// Refuses a database on whose tables others changed what may undo or falsify what is written.
pub(super) fn assert_nothing_of_others(target: &Target, conn: &mut Conn) -> Result<(), StoreError> {
    let setting = "what others changed on its tables";
    let found = match target.open_rows().transpose()? {
        Some(file) => strange(&file).map_err(|error| rusqlite_error("the schema", &error))?,
        None => made_by_others(conn)?,
    };
    found.map_or(Ok(()), |found| Err(StoreError::NotDurable { setting, found, wanted: NONE }))
}

/// Refuses settings under which an acknowledged write could be lost.
pub(super) fn assert_durable(conn: &mut Conn) -> Result<(), StoreError> {
    let wanted: &[(&'static str, &str, &[&str], &'static str)] = match conn {
        Conn::Sqlite(_) => &[
            ("journal_mode", "SELECT journal_mode AS value FROM pragma_journal_mode", &["wal"], "wal"),
            ("foreign_keys", "SELECT CAST(foreign_keys AS TEXT) AS value FROM pragma_foreign_keys", &["1"], "1"),
            ("synchronous", "SELECT CAST(synchronous AS TEXT) AS value FROM pragma_synchronous", &["2", "3"], "2 (FULL)"),
        ],
        Conn::Postgres(_) => &[
            ("fsync", "SELECT current_setting('fsync') AS value", &["on"], "on"),
            ("server_encoding", "SELECT current_setting('server_encoding') AS value", &["UTF8"], "UTF8"),
            // Another role switches references off.
            (
                "session_replication_role",
                "SELECT current_setting('session_replication_role') AS value",
                &["origin", "local"],
                "origin",
            ),
            ("full_page_writes", "SELECT current_setting('full_page_writes') AS value", &["on"], "on"),
            // Damaged pages become empty ones without a word, or damaged rows are answered.
            ("zero_damaged_pages", "SELECT current_setting('zero_damaged_pages') AS value", &["off"], "off"),
            ("ignore_checksum_failure", "SELECT current_setting('ignore_checksum_failure') AS value", &["off"], "off"),
            (
                "synchronous_commit",
                "SELECT current_setting('synchronous_commit') AS value",
                &["on", "local", "remote_write", "remote_apply"],
                "on",
            ),
        ],
    };
    for (name, sql, good, must) in wanted {
        let found = setting(conn, sql)?;
        if !good.contains(&found.as_str()) {
            return Err(StoreError::NotDurable { setting: name, found, wanted: must });
        }
    }
    Ok(())
}
