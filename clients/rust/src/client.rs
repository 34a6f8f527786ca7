//! What can be asked. Each call cleans what it sends, asks under one idempotency key, and checks what comes back: callers get an answer
//! that may be used, or an error.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use ureq::http::Method;
use vasp_log::Checkpoint;
use vasp_pki::receipt::{PublishedKeys, canonical_json};
use vasp_record::resolution::ResolutionStatus;
use vasp_words::time::UtcTime;

use crate::ask::ResolveItem;
use crate::batch::{self, Prepared};
use crate::builder::ClientBuilder;
use crate::cache::Cache;
use crate::error::{ConfigurationError, Error, NotVerified, NotVerifiedCode, Unavailable, UnavailableCode};
use crate::keys::Keys;
use crate::log::{verify_checkpoint, verify_inclusion};
use crate::pages::{Pages, with_params};
use crate::reply::problem;
use crate::resolved::Resolved;
use crate::subjects::{Script, clean, clean_item, named_in};
use crate::transport::{Call, Transport};
use crate::verdict::Verdict;

/// The longest that "nobody known owns it" is kept, in seconds.
const NOT_FOUND_SECS: i64 = 10;
/// What a segment of a path escapes. Source: RFC 3986 section 2.3.
pub(crate) const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Asks a registry. Calls block the thread; threads can share a client.
pub struct Client {
    pub(crate) transport: Transport,
    pub(crate) keys: Keys,
    pub(crate) issuer: Option<String>,
    resolved: Cache<Resolved>,
    pub(crate) verdicts: Cache<Verdict>,
}

impl Client {
    /// Begins a client with URL, key or settings of your own.
    #[must_use]
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// Makes a client from `VASP_REGISTRY_URL` and `VASP_REGISTRY_KEY` or `VASP_REGISTRY_KEY_FILE`.
    ///
    /// # Errors
    /// `ConfigurationError` if there is no URL, no usable key, or plain HTTP to another machine.
    pub fn from_environment() -> Result<Self, ConfigurationError> {
        Self::builder().build()
    }

    pub(crate) fn of(transport: Transport, pinned: Option<PublishedKeys>, issuer: Option<String>) -> Self {
        let (resolved, verdicts) = (Cache::default(), Cache::default());
        Self { transport, keys: Keys::new(pinned), issuer, resolved, verdicts }
    }

    /// Returns the URL of the registry.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.transport.url
    }

    /// Returns whether the client sends an API key.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.transport.key.is_some()
    }

    pub(crate) fn now(&self) -> UtcTime {
        self.transport.world.now()
    }

    /// Asks who owns an address, domain, Travel Address, LEI or another subject.
    ///
    /// # Errors
    /// `Error` if there is no answer that may be used.
    pub fn resolve(&self, item: impl Into<ResolveItem>) -> Result<Resolved, Error> {
        let sent = Value::Object(clean_item(&item.into().members())?);
        if let Some(kept) = question(&sent).and_then(|question| self.resolved.get(&question, self.now())) {
            return Ok(kept);
        }
        let answer = self.transport.json(Call::post("/v1/resolve", &json!({ "subjects": [&sent] })))?;
        let [answer] = batch::results(answer, 1)?.try_into().map_err(|_| Unavailable::malformed())?;
        self.read_resolved(&answer, &sent)
    }

    /// Asks about any number of subjects; returns one answer or error for each, in order.
    #[must_use]
    pub fn resolve_many(&self, items: impl IntoIterator<Item = ResolveItem>) -> Vec<Result<Resolved, Error>> {
        let prepare = |item: ResolveItem| Ok(Value::Object(clean_item(&item.members())?));
        let prepared: Vec<Prepared> = items.into_iter().map(prepare).collect();
        let answers = batch::ask(&self.transport, "/v1/resolve", "subjects", &prepared);
        let pairs = prepared.into_iter().zip(answers);
        pairs.map(|(sent, answer)| self.read_resolved(&answer?, &sent?)).collect()
    }

    fn read_resolved(&self, answer: &Value, sent: &Value) -> Result<Resolved, Error> {
        refused(answer, sent)?;
        let (resolved, now) = (Resolved::of(answer)?, self.now());
        let until = resolved.valid_until();
        expired(until, now)?;
        let not_found = resolved.status() == ResolutionStatus::NotFound;
        let until = if not_found { until.min(now.plus_secs(NOT_FOUND_SECS)) } else { until };
        if let Some(question) = question(sent) {
            self.resolved.keep(question, until, resolved.clone());
        }
        Ok(resolved)
    }

    /// Asks which data must travel with a transfer; the request is the API's.
    ///
    /// # Errors
    /// `Error` if there is no answer.
    pub fn obligations(&self, request: &Value) -> Result<Value, Error> {
        self.transport.json(Call::post("/v1/obligations", request))
    }

    /// Reads the record of a VASP by its id or LEI.
    ///
    /// # Errors
    /// `Error` if there is no answer.
    pub fn vasp(&self, id_or_lei: &str) -> Result<Value, Error> {
        let id = clean(id_or_lei, Script::Ascii)?;
        self.transport.json(Call::get(format!("/v1/vasps/{}", utf8_percent_encode(id, SEGMENT)), "/v1/vasps/{vasp}"))
    }

    /// Lists VASPs. Filters: `q`, `country`, `status`, `kind`, `protocol`, `authority`, `regime`, `network`, `lei`, `domain`, `identifier`, `updated_since`.
    #[must_use]
    pub fn vasps(&self, filters: &[(&str, &str)]) -> Pages<'_> {
        self.iterate("/v1/vasps", filters)
    }

    /// Lists what changed about VASPs that you rely on, newest first.
    #[must_use]
    pub fn alerts(&self, filters: &[(&str, &str)]) -> Pages<'_> {
        self.iterate("/v1/alerts", filters)
    }

    /// Lists the public changes after a sequence, up to now.
    #[must_use]
    pub fn changes(&self, since: u64) -> Pages<'_> {
        self.iterate("/v1/changes", &[("since", &since.to_string()), ("limit", "1000")])
    }

    /// Lists the items of any list of the API, page after page.
    #[must_use]
    pub fn iterate(&self, path: &str, params: &[(&str, &str)]) -> Pages<'_> {
        let params = params.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Pages::of(&self.transport, path, params)
    }

    /// Returns the registry's signing keys: those that are pinned, or those that it publishes.
    ///
    /// # Errors
    /// `Error` if the keys cannot be fetched or read.
    pub fn published_keys(&self) -> Result<PublishedKeys, Error> {
        Ok(self.keys.get(&self.transport)?.as_ref().clone())
    }

    /// Fetches the newest signed state of the log and checks it. `at_least` is a checkpoint that you keep.
    ///
    /// # Errors
    /// `Error` if there is no answer, or it does not hold.
    pub fn checkpoint(&self, at_least: Option<&Checkpoint>) -> Result<Checkpoint, Error> {
        let note = self.transport.text(Call::get("/v1/log/checkpoint", "/v1/log/checkpoint"))?;
        Ok(verify_checkpoint(&note, self.keys.get(&self.transport)?.as_ref(), at_least)?)
    }

    /// Fetches the proof that an entry is in the log of this checkpoint, and checks it.
    ///
    /// # Errors
    /// `Error` if there is no answer, or it does not hold.
    pub fn prove(&self, sequence: i64, checkpoint: &Checkpoint) -> Result<Value, Error> {
        let params =
            [("sequence", sequence), ("size", checkpoint.size)].map(|(name, value)| (name.to_owned(), value.to_string()));
        let path = with_params("/v1/log/proof/inclusion", &params.to_vec());
        let proof = self.transport.json(Call::get(path, "/v1/log/proof/inclusion"))?;
        verify_inclusion(&proof, checkpoint)?;
        let wanted = Some(&Value::from(sequence));
        if proof.get("sequence") != wanted || proof.pointer("/envelope/sequence") != wanted {
            return Err(NotVerified::new(NotVerifiedCode::NotIncluded, "the proof is for another entry").into());
        }
        Ok(proof)
    }

    /// Makes any other call of the API; `path` has its parameters.
    ///
    /// # Errors
    /// `Error` if there is no answer.
    pub fn call(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Value, Error> {
        let route = path.split('?').next().unwrap_or_default();
        self.transport.json(Call::new(method, path, route, body))
    }
}

/// Returns an error if an answer of a batch is a problem.
pub(crate) fn refused(answer: &Value, sent: &Value) -> Result<(), Error> {
    match answer.get("problem") {
        None => Ok(()),
        Some(document) => Err(problem(document, &named_in(sent)).map_or_else(|| Unavailable::malformed().into(), Error::from)),
    }
}

pub(crate) fn expired(until: UtcTime, now: UtcTime) -> Result<(), Unavailable> {
    if until > now {
        Ok(())
    } else {
        Err(Unavailable::new(UnavailableCode::Expired, format!("the answer was valid until {until}")))
    }
}

/// Returns the canonical form of a question; `None` if it has none, so that its answer is not kept.
pub(crate) fn question(sent: &Value) -> Option<String> {
    canonical_json(&sent.to_string()).ok()
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Client {}>", self.transport.url)
    }
}
