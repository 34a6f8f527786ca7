//! Routes of organisations, their people and credentials: for operators, and for an organisation's own users.

pub(crate) mod api_keys;
pub(crate) mod client_certificates;
pub(crate) mod delegations;
pub(crate) mod organisations;
pub(crate) mod people;
pub(crate) mod users;
