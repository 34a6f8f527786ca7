//! TODO due_diligence

pub mod file;
pub(crate) mod http;
pub(crate) mod view;

pub(crate) use view::DueDiligenceFileView;
