//! Watch: organisations learn when something that they relied on changes. A recorded pre-check, a request, or the organisation's own record
//! creates a **watch** of a VASP. `judge` runs the checks again when anything that they depend on changed. A new finding is an **alert**.
//! The alert and the messages to the organisation's webhooks are written in one transaction. `destinations` does the same for addresses
//! whose owner the registry named.
//!
//! `judge` runs when a watched record, a document or the organisation's private state changed, when the day changes, and every hour.
//! `vasp_rules::alert` compares the findings with those stored in `watches`. A destination that was relied on is stored as a token under
//! the organisation's key, never as an address in clear.

pub(crate) mod http;
pub(crate) mod job;
pub use job::watch_counterparties;
mod destinations;
mod judge;
mod watches;

pub use judge::Watcher;
pub use vasp_store::WatchRow;
pub use watches::{add_watch, ends_at, list_watches, remove_watch};

/// For how many days a watch lasts after the last pre-check that made it.
///
/// Source: none; FATF 2021 §292 and AMLD ask for refreshes "periodically", in practice yearly: who dealt with a VASP within a year
/// still has a relationship to review.
const RELIED_DAYS: i64 = 365;

/// Microseconds of a day.
const DAY_MICROS: i64 = 86_400_000_000;
