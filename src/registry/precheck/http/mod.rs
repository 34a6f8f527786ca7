//! Routes of pre-checks: reading the request, answering and recording it; and the recorded pre-checks. What is answered is rendered and
//! signed by `precheck` itself.

pub(crate) mod desk;
pub(crate) mod legal_holds;
pub(crate) mod outcome;
pub mod parts;
pub(crate) mod prechecks;
pub(crate) mod recorded;
pub(crate) mod records;
pub(crate) mod replay;
pub(crate) mod report;
pub(crate) mod report_link;
pub(crate) mod request;
pub(crate) mod retention;

pub use parts::PrecheckParts;
