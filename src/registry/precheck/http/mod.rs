//! Routes of pre-checks: reading the request; answering, signing and recording it; and the recorded pre-checks.

pub(crate) mod desk;
pub mod parts;
pub(crate) mod prechecks;
pub(crate) mod records;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod report_link;
pub(crate) mod request;
pub(crate) mod retention;
mod unsigned;
pub(crate) mod verdict;
pub(crate) mod view;

pub use parts::{Digested, PrecheckParts};
pub(crate) use view::PrecheckView;
