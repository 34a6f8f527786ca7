//! The node: the registry of this process with its store, directory and keys, and its condition. Also what every capability answers with:
//! errors, pages, and how long an answer is valid.
//!
//! `tail` follows the log: PostgreSQL reports another process's write at once; SQLite is asked every 200 ms. `valid_until` is the one
//! place that decides how long an answer is valid, less the time without contact to the database. `assemble` adds what capabilities keep
//! in memory; they find it by type.

pub mod clock;
pub(crate) mod condition;
pub(crate) mod data_keys;
pub(crate) mod error;
pub(crate) mod find_vasp;
pub mod job;
pub(crate) mod moment;
mod next_day;
pub(crate) mod page;
mod parts;
mod problem_code;
mod refusal;
pub(crate) mod registry;
pub(crate) mod same_database;
pub(crate) mod tail;
pub(crate) mod write_watch;
mod written;

pub use crate::directory::{Holds, Silence, ValidUntil};
pub use condition::{Condition, DegradedCause, DegradedReason};
pub use error::{ImportError, ServiceError};
pub use find_vasp::{find_vasp, is_own_vasp, no_vasp};
pub use job::{Job, Pace, Stop, late_jobs};
pub use moment::{AsOf, pin_around, pin_at};
pub use next_day::prepare_days;
pub use page::Page;
pub use problem_code::ProblemCode;
pub use refusal::{DuplicateCandidate, Fault, Refusal};
pub(crate) use refusal::{invalid, invalid_value};
pub use registry::Registry;
pub use same_database::lost_database;
pub use tail::follow_others;
pub use write_watch::WriteWatch;
pub(crate) use written::Written;
