//! Reads from a read replica. A replica lags, so it gets only questions that it cannot answer wrongly: about the state at a sequence that
//! it already has, which no later write changes. The primary answers everything else: the present, and rows without a log sequence. It
//! also answers if the replica is behind, not reachable or busy, has another history, or returns an error. Nobody waits for the replica.

use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering};

use super::edge::*;
use diesel::r2d2::{self, ManageConnection};

use super::backend::{self, Target};
use super::line_watch::LineWatch;
use super::schema::changes;
use super::{Conn, DatabaseUrl, Store, StoreError};

/// The connections to a read replica, and counts of its use.
pub(super) struct Replica {
    pool: r2d2::Pool<ReplicaManager>,
    answered: AtomicU64,
    passed_on: AtomicU64,
    /// Up to which sequence the replica was seen to have the primary's changes.
    same_until: AtomicI64,
    /// Whether it was told that the replica has another history.
    is_told: AtomicBool,
    _line_watch: Option<LineWatch>,
}

/// Counts of the reads that a read replica could answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReplicaUse {
    /// Reads that the replica answered.
    pub answered: u64,
    /// Reads that the primary answered instead.
    pub passed_on: u64,
}

/// Makes connections to a read replica of one registry.
pub(super) struct ReplicaManager {
    target: Target,
    /// The commitment of the first change. It is salted, so no other registry has it. `None` while the log is empty.
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
            Err(error) => tracing::warn!(reason = %error, "the replica is not available; until it is, reads go to the primary"),
            Ok(_) => {}
        }
        let pool = r2d2::Pool::builder().max_size(size).min_idle(Some(1)).test_on_check_out(true).build_unchecked(manager);
        let (answered, passed_on) = (AtomicU64::new(0), AtomicU64::new(0));
        Ok(Self { pool, answered, passed_on, same_until: AtomicI64::new(0), is_told: AtomicBool::new(false), _line_watch })
    }

    pub(super) fn state(&self) -> r2d2::State {
        self.pool.state()
    }

    /// Reads the state at a sequence; `None` if the replica cannot answer.
    fn read<T, E: From<StoreError>>(
        &self,
        sequence: i64,
        primary: &Store,
        f: impl FnOnce(&mut Conn) -> Result<T, E>,
    ) -> Option<T> {
        let mut conn = self.pool.try_get()?;
        backend::begin_read(&mut conn).ok()?;
        // One transaction, so that the head and the data are from the same state of the replica.
        let has_it = conn.log_head().is_ok_and(|head| head.sequence >= sequence);
        let found = if has_it && self.has_same(&mut conn, sequence, primary) { f(&mut conn).ok() } else { None };
        backend::rollback(&mut conn);
        found
    }

    /// Returns whether the replica has the primary's change at a sequence, and so all before it: commitments are salted. A copy that was
    /// written to by others has not.
    fn has_same(&self, conn: &mut Conn, sequence: i64, primary: &Store) -> bool {
        if sequence <= self.same_until.load(Ordering::Relaxed) {
            return true;
        }
        let (theirs, ours) = (conn.commitment_of(sequence), primary.read::<_, StoreError>(|conn| conn.commitment_of(sequence)));
        let (Ok(theirs), Ok(ours)) = (theirs, ours) else { return false };
        if theirs == ours {
            self.same_until.fetch_max(sequence, Ordering::Relaxed);
        } else if !self.is_told.swap(true, Ordering::Relaxed) {
            tracing::warn!(
                "the replica has another change {sequence} than the database, so it is a copy that others write to: it answers nothing from there on"
            );
        }
        theirs == ours
    }
}

impl Store {
    /// Adds a read replica of this database, which answers questions about past sequences. A connection is refused if its database's
    /// first change is not this database's.
    ///
    /// # Errors
    /// `StoreError::NotAReplica` if it is another registry's database. `StoreError::Connect` for SQLite, which has no replicas.
    /// `StoreError` if the primary fails. A replica that is not reachable is no error: it is used once it is reachable.
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

    /// Reads the state at a sequence, which no later write changes. Reads from the read replica if there is one and it has that sequence;
    /// otherwise does the same as [`Store::read`]. `f` may run twice.
    pub fn read_at<T, E: From<StoreError>>(&self, sequence: i64, f: impl Fn(&mut Conn) -> Result<T, E>) -> Result<T, E> {
        let Some(replica) = &self.replica else { return self.read(f) };
        if let Some(found) = replica.read(sequence, self, &f) {
            replica.answered.fetch_add(1, Ordering::Relaxed);
            return Ok(found);
        }
        replica.passed_on.fetch_add(1, Ordering::Relaxed);
        self.read(f)
    }

    /// Returns the counts of the read replica's use; `None` if there is no replica.
    #[must_use]
    pub fn replica_use(&self) -> Option<ReplicaUse> {
        let replica = self.replica.as_ref()?;
        let (answered, passed_on) = (replica.answered.load(Ordering::Relaxed), replica.passed_on.load(Ordering::Relaxed));
        Some(ReplicaUse { answered, passed_on })
    }
}
