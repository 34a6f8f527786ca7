//! The types of alerts and webhooks, as they are stored and sent. `rules` decides what causes an alert.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use vasp_words::closed_list::closed_list;

closed_list! {
    /// The severity of an alert, worst first.
    pub enum Severity {
        /// A pre-check is now rejected.
        Critical = "critical",
        /// A pre-check is now held, or something ends tomorrow.
        High = "high",
        /// A pre-check now proceeds with conditions, or something ends within a week.
        Medium = "medium",
        /// Something improved, or ends within a month.
        Info = "info",
    }

    /// The state of a message, worst first.
    pub enum DeliveryState {
        /// Delivery stopped after 72 hours, or because the receiver no longer exists.
        Failed = "failed",
        /// It waits for its next attempt, or is being sent.
        Pending = "pending",
        /// The receiver accepted it.
        Delivered = "delivered",
    }

    /// The state of a webhook, worst first.
    pub enum WebhookState {
        /// Its receiver reported that it no longer exists.
        Disabled = "disabled",
        /// Its organisation paused the messages.
        Paused = "paused",
        /// Messages are sent to it.
        Active = "active",
    }
}

/// The content of an alert to an organisation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertBody {
    /// The check with a changed result; empty if there is none.
    #[serde(default)]
    pub check: String,
    /// Its results before.
    #[serde(default)]
    pub from: Vec<String>,
    /// Its results now.
    #[serde(default)]
    pub to: Vec<String>,
    /// A sentence for people to read.
    #[serde(default)]
    pub detail: String,
    /// Sequence of the directory in which the change was found.
    #[serde(default)]
    pub sequence: i64,
    /// The last recorded pre-check for the affected destination; absent if there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precheck: Option<String>,
    /// The number of occurrences, if one alert reports all of one day; 0 if they are not counted.
    #[serde(default)]
    pub count: u64,
}

/// The maximum number of ids that an alert names.
const NAMED_MAX: usize = 20;

impl AlertBody {
    /// Makes the body of an alert that counts the ids and names the first 20.
    #[must_use]
    pub fn counting(ids: impl ExactSizeIterator<Item = String>) -> Self {
        let count = u64::try_from(ids.len()).unwrap_or(u64::MAX);
        Self { count, to: ids.take(NAMED_MAX).collect(), ..Self::default() }
    }

    /// Adds the count and the ids of an earlier alert of the same day.
    #[must_use]
    pub fn after(mut self, before: Self) -> Self {
        self.count = self.count.saturating_add(before.count);
        let named: BTreeSet<String> = before.to.into_iter().chain(self.to).collect();
        self.to = named.into_iter().take(NAMED_MAX).collect();
        self
    }
}
