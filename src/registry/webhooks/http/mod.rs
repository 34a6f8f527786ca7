//! Routes of webhooks and of their messages.

pub(crate) mod messages;
pub(crate) mod view;
pub(crate) mod webhooks;
