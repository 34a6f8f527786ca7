//! Routes of the registry's certificate authority: requesting a certificate, revoking one, and public data.

pub(crate) mod csr;
pub(crate) mod operator;
pub(crate) mod public;
