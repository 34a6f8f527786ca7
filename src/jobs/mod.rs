//! Timers that call services. Each runs in a thread of its own and stops when its guard drops.

mod deliver_webhooks;
mod periodic;
mod probe_endpoints;
mod recheck_domains;
mod tail;
mod verify_data;
mod watch;

pub use deliver_webhooks::WebhookCourier;
pub use periodic::Periodic;
pub use probe_endpoints::EndpointProber;
pub use recheck_domains::DomainRechecker;
pub use tail::Tailer;
pub use verify_data::DataVerifier;
pub use watch::CounterpartyWatch;
