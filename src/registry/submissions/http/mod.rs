//! TODO submissions::http

pub(crate) mod licences;
pub(crate) mod member;
pub(crate) mod messages;
pub(crate) mod records;
pub(crate) mod view;
