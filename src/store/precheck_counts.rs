//! How many pre-checks each organisation recorded on each day: one row a commit, written in its transaction. Recorded pre-checks are in no
//! log, so this is how the daily check finds that some were removed. Their rows stay for ever, also after their contents were erased.

use std::collections::BTreeMap;

use super::edge::*;
use super::prepared_once::InsertCounts;
use super::schema::{organisations, precheck_counts, prechecks};
use super::{Conn, NewPrecheck, StoreError};
use diesel::QueryResult;
use diesel::dsl::{exists, not, sql};
use diesel::sql_types::BigInt;
use vasp_words::ids::{OrganisationId, PrecheckId};
use vasp_words::time::Date;

/// A day of an organisation.
pub type OrganisationDay = (OrganisationId, Date);

impl InsertCounts {
    fn of(rows: &[&NewPrecheck]) -> Self {
        let mut days: BTreeMap<OrganisationDay, (PrecheckId, i64)> = BTreeMap::new();
        for new in rows {
            let (key, id) = ((new.row.organisation, new.row.record.recorded_at.date()), new.row.record.id);
            let (first, recorded) = days.entry(key).or_insert((id, 0));
            *first = id.min(*first);
            *recorded += 1;
        }
        let mut all = Self::default();
        for ((organisation, day), (first, recorded)) in days {
            all.organisation.push(organisation);
            all.day.push(day);
            all.first.push(first);
            all.recorded.push(recorded);
        }
        all
    }

    fn write(self, conn: &mut Conn) -> QueryResult<()> {
        use precheck_counts::{day, first, organisation, recorded};
        match conn {
            Conn::Postgres(conn) => self.execute_typed(conn).map(drop),
            Conn::Sqlite(conn) => {
                let rows = self.organisation.iter().zip(&self.day).zip(self.first.iter().zip(&self.recorded));
                for ((of, on), (id, count)) in rows {
                    let row = (organisation.eq(of), day.eq(on), first.eq(id), recorded.eq(count));
                    diesel::insert_into(precheck_counts::table).values(row).execute_typed(conn)?;
                }
                Ok(())
            }
        }
    }
}

impl Conn {
    /// Counts pre-checks that this transaction records.
    pub(super) fn count_prechecks(&mut self, rows: &[&NewPrecheck]) -> Result<(), StoreError> {
        InsertCounts::of(rows).write(self).map_err(StoreError::on("precheck_counts"))
    }

    /// Returns the days on which organisations recorded pre-checks, with how many.
    pub fn counted_prechecks(&mut self) -> Result<Vec<(OrganisationDay, i64)>, StoreError> {
        use precheck_counts::{day, organisation};
        let days = precheck_counts::table.group_by((organisation, day)).order((organisation, day));
        days.select(((organisation, day), sql::<BigInt>("CAST(SUM(recorded) AS BIGINT)")))
            .load(self)
            .map_err(StoreError::on("precheck_counts"))
    }

    /// Returns how many pre-checks were counted for a day, and how many there are.
    pub fn prechecks_of_day(&mut self, (organisation, day): OrganisationDay) -> Result<(i64, i64), StoreError> {
        let counted = precheck_counts::table
            .filter(precheck_counts::organisation.eq(organisation))
            .filter(precheck_counts::day.eq(day))
            .select(precheck_counts::recorded)
            .load::<i64>(self)
            .map_err(StoreError::on("precheck_counts"))?;
        let [from, until] = [day, day.next()].map(|day| PrecheckId::first_at(day.start()));
        let rows = prechecks::table.filter(prechecks::organisation.eq(organisation)).filter(prechecks::id.ge(from));
        let found = rows.filter(prechecks::id.lt(until)).count().get_result(self).map_err(StoreError::on("prechecks"))?;
        Ok((counted.iter().sum(), found))
    }

    /// Returns the organisations that have pre-checks of which none was counted.
    pub fn uncounted_prechecks(&mut self) -> Result<Vec<OrganisationId>, StoreError> {
        let rows = prechecks::table.filter(prechecks::organisation.eq(organisations::id));
        let counts = precheck_counts::table.filter(precheck_counts::organisation.eq(organisations::id));
        organisations::table
            .filter(exists(rows))
            .filter(not(exists(counts)))
            .select(organisations::id)
            .load(self)
            .map_err(StoreError::on("organisations"))
    }
}
