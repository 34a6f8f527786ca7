//! Recorded pre-checks: durable, not logged, sealed by the caller. One thread commits at once what has arrived, at
//! most 500 rows: what comes during a commit is the next group, so nobody waits for others to come. Every caller hears of the
//! commit that holds its row before it answers.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

use super::backend::on_backend;
use super::schema::prechecks;
use super::{Conn, Store, StoreError};
use crate::clock::Stopwatch;
use crate::telemetry::{GroupCommit, seconds};
use diesel::prelude::*;

/// A recorded pre-check; the contents are sealed under the organisation's data key.
#[derive(Clone, Debug, PartialEq, Eq, Queryable, Selectable, Insertable)]
#[diesel(table_name = prechecks, treat_none_as_default_value = false)]
pub struct PrecheckRow {
    /// Public id.
    pub id: String,
    /// Organisation that asked.
    pub organisation: String,
    /// When, microseconds since the epoch.
    pub recorded_at: i64,
    /// Sequence that the answer was computed at.
    pub sequence: i64,
    /// Sealed request, answer and versions; empty once it was erased.
    pub sealed: Vec<u8>,
    /// What was recommended; none in what was recorded before it was kept apart.
    pub recommendation: Option<String>,
    /// Codes of the reasons, each between blanks.
    pub codes: Option<String>,
    /// Id of the counterparty's VASP.
    pub counterparty: Option<String>,
    /// Policy, `name@version`.
    pub policy: Option<String>,
    /// SHA-256 of the request's canonical JSON.
    pub request_digest: Option<String>,
    /// SHA-256 of the answer's canonical JSON.
    pub answer_digest: Option<String>,
    /// When the sealed part was erased, microseconds since the epoch.
    pub erased_at: Option<i64>,
}

const GROUP_ROWS: usize = 500;

type Acknowledge = Box<dyn FnOnce(Result<(), StoreError>) + Send>;

/// Rows that may wait at once: while the database is busy, memory must not fill with answers.
const WAITING_ROWS: usize = 20_000;

/// The door to the gathering thread. The thread ends when the last door is dropped, after committing what it holds.
#[derive(Clone)]
pub struct PrecheckWriter {
    sender: SyncSender<(Vec<PrecheckRow>, Acknowledge)>,
    waiting: Arc<AtomicUsize>,
}

impl PrecheckWriter {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system's error where no thread can be started.
    pub fn start(store: Store, metrics: GroupCommit) -> std::io::Result<Self> {
        let (sender, receiver) = sync_channel(4 * GROUP_ROWS);
        std::thread::Builder::new().name("precheck-writer".to_owned()).spawn(move || gather(&store, &receiver, &metrics))?;
        Ok(Self { sender, waiting: Arc::new(AtomicUsize::new(0)) })
    }

    /// Returns how many rows wait for their commit.
    #[must_use]
    pub fn waiting_rows(&self) -> usize {
        self.waiting.load(Ordering::SeqCst)
    }

    /// Hands rows in without waiting; `acknowledge` is called once they are on disk, or with the reason why not.
    pub fn record(&self, rows: Vec<PrecheckRow>, acknowledge: impl FnOnce(Result<(), StoreError>) + Send + 'static) {
        let count = rows.len();
        let (waiting, full) = (Arc::clone(&self.waiting), "too many pre-checks wait to be recorded");
        if waiting.fetch_add(count, Ordering::SeqCst) + count > WAITING_ROWS {
            waiting.fetch_sub(count, Ordering::SeqCst);
            return acknowledge(Err(StoreError::Pool(full.to_owned())));
        }
        let acknowledge = move |outcome| {
            waiting.fetch_sub(count, Ordering::SeqCst);
            acknowledge(outcome);
        };
        let (refused, reason) = match self.sender.try_send((rows, Box::new(acknowledge))) {
            Ok(()) => return,
            Err(TrySendError::Full(refused)) => (refused, full),
            Err(TrySendError::Disconnected(refused)) => (refused, "the pre-check writer has stopped"),
        };
        refused.1(Err(StoreError::Pool(reason.to_owned())));
    }
}

fn gather(store: &Store, receiver: &Receiver<(Vec<PrecheckRow>, Acknowledge)>, metrics: &GroupCommit) {
    while let Ok((mut rows, acknowledge)) = receiver.recv() {
        let mut waiting = vec![acknowledge];
        while rows.len() < GROUP_ROWS
            && let Ok((more, acknowledge)) = receiver.try_recv()
        {
            rows.extend(more);
            waiting.push(acknowledge);
        }
        let committing = Stopwatch::start();
        let outcome = commit(store, &rows).map_err(Arc::new);
        metrics.seconds.observe(seconds(committing.elapsed_micros()));
        metrics.rows.observe(f64::from(u32::try_from(rows.len()).unwrap_or(u32::MAX)));
        if outcome.is_err() {
            metrics.failures.inc();
        }
        for acknowledge in waiting {
            acknowledge(outcome.clone().map_err(StoreError::Unrecorded));
        }
    }
}

fn commit(store: &Store, rows: &[PrecheckRow]) -> Result<(), StoreError> {
    let mut conn = store.writers.get().map_err(StoreError::pool)?;
    super::backend::begin_write(&mut conn).map_err(|e| e.or_locked(&store.target, store.lock_timeout))?;
    let written = rows.chunks(GROUP_ROWS).try_for_each(|chunk| {
        on_backend!(&mut *conn, c => diesel::insert_into(prechecks::table).values(chunk).execute(c))
            .map(drop)
            .map_err(StoreError::on("prechecks"))
    });
    match written {
        Ok(()) => super::backend::commit(&mut conn),
        Err(error) => {
            super::backend::rollback(&mut conn);
            Err(error)
        }
    }
}

impl Conn {
    /// Returns a recorded pre-check of an organisation; those of others are not there.
    ///
    /// # Errors
    /// `StoreError::Query`.
    pub fn precheck(&mut self, id: &str, organisation: &str) -> Result<Option<PrecheckRow>, StoreError> {
        prechecks::table
            .find(id)
            .filter(prechecks::organisation.eq(organisation))
            .select(PrecheckRow::as_select())
            .first(self)
            .optional()
            .map_err(StoreError::on("prechecks"))
    }
}
