//! Alerts: messages to an organisation about changes of something that it relied on. The alert, and the messages to the webhooks that take
//! it, are written in one transaction. `webhooks` sends the messages.

pub(crate) mod http;
mod message;
mod outbox;
mod raise;
mod read;
mod view;

pub use message::{AlertMessage, AlertOfMessage};
pub(crate) use outbox::{open_message, seal_message};
pub(crate) use raise::{NewAlert, WEBHOOKS_MAX, raise, raise_against};
pub use read::{Alert, acknowledge_alert, list_alerts, read_alert};
pub use vasp_store::AlertFilter;
