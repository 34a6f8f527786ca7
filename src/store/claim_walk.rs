//! Reads the claims of batches in the order in which their Merkle roots were made: by batch and position. Rows are lent one by one, so
//! this needs no memory of its own. On SQLite it uses rusqlite, as the scan does.

use diesel::RunQueryDsl;
use diesel::pg::PgRowByRowLoadingMode;

use super::claim_scan::{COLUMNS, ScannedRow, ScannedTypes, claims_error, lent, lent_by_postgres};
use super::{Conn, ScannedClaim, Store, StoreError};

impl Store {
    /// Calls `each` for every row of the batches in a range of numbers, with the row's position. The order is batch, then position. Stops
    /// if `each` returns false.
    ///
    /// # Errors
    /// `StoreError` if the rows cannot be read.
    pub fn walk_batches(
        &self,
        first: i64,
        last: i64,
        mut each: impl FnMut(&ScannedClaim<'_>, i64) -> bool,
    ) -> Result<(), StoreError> {
        match self.target.open_rows().transpose()? {
            Some(conn) => {
                let sql = format!(
                    "SELECT {COLUMNS}, position FROM claims WHERE batch BETWEEN ?1 AND ?2 ORDER BY batch, position, number"
                );
                let mut ask = conn.prepare(&sql).map_err(claims_error)?;
                let mut rows = ask.query((first, last)).map_err(claims_error)?;
                while let Some(row) = rows.next().map_err(claims_error)? {
                    let position = row.get(13).map_err(claims_error)?;
                    if !each(&lent(row)?, position) {
                        break;
                    }
                }
                Ok(())
            }
            None => self.walk_postgres(first, last, each),
        }
    }

    fn walk_postgres(
        &self,
        first: i64,
        last: i64,
        mut each: impl FnMut(&ScannedClaim<'_>, i64) -> bool,
    ) -> Result<(), StoreError> {
        let mut conn = self.target.establish()?;
        let Conn::Postgres(conn) = &mut conn else { return Ok(()) };
        let query = diesel::dsl::sql::<ScannedTypes>(&format!(
            "SELECT {COLUMNS}, position FROM claims WHERE batch BETWEEN {first} AND {last} ORDER BY batch, position, number"
        ));
        let rows = RunQueryDsl::load_iter::<ScannedRow, PgRowByRowLoadingMode>(query, conn);
        for row in rows.map_err(StoreError::on("claims"))? {
            let row = row.map_err(StoreError::on("claims"))?;
            let (claim, position) = lent_by_postgres(&row);
            if !each(&claim, position.into()) {
                break;
            }
        }
        Ok(())
    }
}
