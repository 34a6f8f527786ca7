//! The rulebook: what each jurisdiction demands, the obligations of one transfer, and how a new rulebook comes into force.
//!
//! `vasp_rules::obligations` reads each side's version and measures the transfer against its thresholds; where amounts cannot be compared,
//! the larger data set is due. The first rulebook of a database is taken; a further one becomes a row of `rulebook_imports` with its
//! difference, and two people decide.

pub(crate) mod http;
pub mod imports;
pub(crate) mod obligations;
pub(crate) mod read;

pub use obligations::{ObligationsAnswer, ObligationsQuestion, answer_obligations};
pub use read::{
    ComparedColumn, ComparisonAnswer, ListAnswer, compare_jurisdictions, list_jurisdictions, read_jurisdiction, read_list,
};
