//! The settings under which a database keeps what it acknowledges. Each new connection checks them, because a server may restart with others.

use super::edge::*;
use diesel::sql_types::Text;

use super::own_schema::{own_tables, own_unique_indexes};
use super::{Conn, StoreError};

const NONE: &str = "none";

/// Lists in words what others changed on the registry's tables of a PostgreSQL database. A trigger may undo what is written (the migrations make
/// none), a rule does something else instead, row security hides rows, and without a key, a reference, a check or a unique index there may be rows
/// that must not be. Tables of other programs in the schema are left out; a newer program may have added constraints.
const OTHERS_MADE: &str = "WITH own (name, constraints) AS (VALUES {tables}), \
     tables AS (SELECT c.oid AS number, relname, relrowsecurity, constraints FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace \
     JOIN own ON name = relname WHERE nspname = current_schema()) SELECT COALESCE(string_agg(what, ', '), 'none') AS value FROM ( \
     SELECT 'trigger ' || tgname || ' on ' || relname FROM pg_trigger JOIN tables ON number = tgrelid WHERE NOT tgisinternal AND tgenabled <> 'D' \
     UNION ALL SELECT 'rule ' || rulename || ' on ' || relname FROM pg_rewrite JOIN tables ON number = ev_class WHERE rulename <> '_RETURN' \
     UNION ALL SELECT 'row security on ' || relname FROM tables WHERE relrowsecurity \
     UNION ALL SELECT 'a constraint taken from ' || relname FROM tables WHERE constraints > \
     (SELECT count(*) FROM pg_constraint WHERE conrelid = number AND contype IN ('p', 'u', 'f', 'c')) \
     UNION ALL SELECT 'unique index ' || name || ' taken away' FROM (VALUES {indexes}) AS wanted (name) WHERE NOT EXISTS ( \
     SELECT FROM pg_index JOIN tables ON number = indrelid JOIN pg_class i ON i.oid = indexrelid \
     WHERE i.relname = name AND indisunique AND indisvalid)) AS made (what)";

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
        Conn::Postgres(_) => {
            let tables: Vec<String> = own_tables().map(|(name, constraints)| format!("('{name}', {constraints})")).collect();
            let indexes: Vec<String> = own_unique_indexes().map(|name| format!("('{name}')")).collect();
            let sql = OTHERS_MADE.replace("{tables}", &tables.join(", ")).replace("{indexes}", &indexes.join(", "));
            Ok(Some(setting(conn, &sql)?).filter(|made| made != NONE))
        }
    }
}

/// Refuses a PostgreSQL database on whose tables others changed what may undo or falsify what is written.
pub(super) fn assert_nothing_of_others(conn: &mut Conn) -> Result<(), StoreError> {
    let setting = "what others changed on its tables";
    made_by_others(conn)?.map_or(Ok(()), |found| Err(StoreError::NotDurable { setting, found, wanted: NONE }))
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
