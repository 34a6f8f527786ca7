//! Compares the schema of a SQLite file with what the migrations make: a trigger that somebody added may undo what was acknowledged, and
//! without a key or a unique index two rows can stand where one must. `durable.rs` asks PostgreSQL the same.

use std::sync::OnceLock;

use diesel::{Connection, SqliteConnection};

use super::edge::Run;
use super::migrations::{Compared, RAN, compared, make};

/// What somebody made in a database: kind, name and statement.
const MADE: &str = "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";

#[derive(Clone, Debug, PartialEq, Eq, diesel::QueryableByName)]
#[diesel(check_for_backend(diesel::sqlite::Sqlite))]
struct Made {
    #[diesel(sql_type = diesel::sql_types::Text, column_name = "type")]
    kind: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::Text)]
    sql: String,
}

/// The keys of each table, primary and others, with their columns in order. PostgreSQL keeps `claims` in parts, by another key.
const KEYS: &str = "SELECT t.name AS table_name, (SELECT group_concat(name, ',') FROM \
     (SELECT name FROM pragma_table_info(t.name) WHERE pk > 0 ORDER BY pk)) AS columns \
     FROM sqlite_schema t WHERE t.type = 'table' AND t.name <> 'claims' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' \
     UNION ALL SELECT t.name, (SELECT group_concat(name, ',') FROM \
     (SELECT name FROM pragma_index_info(i.name) ORDER BY seqno)) FROM sqlite_schema t, pragma_index_list(t.name) i \
     WHERE t.type = 'table' AND i.origin = 'u'";

/// A key of a table.
#[derive(diesel::QueryableByName)]
#[diesel(check_for_backend(diesel::sqlite::Sqlite))]
struct Key {
    /// The table.
    #[diesel(sql_type = diesel::sql_types::Text)]
    table_name: String,
    /// Its columns, separated by commas.
    #[diesel(sql_type = diesel::sql_types::Text)]
    columns: String,
}

/// What the migrations make.
#[derive(Default)]
struct Own {
    made: Vec<Made>,
    keys: Vec<Key>,
}

/// Returns what the migrations make; nothing if they cannot run in memory.
fn all_own() -> &'static Own {
    static OWN: OnceLock<Own> = OnceLock::new();
    OWN.get_or_init(|| {
        let own = SqliteConnection::establish(":memory:").ok().and_then(|mut conn| {
            make(&mut conn).ok()?;
            let made = diesel::sql_query(MADE).load(&mut conn).ok()?;
            Some(Own { made, keys: diesel::sql_query(KEYS).load(&mut conn).ok()? })
        });
        own.unwrap_or_default()
    })
}

/// Begins to find out what the migrations make, which takes some 20 ms, beside what the caller does until it needs it.
pub(super) fn prepare() {
    // Without a thread, who needs it waits for it.
    drop(std::thread::Builder::new().name("own-schema".to_owned()).spawn(all_own));
}

fn own() -> &'static [Made] {
    &all_own().made
}

/// Returns the keys that the migrations make, on either database: the table and its columns, separated by commas.
pub(super) fn own_keys() -> impl Iterator<Item = (&'static str, &'static str)> {
    all_own().keys.iter().map(|key| (key.table_name.as_str(), key.columns.as_str()))
}

/// Returns how often each of some words is in a statement, in upper case as the migrations write it.
fn count_of(sql: &str, words: &[&str]) -> usize {
    words.iter().map(|word| sql.matches(word).count()).sum()
}

/// Returns the tables that the migrations make, on either database, each with how many keys, references and checks it has.
pub(super) fn own_tables() -> impl Iterator<Item = (&'static str, usize)> {
    let constraints = |sql: &str| count_of(sql, &["PRIMARY KEY", "UNIQUE", "REFERENCES", "CHECK"]);
    own().iter().filter(|made| made.kind == "table").map(move |made| (made.name.as_str(), constraints(&made.sql)))
}

/// Returns the first of the words of constraints that a table of the file has less often than the migrations gave it: somebody rebuilt the
/// table without them.
fn lost_constraint(own: &Made, found: &Made) -> Option<&'static str> {
    let written = found.sql.to_uppercase();
    let fewer = |word: &&str| count_of(&written, &[word]) < count_of(&own.sql.to_uppercase(), &[word]);
    ["PRIMARY KEY", "UNIQUE", "REFERENCES", "CHECK", "NOT NULL"].into_iter().find(fewer)
}

/// Returns the names of the unique indexes that the migrations make, on either database, each with whether it leaves rows out.
pub(super) fn own_unique_indexes() -> impl Iterator<Item = (&'static str, bool)> {
    let unique = own().iter().filter(|made| made.sql.starts_with("CREATE UNIQUE INDEX"));
    unique.map(|made| (made.name.as_str(), made.sql.contains("WHERE")))
}

/// Returns in words which trigger of the file no migration made, which index is lacking, or which table lacks a
/// constraint; `None` if none. A table that is lacking is told
/// by the statements that fail. A newer program may have changed indexes; it makes no triggers either.
pub(super) fn strange(conn: &rusqlite::Connection) -> rusqlite::Result<Option<String>> {
    let mut rows = conn.prepare(MADE)?;
    let read = |row: &rusqlite::Row<'_>| Ok(Made { kind: row.get(0)?, name: row.get(1)?, sql: row.get(2)? });
    let found: Vec<Made> = rows.query_map([], read)?.collect::<Result<_, _>>()?;
    if let Some(Made { name, .. }) = found.iter().find(|made| made.kind == "trigger" && !own().contains(made)) {
        return Ok(Some(format!(
            "the trigger {name} is not the registry's and may undo what is written: remove it by DROP TRIGGER"
        )));
    }
    let ran: Vec<String> = conn.prepare(RAN)?.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    if compared(&ran) != Compared::Known {
        return Ok(None);
    }
    if let Some(Made { name, .. }) = own().iter().find(|made| made.kind == "index" && !found.contains(made)) {
        return Ok(Some(format!("the index {name} is not as the registry made it")));
    }
    let rebuilt = own().iter().filter(|made| made.kind == "table").find_map(|own| {
        let found = found.iter().find(|made| made.kind == "table" && made.name == own.name)?;
        Some((&own.name, lost_constraint(own, found)?))
    });
    Ok(rebuilt.map(|(name, lost)| format!("the table {name} lacks a {lost} that the registry made: somebody rebuilt it")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_is_the_registrys_until_somebody_changes_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("registry.db");
        make(&mut SqliteConnection::establish(path.to_str().unwrap()).unwrap()).unwrap();
        let conn = rusqlite::Connection::open(&path).unwrap();
        let after = |sql: &str| {
            conn.execute_batch(sql).unwrap();
            strange(&conn).unwrap().unwrap_or_default()
        };
        assert_eq!(after(""), "");
        assert_eq!(after("ANALYZE; CREATE TABLE of_a_report (id INTEGER); CREATE INDEX also ON facts (source)"), "");

        let deletes = "CREATE TRIGGER quiet AFTER INSERT ON facts BEGIN DELETE FROM facts WHERE number = new.number; END";
        assert!(after(deletes).starts_with("the trigger quiet is not the registry's"));
        assert_eq!(after("DROP TRIGGER quiet"), "");
        // A table rebuilt without its constraints, as a program with windows does.
        let index = own().iter().find(|made| made.name == "report_links_by_organisation").unwrap();
        let rebuilt = "SAVEPOINT s; DROP TABLE report_links; CREATE TABLE \"report_links\" (secret_sha256 blob primary key, \
                       organisation text, precheck text, created_by text, created_with text, expires_at bigint)";
        assert!(after(&format!("{rebuilt}; {}", index.sql)).starts_with("the table report_links lacks a REFERENCES"));
        assert_eq!(after("ROLLBACK TO s; RELEASE s"), "");
        assert_eq!(after("ALTER TABLE users ADD COLUMN also TEXT"), "");
        assert_eq!(after("DROP INDEX case_triggers_by_kind"), "the index case_triggers_by_kind is not as the registry made it");
        assert_eq!(
            after("INSERT INTO __diesel_schema_migrations (version) VALUES ('20990101000001')"),
            "",
            "a newer program did it"
        );
        assert!(after(deletes).starts_with("the trigger quiet is not the registry's"));
    }
}
