//! Routes of policies: an organisation's own, the registry's default, their schema, and simulation.

pub(crate) mod default_policy;
pub(crate) mod policies;
pub(crate) mod schema;
pub(crate) mod simulation;
pub(crate) mod view;
