//! TODO trust::http

pub(crate) mod changes;
pub(crate) mod keys;
pub(crate) mod log;
