//! How often a caller may do what anybody may do and people must look at. A network address may five times at once, then once an hour.
//! Neighbouring addresses share a limit for each record, so that somebody with many addresses leaves room for others.

use std::collections::hash_map::RandomState;
use std::hash::Hash;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::acts::CallerNetwork;
use vasp_clock::LimiterClock;
use vasp_words::ids::VaspId;

/// Times at once, and the time after which another one is allowed, for a network address. Wider networks have a multiple.
const ADDRESS: (NonZeroU32, Duration) = (NonZeroU32::MIN.saturating_add(4), Duration::from_secs(3_600));

/// The same for a neighbourhood and one record: a fifth of what may be open about the record.
const NEIGHBOURHOOD: (NonZeroU32, Duration) = (NonZeroU32::MIN.saturating_add(19), Duration::from_secs(86_400));

type Limiter<K> = RateLimiter<K, DashMapStateStore<K, RandomState>, LimiterClock, StateInformationMiddleware>;

/// The counts since the program started.
#[derive(Debug)]
pub(crate) struct Rare {
    networks: [Limiter<CallerNetwork>; CallerNetwork::ALLOWANCES.len()],
    records: Limiter<(VaspId, CallerNetwork)>,
    clock: LimiterClock,
}

/// Whether others of the caller's neighbourhood did the same about the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Neighbours {
    /// Nobody did lately.
    Silent,
    /// Somebody did.
    Spoke,
}

impl Rare {
    pub(crate) fn new(clock: LimiterClock) -> Self {
        let networks = CallerNetwork::ALLOWANCES
            .map(|allowance| limiter((ADDRESS.0.saturating_mul(allowance), ADDRESS.1 / allowance.get()), &clock));
        Self { networks, records: limiter(NEIGHBOURHOOD, &clock), clock }
    }

    /// Counts once, or returns the seconds after which the caller may try again.
    pub(crate) fn charge(&self, network: CallerNetwork, record: VaspId) -> Result<Neighbours, u32> {
        for ((network, _), limiter) in network.counted().zip(&self.networks) {
            self.count(limiter, &network)?;
        }
        let left = self.count(&self.records, &(record, network.neighbourhood()))?;
        Ok(if left + 1 == NEIGHBOURHOOD.0.get() { Neighbours::Silent } else { Neighbours::Spoke })
    }

    /// Counts once, and returns how many times are left.
    fn count<K: Clone + Eq + Hash>(&self, limiter: &Limiter<K>, key: &K) -> Result<u32, u32> {
        // A forgotten count equals a new one.
        limiter.retain_recent();
        limiter.check_key(key).map(|state| state.remaining_burst_capacity()).map_err(|not_until| {
            u32::try_from(not_until.wait_time_from(self.clock.now()).as_secs().saturating_add(1)).unwrap_or(u32::MAX)
        })
    }
}

fn limiter<K: Clone + Eq + Hash>((burst, another_after): (NonZeroU32, Duration), clock: &LimiterClock) -> Limiter<K> {
    let quota = Quota::with_period(another_after).unwrap_or(Quota::per_hour(NonZeroU32::MIN)).allow_burst(burst);
    RateLimiter::new(quota, DashMapStateStore::default(), clock.clone())
}
