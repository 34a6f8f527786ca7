//! Routes of watches, and their shape.

pub(crate) mod view;
pub(crate) mod watches;
