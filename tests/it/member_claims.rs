//! Members' claims, black box: what a verified VASP says about its addresses, what its keys prove, what others dispute, how often
//! it was asked for, and how harvesting ends.

mod allowance;
mod brands;
mod budget;
mod disputes;
mod histories;
mod import;
mod memos;
mod proofs;
mod standing;
mod story;
pub(crate) mod world;
