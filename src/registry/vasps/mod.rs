//! The public directory: search, the record of one VASP on a day, its history, and similar names.
//!
//! A search has these steps:
//!
//! - `q` becomes a `vasp_record::search::SearchQuery`.
//! - `directory::SearchIndex` finds candidates by code, by beginning, or as the 64 nearest by trigrams.
//! - `vasp_record::search` scores them. The best text of a VASP decides.
//!
//! The results are sorted by score, field and id; the cursor holds the same three values.

pub(crate) mod history;
pub(crate) mod http;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod similar_names;

pub use history::{HistoryItem, HistoryPart, HistoryPosition, vasp_history};
pub use list::{ListedVasp, VaspFilter, VaspMatch, VaspPosition, WantedIdentifier, list_vasps};
pub use read::{VaspAnswer, VaspQuestion, read_vasp};
