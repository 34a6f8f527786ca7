//! Routes of signing in: sessions, second factors, and accounts at OpenID providers.

pub(crate) mod enrol;
pub(crate) mod oidc;
pub(crate) mod second_factor;
pub(crate) mod session;
pub(crate) mod view;

pub(crate) use view::{NewSessionView, PasswordChangedView, RecoveryCodesView, SessionView};
