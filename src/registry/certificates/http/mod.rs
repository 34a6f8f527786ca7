//! TODO certificates::http

pub(crate) mod member;
pub(crate) mod public;
pub(crate) mod view;

pub(crate) use view::CertificateView;
