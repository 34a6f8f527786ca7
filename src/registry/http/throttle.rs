//! Limits how often a caller may ask. Each organisation has a token bucket. Each network address has one for callers without a valid key,
//! so guessing keys is as slow as asking publicly. Every answer reports what is left; a caller that asks too often gets 429.

use std::collections::hash_map::RandomState;
use std::hash::Hash;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use actix_web::HttpRequest;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use governor::clock::Clock as _;
use governor::middleware::StateInformationMiddleware;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use itoa::Buffer;

use super::error::Problem;
use super::forwarded::client_address;
use super::rare::Rare;
use crate::acts::{Asker, CallerNetwork};
use crate::config::{Rate, ServerSettings};
use crate::node::ProblemCode;
use vasp_clock::LimiterClock;
use vasp_words::ids::OrganisationId;

/// Reports what is left of the caller's rate. Source: draft-ietf-httpapi-ratelimit-headers-11, §3 and §4.
pub const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
/// Reports the rate that applies to the caller.
pub const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// The buckets of all callers.
#[derive(Debug)]
pub struct Throttle {
    trusted_proxies: Vec<IpAddr>,
    organisations: Option<Buckets<OrganisationId>>,
    /// One for each of the networks in which an address is counted.
    addresses: [Option<Buckets<CallerNetwork>>; CallerNetwork::ALLOWANCES.len()],
    /// What anybody may do and people must look at.
    pub(crate) rare: Rare,
}

/// What the caller has left, kept with the request until its answer is sent.
#[derive(Debug, Clone)]
pub(crate) struct Balance {
    /// Kind of caller: `organisation` or `address`.
    pub name: &'static str,
    policy: HeaderValue,
    left: u32,
    full_in_secs: u32,
}

/// The error for a caller that asked too often.
#[derive(Debug)]
pub(crate) struct TooOften {
    /// What the caller has left: less than it asked for.
    pub balance: Balance,
    again_in_secs: u32,
}

#[derive(Debug)]
struct Buckets<K: Eq + Hash + Clone> {
    name: &'static str,
    rate: Rate,
    policy: HeaderValue,
    limiter: RateLimiter<K, DashMapStateStore<K, RandomState>, LimiterClock, StateInformationMiddleware>,
    clock: LimiterClock,
    charges: AtomicU32,
}

/// Number of charges between two sweeps. A sweep forgets full buckets, which equal new ones; otherwise memory would grow with each new
/// address.
const CHARGES_BETWEEN_SWEEPS: u32 = 1 << 16;

impl Throttle {
    /// Makes the buckets for a server's settings.
    #[must_use]
    pub fn new(settings: &ServerSettings, clock: &LimiterClock) -> Self {
        Self {
            trusted_proxies: settings.trusted_proxies.clone(),
            organisations: settings.rate.and_then(|rate| Buckets::new("organisation", rate, clock)),
            addresses: CallerNetwork::ALLOWANCES
                .map(|allowance| Buckets::new("address", settings.public_rate?.times(allowance), clock)),
            rare: Rare::new(clock.clone()),
        }
    }

    /// Takes some questions from the bucket of an organisation, which all its keys, certificates and people share.
    pub(crate) fn charge_organisation(&self, id: OrganisationId, questions: NonZeroU32) -> Result<Option<Balance>, TooOften> {
        self.organisations.as_ref().map(|buckets| buckets.charge(&id, questions)).transpose()
    }

    /// Takes some questions from the bucket of whoever is charged for answers.
    pub(crate) fn charge_asker(&self, asker: Asker, questions: NonZeroU32) -> Result<Option<Balance>, TooOften> {
        match asker {
            Asker::Organisation(id) => self.charge_organisation(id, questions),
            Asker::Address(network) => {
                // Narrowest first: what is refused there costs the neighbours nothing.
                let mut own = None;
                for ((network, _), buckets) in network.counted().zip(&self.addresses) {
                    let balance = buckets.as_ref().map(|buckets| buckets.charge(&network, questions)).transpose()?;
                    own = own.or(balance);
                }
                Ok(own)
            }
        }
    }

    /// Returns the network against which questions and attempts are counted.
    pub(crate) fn caller_network(&self, request: &HttpRequest) -> Option<CallerNetwork> {
        client_address(request, &self.trusted_proxies).map(CallerNetwork::of)
    }

    /// Takes some questions from the bucket of the caller's network address.
    pub(crate) fn charge_address(&self, request: &HttpRequest, questions: NonZeroU32) -> Result<Option<Balance>, TooOften> {
        let Some(address) = self.caller_network(request) else { return Ok(None) };
        self.charge_asker(Asker::Address(address), questions)
    }
}

impl<K: Eq + Hash + Clone> Buckets<K> {
    /// Returns `None` if the policy cannot be written in a header; no valid rate causes this.
    fn new(name: &'static str, rate: Rate, clock: &LimiterClock) -> Option<Self> {
        let quota = Quota::per_second(rate.per_sec).allow_burst(rate.burst.get());
        let window_secs = rate.burst.get().get().div_ceil(rate.per_sec.get());
        let policy = HeaderValue::try_from(format!("\"{name}\";q={};w={window_secs}", rate.burst.get())).ok()?;
        let limiter = RateLimiter::new(quota, DashMapStateStore::default(), clock.clone());
        Some(Self { name, rate, policy, limiter, clock: clock.clone(), charges: AtomicU32::new(0) })
    }

    fn charge(&self, key: &K, questions: NonZeroU32) -> Result<Balance, TooOften> {
        if self.charges.fetch_add(1, Ordering::Relaxed) % CHARGES_BETWEEN_SWEEPS == CHARGES_BETWEEN_SWEEPS - 1 {
            self.limiter.retain_recent();
        }
        let burst = self.rate.burst.get().get();
        let balance = |left: u32| Balance {
            name: self.name,
            policy: self.policy.clone(),
            left,
            full_in_secs: burst.saturating_sub(left).div_ceil(self.rate.per_sec.get()),
        };
        let (wait, left) = match self.limiter.check_key_n(key, questions) {
            Ok(Ok(state)) => return Ok(balance(state.remaining_burst_capacity())),
            Ok(Err(not_until)) => {
                let wait = not_until.wait_time_from(self.clock.now());
                let missing = (wait.as_nanos() * u128::from(self.rate.per_sec.get())).div_ceil(1_000_000_000);
                (wait, questions.get().saturating_sub(u32::try_from(missing).unwrap_or(u32::MAX)))
            }
            // More than the bucket ever holds. Batches do not reach this: none is larger than the smallest allowed burst.
            Err(_) => (Duration::from_secs(u64::from(burst.div_ceil(self.rate.per_sec.get()))), 0),
        };
        let again_in_secs = u32::try_from(wait.as_secs().saturating_add(1)).unwrap_or(u32::MAX);
        Err(TooOften { balance: balance(left), again_in_secs })
    }
}

impl Balance {
    /// Writes what is left into the headers of an answer.
    pub(crate) fn tell(self, headers: &mut HeaderMap) {
        let Self { name, policy, left, full_in_secs } = self;
        let mut value = String::with_capacity(64);
        value.extend(["\"", name, "\";r=", Buffer::new().format(left), ";t=", Buffer::new().format(full_in_secs)]);
        if let Ok(value) = HeaderValue::try_from(value) {
            headers.insert(RATE_LIMIT, value);
        }
        headers.insert(RATE_LIMIT_POLICY, policy);
    }
}

impl From<TooOften> for Problem {
    fn from(error: TooOften) -> Self {
        let secs = error.again_in_secs;
        let detail = format!("You sent more requests than the rate limit allows; try again in {secs} s.");
        Self::new(ProblemCode::RateLimited, detail).with_header(header::RETRY_AFTER, secs.to_string())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use vasp_clock::SetClock;
    use vasp_words::time::UtcTime;

    fn questions(count: u32) -> NonZeroU32 {
        NonZeroU32::new(count).unwrap()
    }

    fn buckets(per_sec: u32, burst: u32) -> (Buckets<u8>, Arc<SetClock>) {
        let clock = Arc::new(SetClock::at("2026-06-01T12:00:00Z".parse().unwrap()));
        let rate = Rate { per_sec: questions(per_sec), burst: burst.try_into().unwrap() };
        (Buckets::new("organisation", rate, &LimiterClock(clock.clone())).unwrap(), clock)
    }

    fn told(balance: Balance) -> (String, String) {
        let mut headers = HeaderMap::new();
        balance.tell(&mut headers);
        let text = |name| headers.get(name).unwrap().to_str().unwrap().to_owned();
        (text(RATE_LIMIT), text(RATE_LIMIT_POLICY))
    }

    #[test]
    fn headers_have_the_form_of_the_draft() {
        let (buckets, _) = buckets(100, 6_000);

        let balance = buckets.charge(&1, questions(500)).unwrap();

        assert_eq!(told(balance), ("\"organisation\";r=5500;t=5".to_owned(), "\"organisation\";q=6000;w=60".to_owned()));
    }

    #[test]
    fn an_empty_bucket_refuses_until_it_has_filled_and_others_are_not_hurt() {
        let (buckets, clock) = buckets(100, 1_000);
        buckets.charge(&1, questions(1_000)).unwrap();

        let refused = buckets.charge(&1, questions(250)).unwrap_err();
        assert_eq!((refused.again_in_secs, refused.balance.left), (3, 0));
        assert!(buckets.charge(&2, questions(1)).is_ok());
        clock.set("2026-06-01T12:00:02.5Z".parse().unwrap());
        assert_eq!(buckets.charge(&1, questions(250)).unwrap().left, 0);
    }

    #[test]
    fn who_asks_for_more_than_is_left_is_told_what_is_left() {
        let (buckets, _) = buckets(100, 1_000);
        buckets.charge(&1, questions(961)).unwrap();

        let refused = buckets.charge(&1, questions(1_000)).unwrap_err();

        assert_eq!((refused.again_in_secs, refused.balance.left), (10, 39));
        assert_eq!(buckets.charge(&1, questions(39)).unwrap().left, 0);
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_and_blocks_nobody_for_ever() {
        let (buckets, clock) = buckets(1_000, 1_000);
        buckets.charge(&1, questions(1_000)).unwrap();

        clock.set(UtcTime::EPOCH);
        assert!(buckets.charge(&1, questions(1)).is_err());
        clock.set("2026-06-01T12:00:01Z".parse().unwrap());
        assert!(buckets.charge(&1, questions(1_000)).is_ok());
    }
}
