//! The due-diligence file of a VASP: what public evidence shows, what the VASP answered, and the asker's own decisions.
//!
//! `file` runs a pre-check about the VASP alone. `vasp_rules::level_a` turns its checks into lines (level A). Level B is read in the
//! transaction that writes both audit events. Level C is the caller's own.

pub mod file;
pub(crate) mod http;
pub(crate) mod view;

pub(crate) use view::DueDiligenceFileView;
