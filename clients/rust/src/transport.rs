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
        let jitter = Duration::from_millis(500).mul_f64(self.world.jitter().clamp(0.0, 1.0));
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
