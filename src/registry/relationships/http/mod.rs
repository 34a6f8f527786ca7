//! Routes of relationships: requests and answers.

pub(crate) mod input;
pub(crate) mod relationships;
pub(crate) mod view;
