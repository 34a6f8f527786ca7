//! The versions of the schema, compiled in, one folder for each database with the same names. Also decides which versions of this program
//! may use which schema.
//!
//! A migration either *adds* something or *ends* something. Tables, columns with a default and indexes are added: programs that do not know
//! them continue as before. A drop, a rename or a changed meaning ends something: programs that do not know it must stop. The number,
//! which is the second part of the name, says which: from `900000` on, a migration ends something. So an older program can decide about a
//! version that it does not know. A version from before this program's first is refused. Docs: `docs/nodes.md`, "Two versions side by
//! side", and `migrations/README.md`.

use super::edge::Run;
use super::{Conn, StoreError, StoreOptions};
use vasp_words::time::{Date, UtcTime};

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// The query, on either database, for the versions that were applied.
pub(super) const RAN: &str = "SELECT version AS word FROM __diesel_schema_migrations";

/// PostgreSQL's advisory lock for migrating: an arbitrary number, the same in every version.
const MIGRATION_LOCK: i64 = 0x7661_7370_6d69_6772;

/// The lowest number of a migration that ends something.
const ENDING_FROM: u32 = 900_000;

type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Why migrations were not run.
enum Halted {
    Migration(Cause),
    Transaction(diesel::result::Error),
}

impl From<diesel::result::Error> for Halted {
    fn from(error: diesel::result::Error) -> Self {
        Self::Transaction(error)
    }
}

fn failed(error: Cause) -> StoreError {
    StoreError::said(error.to_string(), StoreError::Migrate)
}

/// Brings the schema up to date. Refuses this, or a new schema, if the options do not allow it. Refuses a schema that this program must
/// not use.
pub(super) fn bring(conn: &mut Conn, options: &StoreOptions) -> Result<(), StoreError> {
    bring_by(conn, options, &|| SQLITE, &|| POSTGRES)
}

/// Does the same as [`bring`], with the given versions for each database.
fn bring_by<S: MigrationSource<Sqlite>, P: MigrationSource<Pg>>(
    conn: &mut Conn,
    options: &StoreOptions,
    sqlite: &impl Fn() -> S,
    postgres: &impl Fn() -> P,
) -> Result<(), StoreError> {
    let added = match conn {
        Conn::Sqlite(c) => {
            assess(c, sqlite())?;
            if c.has_pending_migration(sqlite()).map_err(failed)? {
                require(c, options)?;
                // In one transaction, and only what is still pending once no other process migrates the same file.
                c.immediate_transaction(|c| c.run_pending_migrations(sqlite()).map(drop).map_err(Halted::Migration)).map_err(
                    |halted| match halted {
                        Halted::Migration(error) => failed(error),
                        Halted::Transaction(error) => StoreError::on("migrations")(error),
                    },
                )?;
            }
            assess(c, sqlite())?
        }
        // Lock before the first look, too. That look creates the table of versions, which two processes cannot do at the same time. The
        // lock also waits for another process that is migrating.
        Conn::Postgres(c) => locked(c, |c| {
            assess(c, postgres())?;
            if c.has_pending_migration(postgres()).map_err(failed)? {
                require(c, options)?;
                c.run_pending_migrations(postgres()).map_err(failed)?;
            }
            assess(c, postgres())
        })?,
    };
    if let Some(version) = added {
        tracing::warn!(
            schema.version = version,
            "a newer version of this program upgraded the database; it only made additions, so this version can use it"
        );
    }
    Ok(())
}

/// Makes this program's schema in an empty SQLite database.
pub(super) fn make(conn: &mut diesel::SqliteConnection) -> Result<(), StoreError> {
    conn.run_pending_migrations(SQLITE).map(drop).map_err(failed)
}

/// Refuses a schema that this program must not use. Otherwise returns the newest version that it does not know, if any.
fn assess<DB: Backend>(
    conn: &mut impl MigrationHarness<DB>,
    known: impl MigrationSource<DB>,
) -> Result<Option<String>, StoreError> {
    let ran: Vec<String> = conn.applied_migrations().map_err(failed)?.iter().map(ToString::to_string).collect();
    match compare(&ran, &versions(known.migrations().map_err(failed)?)) {
        Compared::Known => Ok(None),
        Compared::Added(version) => Ok(Some(version)),
        Compared::Earlier(version) => Err(StoreError::SchemaBefore { version }),
        Compared::Ended(version) => Err(StoreError::SchemaAhead { version }),
    }
}

/// Runs `f` while no other process migrates. It waits for a long migration without limit.
fn locked<T>(
    conn: &mut diesel::PgConnection,
    f: impl FnOnce(&mut diesel::PgConnection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let on = StoreError::on;
    let wait = "SELECT set_config('vasp_registry.lock_timeout', current_setting('lock_timeout'), false); SET lock_timeout = 0";
    let as_before = "SELECT set_config('lock_timeout', current_setting('vasp_registry.lock_timeout'), false)";
    let lock = |verb: &str| diesel::sql_query(format!("SELECT {verb}({MIGRATION_LOCK})"));
    conn.batch_execute(wait).map_err(on("migrations"))?;
    lock("pg_advisory_lock").execute(conn).map_err(on("migrations"))?;
    conn.batch_execute(as_before).map_err(on("migrations"))?;
    let done = f(conn);
    lock("pg_advisory_unlock").execute(conn).map_err(on("migrations"))?;
    done
}

/// Refuses what the options do not allow: to create a schema in an empty database, or to change an existing one.
fn require<DB: Backend>(conn: &mut impl MigrationHarness<DB>, options: &StoreOptions) -> Result<(), StoreError> {
    match conn.applied_migrations().map_err(failed)?.is_empty() {
        true if !options.create => Err(StoreError::Empty { target: String::new() }),
        false if !options.migrate => Err(StoreError::SchemaBehind),
        _ => Ok(()),
    }
}

fn versions<DB: Backend>(migrations: Vec<Box<dyn Migration<DB>>>) -> Vec<String> {
    migrations.iter().map(|migration| migration.name().version().to_string()).collect()
}

/// Returns the versions that this program knows, which are the same for both databases.
fn known() -> Vec<String> {
    MigrationSource::<Sqlite>::migrations(&SQLITE).map(versions::<Sqlite>).unwrap_or_default()
}

/// Returns a time at which this program was not yet made: the day of its newest version of the schema. No clock that is right shows less.
#[must_use]
pub fn program_day() -> UtcTime {
    let version = schema_version();
    let part = |from: usize, to: usize| version.get(from..to).unwrap_or_default();
    let day = format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8)).parse::<Date>();
    day.map_or(UtcTime::EPOCH, Date::start)
}

/// Returns the newest version of the schema that this program knows.
#[must_use]
pub fn schema_version() -> String {
    known().into_iter().max().unwrap_or_default()
}

/// Refuses a database that [`bring`] would refuse, or that is not a registry's. Writes nothing: neither the table of versions nor SQLite's
/// log mode.
pub(super) fn look(conn: &mut Conn, options: &StoreOptions) -> Result<(), StoreError> {
    let tables = words(conn, SQLITE_TABLES, POSTGRES_TABLES)?;
    let (versions, others): (Vec<String>, Vec<String>) = tables.into_iter().partition(|table| table == VERSIONS);
    let ran = if versions.is_empty() { Vec::new() } else { words(conn, RAN, RAN)? };
    if let (Conn::Postgres(_), true, true) = (&conn, ran.is_empty(), others.is_empty())
        && let Some(schema) = words(conn, "", POSTGRES_ELSEWHERE)?.into_iter().next()
    {
        return Err(StoreError::OtherSchema { schema });
    }
    match compared(&ran) {
        // A process that died may have made the table of versions and no other.
        _ if ran.is_empty() && others.is_empty() && options.create => Ok(()),
        _ if ran.is_empty() && others.is_empty() => Err(StoreError::Empty { target: String::new() }),
        _ if ran.is_empty() && others.iter().any(|table| table == "log_head") => Err(StoreError::VersionsLost),
        // Every schema of ours has the head of the log.
        _ if !ran.iter().any(|version| is_ours(version)) && !others.iter().any(|table| table == "log_head") => {
            Err(StoreError::Foreign { target: String::new() })
        }
        Compared::Earlier(version) => Err(StoreError::SchemaBefore { version }),
        Compared::Ended(version) => Err(StoreError::SchemaAhead { version }),
        Compared::Known | Compared::Added(_) if options.migrate => Ok(()),
        Compared::Known | Compared::Added(_) if known().iter().all(|version| ran.contains(version)) => Ok(()),
        Compared::Known | Compared::Added(_) => Err(StoreError::SchemaBehind),
    }
}

/// Diesel's table of the versions that were applied.
const VERSIONS: &str = "__diesel_schema_migrations";

/// The tables that somebody made. Those of an extension of PostgreSQL are nobody's.
///
/// Source: SQLite, "The Schema Table"; PostgreSQL 15 manual, section 53.11 and table 53.18, `deptype` e.
const SQLITE_TABLES: &str =
    "SELECT name AS word FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'";
const POSTGRES_TABLES: &str = "SELECT relname::text AS word FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
     WHERE relkind IN ('r', 'p') AND nspname = current_schema() AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_class.oid AND deptype = 'e')";

/// The schema of a registry that is not the first of the search path: what is created would go into another one.
const POSTGRES_ELSEWHERE: &str = "SELECT nspname::text AS word FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace \
     WHERE relname IN ('__diesel_schema_migrations', 'log_head') AND relkind IN ('r', 'p') AND nspname = ANY(current_schemas(false)) \
     AND nspname <> current_schema() GROUP BY nspname HAVING count(*) = 2 ORDER BY array_position(current_schemas(false), nspname)";

fn words(conn: &mut Conn, sqlite: &str, postgres: &str) -> Result<Vec<String>, StoreError> {
    let found: Result<Vec<Ran>, _> = match conn {
        Conn::Sqlite(c) => diesel::sql_query(sqlite).load(c),
        Conn::Postgres(c) => diesel::sql_query(postgres).load(c),
    };
    Ok(found.map_err(StoreError::on("migrations"))?.into_iter().map(|row| row.word).collect())
}

#[derive(diesel::QueryableByName)]
struct Ran {
    #[diesel(sql_type = diesel::sql_types::Text)]
    word: String,
}

/// Compares the versions of a database with those of this program.
pub(super) fn compared(ran: &[String]) -> Compared {
    compare(ran, &known())
}

/// How a database's versions compare with those that a program knows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Compared {
    /// The program knows all of them.
    Known,
    /// The program does not know this version, which is older than its own first one: an earlier program made the database.
    Earlier(String),
    /// The program does not know this version, which only adds something.
    Added(String),
    /// The program does not know this version, which ends something, so the program must stop.
    Ended(String),
}

fn compare(ran: &[String], known: &[String]) -> Compared {
    let mut unknown: Vec<&String> = ran.iter().filter(|version| !known.contains(version)).collect();
    unknown.sort();
    if let Some(version) = unknown.first().filter(|version| known.iter().all(|known| is_before(version, known))) {
        return Compared::Earlier((*version).clone());
    }
    if let Some(version) = unknown.iter().find(|version| !adds(version)) {
        return Compared::Ended((*version).clone());
    }
    unknown.last().map_or(Compared::Known, |version| Compared::Added((*version).clone()))
}

/// Tells whether both have our format and the first is the older one.
fn is_before(version: &str, other: &str) -> bool {
    is_ours(version) && is_ours(other) && version < other
}

/// Tells whether a version has our format: the date in eight digits, then the number in six.
fn is_ours(version: &str) -> bool {
    version.len() == 14 && version.bytes().all(|b| b.is_ascii_digit())
}

/// Tells whether a version only adds something. A version in another format may do anything, so it does not count as adding. Diesel keeps a
/// folder's name up to the first `_`, without its hyphens: the date in eight digits, then the number.
fn adds(version: &str) -> bool {
    version
        .get(8..)
        .filter(|_| is_ours(version))
        .and_then(|number| number.parse::<u32>().ok())
        .is_some_and(|number| number < ENDING_FROM)
}

#[cfg(test)]
mod tests {
    use diesel::{Connection, PgConnection, SqliteConnection};
    use diesel_migrations::FileBasedMigrations;
    use tempfile::TempDir;

    use super::*;

    /// A later migration that adds something, and one after it that ends something.
    const ADDS: (&str, &str) = ("2027-01-05-000002_more", "CREATE TABLE more (id BIGINT NOT NULL PRIMARY KEY);");
    const ENDS: (&str, &str) = ("2027-03-01-900003_less", "ALTER TABLE facts RENAME COLUMN source TO origin_file;");

    fn compared(ran: &[&str]) -> Compared {
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        compare(&owned(ran), &owned(&["20261122000001", "20261201000002"]))
    }

    #[test]
    fn an_older_program_goes_on_after_what_was_added_and_not_after_what_was_ended() {
        assert_eq!(compared(&["20261122000001", "20261201000002"]), Compared::Known);
        assert_eq!(compared(&["20261122000001"]), Compared::Known);
        let added = compared(&["20261201000002", "20270101000060", "20270101000059"]);
        assert_eq!(added, Compared::Added("20270101000060".to_owned()));
        let ended = compared(&["20270101000060", "20270102900061", "20270103000062"]);
        assert_eq!(ended, Compared::Ended("20270102900061".to_owned()));
    }

    #[test]
    fn what_is_older_than_a_programs_first_version_was_made_by_an_earlier_program() {
        let earlier = Compared::Earlier("20261120000001".to_owned());
        assert_eq!(compared(&["20261120000001"]), earlier);
        assert_eq!(compared(&["20261121000061", "20261120000001", "20261122000001"]), earlier);
        assert_eq!(compared(&["20261120000001", "20270102900061"]), earlier);
        assert_eq!(compared(&["20261125000001"]), Compared::Added("20261125000001".to_owned()));
    }

    #[test]
    fn a_version_of_another_form_is_none_to_go_on_after() {
        for version in ["", "1", "20270101", "2027010100006", "202701010000600", "2027010100006x", "20270101é0001"] {
            assert!(!adds(version), "{version}");
            assert!(matches!(compared(&[version]), Compared::Ended(_)), "{version}");
        }
        assert!(adds("20270101899999") && !adds("20270101900000"));
    }

    #[test]
    fn what_is_compiled_in_is_the_same_on_both_databases_and_known_to_itself() {
        let sqlite = versions(MigrationSource::<Sqlite>::migrations(&SQLITE).unwrap());
        let postgres = versions(MigrationSource::<Pg>::migrations(&POSTGRES).unwrap());

        assert_eq!(sqlite, postgres);
        assert_eq!(compare(&sqlite, &postgres), Compared::Known);
        assert!(sqlite.iter().all(|version| is_ours(version)), "{sqlite:?}");
    }

    /// Writes a program's migrations to a folder: the compiled ones, and some more.
    fn program(database: &str, more: &[(&str, &str)]) -> TempDir {
        let folder = tempfile::tempdir().unwrap();
        let known = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations").join(database);
        for entry in std::fs::read_dir(known).unwrap().map(Result::unwrap) {
            let to = folder.path().join(entry.file_name());
            std::fs::create_dir(&to).unwrap();
            std::fs::copy(entry.path().join("up.sql"), to.join("up.sql")).unwrap();
        }
        for (name, sql) in more {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            std::fs::write(folder.path().join(name).join("up.sql"), sql).unwrap();
        }
        folder
    }

    /// Updates or checks a database as a program with some more migrations than this one does.
    fn brought(conn: &mut Conn, (create, migrate): (bool, bool), more: &[(&str, &str)]) -> Result<(), StoreError> {
        let (sqlite, postgres) = (program("sqlite", more), program("postgres", more));
        let source = |folder: &TempDir| FileBasedMigrations::from_path(folder.path()).unwrap();
        let options = StoreOptions { create, migrate, ..StoreOptions::default() };
        bring_by(conn, &options, &|| source(&sqlite), &|| source(&postgres))
    }

    /// Runs a test on a new SQLite database, and on PostgreSQL if there is a test server.
    fn on_every_database(test: impl Fn(&mut Conn)) {
        test(&mut Conn::Sqlite(SqliteConnection::establish(":memory:").unwrap()));
        let Ok(url) = std::env::var("TEST_DATABASE_URL") else { return };
        let mut postgres = PgConnection::establish(&url).unwrap();
        // Everything is in a temporary schema, which is dropped with the session.
        postgres.batch_execute("SELECT set_config('search_path', 'pg_temp', false)").unwrap();
        test(&mut Conn::Postgres(postgres));
    }

    #[test]
    fn versions_side_by_side_go_on_until_one_ends_something() {
        on_every_database(|conn| {
            const LOOK: (bool, bool) = (true, false);
            const MIGRATE: (bool, bool) = (false, true);
            assert!(matches!(brought(conn, MIGRATE, &[]), Err(StoreError::Empty { .. })), "an empty database");
            brought(conn, LOOK, &[]).unwrap();
            assert!(matches!(brought(conn, LOOK, &[ADDS]), Err(StoreError::SchemaBehind)), "the newer waits");

            brought(conn, MIGRATE, &[ADDS]).unwrap();

            conn.batch_execute("INSERT INTO more VALUES (1)").unwrap();
            for migrate in [false, true] {
                bring(conn, &StoreOptions { migrate, ..StoreOptions::default() }).unwrap();
            }

            brought(conn, MIGRATE, &[ADDS, ENDS]).unwrap();

            conn.batch_execute("SELECT origin_file FROM facts").unwrap();
            brought(conn, LOOK, &[ADDS, ENDS]).unwrap();
            for more in [&[][..], &[ADDS]] {
                let refused = brought(conn, MIGRATE, more);
                assert!(
                    matches!(&refused, Err(StoreError::SchemaAhead { version }) if version == "20270301900003"),
                    "{refused:?}"
                );
            }
        });
    }

    #[test]
    fn what_an_earlier_program_made_is_refused_and_left_as_it_is() {
        on_every_database(|conn| {
            conn.batch_execute(
                "CREATE TABLE __diesel_schema_migrations (version VARCHAR(50) PRIMARY KEY NOT NULL, \
                 run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP); \
                 INSERT INTO __diesel_schema_migrations (version) VALUES ('20261120000001'), ('20261120000002'); \
                 CREATE TABLE log_head (id SMALLINT NOT NULL PRIMARY KEY);",
            )
            .unwrap();

            for migrate in [false, true] {
                let refused = bring(conn, &StoreOptions { migrate, ..StoreOptions::default() });
                assert!(
                    matches!(&refused, Err(StoreError::SchemaBefore { version }) if version == "20261120000001"),
                    "{refused:?}"
                );
            }
            assert!(conn.batch_execute("SELECT number FROM facts").is_err(), "nothing was made");
        });
    }
}
