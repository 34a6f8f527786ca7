//! Routes for the health of endpoints.

pub(crate) mod health;
pub(crate) mod member;
pub(crate) mod view;

pub(crate) use view::EndpointHealthView;
