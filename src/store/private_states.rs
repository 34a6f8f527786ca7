//! Which organisations changed what they keep for themselves (relationships, policies), so that every node reads it again.
//!
//! Every change takes the next number of one counter, whose row stays locked until the end of the transaction: numbers are
//! committed in order, and a node that has seen one has seen all before it. Rows of private state carry the number that began
//! and the number that ended them (`revision_from`, `revision_to`), so that a recorded pre-check can be replayed with what the
//! organisation held then.

use super::backend::written;
use super::listen::wake;
use super::schema::private_states;
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_words::ids::OrganisationId;

const COUNTER: &str = "private_revision";

impl Conn {
    /// Returns the organisations whose private state changed after a revision, each with that of its last change, in order.
    pub fn private_states_after(&mut self, revision: i64) -> Result<Vec<(OrganisationId, i64)>, StoreError> {
        private_states::table
            .filter(private_states::revision.gt(revision))
            .order(private_states::revision)
            .select((private_states::organisation, private_states::revision))
            .load(self)
            .map_err(StoreError::on("private_states"))
    }
}

impl Transaction<'_> {
    /// Begins a change of what an organisation keeps for itself and returns its revision, which the rows begun and ended by it
    /// carry. The counter's row stays locked until the end; it comes after the locks of credentials and of cases, before the heads.
    pub fn next_private_revision(&mut self, organisation: OrganisationId) -> Result<i64, StoreError> {
        let revision = self.take_numbers(COUNTER, 1)?;
        let row = (private_states::organisation.eq(organisation), private_states::revision.eq(revision));
        let insert = diesel::insert_into(private_states::table).values(row);
        let upsert = insert.on_conflict(private_states::organisation).do_update().set(private_states::revision.eq(revision));
        written!(self, "private_states", upsert).map(drop)?;
        wake(self.conn(), None)?;
        Ok(revision)
    }
}
