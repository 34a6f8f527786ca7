//! Routes of watches, and their views.

pub(crate) mod view;
pub(crate) mod watches;
