//! Reads a large table in parts, on several threads at the same time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{Conn, Store, StoreError};

/// Maximum number of threads; more would only wait for the disk.
const THREADS: usize = 4;

/// A connection of a thread that reads parts.
pub struct PartReader {
    pub(super) conn: Conn,
    /// The same database by a faster way; `None` on PostgreSQL.
    pub(super) sqlite: Option<rusqlite::Connection>,
}

impl PartReader {
    /// Returns the connection for all other queries.
    pub fn conn(&mut self) -> &mut Conn {
        &mut self.conn
    }
}

impl Store {
    /// Calls `read` with a connection of its own, for a thread beside others: they may hold the pool's last one. Ask for rows as of a sequence.
    ///
    /// # Errors
    /// That of `read`, or of opening the connection.
    pub fn read_beside<T, E: From<StoreError>>(&self, read: impl FnOnce(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        self.target.connect().map_err(E::from).and_then(|mut conn| read(&mut conn)).inspect_err(|_| self.note_met())
    }

    /// Calls `read` once for each part and returns the results, in the order of the parts. Several threads read, each with its own
    /// connection, so the reads are no single transaction: ask for rows as of a sequence.
    ///
    /// # Errors
    /// The first error of `read`, or of opening a connection; parts that were not begun are then left out.
    pub fn read_parts<P: Sync, T: Send, E: From<StoreError> + Send>(
        &self,
        parts: &[P],
        read: impl Fn(&mut PartReader, &P) -> Result<T, E> + Sync,
    ) -> Result<Vec<T>, E> {
        let next = AtomicUsize::new(0);
        let failed: Mutex<Option<E>> = Mutex::default();
        let work = || {
            let mut done = Vec::new();
            let mut read_all = || -> Result<(), E> {
                // Do not take this connection from the pool: the caller may hold the pool's last one.
                let sqlite = self.target.open_rows().transpose()?;
                let mut reader = PartReader { conn: self.target.connect()?, sqlite };
                loop {
                    let place = next.fetch_add(1, Ordering::Relaxed);
                    let Some(part) = parts.get(place) else { return Ok(()) };
                    done.push((place, read(&mut reader, part)?));
                }
            };
            if let Err(error) = read_all() {
                self.note_met();
                next.store(parts.len(), Ordering::Relaxed);
                failed.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
            }
            done
        };
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS).min(parts.len());
        let mut done = std::thread::scope(|scope| {
            let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
            let mut done = if parts.is_empty() { vec![] } else { work() };
            for other in others {
                done.extend(other.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
            }
            done
        });
        if let Some(error) = failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            return Err(error);
        }
        done.sort_unstable_by_key(|(place, _)| *place);
        Ok(done.into_iter().map(|(_, read)| read).collect())
    }
}
