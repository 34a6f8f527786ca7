//! Routes of pre-checks: the request, how it is answered, signed and recorded, and what is kept of it.

pub(crate) mod desk;
pub mod parts;
pub(crate) mod prechecks;
pub(crate) mod records;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod retention;
pub(crate) mod verdict;
pub(crate) mod view;

pub use parts::{PrecheckParts, Rendered};
pub(crate) use view::PrecheckView;
