//! The server's jobs: what it does at intervals while it answers.

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use super::open;
use super::preparations::Probes;
use crate::config::StoreSettings;
use crate::documents::of_record;
use crate::http::ServerTls;
use crate::node::{Job, Registry, ServiceError, WriteWatch};
use crate::probes::{ProbeSettings, probe_endpoints};
use crate::screening::Rescreening;
use rand_core::RngCore;
use vasp_clock::{Clock, ClockWatch, Random, Stopwatch};
use vasp_pki::MasterKeys;
use vasp_words::error_chain::error_chain;
use vasp_words::time::UtcTime;

/// How often the clock is checked. Each write also checks it.
const CLOCK_INTERVAL: Duration = Duration::from_secs(1);

/// Starts to watch whether the clock is set.
pub(super) fn watch_clock(registry: Arc<Registry>, watch: Arc<ClockWatch>, accept: bool) -> std::io::Result<Job> {
    crate::node::clock::begin_clock(&registry, &watch, accept);
    Job::every("clock", CLOCK_INTERVAL, move || {
        crate::node::clock::look_at_clock(&registry, &watch);
        Ok(())
    })
}

/// How often the last days of use of keys are written.
const KEY_USES_INTERVAL: Duration = Duration::from_secs(30);

/// How often the server checks whether a CRL must be renewed (each after twelve hours), and which CRLs of others to fetch.
const CRL_INTERVAL: Duration = Duration::from_secs(60);

/// How often the last use of sessions is written, and that of other nodes is read. Short compared with the time that a session may stay
/// unused.
const SESSION_USES_INTERVAL: Duration = Duration::from_secs(20);

/// How often ended sessions and sign-in attempts are removed, and document files that no row needs.
const SWEEP_INTERVAL: Duration = Duration::from_secs(3_600);

/// How often the server looks at the file of the master keys.
const KEY_FILE_INTERVAL: Duration = Duration::from_secs(5);

/// How often the server looks for the remains of killed imports.
const ABANDONED_IMPORTS_INTERVAL: Duration = Duration::from_secs(60);

/// How often the server looks for expired evidence. Readers see the evidence as stale at once; cases open within this interval.
const EXPIRY_INTERVAL: Duration = Duration::from_secs(30);

/// How often the server tests whether it can write.
const WRITE_ATTEMPT_INTERVAL: Duration = Duration::from_secs(2);

/// Tests at intervals whether the server can write.
pub(super) fn watch_writes(registry: &Arc<Registry>) -> std::io::Result<Job> {
    let (registry, mut watch) = (Arc::clone(registry), WriteWatch::default());
    Job::every("write-attempts", WRITE_ATTEMPT_INTERVAL, move || watch.look(&registry))
}

/// Sweeps documents at the start and at intervals. If that fails at the start, the server still serves.
pub(super) fn sweep(registry: &Arc<Registry>, clock: &Arc<dyn Clock>) -> std::io::Result<Job> {
    if registry.documents().is_none() {
        tracing::warn!("no folder for documents is configured (--documents DIR): members cannot upload documents");
    }
    if let Err(error) = sweep_documents(registry, clock.now()) {
        tracing::error!(error.chain = error_chain(&error), "the folder of documents cannot be swept");
    }
    let (registry, clock) = (Arc::clone(registry), Arc::clone(clock));
    Job::every("documents", SWEEP_INTERVAL, move || sweep_documents(&registry, clock.now()))
}

/// Tells within seconds, and again each hour, if the file of the master keys lacks a key that this process has: the next start would fail, and
/// without a copy of the file nothing that is sealed could be opened again.
pub(super) fn watch_key_file(registry: &Arc<Registry>, settings: &StoreSettings) -> std::io::Result<Job> {
    let (registry, settings) = (Arc::clone(registry), settings.clone());
    let mut told: Option<(String, Stopwatch)> = None;
    Job::every("master-key", KEY_FILE_INTERVAL, move || {
        let lost = lost_keys(registry.master_keys(), open::keys_at_hand(&settings).map_err(|error| error.to_string()));
        let hour = u64::try_from(SWEEP_INTERVAL.as_micros()).unwrap_or(u64::MAX);
        told = told.take().filter(|(why, since)| lost.as_ref() == Some(why) && since.elapsed_micros() < hour);
        if let (Some(why), None) = (lost, &told) {
            tracing::warn!(
                "the file of the master keys {why}: the next start will fail; put the file back before this process ends"
            );
            told = Some((why, Stopwatch::start()));
        }
        Ok(())
    })
}

/// Returns what is wrong with the keys of a file, beside those that the process has; `None` if it has all of them.
fn lost_keys(own: &MasterKeys, found: Result<Option<MasterKeys>, String>) -> Option<String> {
    match found {
        Ok(None) => Some("is gone".to_owned()),
        Err(error) => Some(format!("cannot be used ({error})")),
        Ok(Some(found)) => (!found.has_all_of(own)).then(|| "has other keys".to_owned()),
    }
}

/// Removes document files that a crash or a refused request left behind, and tells of files that are missing.
fn sweep_documents(registry: &Registry, now: UtcTime) -> Result<(), ServiceError> {
    let swept = crate::documents::sweep_documents(registry, now)?;
    if swept > 0 {
        tracing::info!(documents.swept = swept, "unused document files were removed");
    }
    let missing = of_record::missing(registry.store(), registry.documents().map(|folder| folder.path()))?;
    if missing > 0 {
        tracing::warn!(
            documents.missing = missing,
            "files of documents are missing: they were removed, or --documents names another folder than the one in which they were \
             kept; a backup has them"
        );
    }
    Ok(())
}

/// How often counters are written: how often claims were asked for, and the budgets of addresses not found. A process that crashes loses
/// the counts since the last write.
const FLUSH_INTERVAL: Duration = Duration::from_secs(10);

/// How often the server checks for changes that must be screened.
const SCREENING_INTERVAL: Duration = Duration::from_secs(2);

/// How often the server looks for waiting claims that nobody contradicts any more, so that they take effect within an hour.
const UNOPPOSED_INTERVAL: Duration = Duration::from_secs(600);

/// How often the server looks for rows of registers whose authority is known by now. An approved amendment has them imported at once; this
/// is for a process that died before.
const HELD_ROWS_INTERVAL: Duration = Duration::from_secs(60);

/// How often the files of the server's certificate are read again.
const CERTIFICATE_INTERVAL: Duration = Duration::from_secs(5);

/// Reads the server's certificate again at intervals, so that nobody has to tell the server about a renewal.
pub(super) fn keep_certificate(tls: Arc<ServerTls>, clock: Arc<dyn Clock>) -> std::io::Result<Job> {
    Job::every("certificate", CERTIFICATE_INTERVAL, move || {
        tls.reload(clock.now());
        Ok(())
    })
}

/// Starts to probe endpoints, unless the settings say not to.
pub(super) fn prober(
    Probes { config, identity }: &Probes,
    registry: &Arc<Registry>,
    clock: &Arc<dyn Clock>,
    random: &Random,
) -> Result<Option<Job>, Box<dyn Error>> {
    if !config.enabled {
        return Ok(None);
    }
    let settings = ProbeSettings { interval_secs: config.interval_secs, at_once: usize::from(config.at_once) };
    if let Some((_, end)) = identity {
        registry.metrics().connected.certificate_ends("probes", *end);
    }
    let identity = identity.as_ref().map(|(identity, _)| identity);
    let prober = probe_endpoints(Arc::clone(registry), Arc::clone(clock), random, identity, settings)?;
    Ok(Some(prober))
}

/// Screens what changed; logs it if cases were opened or extended.
pub(super) fn screener(registry: &Arc<Registry>, clock: &Arc<dyn Clock>, random: &Arc<Random>) -> std::io::Result<Job> {
    let (registry, clock, random) = (Arc::clone(registry), Arc::clone(clock), Arc::clone(random));
    let screening = Rescreening::default();
    Job::every("screening", SCREENING_INTERVAL, move || {
        let cases = screening.step(&registry, clock.now(), &mut random.fork())?;
        if cases > 0 {
            tracing::info!(cases, "screening opened or extended cases");
        }
        Ok(())
    })
}

/// Starts the timers that keep the database in order.
pub(super) fn timers(registry: &Arc<Registry>, clock: &Arc<dyn Clock>, random: &Arc<Random>) -> std::io::Result<Vec<Job>> {
    type Task = fn(&Registry, UtcTime, &mut dyn RngCore) -> Result<(), ServiceError>;
    let every = |name: &'static str, interval, task: Task| {
        let (registry, clock, random) = (Arc::clone(registry), Arc::clone(clock), Arc::clone(random));
        Job::every(name, interval, move || task(&registry, clock.now(), &mut random.fork()))
    };
    let expire: Task = |registry, now, rng| {
        crate::review::expire_evidence(registry, now, rng)?;
        crate::certificates::note_expired_certificates(registry, now, rng).map(drop)
    };
    let stamp: Task = |registry, now, rng| crate::acts::keep_session_stamps(registry, now, rng);
    let forget: Task = |registry, now, rng| crate::sign_in::sweep_sign_ins(registry, now, rng);
    Ok(vec![
        every("session-uses", SESSION_USES_INTERVAL, stamp)?,
        every("sign-ins", SWEEP_INTERVAL, forget)?,
        every("counters", FLUSH_INTERVAL, |registry, now, rng| super::flush_lossy(registry, now, rng))?,
        every("webhook-messages", SWEEP_INTERVAL, |registry, now, rng| crate::webhooks::forget_old_messages(registry, now, rng))?,
        every("evidence", EXPIRY_INTERVAL, expire)?,
        every("key-uses", KEY_USES_INTERVAL, |registry, now, rng| crate::acts::keep_key_uses(registry, now, rng))?,
        every("revocation-lists", CRL_INTERVAL, |registry, now, rng| {
            crate::certificates::fetch_due_lists(registry, now, rng).map(drop)
        })?,
        every("crls", CRL_INTERVAL, |registry, now, rng| crate::ca::renew_due_crls(registry, now, rng).map(drop))?,
        every("abandoned-imports", ABANDONED_IMPORTS_INTERVAL, |registry, now, _| {
            crate::claims::discard_abandoned_imports(registry, now)
        })?,
        every("held-rows", HELD_ROWS_INTERVAL, |registry, now, rng| crate::authorities::settle_waiting_rows(registry, now, rng))?,
        every("unopposed-claims", UNOPPOSED_INTERVAL, |registry, now, rng| {
            crate::claims::count_unopposed(registry, now, rng).map(drop)
        })?,
        every("claim-ends", SWEEP_INTERVAL, |registry, now, rng| crate::claims::tell_ends(registry, now, rng))?,
        every("precheck-retention", SWEEP_INTERVAL, |registry, now, rng| {
            crate::precheck::erase_due_prechecks(registry, now, rng).map(drop)
        })?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The server must say that the file was removed or replaced while it ran.
    #[test]
    fn a_key_file_that_lacks_a_key_of_the_process_is_told() {
        let mut rng = Random::seeded(1).fork();
        let [own, other] = [(); 2].map(|()| MasterKeys::generate(&mut rng));
        let told = |found: Result<Option<MasterKeys>, String>| lost_keys(&own, found).unwrap_or_default();

        assert_eq!(told(MasterKeys::parse(&own.to_text()).map(Some).map_err(|error| error.to_string())), "");
        assert_eq!(told(Ok(Some(other))), "has other keys");
        assert_eq!(told(Ok(None)), "is gone");
        assert_eq!(told(Err("mode 0644".to_owned())), "cannot be used (mode 0644)");
    }
}
