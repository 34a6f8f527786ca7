//! The steps of a transaction around the closure that it runs. They are functions of their own, so that they are compiled once and not once
//! for each closure.

use diesel::r2d2::PooledConnection;

use super::backend::{self, Manager};
use super::{Conn, Store, StoreError, Transaction, WriteMode};

impl Store {
    #[inline(never)]
    pub(super) fn begin_read(&self) -> Result<PooledConnection<Manager>, StoreError> {
        let mut conn = self.readers.get().map_err(StoreError::pool)?;
        backend::begin_read(&mut conn)?;
        Ok(conn)
    }

    #[inline(never)]
    pub(super) fn begin_write(&self) -> Result<PooledConnection<Manager>, StoreError> {
        let mut conn = self.writer()?;
        self.lock_for_writing(&mut conn)?;
        Ok(conn)
    }

    pub(super) fn lock_for_writing(&self, conn: &mut Conn) -> Result<(), StoreError> {
        backend::begin_write(conn).map_err(|e| e.or_locked(&self.target, self.lock_timeout))
    }

    /// Seals what the transaction recorded, and commits it unless it is a rehearsal. Returns the last sequence.
    #[inline(never)]
    pub(super) fn end_write(&self, mut transaction: Transaction<'_>, mode: WriteMode) -> Result<i64, StoreError> {
        let sealed = transaction.seal(&*self.sealer).map_err(|e| e.or_locked(&self.target, self.lock_timeout));
        match sealed {
            Ok(sequence) if mode == WriteMode::Keep => self.commit(transaction.conn()).map(|()| sequence),
            unkept => {
                backend::rollback(transaction.conn());
                unkept
            }
        }
    }
}
