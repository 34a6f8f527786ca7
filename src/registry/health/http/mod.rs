//! Routes of this node's health and metrics.

pub(crate) mod metrics;
pub(crate) mod readiness;
