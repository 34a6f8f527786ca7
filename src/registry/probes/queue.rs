//! The queue of probes that this node has taken. It runs one probe per host at a time, a second apart, and limits how many probes run
//! and wait. It is pure: time is an argument that only runs forward. A host that never answers takes only one place, and no other
//! host waits behind it.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use vasp_rules::probe::ProbeTarget;
use vasp_words::host::Host;

/// Shortest pause between the end of a probe of a host and the start of its next probe.
const APART: Duration = Duration::from_secs(1);
/// How many probes of one host may wait. More would take the places of other hosts.
const WAITING_PER_HOST: usize = 2;
/// How many hosts the queue remembers before it forgets those whose turn has ended.
const TURNS_MAX: usize = 4_096;

/// The queue.
#[derive(Debug)]
pub struct ProbeQueue {
    at_once: usize,
    waiting: VecDeque<Arc<ProbeTarget>>,
    running: usize,
    hosts: HashMap<Host, Turn>,
    peak: usize,
}

/// The state of a host.
#[derive(Debug, Default)]
struct Turn {
    waiting: usize,
    running: bool,
    free_at: Duration,
}

impl ProbeQueue {
    /// Makes a queue in which `at_once` probes may run at the same time, and twice as many may wait.
    #[must_use]
    pub fn new(at_once: usize) -> Self {
        Self { at_once: at_once.max(1), waiting: VecDeque::new(), running: 0, hosts: HashMap::new(), peak: 0 }
    }

    /// Returns how many more probes may be added.
    #[must_use]
    pub fn room(&self) -> usize {
        (self.at_once * 2).saturating_sub(self.waiting.len())
    }

    /// Returns the hosts for which no more probes may be taken, because enough wait, or one waits while another runs.
    #[must_use]
    pub fn full_hosts(&self) -> Vec<String> {
        let full = self.hosts.iter().filter(|(_, turn)| turn.waiting >= WAITING_PER_HOST || (turn.running && turn.waiting > 0));
        full.map(|(host, _)| host.to_string()).collect()
    }

    /// Adds a probe. Returns false if no more probes of its host, or of all hosts, may wait.
    #[must_use]
    pub fn push(&mut self, target: Arc<ProbeTarget>) -> bool {
        let turn = self.hosts.entry(target.host.clone()).or_default();
        if turn.waiting >= WAITING_PER_HOST || self.waiting.len() >= self.at_once * 2 {
            return false;
        }
        turn.waiting += 1;
        self.waiting.push_back(target);
        true
    }

    /// Removes a probe that was added, because another node has taken it.
    pub fn withdraw(&mut self, target: &ProbeTarget) {
        let place = self.waiting.iter().rposition(|waiting| waiting.endpoint == target.endpoint);
        if place.and_then(|place| self.waiting.remove(place)).is_some()
            && let Some(turn) = self.hosts.get_mut(&target.host)
        {
            turn.waiting = turn.waiting.saturating_sub(1);
        }
    }

    /// Returns the next probe to run: the longest waiting one whose host is free.
    #[must_use]
    pub fn start(&mut self, now: Duration) -> Option<Arc<ProbeTarget>> {
        if self.running >= self.at_once {
            return None;
        }
        let free =
            |target: &Arc<ProbeTarget>| self.hosts.get(&target.host).is_none_or(|turn| !turn.running && turn.free_at <= now);
        let place = self.waiting.iter().position(free)?;
        let target = self.waiting.remove(place)?;
        if let Some(turn) = self.hosts.get_mut(&target.host) {
            (turn.waiting, turn.running) = (turn.waiting.saturating_sub(1), true);
        }
        self.running += 1;
        self.peak = self.peak.max(self.running);
        Some(target)
    }

    /// Notes that a probe of a host has ended.
    pub fn done(&mut self, host: &Host, now: Duration) {
        self.running = self.running.saturating_sub(1);
        if let Some(turn) = self.hosts.get_mut(host) {
            (turn.running, turn.free_at) = (false, now + APART);
        }
        if self.hosts.len() > TURNS_MAX {
            self.hosts.retain(|_, turn| turn.running || turn.waiting > 0 || turn.free_at > now);
        }
    }

    /// Returns how many probes wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Returns how many probes run.
    #[must_use]
    pub fn running(&self) -> usize {
        self.running
    }

    /// Returns the highest number of probes that ran at the same time.
    #[must_use]
    pub fn peak(&self) -> usize {
        self.peak
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::ChaCha8Rng;
    use rand_core::SeedableRng;
    use vasp_rules::probe::ProbeKind;
    use vasp_words::ids::{EndpointId, VaspId};
    use vasp_words::time::UtcTime;

    fn target(host: &str) -> Arc<ProbeTarget> {
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        Arc::new(ProbeTarget {
            endpoint: EndpointId::new(UtcTime::EPOCH, &mut rng),
            vasp: VaspId::new(UtcTime::EPOCH, &mut rng),
            kind: ProbeKind::Tls,
            host: host.parse().unwrap(),
            port: None,
            path: "/".to_owned(),
            versions: vec![],
            pins: vec![],
            names: vec![],
            lei: None,
            maintenance: vec![],
        })
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn one_host_has_one_turn_at_a_time_and_a_second_between() {
        let mut queue = ProbeQueue::new(10);
        assert!(queue.push(target("a.example.com")) && queue.push(target("a.example.com")));
        assert!(!queue.push(target("a.example.com")), "a third would take others' places");

        assert!(queue.start(secs(0)).is_some());
        assert!(queue.start(secs(100)).is_none(), "the host is busy");
        queue.done(&"a.example.com".parse().unwrap(), secs(100));
        assert!(queue.start(Duration::from_millis(100_999)).is_none());
        assert!(queue.start(secs(101)).is_some());
    }

    #[test]
    fn host_that_never_answers_delays_nobody_else() {
        let mut queue = ProbeQueue::new(2);
        assert!(queue.push(target("hole.example.com")) && queue.push(target("hole.example.com")));
        assert!(queue.push(target("b.example.com")) && queue.push(target("c.example.com")));

        let started: Vec<_> = std::iter::from_fn(|| queue.start(secs(0))).map(|target| target.host.to_string()).collect();
        assert_eq!(started, ["hole.example.com", "b.example.com"], "the second of the hole's is passed over");
        queue.done(&"b.example.com".parse().unwrap(), secs(1));
        assert_eq!(queue.start(secs(1)).unwrap().host.as_str(), "c.example.com");
        assert_eq!((queue.full_hosts(), queue.peak()), (vec!["hole.example.com".to_owned()], 2));
    }

    #[test]
    fn it_never_holds_more_than_it_was_made_for() {
        let mut queue = ProbeQueue::new(3);
        let taken = (0..100).filter(|n| queue.push(target(&format!("h{n}.example.com")))).count();
        assert_eq!((taken, queue.room()), (6, 0));
        while queue.start(secs(0)).is_some() {}
        assert_eq!((queue.running(), queue.waiting(), queue.room()), (3, 3, 3));
    }
}
