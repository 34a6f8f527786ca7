//! The routes about sources and imports.

pub(crate) mod journal;
pub(crate) mod sources;
