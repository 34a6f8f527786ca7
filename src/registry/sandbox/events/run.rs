//! Causes an event: does what its story says, has the watch look before and after, and finds the alert that came of it.

use std::collections::BTreeSet;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::people::{Person, Stage};
use super::super::sending::Sending;
use super::super::world::{Changes, SETTING};
use super::super::{Client, Sandbox, StageError, Tools};
use super::{Event, Step, Told, catalogue};
use crate::imports::ImportFormat;
use crate::node::Registry;
use crate::webhooks::alert_kinds;
use vasp_clock::Clock;
use vasp_record::vasp::Vasp;
use vasp_words::ids::VaspId;
use vasp_words::lei::Lei;
use vasp_words::similar::nearest;

/// Maximum number of alerts that one story raises.
const ALERTS_MAX: usize = 100;

const SECS_A_DAY: u64 = 86_400;

/// An event that was caused.
pub(crate) struct Caused {
    pub(super) subject: VaspId,
    pub(super) legal_name: String,
    pub(super) told: Told,
    pub(super) changed: Vec<String>,
    pub(super) alert: Value,
}

/// Why an event was not caused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotCaused {
    /// No alert has this kind.
    #[error("no alert has the kind `{kind}`{}", meant.map_or_else(String::new, |meant| format!("; did you mean `{meant}`?")))]
    Unknown {
        /// The kind.
        kind: String,
        /// The kind that was probably meant.
        meant: Option<&'static str>,
    },
    /// The sandbox does not cause this kind.
    #[error("the sandbox does not cause `{kind}`: {why}")]
    Never {
        /// The kind.
        kind: String,
        /// Why.
        why: String,
    },
    /// It cannot happen to this subject.
    #[error("`{kind}` cannot happen to `{subject}` here; it can happen to {}", possible.join(", "))]
    Subject {
        /// The kind.
        kind: String,
        /// Who was named.
        subject: String,
        /// Whom it can happen to.
        possible: Vec<String>,
    },
    /// The subject is in a state in which the event cannot happen.
    #[error("it cannot happen to {subject} now: {reason}")]
    State {
        /// The subject's name.
        subject: String,
        /// What was refused, or stayed as it was.
        reason: String,
    },
    /// Something failed.
    #[error(transparent)]
    Failed(#[from] StageError),
}

/// Causes an event for a subject, or for the first subject to which it can happen.
pub(crate) fn cause(registry: &Registry, sandbox: &Sandbox, kind: &str, subject: Option<&str>) -> Result<Caused, NotCaused> {
    let catalogue = catalogue()?;
    let Some(event) = catalogue.find(kind) else {
        return Err(match alert_kinds().any(|known| known == kind) {
            true => NotCaused::Never { kind: kind.to_owned(), why: catalogue.why_not(kind).to_owned() },
            false => NotCaused::Unknown { kind: kind.chars().take(100).collect(), meant: nearest(kind, alert_kinds()) },
        });
    };
    let _turn = sandbox.turn();
    let Tools { server, keys, random } = sandbox.tools.get().ok_or(StageError::NotServed)?;
    let mut facts = sandbox.filled.facts.clone();
    facts.begun = Some(sandbox.clock.now());
    let subject = choose(registry, sandbox, event, &facts, subject)?;
    let lei = subject.lei.map_or_else(String::new, |lei| lei.to_string());
    let about = [("subject", subject.id.to_string()), ("subject_lei", lei), ("subject_name", subject.legal_name.to_string())];
    facts.texts.extend(about.map(|(name, text)| (name.to_owned(), text)));
    let client = Client::of(*server);
    let clock: &dyn Clock = sandbox.clock.as_ref();
    let stage = Stage { setting: &SETTING, registry, clock, random, client: &client };
    let mut story = Story { stage, sandbox, keys, facts, subject: &subject, changed: vec![] };
    story.tell(event)
}

/// Returns the subject's record.
fn choose(
    registry: &Registry,
    sandbox: &Sandbox,
    event: &Event,
    facts: &super::super::facts::Facts,
    wanted: Option<&str>,
) -> Result<std::sync::Arc<Vasp>, NotCaused> {
    let generation = registry.pin(sandbox.clock.now());
    let find = |text: &str| match (text.parse::<VaspId>(), text.parse::<Lei>()) {
        (Ok(id), _) => generation.records().get(id).cloned(),
        (_, Ok(lei)) => generation.records().with_lei(lei).next().cloned(),
        _ => generation.records().iter().find(|record| &*record.legal_name == text).cloned(),
    };
    let mut possible = vec![];
    for text in &event.subjects {
        possible.extend(find(&facts.fill(text)?));
    }
    let chosen = match wanted {
        None => possible.first().cloned(),
        Some(text) => find(text).filter(|found| possible.iter().any(|one| one.id == found.id)),
    };
    chosen.ok_or_else(|| NotCaused::Subject {
        kind: event.event.clone(),
        subject: wanted.unwrap_or_default().chars().take(100).collect(),
        possible: possible.iter().map(|one| format!("{} ({})", one.legal_name, one.id)).collect(),
    })
}

/// How often the watch looks before an event counts as one that cannot happen. The server's own look, at the same moment, may come first and
/// leave a change to the next one.
const LOOKS: u32 = 15;

const BETWEEN_LOOKS: Duration = Duration::from_millis(200);

fn is_of(alert: &Value, kind: &str) -> bool {
    alert.get("kind").and_then(Value::as_str) == Some(kind)
}

/// A story while it is told.
struct Story<'a> {
    stage: Stage<'a>,
    sandbox: &'a Sandbox,
    keys: &'a vasp_pki::MasterKeys,
    facts: super::super::facts::Facts,
    subject: &'a Vasp,
    changed: Vec<String>,
}

impl Story<'_> {
    fn tell(&mut self, event: &Event) -> Result<Caused, NotCaused> {
        let about = |error: StageError| match error {
            StageError::Refused { .. } => {
                NotCaused::State { subject: self.subject.legal_name.to_string(), reason: error.to_string() }
            }
            error => NotCaused::Failed(error),
        };
        let alerts = self.go_through(event).map_err(about)?;
        let legal_name = self.subject.legal_name.to_string();
        let found = alerts.iter().find(|alert| is_of(alert, &event.event));
        let Some(alert) = found.cloned() else {
            let others: BTreeSet<&str> = alerts.iter().filter_map(|alert| alert.get("kind")?.as_str()).collect();
            let others = others.into_iter().collect::<Vec<_>>().join(", ");
            let reason = if others.is_empty() {
                "no new alert came of it: it is so already, or an alert of today counts it; name another subject, or begin anew with POST /v1/sandbox/reset"
                    .to_owned()
            } else {
                format!("it raised only these alerts: {others}; begin anew with POST /v1/sandbox/reset")
            };
            return Err(NotCaused::State { subject: legal_name, reason });
        };
        let changed = std::mem::take(&mut self.changed);
        Ok(Caused { subject: self.subject.id, legal_name, told: event.told, changed, alert })
    }

    /// Has the watch look, does what happens, and has the watch look again. Returns the alerts that were raised, newest first.
    fn go_through(&mut self, event: &Event) -> Result<Vec<Value>, StageError> {
        if event.told == Told::Gateway {
            let watch = format!("/v1/watches/{}", self.subject.id);
            let cora = self.person("cora")?;
            self.stage.send(&cora, "PUT", &watch, &[], Some(&json!({})))?;
        }
        self.stage.look()?;
        let before = self.newest(event.told, 1)?;
        for step in &event.steps {
            let step = serde_json::from_str(&self.facts.fill(&step.to_string())?);
            self.happen(step.map_err(|error| StageError::Seed { file: "seed/sandbox/events.json", reason: error.to_string() })?)?;
        }
        let last = before.first().and_then(|alert| alert.get("id"));
        let mut raised = vec![];
        for look in 0..LOOKS {
            if look > 0 {
                std::thread::sleep(BETWEEN_LOOKS);
            }
            self.stage.look()?;
            let alerts = self.newest(event.told, ALERTS_MAX)?;
            raised = alerts.into_iter().take_while(|alert| alert.get("id") != last).collect();
            if raised.iter().any(|alert| is_of(alert, &event.event)) {
                break;
            }
        }
        Ok(raised)
    }

    fn newest(&self, told: Told, limit: usize) -> Result<Vec<Value>, StageError> {
        let who = match told {
            Told::Gateway => "cora",
            Told::Member => "mia",
        };
        let path = format!("/v1/alerts?limit={limit}");
        let answer = self.stage.send(&self.person(who)?, "GET", &path, &[], None)?;
        Ok(answer.get("items").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// Returns a person with a session that is in use.
    fn person(&self, name: &str) -> Result<Person, StageError> {
        let found = self.sandbox.person(name).ok_or_else(|| StageError::Open(name.to_owned()))?;
        let person = self.stage.signed_in(found)?;
        self.sandbox.remember(&person);
        Ok(person)
    }

    fn happen(&mut self, step: Step) -> Result<(), StageError> {
        match step {
            Step::Days(days) => {
                self.sandbox.clock.advance(Duration::from_secs(u64::from(days) * SECS_A_DAY));
                self.facts.begun = Some(self.sandbox.clock.now());
                self.changed.push(format!("{days} days passed: the clock shows {}.", self.sandbox.clock.now()));
                Ok(())
            }
            Step::Send(sending) => self.send(&sending),
            Step::Look => self.stage.look(),
            Step::Firm(shown) => {
                let says: Vec<String> = shown.iter().map(|(member, value)| format!("{member} `{value}`")).collect();
                self.changed.push(format!("The register and GLEIF were imported anew, with {}.", says.join(", ")));
                self.import(|changes, lei| changes.firms.entry(lei).or_default().extend(shown))
            }
            Step::Listed(entry) => {
                self.changed.push(format!("The list {} was imported anew, with `{}` on it.", entry.list, entry.name));
                self.import(|changes, _| changes.listed.push(entry))
            }
            Step::NonCompliant(entry) => {
                self.changed.push("ESMA's list of non-compliant providers was imported anew, with one more entry.".to_owned());
                let today = self.sandbox.clock.now().date().to_string();
                let list = json!({"id": "EU-ESMA-NCASP", "as_of": today, "source": SETTING.invented, "entries": [entry]});
                let bytes = list.to_string().into_bytes();
                self.stage.files(self.keys).import(ImportFormat::NonCompliantJson, "non-compliant.json", &today, bytes)?;
                self.stage.registry.let_others_know();
                Ok(())
            }
        }
    }

    /// Notes a change of what the files say, and imports the files anew.
    fn import(&self, change: impl FnOnce(&mut Changes, String)) -> Result<(), StageError> {
        let mut changes = self.sandbox.changes()?;
        changes.imports += 1;
        change(&mut changes, self.subject.lei.map_or_else(String::new, |lei| lei.to_string()));
        self.stage.import_changed(self.keys, &self.sandbox.filled.facts, &changes, self.sandbox.clock.now().date())?;
        self.sandbox.keep_changes(&changes)
    }

    fn send(&mut self, sending: &Sending) -> Result<(), StageError> {
        let person = self.person(&sending.by)?;
        self.stage.send_as(&person, sending, &mut self.facts)?;
        self.changed.push(sending.about.clone());
        Ok(())
    }
}
