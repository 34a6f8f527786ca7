//! Pre-checks over HTTP: the whole chain from imported files to the answer, on every database. Expected values are read
//! from the wire contract and from the data files, never from the code.

mod contradictions;
mod duties;
pub(crate) mod expect;
mod freshness;
mod kept;
mod other_lists;
mod records;
mod replay;
mod requests;
mod screening;
mod situations;
mod told;
pub(crate) mod world;
