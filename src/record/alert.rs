//! Words of alerts, and of the webhooks that carry them, as they are stored and sent. When something is an alert is for `rules` to say.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;

closed_list! {
    /// How much an alert matters, worst first.
    pub enum Severity {
        /// A pre-check is rejected now.
        Critical = "critical",
        /// A pre-check is held now, or something ends tomorrow.
        High = "high",
        /// A pre-check proceeds with conditions now, or something ends within a week.
        Medium = "medium",
        /// Something became better, or ends within a month.
        Info = "info",
    }

    /// Where a message stands, worst first.
    pub enum DeliveryState {
        /// Given up after 72 hours, or because the receiver is gone.
        Failed = "failed",
        /// On its way.
        Pending = "pending",
        /// The receiver took it.
        Delivered = "delivered",
    }

    /// Whether anything is sent to a webhook, worst first.
    pub enum WebhookState {
        /// Its receiver said that it is gone.
        Disabled = "disabled",
        /// Its organisation wants nothing sent for now.
        Paused = "paused",
        /// Messages are sent.
        Active = "active",
    }
}

/// What exactly an organisation is told.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertBody {
    /// The check that finds something else; empty where none does.
    #[serde(default)]
    pub check: String,
    /// What it found before.
    #[serde(default)]
    pub from: Vec<String>,
    /// What it finds now.
    #[serde(default)]
    pub to: Vec<String>,
    /// A sentence for people.
    #[serde(default)]
    pub detail: String,
    /// Sequence of the directory that it was found in.
    #[serde(default)]
    pub sequence: i64,
    /// The last recorded pre-check to the destination that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precheck: Option<String>,
    /// How often it was found, where more of it on one day is told in one alert; 0 where it is not counted.
    #[serde(default)]
    pub count: u64,
}

/// How many ids an alert names at most.
const NAMED_MAX: usize = 20;

impl AlertBody {
    /// Makes the body of an alert that counts what was found, and names the first 20 ids.
    #[must_use]
    pub fn counting(ids: impl ExactSizeIterator<Item = String>) -> Self {
        let count = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        Self { count, to: ids.take(NAMED_MAX).collect(), ..Self::default() }
    }

    /// Adds what an earlier alert of the same day counted and named.
    #[must_use]
    pub fn after(mut self, before: Self) -> Self {
        self.count = self.count.saturating_add(before.count);
        let named: BTreeSet<String> = before.to.into_iter().chain(self.to).collect();
        self.to = named.into_iter().take(NAMED_MAX).collect();
        self
    }
}
