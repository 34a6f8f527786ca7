//! The public directory: search, one VASP's record on a day, its history, and names that are alike.
//!
//! Search: `q` becomes a `vasp_record::search::SearchQuery`; `directory::SearchIndex` finds candidates by code, by beginning, or the 64
//! nearest by trigrams; `vasp_record::search` scores them; the best text of a VASP counts. The order (score, field, id) is also the cursor.

pub(crate) mod history;
pub(crate) mod http;
pub(crate) mod list;
pub(crate) mod read;
pub(crate) mod similar_names;

pub use history::{HistoryItem, HistoryPart, HistoryPosition, vasp_history};
pub use list::{ListedVasp, VaspFilter, VaspMatch, VaspPosition, list_vasps};
pub use read::{VaspAnswer, VaspQuestion, read_vasp};
