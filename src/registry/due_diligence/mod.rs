//! The due-diligence file of a VASP: what follows from public evidence, what it answered, and what the asker keeps itself.

pub mod file;
pub(crate) mod http;
pub(crate) mod view;

pub(crate) use view::DueDiligenceFileView;
