//! TODO alerts

pub(crate) mod raise;
pub(crate) mod read;
