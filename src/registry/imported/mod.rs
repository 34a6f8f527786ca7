//! What all imports share: the report, and the change that records a document.

mod document;
pub(crate) mod report;

pub(crate) use document::document_change;
pub use report::ImportReport;
