//! The sources of data: what each is, and what was fetched from it. `seed/sources.csv` says what they are; this folder fetches their files
//! and imports them, each by its own importer with its own guards.
//!
//! A file that is the same as at the last fetch is only noted as seen. A new one is kept by its hash and imported under the name of the source
//! and the hash, so that every fact names both. A file that is refused changes nothing but the note of why.

mod apart;
mod download;
mod fetch;
pub(crate) mod http;
mod job;
mod mirror;
mod poll;
mod read;
mod snapshot;
mod take;

pub use apart::{Apart, limit_memory};
pub use fetch::{FetchGround, FetchResult, Fetched, fetch_source, take_files};
pub use job::poll_sources;
pub use poll::{PollSettings, Poller, note_overdue_sources};
pub use read::{KnownSource, list_known_sources, pause_source};
pub use snapshot::{KeptFile, read_snapshot};
