//! Sub-accounts: memos of one VASP's address that belong to another VASP, as both of them state.

use super::backend::{written, written_once};
use super::edge::*;
use super::schema::sub_accounts;
use super::{Conn, StoreError, Transaction};
use vasp_record::resolution::SubAccount;
use vasp_words::ids::{SubAccountId, VaspId};
use vasp_words::time::UtcTime;

/// A row of the table of sub-accounts.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = sub_accounts, treat_none_as_default_value = false)]
pub struct SubAccountRow {
    /// Its id.
    pub id: SubAccountId,
    /// Network number of the account.
    pub network: i32,
    /// Account key.
    pub account_key: Vec<u8>,
    /// Memo; empty for every memo of the address.
    pub memo: String,
    /// The VASP that owns the address.
    pub owner: VaspId,
    /// The VASP that the memo belongs to.
    pub holder: VaspId,
    /// When the owner named or refused it.
    pub named_at: UtcTime,
    /// When the holder confirmed it; `None` if it has not.
    pub confirmed_at: Option<UtcTime>,
    /// When the owner stated that the memo is not the holder's; `None` if it has not. A refused sub-account is never valid.
    pub refused_at: Option<UtcTime>,
    /// When the owner or the holder ended it; `None` if neither has.
    pub ended_at: Option<UtcTime>,
    /// First sequence at which it is valid; `None` if it was never valid.
    pub seq_from: Option<i64>,
    /// First sequence at which it is no longer valid; `None` if it has not ended.
    pub seq_to: Option<i64>,
}

impl SubAccountRow {
    /// Returns a new, unconfirmed sub-account that its owner names at an instant.
    #[must_use]
    pub fn named(
        id: SubAccountId,
        named_at: UtcTime,
        network: i32,
        account_key: &[u8],
        memo: &str,
        owner: VaspId,
        holder: VaspId,
    ) -> Self {
        let (account_key, memo) = (account_key.to_vec(), memo.to_owned());
        let (confirmed_at, refused_at, ended_at, seq_from, seq_to) = (None, None, None, None, None);
        Self { id, network, account_key, memo, owner, holder, named_at, confirmed_at, refused_at, ended_at, seq_from, seq_to }
    }

    /// Returns its statement about the account.
    #[must_use]
    pub fn says(&self) -> SubAccount {
        SubAccount { owner: self.owner, holder: self.holder, memo: Some(self.memo.clone()).filter(|memo| !memo.is_empty()) }
    }
}

/// Makes a confirmed sub-account valid from a sequence on.
pub(super) fn count(conn: &mut Conn, id: SubAccountId, sequence: i64) -> Result<(), StoreError> {
    let update = diesel::update(sub_accounts::table.find(id).filter(sub_accounts::seq_from.is_null()))
        .set(sub_accounts::seq_from.eq(sequence));
    once(update.execute(conn))
}

/// Ends the validity of a sub-account at a sequence.
pub(super) fn end(conn: &mut Conn, id: SubAccountId, sequence: i64) -> Result<(), StoreError> {
    let update = diesel::update(sub_accounts::table.find(id).filter(sub_accounts::seq_to.is_null()))
        .set(sub_accounts::seq_to.eq(sequence));
    once(update.execute(conn))
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

    /// Returns the sub-accounts of which a VASP is the owner or the holder, after `after`, oldest first.
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

    /// Returns the sub-accounts of an account that have not ended.
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

    /// Returns the confirmed sub-accounts of some accounts of one network that have not ended.
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

    /// Returns the sub-accounts that are valid at a sequence.
    pub fn sub_accounts_at(&mut self, sequence: i64) -> Result<Vec<SubAccountRow>, StoreError> {
        sub_accounts::table
            .filter(sub_accounts::seq_from.le(sequence))
            .filter(sub_accounts::seq_to.is_null().or(sub_accounts::seq_to.gt(sequence)))
            .order(sub_accounts::id)
            .select(SubAccountRow::as_select())
            .load(self)
            .map_err(StoreError::on("sub_accounts"))
    }

    /// Returns the last sequence, up to `sequence`, at which a sub-account became valid or ended; 0 if there is none.
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
    /// Adds a sub-account; `false` if the same one exists already.
    pub fn add_sub_account(&mut self, row: &SubAccountRow) -> Result<bool, StoreError> {
        let insert = diesel::insert_into(sub_accounts::table).values(row);
        written(self.conn(), "sub_accounts", insert.unless_there()).map(|rows| rows == 1)
    }

    /// Records that the holder confirmed a sub-account that has not ended.
    ///
    /// # Errors
    /// `StoreError::Stale` if it was confirmed or ended in the meantime.
    pub fn confirm_sub_account(&mut self, id: SubAccountId, at: UtcTime) -> Result<(), StoreError> {
        let open = sub_accounts::table.find(id).filter(sub_accounts::confirmed_at.is_null());
        let open = open.filter(sub_accounts::ended_at.is_null());
        written_once(self.conn(), "sub_accounts", diesel::update(open).set(sub_accounts::confirmed_at.eq(at)))
    }

    /// Records the end of a sub-account.
    ///
    /// # Errors
    /// `StoreError::Stale` if it ended in the meantime.
    pub fn end_sub_account(&mut self, id: SubAccountId, at: UtcTime) -> Result<(), StoreError> {
        let open = sub_accounts::table.find(id).filter(sub_accounts::ended_at.is_null());
        written_once(self.conn(), "sub_accounts", diesel::update(open).set(sub_accounts::ended_at.eq(at)))
    }
}
