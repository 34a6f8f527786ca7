//! Routes of relationships: what is sent, and what is shown.

pub(crate) mod input;
pub(crate) mod relationships;
pub(crate) mod view;
