//! The scheduler: what is due is taken by a conditional update, so that of several nodes one probes it; what was taken by a node
//! that died is due again when its lease is over.

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

/// When a probe that was taken is due again, in seconds, should nothing be heard of it. Waiting and probing take a minute at most.
const LEASE_SECS: i64 = 300;
/// The least time between two looks at what the directory has.
const SYNC_APART: Duration = Duration::from_secs(2);
/// The least time between two looks at what other nodes wrote.
const CATCH_UP_APART: Duration = Duration::from_secs(5);
/// How many results are settled in one transaction.
const SETTLED_AT_ONCE: usize = 64;

/// How probes are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbeSettings {
    /// Seconds between two probes of an endpoint that works.
    pub interval_secs: u32,
    /// How many run at once.
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
    /// Starts the thread that probes; it stops when this is dropped.
    ///
    /// # Errors
    /// `ServiceError::CallsNobody` in a process that was started without the means to call out, `Thread`.
    pub fn start(registry: &Registry, identity: Option<&ClientIdentity>, settings: ProbeSettings) -> Result<Self, ServiceError> {
        let refused = |source| ServiceError::Thread { source: std::io::Error::other(source) };
        let prober = registry.outbound()?.prober(identity).map_err(refused)?;
        let runner = ProbeRunner::start(prober).map_err(|source| ServiceError::Thread { source })?;
        let queue = ProbeQueue::new(settings.at_once);
        Ok(Self { settings, queue, runner, targets: Targets::new(), synced: None, caught_up: None })
    }

    /// Does what there is to do: settles what came back within `patience`, takes what is due, starts what may run. Returns how many
    /// results were settled.
    ///
    /// # Errors
    /// `ServiceError::Store`; nothing is lost that would not be done again.
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

    /// Returns the queue, for who watches it.
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

    /// Follows the directory and the other nodes.
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

    /// Takes what is due, as much as there is room for.
    fn take(&mut self, registry: &Registry, now: UtcTime, rng: &mut dyn RngCore) -> Result<(), ServiceError> {
        let room = i64::try_from(self.queue.room()).unwrap_or(0);
        if room == 0 || self.targets.is_empty() {
            return Ok(());
        }
        let full = self.queue.full_hosts();
        let due = registry.store().read::<_, StoreError>(|conn| conn.endpoint_probes_due(now.micros(), &full, room))?;
        // An endpoint that the directory does not have yet, or no longer, is left to the next look.
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
        // In one order on every node, so that none waits for the other.
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
                tracing::error!("the thread that probes endpoints is gone");
                self.queue.done(&target.host, clock.running());
                return;
            }
        }
    }
}

/// Returns what a probe says of itself.
fn ask(registry: &Registry, target: &ProbeTarget, rng: &mut dyn RngCore) -> ProbeAsk {
    let history = registry.directory().health().history(target.endpoint);
    ProbeAsk {
        request_identifier: uuid(rng),
        attempts: history.as_ref().map_or(0, |history| history.failures()),
        last_checked_at: history.as_ref().and_then(|history| Some(history.last()?.at)),
    }
}
