//! Replaces `export.rs` in a build without the feature `otel`: a configured export is an error; otherwise nothing happens.

use std::error::Error;

use tracing_subscriber::layer::Identity;

/// The exporter, which cannot exist in this build.
pub(super) enum Exporter {}

/// Refuses to export.
///
/// # Errors
/// If an endpoint is set.
pub(super) fn start(endpoint: Option<&str>) -> Result<Option<(Exporter, Identity)>, Box<dyn Error + Send + Sync>> {
    match endpoint {
        None => Ok(None),
        Some(_) => Err("this program was built without OpenTelemetry: build it with --features otel".into()),
    }
}

/// Does nothing: only exported spans need a caller's span as parent.
pub fn continue_trace(_: &tracing::Span, _: Option<&str>) {}
