//! What is asked: subjects and transfers. Requests are the API's JSON; the types here write the usual ones and take any other member, so
//! that a newer registry can be asked about more. `client.rs` cleans and sends them.

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::subjects::{named_in, redacted};

/// A question about one subject: an address, domain, Travel Address, LEI or another one.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResolveItem {
    subject: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    network: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    memo: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
}

/// A question about one transfer: the body of `POST /v1/prechecks`.
#[derive(Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub struct PrecheckRequest(pub(crate) Map<String, Value>);

/// One side of a transfer.
#[derive(Clone, Default, PartialEq)]
pub struct Party(Map<String, Value>);

impl ResolveItem {
    /// Asks about a subject.
    #[must_use]
    pub fn new(subject: impl Into<String>) -> Self {
        Self { subject: subject.into(), ..Self::default() }
    }

    /// Names the network of an address, as CAIP-2 or by its short name.
    #[must_use]
    pub fn on(self, network: impl Into<String>) -> Self {
        Self { network: Some(network.into()), ..self }
    }

    /// Adds the memo or tag that goes with an address.
    #[must_use]
    pub fn memo(self, memo: impl Into<String>) -> Self {
        Self { memo: Some(memo.into()), ..self }
    }

    /// Says what kind of subject it is, such as `common_name`, if its form does not tell.
    #[must_use]
    pub fn kind(self, kind: impl Into<String>) -> Self {
        Self { kind: Some(kind.into()), ..self }
    }

    /// Returns the members of the request.
    pub(crate) fn members(&self) -> Map<String, Value> {
        let given = [("network", &self.network), ("memo", &self.memo), ("kind", &self.kind)];
        let given = given.into_iter().filter_map(|(name, value)| Some((name.to_owned(), Value::from(value.clone()?))));
        given.chain([("subject".to_owned(), self.subject.clone().into())]).collect()
    }
}

impl From<&str> for ResolveItem {
    fn from(subject: &str) -> Self {
        Self::new(subject)
    }
}

impl Party {
    /// Names an address and its network.
    #[must_use]
    pub fn address(address: impl Into<String>, network: impl Into<String>) -> Self {
        Self::default().with("address", address.into()).with("network", network.into())
    }

    /// Names a VASP by its id or LEI.
    #[must_use]
    pub fn vasp(vasp: impl Into<String>) -> Self {
        Self::default().with("vasp", vasp.into())
    }

    /// Adds a member of the API, such as `memo`, `jurisdiction` or `declared`.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }
}

impl PrecheckRequest {
    /// Asks about a transfer that you want to send.
    #[must_use]
    pub fn outgoing(beneficiary: Party) -> Self {
        Self(Map::new()).with("direction", "outgoing").with("beneficiary", beneficiary.0)
    }

    /// Asks about a transfer that arrived.
    #[must_use]
    pub fn incoming(originator: Party) -> Self {
        Self(Map::new()).with("direction", "incoming").with("originator", originator.0)
    }

    /// Adds what is sent: the asset as CAIP-19, and the amount as decimal text.
    #[must_use]
    pub fn transfer(self, asset: impl Into<String>, amount: impl Into<String>) -> Self {
        let members = [("asset", asset.into()), ("amount", amount.into())];
        let transfer: Map<String, Value> = members.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
        self.with("transfer", transfer)
    }

    /// Says whether the registry records and signs the answer; without this it does, if a key is used.
    #[must_use]
    pub fn record(self, record: bool) -> Self {
        self.with("record", record)
    }

    /// Adds any member of the API.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    /// Takes a request as the API has it; `None` if it is not an object.
    #[must_use]
    pub fn of_json(request: Value) -> Option<Self> {
        if let Value::Object(members) = request { Some(Self(members)) } else { None }
    }

    /// Returns the request as the API has it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        Value::Object(self.0.clone())
    }
}

/// Writes the subjects of a request in short form.
pub(crate) fn in_short(request: &Value) -> String {
    named_in(request).into_iter().map(redacted).collect::<Vec<_>>().join(" ")
}

impl fmt::Debug for ResolveItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<ResolveItem {} {}>", redacted(&self.subject), self.network.as_deref().unwrap_or_default())
    }
}

impl fmt::Debug for PrecheckRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<PrecheckRequest {}>", in_short(&self.to_json()))
    }
}

impl fmt::Debug for Party {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Party {}>", in_short(&Value::Object(self.0.clone())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_question_about_a_transfer_is_the_api_s_json() {
        let party = Party::address("1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s", "bitcoin").with("memo", "7");
        let request =
            PrecheckRequest::outgoing(party).transfer("bip122:000000000019d6689c085ae165831e93/slip44:0", "0.1").record(false);
        let expected = json!({
            "direction": "outgoing", "record": false,
            "beneficiary": {"address": "1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s", "network": "bitcoin", "memo": "7"},
            "transfer": {"asset": "bip122:000000000019d6689c085ae165831e93/slip44:0", "amount": "0.1"},
        });
        assert_eq!(request.to_json(), expected);
        let shown = format!("{request:?} {:?}", ResolveItem::new("1NDyJtNTjmwk5xPNhjgAMu4HDHigtobu1s").on("bitcoin"));
        assert_eq!(shown, "<PrecheckRequest 1NDyJt…bu1s …> <ResolveItem 1NDyJt…bu1s bitcoin>");
    }
}
