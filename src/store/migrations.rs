//! The schema's versions, compiled in, one folder a database with equal names.

use super::{Conn, StoreError};
use diesel::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

pub(super) const SQLITE: EmbeddedMigrations = embed_migrations!("migrations/sqlite");
pub(super) const POSTGRES: EmbeddedMigrations = embed_migrations!("migrations/postgres");

/// Any number, the same in every version: PostgreSQL's advisory lock for migrating.
const MIGRATION_LOCK: i64 = 0x7661_7370_6d69_6772;

/// Brings the schema up to date, or refuses an old one.
pub(super) fn bring(conn: &mut Conn, migrate: bool) -> Result<(), StoreError> {
    let failed = |e: Box<dyn std::error::Error + Send + Sync>| StoreError::said(e.to_string(), StoreError::Migrate);
    match conn {
        Conn::Sqlite(c) => {
            if c.has_pending_migration(SQLITE).map_err(failed)? {
                require(migrate)?;
                // Another process may bring the same file up to date at the same moment: what it did is as good.
                if let Err(error) = c.run_pending_migrations(SQLITE)
                    && c.has_pending_migration(SQLITE).map_err(failed)?
                {
                    return Err(failed(error));
                }
            }
        }
        Conn::Postgres(c) => {
            if c.has_pending_migration(POSTGRES).map_err(failed)? {
                require(migrate)?;
                let lock = |verb: &str| diesel::sql_query(format!("SELECT {verb}({MIGRATION_LOCK})"));
                lock("pg_advisory_lock").execute(c).map_err(StoreError::on("migrations"))?;
                let done = c.run_pending_migrations(POSTGRES).map(drop).map_err(failed);
                lock("pg_advisory_unlock").execute(c).map_err(StoreError::on("migrations"))?;
                done?;
            }
        }
    }
    Ok(())
}

fn require(migrate: bool) -> Result<(), StoreError> {
    if migrate { Ok(()) } else { Err(StoreError::SchemaBehind) }
}
