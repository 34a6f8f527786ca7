//! The file in which a server keeps the head of its log, outside the database (`--log-head`). It is compared with the database at the
//! start, and written every second while the server runs.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use rand_core::RngCore;

use crate::node::{Job, Registry};
use crate::transparency::{Fork, HeadFile, declare_fork, find_fork};
use vasp_store::Store;
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// How often it checks for a later checkpoint. If a disk is lost, a checkpoint signed within the last second is not in the file.
const INTERVAL: Duration = Duration::from_secs(1);

/// Returns which entries of the log were lost according to the file, if any.
///
/// # Errors
/// If the file cannot be read, or if something was lost and `accept` is not set.
pub(super) fn lost(store: &Store, file: &HeadFile, accept: bool) -> Result<Option<Fork>, Box<dyn Error>> {
    let Some(known) = file.read()? else {
        let has_log = store.read(|conn| conn.newest_checkpoint())?.is_some();
        if has_log {
            let path = file.path().display();
            tracing::warn!("there is no {path} yet: whether entries of the log were lost cannot be told from it (--log-head)");
        }
        return Ok(None);
    };
    let fork = find_fork(store, &known)?;
    match fork {
        Some(fork) if !accept => {
            let what = "find the newer database or backup; if there is none, --accept-fork continues without the lost entries and records this in the log";
            Err(format!("{fork}: {what}").into())
        }
        fork => Ok(fork),
    }
}

/// Compares the database with the file. An accepted loss is recorded in the log.
///
/// # Errors
/// As [`lost`]; also if the log cannot be written.
pub(super) fn hold_against(
    registry: &Registry,
    file: &HeadFile,
    accept: bool,
    now: UtcTime,
    rng: &mut dyn RngCore,
) -> Result<(), Box<dyn Error>> {
    if let Some(fork) = lost(registry.store(), file, accept)?
        && declare_fork(registry, &fork, now, rng)?
    {
        tracing::warn!(log.fork = %fork, "entries of the log were lost: the log records this, and another key signs it from now on");
    }
    Ok(())
}

/// Keeps the newest checkpoint in the file.
///
/// # Errors
/// `std::io::Error` if no thread can be started.
pub(super) fn keep(registry: Arc<Registry>, file: HeadFile) -> std::io::Result<Job> {
    let (mut kept, mut fails) = (-1, false);
    Job::every("log-head", INTERVAL, move || {
        let newest = registry.store().read(|conn| conn.newest_checkpoint())?;
        // Never replaced by an earlier checkpoint: the file exists to show that a database went back under the server.
        let Some(newest) = newest.filter(|newest| newest.size > kept) else { return Ok(()) };
        match file.keep(&newest.note) {
            Ok(()) => (kept, fails) = (newest.size, false),
            Err(error) if !fails => {
                fails = true;
                tracing::warn!(error.chain = error_chain(&error), "the head of the log cannot be written to its file");
            }
            Err(_) => {}
        }
        Ok(())
    })
}
