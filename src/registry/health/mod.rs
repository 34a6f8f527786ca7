//! TODO health

pub(crate) mod http;
pub(crate) mod metrics;

pub use metrics::read_metrics;
