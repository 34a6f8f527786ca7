//! The sources of data: what each is, and what was fetched from it. `seed/sources.csv` says what they are; this folder fetches their files
//! and imports them, each by its own importer with its own guards.
//!
//! A file that is the same as at the last fetch is only noted as seen. A new one is kept by its hash and imported under the name of the source
//! and the hash, so that every fact names both. A file that is refused changes nothing but the note of why.

mod fetch;
pub(crate) mod http;
mod mirror;
mod read;

pub use fetch::{FetchGround, FetchResult, Fetched, fetch_source};
pub use mirror::files_of;
pub use read::{KnownSource, list_known_sources, pause_source};
