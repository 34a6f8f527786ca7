//! Backups of a PostgreSQL database with its own programs. `pg_dump` copies one state while others write. `pg_restore` restores it in
//! one transaction. The earlier database is kept in a renamed schema.

use std::ffi::OsString;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Integer, Text};
use diesel::{Connection, OptionalExtension, PgConnection, QueryableByName, sql_query};

use super::super::DatabaseUrl;
use super::identity::{Beginnings, FirstEntry};
use super::postgres_tools::{assert_usable, run};
use super::{BackupError, Occupied, assert_known, assert_ours};
use crate::StoreError;
use crate::backend::Conn;
use crate::edge::Run;
use crate::migrations::RAN;

/// Prefix of the names of schemas that were put aside. Dumps leave these schemas out.
const ASIDE: &str = "replaced_";

#[derive(QueryableByName)]
struct Server {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    schema: String,
    #[diesel(sql_type = BigInt)]
    tables: i64,
    #[diesel(sql_type = BigInt)]
    others: i64,
    #[diesel(sql_type = BigInt)]
    aside: i64,
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

impl Server {
    fn major(&self) -> u32 {
        u32::try_from(self.version / 10_000).unwrap_or(0)
    }
}

fn shown(url: &str) -> String {
    DatabaseUrl::Postgres(url.to_owned()).to_string()
}

fn connect(url: &str) -> Result<PgConnection, StoreError> {
    // libpq may quote the address in its message.
    PgConnection::establish(url)
        .map_err(|_| StoreError::Connect { target: shown(url), reason: "it does not answer, or refuses the user".to_owned() })
}

fn look(conn: &mut PgConnection) -> Result<Server, StoreError> {
    let sql = "SELECT current_setting('server_version_num')::int AS version, current_schema()::text AS schema, \
               (SELECT count(*) FROM pg_class WHERE relnamespace = current_schema()::regnamespace) AS tables, \
               (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'vasp-registry') AS others, \
               (SELECT coalesce(max(substr(nspname, 10)::bigint) + 1, 0) FROM pg_namespace WHERE nspname ~ '^replaced_[0-9]{1,9}$') AS aside";
    sql_query(sql).get_result(conn).map_err(StoreError::on("pg_class"))
}

/// Writes a dump.
pub(super) fn dump(url: &str, to: &Path) -> Result<(), BackupError> {
    let mut conn = connect(url)?;
    let server = look(&mut conn)?;
    assert_usable("pg_dump", server.major())?;
    assert_ours(&mut Conn::Postgres(conn), &shown(url))?;
    let mut arguments: Vec<OsString> = ["--format=custom", "--no-owner", "--no-privileges", "--file"].map(OsString::from).into();
    arguments.push(to.into());
    arguments.push(format!("--exclude-schema={ASIDE}*").into());
    run("pg_dump", &arguments, Some(url))
}

/// Reads a dump to its end.
pub(super) fn check(dump: &Path, named: &Path) -> Result<(), BackupError> {
    let arguments: [OsString; 2] = ["--file=/dev/null".into(), dump.into()];
    run("pg_restore", &arguments, None).map_err(|error| match error {
        BackupError::Failed { words, .. } => BackupError::Damaged { path: named.to_owned(), reason: words },
        other => other,
    })
}

/// A database that was filled from a dump. Dropping it empties it and puts the earlier database back.
#[derive(Debug)]
pub(super) struct Filled {
    url: String,
    schema: String,
    aside: Option<String>,
    is_kept: bool,
}

fn first_entry(conn: &mut PgConnection) -> Result<Option<FirstEntry>, StoreError> {
    let sql = "SELECT recorded_at, encode(payload_commitment, 'hex') AS commitment FROM changes WHERE sequence = 1";
    sql_query(sql).get_result(conn).optional().map_err(StoreError::on("changes"))
}

/// Fills a database from a dump. Returns also how its log and the one that it replaces begin.
pub(super) fn fill(url: &str, from: &Path, occupied: Occupied) -> Result<(Filled, Beginnings), BackupError> {
    let mut conn = connect(url)?;
    let server = look(&mut conn)?;
    assert_usable("pg_restore", server.major())?;
    if !from.try_exists().map_err(super::files::cannot("read", from))? {
        return Err(super::files::cannot("read", from)(std::io::ErrorKind::NotFound.into()));
    }
    check(from, from)?;
    let is_empty = server.tables == 0;
    if !is_empty && occupied == Occupied::Refuse {
        return Err(BackupError::NotEmpty(shown(url)));
    }
    if !is_empty && server.others > 0 {
        return Err(BackupError::InUse(shown(url)));
    }
    // What cannot be read may be the reason to replace it.
    let replaced = if is_empty { None } else { first_entry(&mut conn).ok().flatten() };
    let mut filled = Filled { url: url.to_owned(), schema: server.schema.clone(), aside: None, is_kept: false };
    if !is_empty {
        let aside = format!("{ASIDE}{}", server.aside);
        let schema = &server.schema;
        let moved = format!("BEGIN; ALTER SCHEMA \"{schema}\" RENAME TO {aside}; CREATE SCHEMA \"{schema}\"; COMMIT");
        conn.batch_execute(&moved).map_err(StoreError::on("pg_namespace"))?;
        filled.aside = Some(aside);
    }
    let mut arguments: Vec<OsString> =
        ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"].map(OsString::from).into();
    arguments.push(from.into());
    run("pg_restore", &arguments, Some(url))?;
    assert_known(&ran(&mut conn)?)?;
    let brought = first_entry(&mut conn)?;
    Ok((filled, Beginnings { brought, replaced }))
}

fn ran(conn: &mut PgConnection) -> Result<Vec<String>, StoreError> {
    let rows: Vec<Word> = sql_query(RAN).load(conn).map_err(StoreError::on("migrations"))?;
    Ok(rows.into_iter().map(|row| row.word).collect())
}

impl Filled {
    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// Keeps the database, and returns the schema of the earlier one; `None` if there was none.
    pub(super) fn keep(mut self) -> Option<String> {
        self.is_kept = true;
        self.aside.take().map(|schema| format!("schema {schema} of {}", shown(&self.url)))
    }
}

impl Drop for Filled {
    fn drop(&mut self) {
        if self.is_kept {
            return;
        }
        let schema = &self.schema;
        let back = match &self.aside {
            Some(aside) => format!("ALTER SCHEMA {aside} RENAME TO \"{schema}\""),
            None => format!("CREATE SCHEMA \"{schema}\""),
        };
        let undo = format!("BEGIN; DROP SCHEMA \"{schema}\" CASCADE; {back}; COMMIT");
        let undone = connect(&self.url).and_then(|mut conn| conn.batch_execute(&undo).map_err(StoreError::on("pg_namespace")));
        if let Err(error) = undone {
            tracing::error!(
                error.chain = vasp_words::error_chain::error_chain(&error),
                "the restored data could not be removed again"
            );
        }
    }
}
