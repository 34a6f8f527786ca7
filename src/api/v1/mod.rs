//! The versioned API: one file a resource, the shapes of answers in `views`. Handlers only; the routes stand in `api`.

pub(crate) mod address_parse;
pub(crate) mod ca;
pub(crate) mod claim_batches;
pub(crate) mod claim_disputes;
pub(crate) mod due_diligence;
pub(crate) mod jurisdictions;
pub(crate) mod member_claims;
pub(crate) mod member_import;
pub(crate) mod networks;
pub(crate) mod obligations;
pub(crate) mod oidc;
mod precheck_desk;
pub(crate) mod precheck_request;
pub(crate) mod prechecks;
pub(crate) mod proof_body;
pub(crate) mod protocols;
pub(crate) mod resolve;
pub(crate) mod second_factor;
pub(crate) mod session;
pub(crate) mod vasp_certificates;
pub(crate) mod vasp_health;
pub(crate) mod vasp_keys;
pub(crate) mod vasps;
pub(crate) mod views;
