//! Runs probes: one thread with a runtime of its own, a task a probe. Whoever hands in probes bounds how many run; results come
//! back in the order in which they end. Everything stops when this is dropped.

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
    /// What is probed.
    pub target: Arc<ProbeTarget>,
    /// What the probe says of itself.
    pub ask: ProbeAsk,
    /// When it begins.
    pub at: UtcTime,
}

/// A probe that is over.
#[derive(Debug)]
pub struct Probed {
    /// What was probed.
    pub job: ProbeJob,
    /// What was seen; none where the probe itself broke, which says nothing of the endpoint.
    pub seen: Option<Seen>,
}

/// The thread that probes.
pub struct ProbeRunner {
    jobs: Option<UnboundedSender<ProbeJob>>,
    results: Receiver<Probed>,
    thread: Option<JoinHandle<()>>,
}

impl ProbeRunner {
    /// Starts the thread.
    ///
    /// # Errors
    /// The operating system's error where no thread or runtime can be started.
    pub fn start(prober: Prober) -> std::io::Result<Self> {
        let (jobs, handed_in) = unbounded_channel();
        let (ended, results) = channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let work = move || runtime.block_on(run(prober, handed_in, ended));
        let thread = std::thread::Builder::new().name("probes".to_owned()).spawn(work)?;
        Ok(Self { jobs: Some(jobs), results, thread: Some(thread) })
    }

    /// Hands in a probe; false where the thread is gone.
    pub fn hand_in(&self, job: ProbeJob) -> bool {
        self.jobs.as_ref().is_some_and(|jobs| jobs.send(job).is_ok())
    }

    /// Returns a probe that is over, waiting for one up to `limit`.
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
            // In a task of its own, so that a probe that panics is told as one that saw nothing.
            let seen = tokio::spawn(async move { prober.probe(&own.target, &own.ask, own.at).await }).await.ok();
            // Nobody waits for it any more where the scheduler stopped.
            let _ = ended.send(Probed { job, seen });
        });
    }
}

impl Drop for ProbeRunner {
    fn drop(&mut self) {
        drop(self.jobs.take());
        if let Some(thread) = self.thread.take() {
            // A panic in the thread was logged by the runtime; stopping goes on.
            drop(thread.join());
        }
    }
}
