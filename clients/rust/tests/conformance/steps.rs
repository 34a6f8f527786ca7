//! The steps of cases, one function for each: calls of the client under test, with what they returned.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use vasp_registry_client::words::time::UtcTime;
use vasp_registry_client::{Client, Error, Expected, Facts, PrecheckRequest, ResolveItem, verify_receipt, verify_webhook};

use super::case::{Case, altered, each};
use super::plain;

fn text<'a>(step: &'a Value, name: &str) -> Option<&'a str> {
    step.get(name).and_then(Value::as_str)
}

fn request_of(request: &Value) -> PrecheckRequest {
    PrecheckRequest::of_json(request.clone()).unwrap()
}

impl Case<'_> {
    pub(crate) fn step(&mut self, step: &Value) -> Result<Value, Error> {
        match step["do"].as_str().unwrap() {
            "advance" => self.advance(step),
            "resolve" => self.resolve(step),
            "resolve_many" => self.resolve_many(step),
            "precheck" => self.precheck(step),
            "precheck_many" => {
                let requests = step["requests"].as_array().unwrap().iter().map(request_of);
                Ok(each(self.client.precheck_many(requests), plain::verdict))
            }
            "get_precheck" => self.client.get_precheck(self.verdict.as_ref().unwrap().answer()["id"].as_str().unwrap()),
            "proceed" => self.proceed(step),
            "redeem" => self.redeem(step),
            "obligations" => self.client.obligations(&step["request"]),
            "vasp" => self.client.vasp(step["id"].as_str().unwrap()),
            "vasps" => self.pages("/v1/vasps", step, Some("id")),
            "alerts" => self.pages("/v1/alerts", step, None),
            "changes" => {
                let items = self.client.changes(step["since"].as_u64().unwrap());
                items.map(|item| Ok(item?["sequence"].clone())).collect()
            }
            "print_client" => Ok(format!("{:?}", self.client).into()),
            "client" => client(step),
            "verify_webhook" => webhook(step),
            "verify_receipt" => self.verify_receipt(step),
            other => self.log_step(other, step),
        }
    }

    fn advance(&self, step: &Value) -> Result<Value, Error> {
        self.world.advance(Duration::from_secs_f64(step["seconds"].as_f64().unwrap()));
        Ok(Value::Null)
    }

    fn resolve(&self, step: &Value) -> Result<Value, Error> {
        let mut item = ResolveItem::new(step["subject"].as_str().unwrap());
        if let Some(network) = text(step, "network") {
            item = item.on(network);
        }
        if let Some(kind) = text(step, "kind") {
            item = item.kind(kind);
        }
        self.client.resolve(item).map(|found| plain::resolved(&found))
    }

    fn resolve_many(&self, step: &Value) -> Result<Value, Error> {
        let item = |item: &Value| ResolveItem::deserialize(item).unwrap();
        let items: Vec<ResolveItem> = match &step["items"] {
            Value::Array(items) => items.iter().map(item).collect(),
            repeated => vec![item(&repeated["item"]); repeated["repeat"].as_u64().unwrap().try_into().unwrap()],
        };
        Ok(each(self.client.resolve_many(items), plain::resolved))
    }

    fn precheck(&mut self, step: &Value) -> Result<Value, Error> {
        self.request = step["request"].clone();
        let request = request_of(&self.request);
        let verdict = match text(step, "idempotency_key") {
            Some(key) => self.client.precheck_under(&request, &key.replace("$RUN", &self.run))?,
            None => self.client.precheck(&request)?,
        };
        let found = plain::verdict(&verdict);
        self.verdict = Some(verdict);
        Ok(found)
    }

    fn proceed(&mut self, step: &Value) -> Result<Value, Error> {
        let met = step["met"].as_array().unwrap();
        let is_met = |condition: &vasp_registry_client::Condition| met.iter().any(|code| code == condition.code());
        let clearance = self.verdict.as_ref().unwrap().proceed(is_met)?;
        let found = json!({"precheck_id": clearance.receipt().precheck_id, "text": format!("{clearance:?}")});
        self.clearance = Some(clearance);
        Ok(found)
    }

    fn redeem(&mut self, step: &Value) -> Result<Value, Error> {
        let fact = |name: &str| text(&step["facts"], name);
        let facts = Facts {
            address: fact("address"),
            network: fact("network"),
            memo: fact("memo"),
            travel_address: fact("travel_address"),
            asset: fact("asset"),
            amount: fact("amount"),
        };
        Ok(self.clearance.as_mut().unwrap().redeem(facts)?.into())
    }

    fn pages(&self, path: &str, step: &Value, member: Option<&str>) -> Result<Value, Error> {
        // Cases give the filters in their order, which JSON objects here do not keep.
        let given = step["filters"].as_object().unwrap();
        let mut filters: Vec<(&str, String)> = given.iter().map(|(name, value)| (name.as_str(), shown(value))).collect();
        filters.sort_by_key(|(name, _)| *name == "limit");
        let filters: Vec<(&str, &str)> = filters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let pages = match path {
            "/v1/vasps" => self.client.vasps(&filters),
            _ => self.client.alerts(&filters),
        };
        pages
            .map(|item| Ok(member.map_or(item.clone()?, |member| item.map_or(Value::Null, |item| item[member].clone()))))
            .collect()
    }

    fn verify_receipt(&self, step: &Value) -> Result<Value, Error> {
        let answer = altered(self.verdict.as_ref().unwrap().answer(), step.get("answer"));
        let request = altered(&self.request, step.get("request"));
        let receipt = {
            let expected = Expected { evidence: None, request: Some(&request), issuer: text(step, "issuer"), sandbox: false };
            verify_receipt(&answer, &self.keys(step), expected)?
        };
        Ok(plain::receipt(&receipt))
    }
}

fn shown(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn client(step: &Value) -> Result<Value, Error> {
    let mut environment: BTreeMap<String, String> =
        step.get("environment").map(|given| BTreeMap::deserialize(given).unwrap()).unwrap_or_default();
    let file = std::env::temp_dir().join(format!("vasp-registry-client-{}-key", std::process::id()));
    if let Some(key) = text(step, "key_file") {
        std::fs::write(&file, key).unwrap();
        environment.insert("VASP_REGISTRY_KEY_FILE".to_owned(), file.to_string_lossy().into_owned());
    }
    let mut builder = Client::builder().environment(Arc::new(move |name| environment.get(name).cloned()));
    if let Some(url) = text(step, "url") {
        builder = builder.url(url);
    }
    if let Some(key) = text(step, "key") {
        builder = builder.key(key);
    }
    let made = builder.build();
    let _ = std::fs::remove_file(&file);
    let made = made?;
    Ok(json!({"url": made.url(), "key": made.has_key()}))
}

fn webhook(step: &Value) -> Result<Value, Error> {
    let secrets: Vec<&str> = step["secrets"].as_array().unwrap().iter().map(|secret| secret.as_str().unwrap()).collect();
    let headers = step["headers"].as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap()));
    let now = UtcTime::EPOCH.plus_secs(step["now"].as_i64().unwrap());
    let message = verify_webhook(&secrets, headers, step["body"].as_str().unwrap().as_bytes(), now)?;
    Ok(plain::message(&message))
}
