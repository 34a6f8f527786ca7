//! TODO authority::http

pub(crate) mod csr;
pub(crate) mod operator;
pub(crate) mod public;
