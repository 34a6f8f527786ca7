//! TODO webhooks::http

pub(crate) mod messages;
pub(crate) mod webhooks;
