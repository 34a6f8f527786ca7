//! Rows of claims. They are narrow because there are many. The batch holds what its rows share, and the batch's sequence is the first
//! sequence of its rows. Rows are not valid until their batch exists.

use super::edge::*;
use super::schema::{claim_batches, claims};
use super::{Conn, StoreError, Transaction};
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::sql_types::Binary;
use vasp_record::claim::{Strength, Visibility};
use vasp_words::time::UtcTime;

/// A row of the table of claims.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = claims, treat_none_as_default_value = false)]
pub struct ClaimRow {
    /// Number of the claim.
    pub number: i64,
    /// Number of the class of networks.
    pub class: i32,
    /// What must act for the account: the same on all networks of the class.
    pub controller: Vec<u8>,
    /// Memo that the claim is limited to; empty if there is none.
    pub memo: String,
    /// Network number; families of networks have reserved numbers.
    pub network: i32,
    /// Account key.
    pub account_key: Vec<u8>,
    /// Number of the claimed owner.
    pub vasp: i64,
    /// Number of its batch.
    pub batch: i64,
    /// Role code.
    pub role: i16,
    /// 0 to 100.
    pub confidence: Option<i16>,
    /// When the source asserted it, microseconds since the epoch; `None` if the source gives no date.
    pub asserted_at: Option<i64>,
    /// When it expires.
    pub expires_at: Option<i64>,
    /// First sequence at which it was no longer valid.
    pub seq_to: Option<i64>,
}

/// A claim to add.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewClaim {
    /// The claim, which has not ended.
    pub row: ClaimRow,
    /// Position in the batch, from 0.
    pub position: i32,
    /// The controllers of the account after the first, each with its class; empty for most accounts.
    pub others: Vec<(i32, Vec<u8>)>,
}

/// The same claim as a flat, borrowed row, as COPY needs it.
#[derive(Insertable)]
#[diesel(table_name = claims, treat_none_as_default_value = false)]
struct WrittenClaim<'a> {
    number: i64,
    class: i32,
    controller: &'a [u8],
    memo: &'a str,
    network: i32,
    account_key: &'a [u8],
    vasp: i64,
    batch: i64,
    position: i32,
    role: i16,
    confidence: Option<i16>,
    asserted_at: Option<i64>,
    expires_at: Option<i64>,
    seq_to: Option<i64>,
}

impl<'a> WrittenClaim<'a> {
    fn of(NewClaim { row, position, .. }: &'a NewClaim) -> Self {
        Self {
            number: row.number,
            class: row.class,
            controller: &row.controller,
            memo: &row.memo,
            network: row.network,
            account_key: &row.account_key,
            vasp: row.vasp,
            batch: row.batch,
            position: *position,
            role: row.role,
            confidence: row.confidence,
            asserted_at: row.asserted_at,
            expires_at: row.expires_at,
            seq_to: row.seq_to,
        }
    }
}

/// A batch to seal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimBatch {
    /// Number of the batch.
    pub number: i64,
    /// Source of its claims.
    pub source: String,
    /// The source without its version. A later version of the source confirms the same claims.
    pub source_key: String,
    /// Method by which the registry learnt them.
    pub method: String,
    /// Strength of the claims.
    pub strength: Strength,
    /// Who may see them.
    pub visibility: Visibility,
    /// Number of rows; only for the log.
    pub row_count: i64,
    /// Merkle root of the salted rows; only for the log.
    pub root: Vec<u8>,
    /// Sealed seed of the row salts.
    pub seed: Vec<u8>,
    /// When the registry verified them; `None` if it has not.
    pub verified_at: Option<UtcTime>,
    /// Number of the batch that stands for all parts of one import; its own number if it is whole.
    pub part_of: i64,
}

/// A batch with the columns that readers need.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable)]
#[diesel(table_name = claim_batches, treat_none_as_default_value = false)]
pub struct BatchRow {
    /// Number of the batch.
    pub number: i64,
    /// Source of its claims.
    pub source: String,
    /// The source without its version.
    pub source_key: String,
    /// Method by which the registry learnt them.
    pub method: String,
    /// Strength of the claims.
    pub strength: Strength,
    /// Who may see them.
    pub visibility: Visibility,
    /// When the registry verified them; `None` if it has not.
    pub verified_at: Option<UtcTime>,
    /// First sequence at which its claims are valid.
    pub seq_from: i64,
    /// Number of the batch that stands for all parts of one import; its own number if it is whole.
    pub part_of: i64,
}

/// The number of claims of one batch that one owner has on one network, and the newest of them.
#[derive(Clone, Debug, PartialEq, Eq, Queryable)]
pub struct CoverageRow {
    /// Network number.
    pub network: i32,
    /// Number of the batch.
    pub batch: i64,
    /// Number of the owner.
    pub vasp: i64,
    /// Number of claims.
    pub claims: i64,
    /// Newest assertion, microseconds since the epoch.
    pub newest: Option<i64>,
}

pub(super) fn insert_batch(conn: &mut Conn, batch: &ClaimBatch, sequence: i64) -> Result<(), StoreError> {
    let row = (
        claim_batches::number.eq(batch.number),
        claim_batches::source.eq(&batch.source),
        claim_batches::source_key.eq(&batch.source_key),
        claim_batches::method.eq(&batch.method),
        claim_batches::strength.eq(batch.strength),
        claim_batches::visibility.eq(batch.visibility),
        claim_batches::seed.eq(&batch.seed),
        claim_batches::verified_at.eq(batch.verified_at),
        claim_batches::seq_from.eq(sequence),
        claim_batches::part_of.eq(batch.part_of),
    );
    diesel::insert_into(claim_batches::table).values(row).execute(conn).map(drop).map_err(StoreError::on("claim_batches"))
}

/// Ends claims that were read.
pub(super) fn end(conn: &mut Conn, numbers: &[i64], sequence: i64) -> Result<(), StoreError> {
    let mut ended = 0;
    for chunk in numbers.chunks(1_000) {
        let rows = claims::table.filter(claims::number.eq_any(chunk)).filter(claims::seq_to.is_null());
        ended += diesel::update(rows).set(claims::seq_to.eq(sequence)).execute(conn).map_err(StoreError::on("claims"))?;
    }
    if ended == numbers.len() { Ok(()) } else { Err(StoreError::Stale { table: "claims" }) }
}

/// Number of last bytes of a controller by which SQLite finds its claims. An index of whole controllers would store each twice.
///
/// Source: migrations/schema, `claims_by_controller`.
const TAIL: usize = 8;

fn tail(controller: &[u8]) -> &[u8] {
    controller.get(controller.len().saturating_sub(TAIL)..).unwrap_or(controller)
}

/// The expression of the index, exactly as the index has it.
fn tail_of_controller() -> SqlLiteral<Binary> {
    sql::<Binary>("substr(claims.controller, -8)")
}

impl Transaction<'_> {
    /// Writes rows of a batch, which are valid once the batch is recorded. PostgreSQL writes in the order of the key, so that each index
    /// page is touched once. SQLite writes in the order of numbers, in which the table grows.
    pub fn add_claims(&mut self, rows: &[NewClaim]) -> Result<(), StoreError> {
        self.add_other_controllers(rows)?;
        let mut rows: Vec<WrittenClaim<'_>> = rows.iter().map(WrittenClaim::of).collect();
        match self.conn() {
            // A statement for one row is prepared once; Diesel makes and prepares one for many rows anew each time.
            Conn::Sqlite(c) => {
                rows.iter().try_for_each(|row| diesel::insert_into(claims::table).values(row).execute_typed(c).map(drop))
            }
            Conn::Postgres(_) if rows.is_empty() => Ok(()),
            Conn::Postgres(c) => {
                rows.sort_unstable_by_key(|row| (row.class, row.controller, row.memo, row.number));
                diesel::copy_from(claims::table).from_insertable(&rows).execute(c).map(drop)
            }
        }
        .map_err(StoreError::on("claims"))
    }
}

impl Conn {
    /// Returns the claims on some controllers of one class that have not ended. Imports match their rows against them.
    pub fn live_claims_of(&mut self, class: i32, controllers: &[&[u8]]) -> Result<Vec<ClaimRow>, StoreError> {
        let mut rows = self.claims_of(class, controllers)?;
        rows.retain(|row| row.seq_to.is_none());
        Ok(rows)
    }

    /// Returns every version of the claims on some controllers of one class, each under the controller by which it was found: a claim on
    /// an account with several comes once for each.
    pub fn claims_of(&mut self, class: i32, controllers: &[&[u8]]) -> Result<Vec<ClaimRow>, StoreError> {
        let mut rows = self.claims_stored_under(class, controllers)?;
        rows.extend(self.claims_by_others(class, controllers)?.into_iter().map(|(_, row)| row));
        Ok(rows)
    }

    /// Returns every version of the claims that are stored under some controllers of one class.
    pub fn claims_stored_under(&mut self, class: i32, controllers: &[&[u8]]) -> Result<Vec<ClaimRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in controllers.chunks(500) {
            let of_controllers = || {
                let of_class = claims::table.filter(claims::class.eq(class)).filter(claims::controller.eq_any(chunk));
                of_class.order((claims::memo, claims::number))
            };
            let found: Result<Vec<ClaimRow>, _> = match self {
                Self::Sqlite(c) => {
                    let tails = chunk.iter().map(|one| tail(one));
                    of_controllers().filter(tail_of_controller().eq_any(tails)).select(ClaimRow::as_select()).load(c)
                }
                Self::Postgres(c) => of_controllers().select(ClaimRow::as_select()).load(c),
            };
            rows.extend(found.map_err(StoreError::on("claims"))?);
        }
        Ok(rows)
    }

    /// Returns some claims by their numbers, ended ones too.
    pub fn claims_numbered(&mut self, numbers: &[i64]) -> Result<Vec<ClaimRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in numbers.chunks(500) {
            let query = claims::table.filter(claims::number.eq_any(chunk)).order(claims::number).select(ClaimRow::as_select());
            rows.extend(query.load::<ClaimRow>(self).map_err(StoreError::on("claims"))?);
        }
        Ok(rows)
    }

    /// Returns rows of a batch after `position`, in order of position, at most `limit`, each with its position.
    pub fn claims_of_batch(&mut self, batch: i64, after: i32, limit: i64) -> Result<Vec<(i32, ClaimRow)>, StoreError> {
        claims::table
            .filter(claims::batch.eq(batch))
            .filter(claims::position.gt(after))
            .order(claims::position)
            .limit(limit)
            .select((claims::position, ClaimRow::as_select()))
            .load(self)
            .map_err(StoreError::on("claims"))
    }

    /// Returns the claims that ended after `after` and at or before `until`.
    pub fn claims_ended(&mut self, after: i64, until: i64) -> Result<Vec<ClaimRow>, StoreError> {
        claims::table
            .filter(claims::seq_to.gt(after))
            .filter(claims::seq_to.le(until))
            .select(ClaimRow::as_select())
            .load(self)
            .map_err(StoreError::on("claims"))
    }

    /// Returns the batches that became valid after `after` and at or before `until`, in order.
    pub fn claim_batches_between(&mut self, after: i64, until: i64) -> Result<Vec<BatchRow>, StoreError> {
        claim_batches::table
            .filter(claim_batches::seq_from.gt(after))
            .filter(claim_batches::seq_from.le(until))
            .order(claim_batches::seq_from)
            .select(BatchRow::as_select())
            .load(self)
            .map_err(StoreError::on("claim_batches"))
    }

    /// Returns the controllers, each with its class, whose claims began or ended after `after` and at or before `until`. One may come twice.
    /// If there are more than `most`, the result has more than `most`, but not all of them.
    pub fn changed_controllers(&mut self, after: i64, until: i64, most: i64) -> Result<Vec<(i32, Vec<u8>)>, StoreError> {
        let mut found: Vec<(i64, (i32, Vec<u8>))> = claims::table
            .filter(claims::seq_to.gt(after))
            .filter(claims::seq_to.le(until))
            .limit(most.saturating_add(1))
            .select((claims::number, (claims::class, claims::controller)))
            .load(self)
            .map_err(StoreError::on("claims"))?;
        for batch in self.claim_batches_between(after, until)? {
            let left = most.saturating_sub(i64::try_from(found.len()).unwrap_or(i64::MAX));
            if left < 0 {
                break;
            }
            let rows = self.claims_of_batch(batch.number, -1, left.saturating_add(1))?;
            found.extend(rows.into_iter().map(|(_, row)| (row.number, (row.class, row.controller))));
        }
        let (numbers, mut found): (Vec<i64>, Vec<_>) = found.into_iter().unzip();
        found.extend(self.other_controllers(&numbers)?);
        Ok(found)
    }

    /// Returns the numbers of the parts that some batches stand for, and of the batches themselves.
    pub fn parts_of_batches(&mut self, numbers: &[i64]) -> Result<Vec<(i64, i64)>, StoreError> {
        let mut parts = Vec::new();
        for chunk in numbers.chunks(500) {
            let is_meant = claim_batches::part_of.eq_any(chunk).or(claim_batches::number.eq_any(chunk));
            let query = claim_batches::table.filter(is_meant).order(claim_batches::number);
            let found = query.select((claim_batches::number, claim_batches::part_of)).load::<(i64, i64)>(self);
            parts.extend(found.map_err(StoreError::on("claim_batches"))?);
        }
        Ok(parts)
    }

    /// Returns some batches by their numbers.
    pub fn claim_batches(&mut self, numbers: &[i64]) -> Result<Vec<BatchRow>, StoreError> {
        let mut rows = Vec::new();
        for chunk in numbers.chunks(500) {
            let query = claim_batches::table.filter(claim_batches::number.eq_any(chunk)).select(BatchRow::as_select());
            rows.extend(query.load::<BatchRow>(self).map_err(StoreError::on("claim_batches"))?);
        }
        Ok(rows)
    }

    /// Returns how many claims were ever added.
    pub fn claim_count(&mut self) -> Result<i64, StoreError> {
        super::transaction::counter(self, "claims")
    }

    /// Returns, per network, batch and owner, how many claims had not ended at `sequence`; for one batch, or for all. Rows of an import
    /// that is not sealed are not counted.
    pub fn coverage_at(&mut self, sequence: i64, batch: Option<i64>) -> Result<Vec<CoverageRow>, StoreError> {
        let sealed = claim_batches::table.filter(claim_batches::seq_from.le(sequence)).select(claim_batches::number);
        claims::table
            .filter(claims::batch.between(batch.unwrap_or(i64::MIN), batch.unwrap_or(i64::MAX)))
            .filter(claims::batch.eq_any(sealed))
            .filter(claims::seq_to.is_null().or(claims::seq_to.gt(sequence)))
            .group_by((claims::network, claims::batch, claims::vasp))
            .select((
                claims::network,
                claims::batch,
                claims::vasp,
                diesel::dsl::count_star(),
                diesel::dsl::max(claims::asserted_at),
            ))
            .load(self)
            .map_err(StoreError::on("claims"))
    }
}
