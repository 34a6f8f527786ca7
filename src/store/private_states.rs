//! Records which organisations changed their private state (relationships, policies), so that every node reads it again.
//!
//! Every change takes the next number of one counter, whose row stays locked until the end of the transaction. So numbers are committed in
//! order, and a node that has seen one has seen all before it. Rows of private state hold the number that began them and the number that
//! ended them (`revision_from`, `revision_to`). So a recorded pre-check can be replayed with the private state of that time.

use super::backend::written;
use super::edge::*;
use super::listen::wake;
use super::schema::private_states;
use super::{Conn, StoreError, Transaction};
use vasp_words::ids::OrganisationId;

/// Selects the rows of a table of private state that were current at a revision of an organisation.
macro_rules! current_at {
    ($table:ident, $organisation:expr, $revision:expr) => {
        $table::table
            .filter($table::organisation.eq($organisation))
            .filter($table::revision_from.le($revision))
            .filter($table::revision_to.is_null().or($table::revision_to.gt($revision)))
    };
}
pub(super) use current_at;

const COUNTER: &str = "private_revision";

impl Conn {
    /// Returns the organisations whose private state changed after a revision, each with the revision of its last change, in order.
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
    /// Starts a change of an organisation's private state and returns its revision, which all rows of the change hold. The counter's row
    /// stays locked until the end. It is locked after credentials and cases, and before the heads.
    pub fn next_private_revision(&mut self, organisation: OrganisationId) -> Result<i64, StoreError> {
        let revision = self.take_numbers(COUNTER, 1)?;
        let row = (private_states::organisation.eq(organisation), private_states::revision.eq(revision));
        let insert = diesel::insert_into(private_states::table).values(row);
        let insert = insert.on_conflict(private_states::organisation).do_update().set(private_states::revision.eq(revision));
        written(self.conn(), "private_states", upsert(insert)).map(drop)?;
        wake(self.conn(), None)?;
        Ok(revision)
    }
}
