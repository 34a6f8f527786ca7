//! What all imports share: the options, the report, and the change that records a document.

mod document;
mod journal;
mod latest_day;
mod options;
pub(crate) mod report;

pub(crate) use document::document_change;
pub use journal::{ImportOutcome, ImportedBy};
pub(crate) use journal::{ReadFile, note_import};
pub(crate) use latest_day::{latest_day, newest_day};
pub use options::RegisterOptions;
pub(crate) use options::{check_day, check_readable};
pub use report::{BrandSearch, ImportReport, UnmatchableAddress};
