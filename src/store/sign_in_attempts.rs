//! How often somebody was wrong: attempts to sign in, counted against an account and against a network address. Both stand
//! here as keyed digests. Rules are in `domain::back_off`.

use super::backend::on_backend;
use super::schema::sign_in_attempts;
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;

/// What is counted against one account or address.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sign_in_attempts, treat_none_as_default_value = false)]
pub struct AttemptRow {
    /// Keyed digest of what it is counted against.
    pub subject: Vec<u8>,
    /// Failures in a row.
    pub failures: i64,
    /// The last of them, microseconds since the epoch.
    pub last_at: i64,
    /// Until when no attempt is looked at.
    pub blocked_until: i64,
}

impl Transaction<'_> {
    /// Returns what is counted against a subject, made where there is nothing; other writers wait until the end of the
    /// transaction. Take several in one order.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn lock_attempts(&mut self, subject: &[u8]) -> Result<AttemptRow, StoreError> {
        let row = AttemptRow { subject: subject.to_vec(), failures: 0, last_at: 0, blocked_until: 0 };
        let insert = diesel::insert_into(sign_in_attempts::table).values(&row);
        on_backend!(self.conn(), c => insert.on_conflict_do_nothing().execute(c)).map_err(StoreError::on("sign_in_attempts"))?;
        let place = sign_in_attempts::table.find(subject);
        match self.conn() {
            Conn::Sqlite(c) => place.select(AttemptRow::as_select()).first(c),
            Conn::Postgres(c) => place.select(AttemptRow::as_select()).for_update().first(c),
        }
        .map_err(StoreError::on("sign_in_attempts"))
    }

    /// Writes what is counted against a subject that was locked; nothing counted is not kept.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn set_attempts(&mut self, row: &AttemptRow) -> Result<(), StoreError> {
        let place = sign_in_attempts::table.find(&row.subject);
        if row.failures == 0 {
            return on_backend!(self.conn(), c => diesel::delete(place).execute(c))
                .map(drop)
                .map_err(StoreError::on("sign_in_attempts"));
        }
        let update = diesel::update(place).set((
            sign_in_attempts::failures.eq(row.failures),
            sign_in_attempts::last_at.eq(row.last_at),
            sign_in_attempts::blocked_until.eq(row.blocked_until),
        ));
        on_backend!(self.conn(), c => update.execute(c)).map(drop).map_err(StoreError::on("sign_in_attempts"))
    }

    /// Forgets what was counted last before `at_micros`, but for what another writer holds: it waits for nobody, so nobody waits
    /// for it in a circle.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn forget_attempts(&mut self, at_micros: i64) -> Result<(), StoreError> {
        let old = sign_in_attempts::table.filter(sign_in_attempts::last_at.lt(at_micros));
        let forgotten = match self.conn() {
            Conn::Sqlite(c) => diesel::delete(old).execute(c),
            Conn::Postgres(c) => {
                old.select(sign_in_attempts::subject).for_update().skip_locked().load::<Vec<u8>>(c).and_then(|free| {
                    diesel::delete(sign_in_attempts::table.filter(sign_in_attempts::subject.eq_any(free))).execute(c)
                })
            }
        };
        forgotten.map(drop).map_err(StoreError::on("sign_in_attempts"))
    }
}
