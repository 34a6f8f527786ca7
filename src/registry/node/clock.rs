//! Watches the clock of a node that serves. While the time of day was set by more than a minute nothing is written, since whatever is
//! written would be dated wrongly for ever. PostgreSQL's clock is a witness; beside a SQLite file it is noted that the clock jumped,
//! so that starting the server anew does not take the wrong time for the right one.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use vasp_clock::{ClockWatch, MOST_JUMP, Reading};
use vasp_store::with_suffix;
use vasp_words::error_chain::error_chain;

use super::{DegradedCause, Registry};

/// What is noted beside a SQLite file while the clock is wrong.
#[derive(Debug, Serialize, Deserialize)]
struct JumpNote {
    /// The machine's present run.
    boot_id: String,
    /// When it began, by the clock as it was right, in microseconds since 1970.
    started: i64,
}

/// Source: random(4), `/proc/sys/kernel/random/boot_id`.
fn boot_id() -> Option<String> {
    std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()
}

fn note_path(registry: &Registry) -> Option<PathBuf> {
    registry.store().file().map(|file| with_suffix(file, "-clock-jumped"))
}

/// When the machine started by the database's clock, in microseconds since 1970; none on SQLite, which has no clock, and while the
/// database cannot be asked.
fn witness(registry: &Registry) -> Option<i64> {
    let before = Reading::take();
    let now = registry.store().database_micros().ok().flatten()?;
    Some(now.saturating_sub(before.wall.micros()).saturating_add(before.started()))
}

fn agree(one: i64, other: i64) -> bool {
    one.abs_diff(other) <= u64::try_from(MOST_JUMP.as_micros()).unwrap_or(0)
}

/// Begins to watch. Without `accept` the time of day must be that of the database, or of before the jump that was noted.
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

/// Looks whether the clock jumped, and whether it is right again; says so.
pub fn look_at_clock(registry: &Registry, watch: &ClockWatch) {
    say_how_far_the_log_is_ahead(registry);
    if let Some(secs) = watch.jumped_secs() {
        let now = Reading::take().started();
        if witness(registry).is_some_and(|started| agree(started, now)) {
            tracing::info!(clock.set_by_secs = secs, "the clock was set, and the database's agrees with it");
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
        "the clock was set {way} by {} seconds: nothing is written until it is right again, or the server is started with --accept-clock",
        secs.unsigned_abs()
    )
}

fn keep_note(registry: &Registry, watch: &ClockWatch) {
    let (Some(path), Some(boot_id)) = (note_path(registry), boot_id()) else { return };
    if path.exists() {
        return;
    }
    let note = serde_json::to_vec(&JumpNote { boot_id, started: watch.started() }).unwrap_or_default();
    if let Err(error) = std::fs::write(&path, note) {
        tracing::warn!(error.chain = error_chain(&error), "that the clock jumped could not be noted beside the database");
    }
}

/// The newest entry of the log is dated by the clock of whoever wrote it, which may have been wrong.
fn say_how_far_the_log_is_ahead(registry: &Registry) {
    let now = Reading::take().wall;
    let ahead = registry.directory().pin(now).as_of().micros().saturating_sub(now.micros()).max(0);
    let secs = ahead / 1_000_000;
    registry.metrics().condition.set_clock_ahead_secs(secs);
    let says = format!(
        "the newest entry of the log is dated {secs} seconds after now: this clock is wrong, or the one that wrote it was"
    );
    let is_ahead = u128::try_from(ahead).unwrap_or(0) > MOST_JUMP.as_micros();
    registry.condition().set(DegradedCause::LogAhead, is_ahead.then_some(says));
}
