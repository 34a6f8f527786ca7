//! Limits on enumeration: how many different addresses with no known owner a caller may ask for in a day, and how many that its own VASP
//! claims without proof. The addresses are counted without storing them.
//!
//! `budget` counts distinct addresses in memory with a sketch of bounded size (`sketch`). A timer stores the sketches of organisations, so
//! that nodes share them. `http` wraps answers about addresses.

pub(crate) mod budget;
pub(crate) mod http;
pub mod sketch;

pub use budget::Counted;

/// Which of the asker's daily budgets an answer spends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spends {
    /// None.
    Nothing,
    /// That of addresses without a known owner.
    NotFound,
    /// That of addresses that the asker's own party claims without proof. The answer tells it whether others claim them, too.
    OwnAddress,
}
