//! Reads the whole table of claims, as the index does when a process starts. Several threads read it, each with its own connection, and
//! rows are borrowed, not copied. On SQLite it uses rusqlite, which reads a row in half the time that Diesel needs.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use diesel::RunQueryDsl;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, SmallInt, Text};
use rusqlite::types::ValueRef;

use super::backend::Conn;
use super::{Store, StoreError};

/// A claim that the scan lends to its caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ScannedClaim<'a> {
    /// Number of the class of networks.
    pub class: i32,
    /// What must act for the account.
    pub controller: &'a [u8],
    /// Network number; that of the family if the claim names only a family.
    pub network: i32,
    /// Account key.
    pub account_key: &'a [u8],
    /// Memo that the claim is limited to; empty if there is none.
    pub memo: &'a str,
    /// Number of the claim.
    pub number: i64,
    /// Number of the claimed owner.
    pub vasp: i64,
    /// Number of its batch.
    pub batch: i64,
    /// Role code.
    pub role: i16,
    /// 0 to 100.
    pub confidence: Option<i16>,
    /// When it was asserted, microseconds since the epoch.
    pub asserted_at: Option<i64>,
    /// When it expires.
    pub expires_at: Option<i64>,
    /// First sequence at which it was no longer valid.
    pub seq_to: Option<i64>,
    /// The class under which it is stored, if class and controller are not those, which the scan lends, but others of the account.
    pub stored_under: Option<i32>,
}

/// The columns of a scanned claim, in order.
pub(super) const COLUMNS: &str =
    "class, controller, network, account_key, memo, number, vasp, batch, role, confidence, asserted_at, expires_at, seq_to";

/// The types of these columns, and of a position.
pub(super) type ScannedTypes = (
    (Integer, Binary, Integer, Binary, Text, BigInt, BigInt, BigInt, SmallInt),
    (Nullable<SmallInt>, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>, Integer),
);

/// A row of these columns, from PostgreSQL.
pub(super) type ScannedRow =
    ((i32, Vec<u8>, i32, Vec<u8>, String, i64, i64, i64, i16), (Option<i16>, Option<i64>, Option<i64>, Option<i64>, i32));

/// Lends a row, with its position.
pub(super) fn lent_by_postgres((claim, rest): &ScannedRow) -> (ScannedClaim<'_>, i32) {
    let (class, controller, network, account_key, memo, number, vasp, batch, role) = claim;
    let (confidence, asserted_at, expires_at, seq_to, position) = rest;
    let claim = ScannedClaim {
        class: *class,
        controller,
        network: *network,
        account_key,
        memo,
        number: *number,
        vasp: *vasp,
        batch: *batch,
        role: *role,
        confidence: *confidence,
        asserted_at: *asserted_at,
        expires_at: *expires_at,
        seq_to: *seq_to,
        stored_under: None,
    };
    (claim, *position)
}

/// Number of parts that the table is cut into: enough that the threads finish together, few enough that each part is long.
const STRETCHES: i64 = 16;
/// Partitions of the table on PostgreSQL.
///
/// Source: migrations/schema, the parts of `claims`.
const PARTITIONS: usize = 8;

/// A range of claim numbers, from the first to the last.
struct Stretch {
    from: i64,
    to: i64,
}

impl Store {
    /// Calls `each` once for every row that was committed before the call. Rows committed later may be included. Each thread collects into
    /// a value from `part`, and passes it to `done` after its last row. Returns the results of `done`, in any order.
    pub fn scan_claims<T, U: Send>(
        &self,
        threads: usize,
        part: impl Fn() -> T + Sync,
        each: impl Fn(&mut T, &ScannedClaim<'_>) + Sync,
        done: impl Fn(T) -> U + Sync,
    ) -> Result<Vec<U>, StoreError> {
        let stretches = self.target.open_rows().map(|conn| stretches(&conn?)).transpose()?;
        let next = AtomicUsize::new(0);
        let failed: Mutex<Option<StoreError>> = Mutex::default();
        let work = || {
            let mut gathered = part();
            let read = match &stretches {
                Some(stretches) => self.scan_sqlite(stretches, &next, |row| each(&mut gathered, row)),
                None => self.scan_postgres(&next, |row| each(&mut gathered, row)),
            };
            if let Err(error) = read {
                self.note_met();
                next.store(usize::MAX / 2, Ordering::Relaxed);
                failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            }
            done(gathered)
        };
        let parts = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads.max(1)).map(|_| scope.spawn(work)).collect();
            let mut parts = vec![work()];
            for other in others {
                parts.push(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            parts
        });
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(parts),
        }
    }

    fn scan_sqlite(
        &self,
        stretches: &[Stretch],
        next: &AtomicUsize,
        mut each: impl FnMut(&ScannedClaim<'_>),
    ) -> Result<(), StoreError> {
        let Some(conn) = self.target.open_rows().transpose()? else { return Ok(()) };
        let mut ask =
            conn.prepare(&format!("SELECT {COLUMNS} FROM claims WHERE number BETWEEN ?1 AND ?2")).map_err(claims_error)?;
        while let Some(stretch) = stretches.get(next.fetch_add(1, Ordering::Relaxed)) {
            let mut rows = ask.query((stretch.from, stretch.to)).map_err(claims_error)?;
            while let Some(row) = rows.next().map_err(claims_error)? {
                each(&lent(row)?);
            }
        }
        Ok(())
    }

    fn scan_postgres(&self, next: &AtomicUsize, mut each: impl FnMut(&ScannedClaim<'_>)) -> Result<(), StoreError> {
        // Do not take this connection from the pool: the caller of the scan may hold the pool's last one.
        let mut conn = self.target.connect()?;
        let Conn::Postgres(conn) = &mut conn else { return Ok(()) };
        loop {
            let partition = next.fetch_add(1, Ordering::Relaxed);
            if partition >= PARTITIONS {
                return Ok(());
            }
            let query = diesel::dsl::sql::<ScannedTypes>(&format!("SELECT {COLUMNS}, 0 FROM claims_{partition}"));
            let rows = RunQueryDsl::load_iter::<ScannedRow, PgRowByRowLoadingMode>(query, conn);
            for row in rows.map_err(StoreError::on("claims"))? {
                each(&lent_by_postgres(&row.map_err(StoreError::on("claims"))?).0);
            }
        }
    }
}

pub(super) fn claims_error(error: rusqlite::Error) -> StoreError {
    rusqlite_error("claims", &error)
}

pub(super) fn rusqlite_error(table: &'static str, error: &rusqlite::Error) -> StoreError {
    StoreError::said(error.to_string(), |words| StoreError::Query {
        table,
        source: diesel::result::Error::QueryBuilderError(words.into()),
    })
}

/// Cuts the table into parts with an equal range of numbers.
fn stretches(conn: &rusqlite::Connection) -> Result<Vec<Stretch>, StoreError> {
    let ends = "SELECT (SELECT min(number) FROM claims), (SELECT max(number) FROM claims)";
    let (first, last): (Option<i64>, Option<i64>) =
        conn.query_row(ends, [], |row| Ok((row.get(0)?, row.get(1)?))).map_err(claims_error)?;
    Ok(first.zip(last).map_or_else(Vec::new, |(first, last)| cut(first, last)))
}

fn cut(first: i64, last: i64) -> Vec<Stretch> {
    let step = last.saturating_sub(first) / STRETCHES + 1;
    let stretch = |n: i64| {
        let from = first.saturating_add(n.saturating_mul(step));
        Stretch { from, to: from.saturating_add(step - 1).min(last) }
    };
    (0..STRETCHES).map(stretch).take_while(|stretch| stretch.from <= last).collect()
}

/// Reads a row that SQLite lends. Columns have the types of the schema; a value of another type is an error.
pub(super) fn lent<'a>(row: &'a rusqlite::Row<'_>) -> Result<ScannedClaim<'a>, StoreError> {
    let wrong = |column: &'static str| StoreError::impossible("claims", format!("the scan found an impossible {column}"));
    let value = |column: usize, name: &'static str| row.get_ref(column).map_err(|_| wrong(name));
    let optional = |column: usize, name: &'static str| match value(column, name)? {
        ValueRef::Null => Ok(None),
        ValueRef::Integer(number) => Ok(Some(number)),
        _ => Err(wrong(name)),
    };
    let number = |column: usize, name: &'static str| optional(column, name)?.ok_or_else(|| wrong(name));
    let blob = |column: usize, name: &'static str| match value(column, name)? {
        ValueRef::Blob(bytes) => Ok(bytes),
        _ => Err(wrong(name)),
    };
    let ValueRef::Text(memo) = value(4, "memo")? else { return Err(wrong("memo")) };
    Ok(ScannedClaim {
        class: i32::try_from(number(0, "class")?).map_err(|_| wrong("class"))?,
        controller: blob(1, "controller")?,
        network: i32::try_from(number(2, "network")?).map_err(|_| wrong("network"))?,
        account_key: blob(3, "account_key")?,
        memo: std::str::from_utf8(memo).map_err(|_| wrong("memo"))?,
        number: number(5, "number")?,
        vasp: number(6, "vasp")?,
        batch: number(7, "batch")?,
        role: i16::try_from(number(8, "role")?).map_err(|_| wrong("role"))?,
        confidence: optional(9, "confidence")?.map(i16::try_from).transpose().map_err(|_| wrong("confidence"))?,
        asserted_at: optional(10, "asserted_at")?,
        expires_at: optional(11, "expires_at")?,
        seq_to: optional(12, "seq_to")?,
        stored_under: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn stretches_have_every_number_once(first in 0i64..1 << 40, more in 0i64..1 << 40) {
            let stretches = cut(first, first + more);
            prop_assert!(stretches.len() <= 16);
            prop_assert_eq!((stretches[0].from, stretches.last().unwrap().to), (first, first + more));
            prop_assert!(stretches.windows(2).all(|pair| pair[0].to + 1 == pair[1].from));
            prop_assert!(stretches.iter().all(|stretch| stretch.from <= stretch.to));
        }
    }
}
