//! Routes of webhooks and of the messages that were sent.

pub(crate) mod messages;
pub(crate) mod view;
pub(crate) mod webhooks;
