//! Routes for certificates: a member's own, and published ones that anybody may read.

pub(crate) mod member;
pub(crate) mod view;

pub(crate) use view::CertificateView;
