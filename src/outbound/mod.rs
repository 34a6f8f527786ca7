//! Everything that calls out. No signing keys here, no rules of what an answer proves; the callers are services.

mod openid;

pub use openid::{Account, OpenIdError, Provider};
