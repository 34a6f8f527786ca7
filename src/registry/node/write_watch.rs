//! Checks whether anything can be written, so that the node reports the fault before a client's write fails. `cli/jobs.rs` runs the
//! timer.

use std::time::Duration;

use super::{DegradedCause, Registry, ServiceError};
use vasp_clock::Stopwatch;
use vasp_store::StoreError;

/// For how long every look must find the write lock held before the node is degraded. Parts of an import hold it for some hundredths of a
/// second, other imports for seconds, and a client's write fails after 30 s.
const LOCKED_MICROS: u64 = 5_000_000;

/// How often one look tries, and the time between: beside writers that take turns, one of the tries comes between two of them.
const TRIES: usize = 10;
const TRY_EVERY: Duration = Duration::from_millis(30);

/// Number of checks between two checks of the database's size.
const LOOKS_A_SIZE: u32 = 30;

/// Returns a description of a cause that blocks all writes until somebody repairs it; `None` for a cause that affects only one write.
fn lasting(cause: &str) -> Option<&'static str> {
    Some(match cause {
        "disk_full" => "the disk of the database is full",
        "disk_failed" => "the disk of the database refuses to write",
        "read_only" => "the database is read-only: its file, folder, disk or server does not allow this node to write",
        "not_durable" => {
            "the database could lose confirmed changes: its settings, or what others changed on its tables, must be put right"
        }
        "standby" => "the database is a standby, which is read-only: connect the node to the primary",
        _ => return None,
    })
}

impl Registry {
    /// Counts a write that the database refused. If the cause is lasting, the node is degraded until an attempt succeeds.
    pub fn note_refused_write(&self, cause: &'static str) {
        self.metrics().condition.write_refused(cause);
        if let Some(detail) = lasting(cause) {
            self.condition().set(DegradedCause::NoWrites, Some(detail.to_owned()));
        }
    }
}

/// What is remembered between two checks.
#[derive(Debug, Default)]
pub struct WriteWatch {
    locked: Option<Stopwatch>,
    looks: u32,
}

impl WriteWatch {
    /// Tries a write that leaves nothing behind, and sets or clears `no_writes` accordingly. Also measures the free space.
    ///
    /// # Errors
    /// `ServiceError::Store` if the result is unclear, such as while the database is away.
    pub fn look(&mut self, registry: &Registry) -> Result<(), ServiceError> {
        let attempt = || registry.store().attempt_write(registry.condition().has(DegradedCause::NoWrites));
        let is_locked = |tried: &Result<(), StoreError>| tried.as_ref().is_err_and(|error| error.refusal() == Some("locked"));
        let mut tried = attempt();
        for _ in 1..TRIES {
            if !is_locked(&tried) {
                break;
            }
            std::thread::sleep(TRY_EVERY);
            tried = attempt();
        }
        let cause = tried.as_ref().err().and_then(StoreError::refusal);
        let detail = match cause {
            None => None,
            Some("locked") => {
                let locked = self.locked.get_or_insert_with(Stopwatch::start).elapsed_micros();
                (locked >= LOCKED_MICROS).then_some("another writer has held the write lock of the database for over 5 seconds")
            }
            Some(cause) => lasting(cause),
        };
        if cause != Some("locked") {
            self.locked = None;
        }
        // While the database is away, nothing new is known; `out_of_touch` reports that it is away.
        if tried.is_ok() || detail.is_some() {
            registry.condition().set(DegradedCause::NoWrites, detail.map(str::to_owned));
        }
        self.measure(registry);
        match tried {
            Err(error) if error.refusal().is_none() => Err(ServiceError::Store(error)),
            _ => Ok(()),
        }
    }

    fn measure(&mut self, registry: &Registry) {
        let metrics = registry.metrics();
        let folders = [
            ("database", registry.store().file().map(vasp_store::folder_of)),
            ("documents", registry.documents().map(vasp_store::DocumentFolder::path)),
        ];
        for (kind, folder) in folders {
            if let Some(room) = folder.and_then(|folder| rustix::fs::statvfs(folder).ok()) {
                metrics.condition.set_free_bytes(kind, room.f_bavail.saturating_mul(room.f_frsize));
            }
        }
        if self.looks == 0
            && let Ok(bytes) = registry.store().database_bytes()
        {
            metrics.condition.set_database_bytes(bytes);
        }
        self.looks = (self.looks + 1) % LOOKS_A_SIZE;
    }
}
