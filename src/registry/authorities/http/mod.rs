//! The routes of the table of authorities.

pub(crate) mod amendments;
pub(crate) mod public;
mod view;
