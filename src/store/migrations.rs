//! The schema's versions, compiled in, one folder a database with equal names; and which versions of this program may work on which.
//!
//! A migration *adds* (tables, columns with a default, indexes): programs that do not know it go on as if it had not been. Or it
//! *ends* something (drops, renames, another meaning): programs that do not know it must not go on. Which of the two is said by
//! its number, the second part of its name: from `900000` on it ends something. So an older program can tell of a version that
//! it has never heard of whether to go on. Docs: `docs/nodes.md`, "Two versions side by side".

use super::{Conn, StoreError};
use diesel::RunQueryDsl;
use diesel::connection::SimpleConnection;
use diesel::migration::{Migration, MigrationSource};
use diesel::pg::Pg;
use diesel::sqlite::Sqlite;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

pub(super) const SQLITE: EmbeddedMigrations = embed_migrations!("../../migrations/sqlite");
pub(super) const POSTGRES: EmbeddedMigrations = embed_migrations!("../../migrations/postgres");

/// Any number, the same in every version: PostgreSQL's advisory lock for migrating.
const MIGRATION_LOCK: i64 = 0x7661_7370_6d69_6772;

/// The first number of migrations that end something.
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

/// Brings the schema up to date, or refuses an old one; refuses one that this program must not work on.
pub(super) fn bring(conn: &mut Conn, migrate: bool) -> Result<(), StoreError> {
    let (ran, known) = match conn {
        Conn::Sqlite(c) => {
            if c.has_pending_migration(SQLITE).map_err(failed)? {
                require(migrate)?;
                // All at once, and only what is pending still once no other process migrates the same file.
                c.immediate_transaction(|c| c.run_pending_migrations(SQLITE).map(drop).map_err(Halted::Migration)).map_err(
                    |halted| match halted {
                        Halted::Migration(error) => failed(error),
                        Halted::Transaction(error) => StoreError::on("migrations")(error),
                    },
                )?;
            }
            (c.applied_migrations().map_err(failed)?, versions(MigrationSource::<Sqlite>::migrations(&SQLITE).map_err(failed)?))
        }
        Conn::Postgres(c) => {
            // Also to look: the first look makes the table of versions, which two at once cannot, and another process that migrates
            // just now is waited for.
            locked(c, |c| {
                if c.has_pending_migration(POSTGRES).map_err(failed)? {
                    require(migrate)?;
                    c.run_pending_migrations(POSTGRES).map_err(failed)?;
                }
                Ok(())
            })?;
            (c.applied_migrations().map_err(failed)?, versions(MigrationSource::<Pg>::migrations(&POSTGRES).map_err(failed)?))
        }
    };
    let ran: Vec<String> = ran.iter().map(ToString::to_string).collect();
    match compare(&ran, &known) {
        Compared::Known => Ok(()),
        Compared::Added(version) => {
            tracing::warn!(
                schema.version = version,
                "the database was brought up to date by a newer version of this program, which only added to it"
            );
            Ok(())
        }
        Compared::Ended(version) => Err(StoreError::SchemaAhead { version }),
    }
}

/// Runs `f` while no other process migrates. Whoever waits for a long migration waits as long as it takes.
fn locked(
    conn: &mut diesel::PgConnection,
    f: impl FnOnce(&mut diesel::PgConnection) -> Result<(), StoreError>,
) -> Result<(), StoreError> {
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

fn require(migrate: bool) -> Result<(), StoreError> {
    if migrate { Ok(()) } else { Err(StoreError::SchemaBehind) }
}

fn versions<DB: diesel::backend::Backend>(migrations: Vec<Box<dyn Migration<DB>>>) -> Vec<String> {
    migrations.iter().map(|migration| migration.name().version().to_string()).collect()
}

/// Returns the newest version of the schema that this program knows.
pub(super) fn newest() -> String {
    let known = MigrationSource::<Sqlite>::migrations(&SQLITE).map(versions::<Sqlite>).unwrap_or_default();
    known.into_iter().max().unwrap_or_default()
}

/// What a database's versions are to a program that knows some.
#[derive(Debug, PartialEq, Eq)]
enum Compared {
    /// It knows them all.
    Known,
    /// It does not know this one, which only adds.
    Added(String),
    /// It does not know this one, after which it must not go on.
    Ended(String),
}

fn compare(ran: &[String], known: &[String]) -> Compared {
    let mut unknown: Vec<&String> = ran.iter().filter(|version| !known.contains(version)).collect();
    unknown.sort();
    if let Some(version) = unknown.iter().find(|version| !adds(version)) {
        return Compared::Ended((*version).clone());
    }
    unknown.last().map_or(Compared::Known, |version| Compared::Added((*version).clone()))
}

/// Tells whether a version only adds; one that is not written as ours are does whatever it likes. Diesel keeps a folder's name up to
/// the first `_`, without its hyphens: the date in eight digits, then the number.
fn adds(version: &str) -> bool {
    let number = version.get(8..).filter(|number| number.len() == 6 && version.bytes().all(|b| b.is_ascii_digit()));
    number.and_then(|number| number.parse::<u32>().ok()).is_some_and(|number| number < ENDING_FROM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compared(ran: &[&str]) -> Compared {
        let owned = |list: &[&str]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        compare(&owned(ran), &owned(&["20261120000001", "20261121000058"]))
    }

    #[test]
    fn an_older_program_goes_on_after_what_was_added_and_not_after_what_was_ended() {
        assert_eq!(compared(&["20261120000001", "20261121000058"]), Compared::Known);
        assert_eq!(compared(&["20261120000001"]), Compared::Known);
        let added = compared(&["20261121000058", "20270101000060", "20270101000059"]);
        assert_eq!(added, Compared::Added("20270101000060".to_owned()));
        let ended = compared(&["20270101000060", "20270102900061", "20270103000062"]);
        assert_eq!(ended, Compared::Ended("20270102900061".to_owned()));
    }

    #[test]
    fn a_version_of_another_form_is_none_to_go_on_after() {
        for version in ["", "1", "20270101", "2027010100006", "202701010000600", "2027010100006x", "20270101é0001"] {
            assert!(!adds(version), "{version}");
        }
        assert!(adds("20270101899999") && !adds("20270101900000"));
    }

    #[test]
    fn what_is_compiled_in_is_the_same_on_both_databases_and_known_to_itself() {
        let sqlite = versions(MigrationSource::<Sqlite>::migrations(&SQLITE).unwrap());
        let postgres = versions(MigrationSource::<Pg>::migrations(&POSTGRES).unwrap());

        assert_eq!(sqlite, postgres);
        assert_eq!(compare(&sqlite, &postgres), Compared::Known);
        assert!(sqlite.iter().all(|version| version.len() == 14), "{sqlite:?}");
    }
}
