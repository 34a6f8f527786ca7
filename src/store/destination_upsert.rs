//! The statements that insert destinations, or replace those that are there. Their text is always the same, so a connection prepares each
//! once; Diesel prepares an `ON CONFLICT DO UPDATE` of its own for every row. SQLite takes one row at a time. PostgreSQL takes one array a
//! column, and so all rows in one round trip. Caller: `relied_destinations`.

use super::ReliedDestinationRow;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Binary, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, RunQueryDsl};
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::time::UtcTime;

const INSERT: &str = "INSERT INTO relied_destinations (organisation, token, account, vasp, sealed, status, precheck, relied_at, \
                      sequence, version) ";

const REPLACE: &str = " ON CONFLICT (organisation, token) DO UPDATE SET account = excluded.account, vasp = excluded.vasp, \
                       sealed = excluded.sealed, status = excluded.status, precheck = excluded.precheck, \
                       relied_at = excluded.relied_at, sequence = excluded.sequence, version = relied_destinations.version + 1";

/// The statement for one row of SQLite.
pub(super) struct UpsertDestination<'a>(pub(super) &'a ReliedDestinationRow);

impl QueryFragment<Sqlite> for UpsertDestination<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(INSERT);
        out.push_sql("VALUES (");
        out.push_bind_param::<Text, _>(&self.0.organisation)?;
        out.push_sql(", ");
        out.push_bind_param::<Binary, _>(&self.0.token)?;
        out.push_sql(", ");
        out.push_bind_param::<Nullable<Binary>, _>(&self.0.account)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&self.0.vasp)?;
        out.push_sql(", ");
        out.push_bind_param::<Binary, _>(&self.0.sealed)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&self.0.status)?;
        out.push_sql(", ");
        out.push_bind_param::<Text, _>(&self.0.precheck)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.0.relied_at)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.0.sequence)?;
        out.push_sql(", ");
        out.push_bind_param::<BigInt, _>(&self.0.version)?;
        out.push_sql(")");
        out.push_sql(REPLACE);
        Ok(())
    }
}

impl QueryId for UpsertDestination<'_> {
    type QueryId = UpsertDestination<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<SqliteConnection> for UpsertDestination<'_> {}

/// The statement for any number of rows of PostgreSQL, each with another key.
#[derive(Default)]
pub(super) struct UpsertDestinations<'a> {
    organisation: Vec<OrganisationId>,
    token: Vec<&'a [u8]>,
    account: Vec<Option<&'a [u8]>>,
    vasp: Vec<VaspId>,
    sealed: Vec<&'a [u8]>,
    status: Vec<&'a str>,
    precheck: Vec<PrecheckId>,
    relied_at: Vec<UtcTime>,
    sequence: Vec<i64>,
    version: Vec<i64>,
}

impl<'a> UpsertDestinations<'a> {
    /// Returns the statement for some rows.
    pub(super) fn of(rows: &[&'a ReliedDestinationRow]) -> Self {
        let mut all = Self::default();
        for row in rows {
            all.organisation.push(row.organisation);
            all.token.push(&row.token);
            all.account.push(row.account.as_deref());
            all.vasp.push(row.vasp);
            all.sealed.push(&row.sealed);
            all.status.push(&row.status);
            all.precheck.push(row.precheck);
            all.relied_at.push(row.relied_at);
            all.sequence.push(row.sequence);
            all.version.push(row.version);
        }
        all
    }
}

impl QueryFragment<Pg> for UpsertDestinations<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(INSERT);
        out.push_sql("SELECT * FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.organisation)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.token)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Binary>>, _>(&self.account)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.vasp)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.sealed)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.status)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.precheck)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.relied_at)?;
        for column in [&self.sequence, &self.version] {
            out.push_sql(", ");
            out.push_bind_param::<Array<BigInt>, _>(column)?;
        }
        out.push_sql(")");
        out.push_sql(REPLACE);
        Ok(())
    }
}

impl QueryId for UpsertDestinations<'_> {
    type QueryId = UpsertDestinations<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for UpsertDestinations<'_> {}
