//! Pre-checks over HTTP: the whole chain from imported files to the answer, on every database. Expected values are read
//! from docs/prechecks.md and from the data files, never from the code.

mod assets;
mod brand_kinds;
mod clauses;
mod contradictions;
mod duties;
mod embargoes;
pub(crate) mod expect;
mod freshness;
mod kept;
mod law;
mod once;
pub(crate) mod other_lists;
mod outcome_erasure;
mod outcome_proofs;
mod outcomes;
mod proofs;
mod readable;
mod readers;
mod records;
mod replay;
mod report_links;
mod requests;
mod retention;
mod same_entity;
mod screening;
mod settled;
mod situations;
mod told;
mod two_parts;
mod unknown_vasps;
mod verdicts;
pub(crate) mod world;
