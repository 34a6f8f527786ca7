//! How often one network address may do what anybody may do and people must look at: five times at once, then once an hour.

use std::collections::hash_map::RandomState;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::Clock as _;
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use vasp_clock::LimiterClock;

/// Times at once.
const BURST: NonZeroU32 = NonZeroU32::MIN.saturating_add(4);

/// Time after which another one is allowed.
const ANOTHER_AFTER: Duration = Duration::from_secs(3_600);

/// The counts of all network addresses since the program started.
#[derive(Debug)]
pub(crate) struct Rare {
    addresses: RateLimiter<IpAddr, DashMapStateStore<IpAddr, RandomState>, LimiterClock, NoOpMiddleware<Duration>>,
    clock: LimiterClock,
}

impl Rare {
    pub(crate) fn new(clock: LimiterClock) -> Self {
        let quota = Quota::with_period(ANOTHER_AFTER).unwrap_or(Quota::per_hour(NonZeroU32::MIN)).allow_burst(BURST);
        Self { addresses: RateLimiter::new(quota, DashMapStateStore::default(), clock.clone()), clock }
    }

    /// Counts once, or returns the seconds after which the address may try again.
    pub(crate) fn charge(&self, address: IpAddr) -> Result<(), u32> {
        // A forgotten count equals a new one.
        self.addresses.retain_recent();
        self.addresses.check_key(&address).map_err(|not_until| {
            u32::try_from(not_until.wait_time_from(self.clock.now()).as_secs().saturating_add(1)).unwrap_or(u32::MAX)
        })
    }
}
