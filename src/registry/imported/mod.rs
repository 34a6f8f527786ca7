//! What every import has in common: its report, and the change that tells of a document.

mod document;
pub(crate) mod report;

pub(crate) use document::document_change;
pub use report::ImportReport;
