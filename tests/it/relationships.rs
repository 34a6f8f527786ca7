//! What an organisation decides about its counterparties: two people, senior management, restricting at once; what pre-checks make of it;
//! and that nobody else learns anything of it.

mod agreed;
pub(crate) mod by_rule;
mod decisions;
pub(crate) mod desk;
mod leaks;
mod outcomes;
mod roles;
