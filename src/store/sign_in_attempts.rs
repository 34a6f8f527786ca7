//! Failed attempts to sign in, counted for each account and for each network address. Both are keyed digests. The rules are in
//! `domain::back_off`.

use super::edge::*;
use super::schema::sign_in_attempts;
use super::{Conn, StoreError, Transaction};
use diesel::dsl::Eq as Set;
use vasp_record::back_off::Attempts;
use vasp_words::time::UtcTime;

/// Returns the columns of the counts.
fn changes(
    attempts: Attempts,
) -> (Set<sign_in_attempts::failures, i64>, Set<sign_in_attempts::last_at, UtcTime>, Set<sign_in_attempts::blocked_until, UtcTime>)
{
    let Attempts { failures, last_at, blocked_until } = attempts;
    (
        sign_in_attempts::failures.eq(failures),
        sign_in_attempts::last_at.eq(last_at),
        sign_in_attempts::blocked_until.eq(blocked_until),
    )
}

impl Transaction<'_> {
    /// Locks and returns the counts of a subject until the end of the transaction, and adds an empty row if there is none. Always lock
    /// several subjects in the same order.
    pub fn lock_attempts(&mut self, subject: &[u8]) -> Result<Attempts, StoreError> {
        let failed = StoreError::on("sign_in_attempts");
        let columns = (sign_in_attempts::failures, sign_in_attempts::last_at, sign_in_attempts::blocked_until);
        loop {
            let none = (sign_in_attempts::subject.eq(subject), changes(Attempts::NONE));
            let insert = diesel::insert_into(sign_in_attempts::table).values(none);
            insert.unless_there().execute(self.conn()).map_err(&failed)?;
            let place = sign_in_attempts::table.find(subject).select(columns);
            // If another transaction had locked the row, it may have deleted it. Then insert it again.
            let found = place.locking().get_result(self.conn()).optional().map_err(&failed)?;
            if let Some((failures, last_at, blocked_until)) = found {
                return Ok(Attempts { failures, last_at, blocked_until });
            }
        }
    }

    /// Writes the counts of a locked subject. If no failures are counted, the row is deleted.
    pub fn set_attempts(&mut self, subject: &[u8], attempts: Attempts) -> Result<(), StoreError> {
        let place = sign_in_attempts::table.find(subject);
        let set = match attempts.failures {
            0 => diesel::delete(place).execute(self.conn()),
            _ => diesel::update(place).set(changes(attempts)).execute(self.conn()),
        };
        set.map(drop).map_err(StoreError::on("sign_in_attempts"))
    }

    /// Deletes counts that last changed before `at`, except those that another writer has locked. It never waits, so it cannot be part of a
    /// deadlock.
    pub fn forget_attempts(&mut self, at: UtcTime) -> Result<(), StoreError> {
        let old = sign_in_attempts::table.filter(sign_in_attempts::last_at.lt(at));
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
