//! The scheduler of probes. A node takes a due probe by a conditional update, so that only one of several nodes makes it. If that
//! node dies, the probe is due again when its lease ends.

use std::time::Duration;

use rand_core::RngCore;

use super::queue::ProbeQueue;
use super::settle::settle;
use super::sync::{Targets, sync};
use super::uuid;
use crate::node::{Registry, ServiceError};
use vasp_clock::Clock;
use vasp_outbound::{ClientIdentity, ProbeAsk, ProbeJob, ProbeRunner, Probed};
use vasp_rules::probe::ProbeTarget;
use vasp_store::StoreError;
use vasp_words::time::{Date, UtcTime};

/// Seconds after which a probe that a node took is due again, if no result is reported. Waiting and probing take a minute at most.
const LEASE_SECS: i64 = 300;
/// Shortest pause between two reads of the directory's endpoints.
const SYNC_APART: Duration = Duration::from_secs(2);
/// Shortest pause between two reads of what other nodes wrote.
const CATCH_UP_APART: Duration = Duration::from_secs(5);
/// How many results are settled in one transaction.
const SETTLED_AT_ONCE: usize = 64;

/// How probes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeSettings {
    /// Seconds between two probes of an endpoint that works.
    pub interval_secs: u32,
    /// How many probes may run at the same time.
    pub at_once: usize,
}

/// The scheduler of one node.
pub struct Probing {
    settings: ProbeSettings,
    queue: ProbeQueue,
    runner: ProbeRunner,
    targets: Targets,
    synced: Option<(i64, Date, Duration)>,
    caught_up: Option<Duration>,
}

impl Probing {
    /// Starts the thread that makes probes. The thread stops when this value is dropped.
    ///
    /// # Errors
    /// `ServiceError::CallsNobody` in a process that was started without outbound connections, `Thread`.
    pub fn start(registry: &Registry, identity: Option<&ClientIdentity>, settings: ProbeSettings) -> Result<Self, ServiceError> {
        let refused = |source| ServiceError::Thread { source: std::io::Error::other(source) };
        let prober = registry.outbound()?.prober(identity).map_err(refused)?;
        let runner = ProbeRunner::start(prober).map_err(|source| ServiceError::Thread { source })?;
        let queue = ProbeQueue::new(settings.at_once);
        Ok(Self { settings, queue, runner, targets: Targets::new(), synced: None, caught_up: None })
    }

    /// Does one round of work: settles the results that came back within `patience`, takes due probes and starts those that may run.
    /// Returns how many results were settled.
    ///
    /// # Errors
    /// `ServiceError::Store`; whatever is lost will be done again.
    pub fn step(
        &mut self,
        registry: &Registry,
        clock: &dyn Clock,
        rng: &mut dyn RngCore,
        patience: Duration,
    ) -> Result<usize, ServiceError> {
        let results = self.results(clock, patience);
        let settled = settle(registry, &results, self.settings.interval_secs, clock.now(), rng);
        let taken = self.keep_up(registry, clock, rng).and_then(|()| self.take(registry, clock.now(), rng));
        self.start_some(registry, clock, rng);
        let metrics = &registry.metrics().probes;
        let gauge = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        metrics.waiting.set(gauge(self.queue.waiting()));
        metrics.running.set(gauge(self.queue.running()));
        metrics.endpoints.set(gauge(self.targets.len()));
        settled.and(taken).map(|()| results.len())
    }

    /// Returns the queue, for monitoring.
    #[must_use]
    pub fn queue(&self) -> &ProbeQueue {
        &self.queue
    }

    fn results(&mut self, clock: &dyn Clock, patience: Duration) -> Vec<Probed> {
        let mut results = Vec::new();
        while results.len() < SETTLED_AT_ONCE
            && let Some(probed) = self.runner.result(if results.is_empty() { patience } else { Duration::ZERO })
        {
            self.queue.done(&probed.job.target.host, clock.running());
            results.push(probed);
        }
        results
    }

    /// Follows the changes of the directory and of the other nodes.
    fn keep_up(&mut self, registry: &Registry, clock: &dyn Clock, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
        let (now, running) = (clock.now(), clock.running());
        let apart = |since: Duration, least: Duration| running.saturating_sub(since) >= least || running < since;
        let generation = registry.pin(now);
        let state = (generation.sequence(), generation.day());
        let is_new = self.synced.is_none_or(|(sequence, day, at)| (sequence, day) != state && apart(at, SYNC_APART));
        if is_new {
            self.targets = sync(registry, &self.targets, now, rng)?;
            self.synced = Some((state.0, state.1, running));
        }
        if self.caught_up.is_none_or(|at| apart(at, CATCH_UP_APART)) {
            registry.directory().health().catch_up(registry.store()).map_err(ServiceError::Store)?;
            self.caught_up = Some(running);
        }
        Ok(())
    }

    /// Takes due probes, as many as there is room for.
    fn take(&mut self, registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
        let room = i64::try_from(self.queue.room()).unwrap_or(0);
        if room == 0 || self.targets.is_empty() {
            return Ok(());
        }
        let full = self.queue.full_hosts();
        let due = registry.store().read::<_, StoreError>(|conn| conn.endpoint_probes_due(now.micros(), &full, room))?;
        // An endpoint that this node's directory does not have yet, or no longer has, is left for a later step.
        let due = due.into_iter().filter_map(|(id, at)| Some((self.targets.get(&id.parse().ok()?)?.clone(), id, at)));
        let mut wanted = Vec::new();
        for (target, id, at) in due {
            if self.queue.push(target.clone()) {
                wanted.push((target, id, at));
            }
        }
        if wanted.is_empty() {
            return Ok(());
        }
        // In the same order on every node, so that two nodes cannot deadlock.
        wanted.sort_by(|(_, one, _), (_, other, _)| one.cmp(other));
        let again = now.plus_secs(LEASE_SECS).micros();
        let taken = registry.store().write::<_, StoreError>(now, rng, |transaction| {
            wanted.iter().map(|(_, id, at)| transaction.take_endpoint_probe(id, *at, again)).collect::<Result<Vec<_>, _>>()
        });
        let kept = taken.as_ref().map_or_else(|_| vec![false; wanted.len()], |taken| taken.value.clone());
        for ((target, ..), _) in wanted.iter().zip(kept).filter(|(_, kept)| !kept) {
            self.queue.withdraw(target);
        }
        taken.map(drop).map_err(ServiceError::Store)
    }

    fn start_some(&mut self, registry: &Registry, clock: &dyn Clock, rng: &mut dyn RngCore) {
        while let Some(target) = self.queue.start(clock.running()) {
            let ask = ask(registry, &target, rng);
            let job = ProbeJob { target: target.clone(), ask, at: clock.now() };
            if !self.runner.hand_in(job) {
                tracing::error!("the thread that probes endpoints has ended");
                self.queue.done(&target.host, clock.running());
                return;
            }
        }
    }
}

/// Returns what a probe tells the server about itself.
fn ask(registry: &Registry, target: &ProbeTarget, rng: &mut dyn RngCore) -> ProbeAsk {
    let history = registry.directory().health().history(target.endpoint);
    ProbeAsk {
        request_identifier: uuid(rng),
        attempts: history.as_ref().map_or(0, |history| history.failures()),
        last_checked_at: history.as_ref().and_then(|history| Some(history.last()?.at)),
    }
}
