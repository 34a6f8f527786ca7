//! Decides whether the node answers, and what is wrong with it. Checked every second and at every request for `/readyz`.

use std::sync::Arc;
use std::time::Duration;

use crate::http::Readiness;
use crate::node::{Condition, DegradedCause, Job, Registry, ServiceError, late_jobs, lost_database};
use crate::telemetry::write_last_line;
use vasp_store::FileLooks;

/// How often the node's condition is checked, so that the log reports a problem even if nobody asks.
const INTERVAL: Duration = Duration::from_secs(1);

/// How often the node checks that the database is still the one it opened, and whether its file has changed and must be looked at.
const DATABASE_INTERVAL: Duration = Duration::from_secs(2);

/// After this time without contact to its database, the node reports that it is degraded.
///
/// Source: docs/nodes.md, "What happens when".
const DEGRADED_AFTER_MICROS: u64 = 5_000_000;

/// After this time without contact to its database, the node no longer answers questions.
///
/// Source: docs/nodes.md, "What happens when".
const SILENT_AFTER_MICROS: u64 = 60_000_000;

/// How long a commit may take before the node reports that nothing can be written.
const COMMIT_MICROS: u64 = 5_000_000;

/// The number of stuck threads at which a node ends itself; its supervisor then restarts it.
const STUCK_THREADS: usize = 16;

/// Checks the contact to the database, and returns whether the node answers.
pub(super) fn readiness(registry: &Registry) -> Readiness {
    let commit = registry.store().commit_micros();
    if commit >= COMMIT_MICROS {
        // The next write attempt that succeeds clears this again.
        let detail =
            format!("a commit has taken {} seconds: the disk hangs, or a replica that commits wait for", commit / 1_000_000);
        registry.condition().set(DegradedCause::NoWrites, Some(detail));
    }
    if let Some(found) = registry.store().damage() {
        registry.condition().set(DegradedCause::DataDamaged, Some(damaged(&found)));
    }
    readiness_after(registry.directory().silent_micros(), registry.condition())
}

fn damaged(found: &str) -> String {
    format!(
        "the database is damaged, and nothing is written until it is mended: stop the server, and remove what is named here, `restore` a backup, or find the disk ({found})"
    )
}

fn readiness_after(silent_micros: u64, condition: &Condition) -> Readiness {
    let is_silent = silent_micros >= DEGRADED_AFTER_MICROS;
    let silent = || format!("the database has not answered for {} seconds", silent_micros / 1_000_000);
    condition.set(DegradedCause::OutOfTouch, is_silent.then(silent));
    match silent_micros {
        SILENT_AFTER_MICROS.. => Readiness::NotReady,
        _ if condition.is_good() => Readiness::Ready,
        _ => Readiness::Degraded,
    }
}

/// Checks every second, and ends the process if too many of its threads are stuck.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub(super) fn watch(registry: Arc<Registry>) -> std::io::Result<Job> {
    let (mut answers, mut late): (bool, Vec<String>) = (true, Vec::new());
    Job::every("condition", INTERVAL, move || {
        let answered = std::mem::replace(&mut answers, readiness(&registry) != Readiness::NotReady);
        match (answered, answers) {
            (true, false) => {
                tracing::error!("the database has not answered for 60 seconds: questions are refused until it answers")
            }
            (false, true) => tracing::info!("the database answers again"),
            _ => {}
        }
        let (stuck, now_late) = (registry.store().stuck_threads(), late_jobs());
        registry.metrics().condition.set_stuck_threads(stuck.saturating_add(now_late.len()));
        for name in now_late.iter().filter(|name| !late.contains(name)) {
            tracing::error!(
                job.name = name,
                "a background job hangs: it is late, or in one call, for minutes; restart the server"
            );
        }
        late = now_late;
        if stuck >= STUCK_THREADS {
            end(&format!("{stuck} of its threads wait for a database that does not answer"));
        }
        Ok(())
    })
}

/// Ends the process if its database is no longer the one it opened. It ends at once and closes nothing: otherwise SQLite would write the
/// end of its log into a file to which the log does not belong.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub(super) fn keep_to_database(registry: Arc<Registry>) -> std::io::Result<Job> {
    Job::every("same-database", DATABASE_INTERVAL, move || match lost_database(&registry) {
        Some(why) => end(&why),
        None => Ok(()),
    })
}

/// Looks at a SQLite file whenever it has changed, so that damage is noticed before a statement meets it.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub(super) fn look_for_damage(registry: Arc<Registry>) -> std::io::Result<Job> {
    let mut looks = FileLooks::default();
    Job::every("file-damage", DATABASE_INTERVAL, move || registry.store().look_at_file(&mut looks).map_err(ServiceError::Store))
}

fn end(why: &str) -> ! {
    write_last_line(&format!("the process ends: {why}"));
    std::process::exit(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Source: docs/nodes.md, "What happens when": `degraded` after 5 s without an answer of the database, 503 after 60 s.
    #[test]
    fn a_node_out_of_touch_says_so_and_later_stops_answering() {
        let condition = Condition::default();
        let after = |micros: u64| readiness_after(micros, &condition);

        assert_eq!([after(0), after(4_999_999)], [Readiness::Ready; 2]);
        assert_eq!([after(5_000_000), after(59_999_999)], [Readiness::Degraded; 2]);
        assert_eq!([after(60_000_000), after(u64::MAX)], [Readiness::NotReady; 2]);
        assert_eq!(after(0), Readiness::Ready, "in touch again");
        condition.set(DegradedCause::NoWrites, Some("the disk is full".to_owned()));
        assert_eq!(after(0), Readiness::Degraded);
    }
}
