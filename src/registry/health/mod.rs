//! TODO health

pub mod http;
pub(crate) mod http_metrics;
pub(crate) mod metrics;

pub use metrics::read_metrics;
