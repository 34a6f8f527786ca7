//! TODO health::http

pub(crate) mod metrics;
pub(crate) mod readiness;
