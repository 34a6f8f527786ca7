//! Routes of a member's endpoints and of the Travel Rule protocols.

pub(crate) mod input;
pub(crate) mod member;
pub(crate) mod protocols;
pub(crate) mod view;

pub(crate) use view::EndpointView;
