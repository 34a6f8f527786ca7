//! The routes about imports.

pub(crate) mod journal;
