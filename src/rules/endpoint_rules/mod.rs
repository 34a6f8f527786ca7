//! The rules of endpoints: what a VASP may publish, where, and when others may use it.

pub mod check;
pub mod maintenance;
mod place;
pub mod standing;
#[cfg(test)]
mod tests;

pub use place::{LocationText, bears, is_proven_by, read_email};
