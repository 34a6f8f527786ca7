//! Routes of records that a member or the registry keeps: what is sent, and what is shown.

pub(crate) mod licences;
pub(crate) mod member;
pub(crate) mod messages;
pub(crate) mod records;
pub(crate) mod view;
