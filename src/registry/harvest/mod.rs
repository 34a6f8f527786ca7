//! TODO harvest

pub(crate) mod budget;
pub(crate) mod http;
pub(crate) mod sketch;
