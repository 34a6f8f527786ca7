//! Routes of the change log, its proofs, and the signing keys.

pub(crate) mod changes;
pub(crate) mod keys;
pub(crate) mod log;
