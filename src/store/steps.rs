//! The steps of a transaction around the closure that it runs. They are functions of their own, so that they are compiled once and not once
//! for each closure.

use diesel::r2d2::PooledConnection;

use super::backend::{self, Manager};
use super::turns::Writer;
use super::{Conn, Store, StoreError, Transaction, WriteMode};

impl Store {
    #[inline(never)]
    pub(super) fn begin_read(&self) -> Result<PooledConnection<Manager>, StoreError> {
        let mut conn = self.readers.get().map_err(StoreError::pool)?;
        backend::begin_read(&mut conn).inspect_err(|_| self.note_met())?;
        Ok(conn)
    }

    /// Ends a read transaction. Nothing was written, so a rollback loses nothing. If it fails, only the connection is lost.
    #[inline(never)]
    pub(super) fn end_read(&self, conn: &mut Conn) {
        backend::rollback(conn);
        self.note_met();
    }

    /// Ends a write transaction that keeps nothing.
    #[inline(never)]
    pub(super) fn give_up(&self, conn: &mut Conn) {
        backend::rollback(conn);
        self.note_met();
    }

    #[inline(never)]
    pub(super) fn begin_write(&self) -> Result<Writer, StoreError> {
        self.assert_may_write()?;
        self.take_writer()
    }

    pub(super) fn lock_for_writing(&self, conn: &mut Conn) -> Result<(), StoreError> {
        let begun = backend::begin_write(conn).map_err(|e| e.or_locked(&self.target, self.lock_timeout));
        begun.inspect_err(|_| self.note_met())
    }

    /// Seals what the transaction recorded, and commits it unless it is a rehearsal. Returns the last sequence.
    #[inline(never)]
    pub(super) fn end_write(&self, mut transaction: Transaction<'_>, mode: WriteMode) -> Result<i64, StoreError> {
        let sealed = transaction.seal(&*self.sealer).map_err(|e| e.or_locked(&self.target, self.lock_timeout));
        match sealed {
            Ok(sequence) if mode == WriteMode::Keep => self.commit(transaction.conn()).map(|()| sequence),
            unkept => {
                self.give_up(transaction.conn());
                unkept
            }
        }
    }

    /// Runs `f` in one write transaction that appends nothing to the log or the audit chain. Use it for rows that follow from the log
    /// alone, such as the hashes of its tree.
    ///
    /// # Errors
    /// The error of `f`; `StoreError::Locked` if another process, which the error names, held the write lock for too long.
    pub fn derive<T, E: From<StoreError>>(&self, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        self.assert_undamaged()?;
        let mut conn = self.take_writer()?;
        match f(&mut conn) {
            Ok(value) => self.commit(&mut conn).map(|()| value).map_err(E::from),
            Err(error) => {
                self.give_up(&mut conn);
                Err(error)
            }
        }
    }
}
