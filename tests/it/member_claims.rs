//! Members' claims, black box: what a verified VASP says about its addresses, what its keys prove, what others dispute, how often
//! it was asked for, and how harvesting ends.

mod allowance;
mod brands;
mod budget;
mod disputes;
mod ends;
mod escapes;
mod histories;
mod import;
mod meanwhile;
mod memos;
mod parts;
mod proofs;
mod refusals;
mod standing;
mod story;
mod told;
mod waiting;
pub(crate) mod world;
