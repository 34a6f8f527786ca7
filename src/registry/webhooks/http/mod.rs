//! TODO webhooks::http

pub(crate) mod messages;
pub(crate) mod view;
pub(crate) mod webhooks;
