//! The network addresses from which accounts recently signed in, a limited number for each account. Account and address are keyed digests,
//! which the caller makes. `vasp_registry::sign_in::attempts` decides what follows from them.

use super::backend::written;
use super::edge::*;
use super::schema::sign_in_addresses;
use super::{Conn, StoreError, Transaction};
use vasp_words::time::UtcTime;

impl Conn {
    /// Tells whether an account signed in from an address after `since`.
    pub fn signed_in_from(&mut self, account: &[u8], address: &[u8], since: UtcTime) -> Result<bool, StoreError> {
        let place = sign_in_addresses::table.find((account, address)).filter(sign_in_addresses::last_at.gt(since));
        let found = place.select(sign_in_addresses::last_at).first::<UtcTime>(self).optional();
        found.map(|at| at.is_some()).map_err(StoreError::on("sign_in_addresses"))
    }
}

impl Transaction<'_> {
    /// Records that an account signs in from an address now, and deletes all but its `most` latest addresses. The caller must hold the lock
    /// of all credentials.
    pub fn note_signed_in_from(&mut self, account: &[u8], address: &[u8], most: i64) -> Result<(), StoreError> {
        let now = self.now();
        let row =
            (sign_in_addresses::account.eq(account), sign_in_addresses::address.eq(address), sign_in_addresses::last_at.eq(now));
        let insert = diesel::insert_into(sign_in_addresses::table).values(row);
        let insert = insert.on_conflict((sign_in_addresses::account, sign_in_addresses::address));
        written(self.conn(), "sign_in_addresses", upsert(insert.do_update().set(sign_in_addresses::last_at.eq(now))))?;
        let theirs = sign_in_addresses::table.filter(sign_in_addresses::account.eq(account));
        let latest = theirs.order((sign_in_addresses::last_at.desc(), sign_in_addresses::address)).offset(most);
        // SQLite has no offset without a limit.
        let earlier = latest.limit(i64::MAX).select(sign_in_addresses::address).load::<Vec<u8>>(self.conn());
        let earlier = earlier.map_err(StoreError::on("sign_in_addresses"))?;
        if earlier.is_empty() {
            return Ok(());
        }
        let earlier = theirs.filter(sign_in_addresses::address.eq_any(earlier));
        written(self.conn(), "sign_in_addresses", diesel::delete(earlier)).map(drop)
    }

    /// Deletes the addresses from which an account signed in.
    pub fn forget_signed_in_from(&mut self, account: &[u8]) -> Result<(), StoreError> {
        let theirs = diesel::delete(sign_in_addresses::table.filter(sign_in_addresses::account.eq(account)));
        written(self.conn(), "sign_in_addresses", theirs).map(drop)
    }

    /// Deletes addresses that were last used at or before `at`, except those that another writer has locked. It never waits, so it
    /// cannot be part of a deadlock.
    pub fn forget_sign_in_addresses(&mut self, at: UtcTime) -> Result<(), StoreError> {
        let old = sign_in_addresses::table.filter(sign_in_addresses::last_at.le(at));
        let free = match self.conn() {
            Conn::Sqlite(c) => return diesel::delete(old).execute(c).map(drop).map_err(StoreError::on("sign_in_addresses")),
            Conn::Postgres(c) => old
                .select((sign_in_addresses::account, sign_in_addresses::address))
                .for_update()
                .skip_locked()
                .load::<(Vec<u8>, Vec<u8>)>(c),
        };
        for (account, address) in free.map_err(StoreError::on("sign_in_addresses"))? {
            let place = sign_in_addresses::table.find((account, address));
            diesel::delete(place).execute(self.conn()).map_err(StoreError::on("sign_in_addresses"))?;
        }
        Ok(())
    }
}
