//! One case: a client with the settings of the case, and what is compared after the last step.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Map, Value, json};
use vasp_clock::Random;
use vasp_registry_client::words::time::UtcTime;
use vasp_registry_client::{
    Checkpoint, Clearance, Client, Clock, Error, Event, PublishedKeys, Settings, SystemWorld, Verdict, World,
};

use super::comparing::{Names, differences};
use super::plain;
use super::servers::{Demo, ScriptedServer, own_json, script};

/// The time of a scripted case: it passes only while the client waits, and in `advance`. Jitter is drawn as 0.
pub(crate) struct CaseWorld {
    time: Mutex<UtcTime>,
    waits: Mutex<Vec<f64>>,
    random: Random,
}

impl CaseWorld {
    pub(crate) fn advance(&self, by: Duration) {
        let mut time = self.time.lock().unwrap();
        *time = time.plus_micros(by.as_micros().try_into().unwrap());
    }
}

impl Clock for CaseWorld {
    fn now(&self) -> UtcTime {
        *self.time.lock().unwrap()
    }

    fn running(&self) -> Duration {
        Duration::from_micros(self.now().micros().try_into().unwrap())
    }
}

impl World for CaseWorld {
    fn wait(&self, duration: Duration) {
        self.waits.lock().unwrap().push(duration.as_secs_f64());
        self.advance(duration);
    }

    fn fill(&self, bytes: &mut [u8]) {
        rand_core::RngCore::fill_bytes(&mut *self.random.lock(), bytes);
    }

    fn jitter(&self) -> f64 {
        0.0
    }
}

/// A running case.
pub(crate) struct Case<'a> {
    pub(crate) case: &'a Value,
    pub(crate) url: String,
    pub(crate) run: String,
    pub(crate) world: Arc<CaseWorld>,
    pub(crate) client: Client,
    pub(crate) request: Value,
    pub(crate) verdict: Option<Verdict>,
    pub(crate) clearance: Option<Clearance>,
    pub(crate) checkpoint: Option<Checkpoint>,
    pub(crate) note: String,
    pub(crate) change: Value,
    pub(crate) proof: Value,
    events: Arc<Mutex<Vec<Value>>>,
    names: Names,
}

fn seconds(settings: &Value, name: &str) -> Option<Duration> {
    settings.get(name).and_then(Value::as_f64).map(Duration::from_secs_f64)
}

fn settings(case: &Value, events: Arc<Mutex<Vec<Value>>>) -> Settings {
    let (given, usual) = (&case["settings"], Settings::default());
    let count = |name: &str| given.get(name).and_then(Value::as_u64);
    let trace = given.get("traceparent").and_then(Value::as_str).map(str::to_owned);
    Settings {
        timeout: seconds(given, "timeout").unwrap_or(usual.timeout),
        deadline: seconds(given, "deadline").unwrap_or(usual.deadline),
        attempts: count("attempts").map_or(usual.attempts, |count| count.try_into().unwrap()),
        batch_size: count("batch_size").map_or(usual.batch_size, |count| count.try_into().unwrap()),
        batch_bytes: count("batch_bytes").map_or(usual.batch_bytes, |count| count.try_into().unwrap()),
        on_event: Some(Arc::new(move |event: &Event| events.lock().unwrap().push(plain::event(event)))),
        traceparent: trace.map(|trace| -> vasp_registry_client::Traceparent { Arc::new(move || Some(trace.clone())) }),
    }
}

impl<'a> Case<'a> {
    pub(crate) fn begin(case: &'a Value, begin: UtcTime, scripted: Option<&ScriptedServer>, demo: Option<&Demo>) -> Self {
        let random = Random::from_system().unwrap();
        let drawn = |random: &Random| format!("{:016x}", rand_core::RngCore::next_u64(&mut *random.lock()));
        let (run, name, events) = (drawn(&random), drawn(&random), Arc::default());
        let given = &case["settings"];
        let is_scripted = case.get("server").is_some() || given.get("url").is_some();
        let url = match (scripted, demo) {
            (Some(server), _) if is_scripted => format!("{}/{run}/{name}", server.url),
            (_, Some(demo)) => demo.url.clone(),
            _ => "http://127.0.0.1:9".to_owned(),
        };
        let key = if is_scripted { Some("vr_test") } else { demo.map(|demo| demo.key.as_str()) };
        let key = case.get("key").map_or(key, Value::as_str);
        let mut builder = Client::builder().settings(settings(case, Arc::clone(&events))).environment(Arc::new(|_| None));
        if let Some(server) = case.get("server") {
            script(&url, server);
            if let Some(pin) = case.get("pin") {
                builder = builder.pinned_keys(pinned(&url, pin));
                script(&url, server);
            }
        }
        if let Some(issuer) = given.get("issuer").and_then(Value::as_str) {
            builder = builder.issuer(issuer);
        }
        if let Some(key) = key {
            builder = builder.key(key);
        }
        let world = Arc::new(CaseWorld { time: Mutex::new(begin), waits: Mutex::default(), random });
        builder = if is_scripted { builder.world(world.clone()) } else { builder.world(Arc::new(SystemWorld::open().unwrap())) };
        let client = builder.url(given.get("url").and_then(Value::as_str).unwrap_or(&url)).build().unwrap();
        let (request, change, proof) = (Value::Null, Value::Null, Value::Null);
        let (verdict, clearance, checkpoint, note, names) = (None, None, None, String::new(), Names::default());
        Self { case, url, run, world, client, request, verdict, clearance, checkpoint, note, change, proof, events, names }
    }

    /// Runs the steps, and returns what differs from what the case expects.
    pub(crate) fn run(mut self) -> Vec<String> {
        let (mut wrong, mut texts) = (Vec::new(), Vec::new());
        for (number, step) in (1..).zip(self.case["steps"].as_array().unwrap()) {
            let found = self.step(step).unwrap_or_else(|error| plain::error(&error));
            texts.push(found.get("text").and_then(Value::as_str).map_or_else(|| found.to_string(), str::to_owned));
            if let Some(expected) = step.get("expect") {
                wrong.extend(differences(expected, &found, &mut self.names, &format!("step {number}")));
            }
        }
        wrong.extend(self.compare_requests());
        let hidden = self.case.get("hidden").and_then(Value::as_array).into_iter().flatten().map(|text| text.as_str().unwrap());
        wrong.extend(
            hidden.filter(|hidden| texts.iter().any(|text| text.contains(hidden))).map(|text| format!("{text} is shown")),
        );
        let waits = json!(*self.world.waits.lock().unwrap());
        let events = Value::Array(self.events.lock().unwrap().clone());
        for (name, found) in [("waits", waits), ("events", events)] {
            if let Some(expected) = self.case.get(name) {
                wrong.extend(differences(expected, &found, &mut self.names, name));
            }
        }
        wrong
    }

    fn compare_requests(&mut self) -> Vec<String> {
        let Some(expected) = self.case.get("requests").and_then(Value::as_array) else { return Vec::new() };
        let requests = own_json(&format!("{}/_requests", self.url));
        let requests = requests.as_array().unwrap();
        let mut wrong = Vec::new();
        if requests.len() != expected.len() {
            let paths: Vec<&Value> = requests.iter().map(|request| &request["path"]).collect();
            wrong.push(format!("{} requests: {paths:?}", requests.len()));
        }
        for (number, (expected, request)) in (1..).zip(expected.iter().zip(requests)) {
            wrong.extend(differences(expected, request, &mut self.names, &format!("request {number}")));
            request["headers"].as_object().unwrap().iter().for_each(|(name, value)| self.names.saw(name, value));
        }
        wrong
    }
}

/// Reads those of the server's keys that a case pins.
fn pinned(url: &str, pin: &Value) -> PublishedKeys {
    let published = own_json(&format!("{url}/.well-known/jwks.json"));
    let pin = pin.as_array().unwrap();
    let keys: Vec<&Value> = published["keys"].as_array().unwrap().iter().filter(|key| pin.contains(&key["kid"])).collect();
    PublishedKeys::parse(&json!({ "keys": keys }).to_string()).unwrap()
}

/// Returns an object with the members of another one over its own.
pub(crate) fn altered(original: &Value, changes: Option<&Value>) -> Value {
    let mut members: Map<String, Value> = original.as_object().cloned().unwrap_or_default();
    members.extend(changes.and_then(Value::as_object).cloned().unwrap_or_default());
    Value::Object(members)
}

/// Returns the answers or errors of a batch as a case compares them.
pub(crate) fn each<T>(found: Vec<Result<T, Error>>, plainly: impl Fn(&T) -> Value) -> Value {
    found.iter().map(|found| found.as_ref().map_or_else(plain::error, &plainly)).collect()
}
