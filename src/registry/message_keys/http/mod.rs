//! Routes for a member's message keys.

pub(crate) mod member;
pub(crate) mod view;

pub(crate) use view::MessageKeyView;
