//! TODO sign_in::http

pub(crate) mod oidc;
pub(crate) mod second_factor;
pub(crate) mod session;
pub(crate) mod view;

pub(crate) use view::{NewSessionView, PasswordChangedView, RecoveryCodesView, SessionView};
