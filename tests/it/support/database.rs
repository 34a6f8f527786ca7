//! A fresh database for each test: an SQLite file always, and a database of the PostgreSQL server that `TEST_DATABASE_URL`
//! names, if it names one. Each goes when it is dropped.

use std::any::Any;
use std::path::Path;

use diesel::connection::SimpleConnection;
use diesel::pg::Pg;
use diesel::sql_types::BigInt;
use diesel::sqlite::Sqlite;
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, SqliteConnection, sql_query};
use tempfile::TempDir;
use vasp_clock::Random;
use vasp_registry::config::DatabaseUrl;
pub(crate) use vasp_test_attributes::on_every_database;
use vasp_words::ids::ImportId;
use vasp_words::time::UtcTime;

use super::tables;
use super::turn::is_postgres_turn;

/// Opens an SQLite file beside the stores under test.
pub(crate) fn connect_to_file(file: &Path) -> SqliteConnection {
    let mut conn = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
    // A process that was killed, or a store that was dropped, lets go of the file a moment later.
    conn.batch_execute("PRAGMA busy_timeout = 10000").unwrap();
    conn
}

/// A database of one test.
pub(crate) struct Database {
    /// Where it is.
    pub url: DatabaseUrl,
    home: Home,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

enum Home {
    Directory { _guard: TempDir },
    Elsewhere,
    Server { admin: String, name: String },
}

impl Database {
    pub(crate) fn sqlite() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", directory.path().join("registry.db").display());
        Self { url: url.parse().unwrap(), home: Home::Directory { _guard: directory } }
    }

    /// Another fresh database of the same kind.
    pub(crate) fn beside(other: &Self) -> Self {
        match (&other.home, std::env::var("TEST_DATABASE_URL")) {
            (Home::Server { admin, .. }, _) => Self::postgres(admin.clone()),
            (_, Ok(admin)) if other.file().is_none() => Self::postgres(admin),
            _ => Self::sqlite(),
        }
    }

    /// A database in a place that the test keeps.
    pub(crate) fn at(url: DatabaseUrl) -> Self {
        Self { url, home: Home::Elsewhere }
    }

    /// Makes a database on a PostgreSQL server; `admin` is the URL of one that exists there.
    pub(crate) fn postgres(admin: String) -> Self {
        Self::postgres_with(admin, "")
    }

    /// Makes a database with options of `CREATE DATABASE`.
    pub(crate) fn postgres_with(admin: String, options: &str) -> Self {
        let name = format!("test_{}", ImportId::new(UtcTime::EPOCH, &mut *Random::from_system().unwrap().lock()));
        execute(&admin, &format!("CREATE DATABASE {name} {options}"));
        let (before, query) = admin.split_once('?').map_or((admin.as_str(), String::new()), |(b, q)| (b, format!("?{q}")));
        let (server, _) = before.rsplit_once('/').expect("TEST_DATABASE_URL ends with a database's name");
        Self { url: format!("{server}/{name}{query}").parse().unwrap(), home: Home::Server { admin, name } }
    }

    /// Writes the SQLite file with its tables, if there is no file yet. Does nothing on PostgreSQL, where opening the store makes the tables.
    pub(crate) fn with_tables(&self) {
        if let Some(file) = self.file().filter(|file| !file.exists()) {
            tables::write_private(file, tables::file());
        }
    }
}

impl Database {
    /// Keeps writers waiting until what it returns is dropped: all on SQLite, on PostgreSQL those whom a statement locks out.
    pub(crate) fn hold(&self, statement: &str) -> Box<dyn Any> {
        match &self.url {
            DatabaseUrl::Sqlite(file) => {
                let mut conn = connect_to_file(file);
                conn.batch_execute("BEGIN IMMEDIATE").unwrap();
                Box::new(conn)
            }
            DatabaseUrl::Postgres(url) => {
                let mut conn = PgConnection::establish(url).unwrap();
                conn.batch_execute(&format!("BEGIN; {statement}")).unwrap();
                Box::new(conn)
            }
        }
    }

    /// Runs statements beside the stores under test.
    #[track_caller]
    pub(crate) fn run(&self, sql: &str) {
        match &self.url {
            DatabaseUrl::Sqlite(file) => connect_to_file(file).batch_execute(sql).unwrap(),
            DatabaseUrl::Postgres(url) => PgConnection::establish(url).unwrap().batch_execute(sql).unwrap(),
        }
    }

    /// Runs a statement beside the stores under test that changes one row.
    #[track_caller]
    pub(crate) fn change_row(&self, sql: &str) {
        let done = match &self.url {
            DatabaseUrl::Sqlite(file) => sql_query(sql).execute(&mut connect_to_file(file)),
            DatabaseUrl::Postgres(url) => sql_query(sql).execute(&mut PgConnection::establish(url).unwrap()),
        };
        assert_eq!(done, Ok(1), "{sql}");
    }

    /// Asks for rows.
    #[track_caller]
    pub(crate) fn rows<T: QueryableByName<Sqlite> + QueryableByName<Pg> + Send + 'static>(&self, sql: &str) -> Vec<T> {
        match &self.url {
            DatabaseUrl::Sqlite(file) => sql_query(sql).load(&mut connect_to_file(file)),
            DatabaseUrl::Postgres(url) => sql_query(sql).load(&mut PgConnection::establish(url).unwrap()),
        }
        .unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// Asks for one number, such as `COUNT(*)`.
    #[track_caller]
    pub(crate) fn number(&self, what: &str, from: &str) -> i64 {
        self.rows::<Number>(&format!("SELECT {what} AS number FROM {from}"))[0].number
    }

    /// Returns the file, where it is one.
    pub(crate) fn file(&self) -> Option<&Path> {
        match &self.url {
            DatabaseUrl::Sqlite(path) => Some(path),
            DatabaseUrl::Postgres(_) => None,
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Home::Server { admin, name } = &self.home {
            if std::thread::panicking() && PgConnection::establish(admin).is_err() {
                return; // The test failed while it had stopped its server.
            }
            execute(admin, &format!("DROP DATABASE {name} WITH (FORCE)"));
        }
    }
}

/// Runs a test on SQLite, and on PostgreSQL where there is one and it is the test's turn. The attribute of this name calls it.
pub(crate) fn on_every_database(test: impl Fn(Database)) {
    test(Database::sqlite());
    if let Ok(admin) = std::env::var("TEST_DATABASE_URL")
        && is_postgres_turn()
    {
        test(Database::postgres(admin));
    }
}

fn execute(url: &str, statement: &str) {
    let mut connection = PgConnection::establish(url).expect("the server of TEST_DATABASE_URL answers");
    sql_query(statement).execute(&mut connection).unwrap();
}
