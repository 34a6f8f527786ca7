//! Whether this node can answer, and its metrics.

pub(crate) mod http;
pub(crate) mod metrics;

pub use metrics::read_metrics;
