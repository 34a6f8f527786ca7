//! TODO publishing

pub(crate) mod publisher;
