//! TODO imported

pub(crate) mod report;

pub use report::ImportReport;
