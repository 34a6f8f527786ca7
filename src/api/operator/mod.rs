//! `/v1/operator/…`: the registry's own work. For people of the operator organisation, by role.

pub(crate) mod brands;
pub(crate) mod ca;
pub(crate) mod cases;
mod evidence_view;
pub(crate) mod organisations;
pub(crate) mod policies;
pub(crate) mod records;
pub(crate) mod role_grants;
pub(crate) mod rulebook;
pub(crate) mod screening;
pub(crate) mod screening_views;
pub(crate) mod users;
pub(crate) mod vasps;
pub(crate) mod views;
