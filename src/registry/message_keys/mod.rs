//! Keys with which a member signs Travel Rule messages, or to which others encrypt them: announced, proven, replaced with an
//! overlap, revoked at once. What is published are facts of the record; only challenges are rows. Called by its routes.
//!
//! `announce` keeps a challenge: a text to sign (JWS), or one encrypted to the key (JWE). `prove` uses it up, publishes the key and starts
//! the overlap with the key before it.

mod announce;
pub(crate) mod http;
mod prove;
mod read;
mod revoke;

pub use announce::{NewKey, PublicKeyText, announce_key};
pub use prove::{KeyProof, prove_key};
pub use read::{OwnKeys, list_own_keys};
pub use revoke::revoke_key;
pub use vasp_store::PendingKey;

use crate::node::{Fault, ServiceError};
fn not_found() -> ServiceError {
    ServiceError::NotFound("Your VASP has no such key here.".to_owned())
}

fn conflict(pointer: &str, code: &'static str, detail: impl Into<String>) -> ServiceError {
    ServiceError::Conflict(Fault { pointer: pointer.to_owned(), code, detail: detail.into() })
}
