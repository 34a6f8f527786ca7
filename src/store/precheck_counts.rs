//! How many pre-checks each organisation recorded on each day. The transaction that records them counts them, so that the daily check finds
//! removed ones: their rows are in no log. Nothing ever removes a row of a recorded pre-check; what is erased leaves it.

use std::collections::BTreeMap;

use super::edge::*;
use super::schema::{precheck_counts, prechecks};
use super::{Conn, NewPrecheck, StoreError};
use diesel::QueryResult;
use diesel::pg::{Pg, PgConnection};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sql_types::{Array, BigInt, Text};
use diesel::sqlite::{Sqlite, SqliteConnection};
use vasp_words::ids::{OrganisationId, PrecheckId};
use vasp_words::time::Date;

/// An organisation's day.
type Key = (OrganisationId, Date);

/// The statement that adds to the counts. Its text never changes, so each connection prepares it once (`prepared_once`). SQLite takes one
/// row at a time.
struct AddCounts {
    organisation: Vec<OrganisationId>,
    day: Vec<Date>,
    recorded: Vec<i64>,
}

const INSERT: &str = "INSERT INTO precheck_counts (organisation, day, writer, recorded) ";
const ADD: &str =
    " ON CONFLICT (organisation, day, writer) DO UPDATE SET recorded = precheck_counts.recorded + excluded.recorded";

impl AddCounts {
    fn of(counts: impl IntoIterator<Item = (Key, i64)>) -> Self {
        let mut all = Self { organisation: vec![], day: vec![], recorded: vec![] };
        for ((organisation, day), recorded) in counts {
            all.organisation.push(organisation);
            all.day.push(day);
            all.recorded.push(recorded);
        }
        all
    }
}

impl QueryFragment<Sqlite> for AddCounts {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        out.push_sql(INSERT);
        for ((organisation, day), recorded) in self.organisation.iter().zip(&self.day).zip(&self.recorded) {
            out.push_sql("VALUES (");
            out.push_bind_param::<Text, _>(organisation)?;
            out.push_sql(", ");
            out.push_bind_param::<Text, _>(day)?;
            out.push_sql(", 0, ");
            out.push_bind_param::<BigInt, _>(recorded)?;
            out.push_sql(")");
        }
        out.push_sql(ADD);
        Ok(())
    }
}

impl QueryFragment<Pg> for AddCounts {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Pg>) -> QueryResult<()> {
        out.push_sql(INSERT);
        out.push_sql("SELECT organisation, day, pg_backend_pid(), recorded FROM unnest(");
        out.push_bind_param::<Array<Text>, _>(&self.organisation)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<Text>, _>(&self.day)?;
        out.push_sql(", ");
        out.push_bind_param::<Array<BigInt>, _>(&self.recorded)?;
        out.push_sql(") AS counted (organisation, day, recorded)");
        out.push_sql(ADD);
        Ok(())
    }
}

impl QueryId for AddCounts {
    type QueryId = Self;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl diesel::RunQueryDsl<SqliteConnection> for AddCounts {}
impl diesel::RunQueryDsl<PgConnection> for AddCounts {}

impl Conn {
    /// Adds pre-checks that this transaction records to the counts.
    pub(super) fn count_prechecks(&mut self, rows: &[&NewPrecheck]) -> Result<(), StoreError> {
        let mut counts: BTreeMap<Key, i64> = BTreeMap::new();
        for new in rows {
            *counts.entry((new.row.organisation, new.row.record.recorded_at.date())).or_default() += 1;
        }
        let written = match self {
            Self::Sqlite(conn) => counts.into_iter().try_for_each(|one| AddCounts::of([one]).execute_typed(conn).map(drop)),
            Self::Postgres(_) if counts.is_empty() => Ok(()),
            Self::Postgres(conn) => AddCounts::of(counts).execute_typed(conn).map(drop),
        };
        written.map_err(StoreError::on("precheck_counts"))
    }

    /// Returns how many pre-checks were counted for each organisation and day.
    pub fn precheck_counts(&mut self) -> Result<BTreeMap<(OrganisationId, Date), i64>, StoreError> {
        use precheck_counts::{day, organisation, recorded};
        let rows: Vec<(Key, i64)> = precheck_counts::table
            .select(((organisation, day), recorded))
            .load(self)
            .map_err(StoreError::on("precheck_counts"))?;
        let mut counts = BTreeMap::new();
        for (key, count) in rows {
            *counts.entry(key).or_default() += count;
        }
        Ok(counts)
    }

    /// Returns how many rows of pre-checks an organisation has of a day.
    pub fn prechecks_of_day(&mut self, organisation: OrganisationId, day: Date) -> Result<i64, StoreError> {
        let [from, until] = [day, day.next()].map(|day| PrecheckId::first_at(day.start()));
        let rows = prechecks::table.filter(prechecks::organisation.eq(organisation)).filter(prechecks::id.ge(from));
        rows.filter(prechecks::id.lt(until)).count().get_result(self).map_err(StoreError::on("prechecks"))
    }
}
