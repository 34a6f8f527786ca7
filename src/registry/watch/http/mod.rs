//! TODO watch::http

pub(crate) mod alerts;
pub(crate) mod view;
pub(crate) mod watches;
