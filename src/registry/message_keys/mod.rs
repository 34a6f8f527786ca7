//! Keys with which a member signs Travel Rule messages, or with which others encrypt messages to it. A member announces, proves,
//! replaces (with an overlap) and revokes them. Published keys are facts of the record, and only challenges are rows. The routes call
//! this module.
//!
//! `announce` stores a challenge: a text to sign (JWS), or a text that is encrypted with the key (JWE). `prove` consumes the
//! challenge, publishes the key and starts the overlap with the previous key.

mod announce;
pub(crate) mod http;
mod prove;
mod read;
mod revoke;

pub use announce::{NewKey, PublicKeyText, announce_key};
pub use prove::{KeyProof, prove_key};
pub use read::list_pending_keys;
pub use revoke::revoke_key;
pub use vasp_store::PendingKey;

use crate::node::{Fault, ServiceError};
fn not_found() -> ServiceError {
    ServiceError::NotFound("Your VASP has no such key.".to_owned())
}

fn conflict(pointer: &str, code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Conflict(Fault { pointer: pointer.to_owned(), code, detail: detail.into() })
}
