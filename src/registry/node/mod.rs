//! The node: the registry of this process with its store, directory and keys, what is wrong with it, and what every capability answers
//! with: errors, pages, how long an answer holds.
//!
//! `tail` follows the log: another process's write is heard of at once (PostgreSQL) or asked for every 200 ms. `valid_until` is the one
//! place that says how long an answer holds, shortened by the silence of the database. What capabilities keep in memory is added by
//! `assemble` and found by type.

pub mod clock;
pub(crate) mod condition;
pub(crate) mod data_keys;
pub(crate) mod error;
pub(crate) mod find_vasp;
pub mod job;
pub(crate) mod moment;
pub(crate) mod page;
mod parts;
mod problem_code;
mod refusal;
pub(crate) mod registry;
pub(crate) mod same_database;
pub(crate) mod tail;
pub(crate) mod valid_until;
pub(crate) mod write_watch;

pub use condition::{Condition, DegradedCause, DegradedReason};
pub use error::{ImportError, ServiceError};
pub use find_vasp::{find_vasp, named_by_lei};
pub use job::{Job, Pace, Stop};
pub use moment::{AsOf, pin_around, pin_at};
pub use page::Page;
pub use problem_code::ProblemCode;
pub use refusal::{DuplicateCandidate, Fault, Refusal};
pub(crate) use refusal::{invalid, invalid_value};
pub use registry::Registry;
pub use same_database::{lost_database, note_rollback};
pub use tail::follow_others;
pub use valid_until::{Holds, Silence, ValidUntil};
pub use write_watch::WriteWatch;
