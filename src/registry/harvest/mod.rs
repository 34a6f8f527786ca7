//! Limits on harvesting: how many different addresses not found a caller may ask for in a day, counted without keeping them.
//!
//! `budget` counts distinct addresses by a sketch (`sketch`) in memory, bounded; a timer writes what organisations asked for, so that nodes
//! share it. `http` stands around answers about addresses.

pub(crate) mod budget;
pub(crate) mod http;
pub mod sketch;
