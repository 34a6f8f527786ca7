//! Limits on harvesting: how many different addresses not found a caller may ask for in a day, counted without keeping them.

pub(crate) mod budget;
pub(crate) mod http;
pub(crate) mod sketch;
