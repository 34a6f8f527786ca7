//! TODO domains::http

pub(crate) mod member;
pub(crate) mod paths;
pub(crate) mod view;

pub(crate) use view::MemberDomainView;
