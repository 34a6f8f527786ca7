//! TODO watch::http

pub(crate) mod view;
pub(crate) mod watches;
