//! TODO policies::http

pub(crate) mod default_policy;
pub(crate) mod policies;
pub(crate) mod schema;
pub(crate) mod simulation;
pub(crate) mod view;
