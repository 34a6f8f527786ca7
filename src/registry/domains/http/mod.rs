//! Routes of a member's domains and of paths on shared hosts.

pub(crate) mod member;
pub(crate) mod paths;
pub(crate) mod view;

pub(crate) use view::MemberDomainView;
