//! Routes of a member's keys for messages.

pub(crate) mod member;
pub(crate) mod view;

pub(crate) use view::MessageKeyView;
