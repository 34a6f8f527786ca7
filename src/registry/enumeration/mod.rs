//! Limits on enumeration: how many different addresses with no known owner a caller may ask for in a day. The addresses are counted without
//! storing them.
//!
//! `budget` counts distinct addresses in memory with a sketch of bounded size (`sketch`). A timer stores the sketches of organisations, so
//! that nodes share them. `http` wraps answers about addresses.

pub(crate) mod budget;
pub(crate) mod http;
pub mod sketch;
