//! The rulebook: what each jurisdiction demands, the obligations of one transfer, and how a new rulebook comes into force.

pub(crate) mod http;
pub mod imports;
pub(crate) mod obligations;
pub(crate) mod read;

pub use obligations::{ObligationsAnswer, ObligationsQuestion, answer_obligations};
pub use read::{
    ComparedColumn, ComparisonAnswer, ListAnswer, compare_jurisdictions, list_jurisdictions, read_jurisdiction, read_list,
};
