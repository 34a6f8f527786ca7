//! TODO message_keys::http

pub(crate) mod member;
pub(crate) mod view;

pub(crate) use view::MessageKeyView;
