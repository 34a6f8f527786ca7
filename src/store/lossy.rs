//! Counts that may be lost and are written in batches: how often claims were queried, and each organisation's daily sketches of addresses
//! that it asked about. Also the number of claims that an organisation newly made in a day, which is never lost.

use super::backend::{on_backend, written};
use super::edge::*;
use super::schema::{claim_usage, not_found_budgets};
use super::{Conn, StoreError, Transaction};
use vasp_words::closed_list::closed_list;
use vasp_words::ids::OrganisationId;
use vasp_words::time::{Date, UtcTime};

/// How many times a claim was queried on a day (UTC).
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = claim_usage)]
pub struct UsageRow {
    /// Number of the claim.
    pub claim: i64,
    /// The day.
    pub day: Date,
    /// Number of queries.
    pub asked: i64,
}

closed_list! {
    /// Which addresses a sketch counts.
    pub enum BudgetOf {
        /// Those without a known owner.
        NotFound = "not_found",
        /// Those that the asker's own VASP claims without proof.
        OwnAddresses = "own_addresses",
    }
}

/// An organisation's sketch for one day.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = not_found_budgets, treat_none_as_default_value = false)]
pub struct BudgetRow {
    /// The organisation.
    pub organisation: OrganisationId,
    /// The day (UTC).
    pub day: Date,
    /// Which addresses are counted.
    pub counts: BudgetOf,
    /// The set of addresses, by keyed hashes.
    pub sketch: Vec<u8>,
    /// When the budget was used up and the alarm raised; `None` if it was not.
    pub alarmed_at: Option<UtcTime>,
}

impl Conn {
    /// Returns how many times a claim was queried, by day, from `since` on.
    pub fn usage_of(&mut self, claim: i64, since: Date) -> Result<Vec<UsageRow>, StoreError> {
        claim_usage::table
            .filter(claim_usage::claim.eq(claim))
            .filter(claim_usage::day.ge(since))
            .order(claim_usage::day)
            .select(UsageRow::as_select())
            .load(self)
            .map_err(StoreError::on("claim_usage"))
    }

    /// Returns the sketches of a day.
    pub fn budgets_of(&mut self, day: Date) -> Result<Vec<BudgetRow>, StoreError> {
        not_found_budgets::table
            .filter(not_found_budgets::day.eq(day))
            .order((not_found_budgets::organisation, not_found_budgets::counts))
            .select(BudgetRow::as_select())
            .load(self)
            .map_err(StoreError::on("not_found_budgets"))
    }
}

impl Transaction<'_> {
    /// Adds to the query counts of claims, and deletes days before `since`. Rows must come in order of claim and day, so that two nodes do
    /// not wait for each other.
    pub fn add_usage(&mut self, rows: &[UsageRow], since: Date) -> Result<(), StoreError> {
        let old = diesel::delete(claim_usage::table.filter(claim_usage::day.lt(since)));
        written(self.conn(), "claim_usage", old)?;
        for row in rows {
            let insert = diesel::insert_into(claim_usage::table).values(row);
            let insert = insert.on_conflict((claim_usage::claim, claim_usage::day)).do_update();
            let insert = insert.set(claim_usage::asked.eq(claim_usage::asked + row.asked));
            written(self.conn(), "claim_usage", upsert(insert))?;
        }
        Ok(())
    }

    /// Locks and returns a sketch of an organisation's day until the end of the transaction.
    pub fn lock_budget(
        &mut self,
        organisation: OrganisationId,
        day: Date,
        counts: BudgetOf,
    ) -> Result<Option<BudgetRow>, StoreError> {
        let row = not_found_budgets::table.find((organisation, day, counts)).select(BudgetRow::as_select());
        row.locking().get_result(self.conn()).optional().map_err(StoreError::on("not_found_budgets"))
    }

    /// Adds the number of claims that an organisation newly made on a day, and returns the number from before on that day.
    pub fn count_claimed(&mut self, organisation: OrganisationId, day: Date, count: i64) -> Result<i64, StoreError> {
        use not_found_budgets::claimed;
        let (of, on) = (not_found_budgets::organisation.eq(organisation), not_found_budgets::day.eq(day));
        let counts = not_found_budgets::counts.eq(BudgetOf::NotFound);
        let first = (of, on, counts, not_found_budgets::sketch.eq(vec![]), claimed.eq(count));
        let after: i64 = on_backend!(self.conn(), c => diesel::insert_into(not_found_budgets::table)
            .values(first)
            .on_conflict((not_found_budgets::organisation, not_found_budgets::day, not_found_budgets::counts))
            .do_update()
            .set(claimed.eq(claimed + count))
            .returning(claimed)
            .get_result(c))
        .map_err(StoreError::on("not_found_budgets"))?;
        Ok(after.saturating_sub(count))
    }

    /// Stores a sketch of an organisation's day in place of the one before, and deletes its earlier days.
    pub fn keep_budget(&mut self, row: &BudgetRow) -> Result<(), StoreError> {
        let old = not_found_budgets::table
            .filter(not_found_budgets::organisation.eq(row.organisation))
            .filter(not_found_budgets::day.lt(row.day));
        written(self.conn(), "not_found_budgets", diesel::delete(old))?;
        let insert = diesel::insert_into(not_found_budgets::table).values(row);
        let insert =
            insert.on_conflict((not_found_budgets::organisation, not_found_budgets::day, not_found_budgets::counts)).do_update();
        let insert = insert.set((not_found_budgets::sketch.eq(&row.sketch), not_found_budgets::alarmed_at.eq(row.alarmed_at)));
        written(self.conn(), "not_found_budgets", upsert(insert)).map(drop)
    }
}
