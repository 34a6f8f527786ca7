//! One write on behalf of a caller. It happens at most once under its idempotency key. One transaction contains the write, its line in the
//! audit chain, and the answer for a repeated request. The answer is sent when this process can read the write too.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use aws_lc_rs::digest::{SHA256, digest};
use rand_core::RngCore;
use serde::Serialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::Identity;
use super::authenticate::check_still_holds;
use super::sealed_traces::Traces;
use crate::node::{ProblemCode, Refusal, Registry, ServiceError, Written};
use vasp_log::audit::{AuditEvent, AuditOutcome};
use vasp_pki::DataKey;
use vasp_record::client_certificate::Sha256Hex;
use vasp_store::{ANSWERS_KEPT_SECS, IdempotencyRow, StoreError, Transaction};
use vasp_words::ids::UserId;
use vasp_words::time::UtcTime;

/// Longest idempotency key, in bytes.
const LONGEST_KEY: usize = 255;

/// A request to run at most once. The key belongs to the caller: the same key from a colleague is another request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// HTTP method.
    pub method: String,
    /// Path.
    pub path: String,
    /// The caller's key.
    pub key: String,
    /// SHA-256 of the request.
    pub request_digest: [u8; 32],
}

/// An answer to a write. A top-level member `secret` is shown only once and never stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Version of the resource, for its `ETag`.
    pub version: Option<String>,
    /// The body; null if there is none.
    pub(crate) body: Written,
    /// Whether an earlier request under the same idempotency key got this answer.
    pub replayed: bool,
}

/// The result of a write, and what the audit chain records about it.
#[derive(Debug)]
pub struct Deed<T> {
    /// The value from which the answer is rendered.
    pub value: T,
    /// Id of the changed subject.
    pub subject: Option<String>,
    /// Details for the audit chain: no secrets.
    pub details: Value,
}

/// A caller's write.
pub struct Act<'a, T> {
    /// The registry.
    pub registry: &'a Registry,
    /// The caller.
    pub identity: &'a Identity,
    /// The request's idempotency key; `None` if it has none.
    pub once: Option<Once>,
    /// The current time.
    pub now: UtcTime,
    /// Randomness for ids, secrets and salts.
    pub rng: &'a mut dyn RngCore,
    /// Renders the answer, inside the transaction. If it has no JSON form, nothing is written.
    pub render: Box<dyn FnOnce(&T) -> Reply + 'a>,
}

/// The in-flight requests of this process that have an idempotency key.
#[derive(Debug, Clone, Default)]
pub struct Flights(Arc<Mutex<HashSet<String>>>);

/// One in-flight request; it ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Flight(Flights, String);

impl<T> Act<'_, T> {
    /// Returns the data key of the caller's organisation.
    pub(crate) fn data_key(&mut self) -> Result<DataKey, ServiceError> {
        self.registry.data_key(self.identity.organisation, self.now, self.rng)
    }
}

/// Returns the error for a request whose first attempt, under the same idempotency key, is still in flight.
pub(crate) fn in_progress() -> ServiceError {
    Refusal::of(ProblemCode::InProgress).retry_after_secs(1).into()
}

/// Returns the error for an idempotency key that was used for another request.
pub(crate) fn key_reused() -> ServiceError {
    Refusal::of(ProblemCode::IdempotencyKeyReused).into()
}

impl Flights {
    pub(crate) fn take(&self, name: String) -> Result<Flight, ServiceError> {
        let taken = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(name.clone());
        if taken { Ok(Flight(self.clone(), name)) } else { Err(in_progress()) }
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

impl Once {
    /// Returns the digest that identifies a repeated request.
    pub(crate) fn digest_of(sent: &[u8]) -> [u8; 32] {
        digest(&SHA256, sent).as_ref().first_chunk().copied().unwrap_or_default()
    }

    /// Binds a caller's key to the method, path and digest of a request.
    ///
    /// # Errors
    /// A text that says what the key must be.
    pub(crate) fn of(method: &str, path: &str, key: &str, request_digest: [u8; 32]) -> Result<Self, String> {
        if !(1..=LONGEST_KEY).contains(&key.len()) || !key.bytes().all(|byte| byte == b' ' || byte.is_ascii_graphic()) {
            return Err(format!("must be 1 to {LONGEST_KEY} printable ASCII characters"));
        }
        Ok(Self { method: method.to_owned(), path: path.to_owned(), key: key.to_owned(), request_digest })
    }

    pub(crate) fn name(&self, caller: UserId) -> String {
        format!("{caller} {} {} {}", self.method, self.path, self.key)
    }

    /// Returns the number with which nodes lock the key: 64 bits of its digest.
    fn lock_number(&self, caller: UserId) -> i64 {
        let hash = digest(&SHA256, self.name(caller).as_bytes());
        hash.as_ref().first_chunk::<8>().map_or(0, |first| i64::from_be_bytes(*first))
    }

    fn kept(&self, transaction: &mut Transaction<'_>, caller: UserId, now: UtcTime) -> Result<Option<Reply>, ServiceError> {
        if !transaction.try_lock_number(self.lock_number(caller))? {
            return Err(in_progress());
        }
        let place = (caller, self.method.as_str(), self.path.as_str(), self.key.as_str());
        let Some(row) = transaction.conn().kept_answer(place, now.plus_secs(-ANSWERS_KEPT_SECS))? else {
            return Ok(None);
        };
        if row.request_digest.0 != self.request_digest {
            return Err(key_reused());
        }
        let body = RawValue::from_string(row.body).map_err(ServiceError::unreadable("answer"))?;
        let status = u16::try_from(row.status).map_err(ServiceError::unreadable("answer"))?;
        Ok(Some(Reply { status, version: row.etag, body: Written(Some(body.into())), replayed: true }))
    }

    fn keep(&self, transaction: &mut Transaction<'_>, caller: UserId, reply: &Reply, now: UtcTime) -> Result<(), ServiceError> {
        let row = IdempotencyRow {
            user_id: caller,
            method: self.method.clone(),
            path: self.path.clone(),
            key: self.key.clone(),
            request_digest: Sha256Hex(self.request_digest),
            status: i16::try_from(reply.status).unwrap_or(i16::MAX),
            etag: reply.version.clone(),
            body: reply.without_secret().text()?.to_owned(),
            created_at: now,
        };
        transaction.keep_answer(&row, now.plus_secs(-ANSWERS_KEPT_SECS)).map_err(ServiceError::Store)
    }
}

impl Reply {
    /// Makes an answer.
    #[must_use]
    pub fn new(status: u16, version: Option<String>, body: impl Serialize) -> Self {
        Self { status, version, body: Written::of(&body), replayed: false }
    }

    /// Returns the members of an answer that shows a secret. It must be sent whatever else fails, because it is the only one that shows it.
    fn members_with_secret(&self) -> Option<Map<String, Value>> {
        let text = self.body.text().ok().filter(|text| text.contains(r#""secret":"#))?;
        serde_json::from_str(text)
            .ok()
            .filter(|members: &Map<_, _>| members.get("secret").is_some_and(|secret| !secret.is_null()))
    }

    pub(crate) fn without_secret(&self) -> Written {
        let Some(mut members) = self.members_with_secret() else { return self.body.clone() };
        members.insert("secret".to_owned(), Value::Null);
        members.insert("secret_already_shown".to_owned(), Value::Bool(true));
        Written::of(&members)
    }
}

impl<T> Deed<T> {
    /// Makes a deed from a value, its subject and details for the audit chain.
    pub fn new(value: T, subject: impl ToString, details: Value) -> Self {
        Self { value, subject: Some(subject.to_string()), details }
    }
}

impl<T> Act<'_, T> {
    /// Returns the stored answer of an earlier request under the same key. For work before the transaction, such as asking other
    /// services.
    pub fn kept(&mut self) -> Result<Option<Reply>, ServiceError> {
        let (Some(once), now) = (&self.once, self.now) else { return Ok(None) };
        let caller = self.identity.user;
        let kept = self.registry.store().write(now, self.rng, |transaction| once.kept(transaction, caller, now))?;
        Ok(kept.value)
    }

    /// Runs `deed` once and returns the answer; a repeated request gets the same answer.
    ///
    /// # Errors
    /// Those of `deed`; `ServiceError::Unauthenticated` or `Forbidden` if the caller's credentials were revoked or changed after
    /// authentication; `in_progress()` while the first request under the key runs, `KeyReused` if the key was used for another
    /// request, `Changed` if another writer was faster, `Store`; `Directory` if the write is committed, but this process could
    /// not read it because the database became unavailable.
    pub fn run(
        self,
        action: &str,
        deed: impl FnOnce(&mut Transaction<'_>, &Identity) -> Result<Deed<T>, ServiceError>,
    ) -> Result<Reply, ServiceError> {
        let Self { registry, identity, once, now, rng, render } = self;
        let attempt = Attempt { registry, identity, once, now, rng, traces: Traces::Open };
        attempt.run(action, rendered(deed, render))
    }

    /// Runs `deed` as [`Act::run`] does, but seals the audit line and the stored answer: only the caller's organisation can read them.
    pub fn run_privately(
        self,
        action: &str,
        deed: impl FnOnce(&mut Transaction<'_>, &Identity) -> Result<Deed<T>, ServiceError>,
    ) -> Result<Reply, ServiceError> {
        let Self { registry, identity, once, now, rng, render } = self;
        let key = registry.data_key(identity.organisation, now, rng)?;
        let attempt = Attempt { registry, identity, once, now, rng, traces: Traces::Sealed(key) };
        attempt.run(action, rendered(deed, render))
    }
}

/// A deed of any kind, whose value is the answer.
type Rendered<'d> = Box<dyn FnOnce(&mut Transaction<'_>, &Identity) -> Result<Deed<Reply>, ServiceError> + 'd>;

/// Has a deed's value rendered.
fn rendered<'d, T>(
    deed: impl FnOnce(&mut Transaction<'_>, &Identity) -> Result<Deed<T>, ServiceError> + 'd,
    render: impl FnOnce(&T) -> Reply + 'd,
) -> Rendered<'d> {
    Box::new(move |transaction, identity| {
        let Deed { value, subject, details } = deed(transaction, identity)?;
        Ok(Deed { value: render(&value), subject, details })
    })
}

/// An attempt at a write of any kind. What surrounds a deed is compiled once, and not once for each kind of deed.
struct Attempt<'a> {
    registry: &'a Registry,
    identity: &'a Identity,
    once: Option<Once>,
    now: UtcTime,
    rng: &'a mut dyn RngCore,
    traces: Traces,
}

impl Attempt<'_> {
    fn run(self, action: &str, deed: Rendered<'_>) -> Result<Reply, ServiceError> {
        let Self { registry, identity, once, now, rng, traces } = self;
        let once = once.map(|once| traces.once(once));
        let caller = identity.user;
        let _flight = once.as_ref().map(|once| registry.part::<Flights>().take(once.name(caller))).transpose()?;
        let written = registry.store().write(now, rng, |transaction| {
            check_still_holds(transaction.conn(), identity, now)?;
            if let Some(once) = &once
                && let Some(kept) = once.kept(transaction, caller, now)?
            {
                return traces.read(kept);
            }
            let Deed { value: reply, subject, details } = deed(transaction, identity)?;
            reply.body.text()?;
            let told = event(identity, action, subject, AuditOutcome::Done, details);
            let told = traces.event(told, transaction.conn_and_rng().1)?;
            transaction.audit(told);
            if let Some(once) = &once {
                let kept = traces.reply(&reply, transaction.conn_and_rng().1)?;
                once.keep(transaction, caller, &kept, now)?;
            }
            Ok(reply)
        });
        let written = written.map_err(|error| match error {
            ServiceError::Store(StoreError::Stale { table }) => ServiceError::Changed(format!(
                "Another request changed the same rows of {table} at the same time; read them again and repeat the request."
            )),
            other => other,
        })?;
        match registry.know_before_telling() {
            Err(error) if error.is_unavailable() && written.value.members_with_secret().is_none() => Err(error),
            Err(error) => {
                tracing::warn!(
                    error.chain = vasp_words::error_chain::error_chain(&error),
                    "a write is on disk, but this node has not applied it yet"
                );
                Ok(written.value)
            }
            Ok(()) => Ok(written.value),
        }
    }
}

/// Makes an audit event of a caller.
pub(crate) fn event(
    identity: &Identity,
    action: &str,
    subject: Option<String>,
    outcome: AuditOutcome,
    payload: Value,
) -> AuditEvent {
    AuditEvent {
        organisation: Some(identity.organisation.to_string()),
        actor: Some(identity.user.to_string()),
        credential: Some(identity.credential.to_string()),
        action: action.to_owned(),
        subject,
        outcome,
        payload,
    }
}
