//! What only services of this program know and nobody else needs: codes of second factors, sketches of counts, signed webhooks. Pure.

pub mod recovery_code;
pub mod sketch;
pub mod totp;
pub mod webhook;
