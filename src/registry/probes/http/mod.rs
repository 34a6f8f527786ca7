//! Routes of endpoints' health.

pub(crate) mod health;
pub(crate) mod member;
pub(crate) mod view;

pub(crate) use view::EndpointHealthView;
