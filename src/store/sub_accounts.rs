//! Sub-accounts: memos of one VASP's address that are another VASP's, as both of them say.

use super::backend::{on_backend, written_once};
use super::schema::sub_accounts;
use super::{Conn, StoreError, Transaction};
use diesel::prelude::*;
use vasp_record::resolution::SubAccount;
use vasp_words::ids::{SubAccountId, VaspId};
use vasp_words::time::UtcTime;

/// A sub-account as it stands in the table.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sub_accounts, treat_none_as_default_value = false)]
pub struct SubAccountRow {
    /// Its id.
    pub id: SubAccountId,
    /// Network number of the account.
    pub network: i32,
    /// Account key.
    pub account_key: Vec<u8>,
    /// Memo; empty: every memo of the address.
    pub memo: String,
    /// Whose the address is.
    pub owner: VaspId,
    /// Whose the memo is.
    pub holder: VaspId,
    /// When the owner named it, or refused it.
    pub named_at: UtcTime,
    /// When the holder confirmed it.
    pub confirmed_at: Option<UtcTime>,
    /// When the owner said that the memo is not the holder's; it never counts then.
    pub refused_at: Option<UtcTime>,
    /// When either ended it.
    pub ended_at: Option<UtcTime>,
    /// First sequence at which it counts.
    pub seq_from: Option<i64>,
    /// First sequence at which it no longer does.
    pub seq_to: Option<i64>,
}

impl SubAccountRow {
    /// Makes one that its owner names at an instant, not confirmed yet.
    #[must_use]
    pub fn named(
        (id, named_at): (SubAccountId, UtcTime),
        (network, account_key, memo): (i32, &[u8], &str),
        (owner, holder): (VaspId, VaspId),
    ) -> Self {
        let (account_key, memo) = (account_key.to_vec(), memo.to_owned());
        let (confirmed_at, refused_at, ended_at, seq_from, seq_to) = (None, None, None, None, None);
        Self { id, network, account_key, memo, owner, holder, named_at, confirmed_at, refused_at, ended_at, seq_from, seq_to }
    }

    /// Returns what it says of the account.
    #[must_use]
    pub fn says(&self) -> SubAccount {
        SubAccount { owner: self.owner, holder: self.holder, memo: Some(self.memo.clone()).filter(|memo| !memo.is_empty()) }
    }
}

/// Has a confirmed sub-account count.
pub(super) fn count(conn: &mut Conn, id: SubAccountId, sequence: i64) -> Result<(), StoreError> {
    let update = diesel::update(sub_accounts::table.find(id).filter(sub_accounts::seq_from.is_null()))
        .set(sub_accounts::seq_from.eq(sequence));
    once(on_backend!(conn, c => update.execute(c)))
}

/// Has a sub-account count no longer.
pub(super) fn end(conn: &mut Conn, id: SubAccountId, sequence: i64) -> Result<(), StoreError> {
    let update = diesel::update(sub_accounts::table.find(id).filter(sub_accounts::seq_to.is_null()))
        .set(sub_accounts::seq_to.eq(sequence));
    once(on_backend!(conn, c => update.execute(c)))
}

fn once(written: QueryResult<usize>) -> Result<(), StoreError> {
    match written.map_err(StoreError::on("sub_accounts"))? {
        1 => Ok(()),
        _ => Err(StoreError::Stale { table: "sub_accounts" }),
    }
}

impl Conn {
    /// Returns a sub-account.
    pub fn sub_account(&mut self, id: SubAccountId) -> Result<Option<SubAccountRow>, StoreError> {
        let query = sub_accounts::table.find(id).select(SubAccountRow::as_select());
        query.first(self).optional().map_err(StoreError::on("sub_accounts"))
    }

    /// Returns sub-accounts of which a VASP is one side, oldest first, after an id.
    pub fn sub_accounts_of(&mut self, vasp: VaspId, after: &str, limit: i64) -> Result<Vec<SubAccountRow>, StoreError> {
        sub_accounts::table
            .filter(sub_accounts::owner.eq(vasp).or(sub_accounts::holder.eq(vasp)))
            .filter(sub_accounts::id.gt(after))
            .order(sub_accounts::id)
            .limit(limit)
            .select(SubAccountRow::as_select())
            .load(self)
            .map_err(StoreError::on("sub_accounts"))
    }

    /// Returns the sub-accounts of an account that did not end.
    pub fn sub_accounts_on(&mut self, network: i32, account_key: &[u8]) -> Result<Vec<SubAccountRow>, StoreError> {
        sub_accounts::table
            .filter(sub_accounts::network.eq(network))
            .filter(sub_accounts::account_key.eq(account_key))
            .filter(sub_accounts::ended_at.is_null())
            .order(sub_accounts::id)
            .select(SubAccountRow::as_select())
            .load(self)
            .map_err(StoreError::on("sub_accounts"))
    }

    /// Returns the confirmed sub-accounts of some accounts of one network that did not end.
    pub fn confirmed_sub_accounts(&mut self, network: i32, keys: &[&[u8]]) -> Result<Vec<SubAccountRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in keys.chunks(500) {
            let query = sub_accounts::table
                .filter(sub_accounts::network.eq(network))
                .filter(sub_accounts::account_key.eq_any(chunk))
                .filter(sub_accounts::confirmed_at.is_not_null())
                .filter(sub_accounts::ended_at.is_null())
                .order(sub_accounts::id)
                .select(SubAccountRow::as_select());
            rows.extend(query.load::<SubAccountRow>(self).map_err(StoreError::on("sub_accounts"))?);
        }
        Ok(rows)
    }

    /// Returns the sub-accounts that count at a sequence.
    pub fn sub_accounts_at(&mut self, sequence: i64) -> Result<Vec<SubAccountRow>, StoreError> {
        sub_accounts::table
            .filter(sub_accounts::seq_from.le(sequence))
            .filter(sub_accounts::seq_to.is_null().or(sub_accounts::seq_to.gt(sequence)))
            .order(sub_accounts::id)
            .select(SubAccountRow::as_select())
            .load(self)
            .map_err(StoreError::on("sub_accounts"))
    }

    /// Returns the last sequence, up to one, at which a sub-account began or ceased to count; 0 where none did.
    pub fn sub_accounts_sequence(&mut self, sequence: i64) -> Result<i64, StoreError> {
        let newest = |found: Option<i64>| found.unwrap_or(0);
        let began =
            sub_accounts::table.filter(sub_accounts::seq_from.le(sequence)).select(diesel::dsl::max(sub_accounts::seq_from));
        let ended = sub_accounts::table.filter(sub_accounts::seq_to.le(sequence)).select(diesel::dsl::max(sub_accounts::seq_to));
        let began: Option<i64> = began.first(self).map_err(StoreError::on("sub_accounts"))?;
        let ended: Option<i64> = ended.first(self).map_err(StoreError::on("sub_accounts"))?;
        Ok(newest(began).max(newest(ended)))
    }
}

impl Transaction<'_> {
    /// Adds a sub-account; false where the same stands already.
    pub fn add_sub_account(&mut self, row: &SubAccountRow) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(sub_accounts::table).values(row);
        super::backend::written!(self, "sub_accounts", insert.on_conflict_do_nothing()).map(|rows| rows == 1)
    }

    /// Notes that the holder confirmed a sub-account that stands.
    ///
    /// # Errors
    /// `StoreError::Stale` where it was confirmed or ended meanwhile.
    pub fn confirm_sub_account(&mut self, id: SubAccountId, at: UtcTime) -> Result<(), StoreError> {
        let open = sub_accounts::table.find(id).filter(sub_accounts::confirmed_at.is_null());
        let open = open.filter(sub_accounts::ended_at.is_null());
        written_once!(self, "sub_accounts", diesel::update(open).set(sub_accounts::confirmed_at.eq(at)))
    }

    /// Notes that a sub-account that stands ended.
    ///
    /// # Errors
    /// `StoreError::Stale` where it ended meanwhile.
    pub fn end_sub_account(&mut self, id: SubAccountId, at: UtcTime) -> Result<(), StoreError> {
        let open = sub_accounts::table.find(id).filter(sub_accounts::ended_at.is_null());
        written_once!(self, "sub_accounts", diesel::update(open).set(sub_accounts::ended_at.eq(at)))
    }
}
