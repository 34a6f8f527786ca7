//! Watches the clock of a running node. If somebody sets the time of day by more than a minute, the node writes nothing until the clock is
//! right: every write would carry a wrong date for ever. PostgreSQL's clock serves as a second clock. For SQLite, a file beside the
//! database records the jump, so that a restart does not accept the wrong time.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use vasp_clock::{ClockWatch, MOST_JUMP, Reading};
use vasp_store::with_suffix;
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

fn note_path(registry: &Registry) -> Option<PathBuf> {
    registry.store().file().map(|file| with_suffix(file, "-clock-jumped"))
}

/// Returns when the machine booted by the database's clock, in microseconds since 1970. `None` on SQLite, which has no clock of its own,
/// and if the database cannot be asked.
fn witness(registry: &Registry) -> Option<i64> {
    let before = Reading::take();
    let now = registry.store().database_micros().ok().flatten()?;
    Some(now.saturating_sub(before.wall.micros()).saturating_add(before.started()))
}

fn agree(one: i64, other: i64) -> bool {
    one.abs_diff(other) <= u64::try_from(MOST_JUMP.as_micros()).unwrap_or(0)
}

/// Starts the watch. Unless `accept` is set, the time of day must agree with the database, or with the time before the recorded jump.
pub fn begin_clock(registry: &Registry, watch: &ClockWatch, accept: bool) {
    let note = note_path(registry);
    if accept {
        note.map(std::fs::remove_file);
        return;
    }
    let noted = || {
        let note: JumpNote = serde_json::from_slice(&std::fs::read(note?).ok()?).ok()?;
        (Some(note.boot_id) == boot_id()).then_some(note.started)
    };
    if let Some(started) = witness(registry).or_else(noted)
        && !agree(started, watch.started())
    {
        watch.believe(started);
    }
    look_at_clock(registry, watch);
}

/// Checks whether the clock jumped or is right again, and reports it.
pub fn look_at_clock(registry: &Registry, watch: &ClockWatch) {
    say_how_far_the_log_is_ahead(registry);
    if let Some(secs) = watch.jumped_secs() {
        let now = Reading::take().started();
        if witness(registry).is_some_and(|started| agree(started, now)) {
            tracing::info!(clock.set_by_secs = secs, "the clock was set, and the database's clock agrees with it");
            watch.believe(now);
        } else {
            registry.condition().set(DegradedCause::ClockJumped, Some(words(secs)));
            return keep_note(registry, watch);
        }
    }
    watch.follow();
    if registry.condition().has(DegradedCause::ClockJumped) {
        registry.condition().set(DegradedCause::ClockJumped, None);
        note_path(registry).map(std::fs::remove_file);
    }
}

fn words(secs: i64) -> String {
    let way = if secs < 0 { "back" } else { "forward" };
    format!(
        "the clock was set {way} by {} seconds: nothing is written until it is right again or the server is restarted with --accept-clock",
        secs.unsigned_abs()
    )
}

fn keep_note(registry: &Registry, watch: &ClockWatch) {
    let (Some(path), Some(boot_id)) = (note_path(registry), boot_id()) else { return };
    if path.exists() {
        return;
    }
    let note = serde_json::to_vec(&JumpNote { boot_id, started: watch.started() }).map_err(std::io::Error::from);
    if let Err(error) = note.and_then(|note| std::fs::write(&path, note)) {
        tracing::warn!(error.chain = error_chain(&error), "the clock jump could not be recorded in a file beside the database");
    }
}

/// Reports how far the newest log entry is dated in the future. The clock of the node that wrote it may have been wrong.
fn say_how_far_the_log_is_ahead(registry: &Registry) {
    let now = Reading::take().wall;
    let ahead = registry.directory().pin(now).as_of().micros().saturating_sub(now.micros()).max(0);
    let secs = ahead / 1_000_000;
    registry.metrics().condition.set_clock_ahead_secs(secs);
    let says = format!(
        "the newest entry of the log is dated {secs} seconds after now: the clock of this node is wrong, or that of the node that wrote the entry was"
    );
    let is_ahead = u128::try_from(ahead).unwrap_or(0) > MOST_JUMP.as_micros();
    registry.condition().set(DegradedCause::LogAhead, is_ahead.then_some(says));
}
