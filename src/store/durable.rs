//! The settings under which a database keeps what it acknowledges. Each new connection checks them, because a server may restart with others.

use super::edge::*;
use diesel::sql_types::Text;

use super::{Conn, StoreError};

#[derive(QueryableByName)]
struct Setting {
    #[diesel(sql_type = Text)]
    value: String,
}

fn setting(conn: &mut Conn, sql: &str) -> Result<String, StoreError> {
    let row: Setting = diesel::sql_query(sql).get_result(conn).map_err(StoreError::on("settings"))?;
    Ok(row.value)
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
            ("full_page_writes", "SELECT current_setting('full_page_writes') AS value", &["on"], "on"),
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
