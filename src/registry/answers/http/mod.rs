//! TODO answers::http

pub(crate) mod access;
pub(crate) mod ownership;
pub(crate) mod questionnaires;
pub(crate) mod view;
