//! Pre-checks: whether a transfer may be made. Cleans the request, and gives an answer only with a receipt that holds if it was to be
//! recorded. The other calls of the client are in `client.rs`.

use percent_encoding::utf8_percent_encode;
use serde_json::{Map, Value, json};

use crate::ask::PrecheckRequest;
use crate::batch::{self, Prepared};
use crate::client::{Client, SEGMENT, expired, question, refused};
use crate::error::{Error, InvalidSubject, InvalidSubjectCode, Unavailable, UnavailableCode};
use crate::receipts::Expected;
use crate::subjects::{Script, clean, clean_item};
use crate::transport::Call;
use crate::verdict::Verdict;
use crate::world::uuid;

/// The members of a pre-check that name a party.
const SIDES: [&str; 2] = ["originator", "beneficiary"];

impl Client {
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
        let receipt = self.keys.receipt(&self.transport, answer, Expected { request: Some(sent), ..self.expected() })?;
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

    /// Returns what every receipt is compared with. Only a key of a sandbox takes a sandbox's receipts.
    fn expected(&self) -> Expected<'_> {
        let sandbox = self.transport.key.as_deref().is_some_and(|key| key.starts_with("vr_test_"));
        Expected { evidence: None, request: None, issuer: self.issuer.as_deref(), sandbox }
    }

    /// Returns whether the registry records the answer: as `record` in the request says; without it, if the client has a key.
    fn records(&self, request: &Map<String, Value>) -> bool {
        match request.get("record").and_then(Value::as_bool) {
            Some(record) => record,
            None => self.has_key(),
        }
    }

    /// Adds to a refusal the networks that the address can be on.
    fn with_candidates(&self, refused: InvalidSubject, request: &PrecheckRequest) -> Result<InvalidSubject, Error> {
        let sides = SIDES.iter().filter_map(|side| request.0.get(*side)?.as_object());
        let Some(address) = sides.filter(|side| lacks_network(side)).find_map(|side| side.get("address")?.as_str()) else {
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
        self.keys.receipt(&self.transport, &answer, self.expected())?;
        Ok(answer)
    }
}

fn is_named(side: &Map<String, Value>, name: &str) -> bool {
    side.get(name).and_then(Value::as_str).is_some_and(|value| !value.is_empty())
}

/// Returns whether a side has an address without its network. A payment string names it, or the registry says that it does not.
fn lacks_network(side: &Map<String, Value>) -> bool {
    let address = side.get("address").and_then(Value::as_str).unwrap_or_default();
    !address.is_empty() && !is_named(side, "network") && !address.contains([':', '?'])
}

/// Cleans a request, and refuses an address without its network.
fn prepared(request: &PrecheckRequest) -> Result<Value, InvalidSubject> {
    let mut body = request.0.clone();
    for side in SIDES {
        let Some(party) = body.get_mut(side).and_then(Value::as_object_mut) else { continue };
        *party = clean_item(party)?;
        if lacks_network(party) {
            let detail = format!("name the network of the {side}'s address");
            return Err(InvalidSubject::new(InvalidSubjectCode::NetworkNeeded, detail));
        }
    }
    Ok(Value::Object(body))
}
