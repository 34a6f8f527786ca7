//! Watch: organisations learn when something they relied on changes. A recorded pre-check, a request or the organisation's own record
//! makes a **watch** of a VASP; `judge` runs the checks again when anything they rest on changed, and what they find now and did not
//! find before is an **alert**, written with the messages to the organisation's webhooks in one transaction. `destinations` does the
//! same with addresses whose owner the registry told of.
//!
//! `judge` looks again when a watched record, a document or the organisation's private state changed, with the day, and hourly;
//! `vasp_rules::alert` compares the findings with those kept in `watches`. A destination that was relied on is kept as a token under the
//! organisation's key, no address in clear.

pub(crate) mod http;
pub(crate) mod job;
pub use job::watch_counterparties;
mod destinations;
mod judge;
mod watches;

pub use judge::Watcher;
pub use vasp_store::WatchRow;
pub use watches::{add_watch, ends_at, list_watches, remove_watch};

/// For how many days a watch that a pre-check made lasts after the last of them.
///
/// Source: none; FATF 2021 §292 and AMLD ask for refreshes "periodically", in practice yearly: who dealt with a VASP within a year
/// still has a relationship to review.
const RELIED_DAYS: i64 = 365;

/// Microseconds of a day.
const DAY_MICROS: i64 = 86_400_000_000;
