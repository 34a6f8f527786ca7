//! The routes of the table of authorities.

pub(crate) mod public;
mod view;
