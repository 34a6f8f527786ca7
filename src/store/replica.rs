//! Reading from a replica. Replicas lag, so one is asked only what it cannot answer wrongly: what stood at a sequence that it has
//! already, which no later write changes. Everything else (the present, and rows that are not versioned by the log) is asked of the
//! primary, and so is this where the replica is behind, away, busy, or answers with an error. Nobody ever waits for it.

use std::sync::atomic::{AtomicU64, Ordering};

use diesel::prelude::*;
use diesel::r2d2::{self, ManageConnection};

use super::backend::{self, Target};
use super::line_watch::LineWatch;
use super::schema::changes;
use super::{Conn, DatabaseUrl, Store, StoreError};

/// The connections to a replica, and what came of asking it.
pub(super) struct Replica {
    pool: r2d2::Pool<ReplicaManager>,
    answered: AtomicU64,
    passed_on: AtomicU64,
    _line_watch: Option<LineWatch>,
}

/// How often a replica answered, and how often what could have been asked of it was asked of the primary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicaUse {
    /// By the replica.
    pub answered: u64,
    /// By the primary instead.
    pub passed_on: u64,
}

/// Makes connections to a replica of one registry.
pub(super) struct ReplicaManager {
    target: Target,
    /// The commitment of the first change, salted: no other registry has it. None while the log is empty.
    first_change: Option<Vec<u8>>,
}

fn first_change(conn: &mut Conn) -> Result<Option<Vec<u8>>, StoreError> {
    let first = changes::table.find(1).select(changes::payload_commitment).first(conn).optional();
    first.map_err(StoreError::on("changes"))
}

impl ManageConnection for ReplicaManager {
    type Connection = Conn;
    type Error = StoreError;

    fn connect(&self) -> Result<Conn, StoreError> {
        let mut conn = self.target.establish()?;
        match (&self.first_change, first_change(&mut conn)?) {
            (Some(ours), Some(theirs)) if *ours != theirs => Err(StoreError::NotAReplica { target: self.target.to_string() }),
            _ => Ok(conn),
        }
    }

    fn is_valid(&self, conn: &mut Conn) -> Result<(), StoreError> {
        diesel::sql_query("SELECT 1").execute(conn).map(drop).map_err(StoreError::on("connection"))
    }

    fn has_broken(&self, _: &mut Conn) -> bool {
        std::thread::panicking()
    }
}

impl Replica {
    fn connect(url: &DatabaseUrl, like: &Target, primary: &mut Conn, size: u32) -> Result<Self, StoreError> {
        let target = like.at(url);
        let _line_watch = LineWatch::start(&target)?;
        let manager = ReplicaManager { target, first_change: first_change(primary)? };
        match manager.connect() {
            Err(error @ StoreError::NotAReplica { .. }) => return Err(error),
            Err(error) => tracing::warn!(reason = %error, "the replica is not to be had; the primary is asked until it is"),
            Ok(_) => {}
        }
        let pool = r2d2::Pool::builder().max_size(size).min_idle(Some(1)).test_on_check_out(true).build_unchecked(manager);
        Ok(Self { pool, answered: AtomicU64::new(0), passed_on: AtomicU64::new(0), _line_watch })
    }

    pub(super) fn state(&self) -> r2d2::State {
        self.pool.state()
    }

    /// Reads what stood at a sequence; none where the replica cannot tell.
    fn read<T, E: From<StoreError>>(&self, sequence: i64, f: impl FnOnce(&mut Conn) -> Result<T, E>) -> Option<T> {
        let mut conn = self.pool.try_get()?;
        backend::begin_read(&mut conn).ok()?;
        // The head and what is read are of one state of the replica.
        let has_it = conn.log_head().is_ok_and(|head| head.sequence >= sequence);
        let found = if has_it { f(&mut conn).ok() } else { None };
        backend::rollback(&mut conn);
        found
    }
}

impl Store {
    /// Has questions about past sequences asked of a replica of this database, of which each sequence is known to be the same.
    ///
    /// # Errors
    /// `StoreError::NotAReplica` for another registry's database; `StoreError::Connect` for SQLite, which has none; `StoreError`
    /// where the primary fails. A replica that is away is none: it is asked once it is there.
    pub fn with_replica(mut self, url: &DatabaseUrl, connections: u32) -> Result<Self, StoreError> {
        if self.is_sqlite() || matches!(url, DatabaseUrl::Sqlite(_)) {
            let reason = "only PostgreSQL has replicas".to_owned();
            return Err(StoreError::Connect { target: url.to_string(), reason });
        }
        let mut primary = self.readers.get().map_err(StoreError::pool)?;
        self.replica = Some(std::sync::Arc::new(Replica::connect(url, &self.target, &mut primary, connections.max(1))?));
        drop(primary);
        Ok(self)
    }

    /// Reads what stood at a sequence, which no later write changes: of the replica where there is one and it has that sequence
    /// already, otherwise as [`Store::read`]. `f` may run twice.
    pub fn read_at<T, E: From<StoreError>>(&self, sequence: i64, f: impl Fn(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        let Some(replica) = &self.replica else { return self.read(f) };
        if let Some(found) = replica.read(sequence, &f) {
            replica.answered.fetch_add(1, Ordering::Relaxed);
            return Ok(found);
        }
        replica.passed_on.fetch_add(1, Ordering::Relaxed);
        self.read(f)
    }

    /// Returns what came of asking the replica; none where there is none.
    #[must_use]
    pub fn replica_use(&self) -> Option<ReplicaUse> {
        let replica = self.replica.as_ref()?;
        let (answered, passed_on) = (replica.answered.load(Ordering::Relaxed), replica.passed_on.load(Ordering::Relaxed));
        Some(ReplicaUse { answered, passed_on })
    }
}
