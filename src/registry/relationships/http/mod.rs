//! TODO relationships::http

pub(crate) mod input;
pub(crate) mod relationships;
pub(crate) mod view;
