//! The due-diligence file of a VASP: what follows from public evidence, what it answered, and what the asker keeps itself.
//!
//! `file` asks the pre-check about the VASP alone, `vasp_rules::level_a` turns its checks into lines (level A), level B is read in the
//! transaction that leaves both audit lines, and level C is the caller's own.

pub mod file;
pub(crate) mod http;
pub(crate) mod view;

pub(crate) use view::DueDiligenceFileView;
