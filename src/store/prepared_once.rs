//! Statements for the rows of a commit whose text is always the same, so that a connection prepares each once. Diesel would prepare its own
//! anew: a list of rows has another text for every length, and neither `UPDATE` nor `ON CONFLICT DO UPDATE` is ever kept. PostgreSQL takes one
//! array a column, and so all rows in one round trip. SQLite takes one row at a time.

use super::{PrecheckRow, ReliedDestinationRow};
use diesel::backend::Backend;
use diesel::connection::LoadConnection;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::query_dsl::methods::LoadQuery;
use diesel::serialize::ToSql;
use diesel::sql_types::{Array, BigInt, Binary, Integer, Nullable, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use diesel::{QueryResult, RunQueryDsl};
use vasp_words::ids::{OrganisationId, PrecheckId, VaspId};
use vasp_words::retention_law::RetentionLaw;
use vasp_words::time::{Date, UtcTime};

/// The statement that adds to a counter, and answers what it is then. The counter's row stays locked until the end of the transaction.
pub(super) struct AddToCounter {
    pub(super) name: &'static str,
    pub(super) more: i64,
}

impl AddToCounter {
    pub(super) fn run<C: LoadConnection>(self, conn: &mut C) -> QueryResult<i64>
    where
        for<'q> Self: LoadQuery<'q, C, i64>,
    {
        RunQueryDsl::get_result(self, conn)
    }
}

impl<DB: Backend> QueryFragment<DB> for AddToCounter
where
    str: ToSql<Text, DB>,
    i64: ToSql<BigInt, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("UPDATE counters SET value = value + ");
        out.push_bind_param::<BigInt, _>(&self.more)?;
        out.push_sql(" WHERE name = ");
        out.push_bind_param::<Text, _>(self.name)?;
        out.push_sql(" RETURNING value");
        Ok(())
    }
}

impl QueryId for AddToCounter {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl Query for AddToCounter {
    type SqlType = BigInt;
}

impl<C> RunQueryDsl<C> for AddToCounter {}

/// The statement that inserts pre-checks in PostgreSQL: the values of some rows, by column.
#[derive(Default)]
pub(super) struct InsertPrechecks<'a> {
    organisation: Vec<OrganisationId>,
    id: Vec<PrecheckId>,
    recorded_at: Vec<UtcTime>,
    sequence: Vec<i64>,
    sealed: Vec<&'a [u8]>,
    recommendation: Vec<Option<&'a str>>,
    codes: Vec<Option<&'a str>>,
    counterparty: Vec<Option<VaspId>>,
    policy: Vec<Option<&'a str>>,
    request_digest: Vec<Option<&'a str>>,
    verdict_digest: Vec<Option<&'a str>>,
    evidence_digest: Vec<Option<&'a str>>,
    destination: Vec<Option<&'a [u8]>>,
    erased_at: Vec<Option<UtcTime>>,
    floor_days: Vec<i32>,
    floor_by: Vec<&'a RetentionLaw>,
    kept_until: Vec<UtcTime>,
}

impl<'a> InsertPrechecks<'a> {
    /// Returns the statement for some rows.
    pub(super) fn of(rows: impl Iterator<Item = &'a PrecheckRow>) -> Self {
        let mut all = Self::default();
        for PrecheckRow { record, organisation, sealed, destination } in rows {
            all.organisation.push(*organisation);
            all.id.push(record.id);
            all.recorded_at.push(record.recorded_at);
            all.sequence.push(record.sequence);
            all.sealed.push(sealed);
            all.recommendation.push(record.recommendation.as_deref());
            all.codes.push(record.codes.as_deref());
            all.counterparty.push(record.counterparty);
            all.policy.push(record.policy.as_deref());
            all.request_digest.push(record.request_digest.as_deref());
            all.verdict_digest.push(record.verdict_digest.as_deref());
            all.evidence_digest.push(record.evidence_digest.as_deref());
            all.destination.push(destination.as_deref());
            all.erased_at.push(record.erased_at);
            all.floor_days.push(record.floor_days);
            all.floor_by.push(&record.floor_by);
            all.kept_until.push(record.kept_until);
        }
        all
    }
}

impl QueryFragment<Pg> for InsertPrechecks<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(
            "INSERT INTO prechecks (organisation, id, recorded_at, sequence, sealed, recommendation, codes, counterparty, policy, \
             request_digest, verdict_digest, evidence_digest, destination, erased_at, floor_days, floor_by, kept_until) SELECT * FROM unnest(",
        );
        out.push_bind_param::<Array<Text>, _>(&self.organisation)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.id)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.recorded_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.sequence)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Binary>, _>(&self.sealed)?;
        for column in [&self.recommendation, &self.codes] {
            out.push_sql(", ");
            out.push_bind_param::<Array<Nullable<Text>>, _>(column)?;
        }
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Text>>, _>(&self.counterparty)?;
        for column in [&self.policy, &self.request_digest, &self.verdict_digest, &self.evidence_digest] {
            out.push_sql(", ");
            out.push_bind_param::<Array<Nullable<Text>>, _>(column)?;
        }
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<Binary>>, _>(&self.destination)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Nullable<BigInt>>, _>(&self.erased_at)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Integer>, _>(&self.floor_days)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.floor_by)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.kept_until)?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryId for InsertPrechecks<'_> {
    type QueryId = InsertPrechecks<'static>;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for InsertPrechecks<'_> {}

/// The statement that inserts what one commit recorded in PostgreSQL: days of organisations, with the smallest id and the number of each day's
/// pre-checks; by column.
#[derive(Default)]
pub(super) struct InsertCounts {
    pub(super) organisation: Vec<OrganisationId>,
    pub(super) day: Vec<Date>,
    pub(super) first: Vec<PrecheckId>,
    pub(super) recorded: Vec<i64>,
}

impl QueryFragment<Pg> for InsertCounts {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql("INSERT INTO precheck_counts (organisation, day, first, recorded) SELECT * FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.organisation)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.day)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.first)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.recorded)?;
        out.push_sql(")");
        Ok(())
    }
}

impl QueryId for InsertCounts {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl RunQueryDsl<PgConnection> for InsertCounts {}

const DESTINATIONS: &str = "INSERT INTO relied_destinations (organisation, token, account, vasp, sealed, status, precheck, relied_at, \
                      sequence, version) ";

const REPLACE: &str = " ON CONFLICT (organisation, token) DO UPDATE SET account = excluded.account, vasp = excluded.vasp, \
                       sealed = excluded.sealed, status = excluded.status, precheck = excluded.precheck, \
                       relied_at = excluded.relied_at, sequence = excluded.sequence, version = relied_destinations.version + 1";

/// The statement that inserts a destination in SQLite, or replaces the one that is there.
pub(super) struct UpsertDestination<'a>(pub(super) &'a ReliedDestinationRow);

impl QueryFragment<Sqlite> for UpsertDestination<'_> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(DESTINATIONS);
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

/// The same for any number of destinations in PostgreSQL, each with another key.
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
        out.push_sql(DESTINATIONS);
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
