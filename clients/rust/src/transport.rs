//! One logical call: its attempts, waits and headers, with one idempotency key. `reply.rs` says what an answer means, and `exchange.rs`
//! sends. Callers are the operations of `client.rs`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use ureq::Agent;
use ureq::http::Method;

use crate::error::{Error, Unavailable, UnavailableCode};
use crate::exchange::{Sent, send};
use crate::reply::{self, Reply};
use crate::settings::{Event, Failure, Settings};
use crate::subjects::named_in;
use crate::world::{World, trace, uuid};

/// The longest wait that a server may ask for.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(60);
/// The longest wait that the client chooses.
const LONGEST_BACK_OFF: Duration = Duration::from_secs(8);
/// The ceiling of the first wait.
const FIRST_BACK_OFF: Duration = Duration::from_millis(500);
const USER_AGENT: &str = concat!("vasp-registry-rust/", env!("CARGO_PKG_VERSION"));

/// What calls need: where to, as whom, and how.
pub(crate) struct Transport {
    pub(crate) url: String,
    pub(crate) key: Option<String>,
    pub(crate) agent: Agent,
    pub(crate) settings: Settings,
    pub(crate) world: Arc<dyn World>,
}

/// A call to make.
pub(crate) struct Call<'a> {
    method: Method,
    /// The path with its parameters.
    path: String,
    /// The route, for events.
    route: &'a str,
    body: Option<&'a Value>,
    idempotency_key: Option<&'a str>,
}

impl<'a> Call<'a> {
    pub(crate) fn get(path: impl Into<String>, route: &'a str) -> Self {
        Self::new(Method::GET, path, route, None)
    }

    pub(crate) fn post(path: &'a str, body: &'a Value) -> Self {
        Self::new(Method::POST, path, path, Some(body))
    }

    pub(crate) fn new(method: Method, path: impl Into<String>, route: &'a str, body: Option<&'a Value>) -> Self {
        Self { method, path: path.into(), route, body, idempotency_key: None }
    }

    pub(crate) fn under(self, idempotency_key: Option<&'a str>) -> Self {
        Self { idempotency_key, ..self }
    }
}

impl Transport {
    /// Makes a call and returns the JSON of its answer; null if the answer has no body.
    pub(crate) fn json(&self, call: Call<'_>) -> Result<Value, Error> {
        Ok(reply::json(&self.answer(call)?)?)
    }

    /// Makes a call and returns the text of its answer.
    pub(crate) fn text(&self, call: Call<'_>) -> Result<String, Error> {
        Ok(reply::text(self.answer(call)?)?)
    }

    fn answer(&self, call: Call<'_>) -> Result<Reply, Error> {
        let (world, settings) = (self.world.as_ref(), &self.settings);
        let subjects = call.body.map(named_in).unwrap_or_default();
        let sent = self.sent(&call);
        let begun = world.running();
        for number in 1..=settings.attempts {
            let started = world.running();
            let left = settings.deadline.saturating_sub(started.saturating_sub(begun));
            let replied = send(&self.agent, &sent, settings.timeout.min(left))?;
            let fault = reply::fault(&replied, &call.method, &subjects, world.now()).err();
            let wait = fault.as_ref().filter(|_| number < settings.attempts).and_then(|fault| self.wait(fault, number, begun));
            self.tell(&call, number, started, &replied, wait);
            match (fault, wait) {
                (None, _) => return replied.map_err(|_| Unavailable::malformed().into()),
                (Some(_), Some(wait)) => world.wait(wait),
                (Some(fault), None) => return Err(fault),
            }
        }
        Err(Unavailable::new(UnavailableCode::Timeout, "no attempt is allowed").into())
    }

    fn sent(&self, call: &Call<'_>) -> Sent {
        let world = self.world.as_ref();
        let given = self.settings.traceparent.as_ref().and_then(|traceparent| traceparent());
        let mut headers = vec![("accept", "*/*".to_owned()), ("user-agent", USER_AGENT.to_owned())];
        headers.push(("traceparent", given.unwrap_or_else(|| trace(world))));
        headers.extend(self.key.as_ref().map(|key| ("authorization", format!("Bearer {key}"))));
        if call.method == Method::POST {
            headers.push(("idempotency-key", call.idempotency_key.map_or_else(|| uuid(world), str::to_owned)));
        }
        headers.extend(call.body.map(|_| ("content-type", "application/json".to_owned())));
        let body = call.body.map(|body| body.to_string().into_bytes());
        Sent { method: call.method.clone(), url: format!("{}{}", self.url, call.path), headers, body }
    }

    /// Returns how long to wait before the next attempt; `None` if there must be none.
    fn wait(&self, fault: &Error, number: u32, begun: Duration) -> Option<Duration> {
        let Error::Unavailable(Unavailable { code, retry_after, .. }) = fault else { return None };
        if *code == UnavailableCode::ServerError {
            return None;
        }
        let jitter = Duration::try_from_secs_f64(self.world.jitter().clamp(0.0, 1.0) / 2.0).unwrap_or_default();
        let wait = match retry_after {
            // Up to half a second more than the server asks for, so that clients do not return together.
            Some(asked) if *asked < LONGEST_RETRY_AFTER => *asked + jitter,
            Some(asked) => *asked,
            None => {
                let ceiling = FIRST_BACK_OFF.saturating_mul(1 << (number - 1).min(8)).min(LONGEST_BACK_OFF);
                ceiling.mul_f64(0.5 + jitter.as_secs_f64())
            }
        };
        let passed = self.world.running().saturating_sub(begun);
        (wait <= LONGEST_RETRY_AFTER && passed + wait < self.settings.deadline).then_some(wait)
    }

    fn tell(&self, call: &Call<'_>, attempt: u32, started: Duration, replied: &Result<Reply, Failure>, wait: Option<Duration>) {
        let Some(on_event) = &self.settings.on_event else { return };
        on_event(&Event {
            operation: format!("{} {}", call.method, call.route),
            attempt,
            took: self.world.running().saturating_sub(started),
            status: replied.as_ref().ok().map(|reply| reply.status),
            failure: replied.as_ref().err().copied(),
            request_id: replied.as_ref().ok().and_then(|reply| reply.request_id.clone()),
            wait,
        });
    }
}

#[cfg(test)]
mod tests {
    use vasp_clock::Clock;
    use vasp_words::time::UtcTime;

    use super::*;

    /// Waits at once, and draws always the same jitter.
    struct Jitter(f64);

    impl Clock for Jitter {
        fn now(&self) -> UtcTime {
            UtcTime::EPOCH
        }

        fn running(&self) -> Duration {
            Duration::ZERO
        }
    }

    impl World for Jitter {
        fn wait(&self, _: Duration) {}

        fn fill(&self, _: &mut [u8]) {}

        fn jitter(&self) -> f64 {
            self.0
        }
    }

    fn wait(jitter: f64, number: u32, retry_after: Option<f64>) -> Option<f64> {
        let settings = Settings { deadline: Duration::from_secs(600), ..Settings::default() };
        let (url, key, agent, world) = (String::new(), None, crate::exchange::agent(), Arc::new(Jitter(jitter)));
        let transport = Transport { url, key, agent, settings, world };
        let retry_after = retry_after.map(Duration::from_secs_f64);
        let fault = Unavailable { retry_after, ..Unavailable::new(UnavailableCode::Unavailable, "") };
        transport.wait(&fault.into(), number, Duration::ZERO).map(|wait| wait.as_secs_f64())
    }

    /// The values that all clients share.
    #[test]
    fn waits_grow_and_jitter_never_shortens_what_the_server_asks() {
        let waits = |jitter| (1..=6).map(|number| wait(jitter, number, None).unwrap()).collect::<Vec<_>>();
        assert_eq!(waits(0.0), [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]);
        assert_eq!(waits(1.0), [0.5, 1.0, 2.0, 4.0, 8.0, 8.0]);
        assert_eq!(
            [wait(0.0, 1, Some(3.0)), wait(1.0, 1, Some(3.0)), wait(1.0, 1, Some(60.0))],
            [Some(3.0), Some(3.5), Some(60.0)]
        );
        assert_eq!(wait(1.0, 1, Some(61.0)), None);
        assert_eq!(wait(f64::NAN, 1, None), Some(0.25));
    }

    #[test]
    fn no_attempt_is_no_answer() {
        let settings = Settings { attempts: 0, ..Settings::default() };
        let (url, key, agent, world) = (String::new(), None, crate::exchange::agent(), Arc::new(Jitter(0.0)));
        let transport = Transport { url, key, agent, settings, world };
        let Err(Error::Unavailable(none)) = transport.json(Call::get("/", "/")) else { panic!("an answer") };
        assert_eq!(none.code, UnavailableCode::Timeout);
    }
}
