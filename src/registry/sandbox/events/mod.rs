//! The events that a sandbox causes on request. `seed/sandbox/events.json` says of each event how its alert comes about: files that are
//! imported, requests that invented people send, days that pass. `run` does exactly that; nothing here writes an alert or a message.

pub(crate) mod http;
mod run;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::StageError;
use super::sending::Sending;
use super::world::Listed;

pub(crate) use run::{Caused, NotCaused, cause};

const EVENTS: &str = include_str!("../../../../seed/sandbox/events.json");

/// Whose alert an event is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Told {
    /// The gateway whose people are Cora and Dan.
    #[default]
    Gateway,
    /// The member whose record Mia keeps.
    Member,
}

/// An event that the sandbox causes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    event: String,
    about: String,
    /// Whom it can happen to, as LEIs or ids that `Facts` knows. The first is used if nobody is named.
    subjects: Vec<String>,
    #[serde(default)]
    told: Told,
    /// What happens, in this order. `Facts` fills in what a step leaves open just before the step.
    steps: Vec<Value>,
}

/// One thing that happens.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Step {
    /// The register and GLEIF show the subject so from today.
    Firm(BTreeMap<String, String>),
    /// A sanctions list has one more entry from today.
    Listed(Listed),
    /// A list of providers without permission has one more entry from today.
    NonCompliant(Value),
    /// An invented person sends a request.
    Send(Sending),
    /// The watch looks at what happened so far.
    Look,
    /// Days pass.
    Days(u32),
}

/// Why the sandbox does not cause some events.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Never {
    /// Whole kinds, or how they begin (`freshness.`) or end (`.limit_exceeded`).
    kinds: Vec<String>,
    why: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    events: Vec<Event>,
    never: Vec<Never>,
}

/// Something that an organisation can be alerted about.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SandboxEvent)]
pub(crate) struct EventView {
    /// The kind of the alert.
    #[schema(example = "licence.ended")]
    event: String,
    /// What happens; null if the sandbox does not cause the event.
    about: Option<String>,
    /// Whom it can happen to: LEIs or ids. Empty if the sandbox does not cause the event.
    #[schema(example = json!(["ZZZZ00SANDBOX0000138"]))]
    subjects: Vec<String>,
    /// Who gets the alert; null if the sandbox does not cause the event.
    told: Option<Told>,
    /// Why the sandbox does not cause the event; null if it does.
    why_not: Option<String>,
}

static CATALOGUE: LazyLock<Result<Catalogue, String>> =
    LazyLock::new(|| serde_json::from_str(EVENTS).map_err(|error| error.to_string()));

fn catalogue() -> Result<&'static Catalogue, StageError> {
    CATALOGUE.as_ref().map_err(|reason| StageError::Seed { file: "seed/sandbox/events.json", reason: reason.clone() })
}

impl Never {
    fn names(&self, kind: &str) -> bool {
        self.kinds.iter().any(|part| part_names(part, kind))
    }
}

/// Whether a part of [`Never::kinds`] names a kind.
fn part_names(part: &str, kind: &str) -> bool {
    match part {
        end if end.starts_with('.') => kind.ends_with(end),
        start if start.ends_with('.') => kind.starts_with(start),
        whole => whole == kind,
    }
}

impl Catalogue {
    fn find(&self, kind: &str) -> Option<&Event> {
        self.events.iter().find(|event| event.event == kind)
    }

    /// Returns why the sandbox does not cause a kind of alert.
    fn why_not(&self, kind: &str) -> &str {
        let found = self.never.iter().find(|never| never.names(kind));
        found.map_or("the sandbox has no story that leads to it yet", |never| never.why.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::webhooks::alert_kinds;

    #[test]
    fn every_event_is_a_kind_of_alert_and_has_a_reason_or_a_story() {
        let catalogue = catalogue().unwrap();
        let known: Vec<&str> = alert_kinds().collect();

        for event in &catalogue.events {
            assert!(known.contains(&event.event.as_str()), "{}", event.event);
            assert!(!event.subjects.is_empty() && !event.steps.is_empty(), "{}", event.event);
            assert!(!catalogue.never.iter().any(|never| never.names(&event.event)), "{} has a story", event.event);
        }
        for never in &catalogue.never {
            assert!(never.kinds.iter().all(|part| known.iter().any(|kind| part_names(part, kind))), "{never:?}");
        }
    }
}
