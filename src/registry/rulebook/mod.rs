//! The rulebook: the requirements of each jurisdiction, the obligations of one transfer, and how a new rulebook comes into force.
//!
//! `vasp_rules::obligations` reads each side's version and compares the transfer with its thresholds. If amounts cannot be compared,
//! the larger data set is due. The first rulebook of a database comes into force at once. A later one becomes a row of
//! `rulebook_imports` with its changes, and two people decide.

pub(crate) mod http;
pub mod imports;
pub(crate) mod obligations;
pub(crate) mod read;

pub use obligations::{ObligationsAnswer, ObligationsQuestion, answer_obligations};
pub use read::{
    ComparedColumn, ComparisonAnswer, ListAnswer, compare_jurisdictions, list_jurisdictions, read_jurisdiction, read_list,
};
