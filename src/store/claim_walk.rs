//! Reads the claims of batches in the order in which their Merkle roots were made: by batch and position. Rows are lent one by one, so
//! this needs no memory of its own. On SQLite it uses rusqlite, as the scan does.

use diesel::RunQueryDsl;
use diesel::pg::PgRowByRowLoadingMode;
use diesel::sql_types::{BigInt, Binary, Integer, Nullable, SmallInt, Text};

use super::claim_scan::{claims_error, lent};
use super::{Conn, ScannedClaim, Store, StoreError};

/// The columns of a scanned claim, and the position.
const COLUMNS: &str =
    "network, account_key, memo, number, vasp, batch, role, confidence, asserted_at, expires_at, seq_to, position";

impl Store {
    /// Calls `each` for every row of the batches in a range of numbers, with the row's position. The order is batch, then position. Stops
    /// if `each` returns false.
    ///
    /// # Errors
    /// `StoreError` if the rows cannot be read.
    pub fn walk_batches(
        &self,
        (first, last): (i64, i64),
        mut each: impl FnMut(&ScannedClaim<'_>, i64) -> bool,
    ) -> Result<(), StoreError> {
        match self.target.open_rows().transpose()? {
            Some(conn) => {
                let sql = format!("SELECT {COLUMNS} FROM claims WHERE batch BETWEEN ?1 AND ?2 ORDER BY batch, position, number");
                let mut ask = conn.prepare(&sql).map_err(claims_error)?;
                let mut rows = ask.query((first, last)).map_err(claims_error)?;
                while let Some(row) = rows.next().map_err(claims_error)? {
                    let position = row.get(11).map_err(claims_error)?;
                    if !each(&lent(row)?, position) {
                        break;
                    }
                }
                Ok(())
            }
            None => self.walk_postgres((first, last), each),
        }
    }

    fn walk_postgres(
        &self,
        (first, last): (i64, i64),
        mut each: impl FnMut(&ScannedClaim<'_>, i64) -> bool,
    ) -> Result<(), StoreError> {
        type Types = (
            (Integer, Binary, Text, BigInt, BigInt, BigInt, SmallInt),
            (Nullable<SmallInt>, Nullable<BigInt>, Nullable<BigInt>, Nullable<BigInt>, Integer),
        );
        type Row = ((i32, Vec<u8>, String, i64, i64, i64, i16), (Option<i16>, Option<i64>, Option<i64>, Option<i64>, i32));
        let mut conn = self.target.establish()?;
        let Conn::Postgres(conn) = &mut conn else { return Ok(()) };
        let query = diesel::dsl::sql::<Types>(&format!(
            "SELECT {COLUMNS} FROM claims WHERE batch BETWEEN {first} AND {last} ORDER BY batch, position, number"
        ));
        for row in RunQueryDsl::load_iter::<Row, PgRowByRowLoadingMode>(query, conn).map_err(StoreError::on("claims"))? {
            let (claim, rest) = row.map_err(StoreError::on("claims"))?;
            let (network, account_key, memo, number, vasp, batch, role) = claim;
            let (confidence, asserted_at, expires_at, seq_to, position) = rest;
            let (account_key, memo) = (account_key.as_slice(), memo.as_str());
            let claim = ScannedClaim {
                network,
                account_key,
                memo,
                number,
                vasp,
                batch,
                role,
                confidence,
                asserted_at,
                expires_at,
                seq_to,
            };
            if !each(&claim, position.into()) {
                break;
            }
        }
        Ok(())
    }
}
