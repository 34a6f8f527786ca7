//! Routes of certificates: a member's own, and those that anybody may read.

pub(crate) mod member;
pub(crate) mod public;
pub(crate) mod view;

pub(crate) use view::CertificateView;
