//! Sends traces to an OpenTelemetry collector: every request's span with its events, by OTLP over HTTP in protobuf. A thread of its own
//! sends them in batches. A caller's `traceparent` becomes the parent span. It uses no TLS, because the collector is nearby.

use std::collections::HashMap;
use std::error::Error;
use std::time::Duration;

use async_trait::async_trait;
use opentelemetry::propagation::TextMapPropagator;
use opentelemetry::trace::TracerProvider;
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{SdkTracerProvider, Tracer};
use tracing_opentelemetry::{OpenTelemetryLayer, OpenTelemetrySpanExt};
use tracing_subscriber::registry::LookupSpan;

/// The running export; dropping it sends what is not sent yet.
pub(super) struct Exporter(SdkTracerProvider);

impl Drop for Exporter {
    fn drop(&mut self) {
        if let Err(error) = self.0.shutdown() {
            tracing::warn!(error = %error, "the last traces could not be sent");
        }
    }
}

/// The timeout for sending one batch.
const TIMEOUT: Duration = Duration::from_secs(10);

type Layer<S> = OpenTelemetryLayer<S, Tracer>;

/// Starts the export to a collector, such as `http://127.0.0.1:4318`; returns `None` if no endpoint is set.
///
/// # Errors
/// If the endpoint is not an `http://` URL.
pub(super) fn start<S>(endpoint: Option<&str>) -> Result<Option<(Exporter, Layer<S>)>, Box<dyn Error + Send + Sync>>
where
    S: tracing::Subscriber + for<'span> LookupSpan<'span>,
{
    let Some(endpoint) = endpoint else { return Ok(None) };
    if !endpoint.starts_with("http://") {
        return Err(
            format!("`{endpoint}` does not have the form http://HOST:PORT; for TLS, run a collector on this machine").into()
        );
    }
    let agent = ureq::Agent::config_builder().http_status_as_error(false).timeout_global(Some(TIMEOUT)).proxy(None).build();
    let exporter = SpanExporter::builder()
        .with_http()
        .with_http_client(Client(agent.into()))
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{}/v1/traces", endpoint.trim_end_matches('/')))
        .build()?;
    let resource = Resource::builder().with_service_name("vasp-registry").build();
    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("vasp-registry"));
    Ok(Some((Exporter(provider), layer)))
}

/// Makes the caller's span, named in its `traceparent`, the parent of our span.
///
/// Source: W3C Trace Context, Recommendation of 23 November 2021, §3.2.
pub fn continue_trace(span: &tracing::Span, traceparent: Option<&str>) {
    let Some(traceparent) = traceparent else { return };
    let carrier = HashMap::from([("traceparent".to_owned(), traceparent.to_owned())]);
    if let Err(error) = span.set_parent(TraceContextPropagator::new().extract(&carrier)) {
        tracing::debug!(error = %error, "the caller's trace is not continued");
    }
}

/// The HTTP client that the program already contains. It blocks, which is fine on the exporter's thread.
#[derive(Debug)]
struct Client(ureq::Agent);

#[async_trait]
impl HttpClient for Client {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let (parts, body) = request.into_parts();
        let answer = self.0.run(Request::from_parts(parts, body.to_vec()))?;
        let (parts, mut body) = answer.into_parts();
        Ok(Response::from_parts(parts, body.read_to_vec()?.into()))
    }
}
