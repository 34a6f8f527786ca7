//! What can be asked. Each call cleans what it sends, asks under one idempotency key, and checks what comes back: callers get an answer
//! that may be used, or an error.

use std::fmt;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value, json};
use vasp_log::Checkpoint;
use vasp_pki::receipt::{PublishedKeys, canonical_json};
use vasp_record::resolution::ResolutionStatus;
use vasp_words::time::UtcTime;

use crate::ask::{PrecheckRequest, ResolveItem};
use crate::batch::{self, Prepared};
use crate::builder::ClientBuilder;
use crate::cache::Cache;
use crate::error::{
    ConfigurationError, Error, InvalidSubject, InvalidSubjectCode, NotVerified, NotVerifiedCode, Unavailable, UnavailableCode,
};
use crate::keys::Keys;
use crate::log::{verify_checkpoint, verify_inclusion};
use crate::pages::{Pages, with_params};
use crate::reply::problem;
use crate::resolved::Resolved;
use crate::subjects::{Script, clean, clean_item, named_in};
use crate::transport::{Call, Transport};
use crate::verdict::Verdict;
use crate::world::uuid;
use ureq::http::Method;

/// The longest that "nobody known owns it" is kept, in seconds.
const NOT_FOUND_SECS: i64 = 10;
/// What a segment of a path escapes. Source: RFC 3986 section 2.3.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Asks a registry. Calls block the thread; threads can share a client.
pub struct Client {
    transport: Transport,
    keys: Keys,
    issuer: Option<String>,
    resolved: Cache<Resolved>,
    verdicts: Cache<Verdict>,
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

    /// Tells whether the client asks with a key.
    #[must_use]
    pub fn has_key(&self) -> bool {
        self.transport.key.is_some()
    }

    fn now(&self) -> UtcTime {
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

    /// Asks whether a transfer may be made. Recorded pre-checks come back with a valid receipt, or not at all.
    ///
    /// # Errors
    /// `Error` if there is no answer that may be used.
    pub fn precheck(&self, request: &PrecheckRequest) -> Result<Verdict, Error> {
        self.ask_precheck(request, None)
    }

    /// Asks whether a transfer may be made, under a key of yours: for 24 hours, the registry repeats the recorded answer under it.
    ///
    /// # Errors
    /// `Error` if there is no answer that may be used.
    pub fn precheck_under(&self, request: &PrecheckRequest, idempotency_key: &str) -> Result<Verdict, Error> {
        self.ask_precheck(request, Some(idempotency_key))
    }

    fn ask_precheck(&self, request: &PrecheckRequest, idempotency_key: Option<&str>) -> Result<Verdict, Error> {
        let body = match prepared(request) {
            Ok(body) => body,
            Err(refused) if refused.code == InvalidSubjectCode::NetworkNeeded => {
                return Err(self.with_candidates(refused, request)?.into());
            }
            Err(refused) => return Err(refused.into()),
        };
        let is = |name: &str, value: bool| body.get(name) == Some(&Value::Bool(value));
        let keeps = is("record", false) && body.get("as_of").is_none_or(Value::is_null);
        let question = question(&body).filter(|_| keeps);
        if let Some(kept) = question.as_ref().and_then(|question| self.verdicts.get(question, self.now())) {
            return Ok(kept);
        }
        let answer = self.transport.json(Call::post("/v1/prechecks", &body).under(idempotency_key))?;
        let verdict = self.read_verdict(&answer, &body)?;
        if let Some(question) = question {
            self.verdicts.keep(question, verdict.valid_until(), verdict.clone());
        }
        Ok(verdict)
    }

    /// Asks about any number of transfers; returns one verdict or error for each, in order.
    #[must_use]
    pub fn precheck_many(&self, requests: impl IntoIterator<Item = PrecheckRequest>) -> Vec<Result<Verdict, Error>> {
        let prepare = |request: PrecheckRequest| {
            let mut body = prepared(&request)?;
            let has_key = body.get("key").is_some_and(|key| !key.is_null());
            if let Some(members) = body.as_object_mut().filter(|_| self.records(&request.0) && !has_key) {
                members.insert("key".to_owned(), uuid(self.transport.world.as_ref()).into());
            }
            Ok(body)
        };
        let prepared: Vec<Prepared> = requests.into_iter().map(prepare).collect();
        let answers = batch::ask(&self.transport, "/v1/prechecks/batch", "prechecks", &prepared);
        let read = |(sent, answer): (Prepared, Result<Value, Error>)| {
            let (sent, answer) = (sent?, answer?);
            refused(&answer, &sent)?;
            self.read_verdict(&answer, &sent)
        };
        prepared.into_iter().zip(answers).map(read).collect()
    }

    fn read_verdict(&self, answer: &Value, sent: &Value) -> Result<Verdict, Error> {
        let receipt = self.keys.receipt(&self.transport, answer, (Some(sent), self.issuer.as_deref()))?;
        if receipt.is_none() && sent.as_object().is_some_and(|sent| self.records(sent)) {
            let detail = "the pre-check was to be recorded, and has no receipt";
            return Err(Unavailable::new(UnavailableCode::Unsigned, detail).into());
        }
        let verdict = Verdict::of(sent, answer, receipt, self.transport.world.clone())?;
        if sent.get("as_of").is_none_or(Value::is_null) {
            expired(verdict.valid_until(), self.now())?;
        }
        Ok(verdict)
    }

    /// Tells whether the registry records the answer: if it is told to, or if it knows who asks and is not told otherwise.
    fn records(&self, request: &Map<String, Value>) -> bool {
        match request.get("record").and_then(Value::as_bool) {
            Some(record) => record,
            None => self.has_key(),
        }
    }

    /// Adds to a refusal the networks that the address can be on.
    fn with_candidates(&self, refused: InvalidSubject, request: &PrecheckRequest) -> Result<InvalidSubject, Error> {
        let lacks = |side: &Map<String, Value>| !is_named(side, "network");
        let sides = SIDES.iter().filter_map(|side| request.0.get(*side)?.as_object());
        let Some(address) = sides.filter(|side| lacks(side)).find_map(|side| side.get("address")?.as_str()) else {
            return Ok(refused);
        };
        let body = json!({ "addresses": [{ "address": clean(address, Script::Ascii)? }] });
        let answer = self.transport.json(Call::post("/v1/networks/parse", &body))?;
        let results = batch::results(answer, 1)?;
        let readings = results.iter().filter_map(|result| result.get("readings")?.as_array()).flatten();
        let networks = readings.filter_map(|reading| reading.get("networks")?.as_array()).flatten();
        let mut candidates: Vec<String> = Vec::new();
        for network in networks.filter_map(Value::as_str) {
            if !candidates.iter().any(|known| known == network) {
                candidates.push(network.to_owned());
            }
        }
        let detail = "name the network of the address; see `candidates`".to_owned();
        Ok(InvalidSubject { detail, candidates, ..refused })
    }

    /// Reads a recorded pre-check again, and checks its receipt.
    ///
    /// # Errors
    /// `Error` if there is no answer that may be used.
    pub fn get_precheck(&self, id: &str) -> Result<Value, Error> {
        let path = format!("/v1/prechecks/{}", utf8_percent_encode(id, SEGMENT));
        let answer = self.transport.json(Call::get(path, "/v1/prechecks/{id}"))?;
        self.keys.receipt(&self.transport, &answer, (None, self.issuer.as_deref()))?;
        Ok(answer)
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
        self.transport.json(Call::get(format!("/v1/vasps/{}", utf8_percent_encode(id, SEGMENT)), "/v1/vasps/{id}"))
    }

    /// Lists VASPs. Filters: `q`, `country`, `status`, `kind`, `protocol`, `authority`, `regime`, `network`, `updated_since`.
    #[must_use]
    pub fn vasps(&self, filters: &[(&str, &str)]) -> Pages<'_> {
        self.iterate("/v1/vasps", filters)
    }

    /// Lists what changed about VASPs that you rely on, newest first.
    #[must_use]
    pub fn alerts(&self, filters: &[(&str, &str)]) -> Pages<'_> {
        self.iterate("/v1/gateway/alerts", filters)
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

/// The members of a pre-check that name a party.
const SIDES: [&str; 2] = ["originator", "beneficiary"];

fn is_named(side: &Map<String, Value>, name: &str) -> bool {
    side.get(name).and_then(Value::as_str).is_some_and(|value| !value.is_empty())
}

/// Cleans a request, and refuses an address without its network.
fn prepared(request: &PrecheckRequest) -> Result<Value, InvalidSubject> {
    let mut body = request.0.clone();
    for side in SIDES {
        let Some(party) = body.get_mut(side).and_then(Value::as_object_mut) else { continue };
        *party = clean_item(party)?;
        if is_named(party, "address") && !is_named(party, "network") {
            let detail = format!("name the network of the {side}'s address");
            return Err(InvalidSubject::new(InvalidSubjectCode::NetworkNeeded, detail));
        }
    }
    Ok(Value::Object(body))
}

/// Returns an error if an answer of a batch is a problem.
fn refused(answer: &Value, sent: &Value) -> Result<(), Error> {
    match answer.get("problem") {
        None => Ok(()),
        Some(document) => Err(problem(document, &named_in(sent)).map_or_else(|| Unavailable::malformed().into(), Error::from)),
    }
}

fn expired(until: UtcTime, now: UtcTime) -> Result<(), Unavailable> {
    if until > now {
        Ok(())
    } else {
        Err(Unavailable::new(UnavailableCode::Expired, format!("the answer was valid until {until}")))
    }
}

/// Returns the canonical form of a question; `None` if it has none, so that its answer is not kept.
fn question(sent: &Value) -> Option<String> {
    canonical_json(&sent.to_string()).ok()
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Client {}>", self.transport.url)
    }
}
