//! `/v1/member/…`: what a VASP keeps itself. A member sees its own things only; others' answer as absent ones do.

pub(crate) mod api_keys;
pub(crate) mod certificates;
pub(crate) mod client_certificates;
pub(crate) mod csr;
pub(crate) mod delegations;
pub(crate) mod domains;
pub(crate) mod endpoint_input;
pub(crate) mod endpoint_probe;
pub(crate) mod endpoints;
pub(crate) mod keys;
pub(crate) mod licences;
pub(crate) mod messages;
pub(crate) mod ownership_body;
pub(crate) mod questionnaire_access;
pub(crate) mod questionnaire_views;
pub(crate) mod questionnaires;
pub(crate) mod users;
pub(crate) mod vasp;
pub(crate) mod views;
