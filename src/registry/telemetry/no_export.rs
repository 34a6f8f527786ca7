//! Stands for `export.rs` in a build without the feature `otel`: asking for an export is an error, and nothing else is done.

use std::error::Error;

use tracing_subscriber::layer::Identity;

/// There is none.
pub(super) enum Exporter {}

/// Refuses to export.
///
/// # Errors
/// Where an endpoint is named.
pub(super) fn start(endpoint: Option<&str>) -> Result<Option<(Exporter, Identity)>, Box<dyn Error + Send + Sync>> {
    match endpoint {
        None => Ok(None),
        Some(_) => Err("this program was built without OpenTelemetry: build it with --features otel".into()),
    }
}

/// Does nothing: only an exported span has a caller's span as its parent.
pub fn continue_trace(_: &tracing::Span, _: Option<&str>) {}
