//! Routes of the change log, its proofs, and the keys that sign.

pub(crate) mod changes;
pub(crate) mod keys;
pub(crate) mod log;
