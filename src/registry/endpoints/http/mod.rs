//! TODO endpoints::http

pub(crate) mod input;
pub(crate) mod member;
pub(crate) mod protocols;
pub(crate) mod view;

pub(crate) use view::EndpointView;
