//! Watches the clock of a running node. If the time of day is wrong, the node writes nothing: every write would carry a wrong date for ever.
//! It is wrong if somebody set it by more than a minute, or if the log has later entries, or if it is older than this program.
//! PostgreSQL's clock serves as a second clock. For SQLite, a file beside the database records a jump, so that a restart does not accept
//! the wrong time.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use vasp_clock::{ClockFault, ClockWatch, MOST_JUMP, Reading};
use vasp_store::{Store, StoreError, with_suffix};
use vasp_words::error_chain::error_chain;

use super::{DegradedCause, Registry};

/// The content of the file beside a SQLite database while the clock is wrong.
#[derive(Debug, Serialize, Deserialize)]
struct JumpNote {
    /// Id of the machine's current boot.
    boot_id: String,
    /// When the machine booted, by the clock before the jump, in microseconds since 1970.
    started: i64,
}

/// Source: random(4), `/proc/sys/kernel/random/boot_id`.
fn boot_id() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()
}

fn note_path(store: &Store) -> Option<PathBuf> {
    store.file().map(|file| with_suffix(file, "-clock-jumped"))
}

/// Returns when the machine booted by the clock before the jump that is noted, in microseconds since 1970. `None` if none is noted since the
/// machine booted.
fn noted(note: Option<PathBuf>) -> Option<i64> {
    let note: JumpNote = serde_json::from_slice(&std::fs::read(note?).ok()?).ok()?;
    (Some(note.boot_id) == boot_id()).then_some(note.started)
}

/// Refuses a command that writes by a wrong time of day, for the same reasons as [`begin_clock`]: its entries would give the log that time.
///
/// # Errors
/// In words: by how much the clock differs, and what to do.
pub fn assert_right_clock(store: &Store) -> Result<(), String> {
    let now = Reading::take();
    let jumped = match (witness(store), noted(note_path(store))) {
        (Some(started), _) => Some((started, "differs from the database's")),
        (None, started) => started.map(|started| (started, "was set while a server ran: it differs")),
    };
    let differs = jumped.filter(|(started, _)| !agree(*started, now.started()));
    let newest = store.read::<_, StoreError>(|conn| conn.log_head()).map_err(|error| error_chain(&error).to_string())?;
    let ahead = newest.recorded_at_micros.saturating_sub(now.wall.micros());
    let why = match differs {
        Some((started, how)) => {
            format!("the clock of this machine {how} by {} seconds", now.started().abs_diff(started) / 1_000_000)
        }
        None if !agree(ahead.max(0), 0) => format!("{}", ClockFault::LogAhead { secs: ahead / 1_000_000 }),
        None => return Ok(()),
    };
    Err(format!("{why}: nothing is written until the clock is right; if it is, give --accept-clock"))
}

/// Returns when the machine booted by the database's clock, in microseconds since 1970. `None` on SQLite, which has no clock of its own,
/// and if the database cannot be asked.
fn witness(store: &Store) -> Option<i64> {
    let before = Reading::take();
    let now = store.database_micros().ok().flatten()?;
    Some(now.saturating_sub(before.wall.micros()).saturating_add(before.started()))
}

fn agree(one: i64, other: i64) -> bool {
    one.abs_diff(other) <= u64::try_from(MOST_JUMP.as_micros()).unwrap_or(0)
}

/// Starts the watch. Unless `accept` is set, the time of day must agree with the database, or with the time before the recorded jump.
pub fn begin_clock(registry: &Registry, watch: &ClockWatch, accept: bool) {
    if let Some(secs) = vasp_clock::young_secs().filter(|_| !vasp_clock::is_synchronised()) {
        tracing::info!(
            machine.running_secs = secs,
            "the machine has just started, and no time service is known to have set its clock: the first step of the clock will be followed"
        );
    }
    let note = note_path(registry.store());
    if accept {
        watch.accept();
        note.map(std::fs::remove_file);
        return look_at_clock(registry, watch);
    }
    if let Some(started) = witness(registry.store()).or_else(|| noted(note))
        && !agree(started, watch.started())
    {
        watch.believe(started);
    }
    look_at_clock(registry, watch);
}

/// Checks whether the clock is wrong or right again, and reports it.
pub fn look_at_clock(registry: &Registry, watch: &ClockWatch) {
    let newest = registry.directory().pin(watch.right_time()).as_of();
    let ahead = watch.note_newest(newest);
    let after_now = newest.micros().saturating_sub(Reading::take().wall.micros()).max(0);
    registry.metrics().condition.set_clock_ahead_secs(after_now / 1_000_000);
    if let Some(ClockFault::Jumped { secs }) = watch.fault() {
        let now = Reading::take().started();
        if witness(registry.store()).is_some_and(|started| agree(started, now)) {
            tracing::info!(clock.set_by_secs = secs, "the clock was set, and the database's clock agrees with it");
            watch.believe(now);
        }
    }
    if let Some(step) = watch.followed_step() {
        tracing::info!(clock.set_by_secs = step.secs, "the clock was set, and the new time is taken as right: {}", step.because);
    }
    let fault = watch.fault();
    let accepted = || ahead.map(|secs| ClockFault::LogAhead { secs });
    report(registry, fault.or_else(accepted));
    match fault {
        Some(ClockFault::Jumped { .. }) => keep_note(registry, watch),
        Some(_) => {}
        None => {
            watch.follow();
            note_path(registry.store()).filter(|note| note.exists()).map(std::fs::remove_file);
        }
    }
}

/// Sets the one reason that is true of the clock, and clears the others.
fn report(registry: &Registry, fault: Option<ClockFault>) {
    let words = fault.map(|fault| match fault {
        ClockFault::Jumped { secs } if !registry.store().is_sqlite() => format!(
            "the clock differs by {} seconds from the database's: nothing is written until they agree or the server is restarted with --accept-clock",
            secs.unsigned_abs()
        ),
        ClockFault::Jumped { .. } => {
            format!("{fault}: nothing is written until it is right again or the server is restarted with --accept-clock")
        }
        ClockFault::LogAhead { .. } => format!(
            "{fault}: the clock of this node is wrong, or that of the node that wrote the entry was. Nothing is written until the clock has passed that time, unless the server was started with --accept-clock"
        ),
        ClockFault::BeforeProgram { .. } => format!("{fault}: nothing is written until the clock is set"),
    });
    for cause in [DegradedCause::ClockBehind, DegradedCause::ClockJumped, DegradedCause::LogAhead] {
        let is_this = fault.is_some_and(|fault| fault.cause() == cause.as_str());
        registry.condition().set(cause, words.clone().filter(|_| is_this));
    }
}

fn keep_note(registry: &Registry, watch: &ClockWatch) {
    let (Some(path), Some(boot_id)) = (note_path(registry.store()), boot_id()) else { return };
    if path.exists() {
        return;
    }
    let note = serde_json::to_vec(&JumpNote { boot_id, started: watch.started() }).map_err(std::io::Error::from);
    if let Err(error) = note.and_then(|note| std::fs::write(&path, note)) {
        tracing::warn!(error.chain = error_chain(&error), "the clock jump could not be recorded in a file beside the database");
    }
}
