//! Runs probes in one thread with its own runtime, one task for each probe. The caller limits how many run. Results come back in the order
//! in which the probes end. Everything stops when this is dropped.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use super::{ProbeAsk, Prober};
use vasp_rules::probe::{ProbeTarget, Seen};
use vasp_words::time::UtcTime;

/// A probe to run.
#[derive(Clone, Debug)]
pub struct ProbeJob {
    /// The target of the probe.
    pub target: Arc<ProbeTarget>,
    /// The data that the probe sends about itself.
    pub ask: ProbeAsk,
    /// When the probe begins.
    pub at: UtcTime,
}

/// A finished probe.
#[derive(Debug)]
pub struct Probed {
    /// The job of the probe.
    pub job: ProbeJob,
    /// What the probe saw; `None` if the probe itself crashed, which says nothing about the endpoint.
    pub seen: Option<Seen>,
}

/// The thread that runs probes.
pub struct ProbeRunner {
    jobs: Option<UnboundedSender<ProbeJob>>,
    results: Receiver<Probed>,
    thread: Option<JoinHandle<()>>,
}

impl ProbeRunner {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system's error if a thread or a runtime cannot be started.
    pub fn start(prober: Prober) -> std::io::Result<Self> {
        let (jobs, handed_in) = unbounded_channel();
        let (ended, results) = channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let work = move || runtime.block_on(run(prober, handed_in, ended));
        let thread = std::thread::Builder::new().name("probes".to_owned()).spawn(work)?;
        Ok(Self { jobs: Some(jobs), results, thread: Some(thread) })
    }

    /// Adds a probe to the queue; returns false if the thread has ended.
    pub fn hand_in(&self, job: ProbeJob) -> bool {
        self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok())
    }

    /// Returns a finished probe, after waiting for at most `limit`.
    #[must_use]
    pub fn result(&self, limit: Duration) -> Option<Probed> {
        self.results.recv_timeout(limit).ok()
    }
}

async fn run(prober: Prober, mut jobs: UnboundedReceiver<ProbeJob>, ended: Sender<Probed>) {
    while let Some(job) = jobs.recv().await {
        let (prober, ended) = (prober.clone(), ended.clone());
        tokio::spawn(async move {
            let own = job.clone();
            // Runs in its own task, so that a probe that panics is reported as one that saw nothing.
            let seen = tokio::spawn(async move { prober.probe(&own.target, &own.ask, own.at).await }).await.ok();
            // Nobody waits for the result if the scheduler has stopped.
            let _ = ended.send(Probed { job, seen });
        });
    }
}

impl Drop for ProbeRunner {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // The runtime already logged a panic in the thread; stopping continues.
            drop(thread.join());
        }
    }
}
