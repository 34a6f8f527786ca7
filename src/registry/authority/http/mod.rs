//! Routes of the registry's certificate authority: asking for a certificate, revoking one, and what is public.

pub(crate) mod csr;
pub(crate) mod operator;
pub(crate) mod public;
